"""Any file may be tried: a photo is read as it was meant, all else is refused kindly and at once."""

import io
import os
import pickle
import re
import sys
import threading
from pathlib import Path

import hostile
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from lab.fuzz import hardening, locating
from locator.core import toml
from locator.core.types import Unreadable
from locator.core.unreadable import UnreadableCode
from locator.photo import decoding, encoding, resizing, sources

# A warning of a decoder would reach the user.
pytestmark = pytest.mark.filterwarnings("error")

HOSTILE = {
    hostile.not_images: ("not_an_image",),
    hostile.unsupported: ("unsupported_format",),
    hostile.too_small: ("too_few_pixels",),
    hostile.damaged: ("damaged",),
    hostile.cut: ("damaged",),
    # Some decoders refuse an absurd size by themselves, without saying that it was the size.
    hostile.pixel_bombs: ("too_many_pixels", "damaged"),
    hostile.tile_bombs: ("too_many_pixels",),
    hostile.work_bombs: ("too_complex",),
    hostile.frame_bombs: ("too_complex",),
}


def refusal(source):
    with pytest.raises(sources.UnreadableImage) as caught:
        sources.read(source)
    return caught.value


def looks_like(rgb, expected, tolerance=6):
    """Nearly equal away from the borders between the colours, where encoders blur."""
    assert rgb.shape == expected.shape
    apart = np.abs(rgb.astype(int) - expected).max(axis=2)
    assert np.percentile(apart, 90) <= tolerance


@pytest.fixture(scope="module")
def photo():
    return hostile.encoded(hostile.corners(), "JPEG")


@pytest.fixture(scope="module")
def upright():
    return np.asarray(hostile.corners())


# Bad files ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("make", "codes"), HOSTILE.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_a_bad_file_is_refused_with_a_reason_and_a_remedy(make, codes, photo, upright):
    for name, data in make().items():
        error = refusal(data)
        assert error.outcome.code in codes, name
        assert error.outcome.message.endswith("."), name
        assert error.outcome.remedy.endswith("."), name
        assert "{" not in error.outcome.message, name
        assert (error.info.path, error.info.width_px, error.info.height_px) == (None, None, None)
        looks_like(sources.read(photo).rgb, upright)


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the memory from Linux")
def test_no_file_takes_much_memory_or_makes_noise_or_changes_how_the_next_is_read():
    """How long they take, ``python -m lab.fuzz.hardening`` tells."""
    files = {f"{make.__name__}: {name}": data for make in hardening.KINDS for name, data in make().items()}
    for reading in hardening.readings(files):
        assert reading.megabytes < hardening.MEGABYTES, reading


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the memory from Linux")
@pytest.mark.parametrize("kind", ["WEBP", "HEIF, 4:4:4", "AVIF"])
def test_locating_the_largest_photo_of_a_hungry_format_takes_no_more_memory_than_is_told(locator, kind):
    """The others, and how long they take, ``python -m lab.fuzz.locating`` tells."""
    photo = hardening.largest(*hardening.served(), ("flat",))[f"{kind}, flat"]()
    assert locating.locating(kind, photo).megabytes < hardening.MEGABYTES


def test_every_kind_of_bad_file_is_measured():
    assert set(hardening.KINDS) >= set(HOSTILE)


@given(
    name=st.sampled_from(["jpeg", "jpeg, progressive", "png", "webp", "heic, tiled", "avif"]),
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=8),
    kept=st.floats(0.5, 1),
)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_whatever_happens_to_a_file_the_answer_is_a_photo_or_a_reason(name, changes, kept):
    data = bytearray(WHOLE[name])
    for where, byte in changes:
        data[int(where * len(data))] = byte
    try:
        outcome = sources.read(bytes(data[: int(kept * len(data))])).rgb.dtype
    except sources.UnreadableImage as error:
        outcome = error.outcome.code
    assert outcome in (np.uint8, *REASONS)


WHOLE = hostile.in_every_format(hostile.corners())
REASONS = set(UnreadableCode) - {UnreadableCode.READER_ENDED, UnreadableCode.READER_TOO_SLOW}


def test_every_reason_can_be_met():
    source = "".join(Path(module.__file__).read_text(encoding="utf-8") for module in (sources, decoding))
    kinds = {kind["code"] for kind in toml.data("photo/file_kinds")["kinds"]}
    raised = {UnreadableCode[name] for name in re.findall(r"Rejected\(UnreadableCode\.(\w+)", source)}
    assert raised | kinds == REASONS


