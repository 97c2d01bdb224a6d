"""The part of a film's pictures that is to be shown, as MP4 and MOV say it: the clean aperture."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path

_WAY = (b"mdia", b"minf", b"stbl", b"stsd")
_MOST_BYTES = 16 * 2**20  # of a film's index
_ENTRY_BYTES = 78  # of a sample entry of pictures, before the boxes in it

Aperture = tuple[int, int, int, int]
"""Left, top, right and bottom edge, in stored pixels; the last two are outside."""


def clean_aperture(file: str | os.PathLike[str], track: int, size: tuple[int, int]) -> Aperture | None:
    """What is shown of stored pictures of a width and height, px; None for all of them.

    Args:
        track: its number among all tracks of the file, from 0.
    """
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
    edges = left, top, left + round(width), top + round(height)
    inside = 0 <= left < edges[2] <= size[0] and 0 <= top < edges[3] <= size[1]
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
