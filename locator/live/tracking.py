"""Following one back from frame to frame: found as in a photo, then only looked after.

A back is searched with what a photo is given. Once found, each frame costs one look of the fine network where the back
was last, as it is and mirrored in turns; several times a second the pose model is asked whether it is still a back, and
still the same one. In clothes that the networks cannot read, the pose model alone is followed.
"""

from __future__ import annotations

import dataclasses
import math
from collections import deque
from functools import partial
from typing import Literal

import numpy as np

from locator.api import Locator, Looked
from locator.core.reasons import RefusalCode, refusal
from locator.core.similarity import quarter_turns_to_upright
from locator.core.types import DetailMethod, FloatArray, Keypoint, Location, Pose, Refusal, RGBArray
from locator.estimate import checks, fusion, placing, pose_ensemble, pose_landmarks
from locator.estimate.back_estimator import INNER, BackReading
from locator.estimate.fusion import PoseReading
from locator.live.smoothing import Steady
from locator.photo.light import Light

_CHECK_S = 0.3  # between two looks of the pose model at a back that the networks follow
_GLANCE_S, _SEARCH_S = 0.15, 1.0  # between two quick and two thorough searches; other viewers want to be served too
_DOUBTS = 2  # checks in a row that must fail before a back is given up
_BLINKS = 3  # frames in a row in which it may not be made out
_MEAN_SHARE = 0.1  # of a new frame in the running mean of what the networks say of their error
_SAME_BODY = 0.5  # back lengths between the middle of a pose and of the back that it may be of

# Keypoints that tell how a body moves; its arms and legs go their own ways.
_MOVING = [*pose_ensemble.JOINTS, Keypoint.LEFT_EAR, Keypoint.RIGHT_EAR]


