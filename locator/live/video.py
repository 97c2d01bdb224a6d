"""Films: frames in, and a film of marked frames out. The only home of the film library."""

from __future__ import annotations

import contextlib
import itertools
import os
import uuid
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TypeVar, cast

import av
import numpy as np
from av.sidedata.sidedata import SideDataContainer
from av.sidedata.sidedata import Type as SideData
from av.stream import Disposition
from av.video.reformatter import ColorRange, Colorspace, Interpolation

from locator.core.arrays import RGBArray
from locator.live import aperture, presentation
from locator.live.timeline import Timeline

_CODEC = "h264"  # what every browser and phone plays
_SOUND_CODEC = "aac"
_SOUND_RATES_HZ = (48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000)  # of that codec
_SOUND_BITS_S, _SOUND_PIECE = 96_000, 1024  # of a channel; in samples
_TICKS_S = 90_000  # of the time of frames, as films have it
_RATE = 30  # of films that do not say theirs; told to the codec, where frames carry their own times
_MOST_PIXELS = 8192 * 4320  # of a frame
_HD_LINES = 720  # from these on, a film that does not say its colours has those of BT.709; below, of BT.601
_BT709, _UNSPECIFIED = 1, 2  # ITU-T H.273
_SMOOTH = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT
_NO_FILM = Disposition.attached_pic | Disposition.still_image | Disposition.timed_thumbnails
_EVER = 2**48  # ticks of a film, beyond its end
_MOST_PACKETS = 5000  # looked through for the track that moves


_Track = TypeVar("_Track", bound=av.stream.Stream)


class VideoError(Exception):
    """A film or a camera that gives no pictures; says what to do instead."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message} {remedy}")
        self.message, self.remedy = message, remedy


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of many.

    Attributes:
        rgb: (h, w, 3) uint8, as it is to be shown: upright, of square pixels. The size may change in a film.
        time_s: when it was taken, in seconds.
        duration_s: how long it is shown, if that is known.
    """

    rgb: RGBArray = field(repr=False)
    time_s: float
    duration_s: float | None = None


@dataclass(frozen=True, eq=False)
class Film:
    """A film that has been opened.

    Attributes:
        frames: the first at 0 s; times never go back.
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
    with _container(file) as container:
        track = _film_track(file, container)
        _check_size(track.width, track.height)
        track.thread_type = "AUTO"
        shown = aperture.shown(file, track.index, (track.width, track.height))
        yield Film(_frames(container, track, shown), _length_s(file, container, track))


@contextmanager
def _container(file: str | os.PathLike[str]) -> Iterator[av.container.InputContainer]:
    if not Path(file).is_file():  # the library would take an address for a file, and go there
        raise VideoError("There is no such file, or it is a folder, pipe or device.", "Check its name.")
    try:
        container = av.open(str(Path(file).resolve()), mode="r")
    except (av.FFmpegError, OSError, ValueError) as error:
        raise VideoError("This file cannot be read as a film.", "Give an MP4, MOV, MKV or WebM file.") from error
    with container:
        yield container


def _check_size(width: int, height: int) -> None:
    if width * height > _MOST_PIXELS:
        raise VideoError("The pictures of this film are too large to be read.", "Save it at 4K or less.")


def _film_track(file: str | os.PathLike[str], container: av.container.InputContainer) -> av.VideoStream:
    """The track to be shown: neither a cover, which does not move, nor a preview, which is smaller."""
    tracks = [one for one in container.streams.video if one.codec_context and not one.disposition & _NO_FILM]
    if len(tracks) > 1:
        moving = _moving(file, [track.index for track in tracks])
        tracks = [track for track in tracks if track.index in moving] or tracks
    if not tracks:
        raise VideoError("There is no picture in this film.", "Give a film with a picture.")
    return max(tracks, key=lambda one: (one.width * one.height, bool(one.disposition & Disposition.default)))


def _moving(file: str | os.PathLike[str], tracks: list[int]) -> set[int]:
    """Which tracks have more than one picture; what headers say of that is often wrong or left out."""
    once, more = set[int](), set[int]()
    with _container(file) as container:
        looked_at = [track for track in container.streams.video if track.index in tracks]
        for number, packet in enumerate(_packets(container, looked_at)):
            if packet.size:
                (more if packet.stream_index in once else once).add(packet.stream_index)
            if len(more) == len(tracks) or number > _MOST_PACKETS:
                break
    return more


def _packets(container: av.container.InputContainer, tracks: list[_Track]) -> Iterator[av.Packet[_Track]]:
    """What can be read of a file; where it is damaged beyond reading, it ends."""
    with contextlib.suppress(av.FFmpegError):
        for packet in container.demux(tracks):
            yield cast("av.Packet[_Track]", packet)


def _leaps(container: av.container.InputContainer) -> bool:
    return av.format.Flags.ts_discont in av.format.Flags(container.format.flags)


def _put_on(timeline: Timeline, packet: av.Packet[av.VideoStream], track: av.VideoStream) -> None:
    """Give a packet of pictures its times on the film's own clock."""
    base = packet.time_base
    shown = packet.pts if packet.pts is not None else packet.dts
    if shown is None or packet.is_discard:
        return
    lasts_s = float((packet.duration or 0) * base) or 1 / _rate(track)
    due_s = None if packet.dts is None else float(packet.dts * base)
    shift = round(timeline.picture(due_s, float(shown * base), lasts_s) / base)
    packet.pts = None if packet.pts is None else packet.pts + shift
    packet.dts = None if packet.dts is None else packet.dts + shift


