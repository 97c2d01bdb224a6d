"""A hand laid on the back gives the line across its four fingers, so that nobody has to drag its ends there."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from conftest import make_anchors

from locator.estimate import hands, midline
from locator.estimate.hands import FourFingers, HandFinder, four_fingers
from locator.models import registry
from locator.photo import sources

PICTURE = Path(__file__).parent / "data" / "hand_on_back.jpg"
BREADTH_PX = 40.0


@pytest.fixture(scope="module")
def finder():
    return HandFinder(partial(registry.setup, registry.HAND))


@pytest.fixture(scope="module")
def hand_on_back():
    return sources.read(PICTURE).rgb


def close(found, wanted, share_of_breadth):
    breadth = np.linalg.norm(wanted[1] - wanted[0])
    return (np.linalg.norm(found - wanted, axis=1) <= share_of_breadth * breadth).all()


def made_hand(gap=0.0, fan=0.0, bend=1.0, tilt=1.0):
    """(21, 2) landmarks of a hand that points up, four fingers ``BREADTH_PX`` broad, the thumb to the left.

    Args:
        gap: between the fingers, in finger breadths.
        fan: by how much the tips lie further apart than the joints, as a share.
        bend: share of the fingers' length that the camera sees.
        tilt: share of the hand's breadth that the camera sees.
    """
    landmarks = np.zeros((21, 2))
    landmarks[0] = (100, 200)
    landmarks[1:5] = [(80, 190), (65, 175), (55, 165), (50, 155)]
    for finger, (length, low) in enumerate(((48, 0), (52, -3), (48, 0), (38, 7))):
        side = (finger - 1.5) * BREADTH_PX / 4 * (1 + gap) * tilt
        for joint, share in enumerate((0, 0.45, 0.75, 1)):
            apart = 1 + fan * max(share - 0.45, 0) / 0.55
            landmarks[5 + 4 * finger + joint] = (100 + side * apart, 150 + low - length * share * bend)
    return landmarks


def test_the_line_is_as_long_as_four_fingers_are_broad():
    hand = four_fingers(made_hand(), seen=4)
    assert np.linalg.norm(hand.ends_px[1] - hand.ends_px[0]) == pytest.approx(BREADTH_PX)
    assert hand.together


def test_the_line_runs_straight_across_the_fingers_from_index_to_little_finger():
    (x0, y0), (x1, y1) = four_fingers(made_hand(), seen=4).ends_px
    assert y0 == pytest.approx(y1)
    assert x0 < x1


@pytest.mark.parametrize("degrees", [0, 37, 90, 205, 270])
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_hand_may_be_the_left_or_the_right_and_point_anywhere(degrees, mirrored):
    angle = np.radians(degrees)
    to = 1.7 * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    to = to @ np.diag([-1.0 if mirrored else 1.0, 1.0])
    plain, moved = four_fingers(made_hand(), seen=4), four_fingers(made_hand() @ to.T + (40, -15), seen=4)
    assert moved.together
    assert moved.ends_px == pytest.approx(plain.ends_px @ to.T + (40, -15))


@pytest.mark.parametrize(
    "shape",
    [{"gap": 0.4}, {"fan": 0.3}, {"bend": 0.5}, {"tilt": 0.6}],
    ids=["held apart", "fanned out", "bent away", "seen from the side"],
)
def test_a_hand_that_does_not_show_its_breadth_is_not_to_be_trusted(shape):
    assert not four_fingers(made_hand(**shape), seen=4).together


def test_a_hand_shrunk_to_a_point_is_not_to_be_trusted():
    hand = four_fingers(np.zeros((21, 2)), seen=4)
    assert not hand.together
    assert np.isfinite(hand.ends_px).all()


def test_another_number_of_landmarks_is_misuse():
    with pytest.raises(ValueError, match=r"\(21, 2\)"):
        four_fingers(np.zeros((20, 2)), seen=4)


def test_a_hand_on_a_back_is_found_and_its_ends_lie_at_the_edges_of_the_fingers(finder, hand_on_back):
    best = finder.find(hand_on_back)[0]
    assert best.together
    assert close(best.ends_px, np.array(json.loads(PICTURE.with_suffix(".json").read_text())["ends_px"]), 0.15)


def test_a_turned_picture_gives_the_same_line(finder, hand_on_back):
    upright = finder.find(hand_on_back)[0].ends_px
    turned = finder.find(np.rot90(hand_on_back))[0].ends_px
    back = np.stack([hand_on_back.shape[1] - 1 - turned[:, 1], turned[:, 0]], axis=1)
    assert close(back, upright, 0.1)


def test_a_large_photo_is_answered_in_its_own_pixels(finder, hand_on_back):
    large = hand_on_back.repeat(3, axis=0).repeat(3, axis=1)
    assert close(finder.find(large)[0].ends_px / 3, finder.find(hand_on_back)[0].ends_px, 0.1)


@pytest.mark.parametrize("name", ["standing", "lying_down", "close_up", "arms_overhead"])
def test_a_back_without_a_hand_on_it_gives_no_line_to_be_trusted(finder, samples, name):
    assert not any(hand.together for hand in finder.find(sources.read(samples[name]).rgb))


def test_nothing_is_found_where_nothing_is(finder):
    assert finder.find(np.full((48, 64, 3), 200, np.uint8)) == ()
    assert finder.find(np.zeros((1, 1, 3), np.uint8)) == ()


@pytest.mark.parametrize("rgb", [None, np.zeros((9, 9), np.uint8), np.zeros((0, 9, 3), np.uint8), np.zeros((9, 9, 3))])
def test_what_is_no_picture_is_misuse(finder, rgb):
    with pytest.raises((TypeError, ValueError), match="rgb"):
        finder.find(rgb)


def test_only_what_several_looks_agree_on_is_a_hand():
    hand, elsewhere = made_hand(), made_hand() + 300
    assert hands._agreed([hand, hand, hand, elsewhere]) == []
    ((agreed, seen),) = hands._agreed([hand, elsewhere, hand + 2, hand - 2, hand])
    assert seen == 4
    assert agreed == pytest.approx(hand)


def test_every_part_of_a_picture_is_looked_at_closely():
    for shape in ((3, 4), (480, 640), (900, 300), (300, 900), (1, 7)):
        looked_at = np.zeros(shape, int)
        for left, top, part in list(hands._windows(np.zeros((*shape, 3), np.uint8)))[1:]:
            assert max(part.shape[:2]) <= (max(shape) + 1) // 2
            looked_at[top : top + part.shape[0], left : left + part.shape[1]] += 1
        assert looked_at.min() >= 1


@pytest.mark.slow
def test_threads_may_share_the_finder_and_it_loads_again_after_being_closed(finder, hand_on_back):
    one = finder.find(hand_on_back)[0].ends_px
    finder.close()
    with ThreadPoolExecutor(2) as pool:
        for found in pool.map(finder.find, [hand_on_back] * 2):
            assert (found[0].ends_px == one).all()


def test_usage_reports_of_the_hand_library_lead_nowhere(finder):
    assert os.environ["https_proxy"] == "http://127.0.0.1:9"
    assert "no_proxy" not in os.environ


def test_only_a_hand_on_the_back_of_a_plausible_breadth_measures_its_cun():
    back = make_anchors().landmarks
    usual = 3 * midline.model().cun_px(back)
    on_it = np.array([[-usual / 2, 0.0], [usual / 2, 0.0]]) + back.spine_middle + (30, 0)

    def hand(ends, together=True):
        return FourFingers(ends, seen=9, together=together)

    def around(ends, factor):
        middle = ends.mean(axis=0)
        return middle + factor * (ends - middle)

    assert hands.on_back([hand(on_it)], back) is not None
    for wrong in (
        hand(on_it, together=False),
        hand(on_it + (back.shoulders_px, 0)),  # the subject's own hand, hanging beside
        hand(on_it + (0, 2 * back.back_px)),
        hand(around(on_it, 2.0)),
        hand(around(on_it, 0.4)),
    ):
        assert hands.on_back([wrong], back) is None
        found = hands.on_back([wrong, hand(on_it)], back)
        assert found is not None
        assert found.together
