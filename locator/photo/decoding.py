"""Untrusted bytes to upright RGB pixels: the only decoder of the program.

What a file is, its first bytes tell, never its name. Before it is decoded, whatever the picture itself does not need is
left out (``containers``), and the rest is decoded only when its header asks for a reasonable number of pixels.
"""

from __future__ import annotations

import io
import os
import re
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pillow_heif
from PIL import AvifImagePlugin, Image, ImageCms, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from locator.core import toml
from locator.core.arrays import RGBArray
from locator.core.reasons import UnreadableCode, unreadable
from locator.photo import containers

MAX_PIXELS = 64_000_000
MAX_SIDE_PX = 16_383  # the longest that WebP is written with
MIN_SIDE_PX = 64
# These decoders are slow, or hold several copies of the picture while they work; and no camera writes larger ones.
MAX_PIXELS_OF = {"WEBP": 36_000_000, "AVIF": 40_000_000, "HEIF": 50_000_000}

JPEG_START = b"\xff\xd8\xff"
_THREADS = min(4, os.cpu_count() or 1)
_STRIP_PX = 1 << 18  # pixels converted at a time: fits a processor cache and keeps the memory flat

_KINDS = toml.data("photo/file_kinds")["kinds"]
_PLUGINS = (AvifImagePlugin, JpegImagePlugin, PngImagePlugin, WebPImagePlugin)  # importing registers them
for _besides in ("THUMBNAILS", "DEPTH_IMAGES", "AUX_IMAGES"):  # which would be decoded for nothing
    setattr(pillow_heif.options, _besides, False)
# Said of pictures that are refused below anyway.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


class Rejected(Exception):
    """Why a file is unreadable, on its way to becoming :class:`~locator.photo.sources.UnreadableImage`."""

    def __init__(self, code: UnreadableCode, kind: str = "") -> None:
        super().__init__(code)
        self.outcome = unreadable(code, kind)


def check_size(width: int, height: int, most_pixels: int) -> None:
    """Refuse a picture of too few or too many pixels.

    Raises:
        Rejected: if it is one.
    """
    if min(width, height) < MIN_SIDE_PX:
        raise Rejected(UnreadableCode.TOO_FEW_PIXELS)
    if max(width, height) > MAX_SIDE_PX or width * height > most_pixels:
        raise Rejected(UnreadableCode.TOO_MANY_PIXELS)


def decode(data: bytes, most_pixels: int, longest_px: int | None = None) -> tuple[RGBArray, tuple[int, int]]:
    """The upright picture as (h, w, 3) uint8 RGB, and (width, height) of the photo in px.

    Args:
        most_pixels: of a picture that is decoded; some formats allow fewer.
        longest_px: that the picture may be reduced to, in its longer side, where that saves work.

    Raises:
        Rejected: if this is no photo that can be read.
    """
    name = _format_of(data)
    try:
        file = containers.clean(name, data)
        most_pixels = min(most_pixels, MAX_PIXELS_OF.get(name, MAX_PIXELS))
        if name == "HEIF":
            return _decode_heif(file, most_pixels)
        with Image.open(io.BytesIO(file.data), formats=[name]) as image:
            size = image.size
            check_size(*size, most_pixels)
            if name == "JPEG":
                containers.check_scans(file.data, size[0] * size[1])
            asked = _reduced(image, longest_px) if longest_px and file.in_blocks else size
            image.load()
            if image.size != asked:
                raise Rejected(UnreadableCode.DAMAGED)
            profile = file.profile or image.info.get("icc_profile")
            to_srgb = _to_srgb(profile)
            orientation = containers.orientation(file.exif or image.info.get("exif"))

            def strip(top: int, bottom: int) -> RGBArray:
                return _rgb(image.crop((0, top, image.width, bottom)), to_srgb)

            upright = _upright(image.size, strip, orientation, in_threads=to_srgb is not None)
            return upright, size if orientation < 5 else size[::-1]
    except Rejected:
        raise
    except containers.TooComplex as error:
        raise Rejected(UnreadableCode.TOO_COMPLEX) from error
    except (
        containers.TooManyPixels,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        MemoryError,
    ) as error:
        raise Rejected(UnreadableCode.TOO_MANY_PIXELS) from error
    except Exception as error:  # what a decoder raises on hostile bytes has no end
        raise Rejected(UnreadableCode.DAMAGED) from error


