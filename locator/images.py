"""Untrusted bytes to an upright RGB photo, and RGB to clean bytes: the only decoder of the program.

What a file is, its first bytes tell, never its name. Before it is decoded, whatever the picture itself does
not need (metadata, thumbnails, further pictures) is left out: that is where small files make decoders slow
or hungry, and where a fault would spoil a good photo. The rest is decoded only when its header asks for a
reasonable number of pixels.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import stat
import struct
import warnings
import zlib
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import pillow_heif
from PIL import AvifImagePlugin, Image, ImageCms, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from locator import toml
from locator.types import ImageInfo, Photo, RGBArray, Unreadable

MAX_BYTES = 64 * 1024 * 1024
MAX_PIXELS = 64_000_000
MAX_SIDE_PX = 16_384
MIN_SIDE_PX = 64
# These two decoders hold several copies of the picture while they work, and no camera writes larger ones.
_MAX_PIXELS_OF = {"WEBP": 40_000_000, "AVIF": 40_000_000}

# Generous for any honest file; each bounds work that a hostile one could ask for.
_MAX_PARTS = 500  # segments of a JPEG header, boxes of a HEIF file
_MAX_CHUNKS = 250_000  # of a PNG; honest ones are kilobytes each
_MAX_META_BYTES = 256 * 1024  # some decoders compare every entry of this directory with every other
_MAX_COMPOSED_PX = MAX_PIXELS * 3 // 2  # tiles overlap the border of the picture
_MAX_DEPTH = 8  # pictures composed of composed pictures
_MAX_SCANS = 100
_MAX_SCANNED_PX = 1_000_000_000  # every scan of a progressive JPEG goes over the whole picture
_MAX_PROFILE_BYTES = 1024 * 1024
_STRIP_PX = 1 << 18  # pixels converted at a time: fits a processor cache and keeps the memory flat

_TEXTS = toml.data("unreadable")
_PLUGINS = (AvifImagePlugin, JpegImagePlugin, PngImagePlugin, WebPImagePlugin)  # importing registers them
pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
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
    """A reason from data/unreadable.toml, on its way to becoming :class:`UnreadableImage`."""

    def __init__(self, code: str, kind: str = "") -> None:
        super().__init__(code)
        texts = _TEXTS["reasons"][code]
        self.outcome = Unreadable(code, texts["message"].format(kind=kind), texts["remedy"])


def read(source: str | os.PathLike[str] | bytes | RGBArray) -> Photo:
    """Read a photo from a path, from the bytes of a file, or from pixels.

    Args:
        source: path or encoded bytes of a JPEG, PNG, WebP, HEIC/HEIF or AVIF; or an upright (h, w, 3)
            uint8 RGB array, which is copied.

    Raises:
        UnreadableImage: when this is no photo that can be read.
        TypeError, ValueError: when ``source`` is none of the above.
    """
    path: str | None = None
    sha256: str | None = None
    try:
        if isinstance(source, np.ndarray):
            _check_rgb(source)
            _check_size(source.shape[1], source.shape[0], MAX_PIXELS)
            rgb: RGBArray = np.array(source, order="C")
            sha256 = hashlib.sha256(rgb.data).hexdigest()
        else:
            if isinstance(source, bytes):
                data = source
            elif isinstance(source, (str, os.PathLike)):
                path = os.fsdecode(source)
                data = _bytes_of_file(path)
            else:
                got = type(source).__name__
                raise TypeError(f"source: expected a path, bytes or a (h, w, 3) uint8 array, got {got}")
            if len(data) > MAX_BYTES:
                raise _Cannot("too_many_bytes")
            sha256 = hashlib.sha256(data).hexdigest()
            rgb = _decode(data)
    except _Cannot as reason:
        raise UnreadableImage(ImageInfo(path, None, None, sha256), reason.outcome) from reason
    height, width = rgb.shape[:2]
    return Photo(rgb, ImageInfo(path, width, height, sha256))


def encode(rgb: RGBArray, format: Literal["jpeg", "png", "webp"], quality: int = 92) -> bytes:
    """Encode (h, w, 3) uint8 RGB pixels as a file that holds the picture and nothing else.

    Raises:
        TypeError, ValueError: on other pixels, another format, or a quality outside 1 to 100.
    """
    options: dict[str, dict[str, Any]] = {
        # Full colour resolution, or thin coloured lines would be smeared.
        "jpeg": {"quality": quality, "subsampling": "4:4:4"},
        "png": {"compress_level": 1},
        "webp": {"quality": quality, "method": 2},
    }
    _check_rgb(rgb)
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
    _check_rgb(rgb)
    if longest_px < 1:
        raise ValueError(f"longest_px: expected 1 or more, got {longest_px}")
    height, width = rgb.shape[:2]
    scale = longest_px / max(height, width)
    if scale >= 1:
        return rgb, 1.0
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = Image.fromarray(rgb).resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    return np.array(small), scale


def _check_rgb(rgb: RGBArray) -> None:
    if not isinstance(rgb, np.ndarray):
        raise TypeError(f"rgb: expected a (h, w, 3) uint8 array, got {type(rgb).__name__}")
    if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3:
        raise ValueError(f"rgb: expected a (h, w, 3) uint8 array, got {rgb.shape} {rgb.dtype}")


def _check_size(width: int, height: int, most_pixels: int) -> None:
    if min(width, height) < MIN_SIDE_PX:
        raise _Cannot("too_few_pixels")
    if max(width, height) > MAX_SIDE_PX or width * height > most_pixels:
        raise _Cannot("too_many_pixels")


def _bytes_of_file(path: str) -> bytes:
    """Return at most one byte more than allowed."""
    try:
        if not stat.S_ISREG(Path(path).stat().st_mode):  # asked first: opening a pipe waits for its writer
            raise _Cannot("not_a_file")
        with Path(path).open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:  # a name with a zero byte in it
        raise _Cannot("not_found") from error
    except PermissionError as error:
        raise _Cannot("no_permission") from error
    except OSError as error:
        raise _Cannot("read_failed") from error


def _decode(data: bytes) -> RGBArray:
    name = _format_of(data)
    try:
        file = _CLEAN[name](data)
        with Image.open(io.BytesIO(file.data), formats=[name]) as image:
            size = image.size
            _check_size(*size, _MAX_PIXELS_OF.get(name, MAX_PIXELS))
            if name == "JPEG":
                _check_scans(file.data, size[0] * size[1])
            image.load()
            if image.size != size:
                raise _Cannot("damaged")
            profile = file.profile or image.info.get("icc_profile")
            return _upright(image, _orientation(file.exif or image.info.get("exif")), _to_srgb(profile))
    except _Cannot:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
        raise _Cannot("too_many_pixels") from error
    except Exception as error:  # what a decoder raises on hostile bytes has no end
        raise _Cannot("damaged") from error


def _format_of(data: bytes) -> str:
    """Pillow's name for the format that the first bytes tell."""
    if not data:
        raise _Cannot("empty_file")
    if data.startswith(b"\xff\xd8\xff"):
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
    for kind in _TEXTS["kinds"]:
        sign = kind["bytes"].encode("latin-1")
        if data.startswith(sign, kind["at"]) if "at" in kind else sign in start:
            raise _Cannot(kind["code"], kind["name"])
    is_text = not re.search(rb"[\0-\x08\x0e-\x1a\x1c-\x1f]", start)
    raise _Cannot("not_an_image", "a text file" if is_text else "a file of an unknown kind")


