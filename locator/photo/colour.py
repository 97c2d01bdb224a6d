"""What the colours of a file mean, decided in this one place by what the file says; and how they become sRGB.

A profile says it, or code points do (ITU-T H.273: primaries and transfer), or a PNG's gamma and chromaticities; where
a file says nothing its colours are sRGB. Colours brighter than white (PQ and HLG) are brought down to it as a viewer
does on a usual screen, by the reference white tone mapping of SMPTE ST 2094-50.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image, ImageCms

from locator.core.arrays import FloatArray, RGBArray
from locator.photo import matrix_profile, tone_mapping

MAX_PROFILE_BYTES = 1024 * 1024

Chromaticities = tuple[float, float, float, float, float, float, float, float]
"""CIE x and y of white, red, green and blue."""

Conversion = Callable[[Image.Image], Image.Image]
"""Takes pixels of the file's mode, and gives RGB ones in sRGB."""

_D65, _C, _DCI_WHITE = (0.3127, 0.329), (0.31, 0.316), (0.314, 0.351)
_BT709 = (*_D65, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)
_SMPTE170M = (*_D65, 0.63, 0.34, 0.31, 0.595, 0.155, 0.07)
_BT2020 = (*_D65, 0.708, 0.292, 0.17, 0.797, 0.131, 0.046)
_P3 = (0.68, 0.32, 0.265, 0.69, 0.15, 0.06)
_PRIMARIES: dict[int, Chromaticities] = {  # ITU-T H.273, table 2
    1: _BT709,
    4: (*_C, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08),
    5: (*_D65, 0.64, 0.33, 0.29, 0.6, 0.15, 0.06),
    6: _SMPTE170M,
    7: _SMPTE170M,
    8: (*_C, 0.681, 0.319, 0.243, 0.692, 0.145, 0.049),
    9: _BT2020,
    11: (*_DCI_WHITE, *_P3),
    12: (*_D65, *_P3),
    22: (*_D65, 0.63, 0.34, 0.295, 0.605, 0.155, 0.077),
}
# Parameters g, a, b, c, d of ICC.1:2022, 10.18: (a x + b) ** g from d on, below it c x.
_SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
_BT1886_CURVE = (2.4, 1.0, 0.0, 0.0, 0.0)  # how screens show what the curve of BT.709 recorded
_CURVES = {  # H.273, table 3
    **dict.fromkeys((1, 6, 11, 14, 15), _BT1886_CURVE),
    4: (2.2, 1.0, 0.0, 0.0, 0.0),
    5: (2.8, 1.0, 0.0, 0.0, 0.0),
    7: (1 / 0.45, 1 / 1.1115, 0.1115 / 1.1115, 0.25, 0.0913),
    8: (1.0, 1.0, 0.0, 0.0, 0.0),
    13: _SRGB_CURVE,
    17: (2.6, (52.37 / 48) ** (1 / 2.6), 0.0, 0.0, 0.0),
}
_BRIGHT = tone_mapping.PQ, tone_mapping.HLG
# Written by programs that mean sRGB: of this gamma, to so much of it. As libpng and Chromium have it.
_USUAL_GAMMA, _NEARLY = 0.45455, 0.05
_SAME = 2  # levels of 255 that a profile may change a colour by and still be sRGB
_D50 = np.array([0.9642, 1.0, 0.8249])
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


@dataclass(frozen=True)
class Meaning:
    """What a file says of its colours; the first that it says counts.

    Attributes:
        numbers: code points of primaries and transfer.
        profile: an ICC profile.
        is_srgb: whether it says so in so many words.
        gamma: exponent that its light was raised to.
        chromaticities: of its white and primaries; they count with a gamma only.
    """

    numbers: tuple[int, int] | None = None
    profile: bytes | None = None
    is_srgb: bool = False
    gamma: float | None = None
    chromaticities: Chromaticities | None = None


def are_known(primaries: int, transfer: int) -> bool:
    """Whether code points say something of colours."""
    return primaries in _PRIMARIES and (transfer in _CURVES or transfer in _BRIGHT)


def to_srgb(meaning: Meaning, mode: str) -> Conversion | None:
    """What turns the colours into sRGB; None for sRGB itself, and where what is said of them is no use.

    Args:
        mode: Pillow's name of what a pixel is in the file.
    """
    convert = _conversion(meaning, mode)
    return None if convert is None or (mode != "CMYK" and _changes_nothing(convert)) else convert


