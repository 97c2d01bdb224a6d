"""Colours brighter than white (PQ and HLG) brought down to it, as a viewer does on a usual screen.

By the reference white tone mapping of SMPTE ST 2094-50: half up to white, then a parabola to the peak. How much a
colour is dimmed depends on its brightest part, so that its hue stays.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from locator.core.arrays import FloatArray, RGBArray

PQ, HLG = 16, 18  # transfers, ITU-T H.273, table 3

_WHITE_NITS, _PEAK_NITS = 203.0, 1000.0  # ITU-R BT.2408: of paper; and what HLG is made for, PQ where it says nothing
_LUMA = np.array([0.2627, 0.6780, 0.0593])  # ITU-R BT.2100
# The curve passes by this control point.
_WHITE_OUT, _BEND = 0.5, 0.65
_WHOLE = 65535  # all light, in 16 bits
_LEVELS = np.arange(256) / 255
_SCALES = np.geomspace(0.25, 2.5, 256)  # by which HLG's scene light becomes a screen's


def light(encoded: FloatArray, transfer: int) -> FloatArray:
    """Light of (..., 3) colours of BT.2020 as they are encoded, 0 to 1; 1 of light is white."""
    if transfer == PQ:
        return _pq_light(encoded)
    scene = _hlg_scene(encoded)
    return np.asarray(scene * (scene @ _LUMA)[..., None] ** 0.2 * _PEAK_NITS / _WHITE_NITS)


def dimmed(light: FloatArray) -> FloatArray:
    """(..., 3) light as a screen shows it that has none brighter than white."""
    brightest = np.maximum(light.max(axis=-1, keepdims=True), 1e-6)
    return np.asarray(light * (_tone(brightest) / brightest))


def converter(transfer: int, to_srgb: FloatArray) -> Callable[[RGBArray], RGBArray]:
    """What takes (h, w, 3) uint8 RGB of BT.2020's primaries and gives sRGB, a quarter of a level off where it is HLG.

    With tables for pairs of bytes, in a fourth of the time that a table of all colours takes.

    Args:
        to_srgb: (3, 3) from linear BT.2020 to linear sRGB.
    """
    scale_of, table = _pq_tables() if transfer == PQ else _hlg_tables()
    matrix, srgb = to_srgb.astype(np.float32), _srgb()

    def convert(rgb: RGBArray) -> RGBArray:
        red, green, blue = cv2.split(rgb)
        scale = scale_of(rgb, np.asarray(cv2.max(cv2.max(red, green), blue), np.uint8))
        paired = cv2.merge([red, scale, green, scale, blue, scale]).view("<u2")
        return np.asarray(cv2.LUT(cv2.transform(cv2.LUT(paired, table), matrix), srgb), np.uint8)

    return convert


_ScaleOf = Callable[[RGBArray, RGBArray], RGBArray]
"""Of RGB and its brightest part, a number of the scale that is the pixel's."""


def _pq_tables() -> tuple[_ScaleOf, NDArray[np.uint16]]:
    """The scale, which the brightest part alone tells; and the dimmed light by scale and part."""
    lights = _pq_light(_LEVELS)
    return lambda rgb, brightest: brightest, _sixteen_bits(lights * _scale_of(lights)[:, None])


def _hlg_tables() -> tuple[_ScaleOf, NDArray[np.uint16]]:
    """The same, where the scale depends on the luma, too."""
    scene, roots = _hlg_scene(_LEVELS), np.arange(256) / 255  # of the luma, in finer steps where it is dark
    shown = roots[None] ** 0.4 * _PEAK_NITS / _WHITE_NITS  # light of a scene's
    wanted = shown * _scale_of(scene[:, None] * shown)
    numbers = np.log(np.maximum(wanted, 1e-6) / _SCALES[0]) / np.log(_SCALES[1] / _SCALES[0])
    of_both = np.clip(np.round(numbers), 0, len(_SCALES) - 1).astype(np.uint8).reshape(1, -1)
    scene_table = _sixteen_bits(scene)
    root_of = np.round(255 * np.sqrt(np.arange(_WHOLE + 1) / _WHOLE)).astype(np.uint8)[None]
    luma = _LUMA.astype(np.float32)[None]

    def scale_of(rgb: RGBArray, brightest: RGBArray) -> RGBArray:
        root = cv2.LUT(cv2.transform(cv2.LUT(rgb, scene_table), luma), root_of)
        return np.asarray(cv2.LUT(cv2.merge([root, brightest]).view("<u2"), of_both), np.uint8)

    return scale_of, _sixteen_bits(scene * _SCALES[:, None])


def _scale_of(brightest: FloatArray) -> FloatArray:
    return np.asarray(_tone(np.maximum(brightest, 1e-6)) / np.maximum(brightest, 1e-6))


def _sixteen_bits(light: FloatArray) -> NDArray[np.uint16]:
    """As a table of OpenCV."""
    return np.round(np.clip(light, 0.0, 1.0) * _WHOLE).astype(np.uint16).reshape(1, -1)


def _srgb() -> RGBArray:
    linear = np.arange(_WHOLE + 1) / _WHOLE
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)  # IEC 61966-2-1
    return np.round(255 * encoded).astype(np.uint8)[None]


def _pq_light(encoded: FloatArray) -> FloatArray:
    """SMPTE ST 2084."""
    power = encoded ** (32 / 2523)
    nits = 1e4 * (np.maximum(power - 3424 / 4096, 0) / (2413 / 128 - 2392 / 128 * power)) ** (16384 / 2610)
    return np.asarray(nits / _WHITE_NITS)


def _hlg_scene(encoded: FloatArray) -> FloatArray:
    """Light of the scene, 1 being the brightest. ITU-R BT.2100."""
    bright = (np.exp((encoded - 0.55991073) / 0.17883277) + 0.28466892) / 12
    return np.where(encoded <= 0.5, encoded**2 / 3, bright)


def _tone(light: FloatArray) -> FloatArray:
    """What the brightest light of a colour, 1 being white, becomes."""
    peak = _PEAK_NITS / _WHITE_NITS
    bend = 1 - _BEND + _BEND / _WHITE_OUT, (1 - _BEND) * _WHITE_OUT + _BEND
    a, b, c = 1 - 2 * bend[0] + peak, 2 * (bend[0] - 1), 1 - np.clip(light, 1.0, peak)
    t = (-b + np.sqrt(b * b - 4 * a * c)) / (2 * a)
    above = _WHITE_OUT * (1 - t) ** 2 + 2 * t * (1 - t) * bend[1] + t * t
    return np.where(light <= 1, _WHITE_OUT * light, above)