# Cleaning: what the decoder is given, and what is read here instead ---------------------------------


class _Cleaned(NamedTuple):
    data: bytes
    exif: bytes | None = None
    profile: bytes | None = None


_JPEG_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # the bytes left out belong to scans, or fill
_JPEG_BARE = {0x01, 0xC8, 0xD8, 0xD9, *range(0xF0, 0xFE)}  # markers without a length
_JPEG_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_KEPT = {*_JPEG_FRAMES, 0xC4, 0xCC, 0xDB, 0xDD}  # the others are tables
_JPEG_NEEDED = (b"JFIF\0", b"Adobe", b"ICC_PROFILE\0")  # they say what the colours mean
_JPEG_SCAN, _JPEG_END, _JPEG_EXIF = 0xDA, 0xD9, 0xE1


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Every segment's marker, start and end; the data of scans is passed over."""
    end = 2
    while found := _JPEG_MARKER.search(data, end):
        start, end = found.span()
        if data[start + 1] not in _JPEG_BARE:
            end += int.from_bytes(data[end : end + 2], "big")
        yield data[start + 1], start, end


def _clean_jpeg(data: bytes) -> _Cleaned:
    """Leave out every application segment that the picture does not need, and so any further picture."""
    kept, exif, frames = [data[:2]], None, 0
    for number, (marker, start, end) in enumerate(_jpeg_segments(data)):
        if marker == _JPEG_SCAN:
            return _Cleaned(b"".join((*kept, memoryview(data)[start:])), exif)
        if number > _MAX_PARTS:
            raise _Cannot("too_complex")
        frames += marker in _JPEG_FRAMES
        if frames > 1:
            raise _Cannot("damaged")
        segment = data[start:end]
        if marker in _JPEG_KEPT or segment.startswith(_JPEG_NEEDED, 4):
            kept.append(segment)
        elif marker == _JPEG_EXIF and segment.startswith(b"Exif\0\0", 4) and exif is None:
            exif = segment[4:]
    raise _Cannot("damaged")


