"""RGB pixels to the bytes of a picture file that holds nothing else.

The largest photos are written without a second copy of them in memory: the encoders take them in bands of rows.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from locator.core.arrays import RGBArray, check_rgb

FORMATS = ("jpeg", "png", "webp")

_BAND = 64  # rows; even, since WebP halves the rows of its colours
_PNG_UP = 2  # the filter of a row: each value less the one above it
_PNG_LEVEL = 1  # of zlib
_WEBP_LARGE_PX, _WEBP_LARGE_QUALITY = 24_000_000, 75  # above that, more would take too long
_WEBP_METHOD = 2  # how hard its encoder tries, 0 to 6; below 2 it fails on large grainy photos, above it is slow


def encode(rgb: RGBArray, format: str, quality: int = 92, spent: bool = False) -> bytes:
    """Encode (h, w, 3) uint8 RGB pixels as a file that holds the picture and nothing else.

    As a PNG, (h, w, 4) pixels too: RGB and how opaque they are.

    Args:
        format: ``"jpeg"``, ``"png"`` or ``"webp"``.
        quality: of a JPEG or WebP, 1 to 100; of a WebP of more than 24 megapixels, 75 at most.
        spent: whether nobody needs the pixels any more: a JPEG takes less memory, and leaves them changed.

    Raises:
        TypeError, ValueError: on other pixels, another format, or a quality outside 1 to 100.
    """
    has_four = isinstance(rgb, np.ndarray) and rgb.shape[2:] == (4,) and format == "png"
    check_rgb(rgb[..., :3] if has_four else rgb)
    if format not in FORMATS:
        raise ValueError(f"format: expected one of {', '.join(FORMATS)}, got {format!r}")
    if not 1 <= quality <= 100:
        raise ValueError(f"quality: expected 1 to 100, got {quality!r}")
    if format == "jpeg":
        return _jpeg(np.ascontiguousarray(rgb) if spent else rgb.copy(), quality)
    if format == "png":
        return _png(rgb)
    frame = _halved_colours(rgb)
    del rgb  # nobody else may hold it: the encoder takes as much memory again
    return _webp(frame, quality)


def _jpeg(pixels: RGBArray, quality: int) -> bytes:
    for _, band in _bands(pixels):
        cv2.cvtColor(band, cv2.COLOR_RGB2BGR, dst=band)
    # Full colour resolution, or thin coloured lines would be smeared. OpenCV takes half as long as Pillow for it.
    sampling = (cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444)
    return cv2.imencode(".jpg", pixels, (cv2.IMWRITE_JPEG_QUALITY, quality, *sampling))[1].tobytes()


def _png(pixels: RGBArray) -> bytes:
    height, width, channels = pixels.shape
    out = io.BytesIO()
    out.write(b"\x89PNG\r\n\x1a\n")
    out.write(_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6 if channels == 4 else 2, 0, 0, 0)))
    deflate = zlib.compressobj(_PNG_LEVEL)
    above = np.zeros((1, width * channels), np.uint8)
    for _, band in _bands(pixels):
        rows = band.reshape(len(band), -1)
        filtered = np.empty((len(rows), 1 + rows.shape[1]), np.uint8)
        filtered[:, 0] = _PNG_UP
        np.subtract(rows, np.concatenate([above, rows[:-1]]), out=filtered[:, 1:])
        above = rows[-1:]
        if data := deflate.compress(filtered.data):
            out.write(_chunk(b"IDAT", data))
    out.write(_chunk(b"IDAT", deflate.flush()))
    out.write(_chunk(b"IEND", b""))
    return out.getvalue()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(kind)))


def _halved_colours(rgb: RGBArray) -> Any:
    """The picture as WebP stores it, a frame of the film library."""
    import av  # takes as long to load as all the rest here, and the others do without

    height, width = rgb.shape[:2]
    frame = av.VideoFrame(width, height, "yuv420p")
    planes = [_rows(plane) for plane in frame.planes]
    for top, band in _bands(rgb):
        part = av.VideoFrame.from_ndarray(band, "rgb24").reformat(format="yuv420p", interpolation="AREA")
        for whole, plane, first in zip(planes, part.planes, (top, top // 2, top // 2), strict=True):
            whole[first : first + plane.height, : plane.width] = _rows(plane)[:, : plane.width]
    return frame


def _webp(frame: Any, quality: int) -> bytes:
    import av

    encoder = av.VideoCodecContext.create("libwebp", "w")
    encoder.width, encoder.height, encoder.pix_fmt = frame.width, frame.height, frame.format.name
    encoder.framerate = Fraction(1)  # it asks, though a still has none
    most = _WEBP_LARGE_QUALITY if frame.width * frame.height > _WEBP_LARGE_PX else quality
    encoder.options = {"quality": str(min(quality, most)), "compression_level": str(_WEBP_METHOD)}
    return b"".join(bytes(packet) for packet in (*encoder.encode(frame), *encoder.encode(None)))


def _rows(plane: Any) -> NDArray[np.uint8]:
    """A plane of a frame itself, with what lies behind the end of each row."""
    return np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)


def _bands(pixels: NDArray[np.uint8]) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """A few rows after the other, with the number of the first."""
    for top in range(0, len(pixels), _BAND):
        yield top, np.ascontiguousarray(pixels[top : top + _BAND])
