"""Can this photo be answered, and with what reservations? Poses and pixels in, issues or a refusal out. Pure."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np

from locator.core.anchors import Anchors, SetBy
from locator.core.body import LANDMARKS, Pose, PoseKeypoint
from locator.core.reasons import IssueCode, RefusalCode, issue, refusal
from locator.core.types import Issue, Location, Refusal, lies_in
from locator.estimate import combining, midline, pose_landmarks
from locator.estimate.pose_ensemble import EnsemblePose
from locator.photo.light import Light

# A reading that three or more views share has been wrong on none of the rendered bodies; two are not enough.
_ENOUGH_VIEWS = 3

# Breadth of the shoulders in torso lengths; from straight behind it measures 0.5 to 0.75. Below the first, a body is
# turned away; above the second it is seen so much from above or below that backs have been read as fronts.
_SIDEWAYS, _FORESHORTENED = 0.38, 1.0

# Standard deviations of the least usual feature of torso and head. Bodies that the placing was measured on reach
# 4.6, bent sideways by up to 50 degrees; beyond, the marks are extrapolated.
_UNUSUAL, _UNLIKE_ANY = 4.6, 6.0

# Torso lengths between the middle of the ears and the edge. Where the head is cut off, all views have agreed on a front
# as a back; the pose model tells the two apart by the head.
_HEAD_INSIDE = 0.1

_TOO_SMALL_PX, _SMALL_PX = 48, 96  # torso length in photo pixels; at 48 a finger is two pixels wide

# Standard deviations of a back's proportions. Of the bodies that the midline was measured on none reaches the first;
# at the second the handles are on no back.
_UNUSUAL_HANDLES, _ODD_HANDLES = 5.0, 8.0

# The measured fingers over those of the body's proportions, which are right to 6 % (SD): beyond the first the hand is
# not this body's, beyond the second it is no hand.
_UNUSUAL_FINGERS, _ODD_FINGERS = (0.8, 1.25), (0.6, 1.5)

# Torso lengths: how far a shoulder or hip may lie outside the photo before it is said, and the disagreement of views
# that is. Chosen by hand on rendered bodies.
_NEAR_EDGE, _LOOSE = 0.02, 0.15


def choose(bodies: Sequence[EnsemblePose], seen: Light) -> EnsemblePose | Refusal:
    """The largest body surely seen from behind, or why there is none."""
    sure = [body for body in bodies if _sure(body)]
    backs = [body for body in sure if body.pose.facing >= _SIDEWAYS]
    if backs:
        return max(backs, key=lambda body: body.pose.joints.torso_px)
    if any(_SIDEWAYS <= -body.pose.facing <= _FORESHORTENED for body in sure) or any(
        body.n_contradicting >= _ENOUGH_VIEWS and not 0 < body.pose.facing < _SIDEWAYS for body in bodies
    ):
        return refusal(RefusalCode.FRONT_VIEW)
    if any(abs(body.pose.facing) < _SIDEWAYS for body in sure):
        return refusal(RefusalCode.SIDEWAYS)
    if seen.dark:
        return refusal(RefusalCode.TOO_DARK)
    if seen.blurred:
        return refusal(RefusalCode.TOO_BLURRED)
    return refusal(RefusalCode.UNSURE_FACING if bodies else RefusalCode.NOBODY_FOUND)


def _sure(body: EnsemblePose) -> bool:
    """Whether enough views, half of all at least, read the body so, and more than read it the other way round."""
    return body.n_agreeing >= max(_ENOUGH_VIEWS, body.n_views / 2) and body.n_agreeing > body.n_contradicting


def not_from_behind(pose: Pose) -> Refusal | None:
    """Why one view of a body does not show its back, if so."""
    facing = pose.facing
    if facing >= _SIDEWAYS:
        return None
    return refusal(RefusalCode.FRONT_VIEW if facing <= -_SIDEWAYS else RefusalCode.SIDEWAYS)


def check_body(body: EnsemblePose, size_px: tuple[int, int], photo_scale: float) -> Refusal | None:
    """Why a chosen back cannot be marked, if so.

    Args:
        size_px: (width, height) of the picture that the pose is in.
        photo_scale: size of the photo over that picture's.
    """
    if not head_inside(body.pose, size_px):
        shown = _head_to_edge(body.pose, size_px) >= 0
        return refusal(RefusalCode.UNSURE_FACING if shown else RefusalCode.HEAD_MISSING)
    feature, distance = pose_landmarks.most_unusual(body.pose)
    if 2 * body.n_contradicting > body.n_agreeing and abs(distance) > _UNUSUAL:
        return refusal(RefusalCode.UNSURE_FACING)  # views in dispute are believed on a usual body only
    if abs(distance) > _UNLIKE_ANY:
        narrow = feature == "breadth" and distance < 0
        return refusal(RefusalCode.SIDEWAYS if narrow or feature == "turn" else RefusalCode.BENT)
    if is_small(body.pose.joints.torso_px * photo_scale):
        return refusal(RefusalCode.TOO_SMALL)
    return None


def within(location: Location, size_px: tuple[int, int]) -> Location | Refusal:
    """The answer in a photo of (width, height) ``size_px``: refused where the spine between the marks is not in it.

    Or where the back is so small that handles on it would be refused, too.
    """
    if is_small(location.landmarks.back_px):
        return refusal(RefusalCode.TOO_SMALL)
    outside = [point for point in location.points if not lies_in(point, size_px)]
    if any(point.moved_by_hand for point in outside):
        return refusal(RefusalCode.MARK_OUTSIDE)
    needed = {point.level for point in location.points}
    if not all(lies_in(level, size_px) for level in location.levels if level.level in needed):
        return refusal(_why_outside(location))
    if not outside:
        return location
    return dataclasses.replace(location, issues=(*location.issues, issue(IssueCode.MARKS_OUTSIDE)))


def _why_outside(location: Location) -> RefusalCode:
    """In the dark, or out of focus, a back is read where it is not."""
    flaws = {one.code for one in location.issues} if location.method != "anchors" else set()
    if IssueCode.DARK in flaws:
        return RefusalCode.TOO_DARK
    return RefusalCode.TOO_BLURRED if IssueCode.BLURRED in flaws else RefusalCode.CROPPED


def is_small(back_px: float) -> bool:
    """Whether a back of this length in the photo cannot be marked, however surely it is seen."""
    return back_px < _TOO_SMALL_PX


def check_anchors(anchors: Anchors) -> Refusal | None:
    """Why handles set by hand do not make a back, if so."""
    needed = [name for name in LANDMARKS if name != "spine_middle"]
    if any(anchors.set_by[name] is SetBy.DEFAULT for name in needed):
        return refusal(RefusalCode.HANDLES_UNSET)
    landmarks = anchors.landmarks
    if is_small(landmarks.back_px) or landmarks.torso_px == 0.0:
        return refusal(RefusalCode.HANDLES_SMALL)
    breadths = midline.proportions(landmarks)
    if breadths["shoulders_breadth"] <= 0 or breadths["hips_breadth"] <= 0:
        return refusal(RefusalCode.HANDLES_CROSSED)
    if abs(midline.model().unusual(landmarks)[1]) > _ODD_HANDLES:
        return refusal(RefusalCode.HANDLES_ODD)
    if not _ODD_FINGERS[0] <= _fingers_to_body(anchors) <= _ODD_FINGERS[1]:
        return refusal(RefusalCode.FINGERS_ODD)
    return None


def reservations_of_anchors(anchors: Anchors, location: Location) -> tuple[Issue, ...]:
    """What is to be said beside an answer from handles: what the handles show, and what they do not mend."""
    codes: list[IssueCode] = []
    if abs(midline.model().unusual(anchors.landmarks)[1]) > _UNUSUAL_HANDLES:
        codes.append(IssueCode.UNUSUAL_HANDLES)
    if not _UNUSUAL_FINGERS[0] <= _fingers_to_body(anchors) <= _UNUSUAL_FINGERS[1]:
        codes.append(IssueCode.UNUSUAL_FINGERS)
    combination = combining.combine(anchors, midline.model())
    if combination and combination.contradicts:
        codes.append(IssueCode.HAND_DISAGREES)
    if _moved_far(anchors, location):
        codes.append(IssueCode.MOVED_FAR)
    if anchors.landmarks.torso_px < _SMALL_PX:
        codes.append(IssueCode.SMALL)
    codes += [code.unmended for name in anchors.reserved for code in RefusalCode if code == name and code.unmended]
    if SetBy.PHOTO in anchors.set_by.values():
        codes += [code for name in anchors.reserved for code in IssueCode if code == name and code not in codes]
    return tuple(issue(code) for code in codes)


def _fingers_to_body(anchors: Anchors) -> float:
    """The measured cun over that of the body's proportions."""
    of_body_px = midline.model().cun_px(anchors.landmarks)
    return anchors.fingers.cun_px / of_body_px if anchors.fingers else 1.0