def _rate(track: av.VideoStream) -> float:
    return float(track.average_rate or track.guessed_rate or _RATE)


def _length_s(
    file: str | os.PathLike[str], container: av.container.InputContainer, track: av.VideoStream
) -> float | None:
    """Until the last of its pictures ends; as said in broadcasts, whose clocks leap."""
    base = track.time_base or Fraction(1, _TICKS_S)
    said_s = float(track.duration * base) if track.duration else (container.duration or 0) / av.time_base
    if _leaps(container):
        return said_s or None
    ends = []
    with _container(file) as again, contextlib.suppress(av.FFmpegError):
        last = again.streams.video[container.streams.video.index(track)]
        again.seek(_EVER, stream=last)
        ends = [packet.pts + (packet.duration or 0) for packet in _packets(again, [last]) if packet.pts is not None]
    return float((max(ends) - (track.start_time or 0)) * base) if ends else said_s or None


def _frames(
    container: av.container.InputContainer, track: av.VideoStream, shown: aperture.Aperture | None
) -> Iterator[Frame]:
    size = track.width, track.height
    timeline, aspect = Timeline(_leaps(container)), _pixel_aspect(track)
    next_s = last_s = 0.0
    count = 0
    for packet in _packets(container, [track]):
        _put_on(timeline, packet, track)
        with contextlib.suppress(av.FFmpegError):
            for frame in packet.decode():
                _check_size(frame.width, frame.height)
                time_s = max(last_s, next_s if frame.time is None else float(frame.time))
                duration_s = float(frame.duration * (frame.time_base or 0)) or 1 / _rate(track)
                next_s, last_s, count = time_s + duration_s, time_s, count + 1
                rgb = _rgb(frame)
                if shown and (frame.width, frame.height) == size:
                    rgb = rgb[shown[1] : shown[3], shown[0] : shown[2]]
                rgb = presentation.squared(rgb, aspect())
                yield Frame(presentation.placed(rgb, _display_matrix(frame)), time_s, duration_s)
    if not count:
        raise VideoError("No picture of this film can be read.", "Save it as an MP4 film and try again.")


def _display_matrix(frame: av.VideoFrame) -> bytes | None:
    try:
        return bytes(cast("SideDataContainer", frame.side_data)[SideData.DISPLAYMATRIX])
    except KeyError:
        return None


