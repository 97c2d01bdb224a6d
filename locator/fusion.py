"""One answer from two sources: what the back networks make of a photo, and what the pose model does. Pure.

The networks read the spine itself, head or no head, so their places are taken wherever they are sure. The pose model
knows people: it tells fronts, and its joints, found without the networks, tell whether both mean the same back.

1. Both find the same back: the networks' places, in the narrower rings of two witnesses. One look of the pose model is
   enough for that; for all the rest it takes every look (:mod:`locator.looks`).
2. Only the networks find one: their places, in the wider rings of one witness.
3. Both find one, and not the same: refused, for one of them is wrong.
4. The pose model sees a front: refused, unless the networks are all but certain of a back. Or these see none: refused.
5. The networks are unsure of the back that the pose model finds: its places, and it is said that the photo is hard to
   read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np

from locator import midline, placing, quality, spine, toml
from locator.acupoints import acupoints
from locator.back import BackReading, logit
from locator.network import LEVELS, PLACES
from locator.quality import Light
from locator.types import FloatArray, Issue, Landmarks, Location, Pose, Refusal, Side

_BACK = 0.5  # how surely the networks must call it a back where the pose model, which tells fronts, has seen it, too
_AGAINST = 1.0  # by which they must be surer to be believed alone where the pose model sees a front
_VAGUE_COSTS = 100.0  # logits to a spine length of vagueness
_NO_BACK = 0.3  # below this they call it none
_VAGUE = 0.045  # spine lengths that half the mean error may be by the networks' own account, and what looks differ by
_SAME_BACK = 0.12  # back lengths by which pose model and networks may differ in C7, T9 and the hips, in the mean
_ASIDE = 0.025  # share of its distance from the spine by which a pair may differ from what all pairs together tell
_SIDES = {Side.LEFT: "/L", Side.RIGHT: "/R"}


@dataclass(frozen=True, eq=False)
class PoseReading:
    """What the pose model makes of a photo, in its pixels.

    Attributes:
        refusal: why there is no back to be marked; None if there is one.
        pose: of that back, or else of the body that was made out best; None without any.
        issues: what is to be said beside an answer.
        steady: see :func:`locator.quality.steady`.
    """

    refusal: Refusal | None
    pose: Pose | None
    issues: tuple[Issue, ...] = ()
    steady: bool = False


def decide(pose: PoseReading, backs: tuple[BackReading, ...], seen: Light) -> Location | Refusal:
    """The marks, or why there are none.

    Args:
        backs: as read by the networks, in pixels of the photo: the one where the pose model has found a back, if it
            has, then the others, the surest first; at least one.
        seen: how the photo is lit.
    """
    found = [back for back in backs if sure(back)]
    if not found:
        return _without_networks(pose, backs)
    if pose.refusal is None and pose.pose:
        same = [back for back in found if same_back(pose.pose, back)]
        several = tuple(issue for issue in pose.issues if issue.code == "several_people")
        return marked(same[0], "pose+back", seen, several) if same else quality.refusal("two_readings")
    front = pose.refusal is not None and pose.refusal.code == "front_view"
    believed = [back for back in found if certainty(back) >= needed_alone(front)]
    if believed:
        return marked(believed[0], "back", seen)
    return pose.refusal or quality.refusal("nobody_found")


def confirmed(back: BackReading, look: Callable[[int], Sequence[Pose]], size_px: tuple[int, int]) -> bool:
    """Whether the networks are sure of a back, and one look of the pose model finds that one and nobody else.

    Args:
        look: takes a look at the picture turned counter-clockwise by so many quarters.
        size_px: (width, height) of the picture.
    """
    if not sure(back):
        return False
    poses = look(back.quarter_turns)
    if len(poses) != 1 or not quality.head_inside(poses[0], size_px):
        return False
    return spine.facing(poses[0]) > 0 and same_back(poses[0], back)


def given(pose: PoseReading) -> dict[str, FloatArray] | None:
    """Where the pose model has found a back, as :meth:`locator.back.BackReader.read_at` takes it."""
    if pose.refusal or not pose.pose:
        return None
    body = spine.model().landmarks(pose.pose, midline.model())
    return {
        "C7": body.c7,
        "T9": body.spine_middle,
        "shoulder_L": body.subject_left_shoulder,
        "shoulder_R": body.subject_right_shoulder,
        "hip_L": body.subject_left_hip,
        "hip_R": body.subject_right_hip,
    }


def sure(back: BackReading) -> bool:
    """Whether the networks are as sure as those readings that the rings were measured on."""
    return back.back >= _BACK and back.vagueness <= _VAGUE and placing.plausible(landmarks(back))


def certainty(back: BackReading) -> float:
    """How surely the networks alone read a back: the logit that it is one, less the more vaguely they read it.

    What is no back may look like one, but its vertebrae are nowhere in particular.
    """
    return logit(back.back) - _VAGUE_COSTS * back.vagueness


def needed_alone(front: bool) -> float:
    """The :func:`certainty` from which the networks are believed alone.

    Args:
        front: whether the pose model sees a front.
    """
    return alone() + _AGAINST * front


@cache
def alone() -> float:
    """The certainty that a reading by the networks alone must reach. Source: ``data/back_alone.toml``."""
    return float(toml.data("back_alone")["bound"])


def same_back(pose: Pose, back: BackReading) -> bool:
    """Whether both readings mean the same back, the same way up."""
    return same(spine.model().landmarks(pose, midline.model()), landmarks(back))


def same(one: Landmarks, other: Landmarks) -> bool:
    """Whether two sets of landmarks are one back's, the same way up."""
    return apart(one, other) <= _SAME_BACK


