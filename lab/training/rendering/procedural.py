"""What procedural textures are made of: ramps, noise, and the map that marks on the torso are drawn on."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lab.training.rendering.mesh import X, Z

Floats = NDArray[np.float32]
Mask = NDArray[np.float32]

NIPPLE = (0.074, 0.313)
"""Where a nipple lies, (x, z) at rest, metres: the breast's foremost point on the average body."""

MAP_LEFT, MAP_TOP, MAP_CELL, MAP_SHAPE = -0.32, 0.62, 0.002, (460, 320)
"""The torso map, metres: the frontal plane at rest, seen from behind with +x to the right."""


def ramp(value: NDArray[Any], soft: float) -> Mask:
    """0 below zero to 1 above, over a width of ``soft``."""
    return np.clip(value / np.float32(max(soft, 1e-5)) + np.float32(0.5), 0, 1).astype(np.float32)


def noise_shift(rng: np.random.Generator) -> Floats:
    """Where noise begins, (3,): so that no two are alike."""
    return rng.uniform(0, 64, 3).astype(np.float32)


def map_pixels(points: list[tuple[float, float]]) -> NDArray[np.int32]:
    """Pixels of the torso map, (n, 2), of points (x, z) at rest."""
    at = [((x - MAP_LEFT) / MAP_CELL, (MAP_TOP - z) / MAP_CELL) for x, z in points]
    return np.round(at).astype(np.int32)


def map_coordinates(rest: Floats) -> tuple[Floats, Floats]:
    """Column and row of the torso map, each (n,), of attributes of shape (n, 8)."""
    x = (rest[:, X] - np.float32(MAP_LEFT)) / np.float32(MAP_CELL)
    return x, (np.float32(MAP_TOP) - rest[:, Z]) / np.float32(MAP_CELL)
