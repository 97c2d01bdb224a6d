"""The networks of our own: pictures in; keypoints, or whether they show a back, out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from locator.core.arrays import FloatArray, RGBArray
from locator.models.mediapipe_tasks import Model, Network

HEATMAP_STRIDE = 4
"""Pixels of the input to one cell of a heat map."""

OUTSIDE = 128
"""Grey that stands for what lies outside a photo."""

PHOTO_SHARE = 0.8
"""Of the coarse input's side, what the photo's longer one takes."""

SPINE_SHARE = 0.55
"""Of the fine input's height, what C7 to S2 takes; the joints of shoulders and hips find room on most bodies."""

_LOG_SCALE = (-3.0, 5.0)  # log of pixels: bounds of the predicted error, the same as in training


@dataclass(frozen=True, eq=False)
class HeatmapPrediction:
    """What a network predicts for one picture.

    Attributes:
        keypoints: (n, 2) px of the picture, in the order of the network's table (:mod:`locator.core.keypoints`).
        error_scale_px: (n,) predicted error of each: about half its mean distance from the truth.
        back_probability: that this is a back seen from behind, 0 to 1.
    """

    keypoints: FloatArray
    error_scale_px: FloatArray
    back_probability: float


class WitnessNetwork:
    """A network that says whether a picture shows a back seen from behind, and nothing else; loaded when it is asked.

    Safe to share between threads.

    Args:
        weights: a TensorFlow Lite file; asked whenever it is loaded.
        side_px: of the square pictures that it takes.
    """

    def __init__(self, weights: Model, side_px: int) -> None:
        self.side_px = side_px
        self._network = Network(weights)

    def logits(self, pictures: list[RGBArray]) -> list[float]:
        """One for each (side, side, 3) uint8 picture."""
        return [float(self._network.outputs(one)[0][0]) for one in pictures]


class HeatmapNetwork:
    """A network that reads keypoints. Safe to share between threads.

    Args:
        weights, side_px: as of :class:`WitnessNetwork`.
    """

    def __init__(self, weights: Model, side_px: int) -> None:
        self.side_px = side_px
        self._network = Network(weights)
        self._network.load()

    def predict(self, pictures: list[RGBArray]) -> list[HeatmapPrediction]:
        """One prediction for each (side, side, 3) uint8 picture."""
        return [self._predicted(one) for one in pictures]

    def _predicted(self, picture: RGBArray) -> HeatmapPrediction:
        keypoints, told = self._network.outputs(picture)
        return HeatmapPrediction(
            keypoints.reshape(-1, 2), np.exp(np.clip(told[:-1], *_LOG_SCALE)), float(1.0 / (1.0 + np.exp(-told[-1])))
        )
