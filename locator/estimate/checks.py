"""Can this photo be answered, and with what reservations? Poses and pixels in, issues or a refusal out. Pure."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from locator.core import toml
from locator.core.types import (
    LANDMARKS,
    Anchors,
    Body,
    Issue,
    Keypoint,
    Location,
    Pose,
    Refusal,
    SetBy,
    lies_in,
)
from locator.estimate import midline, pose_landmarks
from locator.photo.light import Light

# A reading that only three or more looks share has been wrong on none of the rendered bodies; two are not enough.
_ENOUGH_LOOKS = 3

_SIDEWAYS = 0.38  # breadth of the shoulders in torso lengths; from straight behind it measures 0.5 to 0.75

# Standard deviations of the least usual feature of torso and head. Bodies that the placing was measured on reach
# 4.6, bent sideways by up to 50 degrees; beyond, the marks are extrapolated.
_UNUSUAL, _UNLIKE_ANY = 4.6, 6.0

# Torso lengths between the middle of the ears and the edge. Where the head is cut off, all looks have agreed on a front
# as a back; the pose model tells the two apart by the head.
_HEAD_INSIDE = 0.1

_TOO_SMALL_PX, _SMALL_PX = 48, 96  # torso length in photo pixels; at 48 a finger is two pixels wide

# Standard deviations of a back's proportions. Of the bodies that the midline was measured on none reaches the first;
# at the second the handles are on no back.
_UNUSUAL_HANDLES, _ODD_HANDLES = 5.0, 8.0

# The measured fingers over those of the body's proportions, which are right to 6 % (SD): beyond the first the hand is
# not this body's, beyond the second it is no hand.
_UNUSUAL_FINGERS, _ODD_FINGERS = (0.8, 1.25), (0.6, 1.5)

# Refusals whose reason handles do not do away with, and what is said of it then.
_NOT_MENDED = {
    "front_view": "maybe_front",
    "unsure_facing": "maybe_front",
    "sideways": "maybe_turned",
    "bent": "maybe_turned",
}

_NEAR_EDGE = 0.02  # torso lengths that a shoulder or hip may lie outside the photo before it is said


@cache
def _messages() -> dict[str, Any]:
    return toml.data("core/messages")


def refusal(code: str) -> Refusal:
    """The refusal with this code, in the words of ``data/messages.toml``."""
    return Refusal(code, **_messages()["refusals"][code])


def issue(code: str) -> Issue:
    """The issue with this code, in the words of ``data/messages.toml``."""
    return Issue(code, **_messages()["issues"][code])


def choose(bodies: Sequence[Body], seen: Light) -> Body | Refusal:
    """The largest body surely seen from behind, or why there is none."""
    sure = [body for body in bodies if _sure(body)]
    backs = [body for body in sure if pose_landmarks.facing(body.pose) >= _SIDEWAYS]
    if backs:
        return max(backs, key=lambda body: pose_landmarks.joints(body.pose).torso_px)
    if any(pose_landmarks.facing(body.pose) <= -_SIDEWAYS for body in sure) or any(
        body.contradicted >= _ENOUGH_LOOKS for body in bodies
    ):
        return refusal("front_view")
    if sure:
        return refusal("sideways")
    if seen.dark:
        return refusal("too_dark")
    if seen.blurred:
        return refusal("too_blurred")
    return refusal("unsure_facing" if bodies else "nobody_found")


def _sure(body: Body) -> bool:
    """Whether enough looks, half of all at least, read the body so, and more than read it the other way round."""
    return body.seen >= max(_ENOUGH_LOOKS, body.looks / 2) and body.seen > body.contradicted


def not_from_behind(pose: Pose) -> Refusal | None:
    """Why one look at a body does not show its back, if so."""
    facing = pose_landmarks.facing(pose)
    if facing >= _SIDEWAYS:
        return None
    return refusal("front_view" if facing <= -_SIDEWAYS else "sideways")


def check_body(body: Body, size_px: tuple[int, int], photo_per_look: float) -> Refusal | None:
    """Why a chosen back cannot be marked, if so.

    Args:
        size_px: (width, height) of the picture that the pose is in.
        photo_per_look: pixels of the photo to one of that picture.
    """
    if not head_inside(body.pose, size_px):
        return refusal("head_missing")
    feature, distance = pose_landmarks.most_unusual(body.pose)
    if 2 * body.contradicted > body.seen and abs(distance) > _UNUSUAL:
        return refusal("unsure_facing")  # looks in dispute are believed on a usual body only
    if abs(distance) > _UNLIKE_ANY:
        narrow = feature.endswith("breadth") and distance < 0
        return refusal("sideways" if narrow or feature.endswith("turn") else "bent")
    if pose_landmarks.joints(body.pose).torso_px * photo_per_look < _TOO_SMALL_PX:
        return refusal("too_small")
    return None


def within(location: Location, size_px: tuple[int, int]) -> Location | Refusal:
    """The answer in a photo of (width, height) ``size_px``: refused where the spine between the marks is not in it.

    Or where the back is so small that handles on it would be refused, too.
    """
    if location.landmarks.back_px < _TOO_SMALL_PX:
        return refusal("too_small")
    outside = [point for point in location.points if not lies_in(point, size_px)]
    if any(point.moved_by_hand for point in outside):
        return refusal("mark_outside")
    needed = {point.level for point in location.points}
    if not all(lies_in(level, size_px) for level in location.levels if level.level in needed):
        return refusal("cropped")
    if not outside:
        return location
    return dataclasses.replace(location, issues=(*location.issues, issue("marks_outside")))


def check_anchors(anchors: Anchors) -> Refusal | None:
    """Why handles set by hand do not make a back, if so."""
    needed = [name for name in LANDMARKS if name != "spine_middle"]
    if any(anchors.set_by[name] is SetBy.DEFAULT for name in needed):
        return refusal("handles_unset")
    landmarks = anchors.landmarks
    if landmarks.back_px < _TOO_SMALL_PX or landmarks.torso_px == 0.0:
        return refusal("handles_small")
    breadths = midline.proportions(landmarks)
    if breadths["shoulders_breadth"] <= 0 or breadths["hips_breadth"] <= 0:
        return refusal("handles_crossed")
    if abs(midline.model().unusual(landmarks)[1]) > _ODD_HANDLES:
        return refusal("handles_odd")
    if not _ODD_FINGERS[0] <= _fingers_to_body(anchors) <= _ODD_FINGERS[1]:
        return refusal("fingers_odd")
    return None


def reservations_of_anchors(anchors: Anchors, location: Location) -> tuple[Issue, ...]:
    """What is to be said beside an answer from handles: what the handles show, and what they do not mend."""
    codes = []
    if abs(midline.model().unusual(anchors.landmarks)[1]) > _UNUSUAL_HANDLES:
        codes.append("unusual_handles")
    if not _UNUSUAL_FINGERS[0] <= _fingers_to_body(anchors) <= _UNUSUAL_FINGERS[1]:
        codes.append("unusual_fingers")
    if _moved_far(anchors, location):
        codes.append("moved_far")
    if anchors.landmarks.torso_px < _SMALL_PX:
        codes.append("small")
    codes += [_NOT_MENDED[code] for code in anchors.reserved if code in _NOT_MENDED]
    if SetBy.PHOTO in anchors.set_by.values():
        codes += [code for code in anchors.reserved if code in _messages()["issues"] and code not in codes]
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
    body: Body, bodies: Sequence[Body], seen: Light, size_px: tuple[int, int], photo_per_look: float
) -> tuple[Issue, ...]:
    """What is to be said beside an answer. ``size_px`` is that of the picture looked at."""
    joints = pose_landmarks.joints(body.pose)
    codes = []
    if sum(_sure(other) for other in bodies) > 1:
        codes.append("several_people")
    if _outside(body, size_px) > _NEAR_EDGE:
        codes.append("near_edge")
    if _unsteady(body):
        codes.append("unsteady")
    if _unusual(body):
        codes.append("unusual_pose")
    return (*(issue(code) for code in codes), *flaws(seen, joints.torso_px * photo_per_look))


def flaws(seen: Light, torso_px: float) -> tuple[Issue, ...]:
    """What is to be said of the photo itself; ``torso_px`` is the torso's length in it."""
    there = {
        "small": torso_px < _SMALL_PX,
        "dark": seen.dark,
        "bright": seen.bright,
        "blurred": seen.blurred,
    }
    return tuple(issue(code) for code, said in there.items() if said)