def _conversion(meaning: Meaning, mode: str) -> Conversion | None:
    """By the first that is said of colours and is of use; it may change nothing."""
    profile, numbers = meaning.profile, meaning.numbers
    made: bytes | None
    if numbers is None and profile and len(profile) <= MAX_PROFILE_BYTES:
        numbers = _numbers_inside(profile)
        convert = _by_profile(profile, mode) if numbers is None else None
        if convert:
            return convert
    if mode == "CMYK":
        return None
    if numbers is not None:
        primaries, transfer = numbers
        if transfer in _BRIGHT:
            return _toned(_PRIMARIES.get(primaries, _BT709), transfer)
        made = _profile(_PRIMARIES.get(primaries, _BT709), _CURVES.get(transfer, _SRGB_CURVE))
    elif meaning.is_srgb or not meaning.gamma or (not meaning.chromaticities and _is_usual(meaning.gamma)):
        return None
    else:
        made = _profile(meaning.chromaticities or _BT709, (1 / meaning.gamma, 1.0, 0.0, 0.0, 0.0))
    return _by_profile(made, "RGB") if made else None


def _is_usual(gamma: float) -> bool:
    return abs(gamma / _USUAL_GAMMA - 1) <= _NEARLY


def is_hdr(meaning: Meaning) -> bool:
    """Whether there may be colours brighter than white, which take long to bring down to it."""
    numbers = meaning.numbers or (_numbers_inside(meaning.profile) if meaning.profile else None)
    return numbers is not None and numbers[1] in _BRIGHT


def _by_profile(profile: bytes, mode: str) -> Conversion | None:
    """None where the profile is broken, or of pixels of another kind."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        space = source.profile.xcolor_space.strip()
        taken = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}[space]
        fits = {"L": mode[0] in "L1I", "CMYK": mode == "CMYK", "RGB": mode != "CMYK"}[taken]
        if not fits:
            return None
        # As viewers do: of ink by the table that is meant for pictures; and without lowering the black.
        intent = ImageCms.Intent.PERCEPTUAL if taken == "CMYK" else ImageCms.Intent.RELATIVE_COLORIMETRIC
        finely = ImageCms.Flags.HIGHRESPRECALC
        transform = ImageCms.buildTransform(source, _srgb(), taken, "RGB", intent, finely)
    except Exception:  # what is raised on a hostile profile has no end; and the picture is good without
        return None

    def convert(pixels: Image.Image) -> Image.Image:
        changed = ImageCms.applyTransform(pixels if pixels.mode == taken else pixels.convert(taken), transform)
        assert changed is not None
        return changed

    return (_sooner(profile, convert) or convert) if taken == "RGB" else convert


def _sooner(profile: bytes, convert: Conversion) -> Conversion | None:
    """The same in less time, for the usual kind of profile; None where that cannot be had."""
    try:
        from_xyz = np.asarray(np.linalg.inv(_adaptation(_D65) @ _to_xyz(_BT709)), np.float64)
        of_array = matrix_profile.converter(profile, from_xyz)
        if of_array is None:
            return None
        cube = _cube()
        apart = np.abs(np.asarray(convert(Image.fromarray(cube))).astype(int) - of_array(cube)).max()
    except Exception:  # as above; OpenCV's older versions raise here, too
        return None
    if apart > 1:
        return None
    return lambda pixels: Image.fromarray(of_array(np.asarray(pixels.convert("RGB"))))


def _srgb() -> ImageCms.ImageCmsProfile:
    """Said to be of ICC's version 2: with one of version 4, pictures of ink would have their black lowered."""
    made = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return ImageCms.ImageCmsProfile(io.BytesIO(made[:8] + b"\2\x40" + made[10:]))


def _changes_nothing(convert: Conversion) -> bool:
    """Whether what is said to turn colours into sRGB leaves them as they are; their name may say so, and be wrong."""
    cube = _cube()
    after = np.asarray(convert(Image.fromarray(cube)))
    return bool(np.abs(after.astype(int) - cube).max() <= _SAME)


def _cube() -> RGBArray:
    """Colours of all kinds, as a picture."""
    levels = np.linspace(0, 255, 17).round().astype(np.uint8)
    return np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(17, -1, 3)


def _numbers_inside(profile: bytes) -> tuple[int, int] | None:
    """Code points in a profile of colours brighter than white, which curves of a profile cannot say (tag ``cicp``)."""
    table = profile[132 : 132 + 12 * min(100, int.from_bytes(profile[128:132], "big"))]
    for at in range(0, len(table) - 11, 12):
        name, start, length = struct.unpack_from(">4sII", table, at)
        if name == b"cicp" and length >= 12:
            primaries, transfer = profile[start + 8 : start + 9], profile[start + 9 : start + 10]
            if transfer in [bytes([one]) for one in _BRIGHT]:
                return primaries[0], transfer[0]
    return None


