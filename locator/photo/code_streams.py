"""How much the coded pictures inside a HEIF or AVIF file ask of a decoder, told by the code itself.

The file around them may say less: a decoder takes frames that are larger than the file says, and works through frames
that are never shown, as many as there are. Both were measured: gigabytes and many seconds for a few kilobytes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

_MAX_UNITS = 300  # of one picture; honest ones have a few

_AV1_SEQUENCE, _AV1_FRAMES = 1, {3, 6, 7}  # kinds of units: its header, and those that may begin a frame
_HEVC_SLICES = range(32)


class _Bits:
    def __init__(self, data: bytes) -> None:
        self._value, self._left = int.from_bytes(data, "big"), 8 * len(data)

    def take(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            raise ValueError("cut off")
        return self._value >> self._left & (1 << count) - 1


def av1(data: memoryview) -> tuple[int, int]:
    """Frames in AV1 code, and the pixels that the largest of them can have.

    Raises:
        ValueError, IndexError: if the code is broken, or says nothing of its size.
        OverflowError: if it is in far too many pieces.
    """
    frames, most = 0, 0
    for kind, unit in _av1_units(data):
        if kind == _AV1_SEQUENCE:
            most = max(most, _av1_most_pixels(_Bits(bytes(unit[:128]))))
        frames += kind in _AV1_FRAMES
    if not most:
        raise ValueError("no size")
    return frames, most


def _av1_units(data: memoryview) -> Iterator[tuple[int, memoryview]]:
    at = 0
    for _ in range(_MAX_UNITS):
        if at >= len(data):
            return
        kind, extended, sized = data[at] >> 3 & 15, data[at] & 4, data[at] & 2
        at += 2 if extended else 1
        length = len(data) - at
        if sized:
            length, shift = 0, 0
            while True:  # seven bits a byte, the lowest first
                byte = data[at]
                length |= (byte & 127) << shift
                at, shift = at + 1, shift + 7
                if byte < 128:
                    break
                if shift == 56:
                    raise ValueError("damaged")
        yield kind, data[at : at + length]
        at += length
    raise OverflowError


def _av1_most_pixels(bits: _Bits) -> int:
    """From a sequence header. Frames of a film may be of any size that its numbers can hold; a still is of just one."""
    bits.take(4)
    is_still = bits.take(1)
    if is_still:
        bits.take(5)
    else:
        if bits.take(1):
            raise ValueError("timed")  # a film, not a photo
        delays = bits.take(1)
        for _ in range(bits.take(5) + 1):
            bits.take(12)
            if bits.take(5) > 7:
                bits.take(1)
            if delays and bits.take(1):
                bits.take(4)
    width_bits, height_bits = bits.take(4) + 1, bits.take(4) + 1
    if not is_still:
        return 1 << width_bits + height_bits
    return (bits.take(width_bits) + 1) * (bits.take(height_bits) + 1)


def hevc_settings(body: bytes) -> tuple[int, int]:
    """From the body of ``hvcC``: bytes of each unit's length, and pictures, which may hide here, too.

    Raises:
        IndexError, struct.error: if it is broken.
    """
    pictures, at = 0, 23
    for _ in range(body[22]):
        (count,) = struct.unpack_from(">H", body, at + 1)
        at += 3
        for _ in range(count):
            (length,) = struct.unpack_from(">H", body, at)
            pictures += _begins_picture(body[at + 2 : at + 2 + length])
            at += 2 + length
    return (body[21] & 3) + 1, pictures


def hevc_pictures(data: memoryview, length_bytes: int) -> int:
    """Pictures in HEVC code.

    Raises:
        OverflowError: if it is in far too many pieces.
    """
    pictures, at = 0, 0
    for _ in range(_MAX_UNITS):
        if at >= len(data):
            return pictures
        length = int.from_bytes(data[at : at + length_bytes], "big")
        at += length_bytes
        pictures += _begins_picture(data[at : at + length])
        at += length
    raise OverflowError


def _begins_picture(unit: bytes | memoryview) -> bool:
    return len(unit) > 2 and unit[0] >> 1 & 63 in _HEVC_SLICES and bool(unit[2] & 128)
