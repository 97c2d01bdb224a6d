"""Files that once went wrong, each the smallest of its kind; `data/README.md` tells what is right for each.

Too large to be stored are four of them. Three are held by larger files that are made elsewhere: webp35_lossy.webp by
the largest WebP of `test_images.py`, 12mp.jpg and 48mp.jpg by the largest photo in every export of `test_export.py`.
"""

import json
from pathlib import Path

import hostile
import numpy as np
import pytest
from conftest import number_of_marks
from PIL import Image, ImageChops
from test_colour import cmyk_profile, eight_bits

from locator.core.types import Location
from locator.formats.export import export
from locator.jobs import listing
from locator.live import video
from locator.photo import sources

CASES = Path(__file__).parent / "data" / "cases"


def frames(name):
    with video.opened(str(CASES / name)) as film:
        return [frame.rgb for frame in film.frames]


def alike(one, other):
    """The mean difference of two pictures, of 255."""
    return np.abs(one.astype(float) - other).mean()


@pytest.fixture(scope="module")
def standing(locator, back):
    return locator.locate(back)


CORNER = (10, 4)
"""Where the first picture of the films begins in the sample that they were made from, px."""


@pytest.fixture
def film(back_rgb):
    """What the films show at first."""
    return back_rgb[CORNER[1] :, CORNER[0] :][:700, :520]


def assert_marked_as(result, standing, shift=(0.0, 0.0)):
    """The marks lie where they do on the sample, each within the ring of its reading, and on the same side."""
    known = {(point.code, point.side): point for point in standing.points}
    assert {(point.code, point.side) for point in result.points} == set(known)
    for point in result.points:
        expected = known[point.code, point.side]
        off_px = np.hypot(point.x_px - expected.x_px - shift[0], point.y_px - expected.y_px - shift[1])
        assert off_px < expected.reading_radius_px, (point.code, point.side, off_px)


# Films ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["mirror_matrix.mp4", "twovideo.mp4", "coverfirst.mkv"])
def test_a_film_is_the_one_that_a_player_shows_and_turned_as_it_does(name, film, locator, standing):
    shown = frames(name)
    assert len(shown) == 20
    for rgb in shown[:: len(shown) - 1]:
        assert rgb.shape == film.shape
    best = min((alike(shown[0], turned), turned is film) for turned in (film, film[:, ::-1], film[::-1]))
    assert best[1]
    assert_marked_as(locator.locate(shown[0]), standing, (-CORNER[0], -CORNER[1]))


def test_pixels_that_are_not_square_are_made_square(locator, standing, back_rgb):
    shown = frames("sar43.mp4")
    assert {rgb.shape for rgb in shown} == {(720, 539, 3)}
    assert alike(shown[0][:, :530], back_rgb[:, :530]) < 3
    assert_marked_as(locator.locate(shown[0]), standing)


def test_each_picture_of_a_film_has_its_own_shape():
    shown = frames("sizechange.ts")
    assert [rgb.shape for rgb in shown[::19]] == [(700, 520, 3), (520, 700, 3)]


# Colour -----------------------------------------------------------------------------------------------------


def test_hdr_of_photos_and_films_is_bright_and_coloured(back_rgb, locator, standing):
    usual = back_rgb.mean((0, 1))
    for rgb in (sources.read(CASES / "hlg10.heic").rgb, sources.read(CASES / "cicp_pq.png").rgb,
                frames("iphone_hlg.mov")[0]):  # fmt: skip
        mean = rgb.mean((0, 1))
        assert mean.max() > 0.6 * usual.max()
        assert np.ptp(mean) > 0.5 * np.ptp(usual)
        assert_marked_as(locator.locate(rgb), standing)
    assert alike(sources.read(CASES / "hlg10.heic").rgb, frames("iphone_hlg.mov")[0]) < 3


