"""Rotations, mirrors, scalings and shifts of the plane, applied to points, results and pictures alike.

One convention for pixels holds in the whole program: whole numbers are the middles of pixels. So a picture ``width``
pixels wide reaches from -0.5 to ``width - 0.5``, and x in its mirror image is ``width - 1 - x``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from locator.core.arrays import FloatArray, RGBArray
from locator.core.body import LANDMARKS, OTHER_SIDE, Landmarks
from locator.core.types import LocatedLevel, LocatedPoint, Location

PAPER = (236, 236, 236)
"""What is seen where a photo ends, as (red, green, blue)."""


def quarter_turns_to_upright(upwards: FloatArray) -> int:
    """How often a picture must be turned counter-clockwise for a (2,) vector in it to point up, about."""
    x, y = upwards
    return round(math.degrees(math.atan2(x, -y)) / 90) % 4


_COUNTER_CLOCKWISE = {1: cv2.ROTATE_90_COUNTERCLOCKWISE, 2: cv2.ROTATE_180, 3: cv2.ROTATE_90_CLOCKWISE}


def turned_picture(rgb: RGBArray, quarter_turns: int) -> RGBArray:
    """The (h, w, 3) picture turned counter-clockwise by so many quarters."""
    turns = quarter_turns % 4
    return np.asarray(cv2.rotate(rgb, _COUNTER_CLOCKWISE[turns]), np.uint8) if turns else np.ascontiguousarray(rgb)


def mirrored_picture(rgb: RGBArray) -> RGBArray:
    """The (h, w, 3) picture with left and right exchanged."""
    return np.asarray(cv2.flip(rgb, 1), np.uint8)


def resized(points: FloatArray, factor: float | Sequence[float]) -> FloatArray:
    """Where (..., 2) px lie in a picture made ``factor`` times as large.

    Args:
        factor: of both sides, or of each.
    """
    return np.asarray((points + 0.5) * np.asarray(factor) - 0.5)


def from_shares(shares: FloatArray, size_px: tuple[int, int]) -> FloatArray:
    """(n, 2) shares of a picture's width and height, 0 and 1 at its edges → px in that picture."""
    return np.asarray(shares * np.asarray(size_px, dtype=np.float64) - 0.5)


@dataclass(frozen=True, eq=False)
class Similarity:
    """A rotation, a scaling and a shift of the plane, and a mirror where it says so.

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
    def shifting(cls, x_px: float, y_px: float) -> Similarity:
        """The one that moves everything to the right and down."""
        return cls(np.array([[1.0, 0.0, x_px], [0.0, 1.0, y_px]]))

    @classmethod
    def fitting(
        cls,
        points: FloatArray,
        targets: FloatArray,
        weights: FloatArray | None = None,
        scales: tuple[float, float] = (0.0, math.inf),
    ) -> Similarity:
        """The one that brings (n, 2) ``points`` nearest to ``targets``, by weighted least squares.

        Args:
            weights: (n,) how much each pair counts; all alike for None.
            scales: least and greatest factor on lengths.
        """
        start, end = points @ [1, 1j], targets @ [1, 1j]  # the best similarity is a line through complex numbers
        share = np.ones(len(start)) if weights is None else weights
        share = share / share.sum()
        centre, to_centre = share @ start, share @ end
        start, end = start - centre, end - to_centre
        turn = 1.0 + 0.0j  # all points in one: nothing says how they are turned
        if np.any(start):
            turn = (share * start.conj()) @ end / (share @ np.abs(start) ** 2)
        size = min(max(abs(turn), scales[0]), scales[1])
        if size != abs(turn):
            turn = turn * size / abs(turn) if turn else complex(size)
        shift = to_centre - turn * centre
        return cls(np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]]))

    @classmethod
    def resizing(cls, factor: float) -> Similarity:
        """The one of a picture that is made ``factor`` times as large."""
        shift = resized(np.zeros(2), factor)
        return cls(np.column_stack([factor * np.eye(2), shift]))

    @classmethod
    def turning(cls, quarter_turns: int, size_px: tuple[int, int]) -> Similarity:
        """The one of a picture of (width, height) ``size_px`` that is turned counter-clockwise by quarters.

        See :func:`turned_picture`; any whole number of turns, negative ones clockwise.
        """
        right, bottom = size_px[0] - 1.0, size_px[1] - 1.0
        matrices = (
            [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]],
            [[0.0, 1.0, 0.0], [-1.0, 0.0, right]],
            [[-1.0, 0.0, right], [0.0, -1.0, bottom]],
            [[0.0, -1.0, bottom], [1.0, 0.0, 0.0]],
        )
        return cls(np.array(matrices[quarter_turns % 4]))

    @classmethod
    def turning_back(cls, quarter_turns: int, size_px: tuple[int, int]) -> Similarity:
        """From a picture of ``size_px`` turned counter-clockwise by quarters to that picture itself."""
        return cls.turning(-quarter_turns, size_px if quarter_turns % 2 == 0 else size_px[::-1])

    @classmethod
    def mirroring(cls, width_px: int) -> Similarity:
        """The one of a picture whose left and right are exchanged."""
        return cls(np.array([[-1.0, 0.0, width_px - 1.0], [0.0, 1.0, 0.0]]))

    @property
    def scale(self) -> float:
        """Factor on lengths."""
        return float(math.hypot(self.matrix[0, 0], self.matrix[1, 0]))

    @property
    def mirrors(self) -> bool:
        """Whether left and right are exchanged."""
        return float(np.linalg.det(self.matrix[:, :2])) < 0.0

    def of(self, point: FloatArray) -> FloatArray:
        """Where a (2,) point goes."""
        moved: FloatArray = self.matrix[:, :2] @ point + self.matrix[:, 2]
        return moved

    def of_points(self, points: FloatArray) -> FloatArray:
        """Where (n, 2) points go."""
        return np.asarray(points @ self.matrix[:, :2].T + self.matrix[:, 2])

    def of_landmarks(self, landmarks: Landmarks) -> Landmarks:
        """Where every landmark goes; in a mirror their sides are exchanged."""
        moved = Landmarks(**{name: self.of(getattr(landmarks, name)) for name in LANDMARKS})
        return moved.with_sides_exchanged() if self.mirrors else moved

    def of_location(self, location: Location) -> Location:
        """Where every mark, level and landmark goes; lengths are scaled.

        In a mirror what was at the subject's left is seen where the right would be, so sides are exchanged.
        """
        return replace(
            location,
            points=tuple(self._of_point(point) for point in location.points),
            levels=tuple(self._of_level(level) for level in location.levels),
            landmarks=self.of_landmarks(location.landmarks),
            cun_px=location.cun_px * self.scale,
        )

    def _of_point(self, point: LocatedPoint) -> LocatedPoint:
        x, y = self.of(np.array([point.x_px, point.y_px]))
        radius, reading = point.radius_px * self.scale, point.reading_radius_px * self.scale
        side = OTHER_SIDE[point.side] if self.mirrors else point.side
        return replace(point, side=side, x_px=float(x), y_px=float(y), radius_px=radius, reading_radius_px=reading)

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
