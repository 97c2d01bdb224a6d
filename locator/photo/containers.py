"""What the decoders are given: a file with nothing in it that its picture does not need.

Metadata, thumbnails, films and further pictures are where small files make decoders slow or hungry (seconds, minutes
or gigabytes for a few kilobytes, each measured), and where a fault would spoil a good photo. They are left out here,
before a decoder sees them; the few that matter, orientation and colour profile, are handed over beside.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from typing import NamedTuple

from locator.photo import heif_directory
from locator.photo.colour import MAX_PROFILE_BYTES, Meaning, are_known
from locator.photo.excess import TooComplex

# Generous for any honest file; each bounds work that a hostile one could ask for.
_MAX_PARTS = 500  # segments of a JPEG header, boxes of a HEIF file
_MAX_CHUNKS = 250_000  # of a PNG; honest ones are kilobytes each
_MAX_META_BYTES = 256 * 1024  # some decoders compare every entry of this directory with every other
_MAX_SCANS = 100
_MAX_SCANNED_PX = 1_000_000_000  # every scan of a progressive JPEG goes over the whole picture


class Cleaned(NamedTuple):
    """A file without what its picture does not need, and what was taken out that matters.

    Attributes:
        clean_aperture: as :func:`heif_directory.clean_aperture` gives it, where the decoder does not see to it.
        in_blocks: whether it is coded in blocks of 8 × 8 pixels that can be decoded as smaller ones.
    """

    data: bytes
    exif: bytes | None = None
    meaning: Meaning = Meaning()
    in_blocks: bool = False
    clean_aperture: tuple[Fraction, ...] | None = None


def clean(format: str, data: bytes, most_code_bytes: int) -> Cleaned:
    """The file as its decoder should see it.

    Args:
        format: Pillow's name: JPEG, PNG, WEBP, HEIF or AVIF.
        most_code_bytes: of a HEIF or AVIF.

    Raises:
        TooComplex, TooManyPixels: if it asks for unreasonable work.
        ValueError, IndexError, struct.error: if it is broken.
    """
    try:
        return _CLEAN[format](data, most_code_bytes)
    except OverflowError as error:
        raise TooComplex from error


_JPEG_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # the bytes left out belong to scans, or fill
_JPEG_BARE = {0x01, 0xC8, 0xD8, 0xD9, *range(0xF0, 0xFE)}  # markers without a length
_JPEG_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_IN_BLOCKS = {0xC0, 0xC1, 0xC2}  # asked to make a lossless one smaller, Pillow before 13 crashes
_JPEG_KEPT = {*_JPEG_FRAMES, 0xC4, 0xCC, 0xDB, 0xDD}  # the others are tables
_JPEG_NEEDED = (b"JFIF\0", b"Adobe")  # they say what the numbers of a pixel are
_JPEG_PROFILE = b"ICC_PROFILE\0"  # followed by the number of this part of it, and of how many
_JPEG_SCAN, _JPEG_END, _JPEG_EXIF = 0xDA, 0xD9, 0xE1
_JPEG_ENDING = bytes((0xFF, _JPEG_END))


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Every segment's marker, start and end; the data of scans is passed over."""
    end = 2
    while found := _JPEG_MARKER.search(data, end):
        start, end = found.span()
        if data[start + 1] not in _JPEG_BARE:
            end += int.from_bytes(data[end : end + 2], "big")
        yield data[start + 1], start, end


def _clean_jpeg(data: bytes, _: int) -> Cleaned:
    """Leave out every application segment that the picture does not need, and so any further picture.

    An end marker is put behind, in case that it alone is missing: to its decoder the rest would be, too.
    """
    kept, exif = [data[:2]], None
    profile: dict[bytes, bytes] = {}
    frames: list[int] = []
    for number, (marker, start, end) in enumerate(_jpeg_segments(data)):
        if marker == _JPEG_SCAN:
            in_blocks = _JPEG_IN_BLOCKS.issuperset(frames)
            whole = b"".join((*kept, memoryview(data)[start:], _JPEG_ENDING))
            meaning = Meaning(profile=b"".join(profile[part] for part in sorted(profile)))
            return Cleaned(whole, exif, meaning, in_blocks)
        if number > _MAX_PARTS:
            raise TooComplex
        if marker in _JPEG_FRAMES:
            frames.append(marker)
        if len(frames) > 1:
            raise ValueError("damaged")
        segment = data[start:end]
        if marker in _JPEG_KEPT or segment.startswith(_JPEG_NEEDED, 4):
            kept.append(segment)
        elif segment.startswith(_JPEG_PROFILE, 4):
            profile.setdefault(segment[16:17], segment[18:])
        elif marker == _JPEG_EXIF and segment.startswith(b"Exif\0\0", 4) and exif is None:
            exif = segment[4:]
    raise ValueError("damaged")


