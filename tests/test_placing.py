"""The marks follow the body: wherever it is in the picture, however it is turned, leaning or bent."""

import dataclasses

import numpy as np
import pytest
from conftest import make_pose, moved
from hypothesis import given
from hypothesis import strategies as st
from readings import LEVELS, changed, make_reading, read_places

from locator.catalogue import acupoints
from locator.core import anatomy
from locator.core.anchors import Detail
from locator.core.body import Pose, PoseKeypoint, Side
from locator.estimate import handles, midline, placing, pose_landmarks


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
    for shoulder in (PoseKeypoint.LEFT_SHOULDER, PoseKeypoint.RIGHT_SHOULDER):
        raised[shoulder] += (0, -25)
    naive_shift = 25 * (1 - 0.3)  # what a fixed share of the way to the hips would move T9 by
    before = positions(placing.from_pose(down))["BL-18", Side.LEFT]
    after = positions(placing.from_pose(Pose(raised, up.z_px)))["BL-18", Side.LEFT]
    assert abs(after[1] - before[1]) < naive_shift


def test_the_ring_holds_both_the_reading_and_the_spread_between_people():
    for point in placing.from_pose(make_pose()).points:
        assert point.radius_px > point.reading_radius_px > 0


def test_an_unsteady_reading_has_wider_rings():
    sure, unsure = placing.from_pose(make_pose()), placing.from_pose(make_pose(), reliable=False)
    for a, b in zip(sure.points, unsure.points, strict=True):
        assert b.reading_radius_px == pytest.approx(a.reading_radius_px * pose_landmarks.model().unreliable_factor)


def test_a_body_unlike_any_measured_is_not_extrapolated_to():
    pose = make_pose().xy_px.copy()
    pose[PoseKeypoint.LEFT_EAR] = pose[PoseKeypoint.RIGHT_EAR] = (300, -5000)
    wild = positions(placing.from_pose(Pose(pose, make_pose().z_px)))
    for key, mark in positions(placing.from_pose(make_pose())).items():
        assert np.linalg.norm(wild[key] - mark) < 20


def test_a_pose_of_another_shape_is_refused_with_both_shapes_named():
    with pytest.raises(ValueError, match=r"expected shape \(33, 2\), got \(17, 2\)"):
        Pose(np.zeros((17, 2)), np.zeros(33))


# Where more was read than the landmarks.


def level_places(location):
    return {level.level: np.array([level.x_px, level.y_px]) for level in location.levels}


def test_marks_and_levels_lie_exactly_where_they_were_read():
    _, levels, marks, radii = read_places()
    location = make_reading()
    assert location.method == "back"
    assert len(location.points) == len(marks)
    for key, place in marks.items():
        np.testing.assert_allclose(positions(location)[key], place, atol=1e-6)
    for name, place in levels.items():
        np.testing.assert_allclose(level_places(location)[name], place, atol=1e-6)
    for point in location.points:
        assert point.reading_radius_px == pytest.approx(radii[point.code])
        assert point.radius_px > point.reading_radius_px


def test_a_level_that_was_not_read_strays_no_further_than_its_neighbours_that_were():
    read = read_places(spread_px=15.0)
    location = make_reading(read)
    usual = level_places(placing.from_anchors(dataclasses.replace(handles.read(location), detail=None)))
    levels = level_places(location)
    strayed = {name: float(np.linalg.norm(levels[name] - usual[name])) for name in levels}
    widest = max(strayed[name] for name in LEVELS)
    assert list(levels) == list(anatomy.levels())
    assert all(distance <= widest + 1e-9 for distance in strayed.values())


