"""The method this program replaces, kept as the thing to beat: equal steps from the shoulders to the hips."""

from __future__ import annotations

import numpy as np

from locator.catalogue.acupoints import acupoints
from locator.core.arrays import FloatArray
from locator.core.body import Joints, Side
from locator.core.geometry import TorsoFrame

_VERTEBRAE = [f"T{i}" for i in range(1, 13)] + [f"L{i}" for i in range(1, 6)] + ["S1"]
_CUN_OF_SHOULDERS = 0.23 / 3
"""One cun in shoulder widths, as three cun are 0.23 of them by the survey's means."""


def estimate(joints: Joints) -> dict[tuple[str, Side], FloatArray]:
    """(code, side) → (2,) px, with T1 between the shoulders, S1 between the hips, and equal steps between."""
    frame = TorsoFrame.between(joints.shoulder_midpoint, joints.hip_midpoint)
    cun = _CUN_OF_SHOULDERS * joints.shoulders_px
    marks = {}
    for acupoint in acupoints():
        along = _VERTEBRAE.index(acupoint.level) / (len(_VERTEBRAE) - 1)
        aside = acupoint.lateral_cun * cun / frame.length_px
        sides = {Side.LEFT: -1.0, Side.RIGHT: 1.0} if acupoint.paired else {Side.MIDLINE: 0.0}
        for side, sign in sides.items():
            marks[acupoint.code, side] = frame.to_px(np.array([along, sign * aside]))
    return marks
