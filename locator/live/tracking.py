"""Tracking one back from frame to frame: found as in a photo, then only looked after.

A back is searched with what a photo is given. Once found, each frame costs one view of the fine network where the back
was last, as it is and mirrored in turns; several times a second the pose model is asked whether it is still a back, and
still the same one. In clothes that the networks cannot read, the pose model alone tracks it.
"""

from __future__ import annotations

import dataclasses
import math
from collections import deque

import numpy as np

from locator.api import Locator, Prediction, confirmed
from locator.core.anchors import DetailMethod
from locator.core.arrays import FloatArray, RGBArray
from locator.core.body import Pose, PoseKeypoint
from locator.core.reasons import RefusalCode, refusal
from locator.core.similarity import quarter_turns_to_upright
from locator.core.types import Location, Refusal
from locator.estimate import checks, fusion, placing, pose_ensemble
from locator.estimate.back_reading import BackReading
from locator.estimate.fusion import PoseReading
from locator.estimate.pose_model import PoseEstimator
from locator.live.smoothing import BodySmoother
from locator.photo.light import Light

# Seconds, chosen by hand so that the frame rate holds and other viewers are served too: between two checks of a tracked
# back with the pose model, between two quick searches, and between two thorough ones.
_CHECK_S, _GLANCE_S, _SEARCH_S = 0.3, 0.15, 1.0

# Counts, chosen by hand: checks in a row that must fail before a back is given up, and frames in a row in which it may
# be missed.
_MOST_DOUBTS, _MOST_MISSES = 2, 3

_MEAN_SHARE = 0.1  # of a new frame in the running mean of predicted errors; chosen by hand: about ten frames
_SAME_BODY = 0.5  # back lengths between the middle of a pose and of the back that it may be of; chosen by hand

# Keypoints that show how a body moves; its arms and legs go their own ways.
_MOVING = [*pose_ensemble.JOINTS, PoseKeypoint.LEFT_EAR, PoseKeypoint.RIGHT_EAR]


