"""The photos that speed is measured with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from locator.core import resources
from locator.photo import encoding, sources

SAMPLES = resources.path("sample_images")
STANDING = SAMPLES / "standing.jpg"
HEADLESS = SAMPLES / "without_the_head.jpg"
USUAL, SMALL = 12, 0.4
"""Megapixels of a phone's photo, and of one that a messenger has made smaller."""
QUALITY = 92
"""Of their JPEGs."""


def enlarged(sample: Path, megapixels: float) -> bytes:
    """A sample as a JPEG of about so many megapixels, with the grain of a camera."""
    rgb = sources.read(sample).rgb
    factor = (megapixels * 1e6 / (rgb.shape[0] * rgb.shape[1])) ** 0.5
    size = round(rgb.shape[1] * factor), round(rgb.shape[0] * factor)
    large = np.asarray(Image.fromarray(rgb).resize(size, Image.Resampling.BICUBIC), np.int16)
    grain = np.random.default_rng(0).normal(0, 3, large.shape).astype(np.float32)
    return encoding.encode(np.clip(large + grain, 0, 255).astype(np.uint8), "jpeg", QUALITY)