def _decode_heif(file: containers.Cleaned, most_pixels: int) -> tuple[RGBArray, tuple[int, int]]:
    """As :func:`decode`, sparing the copies that Pillow would make of what takes its decoder long enough.

    The format turns by properties of its own, which its decoder applies.
    """
    image = pillow_heif.open_heif(io.BytesIO(file.data))
    size = width, height = image.size
    check_size(width, height, most_pixels)
    stored = np.asarray(image)
    if stored.shape[1::-1] != size:
        raise Rejected(UnreadableCode.DAMAGED)
    to_srgb = _to_srgb(image.info.get("icc_profile"))
    if image.mode == "RGB" and to_srgb is None:
        return stored, size

    def strip(top: int, bottom: int) -> RGBArray:
        rows = stored[top:bottom].tobytes()
        return _rgb(Image.frombytes(image.mode, (width, bottom - top), rows), to_srgb)

    return _upright(size, strip, 1, in_threads=to_srgb is not None), size


def _reduced(image: Image.Image, longest_px: int) -> tuple[int, int]:
    """Ask the decoder of a picture in blocks of eight pixels to make four, two or one of them; the size to come.

    Where that is fine enough, and nothing is left over at the edges.
    """
    width, height = image.size
    for part in (8, 4, 2):
        if max(width, height) >= part * longest_px and not (width % part or height % part):
            image.draft(image.mode, (width // part, height // part))
            return width // part, height // part
    return width, height


def _format_of(data: bytes) -> str:
    """Pillow's name for the format that the first bytes tell."""
    if not data:
        raise Rejected(UnreadableCode.EMPTY_FILE)
    if data.startswith(JPEG_START):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp":
        length = min(int.from_bytes(data[:4], "big"), 256)
        brands = {data[at : at + 4] for at in (8, *range(16, length, 4))}
        if brands & {b"avif", b"avis"}:
            return "AVIF"
        if brands & {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}:
            return "HEIF"
    start = data[:1024].lower()
    for kind in _KINDS:
        sign = kind["bytes"].encode("latin-1")
        if data.startswith(sign, kind["at"]) if "at" in kind else sign in start:
            raise Rejected(UnreadableCode(kind["code"]), kind["name"])
    is_text = not re.search(rb"[\0-\x08\x0e-\x1a\x1c-\x1f]", start)
    raise Rejected(UnreadableCode.NOT_AN_IMAGE, "a text file" if is_text else "a file of an unknown kind")


def _upright(
    size: tuple[int, int], strip: Callable[[int, int], RGBArray], orientation: int, in_threads: bool
) -> RGBArray:
    """The decoded picture as contiguous pixels, turned upright while it is copied, strip by strip.

    Args:
        size: (width, height) px as it is stored.
        strip: gives the rows from one up to another.
        in_threads: whether to take several strips at a time; worth it where a strip takes work.
    """
    width, height = size
    across = (height, width) if orientation < 5 else (width, height)
    upright = np.empty((*across, 3), np.uint8)
    stored = upright[:: -1 if orientation in (3, 4, 7, 8) else 1, :: -1 if orientation in (2, 3, 6, 7) else 1]
    rows = max(1, _STRIP_PX // width)

    def fill(top: int) -> None:
        bottom = min(top + rows, height)
        if orientation < 5:
            stored[top:bottom] = strip(top, bottom)
        else:
            stored[:, top:bottom] = cv2.transpose(strip(top, bottom))  # far faster than numpy copies columns to rows

    tops = range(0, height, rows)
    if not in_threads:
        for top in tops:
            fill(top)
    else:
        with ThreadPoolExecutor(_THREADS) as beside:
            for _ in beside.map(fill, tops):
                pass
    return upright


def _rgb(strip: Image.Image, to_srgb: ImageCms.ImageCmsTransform | None) -> RGBArray:
    if strip.mode.startswith("I"):  # 16-bit grey, which convert() would clip to white
        strip = Image.fromarray((np.asarray(strip) >> 8).astype(np.uint8))
    if strip.has_transparency_data:
        strip = strip.convert("RGBA")
        strip = Image.alpha_composite(Image.new("RGBA", strip.size, "white"), strip)
    if strip.mode != "RGB":
        strip = strip.convert("RGB")
    if to_srgb is not None:
        ImageCms.applyTransform(strip, to_srgb, inPlace=True)
    return np.asarray(strip)


def _to_srgb(profile: bytes | None) -> ImageCms.ImageCmsTransform | None:
    """What turns the profile's colours into sRGB; None for sRGB itself, and for a profile that is no use."""
    if not profile or len(profile) > containers.MAX_PROFILE_BYTES:
        return None
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        name = source.profile.profile_description or ""
        if source.profile.xcolor_space.strip() != "RGB" or "sRGB" in name:
            return None
        return ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), "RGB", "RGB")
    except Exception:  # as in decode; and the picture is good without
        return None
