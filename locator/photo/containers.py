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
from functools import cache, partial
from typing import NamedTuple

from locator.photo import code_streams

# Generous for any honest file; each bounds work that a hostile one could ask for.
_MAX_PARTS = 500  # segments of a JPEG header, boxes of a HEIF file
_MAX_CHUNKS = 250_000  # of a PNG; honest ones are kilobytes each
_MAX_META_BYTES = 256 * 1024  # some decoders compare every entry of this directory with every other
_MAX_COMPOSED_PX = 96_000_000  # tiles overlap the border of the picture
_MAX_FRAME_PX = 48_000_000  # of AV1 code, whatever the file says
_MAX_ITEMS, _MAX_EXTENTS = 2_000, 5_000  # pictures and parts of a HEIF file, and pieces that they lie in
_MAX_DEPTH = 8  # pictures composed of composed pictures
_MAX_SCANS = 100
_MAX_SCANNED_PX = 1_000_000_000  # every scan of a progressive JPEG goes over the whole picture
MAX_PROFILE_BYTES = 1024 * 1024
_UNKNOWN_AREA_PX = 64_000_000  # a part that does not say how large it is may be as large as any photo


class Cleaned(NamedTuple):
    """A file without what its picture does not need, and what was taken out that matters.

    Attributes:
        in_blocks: whether it is coded in blocks of 8 × 8 pixels that can be decoded as smaller ones.
    """

    data: bytes
    exif: bytes | None = None
    profile: bytes | None = None
    in_blocks: bool = False


class TooComplex(Exception):
    """A file made to keep a decoder busy."""


class TooManyPixels(Exception):
    """A small picture composed of many large ones."""


def clean(format: str, data: bytes) -> Cleaned:
    """The file as its decoder should see it.

    Args:
        format: Pillow's name: JPEG, PNG, WEBP, HEIF or AVIF.

    Raises:
        TooComplex, TooManyPixels: if it asks for unreasonable work.
        ValueError, IndexError, struct.error: if it is broken.
    """
    try:
        return _CLEAN[format](data)
    except OverflowError as error:
        raise TooComplex from error


_JPEG_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # the bytes left out belong to scans, or fill
_JPEG_BARE = {0x01, 0xC8, 0xD8, 0xD9, *range(0xF0, 0xFE)}  # markers without a length
_JPEG_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_IN_BLOCKS = {0xC0, 0xC1, 0xC2}  # asked to make a lossless one smaller, Pillow before 13 crashes
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


def _clean_jpeg(data: bytes) -> Cleaned:
    """Leave out every application segment that the picture does not need, and so any further picture."""
    kept, exif = [data[:2]], None
    frames: list[int] = []
    for number, (marker, start, end) in enumerate(_jpeg_segments(data)):
        if marker == _JPEG_SCAN:
            in_blocks = _JPEG_IN_BLOCKS.issuperset(frames)
            return Cleaned(b"".join((*kept, memoryview(data)[start:])), exif, in_blocks=in_blocks)
        if number > _MAX_PARTS:
            raise TooComplex
        if marker in _JPEG_FRAMES:
            frames.append(marker)
        if len(frames) > 1:
            raise ValueError("damaged")
        segment = data[start:end]
        if marker in _JPEG_KEPT or segment.startswith(_JPEG_NEEDED, 4):
            kept.append(segment)
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


def _clean_png(data: bytes) -> Cleaned:
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
            return Cleaned(b"".join(kept), exif, profile)
    raise TooComplex


def _unpacked_profile(chunk: bytes) -> bytes:
    packed = chunk.partition(b"\0")[2][1:]
    try:
        return zlib.decompressobj().decompress(packed, MAX_PROFILE_BYTES)
    except zlib.error:
        return b""


def _clean_webp(data: bytes) -> Cleaned:
    return Cleaned(data)  # its decoder leaves metadata alone unless asked


def _clean_heif(data: bytes, brand: bytes, hidden: tuple[bytes, ...]) -> Cleaned:
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
                raise TooComplex
            _check_pictures(data[body + 4 : end], data)
            box = bytes(box)
            for name in hidden:
                box = box.replace(name, b"none")
        elif kind == b"moov":
            box = b"".join((box[:4], b"free", box[8:]))
        kept.append(box)
        if number > _MAX_PARTS:
            raise TooComplex
    return Cleaned(b"".join(kept))


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


def _check_pictures(meta: bytes, data: bytes) -> None:
    """Refuse a picture that is composed of far more pixels than it shows, or coded as larger or more frames.

    Args:
        meta: the file's directory, the children of its ``meta`` box.
        data: the whole file, for the code that the directory points to.
    """
    boxes = _only(meta, (b"iref", b"iinf", b"iprp", b"iloc", b"idat"))
    parts_of = _parts(boxes[b"iref"])
    kind_of = _kinds(boxes[b"iinf"])
    area_of: dict[int, int] = {}
    settings_of: dict[int, tuple[int, int]] = {}
    settings = cache(code_streams.hevc_settings)
    for item, name, body in _properties(boxes[b"iprp"]):
        if name == b"ispe":
            width, height = struct.unpack_from(">4xII", body)
            area_of[item] = max(width * height, area_of.get(item, 0))
        elif name == b"hvcC" and settings_of.setdefault(item, settings(body)) != settings(body):
            raise ValueError("twice")
    frames_of: dict[int, int] = {}
    for item, code in _codes(boxes[b"iloc"], kind_of, boxes[b"idat"], data):
        if kind_of[item] == b"av01":
            frames_of[item], most_px = code_streams.av1(code)
            area_of[item] = max(most_px, area_of.get(item, 0))
            if most_px > _MAX_FRAME_PX:
                raise TooManyPixels
        elif item in settings_of:
            length_bytes, hidden = settings_of[item]
            frames_of[item] = hidden + code_streams.hevc_pictures(code, length_bytes)

    @cache
    def cost(item: int, depth: int = 0) -> int:
        if depth > _MAX_DEPTH:
            raise TooComplex
        composed = sum(cost(part, depth + 1) for part in parts_of.get(item, ()))
        if item in parts_of and item not in frames_of:
            return composed
        return composed + (area_of.get(item) or _UNKNOWN_AREA_PX) * frames_of.get(item, 1)

    if any(frames > 1 and cost(item) > _MAX_COMPOSED_PX for item, frames in frames_of.items()):
        raise TooComplex
    if any(cost(item) > _MAX_COMPOSED_PX for item in parts_of):
        raise TooManyPixels