def _check_scans(data: bytes, pixels: int) -> None:
    most = min(_MAX_SCANS, _MAX_SCANNED_PX // pixels)
    if data.count(bytes((0xFF, _JPEG_SCAN))) <= most:  # fast; but a video after the photo may hold more
        return
    scans = 0
    for number, (marker, _, _) in enumerate(_jpeg_segments(data)):
        scans += marker == _JPEG_SCAN
        if scans > most or number > 10 * _MAX_PARTS:
            raise _Cannot("too_complex")
        if marker == _JPEG_END:
            return


def _clean_png(data: bytes) -> _Cleaned:
    """Leave out text, animation and other ancillary chunks, some of which unpack to a thousandfold."""
    kept: list[bytes | memoryview] = [data[:8]]
    view, exif, profile, at = memoryview(data), None, None, 8
    for _ in range(_MAX_CHUNKS):
        length, kind = struct.unpack_from(">I4s", data, at)
        chunk = view[at : at + 12 + length]
        at += len(chunk)
        if kind in (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"):
            kept.append(chunk)
        elif kind == b"eXIf" and exif is None:
            exif = bytes(chunk[8:-4])
        elif kind == b"iCCP" and profile is None:
            profile = _unpacked_profile(bytes(chunk[8:-4]))
        if kind == b"IEND":
            return _Cleaned(b"".join(kept), exif, profile)
    raise _Cannot("too_complex")


def _unpacked_profile(chunk: bytes) -> bytes:
    packed = chunk.partition(b"\0")[2][1:]
    try:
        return zlib.decompressobj().decompress(packed, _MAX_PROFILE_BYTES)
    except zlib.error:
        return b""


def _clean_webp(data: bytes) -> _Cleaned:
    return _Cleaned(data)  # its decoder leaves metadata alone unless asked


def _clean_heif(data: bytes, brand: bytes, hidden: tuple[bytes, ...]) -> _Cleaned:
    """Leave out metadata and films, and refuse a picture composed of far more pixels than it shows.

    The format turns and mirrors by properties of its own, which the decoder applies; EXIF has no say.
    """
    kept: list[bytes | memoryview] = []
    for number, (kind, start, body, end) in enumerate(_boxes(data)):
        box: bytes | memoryview = memoryview(data)[start:end]
        if kind == b"ftyp":
            brands = bytes(box[12:]).replace(b"avis", b"avif").replace(b"msf1", b"mif1")  # stills, no film
            box = b"".join((box[:8], brand, brands))
        elif kind == b"meta":
            if end - start > _MAX_META_BYTES:
                raise _Cannot("too_complex")
            if _most_composed(data[body + 4 : end]) > _MAX_COMPOSED_PX:
                raise _Cannot("too_many_pixels")
            box = bytes(box)
            for name in hidden:
                box = box.replace(name, b"none")
        elif kind == b"moov":
            box = b"".join((box[:4], b"free", box[8:]))
        kept.append(box)
        if number > _MAX_PARTS:
            raise _Cannot("too_complex")
    return _Cleaned(b"".join(kept))


def _boxes(data: bytes) -> Iterator[tuple[bytes, int, int, int]]:
    """Every box's kind, start, start of its body, and end."""
    end = 0
    while len(data) - end >= 8:
        start, body = end, end + 8
        size, kind = struct.unpack_from(">I4s", data, start)
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, body)
            body += 8
        end = start + size if size else len(data)
        if not body <= end <= len(data):
            return  # cut off, or data that a maker appended
        yield kind, start, body, end


def _children(body: bytes) -> list[tuple[bytes, bytes]]:
    return [(kind, body[begin:end]) for kind, _, begin, end in _boxes(body)]


def _most_composed(meta: bytes) -> int:
    """Pixels to decode for the costliest picture that a HEIF directory composes of others, as of tiles."""
    area_of: dict[int, int] = {}
    parts_of: dict[int, list[int]] = {}
    for kind, body in _children(meta):
        if kind == b"iref":
            wide = "I" if body[0] else "H"
            for name, link in _children(body[4:]):
                if name == b"dimg":
                    whole, count = struct.unpack_from(f">{wide}H", link)
                    parts = struct.unpack_from(f">{wide}H{count}{wide}", link)[2:]
                    parts_of.setdefault(whole, []).extend(parts)
        elif kind == b"iprp":
            areas: list[int] = []
            for name, part in _children(body):
                if name == b"ipco":
                    for kind, value in _children(part):
                        width, height = struct.unpack_from(">4xII", value) if kind == b"ispe" else (0, 0)
                        areas.append(width * height)
                elif name == b"ipma":
                    for item, properties in _associations(part):
                        area_of[item] = max((areas[number - 1] for number in properties if number), default=0)

    @cache
    def cost(item: int, depth: int = 0) -> int:
        if depth > _MAX_DEPTH:
            raise _Cannot("too_complex")
        if item not in parts_of:
            return area_of.get(item) or MAX_PIXELS
        return sum(cost(part, depth + 1) for part in parts_of[item])

    return max(map(cost, parts_of), default=0)


def _associations(ipma: bytes) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Every item with the numbers of its properties, counted from 1."""
    item, link = ("I" if ipma[0] else "H"), ("H" if ipma[3] & 1 else "B")
    at = 8
    while at < len(ipma):
        number, count = struct.unpack_from(f">{item}B", ipma, at)
        at += struct.calcsize(f">{item}B")
        links = struct.unpack_from(f">{count}{link}", ipma, at)
        at += struct.calcsize(f">{count}{link}")
        # The highest bit says whether a reader must know the property.
        yield number, tuple(each & (0x7FFF if link == "H" else 0x7F) for each in links)


def _upright(image: Image.Image, orientation: int, to_srgb: ImageCms.ImageCmsTransform | None) -> RGBArray:
    """The decoded picture as contiguous pixels, turned upright while it is copied, strip by strip."""
    width, height = image.size
    across = (height, width) if orientation < 5 else (width, height)
    upright = np.empty((*across, 3), np.uint8)
    stored = upright[:: -1 if orientation in (3, 4, 7, 8) else 1, :: -1 if orientation in (2, 3, 6, 7) else 1]
    if orientation >= 5:
        stored = stored.swapaxes(0, 1)
    rows = max(1, _STRIP_PX // width)
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        stored[top:bottom] = np.asarray(_rgb(image.crop((0, top, width, bottom)), to_srgb))
    return upright


def _rgb(strip: Image.Image, to_srgb: ImageCms.ImageCmsTransform | None) -> Image.Image:
    if strip.mode.startswith("I"):  # 16-bit grey, which convert() would clip to white
        strip = Image.fromarray((np.asarray(strip) >> 8).astype(np.uint8))
    if strip.has_transparency_data:
        strip = strip.convert("RGBA")
        strip = Image.alpha_composite(Image.new("RGBA", strip.size, "white"), strip)
    if strip.mode != "RGB":
        strip = strip.convert("RGB")
    if to_srgb is not None:
        ImageCms.applyTransform(strip, to_srgb, inPlace=True)
    return strip


def _to_srgb(profile: bytes | None) -> ImageCms.ImageCmsTransform | None:
    """What turns the profile's colours into sRGB; None for sRGB itself, and for a profile that is no use."""
    if not profile or len(profile) > _MAX_PROFILE_BYTES:
        return None
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        name = source.profile.profile_description or ""
        if source.profile.xcolor_space.strip() != "RGB" or "sRGB" in name:
            return None
        return ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), "RGB", "RGB")
    except Exception:  # as in _decode; and the picture is good without
        return None


