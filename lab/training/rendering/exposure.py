"""From light to a picture, as a camera does it: exposure, tone curve, contrast, saturation."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lab.training import raster
from lab.training.rendering.procedural import Floats


def expose(
    colours: Floats, pixels: NDArray[Any], covered: NDArray[Any], width: int, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Exposes samples into the picture: shape (h, ``width``, 4), uint8."""
    light = colours @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    wanted = np.exp(rng.normal(np.log(0.27), 0.35))
    gain = (wanted / light.mean()) ** rng.uniform(0.55, 0.95)
    exposed = colours * np.float32(gain)
    if rng.random() < 0.6:
        exposed = exposed * (1 + exposed / 4) / (1 + exposed) * 1.25
    encoded = np.clip(exposed, 0, 1) ** np.float32(1 / 2.2)
    contrast = rng.uniform(-0.15, 0.35)
    encoded = encoded + np.float32(contrast) * (encoded * encoded * (3 - 2 * encoded) - encoded)
    grey = encoded.mean(axis=1, keepdims=True)
    encoded = np.clip(grey + (encoded - grey) * np.float32(rng.uniform(0.7, 1.25)), 0, 1)
    drawn = raster.average(encoded.astype(np.float32), pixels, covered, width)
    return np.round(drawn * 255).clip(0, 255).astype(np.uint8)
