"""Makes heads and tattoos unrecognisable, before anything is drawn."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable

import cv2
import numpy as np

from locator.core.arrays import RGBArray, check_rgb
from locator.core.box import Box
from locator.core.types import Location, Result

_CELLS = 6  # that many averages are left of a region's longer side; no face or drawing can be made of them again
_HEAD_CENTRE, _HEAD_RADIUS = 0.35, 0.31  # from C7 and in size, in backs


def head(location: Location) -> Box:
    """Where the head is, in px of the photo: above C7 and sized by the back. May reach out of the photo."""
    landmarks = location.landmarks
    back = landmarks.back_px
    upwards = (landmarks.c7 - landmarks.hip_midpoint) / back
    x, y = landmarks.c7 + upwards * _HEAD_CENTRE * back
    return Box.around((float(x), float(y)), (2 * _HEAD_RADIUS * back, 2 * _HEAD_RADIUS * back))


def heads(result: Result) -> list[Box]:
    """Where the heads are of everybody whose back was found in a photo, in its px; of one by the marks it has now."""
    others = [location for number, location in enumerate(result.people, start=1) if number != result.person]
    shown = [result.outcome] if isinstance(result.outcome, Location) else []
    return [head(location) for location in (*shown, *others)]


def blurred(rgb: RGBArray, regions: Iterable[Box]) -> RGBArray:
    """A copy of the (h, w, 3) uint8 photo in which nothing inside the regions can be recognised.

    Raises:
        ValueError: on a region without width or height, or with a number that is not finite.
    """
    check_rgb(rgb)
    out = rgb.copy()
    for region in regions:
        if not (region.width > 0 and region.height > 0 and all(map(math.isfinite, dataclasses.astuple(region)))):
            raise ValueError(f"region: expected finite numbers, a width and a height above 0, got {region}")
        left, top = max(0, math.floor(region.left)), max(0, math.floor(region.top))
        inside = out[top : max(0, math.ceil(region.bottom)), left : max(0, math.ceil(region.right))]
        if inside.size:
            height, width = inside.shape[:2]
            cell = max(height, width) / _CELLS
            few = cv2.resize(inside, (max(1, round(width / cell)), max(1, round(height / cell))),
                             interpolation=cv2.INTER_AREA)  # fmt: skip
            inside[:] = np.asarray(cv2.resize(few, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
    return out
