"""Two days side by side: the same place of the spine at the same place of the picture."""

import numpy as np
import pytest

from locator.core.arrays import FloatArray
from locator.core.body import Side
from locator.core.similarity import Similarity
from locator.draw import compare
from locator.photo import crops


@pytest.fixture(scope="module")
def backs(locator, samples):
    """(rgb, location) of a body that stands and of one that lies across the photo."""
    readings = [locator.read(samples[name]) for name in ("standing", "lying_down")]
    return [(photo.rgb, result.outcome) for photo, result in readings]


def test_spines_are_upright_equally_long_and_in_the_same_place(backs):
    ends = []
    for rgb, location in backs:
        picture, there = crops.aligned(rgb, location, 400.0)
        c7, s2 = crops.spine(there)
        assert s2[0] == pytest.approx(c7[0])
        assert s2[1] - c7[1] == pytest.approx(400.0)
        ends.append((*c7, *s2, *picture.shape))
    assert ends[0] == pytest.approx(ends[1])


def test_lengths_keep_their_share_of_the_back(backs):
    rgb, location = backs[1]
    _, there = crops.aligned(rgb, location, 400.0)
    factor = 400.0 / crops.spine_px(location)
    assert there.cun_px == pytest.approx(factor * location.cun_px)
    for before, after in zip(location.points, there.points, strict=True):
        assert after.radius_px == pytest.approx(factor * before.radius_px)
        assert (after.code, after.side) == (before.code, before.side)
    lefts = [p.x_px for p in there.points if p.side is Side.LEFT]
    rights = [p.x_px for p in there.points if p.side is Side.RIGHT]
    assert max(lefts) < min(rights)  # nothing is mirrored


def test_the_photo_goes_with_its_marks(backs):
    for rgb, location in backs:
        picture, there = crops.aligned(rgb, location, crops.spine_px(location))
        for before, after in zip(location.points, there.points, strict=True):
            here, moved = (around(p, x.x_px, x.y_px) for p, x in ((rgb, before), (picture, after)))
            np.testing.assert_allclose(here, moved, atol=6)


def around(rgb, x, y) -> FloatArray:
    return rgb[round(y) - 4 : round(y) + 5, round(x) - 4 : round(x) + 5].mean(axis=(0, 1))


def test_both_backs_are_in_one_picture(backs):
    out = compare.side_by_side(*backs)
    left, _ = crops.aligned(*backs[0], max(crops.spine_px(location) for _, location in backs))
    assert out.shape[0] == left.shape[0]
    assert 2 * left.shape[1] < out.shape[1] < 2.1 * left.shape[1]
    halves = out[:, : left.shape[1]], out[:, -left.shape[1] :]
    for half, (_, location) in zip(halves, backs, strict=True):
        assert (half != 255).any()
        assert location.points


def test_small_photos_are_compared_at_a_size_that_has_room_for_labels(backs):
    small = [
        (np.ascontiguousarray(rgb[::4, ::4]), Similarity.resizing(0.25).of_location(location))
        for rgb, location in backs
    ]
    assert compare.side_by_side(*small).shape[0] >= 400


def test_a_huge_photo_is_compared_at_a_size_that_can_be_shown(backs):
    rgb, location = backs[0]
    scaled = Similarity.resizing(20.0).of_location(location)
    out = compare.side_by_side((rgb, scaled), backs[1])
    assert max(out.shape) < 7000