def _moved_far(anchors: Anchors, location: Location) -> bool:
    """Whether a mark was moved further than twice its ring."""
    before = {(mark.code, mark.side): mark for mark in location.points}
    return any(
        math.dist((mark.x_px, mark.y_px), (there.x_px, there.y_px)) > 2 * there.radius_px
        for mark in anchors.moved
        for there in [before[mark.code, mark.side]]
    )


def reservations(
    body: EnsemblePose, bodies: Sequence[EnsemblePose], seen: Light, size_px: tuple[int, int], photo_scale: float
) -> tuple[Issue, ...]:
    """What is to be said beside an answer. ``size_px`` is that of the picture that was read."""
    joints = body.pose.joints
    codes: list[IssueCode] = []
    if sum(_sure(other) for other in bodies) > 1:
        codes.append(IssueCode.SEVERAL_PEOPLE)
    if _outside(body, size_px) > _NEAR_EDGE:
        codes.append(IssueCode.NEAR_EDGE)
    if _loose(body):
        codes.append(IssueCode.UNSTEADY)
    return (*(issue(code) for code in codes), *flaws(seen, joints.torso_px * photo_scale))


def flaws(seen: Light, torso_px: float) -> tuple[Issue, ...]:
    """What is to be said of the photo itself; ``torso_px`` is the torso's length in it."""
    there = {
        IssueCode.SMALL: torso_px < _SMALL_PX,
        IssueCode.DARK: seen.dark,
        IssueCode.BRIGHT: seen.bright,
        IssueCode.BLURRED: seen.blurred,
    }
    return tuple(issue(code) for code, said in there.items() if said)


