"""Films in and out: upright, in time, without a word of who made them; what is none is said to be none."""

import struct

import av
import cv2
import numpy as np
import pytest
from PIL import Image

from locator.live import cameras, video
from locator.live.video import VideoError


def picture(number, size=(320, 240)):
    """A grey picture with a light square that goes to the right; its upper left corner is dark."""
    rgb = np.full((size[1], size[0], 3), 90, np.uint8)
    rgb[100:140, 20 + 4 * number : 60 + 4 * number] = 230
    rgb[:60, :60] = 10
    return rgb


def write(file, pictures, rate=30, start_s=100.0):
    with video.recorder(file) as recorder:
        for number, rgb in enumerate(pictures):
            recorder.add(rgb, start_s + number / rate)
    return file


def read(file):
    with video.opened(file) as film:
        return list(film.frames)


@pytest.fixture
def film(tmp_path):
    return write(tmp_path / "film.mp4", [picture(number) for number in range(20)])


def test_what_is_written_is_read_again_at_its_times(film):
    frames = read(film)
    assert len(frames) == 20
    np.testing.assert_allclose([frame.time_s for frame in frames], np.arange(20) / 30, atol=1e-3)
    for number, frame in enumerate(frames):
        assert np.abs(frame.rgb.astype(int) - picture(number)).mean() < 4


def test_times_of_a_camera_that_stutters_are_kept(tmp_path):
    file = tmp_path / "film.mp4"
    with video.recorder(file) as recorder:
        for time_s in (7.0, 7.1, 7.5, 7.5, 8.0):
            recorder.add(picture(0), time_s)
    np.testing.assert_allclose([frame.time_s for frame in read(file)], [0, 0.1, 0.5, 0.5, 1.0], atol=1e-3)


def test_a_film_of_odd_size_and_one_that_changes_its_size_are_written(tmp_path):
    file = write(tmp_path / "film.mp4", [picture(0, (321, 241)), picture(1, (161, 121)), picture(2, (321, 241))])
    assert [frame.rgb.shape for frame in read(file)] == [(240, 320, 3)] * 3


def test_a_film_says_nothing_of_who_made_it_when_or_with_what(film):
    with av.open(str(film)) as container:
        told = {**container.metadata, **container.streams.video[0].metadata}
    assert not {"encoder", "creation_time", "title", "artist", "comment"} & set(told)
    assert b"Lav" not in film.read_bytes()


def test_a_film_held_upright_on_a_phone_is_shown_upright(film):
    data = bytearray(film.read_bytes())
    header = data.index(b"tkhd")
    quarter = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 240 << 16, 0, 1 << 30)  # clockwise, as phones say it
    data[header + 44 : header + 80] = quarter
    film.write_bytes(data)
    shown = read(film)[0].rgb
    expected = cv2.rotate(picture(0), cv2.ROTATE_90_CLOCKWISE)
    assert shown.shape == expected.shape
    assert np.abs(shown.astype(int) - expected).mean() < 4


def test_damaged_pictures_are_left_out_and_the_rest_is_read(film):
    data = bytearray(film.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 40] = bytes(40)
    film.write_bytes(data)
    assert len(read(film)) >= 1


CODECS = {
    "3GP of old phones": ("mpeg4", "yuv420p", "3gp"),
    "3GP": ("libx264", "yuv420p", "3gp"),
    "HEVC of an iPhone": ("libx265", "yuv420p10le", "mov"),
    "ProRes": ("prores_ks", "yuv422p10le", "mov"),
    "ProRes with alpha": ("prores_ks", "yuva444p10le", "mov"),
    "AV1": ("libsvtav1", "yuv420p", "mp4"),
    "VP9": ("libvpx-vp9", "yuv420p", "webm"),
    "Motion JPEG": ("mjpeg", "yuvj422p", "avi"),
    "MPEG-2": ("mpeg2video", "yuv420p", "mpg"),
    "Windows Media": ("wmv2", "yuv420p", "asf"),
    "GIF": ("gif", "rgb8", "gif"),
    "APNG": ("apng", "rgb24", "apng"),
}


@pytest.mark.parametrize(("codec", "pixels", "ending"), CODECS.values(), ids=CODECS)
def test_films_of_every_camera_and_program_are_read(tmp_path, codec, pixels, ending):
    file, size = tmp_path / f"film.{ending}", (160, 128)
    if codec not in av.codecs_available:
        pytest.skip("this film library writes none")
    quiet = {"x265-params": "log-level=none"} if codec == "libx265" else {}
    with av.open(str(file), mode="w") as container:
        stream = container.add_stream(codec, rate=10, options=quiet)
        stream.width, stream.height, stream.pix_fmt = *size, pixels
        for number in range(3):
            frame = av.VideoFrame.from_ndarray(picture(0, size), format="rgb24").reformat(format=pixels)
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    frames = read(file)
    assert len(frames) == 3
    assert np.abs(frames[0].rgb.astype(int) - picture(0, size)).mean() < (20 if codec == "gif" else 4)


def test_a_film_whose_head_does_not_tell_its_size_is_not_called_too_large(tmp_path):
    file = tmp_path / "film.webp"
    first, second = (Image.fromarray(picture(number, (160, 128))) for number in (0, 1))
    first.save(file, save_all=True, append_images=[second], duration=100)
    with pytest.raises(VideoError, match="No picture of this film can be read"):
        read(file)


@pytest.mark.parametrize("content", [b"", b"no film", b"\x00\x00\x00\x18ftypisom" + bytes(500)])
def test_what_is_no_film_is_said_to_be_none(tmp_path, content):
    file = tmp_path / "film.mp4"
    file.write_bytes(content)
    with pytest.raises(VideoError) as told:
        read(file)
    assert told.value.remedy


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/film.mp4", "rtsp://127.0.0.1:9/film", "concat:a|b", "nothing"])
def test_no_address_is_opened(address):
    with pytest.raises(VideoError, match="no such file"):
        read(address)


def test_an_interrupted_film_leaves_nothing_behind(tmp_path):
    def interrupted():
        yield picture(0)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "film.mp4", interrupted())
    assert list(tmp_path.iterdir()) == []


def test_without_a_camera_it_says_what_to_check():
    with pytest.raises(VideoError, match="plugged in"), cameras.camera(99) as frames:
        next(frames)
