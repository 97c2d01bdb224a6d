"""A back that is too small in a photo to be read in the whole: looked for in the middle, where most people stand."""

from __future__ import annotations

import numpy as np

from locator.core.arrays import RGBArray
from locator.core.similarity import Similarity
from locator.estimate import fusion
from locator.estimate.back_estimator import BackNetworks
from locator.estimate.back_reading import BackReading
from locator.estimate.people import Believed

# Shares of the photo's sides that are looked at, and the longest spine that is too small for the whole, as a share of
# its longer side: a longer one would have been read there. Chosen by hand on rendered bodies.
_SHARES = (0.5, 0.25)
_SMALL = 0.25


def far_back(networks: BackNetworks, rgb: RGBArray, believed: Believed) -> BackReading | None:
    """The small back that an (h, w, 3) uint8 photo shows once it is cut to its middle, in its pixels, if there is one.

    Each share that is looked at takes a coarse look, and a reading where that sees something.
    """
    height, width = rgb.shape[:2]
    for share in _SHARES:
        high, wide = max(1, round(share * height)), max(1, round(share * width))
        top, left = (height - high) // 2, (width - wide) // 2
        part = np.ascontiguousarray(rgb[top : top + high, left : left + wide])
        back = networks.glance(part)
        if back is None or back.spine_px > _SMALL * max(height, width):
            continue
        (back,) = networks.witnessed(part, (back,), fusion.in_doubt)
        if believed(back):
            return back.moved(Similarity.shifting(left, top))
    return None