def _orientation(exif: bytes | None) -> int:
    """EXIF orientation, 1 to 8; 1 when there is none to be read.

    Read here because the usual reader takes in every entry of the block, which may be made to be huge.
    """
    try:
        block = (exif or b"").removeprefix(b"Exif\0\0")
        order = {b"II*\0": "<", b"MM\0*": ">"}[block[:4]]
        (start,) = struct.unpack_from(f"{order}I", block, 4)
        (count,) = struct.unpack_from(f"{order}H", block, start)
        for at in range(start + 2, start + 2 + 12 * count, 12):
            tag, value = struct.unpack_from(f"{order}H6xH", block, at)
            if tag == 0x0112:
                return value if 1 <= value <= 8 else 1
    except (KeyError, struct.error):
        pass
    return 1


_CLEAN: dict[str, Callable[[bytes], _Cleaned]] = {
    "JPEG": _clean_jpeg,
    "PNG": _clean_png,
    "WEBP": _clean_webp,
    # Hidden: descriptions (EXIF and the like), overlays, and for AVIF also tiles, since its decoder
    # takes tiles that are larger than they say.
    "HEIF": partial(_clean_heif, brand=b"heic", hidden=(b"cdsc", b"iovl")),
    "AVIF": partial(_clean_heif, brand=b"avif", hidden=(b"cdsc", b"iovl", b"grid")),
}