class Follower:
    """Follows the largest back of one video. Not safe to share between threads.

    Args:
        locator: whose models find it; a pose model of its own follows it.
    """

    def __init__(self, locator: Locator) -> None:
        self._locator = locator
        self._pose = locator.video_pose()
        self._size: tuple[int, int] | None = None
        self._time_s = -math.inf
        self._begin_anew()

    def close(self) -> None:
        """Free the pose model."""
        self._pose.close()

    def follow(self, rgb: RGBArray, seen: Light, time_s: float) -> Location | Refusal:
        """The marks in the next frame, steadied, or why there are none. Marks may lie outside of it.

        Args:
            rgb: (h, w, 3) uint8, reduced to ``looks.LONGEST_PX`` or less.
            seen: how it is lit.
            time_s: when it was taken; frames come in their order.
        """
        size = rgb.shape[1], rgb.shape[0]
        if size != self._size or time_s <= self._time_s:  # another camera, or the same one held another way
            self._begin_anew()
        self._size, self._time_s = size, time_s
        if self._followed == "pose" and time_s - self._searched_s < _SEARCH_S:
            return self._follow_pose(pose_ensemble.brightened(rgb))
        if self._followed == "back":
            return self._follow_back(pose_ensemble.brightened(rgb), seen)
        return self._search(rgb, seen)

    def _begin_anew(self) -> None:
        self._searched_s = self._glanced_s = -math.inf
        self._lose(refusal(RefusalCode.NOBODY_FOUND))

    def _lose(self, why: Refusal) -> Refusal:
        self._followed: Literal["nothing", "back", "pose"] = "nothing"
        self._why = why
        return why

    def _blink(self, why: Refusal) -> Refusal:
        """A frame without the back that is followed."""
        self._blinks += 1
        return self._lose(why) if self._blinks > _BLINKS else why

    def _search(self, rgb: RGBArray, seen: Light) -> Location | Refusal:
        """All that a photo is given, but seldom; in between a quick look."""
        if self._time_s - self._glanced_s < _GLANCE_S:
            return self._why
        self._glanced_s = self._time_s
        if self._time_s - self._searched_s >= _SEARCH_S:
            self._searched_s = self._time_s
            return self._found(self._locator.look(rgb, seen), seen)
        bright = pose_ensemble.brightened(rgb)
        back = self._locator.backs.read(bright)[0]
        if fusion.confirmed(back, partial(pose_ensemble.once, bright, self._pose), (rgb.shape[1], rgb.shape[0])):
            return self._found_back(back, "pose+back", seen)
        return self._why

    def _found(self, looked: Looked, seen: Light) -> Location | Refusal:
        outcome = looked.outcome
        if isinstance(outcome, Refusal):
            return self._lose(outcome)
        if outcome.method == "pose":
            return self._found_pose(looked, outcome)
        found = min(looked.backs, key=lambda back: fusion.apart(fusion.landmarks(back), outcome.landmarks))
        return self._found_back(found, "pose+back" if outcome.method == "pose+back" else "back", seen)

    def _found_back(self, back: BackReading, method: DetailMethod, seen: Light) -> Location:
        self._followed, self._method = "back", method
        self._back, self._scale, self._spread = back, back.scale / back.spine_px, back.spread
        self._shows_s2 = back.shows_s2
        self._steady = Steady(INNER)
        self._last: deque[FloatArray] = deque(maxlen=3)
        self._mirrored = False
        self._doubts = self._blinks = 0
        self._checked_s = self._time_s
        return self._marked(seen)

    def _follow_back(self, bright: RGBArray, seen: Light) -> Location | Refusal:
        self._mirrored = not self._mirrored
        back = self._locator.backs.again(bright, self._back, self._mirrored)
        if not fusion.sure(dataclasses.replace(back, spread=self._spread)):
            self._last.clear()
            return self._blink(refusal(RefusalCode.NOBODY_FOUND))
        self._blinks = 0
        self._back = back
        self._remember(back)
        if self._doubts or self._time_s - self._checked_s >= _CHECK_S:
            refused = self._check(bright, seen)
            if refused and self._doubts >= _DOUBTS:
                return self._lose(refused)
        return self._marked(seen)

    def _remember(self, back: BackReading) -> None:
        """Keep running means of what the networks say of their error, and of what that depends on."""
        self._shows_s2 += _MEAN_SHARE * (back.shows_s2 - self._shows_s2)
        self._scale = self._scale + _MEAN_SHARE * (back.scale / back.spine_px - self._scale)
        self._last.append(back.places)
        if len(self._last) == 3:
            # Every second look is mirrored: what is left when even motion is taken out is what the two differ by.
            first, between, last = self._last
            apart = np.linalg.norm(first - 2 * between + last, axis=1)[INNER].mean() / 4
            self._spread += _MEAN_SHARE * (float(apart) / back.spine_px - self._spread)

    def _marked(self, seen: Light) -> Location:
        back = self._back
        steady = dataclasses.replace(
            back,
            places=self._steady.of(back.places, self._time_s),
            scale=self._scale * back.spine_px,
            spread=self._spread,
            shows_s2=self._shows_s2,
        )
        return fusion.marked(steady, self._method, seen)

    def _check(self, bright: RGBArray, seen: Light) -> Refusal | None:
        """Ask the pose model, and where it knows nothing both networks, whether this is still the back; if not, why."""
        self._checked_s = self._time_s
        person = self._person(bright)
        backs: tuple[BackReading, ...] = (self._back,)
        if person.refusal:
            there = fusion.landmarks(self._back)
            read = self._locator.backs.read(bright)
            backs = tuple(back for back in read if fusion.same(fusion.landmarks(back), there))
        outcome = fusion.decide(person, backs, seen) if backs else person.refusal
        if isinstance(outcome, Location) and outcome.method != "pose":
            self._method = "pose+back" if outcome.method == "pose+back" else "back"
            self._doubts = 0
            return None
        self._doubts += 1
        return outcome if isinstance(outcome, Refusal) else refusal(RefusalCode.NOBODY_FOUND)

    def _person(self, bright: RGBArray) -> PoseReading:
        """What one look of the pose model makes of whoever is where the back is followed."""
        poses = pose_ensemble.once(bright, self._pose, self._back.quarter_turns)
        pose = self._nearest(poses, self._back.inner_px.mean(axis=0), self._back.spine_px)
        size = bright.shape[1], bright.shape[0]
        if pose is None or not checks.head_inside(pose, size):
            return PoseReading(refusal(RefusalCode.NOBODY_FOUND), None)
        return PoseReading(checks.not_from_behind(pose), pose)

    @staticmethod
    def _nearest(poses: tuple[Pose, ...], middle: FloatArray, length_px: float) -> Pose | None:
        def away(pose: Pose) -> float:
            joints = pose_landmarks.joints(pose)
            return float(np.linalg.norm((joints.shoulder_midpoint + joints.hip_midpoint) / 2 - middle)) / length_px

        nearest = min(poses, key=away, default=None)
        return nearest if nearest is not None and away(nearest) < _SAME_BODY else None

    def _found_pose(self, looked: Looked, outcome: Location) -> Location:
        if looked.pose is None or looked.pose.pose is None:
            raise ValueError("looked: expected the pose that the marks come from")
        if self._followed != "pose":
            self._steady = Steady(_MOVING)
        self._followed, self._body, self._issues = "pose", looked.pose.pose, outcome.issues
        self._turns = quarter_turns_to_upright(outcome.landmarks.c7 - outcome.landmarks.hip_midpoint)
        self._blinks = 0
        return self._marked_by_pose()

    def _follow_pose(self, bright: RGBArray) -> Location | Refusal:
        joints = pose_landmarks.joints(self._body)
        middle = (joints.shoulder_midpoint + joints.hip_midpoint) / 2
        pose = self._nearest(pose_ensemble.once(bright, self._pose, self._turns), middle, joints.torso_px)
        why = checks.not_from_behind(pose) if pose else refusal(RefusalCode.NOBODY_FOUND)
        if pose is None or why:
            return self._blink(why or refusal(RefusalCode.NOBODY_FOUND))
        self._blinks, self._body = 0, pose
        return self._marked_by_pose()

    def _marked_by_pose(self) -> Location:
        steady = Pose(self._steady.of(self._body.xy_px, self._time_s), self._body.z_px)
        return placing.from_pose(steady, self._issues, steady=False)