def _sound(file: str | os.PathLike[str] | None) -> Generator[av.AudioFrame]:
    """The sound of a film in pieces, on the clock of its pictures; none of a film without, and of none."""
    if file is None:
        return
    with _container(file) as container:
        film = _film_track(file, container)
        heard = [track for track in container.streams.audio if track.codec_context]
        if not heard:
            return
        track = max(heard, key=lambda one: bool(one.disposition & Disposition.default))
        timeline = Timeline(_leaps(container))
        waiting: deque[av.Packet[av.AudioStream]] = deque()  # for the pictures of their clip
        for packet in _packets(container, [film, track]):
            if packet.stream_index == film.index:
                _put_on(timeline, cast("av.Packet[av.VideoStream]", packet), film)
            else:
                waiting.append(cast("av.Packet[av.AudioStream]", packet))
            while waiting and _put_on_sound(timeline, waiting[0]):
                with contextlib.suppress(av.FFmpegError):
                    yield from waiting.popleft().decode()


def _put_on_sound(timeline: Timeline, packet: av.Packet[av.AudioStream]) -> bool:
    """Give a packet of sound its times on the film's own clock, if they are known already."""
    base, due = packet.time_base, packet.dts if packet.dts is not None else packet.pts
    if due is None:
        return True
    shift_s = timeline.sound(float(due * base), float((packet.duration or 0) * base))
    if shift_s is None:
        return False
    shift = round(shift_s / base)
    packet.pts = None if packet.pts is None else packet.pts + shift
    packet.dts = due + shift
    return True


def _pixel_aspect(track: av.VideoStream) -> Callable[[], Fraction | None]:
    """What says the shape of the pixels now: the container, as long as the coded pictures do not change theirs."""
    coded, said = track.codec_context.sample_aspect_ratio, track.sample_aspect_ratio

    def now() -> Fraction | None:
        newest = track.codec_context.sample_aspect_ratio
        return newest if newest != coded else said

    return now


def _rgb(frame: av.VideoFrame) -> RGBArray:
    matrix = frame.colorspace
    if matrix == _UNSPECIFIED:
        matrix = Colorspace.ITU709 if frame.height >= _HD_LINES else Colorspace.ITU601
    rgb = frame.reformat(format="rgb24", src_colorspace=matrix, interpolation=_SMOOTH).to_ndarray()
    return presentation.in_srgb(np.asarray(rgb, dtype=np.uint8), frame.color_primaries, frame.color_trc)


class _SoundWriter:
    """Writes sound beside pictures, as far as there are pictures."""

    def __init__(self, container: av.container.OutputContainer, sound: Iterator[av.AudioFrame], start_s: float) -> None:
        self._container, self._start_s = container, start_s
        self._end = 0  # of what is written, in samples
        first = next(sound, None)
        self._next: av.AudioFrame | None = None
        if first is None:
            return
        rate = first.sample_rate if first.sample_rate in _SOUND_RATES_HZ else _SOUND_RATES_HZ[0]
        channels = min(2, first.layout.nb_channels)
        self._stream = cast("av.AudioStream", container.add_stream(_SOUND_CODEC, rate=rate))
        coder = self._stream.codec_context
        coder.layout, coder.bit_rate = ("mono", "stereo")[channels - 1], channels * _SOUND_BITS_S
        coder.flags |= av.codec.context.Flags.bitexact  # else it names the library in the sound
        self._pieces = self._resampled(itertools.chain([first], sound))
        self._next = next(self._pieces, None)

    def _resampled(self, sound: Iterator[av.AudioFrame]) -> Iterator[av.AudioFrame]:
        coder = self._stream.codec_context
        for _, alike in itertools.groupby(sound, lambda one: (one.format.name, one.layout.name, one.sample_rate)):
            resampler = av.AudioResampler("fltp", coder.layout, coder.rate, _SOUND_PIECE)
            for piece in [*alike, None]:
                yield from resampler.resample(piece)

    def write(self, until_s: float) -> None:
        """What begins before a time of the sound's own clock."""
        while self._next is not None and float(self._next.time or 0) < until_s:
            piece, self._next = self._next, next(self._pieces, None)
            rate = self._stream.codec_context.rate
            start = round((float(piece.time or 0) - self._start_s) * rate)
            if start + piece.samples // 2 < self._end:  # said twice, as where joined clips overlap
                continue
            piece.pts, piece.time_base = max(start, self._end), Fraction(1, rate)
            self._end = piece.pts + piece.samples
            self._container.mux(self._stream.encode(piece))

    def finish(self) -> None:
        """Write what is still under way."""
        if self._end:
            self._container.mux(self._stream.encode(None))


