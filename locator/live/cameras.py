"""Cameras of this machine."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import cv2
import numpy as np

from locator.live.video import Frame, VideoError


@contextmanager
def camera(number: int) -> Iterator[Iterator[Frame]]:
    """The frames of a camera of this machine, as they come, until it is unplugged.

    Raises:
        VideoError: if there is none, or it is in use.
    """
    source = cv2.VideoCapture(number)
    try:
        if not source.isOpened():
            raise VideoError(
                f"Camera {number} gives no picture.", "Check that it is plugged in and that no other program uses it."
            )
        yield _captured(source)
    finally:
        source.release()


def _captured(source: cv2.VideoCapture) -> Iterator[Frame]:
    while True:
        there, bgr = source.read()
        if not there:
            return
        yield Frame(np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), dtype=np.uint8), time.monotonic())
