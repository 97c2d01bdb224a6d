"""From landmarks to the marks: levels along the spine, then finger-widths beside it. Pure and deterministic.

Where a reading knows more than the landmarks, the levels and marks lie where it put them, and go along with these.
"""

from __future__ import annotations

import dataclasses
import math
import statistics
from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np

from locator.catalogue.acupoints import acupoints
from locator.catalogue.entries import Acupoint
from locator.core import anatomy
from locator.core.anchors import Anchors, CunSource, Detail, DetailMethod, MovedMark, Offset, SetBy
from locator.core.arrays import FloatArray
from locator.core.body import LANDMARKS, Landmarks, Pose, Side
from locator.core.geometry import Curve, TorsoFrame
from locator.core.reasons import IssueCode
from locator.core.types import Issue, LocatedLevel, LocatedPoint, Location
from locator.estimate import combining, midline, pose_landmarks
from locator.estimate.combining import Combination
from locator.estimate.midline import Midline
from locator.estimate.pose_landmarks import SpineModel

# Standard deviations of a body's proportions up to which its landmarks are worth dragging. Chosen by hand.
_GUESSED = 6.0


def from_pose(
    pose: Pose,
    issues: tuple[Issue, ...] = (),
    reliable: bool = True,
    model: SpineModel | None = None,
    on: Midline | None = None,
) -> Location:
    """Every mark of the catalogue on the back of a pose.

    Args:
        pose: the keypoints of a person seen from behind.
        issues: what is to be said beside the answer.
        reliable: whether the reading is as sure as those that the radii were measured on; they are wider if not.
        model: how the landmarks lie among keypoints; the measured one unless another is being tried.
        on: how the midline lies among landmarks; likewise.
    """
    model, on = model or pose_landmarks.model(), on or midline.model()
    landmarks = model.landmarks(pose, on)
    curve, cun_px = on.curve(landmarks), on.cun_px(landmarks)
    factor = 1.0 if reliable else model.unreliable_factor
    radii_px = {code: share * factor * landmarks.back_px for code, share in model.reading_radius.items()}
    return Location(
        method="pose",
        points=_points(_usual_marks(curve, cun_px), curve, radii_px),
        levels=_levels(_usual_levels(curve)),
        landmarks=landmarks,
        cun_px=cun_px,
        cun_source=CunSource.BODY,
        issues=issues,
    )


def from_reading(
    landmarks: Landmarks,
    levels_px: Mapping[str, FloatArray],
    marks_px: Mapping[tuple[str, Side], FloatArray],
    radii_px: Mapping[str, float],
    issues: tuple[Issue, ...],
    method: DetailMethod,
    landmark_radii_px: Mapping[str, float],
) -> Location:
    """Every mark of the catalogue, where it was itself read in the photo.

    Args:
        levels_px: (2,) px of each level that was read, one at least; those in between follow.
        marks_px: (2,) px of each mark that was read, one at least, by code and side; the others follow from their
            levels.
        radii_px: for each acupoint of ``marks_px`` the radius that nine readings in ten stay within, on this photo.
        issues: what is to be said beside the answer.
        method: how it was read.
        landmark_radii_px: for each landmark the radius that nine readings in ten stay within.

    Raises:
        LookupError: on a level or a mark that there is not.
        ValueError: if C7 lies on the middle of the hips, or on what makes no :class:`~locator.core.anchors.Detail`.
    """
    on, axes = midline.model(), midline.frame(landmarks)
    curve, back_px = on.curve(landmarks), landmarks.back_px
    usual_cun_px = on.cun_px(landmarks)
    usual_marks, usual_levels = _usual_marks(curve, usual_cun_px), _usual_levels(curve)
    detail = Detail(
        method=method,
        levels=_offsets(levels_px, dict(zip(anatomy.levels(), usual_levels, strict=True)), axes),
        marks=_offsets(marks_px, dict(zip(_names(), usual_marks, strict=True)), axes),
        radii={code: radius / back_px for code, radius in radii_px.items()},
        landmark_radii={name: radius / back_px for name, radius in landmark_radii_px.items()},
    )
    # From the detail, not the pixels: so handles that no hand has touched give the very same marks, to the last bit.
    marks, levels = _as_read(usual_marks, usual_levels, detail, axes)
    return Location(
        method=method,
        points=_points(marks, curve, _read_radii_px(detail, back_px)),
        levels=_levels(levels),
        landmarks=landmarks,
        cun_px=_cun_between(marks, detail) or usual_cun_px,
        cun_source=CunSource.BODY,
        issues=issues,
        detail=detail,
    )


_Name = TypeVar("_Name", str, tuple[str, Side])