def test_the_size_limit_is_the_one_that_the_user_is_told(monkeypatch, tmp_path):
    assert f"{sources.MAX_BYTES // 2**20} megabytes" in UnreadableCode.TOO_MANY_BYTES.message
    assert f"{decoding.MIN_SIDE_PX} pixels" in UnreadableCode.TOO_FEW_PIXELS.message
    monkeypatch.setattr(sources, "MAX_BYTES", 1000)
    (tmp_path / "large.jpg").write_bytes(bytes(1001))
    assert refusal(tmp_path / "large.jpg").outcome.code == "too_many_bytes"
    assert refusal(bytes(1001)).outcome.code == "too_many_bytes"


def test_the_error_says_all_and_survives_the_way_between_processes():
    error = pickle.loads(pickle.dumps(refusal(b"")))
    assert isinstance(error.outcome, Unreadable)
    assert error.outcome.code == "empty_file"
    assert error.outcome.message in str(error)
    assert error.outcome.remedy in str(error)


# Paths ----------------------------------------------------------------------------------------------------


def test_a_missing_file_is_said_to_be_missing(tmp_path):
    error = refusal(tmp_path / "no such.jpg")
    assert error.outcome.code == "not_found"
    assert error.info.path == str(tmp_path / "no such.jpg")
    assert error.info.sha256 is None
    (tmp_path / "file").write_bytes(b"x")
    assert refusal(tmp_path / "file" / "photo.jpg").outcome.code == "not_found"
    assert refusal("zero\0byte.jpg").outcome.code == "not_found"


def test_a_folder_is_no_photo(tmp_path):
    assert refusal(tmp_path).outcome.code == "not_a_file"


def test_an_empty_file_is_said_to_be_empty(tmp_path):
    (tmp_path / "empty.jpg").touch()
    assert refusal(tmp_path / "empty.jpg").outcome.code == "empty_file"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no pipes")
def test_a_pipe_or_device_is_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    codes = []
    thread = threading.Thread(
        target=lambda: codes.extend(refusal(p).outcome.code for p in (tmp_path / "pipe.jpg", "/dev/zero")),
        daemon=True,
    )
    thread.start()
    thread.join(300)  # a busy machine may let it wait
    assert codes == ["not_a_file", "not_a_file"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="this user may read everything")
def test_a_file_of_another_is_said_to_be_closed(tmp_path, photo):
    (tmp_path / "photo.jpg").write_bytes(photo)
    (tmp_path / "photo.jpg").chmod(0)
    assert refusal(tmp_path / "photo.jpg").outcome.code == "no_permission"


@pytest.mark.parametrize(
    ("raised", "code"), [(PermissionError(13, "no"), "no_permission"), (OSError(5, "I/O"), "read_failed")]
)
def test_trouble_with_the_disk_is_told_apart_from_a_bad_photo(monkeypatch, tmp_path, photo, raised, code):
    def fail(*_):
        raise raised

    (tmp_path / "photo.jpg").write_bytes(photo)
    monkeypatch.setattr(Path, "open", fail)
    assert refusal(tmp_path / "photo.jpg").outcome.code == code


def test_the_name_of_a_file_does_not_matter(tmp_path, photo, upright):
    for name in ("photo.png", "photo.pdf", "photo", "фото 照片.JPG"):
        (tmp_path / name).write_bytes(photo)
        looks_like(sources.read(tmp_path / name).rgb, upright)
    (tmp_path / "letter.jpg").write_bytes(hostile.not_images()["pdf"])
    assert "PDF" in refusal(tmp_path / "letter.jpg").outcome.message


def test_path_bytes_and_pixels_give_the_same_photo(tmp_path, photo):
    file = tmp_path / "photo.jpg"
    file.write_bytes(photo)
    by_path, by_name, by_bytes = sources.read(file), sources.read(str(file)), sources.read(photo)
    by_pixels = sources.read(by_bytes.rgb)
    for other in (by_name, by_bytes, by_pixels):
        assert np.array_equal(by_path.rgb, other.rgb)
    assert by_path.info.path == by_name.info.path == str(file)
    assert by_bytes.info.path is by_pixels.info.path is None
    assert by_path.info.sha256 == by_bytes.info.sha256 != by_pixels.info.sha256
    assert (by_path.info.width_px, by_path.info.height_px) == (hostile.WIDTH, hostile.HEIGHT)


# Good photos ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "data"), hostile.turned().items(), ids=hostile.turned())
def test_a_photo_is_upright_however_the_camera_was_held(name, data, upright):
    rgb = sources.read(data).rgb
    looks_like(rgb, upright)
    assert rgb.flags.c_contiguous


