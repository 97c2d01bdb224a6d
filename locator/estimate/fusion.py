"""One answer from two sources: what the back networks make of a photo, and what the pose model does. Pure.

The networks read the spine itself, head or no head, so their keypoints are taken wherever they are sure. The pose model
knows people: it tells fronts, and its joints, found without the networks, tell whether both mean the same back.

1. Both find the same back: the networks' keypoints, in the rings of two witnesses. One view of each is enough.
2. Only the networks find one: their keypoints, in the rings of one witness, which are never narrower. One view is
   enough for that, too, where they are certain; for all the rest it takes the ensemble
   (:mod:`locator.estimate.pose_ensemble`).
3. Both find one, and not the same: refused, for one of them is wrong.
4. The pose model sees a front: refused, unless the networks are all but certain of a back. Or these see none: refused.
5. The networks are unsure of the back that the pose model finds: its landmarks, if the body is neither turned nor
   bent and the fine network, shown that place, rather sees a back; and it is said that the photo is hard to read.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np

from locator.catalogue.acupoints import acupoints
from locator.catalogue.entries import Acupoint
from locator.core import resources, toml
from locator.core.arrays import FloatArray
from locator.core.body import Landmarks, Pose, Side
from locator.core.keypoints import KeypointTable
from locator.core.reasons import IssueCode, RefusalCode, issue, refusal
from locator.core.types import Issue, Location, Refusal
from locator.estimate import checks, placing, pose_landmarks
from locator.estimate.back_reading import BackReading
from locator.photo.light import Light

# Where the pose model, which tells fronts, has seen the back too, the networks must give it this probability at least;
# below the second they deny that it is one. Chosen by hand on rendered bodies and fronts.
_BACK_PROBABILITY, _NO_BACK_PROBABILITY = 0.5, 0.3

# What the fine network must give a place where nobody but the pose model sees a back, for that to be marked. Of made
# pictures of no back the one that the pose model takes for a back has 0.57, of five real backs that are found by it
# alone four have more than 0.9.
_SHOWN_BACK_PROBABILITY = 0.75

# Added to the certainty that the networks need alone where the pose model sees a front, as it does on one rendered
# back in fifteen. Chosen by hand.
_FRONT_MARGIN = 1.0

# The networks' certainty from which what the pose model calls a front may well be a back. Of 25 real fronts the surest
# had -0.5, a back that was called one 3.1.
_DISPUTED = 1.0

# Spine lengths: the relative uncertainty above which a reading is not believed. The calibration factors were measured
# below it; chosen by hand on rendered bodies.
_MOST_UNCERTAINTY = 0.06

# Share of its distance from the spine by which a pair of marks may differ from what all pairs together say a cun is.
# Chosen by hand: it brings BL-43 from 3.26 to 3.07 cun on photographs of people.
_MOST_CUN_DIFFERENCE = 0.025

# Back lengths by which pose model and networks may differ in C7, T9 and the hips, in the mean. Chosen by hand on
# rendered bodies.
_SAME_BACK = 0.12

# How many of the four coarse views must share a back for its place to count where it is not believed. Chosen by hand on
# photos, as what else a guess for handles needs: how near that must be to the body that the pose model has made out (in
# back lengths), and the angles up to which both lie the same way and from which the head is taken to be down, which the
# pose model also says of people who lie.
_MOST_VIEWS, _NEAR_BACK = 3, 0.5
_SAME_WAY, _HEAD_DOWN = math.radians(45), math.radians(110)


@dataclass(frozen=True, eq=False)
class PoseReading:
    """What the pose model makes of a photo, in its pixels.

    Attributes:
        refusal: why there is no back to be marked; None if there is one.
        pose: of that back, or else of the body that was made out best; None without any.
        issues: what is to be said beside an answer.
        usual, reliable: see :func:`locator.estimate.checks.usual` and :func:`locator.estimate.checks.reliable`.
    """

    refusal: Refusal | None
    pose: Pose | None
    issues: tuple[Issue, ...] = ()
    usual: bool = True
    reliable: bool = False

    @property
    def seen_px(self) -> tuple[FloatArray, FloatArray] | None:
        """(2,) px of the middles of the shoulders and of the hips of whoever surely is in the photo, if anybody is."""
        if self.pose is None or (
            self.refusal and self.refusal.code not in (RefusalCode.FRONT_VIEW, RefusalCode.SIDEWAYS)
        ):
            return None
        return self.pose.joints.shoulder_midpoint, self.pose.joints.hip_midpoint

    @property
    def landmarks(self) -> Landmarks | None:
        """The landmarks of the back, if there is one to be marked."""
        return None if self.refusal or not self.pose else pose_landmarks.landmarks(self.pose)


def decide(pose: PoseReading, backs: tuple[BackReading, ...], seen: Light) -> Location | Refusal:
    """The marks, or why there are none.

    Args:
        backs: as read by the networks, in pixels of the photo: the one where the pose model has found a back, if it
            has, then the others, the surest first; at least one.
        seen: how the photo is lit.
    """
    found = [back for back in backs if sure(back)]
    if not found:
        return _without_networks(pose, backs, seen)
    if pose.refusal is None and pose.pose:
        same = [back for back in found if same_back(pose.pose, back)]
        several = tuple(issue for issue in pose.issues if issue.code == IssueCode.SEVERAL_PEOPLE)
        return marked(same[0], "pose+back", seen, several) if same else refusal(RefusalCode.TWO_READINGS)
    front = pose.refusal is not None and pose.refusal.code == RefusalCode.FRONT_VIEW
    alone = [back for back in found if believed_alone(back, front)]
    if alone:
        return marked(alone[0], "back", seen)
    return _true_reason(pose, backs, seen)


def _true_reason(pose: PoseReading, backs: Sequence[BackReading], seen: Light) -> Refusal:
    """Why there is no back to be marked: what the pose model says, as far as the networks bear it out.

    Where they see a back there, though not for sure, there is somebody, and it need not be a front, even if it has the
    shape of no back that is seen from straight behind. Too little light or sharpness is the cause only where something
    can be made out all the same, or so little is left that nothing could.
    """
    refused = pose.refusal or refusal(RefusalCode.NOBODY_FOUND)
    disputed = any(all_but_sure(back) for back in backs)
    surest = max(backs, key=lambda back: back.back_probability)
    probability = surest.back_probability
    small = pose.pose is not None and checks.is_small(max(pose.pose.joints.torso_px, surest.landmarks.back_px))
    if refused.code == RefusalCode.UNSURE_FACING and small and perhaps_seen(surest):
        return refusal(RefusalCode.TOO_SMALL)
    if refused.code in (RefusalCode.FRONT_VIEW, RefusalCode.NOBODY_FOUND) and disputed:
        return refusal(RefusalCode.UNSURE_FACING)
    nothing = pose.pose is None and probability < _NO_BACK_PROBABILITY
    if refused.code in (RefusalCode.TOO_DARK, RefusalCode.TOO_BLURRED) and nothing and not seen.hopeless:
        return refusal(RefusalCode.NOBODY_FOUND)
    return refused


def confirms(poses: Sequence[Pose], back: BackReading, size_px: tuple[int, int]) -> bool:
    """Whether one view of the pose model, the back upright in it, shows that back and nobody else.

    Args:
        poses: everybody found in that view, in pixels of the picture that the back was read in.
        size_px: (width, height) of the picture.
    """
    if len(poses) != 1 or not checks.head_inside(poses[0], size_px):
        return False
    return poses[0].facing > 0 and same_back(poses[0], back)


def by_one_view(
    poses: Sequence[Pose], back: BackReading, size_px: tuple[int, int]
) -> Literal["back", "pose+back"] | None:
    """Who has found a back that the networks are sure of, if one view of the pose model is enough to tell.

    It confirms the back; or it shows nobody elsewhere, and the networks are so certain that even a front would not
    change the marks.

    Args:
        poses, size_px: see :func:`confirms`.
    """
    if confirms(poses, back, size_px):
        return "pose+back"
    nobody_else = len(poses) <= 1 and all(same_back(pose, back) for pose in poses)
    return "back" if nobody_else and _certain(back, front=True) else None


def sure(back: BackReading) -> bool:
    """Whether the networks are as sure as those readings that the calibration factors were measured on."""
    return _clearly_seen(back) and placing.plausible(back.landmarks)


def all_but_sure(back: BackReading) -> bool:
    """Whether the networks see a back more surely than in any front, if of a shape as seen from the side or below.

    How vaguely they read it is part of the certainty.
    """
    return perhaps_seen(back) and back.certainty >= _DISPUTED


def perhaps_seen(back: BackReading) -> bool:
    """Whether the networks take it rather for a back than for none."""
    return back.back_probability >= _BACK_PROBABILITY


def shared(back: BackReading) -> bool:
    """Whether most coarse views mean this back, and it has the shape of one."""
    return back.n_views >= _MOST_VIEWS and perhaps_seen(back) and placing.plausible(back.landmarks)


def _clearly_seen(back: BackReading) -> bool:
    return perhaps_seen(back) and back.relative_uncertainty <= _MOST_UNCERTAINTY


def believed_alone(back: BackReading, front: bool = False) -> bool:
    """Whether the networks are sure enough of a back to be believed without the pose model.

    Args:
        front: whether the pose model sees a front there.
    """
    return sure(back) and _certain(back, front)


def in_doubt(back: BackReading) -> bool:
    """Whether the region's witness may decide: a back as the networks see it, but not yet one even against a front."""
    return sure(back) and not _certain(back, front=True)


