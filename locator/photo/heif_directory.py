"""The directory of a HEIF or AVIF file: its pictures, what they are said to be, and where their code lies."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from fractions import Fraction
from functools import cache

from locator.photo import code_streams
from locator.photo.excess import TooComplex, TooManyPixels

_MAX_COMPOSED_PX = 96_000_000  # tiles overlap the border of the picture
_MAX_FRAME_PX = 48_000_000  # of AV1 code, whatever the file says
_MAX_ITEMS, _MAX_EXTENTS = 2_000, 5_000  # pictures and parts of a HEIF file, and pieces that they lie in
_MAX_DEPTH = 8  # pictures composed of composed pictures
_SRGB, _OF_FILMS = 13, (1, 6, 14, 15)  # transfers, ITU-T H.273
_LAYERED = {b"a1op", b"a1lx", b"lsel"}
_CODES, _COMPOSED = (b"hvc1", b"av01"), (b"grid", b"iden", b"iovl")  # kinds of items
_UNKNOWN_AREA_PX = 64_000_000  # a part that does not say how large it is may be as large as any photo


def boxes(data: bytes) -> Iterator[tuple[bytes, int, int, int]]:
    """Every box's kind, start, start of its body, and end."""
    end = 0
    while len(data) - end >= 8:
        start, body = end, end + 8
        size, kind = struct.unpack_from(">I4s", data, start)
        if size == 1:
            if len(data) - body < 8:
                return  # cut off
            (size,) = struct.unpack_from(">Q", data, body)
            body += 8
        end = start + size if size else len(data)
        if not body <= end <= len(data):
            return  # cut off, or data that a maker appended
        yield kind, start, body, end


def _children(body: bytes) -> list[tuple[bytes, bytes]]:
    return [(kind, body[begin:end]) for kind, _, begin, end in boxes(body)]


def check_pictures(meta: bytes, data: bytes, most_code_bytes: int) -> None:
    """Refuse a picture that is composed of far more pixels than it shows, or coded in far more bytes or frames.

    Args:
        meta: the file's directory, the children of its ``meta`` box.
        data: the whole file, for the code that the directory points to.
        most_code_bytes: of all coded pictures together.
    """
    found = _only(meta, (b"iref", b"iinf", b"iprp", b"iloc", b"idat"))
    parts_of = _parts(found[b"iref"])
    kind_of = _kinds(found[b"iinf"])
    area_of: dict[int, int] = {}
    settings_of: dict[int, tuple[int, int]] = {}
    settings = cache(code_streams.hevc_settings)
    for item, name, body in _properties(found[b"iprp"]):
        if name == b"ispe":
            width, height = struct.unpack_from(">4xII", body)
            area_of[item] = max(width * height, area_of.get(item, 0))
        elif name == b"hvcC" and settings_of.setdefault(item, settings(body)) != settings(body):
            raise ValueError("twice")
    frames_of: dict[int, int] = {}
    left = most_code_bytes
    for item, code in _codes(found[b"iloc"], kind_of, found[b"idat"], data):
        left -= len(code)
        if left < 0:
            raise TooComplex
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


def numbers(meta: bytes) -> tuple[int, int] | None:
    """Code points of the primaries and the transfer of the picture's colours, where the directory tells them.

    The transfer of films is told as that of sRGB: that is how stills with it are shown.
    """
    for name, body in _of_shown(meta):
        if name == b"colr" and body.startswith(b"nclx"):
            primaries, transfer = struct.unpack_from(">HH", body, 4)
            return primaries, _SRGB if transfer in _OF_FILMS else transfer
    return None


def clean_aperture(meta: bytes) -> tuple[Fraction, ...] | None:
    """Width and height of what is to be shown of the picture, and how far its centre is from the picture's, px."""
    for name, body in _of_shown(meta):
        if name == b"clap":
            values = struct.unpack(">4I", body[:16]) + struct.unpack(">iIiI", body[16:])
            if all(values[1::2]):
                return tuple(map(Fraction, values[::2], values[1::2]))
    return None


def _of_shown(meta: bytes) -> list[tuple[bytes, bytes]]:
    """Kind and body of the properties of the picture that is shown."""
    found = _only(meta, (b"pitm", b"iprp"))
    shown = int.from_bytes(found[b"pitm"][4:], "big")
    return [(name, body) for item, name, body in _properties(found[b"iprp"]) if item == shown]


def is_unusual(data: bytes) -> bool:
    """Whether a file holds its picture in a way that only some programs know.

    In layers, as a frame of a film, or in another code than that of HEIC and AVIF, such as JPEG or AVC.
    """
    there = {kind: data[body + 4 : end] for kind, _, body, end in boxes(data)}
    if b"meta" not in there:
        return b"moov" in there
    try:
        found = _only(there[b"meta"], (b"pitm", b"iprp", b"iloc", b"iinf", b"iref"))
        shown = int.from_bytes(found[b"pitm"][4:], "big")
        lies = {item for item, _, _ in _extents(found[b"iloc"])}
        kind_of = _kinds(found[b"iinf"])
        parts = _parts(found[b"iref"]).get(shown, [])
        in_other_code = any(kind_of.get(item, _COMPOSED[0]) not in (*_CODES, *_COMPOSED) for item in (shown, *parts))
        layered = any(name in _LAYERED for _, name, _ in _properties(found[b"iprp"]))
        return shown not in lies or layered or in_other_code
    except (ValueError, IndexError, struct.error, TooComplex):
        return False


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
    properties = _children(_only(iprp, (b"ipco",))[b"ipco"])
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
        if kind_of.get(item) in _CODES:
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