def test_a_cun_is_measured_by_the_pairs_and_one_odd_pair_does_not_count():
    landmarks, levels, marks, radii = read_places(spread_px=0.0)
    feet = {code: levels[acupoints.acupoint(code).level] for code in radii}
    wider = {key: feet[key[0]] + 1.1 * (place - feet[key[0]]) for key, place in marks.items()}
    odd = {**wider, ("BL-18", Side.LEFT): wider["BL-18", Side.LEFT] - (60.0, 0.0)}
    usual = midline.model().cun_px(landmarks)
    assert make_reading((landmarks, levels, wider, radii)).cun_px == pytest.approx(1.1 * usual)
    assert make_reading((landmarks, levels, odd, radii)).cun_px == pytest.approx(1.1 * usual)


@given(
    scale=st.floats(0.3, 8),
    turn=st.floats(-180, 180),
    shift=st.tuples(st.floats(-500, 4000), st.floats(-500, 4000)),
)
def test_move_turn_or_enlarge_what_was_read_and_the_answer_goes_along(scale, turn, shift):
    angle = np.radians(turn)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    before = make_reading()
    after = make_reading(changed(read_places(), lambda place: scale * rotation @ place + shift, scale))
    for name, place in level_places(before).items():
        np.testing.assert_allclose(
            level_places(after)[name], scale * rotation @ place + shift, atol=1e-6 * scale + 1e-6
        )
    assert after.cun_px == pytest.approx(scale * before.cun_px)
    for one, other in zip(before.points, after.points, strict=True):
        assert other.radius_px == pytest.approx(scale * one.radius_px)
        assert other.reading_radius_px == pytest.approx(scale * one.reading_radius_px)


def test_a_mark_that_was_not_read_follows_from_its_level():
    landmarks, levels, marks, radii = read_places(spread_px=0.0)
    read = {key: place for key, place in marks.items() if key[0] == "BL-18"}
    lower = {**levels, "L2": levels["L2"] + (3.0, 20.0)}
    location = make_reading((landmarks, lower, read, {"BL-18": 7.0}))
    for side in (Side.LEFT, Side.RIGHT):
        np.testing.assert_allclose(positions(location)["BL-23", side], marks["BL-23", side] + (3.0, 20.0), atol=1e-6)
    assert all(point.reading_radius_px == pytest.approx(7.0) for point in location.points)


def test_without_a_pair_a_cun_is_that_of_the_bodys_proportions():
    landmarks, levels, marks, _ = read_places()
    location = make_reading((landmarks, levels, {("GV-9", Side.MIDLINE): marks["GV-9", Side.MIDLINE]}, {"GV-9": 5.0}))
    assert location.cun_px == pytest.approx(midline.model().cun_px(landmarks))


def test_what_is_no_level_and_no_mark_is_named():
    landmarks, levels, marks, radii = read_places()
    here = np.zeros(2)
    with pytest.raises(LookupError, match="T13"):
        make_reading((landmarks, {**levels, "T13": here}, marks, radii))
    with pytest.raises(LookupError, match="GV-9 subject-left"):
        make_reading((landmarks, levels, {**marks, ("GV-9", Side.LEFT): here}, radii))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"method": "pose"}, "method"),
        ({"levels": {}}, "levels"),
        ({"levels": {"C7": (0.0, float("nan"))}}, "levels"),
        ({"levels": {"C7": (0.0,)}}, "levels"),
        ({"marks": {}, "radii": {}}, "marks"),
        ({"marks": {("GV-9", Side.MIDLINE): (0.0, 11.0)}}, "marks"),
        ({"radii": {}}, "radii"),
        ({"radii": {"GV-9": 0.0}}, "radii"),
        ({"radii": {"GV-9": float("inf")}}, "radii"),
    ],
)
def test_a_detail_that_says_nothing_is_refused_and_the_field_named(change, named):
    good = {"method": "back", "levels": {"C7": (0, 0)}, "marks": {("GV-9", Side.MIDLINE): (0, 0)}, "radii": {"GV-9": 1}}
    assert Detail(**good)
    with pytest.raises(ValueError, match=f"^{named}: "):
        Detail(**{**good, **change})
