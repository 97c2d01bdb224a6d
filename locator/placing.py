"""From landmarks to the marks: levels along the spine, then finger-widths beside it. Pure and deterministic."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping

import numpy as np

from locator import anatomy, midline, spine
from locator.acupoints import Acupoint, acupoints
from locator.geometry import Curve
from locator.midline import Midline
from locator.spine import SpineModel
from locator.types import (
    LANDMARKS,
    Anchors,
    CunSource,
    Issue,
    Landmarks,
    LocatedLevel,
    LocatedPoint,
    Location,
    MovedMark,
    Pose,
    SetBy,
    Side,
)

UNSTEADY = ("unsteady", "unusual_pose")
"""Codes of the issues of a reading that is less sure than those that the radii were measured on."""

_GUESSED = 6.0  # standard deviations of a body's proportions up to which its landmarks are worth dragging


def from_pose(
    pose: Pose,
    issues: tuple[Issue, ...] = (),
    steady: bool = True,
    model: SpineModel | None = None,
    on: Midline | None = None,
) -> Location:
    """Every mark of the catalogue on the back of a pose.

    Args:
        pose: the keypoints of a person seen from behind.
        issues: what is to be said beside the answer.
        steady: whether the reading is as sure as those that the radii were measured on; they are wider if not.
        model: how the landmarks lie among keypoints; the measured one unless another is being tried.
        on: how the midline lies among landmarks; likewise.
    """
    model, on = model or spine.model(), on or midline.model()
    landmarks = model.landmarks(pose, on)
    widening = 1.0 if steady else model.unsteadiness
    radii_px = {code: share * widening * landmarks.back_px for code, share in model.reading_radius.items()}
    return Location(
        method="pose",
        points=_points(on.curve(landmarks), on.cun_px(landmarks), radii_px),
        levels=_levels(on.curve(landmarks)),
        landmarks=landmarks,
        cun_px=on.cun_px(landmarks),
        cun_source=CunSource.BODY,
        issues=issues,
    )


def guess(pose: Pose) -> Landmarks | None:
    """Where the landmarks of a pose may be that is not sure enough to be answered; None if they make no back.

    The sides are those of a back, also where a front was read: handles are for backs.
    """
    landmarks = spine.model().landmarks(pose, midline.model())
    if spine.facing(pose) < 0:
        landmarks = dataclasses.replace(
            landmarks,
            subject_left_shoulder=landmarks.subject_right_shoulder,
            subject_right_shoulder=landmarks.subject_left_shoulder,
            subject_left_hip=landmarks.subject_right_hip,
            subject_right_hip=landmarks.subject_left_hip,
        )
    plausible = landmarks.back_px > 0 and abs(midline.model().unusual(landmarks)[1]) < _GUESSED
    return landmarks if plausible else None


def from_anchors(anchors: Anchors, on: Midline | None = None) -> Location:
    """Every mark of the catalogue from landmarks put right by hand; those moved by hand lie where it put them."""
    on = on or midline.model()
    landmarks = anchors.landmarks
    curve = on.curve(landmarks)
    cun_px = anchors.fingers.cun_px if anchors.fingers else on.cun_px(landmarks)
    unsteady = not set(anchors.reserved).isdisjoint(UNSTEADY) and SetBy.PHOTO in anchors.set_by.values()
    widening = spine.model().unsteadiness if unsteady else 1.0
    radii_px = on.reading_radii_px(landmarks, anchors.set_by)
    points = _points(curve, cun_px, {code: widening * radius for code, radius in radii_px.items()})
    moved = {(mark.code, mark.side): mark for mark in anchors.moved}
    set_by_hand = tuple(name for name in LANDMARKS if anchors.set_by[name] is SetBy.HAND)
    return Location(
        method="anchors" if set_by_hand else "pose",
        points=tuple(_as_moved(point, moved.get((point.code, point.side))) for point in points),
        levels=_levels(curve),
        landmarks=landmarks,
        cun_px=cun_px,
        cun_source=anchors.cun_source,
        set_by_hand=set_by_hand,
    )


def curve_length_px(curve: Curve) -> float:
    """Length of a midline from C7 to S2."""
    levels = anatomy.levels()
    return curve.length(levels["C7"].fraction, levels["S2"].fraction)


def _levels(curve: Curve) -> tuple[LocatedLevel, ...]:
    levels = anatomy.levels()
    places = curve.at(np.array([level.fraction for level in levels.values()]))
    return tuple(LocatedLevel(name, float(x), float(y)) for name, (x, y) in zip(levels, places, strict=True))


def _points(curve: Curve, cun_px: float, reading_radii_px: Mapping[str, float]) -> tuple[LocatedPoint, ...]:
    """The marks; an acupoint that no picture had the truth of gets the widest radius measured for another."""
    spine_px = curve_length_px(curve)
    points: list[LocatedPoint] = []
    for acupoint in acupoints():
        reading_px = reading_radii_px.get(acupoint.code, max(reading_radii_px.values()))
        radius_px = math.hypot(reading_px, anatomy.level_spread_px(acupoint.level, spine_px))
        points += _marks(acupoint, curve, cun_px, radius_px, reading_px)
    return tuple(points)


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


def _as_moved(point: LocatedPoint, mark: MovedMark | None) -> LocatedPoint:
    if mark is None:
        return point
    return dataclasses.replace(point, x_px=mark.x_px, y_px=mark.y_px, moved_by_hand=True)
