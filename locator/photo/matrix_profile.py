"""Profiles of three curves and a matrix, as nearly all photos have them: read here, and gone through by OpenCV.

That takes a fifth of the processor's time that LittleCMS takes, which goes through them pixel by pixel.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

import cv2
import numpy as np

from locator.core.arrays import FloatArray, RGBArray

_WHOLE = 65535  # all light, in 16 bits
_TABLES = (b"A2B0", b"A2B1", b"A2B2", b"D2B0", b"D2B1", b"D2B2")  # where there is one, it counts
# How many parameters each kind of curve has (ICC.1:2022, 10.18).
_PARAMETERS = (1, 3, 4, 5, 7)


def converter(profile: bytes, from_xyz: FloatArray) -> Callable[[RGBArray], RGBArray] | None:
    """What takes (h, w, 3) uint8 RGB in the colours of a profile and gives sRGB; None of profiles of another kind.

    Args:
        from_xyz: (3, 3) from XYZ under D50 to linear sRGB.

    Raises:
        Exception: of a broken profile.
    """
    tags = _tags(profile)
    if profile[16:24] != b"RGB XYZ " or any(name in tags for name in _TABLES):
        return None
    columns = np.stack([np.array(struct.unpack(">3i", tags[b"%cXYZ" % name][8:20])) / 65536 for name in b"rgb"], axis=1)
    curves = np.stack([_curve(tags[b"%cTRC" % name]) for name in b"rgb"], axis=1)
    light = np.round(np.clip(curves, 0.0, 1.0) * _WHOLE).astype(np.uint16)[None]
    mixed = (from_xyz @ columns).astype(np.float32)
    linear = np.arange(_WHOLE + 1) / _WHOLE
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)  # IEC 61966-2-1
    srgb = np.round(255 * encoded).astype(np.uint8)[None]

    def convert(rgb: RGBArray) -> RGBArray:
        return np.asarray(cv2.LUT(cv2.transform(cv2.LUT(rgb, light), mixed), srgb), np.uint8)

    return convert


def _tags(profile: bytes) -> dict[bytes, bytes]:
    (count,) = struct.unpack_from(">I", profile, 128)
    entries = (struct.unpack_from(">4sII", profile, 132 + 12 * number) for number in range(min(count, 100)))
    return {name: profile[start : start + length] for name, start, length in entries}


def _curve(tag: bytes) -> FloatArray:
    """(256) light, of 0 to 1, of each value of a channel."""
    x = np.linspace(0.0, 1.0, 256)
    kind, number = struct.unpack_from(">4s4xH", tag)
    if kind == b"curv":
        (count,) = struct.unpack_from(">I", tag, 8)
        values = np.array(struct.unpack_from(f">{count}H", tag, 12))
        if count > 1:
            return np.asarray(np.interp(x, np.linspace(0.0, 1.0, count), values / _WHOLE))
        return np.asarray(x ** (values[0] / 256) if count else x)
    if kind != b"para":
        raise ValueError("no curve")
    count = _PARAMETERS[number]
    g, a, b, c, d, e, f = [part / 65536 for part in struct.unpack_from(f">{count}i", tag, 12)] + [0.0] * (7 - count)
    if number == 0:
        return np.asarray(x**g)
    if number in (1, 2):
        c, d, e, f = 0.0, -b / a, c, c
    return np.asarray(np.where(x >= d, np.maximum(a * x + b, 0.0) ** g + e, c * x + f))
