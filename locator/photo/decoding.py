"""Untrusted bytes to upright RGB pixels: the only decoder of the program.

What a file is, its first bytes tell, never its name. Before it is decoded, whatever the picture itself does not need is
left out (``containers``), and the rest is decoded only when its header asks for a reasonable number of pixels.
"""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import cv2
import numpy as np
from PIL import ExifTags, Image

from locator.core import toml
from locator.core.arrays import RGBArray
from locator.core.unreadable import UnreadableCode, unreadable
from locator.photo import colour, containers, heif_directory, stored
from locator.photo.excess import TooComplex, TooManyPixels

MAX_PIXELS = 64_000_000
# That all pictures of a HEIC or AVIF are coded in, as decoding takes as long as there is code. A phone's photo of 48
# megapixels has up to 15 MB of it.
MAX_CODE_BYTES = 16_000_000
MAX_SIDE_PX = 16_383  # the longest that WebP is written with
MIN_SIDE_PX = 64
# These decoders are slow, or hold several copies of the picture while they work; and hardly a camera writes larger
# ones. HEIF of full colour resolution, which none writes, takes twice the time. Colours brighter than white take longer
# to bring down to it than any format takes to decode.
MAX_PIXELS_OF = {
    "WEBP": 36_000_000, "AVIF": 34_000_000, "HEIF": 50_000_000, "HEIF, 4:4:4": 24_000_000, "HDR": 24_000_000,
}  # fmt: skip

# Of pictures, and of sequences of them; the last are of codes that are told as uncommon where they are not read.
_HEIF_BRANDS = {
    b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"mif2", b"msf1", b"miaf", b"1pic",
    b"jpeg", b"jpgs", b"avci", b"avcs", b"vvic", b"vvis", b"evbi", b"evmi", b"j2ki", b"unif",
}  # fmt: skip
_UNUSUAL = {"AVIF": "an AVIF picture of an uncommon kind", "HEIF": "a HEIF picture of an uncommon kind"}

START_BYTES = 1024
JPEG_START = b"\xff\xd8\xff"
_THREADS = min(4, os.cpu_count() or 1)
_STRIP_PX = 1 << 18  # pixels converted at a time: fits a processor cache and keeps the memory flat

_KINDS = toml.data("photo/file_kinds")["kinds"]
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


def decode(
    data: bytes, most_pixels: int, most_code_bytes: int, longest_px: int | None = None
) -> tuple[RGBArray, tuple[int, int]]:
    """The upright picture as (h, w, 3) uint8 RGB, and (width, height) of the photo in px.

    Args:
        most_pixels: of a picture that is decoded; some formats allow fewer.
        most_code_bytes: of a HEIC or AVIF; no more than :data:`MAX_CODE_BYTES` in any case.
        longest_px: that the picture may be reduced to, in its longer side, where that saves work.

    Raises:
        Rejected: if this is no photo that can be read.
    """
    name = format_of(data)

    def check(kind: str, width: int, height: int) -> None:
        check_size(width, height, min(most_pixels, MAX_PIXELS_OF.get(kind, MAX_PIXELS)))

    try:
        file = containers.clean(name, data, min(most_code_bytes, MAX_CODE_BYTES))
        image = stored.load(name, file, check, longest_px)
        meaning = _meaning(file, image)
        if colour.is_hdr(meaning):
            check("HDR", *image.whole)
        to_srgb = colour.to_srgb(meaning, image.mode)
        # HEIF turns by properties of its own, which its decoder applies.
        exif = None if name == "HEIF" else file.exif or image.info.get("exif")
        orientation = containers.orientation(exif)
        size = image.whole if orientation < 5 else image.whole[::-1]
        if image.rgb is not None and to_srgb is None and orientation == 1:
            return image.rgb, size

        def strip(top: int, bottom: int) -> RGBArray:
            return _rgb(image.rows(top, bottom), to_srgb)

        return _upright(image.size, strip, orientation, in_threads=to_srgb is not None), size
    except Rejected:
        raise
    except TooComplex as error:
        raise Rejected(UnreadableCode.TOO_COMPLEX) from error
    except (
        TooManyPixels,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        MemoryError,
    ) as error:
        raise Rejected(UnreadableCode.TOO_MANY_PIXELS) from error
    except Exception as error:  # what a decoder raises on hostile bytes has no end
        if name in _UNUSUAL and heif_directory.is_unusual(data):
            raise Rejected(UnreadableCode.UNSUPPORTED_FORMAT, _UNUSUAL[name]) from error
        raise Rejected(UnreadableCode.DAMAGED) from error


def of_pillow(image: Image.Image) -> RGBArray:
    """The upright picture as (h, w, 3) uint8 RGB.

    Raises:
        Rejected: if its file is damaged; Pillow reads it only now.
    """
    try:
        image.load()
        to_srgb = colour.to_srgb(colour.Meaning(profile=image.info.get("icc_profile")), image.mode)
    except Exception as error:  # as in decode()
        raise Rejected(UnreadableCode.DAMAGED) from error
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # a broken block says nothing, and every pixel is there
        orientation = 1
    width = image.width

    def strip(top: int, bottom: int) -> RGBArray:
        return _rgb(image.crop((0, top, width, bottom)), to_srgb)

    return _upright(image.size, strip, orientation if orientation in range(1, 9) else 1, in_threads=False)


def format_of(data: bytes) -> str:
    """Pillow's name for the format that the first bytes tell, :data:`START_BYTES` at most.

    Raises:
        Rejected: if it is none that is read.
    """
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
        if brands & _HEIF_BRANDS:
            return "HEIF"
    start = data[:START_BYTES].lower()
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
    upside_down, mirrored = orientation in (3, 4, 7, 8), orientation in (2, 3, 6, 7)
    rows = max(1, _STRIP_PX // width)

    def fill(top: int) -> None:
        bottom = min(top + rows, height)
        turned: Any = strip(top, bottom)  # OpenCV moves pixels far faster than numpy does
        if orientation >= 5:
            turned = cv2.transpose(turned)
        if upside_down or mirrored:
            turned = cv2.flip(turned, -1 if upside_down and mirrored else int(mirrored))
        is_backwards = upside_down if orientation < 5 else mirrored
        place = slice(height - bottom, height - top) if is_backwards else slice(top, bottom)
        upright[place if orientation < 5 else (slice(None), place)] = turned

    tops = range(0, height, rows)
    if not in_threads:
        for top in tops:
            fill(top)
    else:
        with ThreadPoolExecutor(_THREADS) as beside:
            for _ in beside.map(fill, tops):
                pass
    return upright


def _meaning(file: containers.Cleaned, image: stored.Stored) -> colour.Meaning:
    """What the file says of its colours; of a HEIF, AVIF or WebP its profile is what the decoder found."""
    profile = image.info.get("icc_profile")
    return file.meaning if not profile or file.meaning.profile else colour.Meaning(profile=profile)


def _rgb(strip: Image.Image, to_srgb: colour.Conversion | None) -> RGBArray:
    if strip.mode.startswith("I"):  # 16-bit grey, which convert() would clip to white
        strip = Image.fromarray((np.asarray(strip) >> 8).astype(np.uint8))
    alpha = None
    if strip.has_transparency_data:
        strip = strip.convert("RGBA")
        alpha, strip = strip.getchannel("A"), strip.convert("RGB")
    strip = to_srgb(strip) if to_srgb is not None else strip.convert("RGB")
    if alpha is not None:
        strip.putalpha(alpha)
        strip = Image.alpha_composite(Image.new("RGBA", strip.size, "white"), strip).convert("RGB")
    return np.asarray(strip)
