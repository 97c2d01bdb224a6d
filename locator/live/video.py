"""Films and cameras: frames in, and a film of marked frames out. The only home of the film library."""

from __future__ import annotations

import contextlib
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import cv2
import numpy as np

from locator.core.arrays import RGBArray
from locator.core.similarity import turned_picture

_CODEC = "h264"  # what every browser and phone plays
_TICKS_S = 90_000  # of the time of frames, as films have it
_RATE = 30  # told to the codec; frames carry their own times
_MOST_PIXELS = 8192 * 4320  # of a frame


class VideoError(Exception):
    """A film or a camera that gives no pictures; says what to do instead."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message} {remedy}")
        self.message, self.remedy = message, remedy


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of many: (h, w, 3) uint8 RGB, upright, and when it was taken, in seconds."""

    rgb: RGBArray = field(repr=False)
    time_s: float


@dataclass(frozen=True, eq=False)
class Film:
    """A film that has been opened.

    Attributes:
        length_s: how long it says it is; None if it does not.
    """

    frames: Iterator[Frame]
    length_s: float | None


@contextmanager
def opened(file: str | os.PathLike[str]) -> Iterator[Film]:
    """A film on this machine. Pictures that are damaged are left out.

    Raises:
        VideoError: if it is none, or has no picture that can be read.
    """
    if not Path(file).is_file():  # the library would take an address for a file, and go there
        raise VideoError("There is no such file.", "Check its name.")
    try:
        container = av.open(str(Path(file).resolve()), mode="r")
    except (av.FFmpegError, OSError, ValueError) as error:
        raise VideoError("This file cannot be read as a film.", "Give an MP4, MOV, MKV or WebM file.") from error
    with container:
        if not container.streams.video:
            raise VideoError("There is no picture in this film.", "Give a film with a picture.")
        stream = container.streams.video[0]
        if stream.codec_context is None or not 0 < stream.width * stream.height <= _MOST_PIXELS:
            raise VideoError("The pictures of this film are too large to be read.", "Save it at 4K or less.")
        stream.thread_type = "AUTO"
        length_s = float(stream.duration * stream.time_base) if stream.duration and stream.time_base else None
        yield Film(_decoded(container, stream), length_s)


def _decoded(container: av.container.InputContainer, stream: av.VideoStream) -> Iterator[Frame]:
    count = 0
    for packet in container.demux(stream):
        with contextlib.suppress(av.FFmpegError):
            for frame in packet.decode():
                rgb = frame.to_ndarray(format="rgb24")
                quarter_turns = round(frame.rotation / 90) % 4
                time_s = frame.time if frame.time is not None else count / _RATE
                count += 1
                yield Frame(turned_picture(np.asarray(rgb, dtype=np.uint8), quarter_turns), float(time_s))
    if not count:
        raise VideoError("No picture of this film can be read.", "Save it as an MP4 film and try again.")


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


class FilmRecorder:
    """Writes a film; under its own name it is there whole, or not at all."""

    def __init__(self, container: av.container.OutputContainer) -> None:
        self._container = container
        self._stream: av.VideoStream | None = None
        self._start_s = 0.0
        self._last = -1

    def add(self, rgb: RGBArray, time_s: float) -> None:
        """The next picture; all are written at the size of the first."""
        if self._stream is None:
            self._start_s = time_s
            self._stream = self._begin((rgb.shape[1] // 2 * 2, rgb.shape[0] // 2 * 2))
        stream = self._stream
        if (rgb.shape[1] // 2 * 2, rgb.shape[0] // 2 * 2) != (stream.width, stream.height):
            rgb = np.asarray(cv2.resize(rgb, (stream.width, stream.height)), dtype=np.uint8)
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb[: stream.height, : stream.width]), format="rgb24")
        self._last = max(self._last + 1, round((time_s - self._start_s) * _TICKS_S))
        frame.pts, frame.time_base = self._last, Fraction(1, _TICKS_S)
        self._container.mux(stream.encode(frame))

    def _begin(self, size: tuple[int, int]) -> av.VideoStream:
        stream = cast("av.VideoStream", self._container.add_stream(_CODEC, rate=_RATE))
        stream.width, stream.height = size  # even, as the codec halves the colours
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, _TICKS_S)
        return stream

    def finish(self) -> None:
        """Write what is still under way."""
        if self._stream is not None:
            self._container.mux(self._stream.encode(None))


@contextmanager
def recorder(target: Path) -> Iterator[FilmRecorder]:
    """What writes an MP4 film without sound, and without a word of who made it, when or with what.

    Raises:
        OSError: if it cannot be written; nothing is left behind then.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{uuid.uuid4().hex}.part")
    try:
        with av.open(str(unfinished), mode="w", format="mp4", options={"fflags": "+bitexact"}) as container:
            recorder = FilmRecorder(container)
            try:
                yield recorder
            finally:
                recorder.finish()
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