class FilmRecorder:
    """Writes a film; under its own name it is there whole, or not at all."""

    def __init__(self, container: av.container.OutputContainer, sound: Iterator[av.AudioFrame]) -> None:
        self._container, self._sound = container, sound
        self._sound_writer: _SoundWriter | None = None
        self._stream: av.VideoStream | None = None
        self._start_s = 0.0
        self._last = -1
        self._duration_s: float | None = None

    def add(self, rgb: RGBArray, time_s: float, duration_s: float | None = None) -> None:
        """The next picture; all are written at the size of the first, those of other shapes on black.

        Args:
            duration_s: how long it is shown if it is the last; 1/30 s where that is not known.
        """
        if self._stream is None:
            self._start_s = time_s
            self._stream = self._begin((rgb.shape[1] // 2 * 2, rgb.shape[0] // 2 * 2))
            self._sound_writer = _SoundWriter(self._container, self._sound, time_s)
        stream, size = self._stream, (self._stream.width, self._stream.height)
        if (rgb.shape[1] // 2 * 2, rgb.shape[0] // 2 * 2) != size:
            rgb = presentation.fitted(rgb, size)
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb[: size[1], : size[0]]), format="rgb24")
        frame = frame.reformat(
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            interpolation=_SMOOTH,
        )
        self._last, self._duration_s = max(self._last + 1, round((time_s - self._start_s) * _TICKS_S)), duration_s
        frame.pts, frame.time_base = self._last, Fraction(1, _TICKS_S)
        if self._sound_writer:
            self._sound_writer.write(time_s)
        self._write(stream.encode(frame))

    def _begin(self, size: tuple[int, int]) -> av.VideoStream:
        # Without pictures that come before those they follow, the times of decoding are those of showing; the length
        # that players read from them is the true one then.
        stream = cast("av.VideoStream", self._container.add_stream(_CODEC, rate=_RATE, options={"bf": "0"}))
        stream.width, stream.height = size  # even, as the codec halves the colours
        stream.pix_fmt = "yuv420p"
        coder = stream.codec_context
        coder.time_base = Fraction(1, _TICKS_S)
        coder.colorspace = coder.color_primaries = coder.color_trc = _BT709
        coder.color_range = ColorRange.MPEG
        return stream

    def _write(self, packets: list[av.Packet[av.VideoStream]]) -> None:
        for packet in packets:  # only the last one's counts: the others last until the next
            packet.duration = round((self._duration_s or 1 / _RATE) * _TICKS_S)
            self._container.mux(packet)

    def finish(self) -> None:
        """Write what is still under way."""
        if self._stream and self._sound_writer:
            self._write(self._stream.encode(None))
            self._sound_writer.write(self._start_s + self._last / _TICKS_S + (self._duration_s or 1 / _RATE))
            self._sound_writer.finish()


@contextmanager
def recorder(target: Path, sound_of: str | os.PathLike[str] | None = None) -> Iterator[FilmRecorder]:
    """What writes an MP4 film, without a word of who made it, when or with what.

    Args:
        sound_of: a film whose sound it gets, if that has any; the times of the pictures are its times then.

    Raises:
        VideoError: as :func:`opened`.
        OSError: if it cannot be written; nothing is left behind then.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{uuid.uuid4().hex}.part")
    try:
        with (
            av.open(str(unfinished), mode="w", format="mp4", options={"fflags": "+bitexact"}) as container,
            closing(_sound(sound_of)) as sound,
        ):
            recorder = FilmRecorder(container, sound)
            try:
                yield recorder
            finally:
                recorder.finish()
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