def apart(one: Landmarks, other: Landmarks) -> float:
    """How far C7, T9 and the hips of two backs are apart in the mean, in lengths of the longer."""
    off = [
        np.linalg.norm(one.c7 - other.c7),
        np.linalg.norm(one.spine_middle - other.spine_middle),
        np.linalg.norm(one.hip_midpoint - other.hip_midpoint),
    ]
    return float(np.mean(off)) / max(one.back_px, other.back_px)


def landmarks(back: BackReading) -> Landmarks:
    """The landmarks of a back as the networks read it."""
    return Landmarks(
        subject_left_shoulder=back.place("shoulder_L"),
        subject_right_shoulder=back.place("shoulder_R"),
        subject_left_hip=back.place("hip_L"),
        subject_right_hip=back.place("hip_R"),
        c7=back.place("C7"),
        spine_middle=back.place("T9"),
    )


def _without_networks(pose: PoseReading, backs: tuple[BackReading, ...]) -> Location | Refusal:
    if pose.refusal:
        return pose.refusal
    if pose.pose is None:
        return quality.refusal("nobody_found")
    by_themselves = backs[1:] or backs  # the first was read where the pose model told to, and by the fine network alone
    if backs[0].back < _NO_BACK or max(back.back for back in by_themselves) < _NO_BACK:
        return quality.refusal("unsure_facing")
    hard = () if quality.issue("unsteady") in pose.issues else (quality.issue("unsteady"),)
    return placing.from_pose(pose.pose, (*pose.issues, *hard), steady=False)


def marked(
    back: BackReading, method: Literal["back", "pose+back"], seen: Light, issues: tuple[Issue, ...] = ()
) -> Location:
    """The marks where the networks read them.

    Args:
        method: who has found the back; the rings depend on it.
        issues: what is to be said beside the flaws of the photo.
    """
    places = {name: back.place(name) for name in LEVELS}
    marks: dict[tuple[str, Side], FloatArray] = {}
    radii: dict[str, float] = {}
    wider = widening(method, back.shows_s2)
    for acupoint in acupoints():
        names = {side: acupoint.code + suffix for side, suffix in _SIDES.items() if acupoint.paired}
        names = names or {Side.MIDLINE: acupoint.level}
        if not set(names.values()) <= set(PLACES):
            continue  # added to the catalogue since: it follows from the levels
        marks |= {(acupoint.code, side): back.place(name) for side, name in names.items()}
        told = max(back.scale[PLACES.index(name)] for name in names.values())
        radii[acupoint.code] = float(wider * np.hypot(told, back.spread * back.spine_px))
    issues = (*issues, *quality.flaws(seen, back.spine_px))
    return placing.from_reading(landmarks(back), places, _at_their_cun(marks, places), radii, issues, method)


def _at_their_cun(
    marks: Mapping[tuple[str, Side], FloatArray], levels_px: Mapping[str, FloatArray]
) -> dict[tuple[str, Side], FloatArray]:
    """Marks whose pairs lie as far apart as the catalogue says, by the cun that all pairs together tell.

    The midline and the cun are read better than any one mark beside it: broad shoulders would pull the upper ones out.
    Each mark keeps its height and its side's share of the breadth, which tells how the body is turned.
    """
    pairs = {
        acupoint.code: (acupoint, [marks[acupoint.code, side] for side in _SIDES])
        for acupoint in acupoints()
        if acupoint.paired and (acupoint.code, Side.LEFT) in marks and (acupoint.code, Side.RIGHT) in marks
    }
    cun = {
        code: float(np.linalg.norm(left - right)) / (2 * acupoint.lateral_cun)
        for code, (acupoint, (left, right)) in pairs.items()
    }
    found = dict(marks)
    if not cun:
        return found
    usual = float(np.median(list(cun.values())))
    for code, (acupoint, (left, right)) in pairs.items():
        if cun[code] == 0.0 or acupoint.level not in levels_px:
            continue
        factor = float(np.clip(cun[code], usual * (1 - _ASIDE), usual * (1 + _ASIDE))) / cun[code]
        across = (right - left) / np.linalg.norm(right - left)
        foot = left + across * ((levels_px[acupoint.level] - left) @ across)
        found[code, Side.LEFT] = foot + factor * (left - foot)
        found[code, Side.RIGHT] = foot + factor * (right - foot)
    return found


def widening(method: str, shows_s2: float) -> float:
    """What the networks say of their error, times this, holds nine marks in ten; more where they are alone.

    Args:
        method: how the back was read.
        shows_s2: see :class:`~locator.back.BackReading`.
    """
    return shows_s2 * rings()[method] + (1 - shows_s2) * rings()["cut"]


@cache
def rings() -> Mapping[str, float]:
    """The widenings that were measured. Source: ``data/back_rings.toml``."""
    rings: Mapping[str, float] = toml.data("back_rings")
    return rings


def guess(pose: PoseReading | None, backs: tuple[BackReading, ...]) -> Landmarks | None:
    """Where the landmarks of a refused photo may be, to be dragged into place; None if nothing looks like a back."""
    back = landmarks(backs[0])
    if backs[0].back >= _BACK and placing.plausible(back):
        return back
    return placing.guess(pose.pose) if pose and pose.pose else None
