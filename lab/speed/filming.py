"""A fake camera: a film of a picture that is moved to and fro, in the form that Chromium takes for a camera's."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from locator.core.arrays import RGBArray

FPS = 30  # at which Chromium plays a film of JPEGs
MARK = (255, 0, 255)
"""The colour of the square in the upper edge that moves along with the picture, to tell where it is."""

_MARK_PX = 24
_QUALITY = 85


def flags(*films: Path) -> list[str]:
    """What makes Chromium show a film for its camera, and ask nobody."""
    return ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"] + [
        f"--use-file-for-fake-video-capture={film}" for film in films
    ]


def film(
    file: Path,
    picture: RGBArray,
    size: tuple[int, int] = (640, 480),
    away_px: float = 45.0,
    period_s: float = 4.0,
    marked: bool = True,
) -> Path:
    """Write one period of ``picture``, as high as the frame and moved sidewards by up to ``away_px`` to either side.

    Args:
        file: ends in ``.mjpeg``.
        picture: (h, w, 3) uint8.
        size: of the frame, (width, height) px.
        marked: whether there is the square that tells where the picture is.
    """
    width, height = size
    fitted = Image.fromarray(picture).resize((round(picture.shape[1] * height / picture.shape[0]), height))
    frames = []
    for number in range(round(period_s * FPS)):
        shift = round(away_px * math.sin(2 * math.pi * number / (period_s * FPS)))
        frames.append(_frame(fitted, shift, size, marked))
    file.write_bytes(b"".join(_jpegs(frames)))
    return file


def _frame(fitted: Image.Image, shift: int, size: tuple[int, int], marked: bool) -> Image.Image:
    """The picture in the middle, moved by ``shift`` px, its edges drawn out to the frame's."""
    left = (size[0] - fitted.width) // 2 + shift
    columns = np.clip(np.arange(size[0]) - left, 0, fitted.width - 1)
    frame = np.asarray(fitted)[:, columns].copy()
    middle = size[0] // 2 + shift
    if marked:
        frame[:_MARK_PX, middle - _MARK_PX // 2 : middle + _MARK_PX // 2] = MARK
    return Image.fromarray(frame)


def _jpegs(frames: Sequence[Image.Image]) -> list[bytes]:
    written = []
    for frame in frames:
        kept = io.BytesIO()
        frame.save(kept, "JPEG", quality=_QUALITY)
        written.append(kept.getvalue())
    return written