@pytest.mark.parametrize("data", WHOLE.values(), ids=WHOLE)
def test_photos_of_phones_and_of_the_web_are_read(data, upright):
    photo = sources.read(data)
    looks_like(photo.rgb, upright)
    assert (photo.info.width_px, photo.info.height_px) == (hostile.WIDTH, hostile.HEIGHT)


@pytest.mark.parametrize("data", hostile.odd().values(), ids=hostile.odd())
def test_an_unusual_file_gives_the_usual_picture(data, upright):
    looks_like(sources.read(data).rgb, upright)


@pytest.mark.parametrize("data", hostile.grey().values(), ids=hostile.grey())
def test_grey_goes_from_black_to_white_without_clipping(data):
    rgb = sources.read(data).rgb
    expected = np.linspace(0, 255, hostile.WIDTH)
    assert (rgb == rgb[:, :, :1]).all()
    assert np.abs(rgb[64, :, 0] - expected).max() <= 3


def test_black_and_white_is_read():
    pixels = sources.read(hostile.encoded(hostile.corners().convert("1"), "PNG")).rgb
    assert set(np.unique(pixels)) == {0, 255}


def test_what_is_transparent_becomes_white_paper():
    image = hostile.corners()
    image.putalpha(Image.new("L", image.size, 0))
    half = hostile.corners()
    half.putalpha(Image.new("L", image.size, 128))
    for format in ("PNG", "WEBP"):
        assert sources.read(hostile.encoded(image, format, lossless=True)).rgb.min() == 255
        assert abs(int(sources.read(hostile.encoded(half, format, lossless=True)).rgb[5, 5, 1]) - 147) <= 2
    palette = hostile.corners().quantize(4)
    clear = palette.getpixel((5, 5))
    rgb = sources.read(hostile.encoded(palette, "PNG", transparency=clear)).rgb
    assert tuple(rgb[5, 5]) == (255, 255, 255)
    assert tuple(rgb[-5, 5]) == hostile.BLUE


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF"])
def test_the_wide_colours_of_phones_come_out_as_meant(format):
    """A grey stays grey, a skin tone becomes a little redder."""
    image = Image.new("RGB", (128, 128), (200, 150, 130))
    image.paste((128, 128, 128), (0, 0, 128, 64))
    grey, skin = sources.read(hostile.encoded(image, format, icc_profile=hostile.display_p3())).rgb[[32, 96], 64]
    assert np.abs(grey.astype(int) - 128).max() <= 3
    # By the published matrices of both colour spaces.
    assert np.abs(skin.astype(int) - (209, 147, 126)).max() <= 4


def test_the_pixels_are_the_callers_own(upright):
    given = upright[::-1, ::2].copy(order="F")
    photo = sources.read(given)
    assert photo.rgb.flags.c_contiguous
    given[:] = 0
    assert np.array_equal(photo.rgb, upright[::-1, ::2])


def test_pixels_have_limits_too():
    assert refusal(np.zeros((63, 500, 3), np.uint8)).outcome.code == "too_few_pixels"
    assert refusal(np.zeros((0, 0, 3), np.uint8)).outcome.code == "too_few_pixels"
    assert refusal(np.zeros((64, 20_000, 3), np.uint8)).outcome.code == "too_many_pixels"


@pytest.mark.parametrize(
    ("source", "error", "seen"),
    [
        (None, TypeError, "NoneType"),
        (io.BytesIO(), TypeError, "BytesIO"),
        (np.zeros((80, 80, 3)), ValueError, "float64"),
        (np.zeros((80, 80), np.uint8), ValueError, r"\(80, 80\)"),
        (np.zeros((80, 80, 4), np.uint8), ValueError, r"\(80, 80, 4\)"),
    ],
)
def test_a_wrong_argument_is_told_what_was_expected_and_what_came(source, error, seen):
    with pytest.raises(error, match=rf"expected .*\(h, w, 3\) uint8.*got .*{seen}"):
        sources.read(source)


# Exports ----------------------------------------------------------------------------------------------------


SECRETIVE = [
    data for make in (hostile.odd, hostile.polyglots, hostile.turned, hostile.profiled) for data in make().values()
]


@pytest.mark.parametrize("format", ["jpeg", "png", "webp"])
def test_an_export_carries_nothing_but_the_picture(format, upright):
    for source in SECRETIVE:
        file = encoding.encode(sources.read(source).rgb, format)
        assert not [secret for secret in hostile.SECRETS if secret in file]
        with Image.open(io.BytesIO(file)) as image:
            harmless = {"jfif", "jfif_version", "jfif_unit", "jfif_density", "loop", "background"}
            assert set(image.info) <= harmless | {"timestamp", "duration"}
            assert not image.getexif()