def _certain(back: BackReading, front: bool) -> bool:
    # Either is enough: the region's witness knows little of backs in clothes, so it may help and not hinder.
    return back.certainty >= solo_threshold(front) or back.seconded_certainty >= seconded_threshold(front)


def solo_threshold(front: bool) -> float:
    """The certainty from which the networks are believed without the pose model.

    Args:
        front: whether the pose model sees a front.
    """
    return _solo_thresholds()["solo_certainty_threshold"] + _FRONT_MARGIN * front


def seconded_threshold(front: bool) -> float:
    """The same of the certainty that the region's witness adds to.

    Args:
        front: see :func:`solo_threshold`.
    """
    return _solo_thresholds()["seconded_certainty_threshold"] + _FRONT_MARGIN * front


def same_back(pose: Pose, back: BackReading) -> bool:
    """Whether both readings mean the same back, the same way up."""
    return same(pose_landmarks.landmarks(pose), back.landmarks)


def same(one: Landmarks, other: Landmarks) -> bool:
    """Whether two sets of landmarks are one back's, the same way up."""
    return apart(one, other) <= _SAME_BACK


def apart(one: Landmarks, other: Landmarks) -> float:
    """How far C7, T9 and the hips of two backs are apart in the mean, in lengths of the longer."""
    off = [
        math.dist(one.c7, other.c7),
        math.dist(one.spine_middle, other.spine_middle),
        math.dist(one.hip_midpoint, other.hip_midpoint),
    ]
    return float(np.mean(off)) / max(one.back_px, other.back_px)


