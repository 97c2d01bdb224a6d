"""The part of a film's pictures that is to be shown: clean aperture in MP4 and MOV, crop in Matroska and WebM."""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_WAY = (b"mdia", b"minf", b"stbl", b"stsd")
_MOST_BYTES = 16 * 2**20  # of a film's index
_ENTRY_BYTES = 78  # of a sample entry of pictures, before the boxes in it

# Matroska's names (RFC 9559): what holds the tracks, a track, what is said of its pictures, and the edges cut off.
_EBML, _SEGMENT, _TRACKS, _TRACK, _PICTURES = 0x1A45DFA3, 0x18538067, 0x1654AE6B, 0xAE, 0xE0
_CROPS = (0x54CC, 0x54BB, 0x54DD, 0x54AA)  # left, top, right, bottom

Aperture = tuple[int, int, int, int]
"""Left, top, right and bottom edge, in stored pixels; the last two are outside."""


def shown(file: str | os.PathLike[str], track: int, size: tuple[int, int]) -> Aperture | None:
    """What is shown of stored pictures of a width and height, px; None for all of them.

    Args:
        track: its number among all tracks of the file, from 0.
    """
    with Path(file).open("rb") as opened:
        is_matroska = opened.read(4) == _EBML.to_bytes(4)
    return _matroska_crop(file, track, size) if is_matroska else _clean_aperture(file, track, size)


def _clean_aperture(file: str | os.PathLike[str], track: int, size: tuple[int, int]) -> Aperture | None:
    tracks = [body for kind, body in _boxes(_index(file)) if kind == b"trak"]
    body = tracks[track] if track < len(tracks) else b""
    for name in _WAY:
        body = next((inside for kind, inside in _boxes(body) if kind == name), b"")
    for _, entry in _boxes(body[8:]):
        for kind, numbers in _boxes(entry[_ENTRY_BYTES:]):
            if kind == b"clap" and len(numbers) >= 32:
                return _edges(struct.unpack_from(">IIIIiIiI", numbers), size)
    return None


def _edges(numbers: tuple[int, ...], size: tuple[int, int]) -> Aperture | None:
    """ISO 14496-12, 12.1.4: sizes, then how far the middle is from that of the stored picture, each as a fraction."""
    if not all(numbers[1::2]):
        return None
    width, height, right, down = (above / below for above, below in zip(numbers[::2], numbers[1::2], strict=True))
    left, top = round((size[0] - width) / 2 + right), round((size[1] - height) / 2 + down)
    return _useful((left, top, left + round(width), top + round(height)), size)


def _useful(edges: Aperture, size: tuple[int, int]) -> Aperture | None:
    """None where everything is shown, or what is said does not fit."""
    inside = 0 <= edges[0] < edges[2] <= size[0] and 0 <= edges[1] < edges[3] <= size[1]
    return edges if inside and edges != (0, 0, *size) else None


def _index(file: str | os.PathLike[str]) -> bytes:
    """The body of the box that lists the tracks, without reading the film; nothing if there is none."""
    with Path(file).open("rb") as opened:
        end = os.fstat(opened.fileno()).st_size
        while len(header := opened.read(8)) == 8:
            length, kind = struct.unpack(">I4s", header)
            rest = length - 8
            if length == 1:
                rest = int.from_bytes(opened.read(8), "big") - 16
            if not 0 <= rest <= (_MOST_BYTES if kind == b"moov" else end):
                break
            if kind == b"moov":
                return opened.read(rest)
            opened.seek(rest, os.SEEK_CUR)
    return b""


def _boxes(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(body):
        length, kind = struct.unpack_from(">I4s", body, at)
        if not 8 <= length <= len(body) - at:
            return
        yield kind, body[at + 8 : at + length]
        at += length


def _matroska_crop(file: str | os.PathLike[str], track: int, size: tuple[int, int]) -> Aperture | None:
    tracks = [body for name, body in _elements(_tracks(file)) if name == _TRACK]
    entry = tracks[track] if track < len(tracks) else b""
    pictures = next((body for name, body in _elements(entry) if name == _PICTURES), b"")
    said = {name: int.from_bytes(body) for name, body in _elements(pictures) if name in _CROPS}
    left, top, right, bottom = (said.get(name, 0) for name in _CROPS)
    return _useful((left, top, size[0] - right, size[1] - bottom), size)


def _tracks(file: str | os.PathLike[str]) -> bytes:
    """The body of the element that lists the tracks, without reading the film; nothing if there is none."""
    with Path(file).open("rb") as opened:
        end = os.fstat(opened.fileno()).st_size
        while (name := _number(opened.read(1), opened, marked=True)) is not None:
            length = _number(opened.read(1), opened, marked=False)
            if name == _SEGMENT:
                continue  # which may be endless: what is in it comes next
            if length is None or not 0 <= length <= (_MOST_BYTES if name == _TRACKS else end):
                break
            if name == _TRACKS:
                return opened.read(length)
            opened.seek(length, os.SEEK_CUR)
    return b""


def _elements(body: bytes) -> Iterator[tuple[int, bytes]]:
    read = io.BytesIO(body)
    while (name := _number(read.read(1), read, marked=True)) is not None:
        length = _number(read.read(1), read, marked=False)
        if length is None or length > len(body) - read.tell():
            return
        yield name, read.read(length)


def _number(first: bytes, rest: BinaryIO, marked: bool) -> int | None:
    """A number that is as long as its first byte says (RFC 8794, 4); None at the end, and where it is none.

    Args:
        marked: whether the bit that tells its length is kept, as in names.
    """
    if not first or not first[0]:
        return None
    more = 8 - first[0].bit_length()
    number = int.from_bytes(first + rest.read(more))
    return number if marked else number - (1 << 7 * (more + 1))
