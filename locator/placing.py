"""From a pose to the marks: levels along the spine, then finger-widths beside it. Pure and deterministic."""

from __future__ import annotations

import math

import numpy as np

from locator import anatomy, spine
from locator.acupoints import Acupoint, acupoints
from locator.geometry import Curve
from locator.spine import SpineModel
from locator.types import Issue, LocatedLevel, LocatedPoint, Location, Pose, Side


def place(pose: Pose, issues: tuple[Issue, ...] = (), steady: bool = True, model: SpineModel | None = None) -> Location:
    """Every mark of the catalogue on one back.

    Args:
        pose: the keypoints of a person seen from behind.
        issues: what is to be said beside the answer.
        steady: whether the looks agreed at once; the reading radius is wider if not.
        model: how the spine lies among keypoints; the measured one unless another is being tried.
    """
    model = model or spine.model()
    joints = spine.landmarks(pose)
    curve = spine.curve(pose, model)
    widening = 1.0 if steady else model.unsteadiness
    shoulders_px = float(np.linalg.norm(joints.subject_right_shoulder - joints.subject_left_shoulder))
    cun_px = anatomy.cun_px(shoulders_px, joints.torso_px, model.cun_scale)
    names = list(anatomy.levels())
    on_spine = curve.at(np.array([level.fraction for level in anatomy.levels().values()]))
    points = [
        point
        for acupoint in acupoints()
        for point in _marks(acupoint, curve, cun_px, model.reading_radius[acupoint.code] * joints.torso_px * widening)
    ]
    return Location(
        method="pose",
        points=tuple(points),
        levels=tuple(LocatedLevel(name, float(x), float(y)) for name, (x, y) in zip(names, on_spine, strict=True)),
        landmarks=joints,
        cun_px=cun_px,
        cun_source="body-proportions",
        issues=issues,
    )


def _marks(acupoint: Acupoint, curve: Curve, cun_px: float, reading_radius_px: float) -> list[LocatedPoint]:
    fraction = anatomy.levels()[acupoint.level].fraction
    middle = curve.at(np.array([fraction]))[0]
    rightwards = curve.rightwards(np.array([fraction]))[0]
    spine_px = curve.length(anatomy.levels()["C7"].fraction, anatomy.levels()["S2"].fraction)
    radius_px = math.hypot(reading_radius_px, anatomy.level_spread_px(acupoint.level, spine_px))
    sides = {Side.LEFT: -1.0, Side.RIGHT: 1.0} if acupoint.paired else {Side.MIDLINE: 0.0}
    marks = []
    for side, sign in sides.items():
        x, y = middle + sign * acupoint.lateral_cun * cun_px * rightwards
        marks.append(
            LocatedPoint(
                code=acupoint.code,
                side=side,
                x_px=float(x),
                y_px=float(y),
                radius_px=radius_px,
                reading_radius_px=reading_radius_px,
                level=acupoint.level,
                lateral_cun=acupoint.lateral_cun,
            )
        )
    return marks
