"""RGB pixels to the bytes of a picture file that holds nothing else."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image

from locator.core.arrays import RGBArray, check_rgb


def encode(rgb: RGBArray, format: str, quality: int = 92) -> bytes:
    """Encode (h, w, 3) uint8 RGB pixels as a file that holds the picture and nothing else.

    As a PNG or WebP, (h, w, 4) pixels too: RGB and how opaque they are.

    Args:
        format: ``"jpeg"``, ``"png"`` or ``"webp"``.

    Raises:
        TypeError, ValueError: on other pixels, another format, or a quality outside 1 to 100.
    """
    options: dict[str, dict[str, Any]] = {
        # Full colour resolution, or thin coloured lines would be smeared.
        "jpeg": {"quality": quality, "subsampling": "4:4:4"},
        "png": {"compress_level": 1},
        "webp": {"quality": quality, "method": 2},
    }
    check_rgb(rgb[..., :3] if isinstance(rgb, np.ndarray) and format != "jpeg" and rgb.shape[2:] == (4,) else rgb)
    if format not in options:
        raise ValueError(f"format: expected one of {', '.join(options)}, got {format!r}")
    if not 1 <= quality <= 100:
        raise ValueError(f"quality: expected 1 to 100, got {quality!r}")
    out = io.BytesIO()
    Image.fromarray(rgb).save(out, format, **options[format])
    return out.getvalue()
