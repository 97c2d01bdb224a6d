"""The marked picture: a new one, with every mark to be seen, at every size."""

import dataclasses

import numpy as np
import pytest
from conftest import make_pose, moved

from locator.catalogue.acupoints import acupoint
from locator.core.body import Side
from locator.draw import raster
from locator.estimate import placing


@pytest.fixture(scope="module")
def location():
    return placing.from_pose(moved(make_pose(), 3.0))


PHOTO = np.full((1800, 1800, 3), 90, np.uint8)


def test_the_photo_itself_is_not_drawn_on(location):
    before = PHOTO.copy()
    marked = raster.draw(PHOTO, location)
    assert marked.shape == PHOTO.shape
    np.testing.assert_array_equal(PHOTO, before)
    assert (marked != PHOTO).any()


def test_every_mark_shows_its_own_colour(location):
    marked = raster.draw(PHOTO, location)
    for point in location.points:
        assert tuple(marked[round(point.y_px), round(point.x_px)]) == acupoint(point.code).colour, point


def test_only_the_chosen_points_are_drawn(location):
    marked = raster.draw(PHOTO, location, codes={"BL-18"})
    for point in location.points:
        shown = tuple(marked[round(point.y_px), round(point.x_px)]) == acupoint(point.code).colour
        assert shown == (point.code == "BL-18")


def test_an_unknown_point_is_misuse(location):
    with pytest.raises(LookupError, match="XX-1"):
        raster.draw(PHOTO, location, codes={"XX-1"})


@pytest.mark.parametrize("bad", [np.zeros((10, 10), np.uint8), np.zeros((10, 10, 3), float)])
def test_anything_but_an_rgb_picture_is_misuse(bad, location):
    with pytest.raises(ValueError, match="expected a"):
        raster.draw(bad, location)


@pytest.mark.parametrize("shift", [(-700, 0), (0, -500), (900, 0), (0, 1200), (-700, -500), (900, 1200)])
def test_a_back_partly_or_wholly_outside_does_not_break_the_drawing(shift):
    raster.draw(PHOTO, placing.from_pose(moved(make_pose(), 3.0, shift=shift)))


def test_a_ring_has_the_radius_that_is_reported(location):
    marked = raster.draw(PHOTO, location, codes={"BL-43"})
    left = next(point for point in location.points if point.code == "BL-43" and point.side is Side.LEFT)
    x, y = round(left.x_px - left.radius_px), round(left.y_px)
    assert (marked[y - 1 : y + 2, x - 1 : x + 2] != 90).any()


def test_a_mark_moved_by_hand_is_drawn_as_a_diamond_and_the_legend_says_so(location):
    moved = dataclasses.replace(location.points[0], moved_by_hand=True)
    by_hand = dataclasses.replace(location, points=(moved, *location.points[1:]))
    before, after = raster.draw(PHOTO, location), raster.draw(PHOTO, by_hand)
    centre = (round(moved.y_px), round(moved.x_px))
    assert tuple(after[centre]) == acupoint(moved.code).colour
    differs = np.argwhere((before != after).any(axis=2))
    beside_the_mark = np.abs(differs - centre).max(axis=1) < 0.05 * location.landmarks.torso_px
    assert beside_the_mark.any()
    assert (~beside_the_mark).any()  # the legend
