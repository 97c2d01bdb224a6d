"""What is blurred cannot be recognised, and nothing else is touched."""

import numpy as np
import pytest

from locator.core.box import Box
from locator.core.types import Location
from locator.photo import blur


def test_a_blurred_region_keeps_a_few_averages_and_the_rest_stays_as_it_was():
    rgb = np.random.default_rng(0).integers(0, 255, (400, 300, 3), np.uint8)
    before = rgb.copy()
    out = blur.blurred(rgb, [Box(50, 60, 120, 80)])
    np.testing.assert_array_equal(rgb, before)
    outside = np.ones(rgb.shape[:2], bool)
    outside[60:140, 50:170] = False
    np.testing.assert_array_equal(out[outside], before[outside])
    inside = out[60:140, 50:170].astype(float)
    # A picture of noise is no more than its averages: hardly any difference from neighbour to neighbour is left.
    assert np.abs(np.diff(inside, axis=1)).mean() < 1.5
    assert inside.std() < 0.1 * before[60:140, 50:170].std()


def test_two_drawings_of_the_same_brightness_cannot_be_told_apart():
    first, second = np.full((2, 200, 200, 3), 128, np.uint8)
    first[50:150:4, 50:150] = 0
    second[50:150, 50:150:4] = 0
    region = Box(50, 50, 100, 100)
    apart = blur.blurred(first, [region]).astype(int) - blur.blurred(second, [region])
    assert np.abs(apart).max() <= 16


@pytest.mark.parametrize("region", [Box(-50, -50, 100, 100), Box(250, 350, 500, 500), Box(500, 500, 10, 10)])
def test_a_region_may_reach_out_of_the_photo(region):
    blur.blurred(np.zeros((400, 300, 3), np.uint8), [region])


@pytest.mark.parametrize("region", [Box(0, 0, 0, 10), Box(0, 0, 10, -1), Box(0, 0, float("nan"), 5)])
def test_a_region_without_size_is_misuse(region):
    with pytest.raises(ValueError, match="width and a height"):
        blur.blurred(np.zeros((400, 300, 3), np.uint8), [region])


def test_the_head_is_found_on_every_sample(read, samples):
    """The ears and the middle of the head lie well inside; the points on the back do not."""
    seen = 0
    for name in samples:
        _, result = read(name)
        if not isinstance(result.outcome, Location):
            continue
        head = blur.head(result.outcome)
        landmarks = result.outcome.landmarks
        back = landmarks.back_px
        for point in result.outcome.points:
            assert head.distance((point.x_px, point.y_px)) > 0, name
        middle = landmarks.c7 + 0.3 * (landmarks.c7 - landmarks.hip_midpoint)
        assert head.distance(tuple(middle)) == 0, name
        assert 0.5 * back < head.width < 0.8 * back
        seen += 1
    assert seen >= 7