def check_scans(data: bytes, pixels: int) -> None:
    """Refuse a JPEG whose scans would go over its ``pixels`` too often.

    Raises:
        TooComplex: if so.
    """
    most = min(_MAX_SCANS, _MAX_SCANNED_PX // pixels)
    if data.count(bytes((0xFF, _JPEG_SCAN))) <= most:  # fast; but a video after the photo may hold more
        return
    scans = 0
    for number, (marker, _, _) in enumerate(_jpeg_segments(data)):
        scans += marker == _JPEG_SCAN
        if scans > most or number > 10 * _MAX_PARTS:
            raise TooComplex
        if marker == _JPEG_END:
            return


_PNG_SAYING = {b"eXIf", b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM"}
_PNG_FULL_RGB = b"\0\1"  # the end of cICP: no matrix, and every level in use
_PNG_ENDING = b"\0\0\0\0IEND\xaeB`\x82"


def _clean_png(data: bytes, _: int) -> Cleaned:
    """Leave out text, animation and other ancillary chunks, some of which unpack to a thousandfold.

    A file that ends where its end marker should stand gets one; whether pixels are missing, the decoder tells.
    """
    kept: list[bytes | memoryview] = [data[:8]]
    view, at = memoryview(data), 8
    said: dict[bytes, bytes] = {}
    for _ in range(_MAX_CHUNKS):
        length, kind = struct.unpack_from(">I4s", data, at) if len(data) - at >= 12 else (0, b"IEND")
        if kind == b"IEND":
            return Cleaned(b"".join((*kept, _PNG_ENDING)), said.get(b"eXIf"), _meaning_of_png(said))
        chunk = view[at : at + 12 + length]
        if len(chunk) < 12 + length:
            raise ValueError("cut off")
        at += len(chunk)
        if kind in (b"IHDR", b"PLTE", b"tRNS", b"IDAT"):
            kept.append(chunk)
        elif kind in _PNG_SAYING:
            said.setdefault(kind, bytes(chunk[8:-4]))
    raise TooComplex


def _meaning_of_png(said: dict[bytes, bytes]) -> Meaning:
    """From the chunks that tell of colours; one that is too short says nothing, nor do code points beyond viewers."""
    numbers, gamma, xy = said.get(b"cICP", b""), said.get(b"gAMA", b""), said.get(b"cHRM", b"")
    of_use = numbers[2:] == _PNG_FULL_RGB and are_known(numbers[0], numbers[1])
    return Meaning(
        numbers=(numbers[0], numbers[1]) if of_use else None,
        profile=_unpacked_profile(said[b"iCCP"]) if b"iCCP" in said else None,
        is_srgb=b"sRGB" in said,
        gamma=int.from_bytes(gamma, "big") / 1e5 if len(gamma) == 4 else None,
        chromaticities=tuple(each / 1e5 for each in struct.unpack(">8I", xy)) if len(xy) == 32 else None,
    )


def _unpacked_profile(chunk: bytes) -> bytes:
    packed = chunk.partition(b"\0")[2][1:]
    try:
        return zlib.decompressobj().decompress(packed, MAX_PROFILE_BYTES)
    except zlib.error:
        return b""


def _clean_webp(data: bytes, _: int) -> Cleaned:
    return Cleaned(data)  # its decoder leaves metadata alone unless asked


def _clean_heif(data: bytes, most_code_bytes: int, brand: bytes) -> Cleaned:
    """Leave out metadata and films, and refuse a picture composed of far more pixels than it shows.

    The format turns and mirrors by properties of its own, which the decoder applies; EXIF has no say.
    """
    kept: list[bytes | memoryview] = []
    meaning, clean_aperture = Meaning(), None
    for number, (kind, start, body, end) in enumerate(heif_directory.boxes(data)):
        box: bytes | memoryview = memoryview(data)[start:end]
        if kind == b"ftyp":
            brands = bytes(box[12:]).replace(b"avis", b"avif").replace(b"msf1", b"mif1")  # stills, no film
            box = b"".join((box[:8], brand, brands))
        elif kind == b"meta":
            if end - start > _MAX_META_BYTES:
                raise TooComplex
            heif_directory.check_pictures(data[body + 4 : end], data, most_code_bytes)
            meaning = Meaning(numbers=heif_directory.numbers(data[body + 4 : end]))
            clean_aperture = heif_directory.clean_aperture(data[body + 4 : end]) if brand == b"avif" else None
            box = bytes(box)
            for name in (b"cdsc", b"iovl"):  # descriptions, such as EXIF, and overlays
                box = box.replace(name, b"none")
        elif kind == b"moov":
            box = b"".join((box[:4], b"free", box[8:]))
        kept.append(box)
        if number > _MAX_PARTS:
            raise TooComplex
    return Cleaned(b"".join(kept), meaning=meaning, clean_aperture=clean_aperture)


_EXIF_LONG = 4  # kind of number


def orientation(exif: bytes | None) -> int:
    """EXIF orientation, 1 to 8; 1 when there is none to be read.

    Read here because the usual reader takes in every entry of the block, which may be made to be huge.
    """
    try:
        block = (exif or b"").removeprefix(b"Exif\0\0")
        order = {b"II*\0": "<", b"MM\0*": ">"}[block[:4]]
        (start,) = struct.unpack_from(f"{order}I", block, 4)
        (count,) = struct.unpack_from(f"{order}H", block, start)
        for at in range(start + 2, start + 2 + 12 * count, 12):
            tag, kind = struct.unpack_from(f"{order}HH", block, at)
            if tag == 0x0112:
                (value,) = struct.unpack_from(order + ("I" if kind == _EXIF_LONG else "H"), block, at + 8)
                return value if 1 <= value <= 8 else 1
    except (KeyError, struct.error):
        pass
    return 1


_CLEAN: dict[str, Callable[[bytes, int], Cleaned]] = {
    "JPEG": _clean_jpeg,
    "PNG": _clean_png,
    "WEBP": _clean_webp,
    "HEIF": partial(_clean_heif, brand=b"heic"),
    "AVIF": partial(_clean_heif, brand=b"avif"),
}
