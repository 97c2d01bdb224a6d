"""Photos stored in ways that few programs write: read, or refused for what they are."""

import os
import struct

import hostile
import numpy as np
import pytest
from PIL import Image

from locator.photo import decoding, sources


def refusal(data):
    with pytest.raises(sources.UnreadableImage) as caught:
        sources.read(data)
    return caught.value.outcome


def test_an_avif_of_tiles_is_read():
    rgb = sources.read(hostile.avif_of_tiles()).rgb.astype(int)
    whole = np.asarray(hostile.corners()).astype(int)
    apart = np.abs(rgb - np.concatenate([whole, whole], axis=1)).max(axis=2)
    assert np.percentile(apart, 90) <= 8


def test_an_avif_whose_tiles_are_damaged_is_damaged():
    whole = hostile.avif_of_tiles()
    at = whole.index(b"mdat") + 4
    assert refusal(whole[:at] + bytes(len(whole) - at)).code == "damaged"


def without_own_place(avif):
    """A still that is said to lie in a film alone."""
    at = avif.index(b"iloc")
    return avif[: at + 10] + b"\0\0" + avif[at + 12 :]


def in_a_film(avif):
    return avif.replace(b"meta", b"moov")


def in_layers(avif):
    """Which layer is to be shown, a property that says so, in the place of one that nothing depends on."""
    return avif.replace(b"pixi", b"lsel").replace(b"mdat", b"free")


@pytest.mark.parametrize("change", [without_own_place, in_layers, in_a_film])
def test_a_kind_of_avif_that_is_not_read_is_called_so(change):
    outcome = refusal(change(hostile.encoded(hostile.corners(), "AVIF")))
    assert outcome.code == "unsupported_format"
    assert "AVIF" in outcome.message
    assert "save it as JPEG" in outcome.remedy


def in_code(kind, brand):
    """A HEIF whose picture is in another code than HEVC."""
    heic = hostile.encoded(hostile.corners(), "HEIF").replace(b"hvc1", kind)
    length = int.from_bytes(heic[:4], "big")
    return hostile.box(b"ftyp", (brand + bytes(4) + b"mif1").ljust(length - 8, b"\0")) + heic[length:]


def in_a_film_alone():
    """What phones write of a burst: frames of a film, and no still beside them."""
    return hostile.box(b"ftyp", b"hevc", bytes(4), b"hevcmsf1iso8") + hostile.box(b"moov", bytes(100))


@pytest.mark.parametrize(
    "data",
    [
        *(
            in_code(*named)
            for named in [(b"jpeg", b"jpeg"), (b"avc1", b"avci"), (b"vvc1", b"vvic"), (b"j2k1", b"j2ki")]
        ),
        in_a_film_alone(),
    ],
    ids=["JPEG", "AVC", "VVC", "JPEG 2000", "burst"],
)
def test_a_kind_of_heif_that_is_not_read_is_called_so(data):
    outcome = refusal(data)
    assert outcome.code == "unsupported_format"
    assert "HEIF" in outcome.message


def test_a_heic_of_several_pictures_or_of_a_motion_photo_is_read_as_its_first():
    first = hostile.corners()
    several = hostile.encoded(first, "HEIF", save_all=True, append_images=[first.rotate(180)])
    moving = hostile.encoded(first, "HEIF") + hostile.box(b"mpvd", hostile.box(b"ftyp", b"mp42", bytes(4)), bytes(500))
    plain = sources.read(hostile.encoded(first, "HEIF")).rgb
    for data in (several, moving):
        assert np.array_equal(sources.read(data).rgb, plain)


def test_a_photo_of_which_only_the_thumbnail_is_left_is_damaged():
    small = hostile.encoded(hostile.corners(), "JPEG")
    photo = hostile.after_header(
        hostile.encoded(hostile.grain(), "JPEG"), hostile.segment(0xE1, hostile.exif(1, small))
    )
    for rest in (b"", b"\xff\xd9"):
        assert refusal(photo[: photo.index(small) + len(small)] + rest).code == "damaged"