def _offsets(
    read: Mapping[_Name, FloatArray], usual: Mapping[_Name, FloatArray], axes: TorsoFrame
) -> dict[_Name, Offset]:
    """How far each was read from where it usually is."""
    for name in read:
        if name not in usual:
            raise LookupError(f"there is no {name if isinstance(name, str) else ' '.join(name)}")
    before = np.array([usual[name] for name in read]).reshape(-1, 2)
    off = axes.from_px(np.array(list(read.values())).reshape(-1, 2)) - axes.from_px(before)
    return {name: (along, right) for name, (along, right) in zip(read, off.tolist(), strict=True)}


def guess(pose: Pose) -> Landmarks | None:
    """Where the landmarks of a pose may be that is not sure enough to be answered; None if they make no back.

    The sides are those of a back, also where a front was read: handles are for backs.
    """
    landmarks = pose_landmarks.landmarks(pose)
    if pose.facing < 0:
        landmarks = landmarks.with_sides_exchanged()
    return landmarks if plausible(landmarks) else None


def plausible(landmarks: Landmarks) -> bool:
    """Whether landmarks make a back that is worth dragging into place."""
    return landmarks.back_px > 0 and abs(midline.model().unusual(landmarks)[1]) < _GUESSED


def from_anchors(anchors: Anchors, on: Midline | None = None) -> Location:
    """Every mark of the catalogue from landmarks put right by hand; those moved by hand lie where it put them.

    Where a reading said how sure it is, the hand's landmarks and its own are combined.
    """
    on = on or midline.model()
    detail, combination = anchors.detail, combining.combine(anchors, on)
    landmarks = combination.landmarks if combination else anchors.landmarks
    curve = on.curve(landmarks)
    cun_px = anchors.fingers.cun_px if anchors.fingers else on.cun_px(landmarks)
    marks, levels = _usual_marks(curve, cun_px), _usual_levels(curve)
    if detail:
        # Also where a hand has set all six: it says where these are, not how this person's levels lie between them.
        axes = midline.frame(landmarks)
        marks, levels = _as_read(marks, levels, detail, axes, measured=anchors.fingers is not None)
        cun_px = cun_px if anchors.fingers else _cun_between(marks, detail) or cun_px
    moved = {(mark.code, mark.side): mark for mark in anchors.moved}
    set_by_hand = tuple(name for name in LANDMARKS if anchors.set_by[name] is SetBy.HAND)
    read_by = detail.method if detail else "pose"
    spread_on = curve
    if combination and anchors.read and not combination.contradicts:
        # A longer back spreads its levels wider, but no hand that goes with the reading makes it less sure.
        spread_on = min(curve, on.curve(anchors.read), key=curve_length_px)
    return Location(
        method="anchors" if set_by_hand else read_by,
        points=tuple(
            _as_moved(point, moved.get((point.code, point.side)))
            for point in _points(marks, spread_on, _reading_radii_px(anchors, combination, on))
        ),
        levels=_levels(levels),
        landmarks=anchors.landmarks,
        cun_px=cun_px,
        cun_source=anchors.cun_source,
        set_by_hand=set_by_hand,
        detail=detail,
    )


def _reading_radii_px(anchors: Anchors, combination: Combination | None, on: Midline) -> Mapping[str, float]:
    """For each acupoint the radius that nine readings in ten stay within, by who set which landmark."""
    landmarks, detail, setters = anchors.landmarks, anchors.detail, set(anchors.set_by.values())
    if detail and setters == {SetBy.PHOTO}:
        return _read_radii_px(detail, landmarks.back_px)
    unreliable = IssueCode.UNSTEADY in anchors.reserved and SetBy.PHOTO in setters
    factor = pose_landmarks.model().unreliable_factor if unreliable else 1.0
    of_landmarks = {code: factor * px for code, px in on.reading_radii_px(landmarks, anchors.set_by).items()}
    if not (detail and combination and anchors.read) or SetBy.DEFAULT in setters:
        return of_landmarks
    read = combining.radii(combination, detail, on)
    widest = max(read.values())
    return {code: min(px, read.get(code, widest) * anchors.read.back_px) for code, px in of_landmarks.items()}


def _read_radii_px(detail: Detail, back_px: float) -> dict[str, float]:
    """For each acupoint that was read the radius that nine readings in ten stay within."""
    return {code: share * back_px for code, share in detail.radii.items()}


def _as_read(
    marks: FloatArray, levels: FloatArray, detail: Detail, axes: TorsoFrame, measured: bool = False
) -> tuple[FloatArray, FloatArray]:
    """What the landmarks alone give, shifted to where it was read.

    Args:
        measured: whether fingers were measured. They then say how far beside the spine a mark lies, and the reading
            where along it, and where the spine is.
    """
    of_levels = _level_offsets(detail)
    of_marks = []
    for acupoint, side, _ in _catalogue():
        along, right = detail.marks.get((acupoint.code, side), of_levels[acupoint.level])
        if measured:
            right = of_levels[acupoint.level][1]
        of_marks.append((along, right))
    return _shifted(marks, axes, of_marks), _shifted(levels, axes, list(of_levels.values()))


