"""The same person on two days: both backs side by side, their spines in the same place."""

from __future__ import annotations

import numpy as np

from locator.core.arrays import RGBArray
from locator.core.types import Location
from locator.draw import raster
from locator.draw.style import Style
from locator.photo import crops

_GAP = 0.03  # between the two, in spines
_SPINE_PX = (320.0, 2000.0)  # what has room for labels, and what can be shown


def side_by_side(
    first: tuple[RGBArray, Location],
    second: tuple[RGBArray, Location],
    style: Style = Style(),  # noqa: B008 - frozen
) -> RGBArray:
    """Both marked backs, the first on the left: C7 and S2 at the same height, the spine between them upright.

    Args:
        first, second: (h, w, 3) uint8 photo and its location.
    """
    spine_px = float(np.clip(max(crops.spine_px(location) for _, location in (first, second)), *_SPINE_PX))
    left, right = (
        raster.draw(*crops.aligned(rgb, location, spine_px), style=style) for rgb, location in (first, second)
    )
    gap = np.full((left.shape[0], round(_GAP * spine_px), 3), 255, np.uint8)
    return np.hstack([left, gap, right])
