"""Films as a player shows them, whatever their file says of turning, pixels, tracks and times; and written so."""

import itertools
import struct
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest
from av.stream import Disposition

from locator.live import aperture, presentation, video


def picture(size=(160, 120), shade=200):
    """Another in each corner, and a square that is square."""
    width, height = size
    rgb = np.full((height, width, 3), 90, np.uint8)
    rgb[: height // 4, : width // 4] = (220, 30, 30)
    rgb[: height // 4, -(width // 4) :] = (30, 200, 30)
    rgb[-(height // 4) :, : width // 4] = (40, 40, 230)
    rgb[height // 2 - 16 : height // 2 + 16, width // 2 - 16 : width // 2 + 16] = shade
    return rgb


def track(container, size=(160, 120), codec="h264", rate=10, **attributes):
    stream = container.add_stream(codec, rate=rate)
    stream.width, stream.height = size
    stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    for name, value in attributes.items():
        setattr(stream.codec_context, name, value)
    return stream


def fill(container, stream, pictures, times=None, rate=10):
    for number, rgb in enumerate(pictures):
        frame = av.VideoFrame.from_ndarray(rgb, format="rgb24")
        if times is not None:
            frame.pts, frame.time_base = round(times[number] * 1000), Fraction(1, 1000)
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def made(file, pictures, size=(160, 120), matrix=None, times=None, **attributes):
    with av.open(str(file), "w") as container:
        stream = track(container, size, **attributes)
        if times is not None:
            stream.codec_context.time_base = Fraction(1, 1000)
        if matrix:
            stream.set_display_matrix(matrix)
        fill(container, stream, pictures, times)
    return file


def read(file):
    with video.opened(file) as film:
        return list(film.frames)


def alike(shown, expected, within=6):
    assert shown.shape == expected.shape
    assert np.abs(shown.astype(int) - expected).mean() < within


# Turned and mirrored ---------------------------------------------------------------------------------------

ONE = 1 << 16
MATRICES = {
    "as it is": ((ONE, 0, 0, ONE), lambda rgb: rgb),
    "mirrored, as front cameras write it": ((-ONE, 0, 0, ONE), lambda rgb: cv2.flip(rgb, 1)),
    "upside down": ((-ONE, 0, 0, -ONE), lambda rgb: cv2.rotate(rgb, cv2.ROTATE_180)),
    "mirrored and upside down": ((ONE, 0, 0, -ONE), lambda rgb: cv2.flip(rgb, 0)),
    "clockwise": ((0, ONE, -ONE, 0), lambda rgb: cv2.rotate(rgb, cv2.ROTATE_90_CLOCKWISE)),
    "counter-clockwise": ((0, -ONE, ONE, 0), lambda rgb: cv2.rotate(rgb, cv2.ROTATE_90_COUNTERCLOCKWISE)),
    "transposed": ((0, ONE, ONE, 0), lambda rgb: np.transpose(rgb, (1, 0, 2))),
    "clockwise in a mirror": ((0, -ONE, -ONE, 0), lambda rgb: np.rot90(np.transpose(rgb, (1, 0, 2)), 2)),
}


@pytest.mark.parametrize(("numbers", "shown"), MATRICES.values(), ids=MATRICES)
def test_a_film_is_turned_and_mirrored_as_its_display_matrix_says(tmp_path, numbers, shown):
    a, b, c, d = numbers
    file = made(tmp_path / "film.mp4", [picture()] * 3, matrix=(a, b, 0, c, d, 0, 0, 0, 1 << 30))
    for frame in read(file):
        alike(frame.rgb, shown(picture()))


@pytest.mark.parametrize("numbers", [(ONE, 3000, -3000, ONE), (0, 0, 0, 0)])
def test_a_matrix_that_is_not_quite_one_of_these_is_rounded(numbers):
    alike(presentation.placed(picture(), struct.pack("=9i", *numbers[:2], 0, *numbers[2:], *[0] * 4)), picture())


# Pixels that are not square --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("aspect", "size"), [((4, 3), (213, 120)), ((3, 4), (160, 160)), ((16, 11), (233, 120)), ((1, 1), (160, 120))]
)
@pytest.mark.parametrize("ending", ["mp4", "mkv", "ts"])
def test_pixels_are_made_square(tmp_path, aspect, size, ending):
    file = made(tmp_path / f"film.{ending}", [picture()] * 3, sample_aspect_ratio=Fraction(*aspect))
    for frame in read(file):
        alike(frame.rgb, cv2.resize(picture(), size))


def test_a_phone_held_upright_has_its_pixels_squared_before_they_are_turned(tmp_path):
    file = made(
        tmp_path / "film.mp4",
        [picture()] * 3,
        matrix=(0, ONE, 0, -ONE, 0, 0, 0, 0, 1 << 30),
        sample_aspect_ratio=Fraction(4, 3),
    )
    expected = cv2.rotate(cv2.resize(picture(), (213, 120)), cv2.ROTATE_90_CLOCKWISE)
    alike(read(file)[0].rgb, expected)


@pytest.mark.parametrize("aspect", [Fraction(1, 400), Fraction(400), None, Fraction(0)])
def test_pixels_of_no_sensible_shape_are_left_as_they_are(aspect):
    assert presentation.squared(picture(), aspect).shape == (120, 160, 3)


# What is cut off -------------------------------------------------------------------------------------------


def with_aperture(file, *numbers):
    """The film with a clean aperture: width, height, and how far its middle is off that of the picture."""
    data = bytearray(file.read_bytes())
    box = struct.pack(">I4s8i", 40, b"clap", *(part for number in numbers for part in (number, 1)))
    moov = data.index(b"moov") - 4
    entry = data.index(b"avc1", moov) - 4
    end = entry + struct.unpack_from(">I", data, entry)[0]
    for name in (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"avc1"):
        at = data.index(name, moov) - 4
        struct.pack_into(">I", data, at, struct.unpack_from(">I", data, at)[0] + 40)
    data[end:end] = box
    file.write_bytes(data)
    return file


@pytest.mark.parametrize(
    ("numbers", "rows", "columns"),
    [
        ((120, 100, 0, 0), slice(10, 110), slice(20, 140)),
        ((100, 120, 30, 0), slice(None), slice(60, 160)),
        ((100, 80, -30, 20), slice(40, 120), slice(0, 100)),
        ((160, 120, 0, 0), slice(None), slice(None)),
        ((160, 120, 10, 0), slice(None), slice(None)),  # reaches beyond the picture: of no use
        ((0, 0, 0, 0), slice(None), slice(None)),
    ],
)
def test_only_the_clean_aperture_is_shown(tmp_path, numbers, rows, columns):
    file = with_aperture(made(tmp_path / "film.mp4", [picture()] * 3), *numbers)
    for frame in read(file):
        alike(frame.rgb, picture()[rows, columns])


def with_crop(file, left, top, right, bottom):
    """The film with edges that are cut off, as Matroska says it; what stands behind that keeps its place."""
    data = bytearray(file.read_bytes())
    edges = ((0x54CC, left), (0x54BB, top), (0x54DD, right), (0x54AA, bottom))
    said = b"".join(struct.pack(">HBB", name, 0x81, pixels) for name, pixels in edges)
    at = data.index(b"\xb0\x81\xa0")  # the width, first of what is said of pictures
    data[at:at] = said
    tracks = data.rindex(b"\x16\x54\xae\x6b", 0, at)
    entry, void = data.index(b"\xae\x01", tracks), data.index(b"\xec\x01")
    for place, kind, more in (
        (at - 1, ">B", 16) if data[at - 2] == 0xE0 else (at - 8, ">Q", 16),
        (entry + 1, ">Q", 16), (tracks + 4, ">H", 16), (void + 1, ">Q", -16),
    ):  # fmt: skip
        struct.pack_into(kind, data, place, struct.unpack_from(kind, data, place)[0] + more)
    del data[void + 9 : void + 9 + 16]
    file.write_bytes(data)
    return file


@pytest.mark.parametrize(
    ("edges", "rows", "columns"),
    [
        ((20, 10, 40, 30), slice(10, 90), slice(20, 120)),
        ((0, 0, 0, 20), slice(0, 100), slice(None)),
        ((0, 0, 0, 0), slice(None), slice(None)),
    ],
)
def test_only_what_matroska_leaves_is_shown(tmp_path, edges, rows, columns):
    file = with_crop(made(tmp_path / "film.mkv", [picture()] * 3), *edges)
    shown = read(file)
    assert len(shown) == 3
    for frame in shown:
        alike(frame.rgb, picture()[rows, columns])


def test_a_matroska_that_is_cut_or_broken_anywhere_in_its_head_is_shown_or_told(tmp_path):
    whole = with_crop(made(tmp_path / "film.mkv", [picture()] * 3), 20, 10, 40, 30).read_bytes()
    for at in range(4, 700, 7):
        (tmp_path / "broken.mkv").write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        aperture.shown(tmp_path / "broken.mkv", 0, (160, 120))
        (tmp_path / "broken.mkv").write_bytes(whole[:at])
        assert aperture.shown(tmp_path / "broken.mkv", 0, (160, 120)) in (None, (20, 10, 120, 90))


# Another size in mid-film ----------------------------------------------------------------------------------


@pytest.fixture
def resized(tmp_path):
    """A broadcast of wide pictures, then high ones."""
    parts = [
        made(tmp_path / "wide.ts", [picture((160, 120))] * 5).read_bytes(),
        made(tmp_path / "high.ts", [picture((120, 160))] * 5, (120, 160)).read_bytes(),
    ]
    (tmp_path / "film.ts").write_bytes(b"".join(parts))
    return tmp_path / "film.ts"


def test_each_frame_has_its_own_shape(resized):
    frames = read(resized)
    assert [frame.rgb.shape[:2] for frame in frames] == [(120, 160)] * 5 + [(160, 120)] * 5
    alike(frames[-1].rgb, picture((120, 160)))


@pytest.mark.parametrize("size", [(120, 160), (80, 120), (320, 240), (1000, 40)])
def test_what_is_written_is_fitted_without_stretching(tmp_path, size):
    with video.recorder(tmp_path / "out.mp4") as recorder:
        recorder.add(picture(), 0.0)
        recorder.add(np.full((size[1], size[0], 3), 255, np.uint8), 0.1)
    last = read(tmp_path / "out.mp4")[-1].rgb
    light = last.min(axis=2) > 128
    across, down = light.any(axis=0).sum(), light.any(axis=1).sum()
    assert last.shape == (120, 160, 3)
    assert across / down == pytest.approx(size[0] / size[1], rel=0.2 if size[1] == 40 else 0.05)
    assert across == 160 or down == 120


# Which track is the film -----------------------------------------------------------------------------------


def with_others(file, others):
    """A film of ten pictures at 160 × 120 after other tracks: of a codec, a size, so many pictures, a disposition."""
    with av.open(str(file), "w") as container:
        tracks = [track(container, size, codec) for codec, size, _, _ in others]
        for stream, (*_, disposition) in zip(tracks, others, strict=True):
            stream.disposition = disposition
        film = track(container)
        for stream, (_, size, count, _) in zip(tracks, others, strict=True):
            fill(container, stream, [np.full((size[1], size[0], 3), 30, np.uint8)] * count)
        fill(container, film, [picture()] * 10)
    return file


@pytest.mark.parametrize(
    "others",
    [
        [("h264", (64, 48), 10, Disposition.default)],
        [("h264", (64, 48), 40, Disposition.default)],
        [("mjpeg", (64, 64), 1, Disposition.default)],
        [("mjpeg", (640, 640), 1, Disposition.default)],
        [("mjpeg", (64, 64), 1, Disposition.default), ("h264", (64, 48), 10, Disposition.default)],
    ],
    ids=["preview", "longer preview", "cover", "larger cover", "both"],
)
@pytest.mark.parametrize("ending", ["mkv", "mp4"])
def test_a_preview_or_a_cover_that_comes_first_is_not_the_film(tmp_path, others, ending):
    frames = read(with_others(tmp_path / f"film.{ending}", others))
    assert len(frames) == 10
    alike(frames[0].rgb, picture())


def test_a_cover_alone_is_no_film(tmp_path):
    with av.open(str(tmp_path / "song.mp4"), "w") as container:
        cover = track(container, (64, 64), "mjpeg")
        cover.disposition = Disposition.attached_pic
        fill(container, cover, [picture((64, 64))])
    with pytest.raises(video.VideoError, match="no picture"):
        read(tmp_path / "song.mp4")


def test_of_two_tracks_of_one_size_the_default_one_is_the_film(tmp_path):
    file = tmp_path / "film.mkv"
    with av.open(str(file), "w") as container:
        tracks = [track(container), track(container)]
        tracks[0].disposition, tracks[1].disposition = Disposition.original, Disposition.default
        for stream, shade in zip(tracks, (20, 240), strict=True):
            fill(container, stream, [picture(shade=shade)] * 5)
    alike(read(file)[0].rgb, picture(shade=240), within=3)


# Times -----------------------------------------------------------------------------------------------------


def times(file):
    return [frame.time_s for frame in read(file)]


def test_joined_clips_whose_time_starts_again_are_shown_one_after_the_other(tmp_path):
    clip = made(tmp_path / "clip.ts", [picture()] * 5).read_bytes()
    (tmp_path / "film.ts").write_bytes(clip * 3)
    np.testing.assert_allclose(times(tmp_path / "film.ts"), np.arange(15) / 10, atol=2e-3)


def test_clips_joined_with_a_leap_ahead_are_shown_one_after_the_other(tmp_path):
    later = made(tmp_path / "later.ts", [picture()] * 5, times=[3600 + number / 10 for number in range(5)])
    clip = made(tmp_path / "clip.ts", [picture()] * 5).read_bytes()
    (tmp_path / "film.ts").write_bytes(clip + later.read_bytes())
    np.testing.assert_allclose(times(tmp_path / "film.ts"), np.arange(10) / 10, atol=2e-3)


def test_pictures_that_come_out_of_order_are_one_clip(tmp_path):
    moving = [np.roll(picture(), 4 * number, axis=1) for number in range(24)]
    for ending in ("mkv", "mp4", "ts"):
        file = made(tmp_path / f"film.{ending}", moving, max_b_frames=3)
        np.testing.assert_allclose(times(file), np.arange(24) / 10, atol=2e-3)


STUTTER = [0.0, 0.1, 0.2, 1.5, 1.6, 4.8]


@pytest.mark.parametrize("ending", ["mkv", "mp4"])
def test_times_of_a_variable_rate_are_kept(tmp_path, ending):
    file = made(tmp_path / f"film.{ending}", [picture()] * 6, times=STUTTER)
    np.testing.assert_allclose(times(file), STUTTER, atol=2e-3)


def test_a_film_that_starts_late_starts(tmp_path):
    file = made(tmp_path / "film.ts", [picture()] * 3, times=[7.0, 7.1, 7.2])
    np.testing.assert_allclose(times(file), [0, 0.1, 0.2], atol=2e-3)


def test_pictures_without_times_come_at_the_rate_of_the_film(tmp_path):
    file = made(tmp_path / "film.h264", [picture()] * 5, rate=5)
    steps = np.diff(times(file))
    assert (steps > 0).all()
    assert np.ptp(steps) < 1e-3


@pytest.mark.parametrize("last_s", [0.2, 1.5])
def test_the_last_frame_lasts_as_long_as_it_is_said_to(tmp_path, last_s):
    file = tmp_path / "film.mp4"
    with video.recorder(file) as recorder:
        for time_s, next_s in itertools.pairwise([*STUTTER, STUTTER[-1] + last_s]):
            recorder.add(picture(), time_s, next_s - time_s)
    last = read(file)[-1]
    assert (last.time_s, last.duration_s) == (pytest.approx(4.8, abs=2e-3), pytest.approx(last_s, abs=2e-3))
    with av.open(str(file)) as container:
        (stream,) = container.streams.video
        assert container.duration / 1e6 == pytest.approx(4.8 + last_s, abs=2e-3)
        assert float(stream.duration * stream.time_base) == pytest.approx(4.8 + last_s, abs=2e-3)


@pytest.mark.parametrize("said", [1, 1000, 2**31])
@pytest.mark.parametrize("out_of_order", [0, 2])
def test_the_length_is_what_its_pictures_take_whatever_the_header_says(tmp_path, said, out_of_order):
    file = made(tmp_path / "film.mp4", [picture()] * 6, times=STUTTER, max_b_frames=out_of_order)
    data = bytearray(file.read_bytes())
    for name, offset in ((b"mvhd", 20), (b"mdhd", 20)):
        at = data.index(name)
        struct.pack_into(">I", data, at + offset, said)
    file.write_bytes(data)
    with video.opened(file) as film:
        assert 4.8 < film.length_s < 4.8 + 1.4  # of pictures out of order, MP4 says how long those around it last


# Colours ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("colour", [(40, 160, 60), (200, 140, 120), (30, 60, 220), (255, 255, 255), (0, 0, 0)])
@pytest.mark.parametrize("size", [(320, 240), (1280, 720)])
def test_colours_are_written_as_the_file_says_that_they_are(tmp_path, colour, size):
    file = tmp_path / "film.mp4"
    with video.recorder(file) as recorder:
        for number in range(3):
            recorder.add(np.full((size[1], size[0], 3), colour, np.uint8), number / 10)
    with av.open(str(file)) as container:
        frame = next(container.decode(video=0))
        y, u, v = (float(np.frombuffer(plane, np.uint8)[0]) for plane in frame.planes)
        said = frame.colorspace, frame.color_primaries, frame.color_trc, frame.color_range
    assert said == (1, 1, 1, 1)
    luma, blue, red = (y - 16) / 219, (u - 128) / 224, (v - 128) / 224  # ITU-R BT.709-6, 3.2 to 3.5
    shown = np.array([luma + 1.5748 * red, luma - 0.1873 * blue - 0.4681 * red, luma + 1.8556 * blue]) * 255
    assert np.abs(shown - colour).max() < 4


@pytest.mark.parametrize(
    ("size", "said", "matrix"),
    [((320, 240), 2, (0.299, 0.114)), ((320, 240), 1, (0.2126, 0.0722)), ((320, 240), 6, (0.299, 0.114)),
     ((1280, 720), 2, (0.2126, 0.0722)), ((1280, 720), 6, (0.299, 0.114))],
)  # fmt: skip
def test_colours_are_read_by_the_matrix_that_is_said_or_by_that_of_the_size(tmp_path, size, said, matrix):
    red, blue = matrix
    r, g, b = np.array([40, 160, 60]) / 255
    luma = red * r + (1 - red - blue) * g + blue * b
    planes = luma * 219 + 16, (b - luma) / (2 - 2 * blue) * 224 + 128, (r - luma) / (2 - 2 * red) * 224 + 128
    frame = av.VideoFrame(*size, "yuv420p")
    for plane, level in zip(frame.planes, planes, strict=True):
        plane.update(bytes([round(level)]) * plane.buffer_size)
    frame.colorspace, frame.color_range = said, 1
    with av.open(str(tmp_path / "film.mp4"), "w") as container:
        stream = track(container, size, colorspace=said)
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    shown = read(tmp_path / "film.mp4")[0].rgb[size[1] // 2, size[0] // 2]
    assert np.abs(shown.astype(int) - (40, 160, 60)).max() < 4


# What Chromium 156 shows, where a GPU draws it, of AV1 films of these colours; their primaries, transfer and matrix.
CODED = [(44, 44, 44), (133, 133, 133), (222, 222, 222), (130, 219, 55), (219, 89, 112), (31, 179, 135)]
AS_IN_CHROMIUM = {
    "HLG, as iPhones film": (
        (9, 18, 9),
        [(25, 25, 25), (104, 104, 104), (225, 225, 225), (0, 231, 0), (255, 0, 83), (0, 169, 103)],
    ),
    "PQ": ((9, 16, 9), [(13, 13, 13), (144, 144, 144), (255, 255, 255), (0, 255, 0), (255, 0, 10), (0, 254, 83)]),
    "P3": ((12, 1, 1), [(44, 44, 44), (133, 133, 133), (221, 221, 221), (93, 222, 0), (237, 78, 111), (0, 182, 133)]),
    "BT.601": (
        (6, 6, 6),
        [(44, 44, 44), (133, 133, 133), (221, 221, 221), (135, 217, 52), (213, 94, 112), (55, 178, 136)],
    ),
}


def flat(file, coded, primaries, transfer, matrix):
    """A film of 10 bits, a frame a colour."""
    red, blue = {9: (0.2627, 0.0593), 1: (0.2126, 0.0722), 6: (0.299, 0.114)}[matrix]
    with av.open(str(file), "w") as container:
        stream = container.add_stream("libx265", rate=5, options={"x265-params": "lossless=1:log-level=none"})
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p10le"
        said = {"color_primaries": primaries, "color_trc": transfer, "colorspace": matrix, "color_range": 1}
        for name, value in said.items():
            setattr(stream.codec_context, name, value)
        for r, g, b in np.array(coded) / 255:
            luma = red * r + (1 - red - blue) * g + blue * b
            levels = luma * 876 + 64, (b - luma) / (2 - 2 * blue) * 896 + 512, (r - luma) / (2 - 2 * red) * 896 + 512
            frame = av.VideoFrame(64, 64, "yuv420p10le")
            for plane, level in zip(frame.planes, levels, strict=True):
                plane.update(np.full(plane.buffer_size // 2, round(level), "<u2").tobytes())
            for name, value in said.items():
                setattr(frame, name, value)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file


@pytest.mark.parametrize(("numbers", "shown"), AS_IN_CHROMIUM.values(), ids=AS_IN_CHROMIUM)
def test_colours_of_other_films_are_shown_as_in_chromium(tmp_path, numbers, shown):
    frames = read(flat(tmp_path / "film.mov", CODED, *numbers))
    seen = np.array([frame.rgb[32, 32] for frame in frames]).astype(int)
    assert np.abs(seen - shown).max() <= 8
