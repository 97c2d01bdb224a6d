"""The live picture without a browser: a camera or a film in, a window or a film out."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

import cv2

from locator.api import Locator
from locator.core.arrays import RGBArray
from locator.draw import window
from locator.draw.overlay import View
from locator.live import cameras, video
from locator.live.coaching import Advice
from locator.live.session import Live
from locator.live.video import Frame, VideoError

Watched = Callable[[float, "float | None"], None]
"""Told how many seconds of a film are done, and how long it is."""

_TITLE = "Back points: any key ends this"

Out = Callable[[RGBArray, Frame], bool]
"""Takes a marked picture and the frame that it is made of; says whether more are wanted."""


@dataclass(frozen=True)
class FilmSummary:
    """How many pictures there were, how many of them are marked, and what was advised last."""

    frames: int
    marked: int
    advice: Advice | None


def of_film(
    locator: Locator, view: View, file: str, target: Path | None, watched: Watched, *, sound: bool = False
) -> FilmSummary:
    """Mark every picture of a film, and write them to ``target``, or show them where that is None.

    Args:
        sound: whether what is written gets the film's sound.

    Raises:
        VideoError: if it cannot be read, or there is no screen.
        OSError: if the target cannot be written.
    """
    with video.opened(file) as film, _shown_or_written(target, file if sound else None) as out:

        def frames() -> Iterator[Frame]:
            for frame in film.frames:
                yield frame
                watched(frame.time_s, film.length_s)

        return _mark(locator, view, frames(), out)


def of_camera(locator: Locator, view: View, number: int, target: Path | None) -> FilmSummary:
    """Mark what a camera sees until Ctrl-C, a key in the window, or its end.

    Raises:
        VideoError, OSError: as :func:`of_film`.
    """
    with cameras.camera(number) as frames, _shown_or_written(target) as out, _interrupt() as asked:
        return _mark(locator, view, takewhile(lambda frame: not asked.is_set(), frames), out)


@contextmanager
def _interrupt() -> Iterator[threading.Event]:
    """Set by Ctrl-C, which is how a film of a camera ends: between two pictures, and whole."""
    asked = threading.Event()
    before = signal.signal(signal.SIGINT, lambda number, frame: asked.set())
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)


def _mark(locator: Locator, view: View, frames: Iterator[Frame], out: Out) -> FilmSummary:
    live = Live(locator, view)
    count = marked = 0
    advice = None
    try:
        for frame in frames:
            shown = live.show(frame.rgb, frame.time_s)
            count, marked = count + 1, marked + (shown.location is not None)
            advice = shown.advice or advice
            if not out(shown.rgb, frame):
                break
    finally:
        live.close()
    return FilmSummary(count, marked, advice)


@contextmanager
def _shown_or_written(target: Path | None, sound_of: str | None = None) -> Iterator[Out]:
    if target is None:
        with _window() as show:
            yield show
        return
    with video.recorder(target, sound_of) as recorder:

        def write(rgb: RGBArray, frame: Frame) -> bool:
            recorder.add(rgb, frame.time_s, frame.duration_s)
            return True

        yield write


@contextmanager
def _window() -> Iterator[Out]:
    def show(rgb: RGBArray, frame: Frame) -> bool:
        cv2.imshow(_TITLE, rgb[..., ::-1])
        return cv2.waitKey(1) < 0 and cv2.getWindowProperty(_TITLE, cv2.WND_PROP_VISIBLE) >= 1

    if not window.is_there():
        raise VideoError("There is no screen here to show a window on.", "Name a film to write: --out FILE.mp4")
    cv2.namedWindow(_TITLE, cv2.WINDOW_NORMAL)
    try:
        yield show
    finally:
        cv2.destroyAllWindows()
