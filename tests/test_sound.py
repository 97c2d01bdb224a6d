"""The sound of a film in what is written of it: there on request, in time with the pictures, whatever its codec."""

from fractions import Fraction

import av
import numpy as np
import pytest

from locator.live import video

FLASH_S = 1.0


def made(file, seconds=2.0, codec="aac", rate_hz=48_000, layout="stereo", picture_s=0.0):
    """A film that flashes and beeps at one second, its pictures beginning so much later than its sound."""
    with av.open(str(file), "w") as container:
        pictures = container.add_stream("h264", rate=20)
        pictures.width, pictures.height, pictures.pix_fmt = 64, 48, "yuv420p"
        pictures.codec_context.time_base = Fraction(1, 1000)
        sound = container.add_stream(codec, rate=rate_hz, layout=layout)
        packets = []
        for number in range(round((seconds - picture_s) * 20)):
            time_s = picture_s + number / 20
            light = 255 if FLASH_S <= time_s + 0.001 < FLASH_S + 0.1 else 20
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), light, np.uint8), format="rgb24")
            frame.pts, frame.time_base = round(time_s * 1000), Fraction(1, 1000)
            packets += pictures.encode(frame)
        channels = {"mono": 1, "stereo": 2, "5.1": 6}[layout]
        times = np.arange(round(seconds * rate_hz)) / rate_hz
        wave = np.where((times >= FLASH_S) & (times < FLASH_S + 0.1), np.sin(times * 2 * np.pi * 880), 0) * 0.5
        piece = av.AudioFrame.from_ndarray(
            np.tile(wave.astype(np.float32), (channels, 1)), format="fltp", layout=layout
        )
        piece.sample_rate, piece.pts, piece.time_base = rate_hz, 0, Fraction(1, rate_hz)
        packets += [*pictures.encode(None), *sound.encode(piece), *sound.encode(None)]
        for packet in sorted(packets, key=lambda one: one.dts * one.time_base):
            container.mux(packet)
    return file


def again(source, target):
    with video.opened(source) as film, video.recorder(target, source) as recorder:
        for frame in film.frames:
            recorder.add(frame.rgb, frame.time_s, frame.duration_s)
    return target


def flashes(file):
    with video.opened(file) as film:
        light = [(frame.time_s, frame.rgb.mean() > 128) for frame in film.frames]
    return [now for (_, before), (now, after) in zip(light, light[1:], strict=False) if after and not before]


def beeps(file):
    """When it begins to sound, and how long the sound is."""
    loud, end_s = [], 0.0
    with av.open(str(file)) as container:
        for frame in container.decode(audio=0):
            samples = np.abs(frame.to_ndarray().astype(float)).max(axis=0)
            times = frame.time + np.arange(frame.samples) / frame.sample_rate
            loud += list(times[samples > 0.1])
            end_s = times[-1]
    starts = [now for before, now in zip([-9.0, *loud], loud, strict=False) if now - before > 0.3]
    return starts, end_s


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("film.mp4", {}),
        ("film.mp4", {"layout": "mono", "rate_hz": 44_100}),
        ("film.mkv", {"codec": "pcm_s16le", "rate_hz": 96_000}),
        ("film.mkv", {"codec": "opus"}),
        ("film.mov", {"codec": "pcm_s16le", "layout": "5.1"}),
        ("film.ts", {}),
    ],
)
def test_sound_is_kept_in_time_with_the_pictures(tmp_path, name, options):
    written = again(made(tmp_path / name, **options), tmp_path / "out.mp4")
    starts, end_s = beeps(written)
    assert starts == pytest.approx(flashes(written), abs=0.03)
    assert len(starts) == 1
    assert end_s == pytest.approx(2.0, abs=0.1)


def test_sound_that_begins_before_the_pictures_stays_in_time(tmp_path):
    written = again(made(tmp_path / "film.mkv", picture_s=0.5), tmp_path / "out.mp4")
    starts, end_s = beeps(written)
    assert starts == pytest.approx([0.5], abs=0.03)
    assert flashes(written) == pytest.approx([0.5], abs=0.03)
    assert end_s == pytest.approx(1.5, abs=0.1)


def test_the_sound_of_joined_clips_stays_in_time(tmp_path):
    clip = made(tmp_path / "clip.ts").read_bytes()
    (tmp_path / "film.ts").write_bytes(clip * 3)
    written = again(tmp_path / "film.ts", tmp_path / "out.mp4")
    starts, _ = beeps(written)
    assert len(starts) == 3
    assert starts == pytest.approx(flashes(written), abs=0.03)


def test_a_film_without_sound_is_written_without(tmp_path):
    with video.recorder(tmp_path / "film.mp4") as recorder:
        recorder.add(np.zeros((48, 64, 3), np.uint8), 0.0)
    with av.open(str(again(tmp_path / "film.mp4", tmp_path / "out.mp4"))) as container:
        assert [stream.type for stream in container.streams] == ["video"]


def test_sound_says_nothing_of_what_wrote_it(tmp_path):
    assert b"Lav" not in again(made(tmp_path / "film.mp4"), tmp_path / "out.mp4").read_bytes()
