"""Asks each format's decoder for the pixels as they are stored: unturned, and in the colours of the file."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

import cv2
import numpy as np
import pillow_heif
import simplejpeg
from PIL import AvifImagePlugin, Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from locator.core.arrays import RGBArray
from locator.photo.containers import Cleaned, check_scans

_PLUGINS = (AvifImagePlugin, JpegImagePlugin, PngImagePlugin, WebPImagePlugin)  # importing registers them
for _besides in ("THUMBNAILS", "DEPTH_IMAGES", "AUX_IMAGES"):  # which would be decoded for nothing
    setattr(pillow_heif.options, _besides, False)

# Some cameras write a few bytes too many before the end marker of a JPEG; corrupt data leaves more.
_JPEG_PADDING = re.compile(r"Corrupt JPEG data: [1-4] extraneous bytes before marker 0xd9")

CheckSize = Callable[[str, int, int], None]
"""Refuses a kind of file of this width and height, px, by raising."""


class Stored(NamedTuple):
    """A picture as it lies in its file.

    Attributes:
        mode: Pillow's name of what a pixel is.
        size: (width, height) of the pixels here, px.
        whole: (width, height) of the photo, of which these pixels may be a reduced copy.
        rows: gives the pixels from one row up to another.
        info: Pillow's: what its reader found beside the pixels.
        rgb: all of them, where they are (h, w, 3) uint8 RGB at once.
    """

    mode: str
    size: tuple[int, int]
    whole: tuple[int, int]
    rows: Callable[[int, int], Image.Image]
    info: dict[Any, Any]
    rgb: RGBArray | None = None


def load(format: str, file: Cleaned, check_size: CheckSize, longest_px: int | None) -> Stored:
    """Decode a picture.

    Args:
        format: Pillow's name: JPEG, PNG, WEBP, HEIF or AVIF.
        check_size: asked before any pixel is decoded.
        longest_px: that the picture may be reduced to, in its longer side, where that saves work.

    Raises:
        Exception: whatever ``check_size`` and the decoders raise, who know no end of errors.
    """
    if format == "HEIF":
        return _heif(file, check_size)
    if format == "WEBP":
        return _webp(file, check_size)
    if format == "JPEG" and file.in_blocks:
        return _jpeg(file, check_size, longest_px)
    return _by_pillow(format, file, check_size)


def _jpeg(file: Cleaned, check_size: CheckSize, longest_px: int | None) -> Stored:
    """By a decoder that tells corrupt data: it makes something up for what is missing, as all do, but says so."""
    try:
        height, width, colours, _ = simplejpeg.decode_jpeg_header(file.data, strict=False)
    except (ValueError, KeyError):  # colours that are stored in a way too unusual for it
        return _by_pillow("JPEG", file, check_size)
    check_size("JPEG", width, height)
    check_scans(file.data, width * height)
    part = _part(width, height, longest_px)
    mode = {"Gray": "L", "CMYK": "CMYK", "YCCK": "CMYK"}.get(colours, "RGB")
    asked: dict[str, Any] = {"colorspace": "GRAY" if mode == "L" else mode}
    if part > 1:
        asked |= {"min_height": height // part, "min_width": width // part}
    try:
        pixels = simplejpeg.decode_jpeg(file.data, **asked)
    except ValueError as warning:
        if not _JPEG_PADDING.fullmatch(str(warning)):
            raise
        pixels = simplejpeg.decode_jpeg(file.data, strict=False, **asked)
    if pixels.shape[:2] != (height // part, width // part):
        raise ValueError("of another size than asked for")
    if mode == "CMYK":
        np.subtract(255, pixels, out=pixels)  # all programs write the ink that is not there
    return _of_array(mode, pixels, (width, height), {})


def _part(width: int, height: int, longest_px: int | None) -> int:
    """Of how many pixels of a side the decoder is to make one: the most that is fine enough and leaves nothing over."""
    for part in (8, 4, 2):
        if longest_px and max(width, height) >= part * longest_px and not (width % part or height % part):
            return part
    return 1


def _webp(file: Cleaned, check_size: CheckSize) -> Stored:
    """By the same decoder as Pillow's, without the canvases of a film and the copies that Pillow makes."""
    with Image.open(io.BytesIO(file.data), formats=["WEBP"]) as image:
        size, mode, info = image.size, image.mode, image.info
    check_size("WEBP", *size)
    pixels = cv2.imdecode(np.frombuffer(file.data, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.shape != (size[1], size[0], len(mode)):
        raise ValueError("damaged, or of another kind than it says")
    cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB if mode == "RGB" else cv2.COLOR_BGRA2RGBA, dst=pixels)
    return _of_array(mode, np.asarray(pixels, np.uint8), size, info)


def _heif(file: Cleaned, check_size: CheckSize) -> Stored:
    """Without the copies that Pillow would make of what takes its decoder long enough."""
    image = pillow_heif.open_heif(io.BytesIO(file.data))
    check_size("HEIF, 4:4:4" if image.info.get("chroma") == 444 else "HEIF", *image.size)
    pixels = np.asarray(image)
    if pixels.shape[1::-1] != image.size:
        raise ValueError("of another size than it says")
    return _of_array(image.mode, pixels, image.size, image.info)


def _of_array(mode: str, pixels: RGBArray, whole: tuple[int, int], info: dict[Any, Any]) -> Stored:
    height, width = pixels.shape[:2]

    def rows(top: int, bottom: int) -> Image.Image:
        return Image.frombytes(mode, (width, bottom - top), pixels[top:bottom].tobytes())

    return Stored(mode, (width, height), whole, rows, info, pixels if mode == "RGB" else None)


def _by_pillow(format: str, file: Cleaned, check_size: CheckSize) -> Stored:
    with Image.open(io.BytesIO(file.data), formats=[format]) as image:
        size = image.size
        check_size(format, *size)
        if format == "JPEG":
            check_scans(file.data, size[0] * size[1])
        image.load()
        if image.size != size:
            raise ValueError("of another size than it says")
        left, top, right, bottom = _shown(size, file.clean_aperture)
        size = right - left, bottom - top
        check_size(format, *size)

        def rows(start: int, end: int) -> Image.Image:
            return image.crop((left, top + start, right, top + end))

        return Stored(image.mode, size, size, rows, image.info)


def _shown(size: tuple[int, int], clean_aperture: tuple[Fraction, ...] | None) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what is to be shown: everything, where what is said of it does not fit."""
    if clean_aperture:
        width, height, x, y = clean_aperture
        left, top = (size[0] - width) / 2 + x, (size[1] - height) / 2 + y
        sides = left, top, left + width, top + height
        if (
            all(side.denominator == 1 for side in sides)
            and 0 <= left < sides[2] <= size[0]
            and 0 <= top < sides[3] <= size[1]
        ):
            return int(left), int(top), int(sides[2]), int(sides[3])
    return 0, 0, *size