def _without_networks(pose: PoseReading, backs: tuple[BackReading, ...], seen: Light) -> Location | Refusal:
    if pose.refusal or pose.pose is None:
        return _true_reason(pose, backs, seen)
    by_themselves = backs[1:] or backs  # the first was read where the pose model told to, and by the fine network alone
    if (
        backs[0].back_probability < _SHOWN_BACK_PROBABILITY
        or max(back.back_probability for back in by_themselves) < _NO_BACK_PROBABILITY
    ):
        return refusal(RefusalCode.UNSURE_FACING)
    if not pose.usual:  # of a front that is turned, its head cut off, the pose model says the same
        return refusal(RefusalCode.UNSURE_FACING)
    hard = () if issue(IssueCode.UNSTEADY) in pose.issues else (issue(IssueCode.UNSTEADY),)
    return placing.from_pose(pose.pose, (*pose.issues, *hard), reliable=False)


def marked(
    back: BackReading, method: Literal["back", "pose+back"], seen: Light, issues: tuple[Issue, ...] = ()
) -> Location:
    """The marks where the networks read them.

    Args:
        method: who has found the back; the calibration factor depends on it.
        issues: what is to be said beside the flaws of the photo.
    """
    read: dict[tuple[str, Side], FloatArray] = {}
    radii: dict[str, float] = {}
    factor = calibration_factor(method, back.s2_visible)

    def radius_px(rows: Iterable[int]) -> float:
        error_px = max(back.error_scale_px[row] for row in rows)
        return factor * math.hypot(error_px, back.flip_disagreement * back.spine_px)

    for acupoint in acupoints():
        rows = _rows(acupoint, back.table)
        if not rows:
            continue  # not among the network's keypoints: it follows from the levels
        read |= {(acupoint.code, side): back.unbiased_px[row] for side, row in rows.items()}
        radii[acupoint.code] = radius_px(rows.values())
    issues = (*issues, *checks.flaws(seen, back.spine_px))
    marks = _at_their_cun(read, back.levels)
    landmark_radii = {name: radius_px([row]) for name, row in back.table.landmarks.items()}
    return placing.from_reading(back.landmarks, back.levels, marks, radii, issues, method, landmark_radii)


