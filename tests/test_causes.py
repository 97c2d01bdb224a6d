"""What spoils a photo is told in place of what it misleads the models to; what is not certain is left open."""

import dataclasses

import numpy as np
import pytest
from conftest import make_pose, moved
from test_fusion import GOOD_LIGHT, as_certain_as, read_back, read_pose, vague

from locator.core.reasons import RefusalCode, refusal
from locator.estimate import causes, fusion, pose_landmarks
from locator.photo import light

SIZE = (600, 800)
BRIGHT = dataclasses.replace(GOOD_LIGHT, blank=0.95)
EVEN = np.full((SIZE[1], SIZE[0], 3), 120, np.uint8)
HALF_IN_SHADOW = EVEN.copy()
HALF_IN_SHADOW[:, : SIZE[0] // 2] = 20


def told(code, back, pose=None, seen=GOOD_LIGHT, rgb=EVEN, shrunk=1.0):
    refused = refusal(RefusalCode(code))
    return causes.told(refused, pose or read_pose(refused="nobody_found"), (back,), seen, rgb, shrunk).code


def stretched(back, factors):
    """The back as it is seen where breadth and length are so many times what they are."""
    middle = back.keypoints.mean(axis=0)
    keypoints = middle + (back.keypoints - middle) * factors
    return dataclasses.replace(back, keypoints=keypoints, error_scale_px=back.error_scale_px * factors[1])


@pytest.mark.parametrize(
    "code", ["nobody_found", "unsure_facing", "front_view", "sideways", "head_missing", "too_blurred"]
)
def test_of_a_photo_that_is_burnt_out_nothing_else_is_told(code):
    assert told(code, read_back(), seen=BRIGHT) == "too_bright"
    assert told(code, read_back(back_probability=0.0), seen=BRIGHT) == "too_bright"


def test_what_is_cut_out_on_white_is_not_burnt_out():
    paper = np.full((400, 600, 3), 255, np.uint8)
    paper[50:350, 150:450] = 120
    assert not light.measure(paper).burnt_out


@pytest.mark.parametrize("code", ["nobody_found", "unsure_facing", "head_missing"])
def test_a_side_of_a_back_that_lies_in_shadow_is_told(code):
    assert told(code, vague(read_back()), rgb=HALF_IN_SHADOW) == "uneven_light"
    assert told(code, vague(read_back()), rgb=EVEN) == code
    assert told(code, vague(read_back(back_probability=0.1)), rgb=HALF_IN_SHADOW) == code
    assert told(code, vague(read_back(n_views=2)), rgb=HALF_IN_SHADOW) == code


def test_shadow_is_found_in_the_photo_as_it_is_looked_at():
    assert told("unsure_facing", vague(read_back()).enlarged(2.0), rgb=HALF_IN_SHADOW, shrunk=0.5) == "uneven_light"


def test_shadow_beside_a_back_of_which_too_little_is_in_the_photo_says_nothing():
    outside = read_back(moved(make_pose(), shift=(-300, 0)))
    assert not light.is_uneven(HALF_IN_SHADOW, outside.levels["C7"], outside.levels["S2"])


def test_somebody_of_whom_one_side_lies_in_shadow_need_not_stand_sideways():
    nothing, pose = read_back(back_probability=0.0), read_pose(refused="sideways")
    assert pose_landmarks.landmarks(pose.pose).c7[0] == SIZE[0] / 2
    assert told("sideways", nothing, pose, rgb=HALF_IN_SHADOW) == "unsure_facing"
    assert told("sideways", nothing, pose, rgb=EVEN) == "sideways"


@pytest.mark.parametrize("code", ["front_view", "sideways", "bent"])
@pytest.mark.parametrize(
    ("seen", "because"),
    [
        (GOOD_LIGHT, "unsure_facing"),
        (dataclasses.replace(GOOD_LIGHT, edge_width=30), "too_blurred"),
        (dataclasses.replace(GOOD_LIGHT, luma=30), "too_dark"),
    ],
)
def test_how_somebody_stands_is_told_only_where_the_hips_are_in_the_photo_and_a_flaw_of_the_photo_if_not(
    code, seen, because
):
    nothing, pose = read_back(back_probability=0.0), make_pose()
    to_edge = SIZE[1] - pose.joints.hip_midpoint[1]
    below, above = (read_pose(moved(pose, shift=(0, to_edge + off)), refused=code) for off in (20, -20))
    assert told(code, nothing, below, seen) == because
    assert told(code, nothing, above, seen) == code


@pytest.mark.parametrize("code", ["nobody_found", "unsure_facing", "head_missing", "too_small"])
def test_a_back_that_is_surely_one_but_too_narrow_or_too_broad_is_seen_from_the_side_or_from_above_or_below(code):
    sure = as_certain_as(5.0)
    assert told(code, stretched(sure, [0.4, 1.0])) == "sideways"
    assert told(code, stretched(sure, [1.0, 0.4])) == "bent"
    assert told(code, stretched(as_certain_as(-5.0), [0.4, 1.0])) == code


def test_a_back_that_would_be_cut_off_or_too_small_in_any_case_is_told_to_be_so():
    assert told("unsure_facing", read_back(moved(make_pose(), 0.15, shift=(200, 200)))) == "too_small"
    assert told("unsure_facing", read_back(moved(make_pose(), shift=(0, 500)))) == "cropped"
    assert told("unsure_facing", vague(read_back(moved(make_pose(), shift=(0, 500))))) == "unsure_facing"


def test_what_the_pose_model_says_of_a_good_photo_stands():
    assert told("front_view", as_certain_as(fusion._DISPUTED - 0.1), rgb=HALF_IN_SHADOW) == "front_view"
    assert told("too_dark", read_back()) == "too_dark"