def reliable(body: EnsemblePose) -> bool:
    """Whether a reading is as sure as those that the radii were measured on."""
    return usual(body) and not _loose(body)


def usual(body: EnsemblePose) -> bool:
    """Whether the body is turned and bent no more than those that the placing was measured on."""
    return abs(pose_landmarks.most_unusual(body.pose)[1]) <= _UNUSUAL


def _loose(body: EnsemblePose) -> bool:
    """Whether the views needed a second round, or agree only loosely."""
    return body.n_views > 4 or body.disagreement > _LOOSE


def head_inside(pose: Pose, size_px: tuple[int, int]) -> bool:
    """Whether the head is in a picture of (width, height) ``size_px``: without it the pose model cannot tell fronts."""
    return _head_to_edge(pose, size_px) / pose.joints.torso_px >= _HEAD_INSIDE


def _head_to_edge(pose: Pose, size_px: tuple[int, int]) -> float:
    """Pixels from the middle of the ears to the nearest edge of a picture; negative where they lie outside of it."""
    x, y = (pose[PoseKeypoint.LEFT_EAR] + pose[PoseKeypoint.RIGHT_EAR]) / 2
    width, height = size_px
    return float(min(x + 0.5, y + 0.5, width - 0.5 - x, height - 0.5 - y))


def _outside(body: EnsemblePose, size_px: tuple[int, int]) -> float:
    """How far the furthest shoulder or hip lies outside the picture, in torso lengths."""
    joints = body.pose.joints
    points = np.array([getattr(joints, name) for name in joints.__dataclass_fields__])
    beyond = np.maximum(np.maximum(-0.5 - points, points - (np.array(size_px) - 0.5)), 0)
    return float(beyond.max()) / joints.torso_px