def _at_their_cun(
    marks: Mapping[tuple[str, Side], FloatArray], levels: Mapping[str, FloatArray]
) -> dict[tuple[str, Side], FloatArray]:
    """Marks whose pairs lie as far apart as the catalogue says, by the cun that all pairs together give.

    The midline and the cun are read better than any one mark beside it: broad shoulders would pull the upper ones out.
    Each mark keeps its height and its side's share of the breadth, which shows how the body is turned.

    Args:
        marks: (2,) px by code and side.
        levels: (2,) px by vertebra.
    """
    pairs = {
        one.code: (one, marks[one.code, Side.LEFT], marks[one.code, Side.RIGHT])
        for one in acupoints()
        if all((one.code, side) in marks for side in _BOTH)
    }
    cun_px = {code: math.dist(left, right) / (2 * one.lateral_cun) for code, (one, left, right) in pairs.items()}
    placed = dict(marks)
    if not cun_px:
        return placed
    usual = float(np.median(list(cun_px.values())))
    least, most = usual * (1 - _MOST_CUN_DIFFERENCE), usual * (1 + _MOST_CUN_DIFFERENCE)
    for code, (one, left, right) in pairs.items():
        if cun_px[code] == 0.0 or one.level not in levels:
            continue
        across = (right - left) / math.dist(right, left)
        foot = left + across * ((levels[one.level] - left) @ across)
        factor = float(np.clip(cun_px[code], least, most)) / cun_px[code]
        placed[code, Side.LEFT] = foot + factor * (left - foot)
        placed[code, Side.RIGHT] = foot + factor * (right - foot)
    return placed


def _rows(acupoint: Acupoint, table: KeypointTable) -> dict[Side, int]:
    """The row of each of an acupoint's marks; none unless the network places them all."""
    if not acupoint.paired:
        row = table.marks.get((acupoint.code, Side.MIDLINE), table.levels.get(acupoint.level))
        return {} if row is None else {Side.MIDLINE: row}
    rows = {side: table.marks[acupoint.code, side] for side in _BOTH if (acupoint.code, side) in table.marks}
    return rows if len(rows) == len(_BOTH) else {}


_BOTH = (Side.LEFT, Side.RIGHT)


def calibration_factor(method: str, s2_visible: float) -> float:
    """The predicted error times this holds nine marks in ten; more where the networks are alone.

    Args:
        method: how the back was read.
        s2_visible: see :class:`~locator.estimate.back_reading.BackReading`.
    """
    factors = _calibration()
    return s2_visible * factors[method] + (1 - s2_visible) * factors["cut"]


@cache
def _calibration() -> Mapping[str, float]:
    """The factors that ``lab.accuracy.rings`` measured: ``models/back_calibration.toml``."""
    factors: Mapping[str, float] = toml.load(resources.path("models") / "back_calibration.toml")
    return factors


@cache
def _solo_thresholds() -> Mapping[str, float]:
    """What ``lab.accuracy.solo`` measured: ``models/back_solo.toml``."""
    return toml.load(resources.path("models") / "back_solo.toml")


def guess(pose: PoseReading | None, backs: tuple[BackReading, ...]) -> Landmarks | None:
    """Where the landmarks of a refused photo may be, to be dragged into place; None if nothing looks like a back.

    The pose model knows people and which way up they are; networks that are not sure read backs at right angles and
    upside down into anything. So theirs counts only where most of their views share it, and beside a body only near it.
    """
    back = backs[0]
    is_shared = shared(back)
    body = placing.guess(pose.pose) if pose and pose.pose else None
    if body is None:
        return back.landmarks if is_shared else None
    alike = _between(body, back.landmarks) < _SAME_WAY
    if is_shared and alike and apart(body, back.landmarks) < _NEAR_BACK:
        return back.landmarks
    return body if alike or _between(body, None) < _HEAD_DOWN else None


def _between(one: Landmarks, other: Landmarks | None) -> float:
    """Radians between the ways from C7 to the hips of two backs; of the other without, an upright one's."""
    way = one.hip_midpoint - one.c7
    along = np.array([0.0, 1.0]) if other is None else other.hip_midpoint - other.c7
    lengths = float(np.linalg.norm(way) * np.linalg.norm(along))
    return math.acos(np.clip(way @ along / lengths, -1.0, 1.0)) if lengths else math.pi
