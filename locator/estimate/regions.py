"""Where to look for a back: the region of interest that some keypoints ask for."""

from __future__ import annotations

import math

import numpy as np

from locator.core.arrays import FloatArray
from locator.core.similarity import Similarity
from locator.estimate.back_reading import Region

_SHORTEST_SPINE_PX = 1.0  # of a region; keypoints that all fall together span none


class AverageBack:
    """The average upright back, which is laid onto what is seen.

    Args:
        keypoints: (n, 2) its keypoints, C7 at (0, 0) and S2 at (0, 1).
    """

    def __init__(self, keypoints: FloatArray) -> None:
        self._keypoints = keypoints

    def region(self, points: FloatArray, rows: list[int], error_scale: FloatArray | None = None) -> Region:
        """The region that brings it nearest to points; those of less predicted error count more.

        Args:
            rows: of the points that count; beyond the keypoints' end they begin anew.
        """
        average = self._keypoints[[row % len(self._keypoints) for row in rows]]
        weights = None if error_scale is None else 1.0 / np.square(error_scale[rows])
        fitted = Similarity.fitting(average, points[rows], weights, scales=(_SHORTEST_SPINE_PX, math.inf))
        return Region(fitted.matrix)

    def apart(self, put: Region, found: Region, rows: list[int]) -> float:
        """How far its keypoints in these rows lie apart in two regions, in the mean, in spine lengths."""
        moved = Similarity(found.matrix - put.matrix).of_points(self._keypoints[rows])
        return float(np.linalg.norm(moved, axis=1).mean()) / found.spine_px
