"""The marks follow the body: wherever it is in the picture, however it is turned, leaning or bent."""

import dataclasses

import numpy as np
import pytest
from conftest import make_pose, moved
from hypothesis import given
from hypothesis import strategies as st

from locator import acupoints, placing, spine
from locator.types import Keypoint, Pose, Side


def positions(location):
    return {(point.code, point.side): np.array([point.x_px, point.y_px]) for point in location.points}


def test_eleven_marks_five_pairs_and_one_on_the_midline():
    marks = list(positions(placing.from_pose(make_pose())))
    assert len(marks) == 11
    assert [code for code, side in marks if side is Side.MIDLINE] == ["GV-9"]
    for code in ("BL-18", "BL-43", "BL-52", "BL-21", "BL-23"):
        assert (code, Side.LEFT) in marks
        assert (code, Side.RIGHT) in marks


def test_one_more_entry_in_the_catalogue_is_one_more_pair_of_marks(monkeypatch):
    known = acupoints.acupoints()
    another = dataclasses.replace(known[0], code="BL-22", level="L1", lateral_cun=1.5)
    monkeypatch.setattr(placing, "acupoints", lambda: (*known, another))
    marks = [point for point in placing.from_pose(make_pose()).points if point.code == "BL-22"]
    assert {mark.side for mark in marks} == {Side.LEFT, Side.RIGHT}
    # No picture had the truth of it, so its ring is as wide as any measured.
    widest = max(point.reading_radius_px for point in placing.from_pose(make_pose()).points)
    assert all(mark.reading_radius_px == widest for mark in marks)


@given(
    scale=st.floats(0.3, 8),
    turn=st.floats(-180, 180),
    shift=st.tuples(st.floats(-500, 4000), st.floats(-500, 4000)),
)
def test_move_turn_or_enlarge_the_body_and_the_marks_go_along(scale, turn, shift):
    before, after = placing.from_pose(make_pose()), placing.from_pose(moved(make_pose(), scale, turn, shift))
    angle = np.radians(turn)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    for key, mark in positions(before).items():
        np.testing.assert_allclose(positions(after)[key], scale * rotation @ mark + shift, atol=1e-6 * scale + 1e-6)
    assert after.cun_px == pytest.approx(scale * before.cun_px)
    assert after.points[0].radius_px == pytest.approx(scale * before.points[0].radius_px)


def test_mirror_the_body_and_the_sides_exchange():
    rng = np.random.default_rng(1)
    pose = make_pose()
    pose = Pose(pose.xy_px + rng.normal(0, 4, pose.xy_px.shape), rng.normal(0, 20, 33))
    swap = list(range(33))
    for left, right in ((7, 8), (11, 12), (13, 14), (23, 24), (25, 26)):
        swap[left], swap[right] = right, left
    mirrored = Pose((pose.xy_px * (-1, 1))[swap], pose.z_px[swap])
    other = {Side.LEFT: Side.RIGHT, Side.RIGHT: Side.LEFT, Side.MIDLINE: Side.MIDLINE}
    there = positions(placing.from_pose(mirrored))
    for (code, side), mark in positions(placing.from_pose(pose)).items():
        np.testing.assert_allclose(there[code, other[side]], mark * (-1, 1), atol=1e-9)


def test_the_subjects_left_is_at_the_left_of_an_upright_picture_from_behind():
    for (code, side), mark in positions(placing.from_pose(make_pose())).items():
        if side is Side.LEFT:
            assert mark[0] < 300, code
        if side is Side.RIGHT:
            assert mark[0] > 300, code


def test_points_lie_their_finger_widths_from_the_spine():
    location = placing.from_pose(make_pose())
    levels = {level.level: np.array([level.x_px, level.y_px]) for level in location.levels}
    for point in location.points:
        away = np.linalg.norm(np.array([point.x_px, point.y_px]) - levels[point.level])
        assert away == pytest.approx(point.lateral_cun * location.cun_px)


def test_raised_arms_do_not_carry_the_lower_marks_along():
    # The shoulder keypoints rise with the arms; the vertebrae do not.
    down, up = make_pose(), make_pose(arms_up=True)
    raised = up.xy_px.copy()
    for shoulder in (Keypoint.LEFT_SHOULDER, Keypoint.RIGHT_SHOULDER):
        raised[shoulder] += (0, -25)
    naive_shift = 25 * (1 - 0.3)  # what a fixed share of the way to the hips would move T9 by
    before = positions(placing.from_pose(down))["BL-18", Side.LEFT]
    after = positions(placing.from_pose(Pose(raised, up.z_px)))["BL-18", Side.LEFT]
    assert abs(after[1] - before[1]) < naive_shift


def test_the_ring_holds_both_the_reading_and_the_spread_between_people():
    for point in placing.from_pose(make_pose()).points:
        assert point.radius_px > point.reading_radius_px > 0


def test_an_unsteady_reading_has_wider_rings():
    sure, unsure = placing.from_pose(make_pose()), placing.from_pose(make_pose(), steady=False)
    for a, b in zip(sure.points, unsure.points, strict=True):
        assert b.reading_radius_px == pytest.approx(a.reading_radius_px * spine.model().unsteadiness)


def test_a_body_unlike_any_measured_is_not_extrapolated_to():
    pose = make_pose().xy_px.copy()
    pose[Keypoint.LEFT_EAR] = pose[Keypoint.RIGHT_EAR] = (300, -5000)
    wild = positions(placing.from_pose(Pose(pose, make_pose().z_px)))
    for key, mark in positions(placing.from_pose(make_pose())).items():
        assert np.linalg.norm(wild[key] - mark) < 20


def test_a_pose_of_another_shape_is_refused_with_both_shapes_named():
    with pytest.raises(ValueError, match=r"expected shape \(33, 2\), got \(17, 2\)"):
        Pose(np.zeros((17, 2)), np.zeros(33))
