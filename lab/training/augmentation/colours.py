"""Colours and smooth noise that augmentation draws with."""

from __future__ import annotations

import cv2
import numpy as np

from lab.training.augmentation.stored_scenes import Array

_SKINS = ((228, 186, 160), (205, 155, 125), (176, 125, 95), (136, 90, 65), (92, 60, 44), (60, 40, 32))


def random_colour(rng: np.random.Generator) -> tuple[float, float, float]:
    """RGB, 0 to 255, mostly dull."""
    grey = rng.uniform(0, 255)
    r, g, b = np.clip(grey + rng.normal(0, 35, 3), 0, 255)
    return float(r), float(g), float(b)


def skin_colour(rng: np.random.Generator) -> tuple[float, float, float]:
    """RGB, 0 to 255, of skin in some light."""
    r, g, b = np.clip(
        np.array(_SKINS[rng.integers(len(_SKINS))]) * rng.uniform(0.5, 1.15) + rng.normal(0, 6, 3), 0, 255
    )
    return float(r), float(g), float(b)


def smooth_noise(side: int, cells: int, rng: np.random.Generator) -> Array:
    """Noise of shape (side, side), SD about 1, with so many bumps along each side."""
    coarse = rng.normal(0, 1, (cells, cells)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC), np.float32)
