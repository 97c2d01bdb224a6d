"""What a Python program, or somebody at a notebook, does with a result."""

import base64
import io
import json
import pickle
import re

import hostile
import numpy as np
import pytest
from conftest import number_of_marks
from PIL import Image, ImageOps

from locator.draw import window
from locator.formats.record import to_dict
from locator.photo import sources


@pytest.fixture(scope="module")
def result(locator, back):
    return locator.locate(back)


@pytest.fixture(scope="module")
def refused(locator, samples):
    return locator.locate(samples["from_the_front"])


def test_a_result_is_told_in_a_line(result, refused, back):
    assert repr(result) == f"<Result of {back}: located, {number_of_marks()} marks>"
    assert "refused" in repr(refused)
    assert len(repr(refused).splitlines()) == 1


def test_the_points_are_at_hand_and_none_are_where_there_are_none(result, refused):
    assert result.points == result.outcome.points
    assert refused.points == ()


def test_the_document_is_the_one_that_locate_prints(result):
    assert json.loads(json.dumps(result.to_dict())) == to_dict(result)


@pytest.mark.parametrize(("name", "start"), [("a.jpeg", b"\xff\xd8"), ("a.png", b"\x89PNG"), ("a.csv", b"code,")])
def test_the_ending_tells_what_is_saved(result, tmp_path, name, start):
    assert result.save(tmp_path / name) == tmp_path / name
    assert (tmp_path / name).read_bytes().startswith(start)


def test_of_what_is_saved_format_and_points_can_be_chosen(result, tmp_path):
    result.save(tmp_path / "marks.json", format="coco", codes=["GV-9"])
    assert json.loads((tmp_path / "marks.json").read_text())["annotations"][0]["num_keypoints"] == 1


def test_what_cannot_be_saved_says_why_and_leaves_nothing(result, refused, tmp_path):
    with pytest.raises(ValueError, match=r"\.jpg, .*got 'a\.txt'"):
        result.save(tmp_path / "a.txt")
    with pytest.raises(ValueError, match=re.escape(refused.outcome.remedy)):
        refused.save(tmp_path / "a.jpg")
    assert list(tmp_path.iterdir()) == []


def test_a_photo_that_is_another_by_now_is_not_drawn_on(locator, samples, tmp_path):
    photo = tmp_path / "back.jpg"
    photo.write_bytes(samples["standing"].read_bytes())
    result = locator.locate(photo)
    for change in (lambda: photo.write_bytes(samples["lying_down"].read_bytes()), photo.unlink):
        change()
        with pytest.raises(ValueError, match="has changed"):
            result.save(tmp_path / "a.jpg")
        assert "has changed" in result._repr_html_()


def test_a_notebook_shows_the_marked_photo_out_of_memory(result, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shown = result._repr_html_()
    data = base64.b64decode(re.search(r'src="data:image/jpeg;base64,([^"]+)"', shown)[1])
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.size == (result.image.width_px, result.image.height_px)
        assert not picture.info.get("exif")
    assert "located" in shown
    assert list(tmp_path.iterdir()) == []


def test_a_notebook_shows_why_there_are_no_marks(refused):
    assert refused.outcome.message in refused._repr_html_()


def test_an_annotation_shows_the_points_that_were_asked_for(locator, back):
    annotation = locator.annotate(back, ["GV-9"])
    assert annotation._repr_html_() != locator.annotate(back)._repr_html_()
    assert "<img" in annotation._repr_html_()


def test_without_a_screen_showing_says_what_to_do_instead(result, monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(window.NoScreen, match=r"save\("):
        result.show()


def test_a_result_of_bytes_or_pixels_can_be_saved_and_sent_on_too(locator, back, back_rgb, tmp_path):
    for photo in (back.read_bytes(), back_rgb, Image.fromarray(back_rgb)):
        result = pickle.loads(pickle.dumps(locator.locate(photo)))
        result.save(tmp_path / "a.png")
        assert sources.read(tmp_path / "a.png").rgb.shape == back_rgb.shape


# Pillow's pictures ------------------------------------------------------------------------------------------


def test_a_picture_of_pillow_is_read_as_its_pixels(locator, back, back_rgb):
    with Image.open(back) as picture:
        assert locator.locate(picture).points == locator.locate(np.asarray(picture)).points


def test_a_picture_of_pillow_is_turned_as_it_says_itself(back_rgb):
    turned = Image.fromarray(back_rgb).transpose(Image.Transpose.ROTATE_90)
    exif = turned.getexif()
    exif[0x0112] = 6
    assert (sources.read(turned).rgb == back_rgb).all()
    assert (sources.read(ImageOps.exif_transpose(turned)).rgb == back_rgb).all()


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "HEIF"])
def test_a_picture_of_pillow_that_says_nothing_of_its_turning_that_can_be_read_is_read(kind):
    file = hostile.encoded(hostile.corners(), kind, exif=b"Exif\0\0????" + bytes(30))
    assert (sources.read(Image.open(io.BytesIO(file))).rgb == sources.read(file).rgb).all()


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "CMYK", "I;16", "1"])
def test_a_picture_of_pillow_may_be_of_any_kind(mode):
    grey = Image.new("L", (80, 90), 128)
    picture = Image.new("I;16", (80, 90), 128 << 8) if mode == "I;16" else grey.convert(mode)
    rgb = sources.read(picture).rgb
    assert rgb.shape == (90, 80, 3)
    assert mode == "1" or abs(rgb.astype(int) - 128).max() <= 1


def test_what_is_clear_in_a_picture_of_pillow_is_white():
    assert (sources.read(Image.new("RGBA", (80, 90), (9, 9, 9, 0))).rgb == 255).all()


def test_the_profile_of_a_picture_of_pillow_is_used():
    plain, wide = (Image.new("RGB", (80, 90), (90, 120, 60)) for _ in range(2))
    wide.info["icc_profile"] = hostile.display_p3()
    assert (sources.read(plain).rgb == (90, 120, 60)).all()
    assert (sources.read(wide).rgb[0, 0] != (90, 120, 60)).any()


def test_a_picture_of_pillow_that_is_cut_off_or_too_small_is_told(locator, back, tmp_path):
    (tmp_path / "cut.jpg").write_bytes(back.read_bytes()[:9000])
    with Image.open(tmp_path / "cut.jpg") as cut:
        assert locator.locate(cut).outcome.code == "damaged"
    assert locator.locate(Image.new("RGB", (20, 90))).outcome.code == "too_few_pixels"
