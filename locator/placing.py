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
        steady: whether the reading is as sure as those that the radii were measured on; they are wider if not.
        model: how the spine lies among keypoints; the measured one unless another is being tried.
    """
    model = model or spine.model()
    joints = spine.landmarks(pose)
    curve = spine.curve(pose, model)
    widening = 1.0 if steady else model.unsteadiness
    cun_px = anatomy.cun_px(joints.shoulders_px, joints.torso_px, model.cun_scale)
    levels = anatomy.levels()
    on_spine = curve.at(np.array([level.fraction for level in levels.values()]))
    spine_px = curve.length(levels["C7"].fraction, levels["S2"].fraction)
    points: list[LocatedPoint] = []
    for acupoint in acupoints():
        reading_px = model.radius(acupoint.code) * joints.torso_px * widening
        radius_px = math.hypot(reading_px, anatomy.level_spread_px(acupoint.level, spine_px))
        points += _marks(acupoint, curve, cun_px, radius_px, reading_px)
    return Location(
        method="pose",
        points=tuple(points),
        levels=tuple(LocatedLevel(name, float(x), float(y)) for name, (x, y) in zip(levels, on_spine, strict=True)),
        landmarks=joints,
        cun_px=cun_px,
        cun_source="body-proportions",
        issues=issues,
    )


def _marks(
    acupoint: Acupoint, curve: Curve, cun_px: float, radius_px: float, reading_radius_px: float
) -> list[LocatedPoint]:
    fraction = anatomy.levels()[acupoint.level].fraction
    middle = curve.at(np.array([fraction]))[0]
    rightwards = curve.rightwards(np.array([fraction]))[0]
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
