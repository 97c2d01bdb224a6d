"""A marked back cut out of its photo, upright."""

from __future__ import annotations

import numpy as np

from locator.core.arrays import FloatArray, RGBArray
from locator.core.similarity import Similarity, quarter_turns_to_upright, turned_picture
from locator.core.types import Location

_HEAD, _SEAT = 0.62, 0.42  # how far an upright view reaches above C7 and below S2, in spines
_HALF_WIDTH = 0.72


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
    turns = quarter_turns_to_upright(c7 - s2)
    turned = Similarity.turning(turns, (rgb.shape[1], rgb.shape[0])).of_location(location)
    picture = turned_picture(rgb, turns)
    c7, s2 = spine(turned)
    length = float(np.linalg.norm(s2 - c7))
    middle = (c7[0] + s2[0]) / 2
    left, right = max(0, int(middle - _HALF_WIDTH * length)), min(picture.shape[1], int(middle + _HALF_WIDTH * length))
    top, bottom = max(0, int(c7[1] - _HEAD * length)), min(picture.shape[0], int(s2[1] + _SEAT * length))
    shift = Similarity.shifting(-left, -top)
    return np.ascontiguousarray(picture[top:bottom, left:right]), shift.of_location(turned)