def _level_offsets(detail: Detail) -> dict[str, Offset]:
    """The offset of every level: of one that was not read, in proportion between its neighbours that were.

    A polynomial through eight levels would throw those between C7 and T4 about by up to twelve times the reading's
    error. This is added to the curve through the landmarks, which is smooth already.
    """
    levels = anatomy.levels()
    known = sorted((levels[name].fraction, *offset) for name, offset in detail.levels.items())
    fractions, along, right = zip(*known, strict=True)
    wanted = [level.fraction for level in levels.values()]
    both = zip(np.interp(wanted, fractions, along).tolist(), np.interp(wanted, fractions, right).tolist(), strict=True)
    return dict(zip(levels, both, strict=True))


def _shifted(points: FloatArray, axes: TorsoFrame, offsets: Sequence[Offset]) -> FloatArray:
    return points + axes.to_px(np.array(offsets)) - axes.origin


def _cun_between(marks: FloatArray, detail: Detail) -> float | None:
    """One cun as the pairs of marks that were read lie apart; the median, None without a pair."""
    points = dict(zip(_names(), marks.tolist(), strict=True))
    widths = [
        math.dist(points[acupoint.code, Side.LEFT], points[acupoint.code, Side.RIGHT]) / (2 * acupoint.lateral_cun)
        for acupoint in acupoints()
        if acupoint.paired and {(acupoint.code, Side.LEFT), (acupoint.code, Side.RIGHT)} <= set(detail.marks)
    ]
    return statistics.median(widths) if widths else None


def curve_length_px(curve: Curve) -> float:
    """Length of a midline from C7 to S2."""
    levels = anatomy.levels()
    return curve.length(levels["C7"].fraction, levels["S2"].fraction)


def _catalogue() -> list[tuple[Acupoint, Side, float]]:
    """Every mark: its acupoint, its side, and how many cun to the subject's right of the midline it lies."""
    return [
        (acupoint, side, sign * acupoint.lateral_cun)
        for acupoint in acupoints()
        for side, sign in (((Side.LEFT, -1.0), (Side.RIGHT, 1.0)) if acupoint.paired else ((Side.MIDLINE, 0.0),))
    ]


def _names() -> list[tuple[str, Side]]:
    """The code and side of every mark."""
    return [(acupoint.code, side) for acupoint, side, _ in _catalogue()]


def _usual_marks(curve: Curve, cun_px: float) -> FloatArray:
    """(n, 2) px: every mark by the levels of its curve alone."""
    fractions = np.array([anatomy.levels()[acupoint.level].fraction for acupoint, _, _ in _catalogue()])
    aside_px = cun_px * np.array([cun for _, _, cun in _catalogue()])
    return np.asarray(curve.at(fractions) + aside_px[:, None] * curve.rightwards(fractions))


def _usual_levels(curve: Curve) -> FloatArray:
    """(n, 2) px: every level, from C7 to S2."""
    return curve.at(np.array([level.fraction for level in anatomy.levels().values()]))


def _levels(positions: FloatArray) -> tuple[LocatedLevel, ...]:
    return tuple(LocatedLevel(name, x, y) for name, (x, y) in zip(anatomy.levels(), positions.tolist(), strict=True))


def _points(positions: FloatArray, curve: Curve, reading_radii_px: Mapping[str, float]) -> tuple[LocatedPoint, ...]:
    """The marks; an acupoint that no picture had the truth of gets the widest radius measured for another."""
    spine_px = curve_length_px(curve)
    widest_px = max(reading_radii_px.values())
    points: list[LocatedPoint] = []
    for (acupoint, side, _), (x, y) in zip(_catalogue(), positions.tolist(), strict=True):
        reading_px = reading_radii_px.get(acupoint.code, widest_px)
        points.append(
            LocatedPoint(
                code=acupoint.code,
                side=side,
                x_px=x,
                y_px=y,
                radius_px=math.hypot(reading_px, anatomy.level_spread_px(acupoint.level, spine_px)),
                reading_radius_px=reading_px,
                level=acupoint.level,
                lateral_cun=acupoint.lateral_cun,
            )
        )
    return tuple(points)


def _as_moved(point: LocatedPoint, mark: MovedMark | None) -> LocatedPoint:
    if mark is None:
        return point
    return dataclasses.replace(point, x_px=mark.x_px, y_px=mark.y_px, moved_by_hand=True)