def steady(body: Body) -> bool:
    """Whether a reading is as sure as those that the radii were measured on."""
    return not (_unsteady(body) or _unusual(body))


def _unusual(body: Body) -> bool:
    """Whether the body is turned or bent more than those that the placing was measured on."""
    return abs(pose_landmarks.most_unusual(body.pose)[1]) > _UNUSUAL


def _unsteady(body: Body) -> bool:
    """Whether the looks needed a second round, or agree only loosely."""
    return body.looks > 4 or body.spread > 0.15


def head_inside(pose: Pose, size_px: tuple[int, int]) -> bool:
    """Whether the head is in a picture of (width, height) ``size_px``: without it the pose model tells no fronts."""
    x, y = (pose[Keypoint.LEFT_EAR] + pose[Keypoint.RIGHT_EAR]) / 2
    width, height = size_px
    return float(min(x, y, width - x, height - y)) / pose_landmarks.joints(pose).torso_px >= _HEAD_INSIDE


def _outside(body: Body, size_px: tuple[int, int]) -> float:
    """How far the furthest shoulder or hip lies outside the picture, in torso lengths."""
    joints = pose_landmarks.joints(body.pose)
    points = np.array([getattr(joints, name) for name in joints.__dataclass_fields__])
    beyond = np.maximum(np.maximum(-points, points - np.array(size_px)), 0)
    return float(beyond.max()) / joints.torso_px