def _profile(chromaticities: Chromaticities, curve: tuple[float, ...]) -> bytes | None:
    """A small profile; None of primaries that span no colours."""

    try:
        with np.errstate(all="raise"):
            columns = _adaptation(chromaticities[:2]) @ _to_xyz(chromaticities)
        tone = b"para\0\0\0\0\0\3\0\0" + _fixed(*curve)
        entries = {
            b"wtpt": b"XYZ \0\0\0\0" + _fixed(*_D50),
            **{
                b"%cXYZ" % name: b"XYZ \0\0\0\0" + _fixed(*column)
                for name, column in zip(b"rgb", columns.T, strict=True)
            },
            **{b"%cTRC" % name: tone for name in b"rgb"},
        }
    except (np.linalg.LinAlgError, ArithmeticError, ValueError, struct.error):
        return None
    return _icc(b"XYZ ", entries)


def _fixed(*numbers: float) -> bytes:
    return b"".join(struct.pack(">i", round(float(number) * 65536)) for number in numbers)


def _icc(connection: bytes, entries: dict[bytes, bytes]) -> bytes:
    """A profile of RGB, from its tags."""
    table, body = struct.pack(">I", len(entries)), b""
    for tag, value in entries.items():
        table += tag + struct.pack(">II", 132 + 12 * len(entries) + len(body), len(value))
        body += value.ljust(-(-len(value) // 4) * 4, b"\0")
    header = struct.pack(">I4sI", 128 + len(table) + len(body), b"none", 0x4200000) + b"mntrRGB " + connection
    header = (header.ljust(36, b"\0") + b"acsp").ljust(68, b"\0") + _fixed(*_D50)
    return header.ljust(128, b"\0") + table + body


def _to_xyz(chromaticities: Chromaticities) -> FloatArray:
    """(3, 3) from linear RGB to XYZ."""
    x, y = np.array(chromaticities).reshape(4, 2).T
    white, *primaries = np.stack([x / y, np.ones(4), (1 - x - y) / y], axis=1)
    columns = np.stack(primaries, axis=1)
    return np.asarray(columns * np.linalg.solve(columns, white))


def _adaptation(white: tuple[float, ...]) -> FloatArray:
    """(3, 3) from XYZ under a white of these x and y to XYZ under D50."""
    x, y = white
    here, there = _BRADFORD @ [x / y, 1, (1 - x - y) / y], _BRADFORD @ _D50
    return np.asarray(np.linalg.inv(_BRADFORD) @ np.diag(there / here) @ _BRADFORD)


# Colours brighter than white -----------------------------------------------------------------------------

_GRID = 49  # of the table, in each colour


def _toned(primaries: Chromaticities, transfer: int) -> Conversion | None:
    """What brings colours brighter than white down to it."""
    if primaries == _BT2020:
        try:
            to_srgb = np.asarray(np.linalg.inv(_to_xyz(_BT709)) @ _to_xyz(_BT2020))
            of_array = tone_mapping.converter(transfer, to_srgb)
            of_array(_cube())
            return lambda pixels: Image.fromarray(of_array(np.asarray(pixels.convert("RGB"))))
        except Exception:  # OpenCV's older versions know no such tables
            pass
    return _by_profile(_tone_mapped(primaries, transfer), "RGB")


@cache
def _tone_mapped(primaries: Chromaticities, transfer: int) -> bytes:
    """A profile that holds a table, since no curves of three colours by themselves say this."""
    encoded = np.stack(np.meshgrid(*[np.linspace(0.0, 1.0, _GRID)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    wide = tone_mapping.light(encoded, transfer) @ (np.linalg.inv(_to_xyz(_BT2020)) @ _to_xyz(primaries)).T
    srgb = np.clip(tone_mapping.dimmed(wide) @ (np.linalg.inv(_to_xyz(_BT709)) @ _to_xyz(_BT2020)).T, 0.0, 1.0)
    root = np.asarray(srgb @ (_adaptation(_D65) @ _to_xyz(_BT709)).T / _D50)
    root = np.where(root > 216 / 24389, np.cbrt(root), (24389 / 27 * root + 16) / 116)
    x, y, z = root.T
    lab = np.stack([(116 * y - 16) * 652.8, (500 * (x - y) + 128) * 256, (200 * (y - z) + 128) * 256], axis=-1)
    straight = struct.pack(">6H", *[0, 65535] * 3)
    identity = _fixed(1, 0, 0, 0, 1, 0, 0, 0, 1)
    table = b"mft2\0\0\0\0" + bytes((3, 3, _GRID, 0)) + identity + struct.pack(">HH", 2, 2) + straight
    table += lab.round().astype(">u2").tobytes() + straight
    return _icc(b"Lab ", {b"wtpt": b"XYZ \0\0\0\0" + _fixed(*_D50), b"A2B0": table})
