"""The two networks of our own, run by OpenCV: pictures in, places with their uncertainty out."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from locator.core.types import FloatArray, RGBArray

CELL_PX = 4
"""Pixels of the input to one cell of a heat map."""

OUTSIDE = 128
"""Grey that stands for what lies outside a photo."""

PLACES = (
    "C7", "T4", "T7", "T9", "T12", "L2", "L4", "S2",
    "BL-43/L", "BL-43/R", "BL-18/L", "BL-18/R", "BL-21/L", "BL-21/R", "BL-23/L", "BL-23/R", "BL-52/L", "BL-52/R",
    "shoulder_L", "shoulder_R", "hip_L", "hip_R", "acromion_L", "acromion_R",
)  # fmt: skip
"""What the networks place, in the order of their outputs; sides the subject's. GV-9 is T7."""

LEVELS = tuple(name for name in PLACES if "/" not in name and "_" not in name)
"""Of these, the vertebrae."""

MIRRORED = [
    PLACES.index(name[:-1] + {"L": "R", "R": "L"}[name[-1]]) if name[-2] in "/_" else index
    for index, name in enumerate(PLACES)
]
"""For each place the one that it becomes in a mirror."""

PHOTO_SHARE = 0.8
"""Of the coarse picture's side, what the photo's longer one takes."""

SPINE_SHARE = 0.55
"""Of the fine picture's height, what C7 to S2 takes; the joints of shoulders and hips find room on most bodies."""


@dataclass(frozen=True, eq=False)
class Told:
    """What a network says of one picture.

    Attributes:
        places: (24, 2) px of the picture: :data:`PLACES`.
        scale: (24,) px: how far off each may be, as it says itself: half the mean distance, about.
        back: probability that this is a back seen from behind.
    """

    places: FloatArray
    scale: FloatArray
    back: float


class Network:
    """One loaded network. Safe to share between threads.

    Args:
        weights: an ONNX file's verified bytes.
        side_px: of the square pictures that it takes.
    """

    def __init__(self, weights: bytes, side_px: int) -> None:
        self.side_px = side_px
        self._network = cv2.dnn.readNetFromONNX(np.frombuffer(weights, dtype=np.uint8))
        self._lock = threading.Lock()

    def tell(self, pictures: list[RGBArray]) -> list[Told]:
        """What the network says of (side, side, 3) uint8 pictures."""
        blob = (np.stack(pictures).astype(np.float32) / 255.0 - 0.5) * 4.0
        with self._lock:
            self._network.setInput(np.ascontiguousarray(blob.transpose(0, 3, 1, 2)))
            heat, told = self._network.forward(["heat", "told"])
        places = _means(np.asarray(heat, dtype=np.float32))
        backs = 1.0 / (1.0 + np.exp(-told[:, -1].astype(np.float64)))
        scales = np.exp(np.clip(told[:, :-1].astype(np.float64), -3.0, 5.0))
        return [Told(*one) for one in zip(places, scales, backs.tolist(), strict=True)]


def _means(heat: NDArray[np.float32]) -> FloatArray:
    """(n, k, 2) px: the mean places of (n, k, h, w) heat."""
    shares = np.exp(heat - heat.max(axis=(2, 3), keepdims=True))
    shares /= shares.sum(axis=(2, 3), keepdims=True)
    cells = np.arange(heat.shape[-1]) * CELL_PX + (CELL_PX - 1) / 2
    x, y = shares.sum(axis=2) @ cells, shares.sum(axis=3) @ cells
    return np.stack([x, y], axis=-1).astype(np.float64)
