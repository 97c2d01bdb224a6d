"""One viewer's video: a frame in, a frame with its marks out.

Knows no camera, no browser and no window. Marks that are lost are held for a moment, then fade; they never stay where
the back is no longer known to be.
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, field

import cv2
import numpy as np

from locator.api import Locator
from locator.core.arrays import FloatArray, RGBArray
from locator.core.similarity import Similarity, mirrored_picture
from locator.core.types import Location
from locator.draw.overlay import Overlay, View
from locator.estimate import checks
from locator.live.coaching import Advice, Coach, needed
from locator.live.tracking import Tracker
from locator.models.mediapipe_tasks import check_picture
from locator.photo import light, resizing
from locator.photo.light import Light

LONGEST_PX = 640
"""Longer side of what is predicted; the networks work at 160 and 192 px."""

# Seconds, chosen by hand: between two measurements of light; how long lost marks stay as they are, and until they are
# gone; over which the back's speed is averaged.
_LIGHT_S = 0.5
_HELD_S, _FADED_S = 0.25, 0.8
_SPEED_S = 0.5


@dataclass(frozen=True, eq=False)
class Shown:
    """What one frame came to.

    Attributes:
        rgb: (h, w, 3) uint8, a new array; mirrored where that was asked for.
        location: the marks that are drawn, in pixels of the frame as it came in; None for none.
        strength: how strongly they are drawn: 1 while the back is tracked, 0 when nothing is.
        advice: what to change, if anything, in the language of the view; it is written on the frame.
    """

    rgb: RGBArray = field(repr=False)
    location: Location | None
    strength: float
    advice: Advice | None


class Live:
    """One viewer's session. Frames come one at a time and in their order; all else from any thread.

    Args:
        locator: whose models are used; it may be shared. Each session adds a pose model of its own.
        view: what to draw; may be exchanged at any time.

    Raises:
        models.ModelUnavailable: if the pose model is no longer on this machine.
    """

    def __init__(self, locator: Locator, view: View = View()) -> None:  # noqa: B008 - frozen
        self.view = view
        self.latest: Shown | None = None
        self._tracker = Tracker(locator)
        self._overlay, self._coach = Overlay(), Coach()
        self._lock = threading.Lock()
        self._light: Light | None = None
        self._light_s = self._tracked_s = self._last_s = -math.inf
        self._held: Location | None = None
        self._speed: float = 0.0
        self._size: tuple[int, int] | None = None

    def close(self) -> None:
        """Free the session's pose model; what was shown last is forgotten."""
        with self._lock:
            self._tracker.close()
            self.latest = None

    def show(self, rgb: RGBArray, time_s: float) -> Shown:
        """The next frame with what is seen in it.

        Args:
            rgb: (h, w, 3) uint8 of any size; it may change from frame to frame.
            time_s: when it was taken, on any clock that goes forward.

        Raises:
            TypeError, ValueError: on anything but a non-empty (h, w, 3) uint8 array.
        """
        check_picture(rgb)
        with self._lock:
            self.latest = shown = self._show(rgb, time_s)
        return shown

    def _show(self, rgb: RGBArray, time_s: float) -> Shown:
        view, size = self.view, (rgb.shape[1], rgb.shape[0])
        if size != self._size or time_s <= self._last_s:
            self._held, self._light, self._speed = None, None, 0.0
        small, shrunk = resizing.shrink(rgb, LONGEST_PX)
        if self._light is None or time_s - self._light_s >= _LIGHT_S:
            self._light, self._light_s = light.measure(small), time_s
        outcome = self._tracker.track(small, self._light, time_s)
        if isinstance(outcome, Location):
            outcome = Similarity.resizing(1 / shrunk).of_location(outcome) if shrunk != 1 else outcome
            if self._held and time_s > self._last_s:
                self._hear_speed(outcome, self._held, time_s - self._last_s)
            if isinstance(checks.within(outcome, size), Location):
                self._held, self._tracked_s = outcome, time_s
        self._size, self._last_s = size, time_s
        advice = self._coach.hear(needed(outcome, self._light, size, self._speed), time_s, view.style.language)
        lost_s = time_s - self._tracked_s
        strength = float(np.clip((_FADED_S - lost_s) / (_FADED_S - _HELD_S), 0, 1)) if self._held else 0.0
        if strength == 0.0:
            self._held = None
        ground = mirrored_picture(rgb) if view.mirrored else rgb
        canvas = self._overlay.draw(ground, self._held, view) if self._held else ground.copy()
        if strength < 1.0:
            cv2.addWeighted(canvas, strength, ground, 1 - strength, 0, dst=canvas)
        if advice:
            self._overlay.say(canvas, advice.say, view.style.language)
        return Shown(canvas, self._held, strength, advice)

    def _hear_speed(self, now: Location, before: Location, passed_s: float) -> None:
        moved = math.dist(_middle(now), _middle(before)) / now.landmarks.back_px
        share = 1 - math.exp(-passed_s / _SPEED_S)
        self._speed += share * (moved / passed_s - self._speed)


def _middle(location: Location) -> FloatArray:
    middle: FloatArray = (location.landmarks.c7 + location.landmarks.hip_midpoint) / 2
    return middle
