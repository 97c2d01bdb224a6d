"""Makes pictures smaller."""

from __future__ import annotations

import cv2
import numpy as np

from locator.core.arrays import RGBArray, check_rgb


def shrink(rgb: RGBArray, longest_px: int) -> tuple[RGBArray, float]:
    """Shrink so that the longer side has ``longest_px``; never enlarge.

    Returns:
        the (h, w, 3) uint8 picture, and the factor from lengths in ``rgb`` to lengths in it. When it is
        small enough already, ``rgb`` itself and 1.0.
    """
    check_rgb(rgb)
    if longest_px < 1:
        raise ValueError(f"longest_px: expected 1 or more, got {longest_px}")
    height, width = rgb.shape[:2]
    scale = longest_px / max(height, width)
    if scale >= 1:
        return rgb, 1.0
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    while max(height, width) >= 2 * longest_px and not (height % 2 or width % 2):  # far faster than all at once
        width, height = width // 2, height // 2
        rgb = np.asarray(cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8), scale