def ycck(image, **options):
    """A JPEG of a CMYK picture, its ink in light and colour differences."""
    cyan, magenta, yellow, black = image.split()
    y, cb, cr = Image.merge("RGB", (cyan, magenta, yellow)).convert("YCbCr").split()
    stored = Image.merge("CMYK", (*(ImageChops.invert(each) for each in (y, cb, cr)), black))
    jpeg = hostile.encoded(stored, "JPEG", quality=98, subsampling=0, **options)
    kind = jpeg.index(b"Adobe") + 11
    return jpeg[:kind] + b"\2" + jpeg[kind + 1 :]


def test_ycck_is_shown_by_its_own_profile():
    """In the place of ycck.jpg, which brings the profile of a press along."""
    image, profile = eight_bits().convert("CMYK"), cmyk_profile()
    shown = sources.read(ycck(image, icc_profile=profile)).rgb
    assert alike(shown, sources.read(hostile.encoded(image, "JPEG", quality=98, icc_profile=profile)).rgb) < 2
    assert alike(shown, sources.read(ycck(image)).rgb) > 5


# Photos -----------------------------------------------------------------------------------------------------


def test_a_box_of_coco_ends_with_the_picture(locator):
    photo, result = locator.read(CASES / "coco_bbox_outside.png")
    document = json.loads(export("coco", photo.rgb, result))
    x, y, width, height = document["annotations"][0]["bbox"]
    assert x >= 0
    assert y >= 0
    assert x + width <= 390
    assert y + height <= 720


def test_a_batch_goes_by_what_a_file_holds(tmp_path, standing, locator):
    file = tmp_path / "photos" / "skipped_by_batch.jfif"
    file.parent.mkdir()
    file.write_bytes((CASES / file.name).read_bytes())
    assert listing.photos_below(file.parent, tmp_path / "out").photos == [file.name]
    assert_marked_as(locator.locate(file), standing)


def test_what_a_photo_hides_is_not_shown_and_white_is_not_called_overexposed(locator, standing):
    with Image.open(CASES / "cutout_hidden.png") as picture:
        clear = np.asarray(picture.convert("RGBA"))[..., 3] == 0
    photo, result = locator.read(CASES / "cutout_hidden.png")
    assert clear.mean() > 0.2
    assert (photo.rgb[clear] == 255).all()
    assert isinstance(result.outcome, Location)
    assert [issue.code for issue in result.outcome.issues if "expos" in issue.code] == []


def test_corrupt_data_is_refused_and_a_missing_end_is_not(locator, standing, back_rgb):
    assert locator.locate(CASES / "zeroed-sector.jpg").outcome.code == "damaged"
    assert (sources.read(CASES / "no-eoi.jpg").rgb == back_rgb).all()
    assert_marked_as(locator.locate(CASES / "no-eoi.jpg"), standing)


def test_an_avif_of_tiles_is_marked(locator):
    result = locator.locate(CASES / "grid.avif")
    assert (result.image.width_px, result.image.height_px) == (1080, 1440)
    assert len(result.points) == number_of_marks()


def test_a_mirrored_photo_has_its_sides_right_once_that_is_said(locator, standing):
    result = locator.locate(CASES / "mirrored.jpg", mirrored=True)
    as_taken = {(point.code, point.side): result.image.width_px - 1 - point.x_px for point in result.points}
    for point in standing.points:
        assert abs(as_taken[point.code, point.side] - point.x_px) < point.reading_radius_px


def test_of_two_backs_both_are_found_the_largest_is_marked_and_the_number_told(locator, standing):
    result = locator.locate(CASES / "two_backs.jpg")
    assert len(result.people) == 2
    assert "several_people" in [issue.code for issue in result.outcome.issues]
    assert_marked_as(result, standing)
    left, right = result.each()
    assert_marked_as(left, standing)
    assert len(right.points) == number_of_marks()
    assert all(point.x_px > 540 for point in right.points)


def test_a_back_beside_a_front_is_marked_and_the_other_person_told(locator, standing):
    result = locator.locate(CASES / "back_and_front.jpg")
    assert len(result.people) == 1
    assert "several_people" in [issue.code for issue in result.outcome.issues]
    assert_marked_as(result, standing)
