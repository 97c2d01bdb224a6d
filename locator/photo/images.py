"""Untrusted bytes to an upright RGB photo, and RGB to clean bytes: the only decoder of the program.

What a file is, its first bytes tell, never its name. Before it is decoded, whatever the picture itself does not need is
left out (``containers``), and the rest is decoded only when its header asks for a reasonable number of pixels.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import stat
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Union

import cv2
import numpy as np
import pillow_heif
from PIL import AvifImagePlugin, Image, ImageCms, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from locator.core import toml
from locator.core.reasons import UnreadableCode, unreadable
from locator.core.types import ImageInfo, Photo, RGBArray, Unreadable, check_rgb
from locator.photo import containers

MAX_BYTES = 64 * 1024 * 1024
MAX_PIXELS = 64_000_000
MAX_SIDE_PX = 16_383  # the longest that WebP is written with
MIN_SIDE_PX = 64
# These decoders are slow, or hold several copies of the picture while they work; and no camera writes larger ones.
MAX_PIXELS_OF = {"WEBP": 36_000_000, "AVIF": 40_000_000, "HEIF": 50_000_000}

_JPEG = b"\xff\xd8\xff"
_THREADS = min(4, os.cpu_count() or 1)
_STRIP_PX = 1 << 18  # pixels converted at a time: fits a processor cache and keeps the memory flat

_KINDS = toml.data("photo/file_kinds")["kinds"]
_PLUGINS = (AvifImagePlugin, JpegImagePlugin, PngImagePlugin, WebPImagePlugin)  # importing registers them
for _besides in ("THUMBNAILS", "DEPTH_IMAGES", "AUX_IMAGES"):  # which would be decoded for nothing
    setattr(pillow_heif.options, _besides, False)
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)
# Said of pictures that are refused below anyway.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


class UnreadableImage(Exception):
    """A file that cannot be read as a photo: what is known of it, and why."""

    def __init__(self, info: ImageInfo, outcome: Unreadable) -> None:
        super().__init__(info, outcome)
        self.info = info
        self.outcome = outcome

    def __str__(self) -> str:
        return f"{self.outcome.message} {self.outcome.remedy}"


class _Cannot(Exception):
    """Why a file is unreadable, on its way to becoming :class:`UnreadableImage`."""

    def __init__(self, code: UnreadableCode, kind: str = "") -> None:
        super().__init__(code)
        self.outcome = unreadable(code, kind)


Readable = Union[str, "os.PathLike[str]", bytes, RGBArray]
"""Path or encoded bytes of a JPEG, PNG, WebP, HEIC/HEIF or AVIF; or an upright (h, w, 3) uint8 RGB array."""


@dataclass(frozen=True, eq=False)
class Small:
    """A photo as it is looked at.

    Attributes:
        rgb: (h, w, 3) uint8, upright.
        shrunk: factor from lengths in the photo to lengths in it, 1 at most.
        size: (width, height) of the photo, px.
        info: of the photo.
    """

    rgb: RGBArray = field(repr=False)
    shrunk: float
    size: tuple[int, int]
    info: ImageInfo


class Source:
    """A photo that is yet to be decoded: in whole, or only as finely as it is looked at.

    Args:
        source: what holds it; an array is copied.
        most_pixels: of a picture that is decoded; no more than :data:`MAX_PIXELS` in any case.

    Raises:
        UnreadableImage: when this is no file that can be read.
        TypeError, ValueError: when ``source`` is nothing that may hold a photo.
    """

    def __init__(self, source: Readable, most_pixels: int = MAX_PIXELS) -> None:
        self._path: str | None = None
        self._sha256: str | None = None
        self._data = b""
        self._most_pixels = most_pixels
        self._whole: Photo | None = None
        with self._refusing():
            if isinstance(source, np.ndarray):
                check_rgb(source)
                _check_size(source.shape[1], source.shape[0], min(most_pixels, MAX_PIXELS))
                rgb: RGBArray = np.array(source, order="C")
                self._sha256 = hashlib.sha256(rgb.data).hexdigest()
                self._whole = Photo(rgb, self._info((rgb.shape[1], rgb.shape[0])))
                return
            if isinstance(source, bytes):
                self._data = source
            elif isinstance(source, (str, os.PathLike)):
                self._path = os.fsdecode(source)
                self._data = _bytes_of_file(self._path)
            else:
                got = type(source).__name__
                raise TypeError(f"source: expected a path, bytes or a (h, w, 3) uint8 array, got {got}")
            if len(self._data) > MAX_BYTES:
                raise _Cannot(UnreadableCode.TOO_MANY_BYTES)
            self._sha256 = hashlib.sha256(self._data).hexdigest()

    def whole(self) -> Photo:
        """Every pixel.

        Raises:
            UnreadableImage: when this is no photo that can be read.
        """
        if self._whole is None:
            with self._refusing():
                rgb, size = _decode(self._data, self._most_pixels)
            self._whole = Photo(rgb, self._info(size))
        return self._whole

    def small(self, longest_px: int) -> Small:
        """The photo with its longer side ``longest_px``, or as it is where it is no longer than that.

        A JPEG whose sides allow it is decoded no finer than needed, be it decoded in whole before or not.

        Raises:
            UnreadableImage: when this is no photo that can be read.
        """
        if self._data.startswith(_JPEG):
            with self._refusing():
                rgb, size = _decode(self._data, self._most_pixels, longest_px)
            info = self._info(size)
            if rgb.shape[1::-1] == size:
                self._whole = Photo(rgb, info)
        else:
            rgb, info = self.whole().rgb, self.whole().info
            size = rgb.shape[1], rgb.shape[0]
        small, shrunk = shrink(rgb, longest_px)
        return Small(small, shrunk * max(rgb.shape[:2]) / max(size), size, info)

    def _info(self, size: tuple[int, int]) -> ImageInfo:
        return ImageInfo(self._path, *size, self._sha256)

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        try:
            yield
        except _Cannot as reason:
            raise UnreadableImage(ImageInfo(self._path, None, None, self._sha256), reason.outcome) from reason


def read(source: Readable, most_pixels: int = MAX_PIXELS) -> Photo:
    """Read every pixel of a photo; see :class:`Source`.

    Raises:
        UnreadableImage: when this is no photo that can be read.
        TypeError, ValueError: when ``source`` is nothing that may hold a photo.
    """
    return Source(source, most_pixels).whole()


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


def _check_size(width: int, height: int, most_pixels: int) -> None:
    if min(width, height) < MIN_SIDE_PX:
        raise _Cannot(UnreadableCode.TOO_FEW_PIXELS)
    if max(width, height) > MAX_SIDE_PX or width * height > most_pixels:
        raise _Cannot(UnreadableCode.TOO_MANY_PIXELS)


def _bytes_of_file(path: str) -> bytes:
    """Return at most one byte more than allowed."""
    try:
        if not stat.S_ISREG(Path(path).stat().st_mode):  # asked first: opening a pipe waits for its writer
            raise _Cannot(UnreadableCode.NOT_A_FILE)
        with Path(path).open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:  # a name with a zero byte in it
        raise _Cannot(UnreadableCode.NOT_FOUND) from error
    except PermissionError as error:
        raise _Cannot(UnreadableCode.NO_PERMISSION) from error
    except OSError as error:
        raise _Cannot(UnreadableCode.READ_FAILED) from error


def _decode(data: bytes, most_pixels: int, longest_px: int | None = None) -> tuple[RGBArray, tuple[int, int]]:
    """The upright picture, and (width, height) of the photo.

    Args:
        longest_px: that the picture may be reduced to, in its longer side, where that saves work.
    """
    name = _format_of(data)
    try:
        file = containers.clean(name, data)
        most_pixels = min(most_pixels, MAX_PIXELS_OF.get(name, MAX_PIXELS))
        if name == "HEIF":
            return _decode_heif(file, most_pixels)
        with Image.open(io.BytesIO(file.data), formats=[name]) as image:
            size = image.size
            _check_size(*size, most_pixels)
            if name == "JPEG":
                containers.check_scans(file.data, size[0] * size[1])
            asked = _reduced(image, longest_px) if longest_px and file.in_blocks else size
            image.load()
            if image.size != asked:
                raise _Cannot(UnreadableCode.DAMAGED)
            profile = file.profile or image.info.get("icc_profile")
            to_srgb = _to_srgb(profile)
            orientation = containers.orientation(file.exif or image.info.get("exif"))

            def strip(top: int, bottom: int) -> RGBArray:
                return _rgb(image.crop((0, top, image.width, bottom)), to_srgb)

            upright = _upright(image.size, strip, orientation, in_threads=to_srgb is not None)
            return upright, size if orientation < 5 else size[::-1]
    except _Cannot:
        raise
    except containers.TooComplex as error:
        raise _Cannot(UnreadableCode.TOO_COMPLEX) from error
    except (
        containers.TooManyPixels,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        MemoryError,
    ) as error:
        raise _Cannot(UnreadableCode.TOO_MANY_PIXELS) from error
    except Exception as error:  # what a decoder raises on hostile bytes has no end
        raise _Cannot(UnreadableCode.DAMAGED) from error


def _decode_heif(file: containers.Cleaned, most_pixels: int) -> tuple[RGBArray, tuple[int, int]]:
    """As :func:`_decode`, sparing the copies that Pillow would make of what takes its decoder long enough.

    The format turns by properties of its own, which its decoder applies.
    """
    image = pillow_heif.open_heif(io.BytesIO(file.data))
    size = width, height = image.size
    _check_size(width, height, most_pixels)
    stored = np.asarray(image)
    if stored.shape[1::-1] != size:
        raise _Cannot(UnreadableCode.DAMAGED)
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
        raise _Cannot(UnreadableCode.EMPTY_FILE)
    if data.startswith(_JPEG):
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
            raise _Cannot(UnreadableCode(kind["code"]), kind["name"])
    is_text = not re.search(rb"[\0-\x08\x0e-\x1a\x1c-\x1f]", start)
    raise _Cannot(UnreadableCode.NOT_AN_IMAGE, "a text file" if is_text else "a file of an unknown kind")


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
    except Exception:  # as in _decode; and the picture is good without
        return None
