"""Points that keep still when the body does, and go along at once when it moves.

A reading trembles a little from frame to frame. A body moves, turns and nears as a whole, and its shape hardly changes;
so the two are smoothed apart: the motion by a One Euro filter (Casiez, Roussel and Vogel 2012), which smooths less the
faster something moves, and the shape by a slow running mean.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from OneEuroFilter import OneEuroFilter

from locator.core.arrays import FloatArray

# Chosen with ``python -m lab.speed.live``: as little tremble as leaves the lag well below a tenth of a second.
_CUTOFF_HZ, _CUTOFF_PER_SPEED, _SPEED_CUTOFF_HZ = 0.6, 5.0, 2.0
_SHAPE_HZ = 0.5
_RATE_HZ = 30.0  # only until the second frame
_PAUSE_S = 0.5  # after this long without a frame nothing is known of the motion any more

_Points = NDArray[np.complex128]


class BodySmoother:
    """A filter on the points of one body. Frames have to come in their order.

    Args:
        moving: the rows of the points that show how the body as a whole moves.
    """

    def __init__(self, moving: Sequence[int]) -> None:
        self._moving = list(moving)
        self._last_s = -math.inf

    def smoothed(self, points: FloatArray, time_s: float) -> FloatArray:
        """Smoothed (n, 2) points.

        Args:
            points: (n, 2) px, in the same order each time; the moving ones not all in one spot.
            time_s: when the frame was taken; a frame that is not later than the last one starts anew.
        """
        seen: _Points = points @ np.array([1, 1j])
        moving = seen[self._moving]
        centre = moving.mean()
        passed_s = time_s - self._last_s
        self._last_s = time_s
        if not 0 < passed_s < _PAUSE_S:
            self._start(seen - centre)
            passed_s = 0.0
        shape = self._shape[self._moving]
        turn = np.vdot(shape, moving - centre) / np.vdot(shape, shape)
        share = 1 - math.exp(-2 * math.pi * _SHAPE_HZ * passed_s)
        self._shape += share * ((seen - centre) / turn - self._shape)
        self._angle += (cmath.phase(turn) - self._angle + math.pi) % (2 * math.pi) - math.pi
        # All four in terms of the body's size, so that one setting is right for each.
        motion = (centre.real / self._size_px, centre.imag / self._size_px, math.log(abs(turn)), self._angle)
        x, y, size, angle = (keep(value, time_s) for keep, value in zip(self._filters, motion, strict=True))
        smooth = complex(x, y) * self._size_px + cmath.rect(math.exp(size), angle) * self._shape
        return np.column_stack([smooth.real, smooth.imag])

    def _start(self, around: _Points) -> None:
        self._shape = around
        self._size_px = float(np.abs(around[self._moving]).mean())
        self._angle = 0.0
        self._filters = [OneEuroFilter(_RATE_HZ, _CUTOFF_HZ, _CUTOFF_PER_SPEED, _SPEED_CUTOFF_HZ) for _ in range(4)]
