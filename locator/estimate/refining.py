"""A region of interest is moved until the fine network reads the back in the middle of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from locator.core.arrays import FloatArray, RGBArray
from locator.core.keypoints import KeypointTable
from locator.estimate.back_reading import Region, together
from locator.estimate.back_views import predict_fine
from locator.estimate.regions import AverageBack
from locator.models.heatmap_network import HeatmapNetwork, HeatmapPrediction

# A region is moved until the keypoints in it lie less than this from where it was put, in spine lengths, and so many
# times at most. Chosen by hand on rendered bodies.
_CONVERGED, _MOST_REFINEMENTS = 0.02, 3

# Where coarse and fine network together give a candidate less at the first fine look, no further one makes a back of
# it: of made photos, whole and in halves, the least that a back was found from is 0.02, and most of what is none has
# less than this.
_HOPELESS = 0.002


class FineReading(NamedTuple):
    """What the fine network has come to in one place.

    Attributes:
        views: of the last region, as it is and mirrored.
        flip_disagreement: see :class:`~locator.estimate.back_reading.BackReading`.
    """

    views: Sequence[HeatmapPrediction]
    flip_disagreement: float


class Refining:
    """Reads a back with the fine network, beginning anywhere near it.

    Args:
        network: the fine one.
        table: what it places.
    """

    def __init__(self, network: HeatmapNetwork, table: KeypointTable, average: AverageBack) -> None:
        self._network, self._table, self._average = network, table, average
        self._inner = list(table.always_in_view)
        # From one view to the next the spine alone leads, each of its levels alike, as views were laid in training: to
        # a near camera shoulders and hips lie further away, and by them a spine would seem too short.
        self._spine = list(table.spine)

    def region_of(self, keypoints: FloatArray) -> Region:
        """Where a back with these (n, 2) keypoints is looked at next."""
        return self._average.region(keypoints, self._spine)

    def read(self, rgb: RGBArray, region: Region, coarse_probability: float | None) -> FineReading:
        """Views of one region of an (h, w, 3) uint8 photo, each where the one before says that the back is.

        Args:
            coarse_probability: of the coarse network, None where others have found the back.
        """
        first = predict_fine(self._network, self._table, rgb, region, (False,))[0]
        if coarse_probability is not None and together(coarse_probability, first.back_probability) < _HOPELESS:
            return FineReading([first], math.inf)
        found = self.region_of(first.keypoints)
        for _ in range(_MOST_REFINEMENTS):
            region = found
            views = predict_fine(self._network, self._table, rgb, region, (False, True))
            found = self.region_of(np.mean([one.keypoints for one in views], axis=0))
            if self._average.apart(region, found, self._inner) < _CONVERGED:
                break
        apart = np.linalg.norm(views[0].keypoints - views[1].keypoints, axis=1)[self._inner].mean() / 2
        return FineReading(views, float(apart) / found.spine_px)