class Tracker:
    """Tracks the largest back of one video. Not safe to share between threads.

    Args:
        locator: whose models find it; a pose model of its own tracks it.
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

    def track(self, rgb: RGBArray, seen: Light, time_s: float) -> Location | Refusal:
        """The marks in the next frame, smoothed, or why there are none. Marks may lie outside of it.

        Args:
            rgb: (h, w, 3) uint8, reduced to ``pose_ensemble.LONGEST_PX`` or less.
            seen: how it is lit.
            time_s: when it was taken; frames come in their order.
        """
        size = rgb.shape[1], rgb.shape[0]
        if size != self._size or time_s <= self._time_s:  # another camera, or the same one held another way
            self._begin_anew()
        self._size, self._time_s = size, time_s
        if isinstance(self._track, _PoseTrack) and time_s - self._searched_s >= _SEARCH_S:
            return self._search(rgb, seen)  # in the hope that the networks can read the back by now
        if self._track is None:
            return self._search(rgb, seen)
        outcome = self._track.next(pose_ensemble.brightened(rgb), seen, time_s)
        return self._lose(outcome) if self._track.lost and isinstance(outcome, Refusal) else outcome

    def _begin_anew(self) -> None:
        self._searched_s = self._glanced_s = -math.inf
        self._lose(refusal(RefusalCode.NOBODY_FOUND))

    def _lose(self, why: Refusal) -> Refusal:
        self._track: _BackTrack | _PoseTrack | None = None
        self._why = why
        return why

    def _search(self, rgb: RGBArray, seen: Light) -> Location | Refusal:
        """All that a photo is given, but seldom; in between a quick search."""
        if self._time_s - self._glanced_s < _GLANCE_S:
            return self._why
        self._glanced_s = self._time_s
        if self._time_s - self._searched_s >= _SEARCH_S:
            self._searched_s = self._time_s
            return self._found(self._locator.predict(rgb, seen), seen)
        bright = pose_ensemble.brightened(rgb)
        back = self._locator.backs.read(bright)[0]
        if confirmed(back, bright, self._pose):
            return self._found_back(back, "pose+back", seen)
        return self._why

    def _found(self, predicted: Prediction, seen: Light) -> Location | Refusal:
        outcome = predicted.outcome
        if isinstance(outcome, Refusal):
            return self._lose(outcome)
        if outcome.method == "pose":
            return self._found_pose(predicted, outcome)
        found = min(predicted.backs, key=lambda back: fusion.apart(back.landmarks, outcome.landmarks))
        return self._found_back(found, _method(outcome), seen)

    def _found_back(self, back: BackReading, method: DetailMethod, seen: Light) -> Location:
        self._track = _BackTrack(self._locator, self._pose, back, method, self._time_s)
        return self._track.marked(seen, self._time_s)

    def _found_pose(self, predicted: Prediction, outcome: Location) -> Location:
        if predicted.pose is None or predicted.pose.pose is None:
            raise ValueError("predicted: expected the pose that the marks come from")
        if not isinstance(self._track, _PoseTrack):
            self._track = _PoseTrack(self._pose)
        return self._track.begin(predicted.pose.pose, outcome, self._time_s)


class _Track:
    """A body that is tracked.

    Attributes:
        lost: whether it has been missed too often to be tracked on.
    """

    def __init__(self, pose_model: PoseEstimator) -> None:
        self._pose_model = pose_model
        self._misses = 0
        self.lost = False

    def _miss(self, why: Refusal) -> Refusal:
        """A frame without the body."""
        self._misses += 1
        self.lost = self._misses > _MOST_MISSES
        return why

    def _nearest(self, bright: RGBArray, turns: int, middle: FloatArray, length_px: float) -> Pose | None:
        """Whoever one view, turned by quarters, finds where the body was."""

        def away(pose: Pose) -> float:
            return float(np.linalg.norm(pose.joints.middle - middle)) / length_px

        nearest = min(pose_ensemble.predict_view(bright, self._pose_model, turns), key=away, default=None)
        return nearest if nearest is not None and away(nearest) < _SAME_BODY else None


class _BackTrack(_Track):
    """A back that the networks track, checked by the pose model."""

    def __init__(
        self, locator: Locator, pose_model: PoseEstimator, back: BackReading, method: DetailMethod, time_s: float
    ) -> None:
        super().__init__(pose_model)
        self._locator, self._back, self._method = locator, back, method
        self._relative_scale = back.error_scale_px / back.spine_px
        self._flip_disagreement, self._s2_visible = back.flip_disagreement, back.s2_visible
        self._smoother = BodySmoother(back.table.always_in_view)
        self._last: deque[FloatArray] = deque(maxlen=3)
        self._mirrored = False
        self._doubts = 0
        self._checked_s = time_s

    def next(self, bright: RGBArray, seen: Light, time_s: float) -> Location | Refusal:
        """The marks in the next frame, or why there are none."""
        self._mirrored = not self._mirrored
        back = self._locator.backs.track(bright, self._back, self._mirrored)
        if not fusion.sure(dataclasses.replace(back, flip_disagreement=self._flip_disagreement)):
            self._last.clear()
            return self._miss(refusal(RefusalCode.NOBODY_FOUND))
        self._misses = 0
        self._back = back
        self._remember(back)
        if self._doubts or time_s - self._checked_s >= _CHECK_S:
            self._checked_s = time_s
            refused = self._check(bright, seen)
            if refused and self._doubts >= _MOST_DOUBTS:
                self.lost = True
                return refused
        return self.marked(seen, time_s)

    def marked(self, seen: Light, time_s: float) -> Location:
        """The marks of the back as it was read last, smoothed."""
        smooth = dataclasses.replace(
            self._back,
            keypoints=self._smoother.smoothed(self._back.keypoints, time_s),
            error_scale_px=self._relative_scale * self._back.spine_px,
            flip_disagreement=self._flip_disagreement,
            s2_visible=self._s2_visible,
        )
        return fusion.marked(smooth, self._method, seen)

    def _remember(self, back: BackReading) -> None:
        """Keep running means of what the networks predict of their error, and of what that depends on."""
        self._s2_visible += _MEAN_SHARE * (back.s2_visible - self._s2_visible)
        self._relative_scale = self._relative_scale + _MEAN_SHARE * (
            back.error_scale_px / back.spine_px - self._relative_scale
        )
        self._last.append(back.keypoints)
        if len(self._last) == 3:
            # Every second view is mirrored: what is left when even motion is taken out is what the two differ by.
            first, between, last = self._last
            apart_px = np.linalg.norm(first - 2 * between + last, axis=1)[list(back.table.always_in_view)].mean() / 4
            self._flip_disagreement += _MEAN_SHARE * (float(apart_px) / back.spine_px - self._flip_disagreement)

    def _check(self, bright: RGBArray, seen: Light) -> Refusal | None:
        """Ask the pose model, and where it knows nothing both networks, whether this is still the back; if not, why."""
        person = self._person(bright)
        backs: tuple[BackReading, ...] = (self._back,)
        if person.refusal:
            read = self._locator.backs.read(bright)
            backs = tuple(back for back in read if fusion.same(back.landmarks, self._back.landmarks))
            backs = self._locator.backs.witnessed(bright, backs, fusion.in_doubt)
        outcome = fusion.decide(person, backs, seen) if backs else person.refusal
        if isinstance(outcome, Location) and outcome.method != "pose":
            self._method = _method(outcome)
            self._doubts = 0
            return None
        self._doubts += 1
        return outcome if isinstance(outcome, Refusal) else refusal(RefusalCode.NOBODY_FOUND)

    def _person(self, bright: RGBArray) -> PoseReading:
        """What one view of the pose model makes of whoever is where the back is tracked."""
        back = self._back
        pose = self._nearest(bright, back.quarter_turns, back.inner_px.mean(axis=0), back.spine_px)
        if pose is None or not checks.head_inside(pose, (bright.shape[1], bright.shape[0])):
            return PoseReading(refusal(RefusalCode.NOBODY_FOUND), None)
        return PoseReading(checks.not_from_behind(pose), pose)


class _PoseTrack(_Track):
    """A body in clothes that the networks cannot read: the pose model alone tracks it."""

    def __init__(self, pose_model: PoseEstimator) -> None:
        super().__init__(pose_model)
        self._smoother = BodySmoother(_MOVING)

    def begin(self, pose: Pose, found: Location, time_s: float) -> Location:
        """The marks where a thorough search has found the body, once more perhaps."""
        self._pose, self._issues = pose, found.issues
        self._turns = quarter_turns_to_upright(found.landmarks.c7 - found.landmarks.hip_midpoint)
        self._misses = 0
        return self._marked(time_s)

    def next(self, bright: RGBArray, seen: Light, time_s: float) -> Location | Refusal:
        """The marks in the next frame, or why there are none."""
        joints = self._pose.joints
        pose = self._nearest(bright, self._turns, joints.middle, joints.torso_px)
        why = checks.not_from_behind(pose) if pose else refusal(RefusalCode.NOBODY_FOUND)
        if pose is None or why:
            return self._miss(why or refusal(RefusalCode.NOBODY_FOUND))
        self._misses, self._pose = 0, pose
        return self._marked(time_s)

    def _marked(self, time_s: float) -> Location:
        smooth = Pose(self._smoother.smoothed(self._pose.xy_px, time_s), self._pose.z_px)
        return placing.from_pose(smooth, self._issues, reliable=False)


def _method(outcome: Location) -> DetailMethod:
    return "pose+back" if outcome.method == "pose+back" else "back"
