"""What to change before a camera so that the marks come, or come to be surer: one thing at a time, in plain words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from locator.catalogue.languages import ENGLISH
from locator.catalogue.words import words
from locator.core.anatomy import levels
from locator.core.reasons import AdviceCode, RefusalCode
from locator.core.types import Location, Refusal, lies_in
from locator.photo.light import Light

# All chosen by hand before a camera.
_SMALL = 0.22  # shares of the picture's longer side: below this distance from C7 to the hips one is to come closer
_TILTED = math.radians(27)  # between the spine and the nearest edge of the picture
_FAST = 0.5  # back lengths a second

# Fraction of the way from C7 to S2: marks above it leave the picture at the neck, those below it at the waist.
_UPPER = 0.5

# Seconds: how long a thing must be wrong before it is said, and how long it is then said at least.
_BEFORE_SAID_S, _AT_LEAST_S = 0.7, 1.5


@dataclass(frozen=True)
class Advice:
    """One thing to change.

    Attributes:
        say: at most four words.
        why: a sentence.
    """

    code: AdviceCode
    say: str
    why: str


@cache
def all_advice(language: str = ENGLISH) -> dict[AdviceCode, Advice]:
    """Everything that can be said, by code, in a language."""
    texts = words(language).advice
    return {code: Advice(code, texts[code].say, texts[code].why) for code in AdviceCode}


def needed(outcome: Location | Refusal, seen: Light, size_px: tuple[int, int], speed: float) -> AdviceCode | None:
    """The code of what is most worth changing; None if nothing is.

    Args:
        outcome: of the frame; marks may lie outside of it.
        size_px: the frame's (width, height).
        speed: of the back, in back lengths a second.
    """
    if isinstance(outcome, Refusal):
        if seen.dark:
            return AdviceCode.MORE_LIGHT
        if seen.burnt_out:
            return AdviceCode.LESS_LIGHT
        if seen.blurred:
            return AdviceCode.HOLD_STILL
        return RefusalCode(outcome.code).advice
    outside = _outside(outcome, size_px)
    if outside:
        return outside
    if outcome.landmarks.back_px < _SMALL * max(size_px):
        return AdviceCode.COME_CLOSER
    if seen.dark:
        return AdviceCode.MORE_LIGHT
    if speed > _FAST or seen.blurred:
        return AdviceCode.HOLD_STILL
    along = outcome.landmarks.hip_midpoint - outcome.landmarks.c7
    quarter = math.pi / 2
    tilt = math.atan2(along[1], along[0]) % quarter
    return AdviceCode.LEVEL_CAMERA if _TILTED < tilt < quarter - _TILTED else None


def _outside(location: Location, size_px: tuple[int, int]) -> AdviceCode | None:
    """What to do about marks outside of the frame, if any are."""
    out = np.array([not lies_in(point, size_px) for point in location.points])
    if not out.any():
        return None
    upper = np.array([levels()[point.level].fraction < _UPPER for point in location.points])
    if not upper[out].any():
        return AdviceCode.SHOW_WAIST
    return AdviceCode.SHOW_NECK if upper[out].all() else AdviceCode.STEP_BACK


class Coach:
    """Turns what is needed, frame by frame, into advice that stays long enough to be read and acted on."""

    def __init__(self) -> None:
        self._said: AdviceCode | None = None
        self._said_s = -math.inf
        self._wanted: AdviceCode | None = None
        self._wanted_s = -math.inf

    def hear(self, code: AdviceCode | None, time_s: float, language: str = ENGLISH) -> Advice | None:
        """What to say now in a language, given what is needed in the frame of ``time_s``."""
        if code != self._wanted:
            self._wanted, self._wanted_s = code, time_s
        if code != self._said and time_s - self._wanted_s >= _BEFORE_SAID_S and time_s - self._said_s >= _AT_LEAST_S:
            self._said, self._said_s = code, time_s
        return all_advice(language)[self._said] if self._said else None
