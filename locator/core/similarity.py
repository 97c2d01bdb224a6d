"""Turns, scalings and shifts of the plane, applied to points, results and pictures alike."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np

from locator.core.geometry import resized
from locator.core.types import LANDMARKS, FloatArray, Landmarks, LocatedLevel, LocatedPoint, Location, RGBArray

PAPER = (236, 236, 236)
"""What is seen where a photo ends, as (red, green, blue)."""


@dataclass(frozen=True, eq=False)
class Similarity:
    """A turn, a scaling and a shift of the plane.

    Attributes:
        matrix: (2, 3); a point p goes to ``matrix[:, :2] @ p + matrix[:, 2]``.
    """

    matrix: FloatArray

    @classmethod
    def taking(cls, start: FloatArray, end: FloatArray, to_start: FloatArray, to_end: FloatArray) -> Similarity:
        """The one that takes (2,) ``start`` to ``to_start`` and ``end`` to ``to_end``.

        Raises:
            ValueError: if ``start`` and ``end`` coincide.
        """
        way, to_way = complex(*(end - start)), complex(*(to_end - to_start))
        if way == 0:
            raise ValueError("start and end: expected two different points")
        turn = to_way / way
        linear = np.array([[turn.real, -turn.imag], [turn.imag, turn.real]])
        return cls(np.column_stack([linear, to_start - linear @ start]))

    @classmethod
    def resizing(cls, factor: float) -> Similarity:
        """The one of a picture that is made ``factor`` times as large."""
        shift = resized(np.zeros(2), factor)
        return cls(np.column_stack([factor * np.eye(2), shift]))

    @property
    def scale(self) -> float:
        """Factor on lengths."""
        return float(math.hypot(self.matrix[0, 0], self.matrix[1, 0]))

    def of(self, point: FloatArray) -> FloatArray:
        """Where a (2,) point goes."""
        moved: FloatArray = self.matrix[:, :2] @ point + self.matrix[:, 2]
        return moved

    def of_location(self, location: Location) -> Location:
        """Where every mark, level and landmark goes; lengths are scaled."""

        return replace(
            location,
            points=tuple(self._of_point(point) for point in location.points),
            levels=tuple(self._of_level(level) for level in location.levels),
            landmarks=Landmarks(**{name: self.of(getattr(location.landmarks, name)) for name in LANDMARKS}),
            cun_px=location.cun_px * self.scale,
        )

    def _of_point(self, point: LocatedPoint) -> LocatedPoint:
        x, y = self.of(np.array([point.x_px, point.y_px]))
        radius, reading = point.radius_px * self.scale, point.reading_radius_px * self.scale
        return replace(point, x_px=float(x), y_px=float(y), radius_px=radius, reading_radius_px=reading)

    def _of_level(self, level: LocatedLevel) -> LocatedLevel:
        x, y = self.of(np.array([level.x_px, level.y_px]))
        return replace(level, x_px=float(x), y_px=float(y))

    def of_photo(self, rgb: RGBArray, size: tuple[int, int]) -> RGBArray:
        """The (h, w, 3) uint8 photo on a ground of (width, height) ``size``."""
        smooth = cv2.INTER_AREA if self.scale < 0.5 else cv2.INTER_CUBIC
        if self.scale < 0.5:  # area averages are for resizing alone
            shrunk = cv2.resize(rgb, None, fx=2 * self.scale, fy=2 * self.scale, interpolation=smooth)
            across = np.array([rgb.shape[1] / shrunk.shape[1], rgb.shape[0] / shrunk.shape[0]])
            matrix = np.column_stack([self.matrix[:, :2] * across, self.matrix[:, 2]])
            rgb, smooth = np.asarray(shrunk, dtype=np.uint8), cv2.INTER_CUBIC
        else:
            matrix = self.matrix
        moved = cv2.warpAffine(rgb, matrix, size, flags=smooth, borderMode=cv2.BORDER_CONSTANT, borderValue=PAPER)
        return np.asarray(moved, dtype=np.uint8)
