"""The networks of our own, run by OpenCV: pictures in; keypoints, or whether they show a back, out."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from locator.core.arrays import FloatArray, RGBArray

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


class _Network:
    """One loaded network. Safe to share between threads.

    Args:
        weights: an ONNX file's verified bytes.
        side_px: of the square pictures that it takes.
    """

    def __init__(self, weights: bytes, side_px: int) -> None:
        self.side_px = side_px
        self._network = cv2.dnn.readNetFromONNX(np.frombuffer(weights, dtype=np.uint8))
        self._lock = threading.Lock()

    def _forward(self, pictures: list[RGBArray], outputs: list[str]) -> list[NDArray[np.float32]]:
        """The outputs, as the weights name them, for (side, side, 3) uint8 pictures."""
        blob = (np.stack(pictures).astype(np.float32) / 255.0 - 0.5) * 4.0
        with self._lock:
            self._network.setInput(np.ascontiguousarray(blob.transpose(0, 3, 1, 2)))
            return [np.asarray(one, dtype=np.float32) for one in self._network.forward(outputs)]


class WitnessNetwork(_Network):
    """A network that says whether a picture shows a back seen from behind, and nothing else."""

    def logits(self, pictures: list[RGBArray]) -> list[float]:
        """One for each (side, side, 3) uint8 picture."""
        return [float(one) for one in self._forward(pictures, ["logit"])[0].ravel()]


class HeatmapNetwork(_Network):
    """A network that reads keypoints."""

    def predict(self, pictures: list[RGBArray]) -> list[HeatmapPrediction]:
        """One prediction for each (side, side, 3) uint8 picture."""
        heat, beside = self._forward(pictures, ["heat", "told"])
        keypoints = soft_argmax(heat)
        back_probabilities = 1.0 / (1.0 + np.exp(-beside[:, -1].astype(np.float64)))
        scales_px = np.exp(np.clip(beside[:, :-1].astype(np.float64), *_LOG_SCALE))
        rows = zip(keypoints, scales_px, back_probabilities.tolist(), strict=True)
        return [HeatmapPrediction(*row) for row in rows]


def soft_argmax(heat: NDArray[np.float32]) -> FloatArray:
    """(n, k, 2) px: the mean position in each of (n, k, h, w) heat maps, weighted by their softmax."""
    weights = np.exp(heat - heat.max(axis=(2, 3), keepdims=True))
    weights /= weights.sum(axis=(2, 3), keepdims=True)
    cells = np.arange(heat.shape[-1]) * HEATMAP_STRIDE + (HEATMAP_STRIDE - 1) / 2
    x, y = weights.sum(axis=2) @ cells, weights.sum(axis=3) @ cells
    return np.stack([x, y], axis=-1).astype(np.float64)
