"""The code inside a HEIF or AVIF file tells how large and how many its frames are, whatever the file says."""

import hostile
import pytest
from PIL import Image

from locator.photo import code_streams
from locator.photo.heif_directory import boxes

SEQUENCE, FRAME, PADDING = 1, 6, 15


def bits(*fields):
    """Bytes from (value, number of bits), filled up with zeros."""
    text = "".join(f"{value:0{count}b}" for value, count in fields)
    return int(text.ljust(-(-len(text) // 8) * 8, "0"), 2).to_bytes(-(-len(text) // 8), "big")


def unit(kind, body):
    """An AV1 unit that says its length, in as many bytes as it takes."""
    length, said = len(body), b""
    while length >= 128:
        said, length = said + bytes([length & 127 | 128]), length >> 7
    return bytes([kind << 3 | 2]) + said + bytes([length]) + body


def sides(width, height):
    return (15, 4), (15, 4), (width - 1, 16), (height - 1, 16)


def still(width, height):
    return unit(SEQUENCE, bits((0, 3), (1, 1), (1, 1), (0, 5), *sides(width, height)))


def av1(data):
    return code_streams.av1(memoryview(data))


def picture_of(file):
    """The code of a file's only picture."""
    (code,) = (file[body:end] for kind, _, body, end in boxes(file) if kind == b"mdat")
    return code


@pytest.mark.parametrize("size", [(160, 128), (1001, 64), (65, 2000)])
def test_a_still_tells_its_size(size):
    assert av1(picture_of(hostile.encoded(Image.new("RGB", size), "AVIF", speed=10))) == (1, size[0] * size[1])


def test_each_frame_counts_and_the_largest_size_is_told():
    frame = unit(FRAME, bytes(300))
    assert av1(still(64, 64) + frame) == (1, 64 * 64)
    assert av1(still(64, 64) + frame + unit(PADDING, b"") + still(65536, 65536) + 3 * frame) == (4, 65536 * 65536)


def test_a_film_may_have_frames_as_large_as_its_numbers():
    film = (0, 3), (0, 1), (0, 1), (0, 1)
    for rest in (
        [(0, 1), (0, 5), (0, 12), (0, 5)],
        [(0, 1), (1, 5), (0, 12), (8, 5), (1, 1), (0, 12), (0, 5)],
        [(1, 1), (0, 5), (0, 12), (0, 5), (1, 1), (9, 4)],
    ):
        header = unit(SEQUENCE, bits(*film, *rest, (11, 4), (9, 4), (99, 12), (99, 10)))
        assert av1(header + unit(FRAME, b"")) == (1, 4096 * 1024)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        unit(FRAME, b"code"),
        still(64, 64)[:-2],
        unit(SEQUENCE, b"\x18"),
        unit(SEQUENCE, bits((0, 3), (0, 1), (0, 1), (1, 1), (0, 60))),
        b"\x0a" + b"\xff" * 20,
    ],
    ids=["nothing", "a frame alone", "cut off", "too short a header", "a timed film", "an endless length"],
)
def test_broken_code_is_told(data):
    with pytest.raises((ValueError, IndexError)):
        av1(data)


def test_code_in_too_many_pieces_is_told():
    with pytest.raises(OverflowError):
        av1(still(64, 64) + unit(PADDING, b"") * 1000)
    with pytest.raises(OverflowError):
        code_streams.hevc_pictures(memoryview(bytes(4000)), 4)


def slice_unit(begins_picture, length_bytes=4):
    body = b"\x28\x01" + (b"\xaf" if begins_picture else b"\x2f") + bytes(9)
    return len(body).to_bytes(length_bytes, "big") + body


@pytest.mark.parametrize("length_bytes", [1, 2, 4])
def test_pictures_are_told_by_their_first_slices(length_bytes):
    parameters = (5).to_bytes(length_bytes, "big") + b"\x44\x01\xff\xff\xff"
    first, later = slice_unit(True, length_bytes), slice_unit(False, length_bytes)
    code = parameters + first + later + later + first + later
    assert code_streams.hevc_pictures(memoryview(code), length_bytes) == 2


def test_pictures_among_the_settings_count():
    file = (hostile.DATA / "flat.heic").read_bytes()
    settings = hostile.tile(b"heic", (1, 1), file)[2][1]
    assert code_streams.hevc_settings(settings[8:]) == (4, 0)
    crowded = hostile.with_units(settings, [slice_unit(True)[4:]] * 7)
    assert code_streams.hevc_settings(crowded[8:]) == (4, 7)
    with pytest.raises((IndexError, ValueError, code_streams.struct.error)):
        code_streams.hevc_settings(crowded[8:60])
