"""A photo and its location, turned and scaled together."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np

from locator.geometry import resized
from locator.types import LANDMARKS, FloatArray, Landmarks, LocatedLevel, LocatedPoint, Location, RGBArray

PAPER = (236, 236, 236)
"""What is seen where a photo ends, as (red, green, blue)."""

_HEAD, _SEAT = 0.62, 0.42  # how far an upright view reaches above C7 and below S2, in spines
_HALF_WIDTH = 0.72


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


def spine(location: Location) -> tuple[FloatArray, FloatArray]:
    """(2,) px of C7 and of S2, the ends of the spine's line."""
    first, last = location.levels[0], location.levels[-1]
    return np.array([first.x_px, first.y_px]), np.array([last.x_px, last.y_px])


def spine_px(location: Location) -> float:
    """Length of the straight line from C7 to S2."""
    c7, s2 = spine(location)
    return float(np.linalg.norm(s2 - c7))


def aligned(rgb: RGBArray, location: Location, spine_px: float) -> tuple[RGBArray, Location]:
    """The back with its spine upright and of a given length: alike in place and size for every photo.

    Args:
        rgb: (h, w, 3) uint8, the photo of ``location``.
        spine_px: from C7 to S2 in the result.

    Returns:
        the picture, of a size that depends on ``spine_px`` alone, and the location in it.
    """
    size = (round(2 * _HALF_WIDTH * spine_px), round((_HEAD + 1 + _SEAT) * spine_px))
    c7 = np.array([size[0] / 2, _HEAD * spine_px])
    move = Similarity.taking(*spine(location), c7, c7 + (0.0, spine_px))
    return move.of_photo(rgb, size), move.of_location(location)


def upright(rgb: RGBArray, location: Location) -> tuple[RGBArray, Location]:
    """The back cut out of the photo, turned by quarter turns so that the head is up; as large as it is in the photo."""
    c7, s2 = spine(location)
    turns = round(math.atan2(*(s2 - c7)) / (math.pi / 2)) % 4  # quarter turns from "down"; numpy turns anticlockwise
    height, width = rgb.shape[:2]
    turn = {
        0: [[1, 0, 0], [0, 1, 0]],
        1: [[0, -1, height], [1, 0, 0]],
        2: [[-1, 0, width], [0, -1, height]],
        3: [[0, 1, 0], [-1, 0, width]],
    }[turns]
    turned = Similarity(np.array(turn, dtype=np.float64)).of_location(location)
    picture = np.rot90(rgb, -turns)
    c7, s2 = spine(turned)
    length = float(np.linalg.norm(s2 - c7))
    middle = (c7[0] + s2[0]) / 2
    left, right = max(0, int(middle - _HALF_WIDTH * length)), min(picture.shape[1], int(middle + _HALF_WIDTH * length))
    top, bottom = max(0, int(c7[1] - _HEAD * length)), min(picture.shape[0], int(s2[1] + _SEAT * length))
    shift = Similarity(np.array([[1.0, 0.0, -left], [0.0, 1.0, -top]]))
    return np.ascontiguousarray(picture[top:bottom, left:right]), shift.of_location(turned)
