"""A back that is far away is told to be so, and found once it is cut out; what is no small back is not."""

import cv2
import numpy as np
import pytest
from conftest import make_pose, moved
from test_fusion import read_back

from lab.accuracy import reasons
from locator.core.reasons import RefusalCode, refusal
from locator.estimate import causes, middle

PHOTO = np.zeros((800, 1200, 3), np.uint8)


class Glancing:
    """Networks that see one back in a picture of one size."""

    def __init__(self, back, size):
        self.back, self.size = back, size

    def glance(self, rgb):
        return self.back if rgb.shape[:2] == self.size else None

    def witnessed(self, rgb, backs, believed):
        return tuple(backs)


@pytest.mark.parametrize(("size", "corner"), [((400, 600), (300, 200)), ((200, 300), (450, 300))])
def test_a_small_back_in_the_middle_is_found_where_it_is_in_the_photo(size, corner):
    back = read_back(moved(make_pose(), 0.2))
    found = middle.far_back(Glancing(back, size), PHOTO, lambda back: True)
    np.testing.assert_allclose(found.keypoints, back.keypoints + corner)


def test_what_is_large_or_not_believed_is_no_back_that_is_far_away():
    small, large = read_back(moved(make_pose(), 0.2)), read_back(moved(make_pose(), 1.5))
    assert large.spine_px > 0.25 * max(PHOTO.shape)
    assert middle.far_back(Glancing(large, (400, 600)), PHOTO, lambda back: True) is None
    assert middle.far_back(Glancing(small, (400, 600)), PHOTO, lambda back: False) is None
    assert middle.far_back(Glancing(small, (1, 1)), PHOTO, lambda back: True) is None


@pytest.fixture(scope="module")
def far(locator, back_rgb, back):
    """A back of an eighth of the photo's height."""
    spine = locator.locate(back).outcome.spine_px
    return reasons.CAUSES["far away"].spoil(cv2.resize(back_rgb, None, fx=4, fy=4), 0.12, spine)


def test_a_photo_of_somebody_far_away_says_so_and_is_answered_once_it_is_cut_to_the_person(far, locator):
    result = locator.locate(far)
    assert result.outcome.code == "too_small"
    height, width = far.shape[:2]
    assert len(locator.locate(far[3 * height // 8 : 5 * height // 8, 3 * width // 8 : 5 * width // 8]).points) > 0
    assert np.hypot(*(result.guess.c7 - [width / 2, height / 2])) < 0.1 * height  # the handles start there


@pytest.mark.parametrize(
    ("said", "told"), [("front_view", "too_small"), ("too_dark", "too_small"), ("cropped", "cropped")]
)
def test_it_says_so_whatever_the_models_take_it_for_from_afar_but_for_a_back_that_is_cut_off(
    said, told, far, locator, monkeypatch
):
    monkeypatch.setattr(causes, "told", lambda *_: refusal(RefusalCode(said)))
    assert locator.locate(far).outcome.code == told
