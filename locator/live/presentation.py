"""How the stored pictures of a film are shown: in sRGB, of square pixels, turned or mirrored, fitted into a size."""

from __future__ import annotations

import struct
from fractions import Fraction
from functools import lru_cache

import cv2
import numpy as np
from PIL import Image

from locator.core.arrays import RGBArray
from locator.photo import colour

_MOST_ASPECT = 8  # of a pixel; broadcasts have up to 2.2, and what is beyond is damage

# Code points of ITU-T H.273.
_SAME_PRIMARIES = (1, 2)  # those of sRGB, and none said
_SRGB, _PQ, _HLG = 13, 16, 18


def in_srgb(rgb: RGBArray, primaries: int, transfer: int) -> RGBArray:
    """The (h, w, 3) picture in sRGB, what is brighter than white brought down to it.

    Players show the curves of films that are not HDR as that of sRGB, as measured in Chromium; so does this.

    Args:
        primaries, transfer: code points of ITU-T H.273.
    """
    transfer = transfer if transfer in (_PQ, _HLG) else _SRGB
    if transfer == _SRGB and primaries in _SAME_PRIMARIES:
        return rgb
    convert = _conversion(primaries, transfer)
    return rgb if convert is None else np.array(convert(Image.fromarray(rgb)), dtype=np.uint8)


@lru_cache(maxsize=4)
def _conversion(primaries: int, transfer: int) -> colour.Conversion | None:
    return colour.to_srgb(colour.Meaning(numbers=(primaries, transfer)), "RGB")


def squared(rgb: RGBArray, pixel_aspect: Fraction | None) -> RGBArray:
    """The (h, w, 3) picture with square pixels: widened, or made higher, as then nothing is lost.

    Args:
        pixel_aspect: width of a stored pixel by its height.
    """
    if not pixel_aspect or not Fraction(1, _MOST_ASPECT) < pixel_aspect < _MOST_ASPECT:
        return rgb
    height, width = rgb.shape[:2]
    size = round(width * max(pixel_aspect, Fraction(1))), round(height / min(pixel_aspect, Fraction(1)))
    return rgb if size == (width, height) else np.asarray(cv2.resize(rgb, size), dtype=np.uint8)


def placed(rgb: RGBArray, display_matrix: bytes | None) -> RGBArray:
    """The (h, w, 3) picture turned by quarters and mirrored as a film's display matrix says; other angles are rounded.

    Args:
        display_matrix: nine 32-bit numbers of this machine: a b u, c d v, x y w. A pixel (x, y), y running down, is
            shown at (ax + cy, bx + dy) but for a shift (ISO 14496-12, 8.3.2).
    """
    if display_matrix is None:
        return rgb
    a, b, _, c, d = struct.unpack_from("=5i", display_matrix)
    across, down = a, d
    if abs(b) + abs(c) > abs(a) + abs(d):
        rgb, across, down = rgb.transpose(1, 0, 2), c, b
    return np.ascontiguousarray(rgb[:: -1 if down < 0 else 1, :: -1 if across < 0 else 1])


def fitted(rgb: RGBArray, size: tuple[int, int]) -> RGBArray:
    """The (h, w, 3) picture as large as it fits into a width and height, px, in their middle, on black."""
    height, width = rgb.shape[:2]
    if (width, height) == size:
        return rgb
    factor = min(size[0] / width, size[1] / height)
    inner = min(size[0], max(1, round(width * factor))), min(size[1], max(1, round(height * factor)))
    canvas = np.zeros((size[1], size[0], 3), dtype=np.uint8)
    left, top = (size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    canvas[top : top + inner[1], left : left + inner[0]] = cv2.resize(rgb, inner, interpolation=way)
    return canvas