def test_an_avif_that_is_cut_off_is_damaged_all_the_same():
    avif = hostile.encoded(hostile.grain(), "AVIF")
    assert refusal(avif[: len(avif) // 2]).code == "damaged"


@pytest.mark.parametrize("name", ["heic", "heic, tiled", "avif"])
def test_a_photo_in_far_more_code_than_phones_write_would_take_too_long(name, monkeypatch):
    assert decoding.MAX_CODE_BYTES > 15_000_000  # of a phone's photo of 48 megapixels
    photo = hostile.in_every_format(hostile.corners())[name]
    assert sources.read(photo, most_code_bytes=len(photo))
    monkeypatch.setattr(decoding, "MAX_CODE_BYTES", 100)
    outcome = refusal(photo)
    assert outcome.code == "too_complex"
    assert "save it as a new JPEG" in outcome.remedy


def test_the_base_picture_of_a_photo_with_a_gain_map_is_shown():
    base, brighter = hostile.corners(), Image.new("L", (80, 64), 200)
    gain_map = hostile.encoded(brighter, "JPEG")
    extended = hostile.segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<hdrgm:Version='1.0'/>")
    photo = hostile.after_header(hostile.encoded(base, "JPEG", quality=95, subsampling=0), extended) + gain_map
    plain = hostile.encoded(base, "JPEG", quality=95, subsampling=0)
    assert np.array_equal(sources.read(photo).rgb, sources.read(plain).rgb)


def cropped(brand, width, height, right, down):
    """A file that shows a part only, whose centre lies as many pixels to the right and down."""
    kind, size, properties, data = hostile.tile(brand, (hostile.WIDTH, hostile.HEIGHT))
    values = struct.pack(">IIIIiIiI", width, 1, height, 1, right, 1, down, 1)
    return hostile.heif(brand, {1: (kind, size, [*properties, hostile.box(b"clap", values)], data)}, {})


@pytest.mark.parametrize("brand", [b"heic", b"avif"])
@pytest.mark.parametrize(("right", "down"), [(-30, -24), (0, 0), (30, 24)])
def test_of_a_cropped_photo_that_is_shown_which_is_to_be_shown(brand, right, down):
    rgb = sources.read(cropped(brand, 100, 80, right, down)).rgb.astype(int)
    left, top = 30 + right, 24 + down
    expected = np.asarray(hostile.corners())[top : top + 80, left : left + 100]
    assert rgb.shape == expected.shape
    assert np.percentile(np.abs(rgb - expected).max(axis=2), 90) <= 6


def test_a_crop_beyond_the_photo_is_passed_over():
    assert sources.read(cropped(b"avif", 100, 80, 40, 0)).rgb.shape == (hostile.HEIGHT, hostile.WIDTH, 3)


def test_a_crop_to_too_few_pixels_is_refused():
    assert refusal(cropped(b"avif", 40, 80, 0, 0)).code == "too_few_pixels"


def test_what_a_photo_is_its_first_bytes_tell(tmp_path):
    for number, data in enumerate([*hostile.in_every_format(hostile.corners()).values(), hostile.avif_of_tiles()]):
        file = tmp_path / f"{number}.txt"
        file.write_bytes(data)
        assert sources.is_photo(file)
        assert sources.is_photo(data[: decoding.START_BYTES])
    for name, data in {**hostile.not_images(), **hostile.unsupported(), "empty": b""}.items():
        file = tmp_path / "photo.jpg"
        file.write_bytes(data)
        assert not sources.is_photo(str(file)), name
    assert not sources.is_photo(tmp_path)
    assert not sources.is_photo(os.devnull)
    with pytest.raises(FileNotFoundError):
        sources.is_photo(tmp_path / "no such.jpg")
