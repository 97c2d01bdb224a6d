"""What the program knows of backs agrees with its sources."""

import numpy as np
import pytest

from locator.core import anatomy
from locator.estimate import midline


def test_levels_run_from_c7_to_s2_without_a_gap():
    names = list(anatomy.levels())
    assert names == ["C7", *(f"T{i}" for i in range(1, 13)), *(f"L{i}" for i in range(1, 6)), "S1", "S2"]
    fractions = [level.fraction for level in anatomy.levels().values()]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


@pytest.mark.parametrize(
    ("level", "fraction"), [("T4", 0.217), ("T7", 0.392), ("T9", 0.489), ("T12", 0.664), ("L2", 0.777)]
)
def test_levels_are_the_measured_ones(level, fraction):
    # Lower borders: Ernst 2013 in vivo, blended with the OpenSim skeleton.
    assert anatomy.levels()[level].fraction == pytest.approx(fraction, abs=0.001)


def test_people_differ_by_10_to_16_mm_at_these_levels():
    spine_mm = 490  # C7 to S2 of the pooled ANSUR II adults
    for level in ("T4", "T7", "T9", "T12", "L2"):
        assert 10 <= anatomy.levels()[level].sd * spine_mm <= 16


def test_nine_in_ten_people_lie_within_the_spread():
    # Of the levels between C7 and S2, and of S2 above the hips that it is inferred from.
    rng = np.random.default_rng(0)
    t9 = anatomy.levels()["T9"]
    s2 = rng.normal(1, 0.035, 20_000)
    offsets = 500 * (rng.normal(t9.fraction, t9.sd, 20_000) - t9.fraction + t9.fraction * (s2 - 1))
    inside = np.abs(offsets) <= anatomy.level_spread_px("T9", 500)
    assert inside.mean() == pytest.approx(0.9, abs=0.01)


@pytest.mark.parametrize(("level", "sd_mm"), [("T4", 11), ("T7", 16), ("T9", 18), ("T12", 22), ("L2", 24)])
def test_where_c7_and_hips_are_known_people_differ_by_as_much_as_their_measured_heights_leave(level, sd_mm):
    assert anatomy.level_spread_px(level, 520) / anatomy.NINETY_PERCENT == pytest.approx(sd_mm, abs=3)


def test_four_fingers_are_three_cun_of_an_average_adult():
    # Mean ANSUR II adult: 3 cun = 3/16 of a biacromial breadth of 390 mm; the keypoints lie nearer the midline.
    joints_mm, torso_mm = 330, 490
    three_cun = 3 * anatomy.cun_px(joints_mm, torso_mm, midline.model().cun_scale)
    assert 65 <= three_cun <= 90


def test_a_body_twice_as_large_in_the_photo_has_a_cun_twice_as_long():
    assert anatomy.cun_px(200, 300, 0.08) == pytest.approx(2 * anatomy.cun_px(100, 150, 0.08))