def _only(meta: bytes, kinds: tuple[bytes, ...]) -> dict[bytes, bytes]:
    """The one box of each kind; decoders would differ in which of two they take."""
    found = dict.fromkeys(kinds, b"")
    for kind, body in _children(meta):
        if found.get(kind):
            raise ValueError("twice")
        if kind in found:
            found[kind] = body
    return found


def _parts(iref: bytes) -> dict[int, list[int]]:
    """Of composed pictures, such as of tiles."""
    parts_of: dict[int, list[int]] = {}
    wide = "I" if iref[:1] > b"\0" else "H"
    for name, link in _children(iref[4:]):
        if name == b"dimg":
            whole, count = struct.unpack_from(f">{wide}H", link)
            parts = struct.unpack_from(f">{wide}H{count}{wide}", link)[2:]
            parts_of.setdefault(whole, []).extend(parts)
    return parts_of


def _kinds(iinf: bytes) -> dict[int, bytes]:
    """Of the items, as pictures of one code or the other."""
    kind_of: dict[int, bytes] = {}
    for _, entry in _children(iinf[6 if iinf[:1] == b"\0" else 8 :]):
        if entry[0] < 2:
            continue  # of a form that says no kind
        item, kind = struct.unpack_from(">I2x4s" if entry[0] == 3 else ">H2x4s", entry, 4)
        if kind_of.setdefault(item, kind) != kind:
            raise ValueError("twice")
    if len(kind_of) > _MAX_ITEMS:
        raise TooComplex
    return kind_of


def _properties(iprp: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Every item's properties: their kind and body."""
    boxes = _only(iprp, (b"ipco",))
    properties = _children(boxes[b"ipco"])
    for name, part in _children(iprp):
        if name == b"ipma":
            for item, numbers in _associations(part):
                for number in numbers:
                    if number:
                        yield item, *properties[number - 1]


def _codes(iloc: bytes, kind_of: dict[int, bytes], inside: bytes, data: bytes) -> Iterator[tuple[int, memoryview]]:
    """Every coded picture's code, whose pieces may lie ``inside`` the directory, too."""
    left = 2 * len(data)
    for item, is_inside, extents in _extents(iloc):
        if kind_of.get(item) in (b"av01", b"hvc1"):
            source = memoryview(inside if is_inside else data)
            pieces = [source[start : start + length] if length else source[start:] for start, length in extents]
            left -= sum(map(len, pieces))
            if left < 0:
                raise TooComplex
            yield item, pieces[0] if len(pieces) == 1 else memoryview(b"".join(pieces))


def _extents(iloc: bytes) -> Iterator[tuple[int, bool, list[tuple[int, int]]]]:
    """Every item with the starts and lengths of the pieces that it lies in, and whether in the directory itself."""
    if not iloc:
        return
    version, sizes = iloc[0], (iloc[4] >> 4, iloc[4] & 15, iloc[5] >> 4, iloc[5] & 15 if iloc[0] else 0)
    at, seen, count_left = 6, set(), _MAX_EXTENTS

    def number(size: int) -> int:
        nonlocal at
        at += size
        if at > len(iloc):
            raise ValueError("cut off")
        return int.from_bytes(iloc[at - size : at], "big")

    for _ in range(number(4 if version == 2 else 2)):
        item = number(4 if version == 2 else 2)
        method = number(2) & 15 if version else 0
        number(2)
        base, count = number(sizes[2]), number(2)
        count_left -= count
        if count_left < 0:
            raise TooComplex
        if item in seen or method > 1:
            raise ValueError("twice, or through other items")
        seen.add(item)
        extents = []
        for _ in range(count):
            number(sizes[3])
            start = base + number(sizes[0])
            extents.append((start, number(sizes[1])))
        yield item, method == 1, extents


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
            tag, value = struct.unpack_from(f"{order}H6xH", block, at)
            if tag == 0x0112:
                return value if 1 <= value <= 8 else 1
    except (KeyError, struct.error):
        pass
    return 1


_CLEAN: dict[str, Callable[[bytes], Cleaned]] = {
    "JPEG": _clean_jpeg,
    "PNG": _clean_png,
    "WEBP": _clean_webp,
    # Hidden: descriptions (EXIF and the like), overlays, and for AVIF also tiles, since its decoder
    # takes tiles that are larger than they say.
    "HEIF": partial(_clean_heif, brand=b"heic", hidden=(b"cdsc", b"iovl")),
    "AVIF": partial(_clean_heif, brand=b"avif", hidden=(b"cdsc", b"iovl", b"grid")),
}