def test_what_hides_in_a_photo_is_there_to_be_found_before():
    """Or the test above would prove nothing."""
    hidden = b"".join(SECRETIVE)
    assert not [secret for secret in hostile.SECRETS if secret not in hidden]


@pytest.mark.parametrize(("format", "tolerance"), [("jpeg", 4), ("png", 0), ("webp", 6)])
def test_an_export_shows_the_same_picture(format, tolerance, upright):
    before = upright.copy()
    looks_like(sources.read(encoding.encode(upright, format)).rgb, upright, tolerance)
    assert np.array_equal(upright, before)
    strided = upright[:, ::-1]
    looks_like(sources.read(encoding.encode(strided, format)).rgb, strided, tolerance)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((np.zeros((4, 4)), "png"), ValueError, "expected .* uint8 .*got .*float64"),
        (([[0]], "png"), TypeError, "expected .*got list"),
        ((np.zeros((4, 4, 3), np.uint8), "gif"), ValueError, "expected one of jpeg, png, webp, got 'gif'"),
        ((np.zeros((4, 4, 3), np.uint8), "jpeg", 0), ValueError, "expected 1 to 100, got 0"),
    ],
)
def test_an_export_is_told_what_was_expected_and_what_came(arguments, error, message):
    with pytest.raises(error, match=message):
        encoding.encode(*arguments)


def test_a_smaller_copy_keeps_its_proportions(upright):
    small, scale = resizing.shrink(upright, 80)
    assert small.shape == (64, 80, 3)
    assert scale == 0.5
    looks_like(small, upright[::2, ::2])
    tiny, scale = resizing.shrink(np.zeros((2000, 3, 3), np.uint8), 100)
    assert tiny.shape == (100, 1, 3)
    assert scale == 0.05


@pytest.mark.parametrize("size", [(1600, 1200), (1604, 1202), (1601, 1203), (480, 400)])
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("orientation", [1, 6, 8])
def test_what_is_only_looked_at_is_the_same_picture_however_it_is_decoded(size, mode, orientation):
    stored = hostile.corners(*size).convert(mode)
    jpeg = hostile.encoded(stored, "JPEG", quality=95)
    source = sources.Source(hostile.after_header(jpeg, hostile.segment(0xE1, hostile.exif(orientation))))
    small = source.small(200)
    whole = source.whole()
    expected, shrunk = resizing.shrink(whole.rgb, 200)
    looks_like(small.rgb, expected)
    assert (small.shrunk, small.size) == (pytest.approx(shrunk), whole.rgb.shape[1::-1])
    assert small.info == whole.info
    assert np.array_equal(source.small(200).rgb, small.rgb)


def test_a_jpeg_of_pixels_that_nobody_needs_any_more_shows_the_same_picture(upright):
    for pixels in (upright.copy(), upright.copy()[:, ::-1], upright.copy()[::2, ::2]):
        before = pixels.copy()
        looks_like(sources.read(encoding.encode(pixels, "jpeg", spent=True)).rgb, before, 6)


@pytest.mark.parametrize(
    ("size", "decoded"),
    [((1600, 1200), (200, 150)), ((1602, 1202), (801, 601)), ((1601, 1203), (1601, 1203))],
)
def test_of_a_jpeg_no_more_is_decoded_than_is_looked_at(monkeypatch, size, decoded):
    shrunk, shrink = [], resizing.shrink
    monkeypatch.setattr(sources, "shrink", lambda rgb, px: shrunk.append(rgb.shape[1::-1]) or shrink(rgb, px))
    sources.Source(hostile.encoded(hostile.corners(*size), "JPEG")).small(200)
    assert shrunk == [decoded]


def test_a_lossless_jpeg_is_looked_at_as_a_whole():
    """Decoders crash when they are asked to leave something out of it."""
    lossless = hostile.lossless_jpeg(1600, 1200)
    small = sources.Source(lossless).small(200)
    assert small.size == (1600, 1200)
    assert np.array_equal(small.rgb, resizing.shrink(sources.read(lossless).rgb, 200)[0])


@pytest.mark.slow
def test_small_and_whole_are_refused_for_the_same_reasons():
    for make in (hostile.damaged, hostile.cut, hostile.pixel_bombs, hostile.work_bombs):
        for name, data in make().items():
            with pytest.raises(sources.UnreadableImage) as caught:
                sources.Source(data).small(64)
            assert caught.value.outcome == refusal(data).outcome, name


def test_a_picture_that_is_small_enough_stays_as_it_is(upright):
    same, scale = resizing.shrink(upright, hostile.WIDTH)
    assert same is upright
    assert scale == 1.0
    with pytest.raises(ValueError, match="expected 1 or more, got 0"):
        resizing.shrink(upright, 0)
