"""Handles put right by hand, and the points that follow them."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from conftest import make_anchors
from hypothesis import given
from hypothesis import strategies as st
from readings import make_reading, read_places

from locator import api
from locator.core.anchors import Anchors, CunSource, FingersInPhoto, OwnHand, SetBy
from locator.core.body import LANDMARKS, Landmarks, Side
from locator.core.reasons import IssueCode, issue
from locator.core.types import Location, Refusal
from locator.estimate import handles, midline, placing
from locator.estimate.handles import History
from locator.photo import sources

SIZE = (600, 800)
OTHER = {Side.LEFT: Side.RIGHT, Side.RIGHT: Side.LEFT, Side.MIDLINE: Side.MIDLINE}


def located(anchors, size=SIZE) -> Location:
    outcome = api.locate_anchors(anchors, size)
    assert isinstance(outcome, Location), outcome
    return outcome


def refused(anchors, size=SIZE) -> str:
    outcome = api.locate_anchors(anchors, size)
    assert isinstance(outcome, Refusal)
    return outcome.code


def marks(location):
    return {(point.code, point.side): np.array([point.x_px, point.y_px]) for point in location.points}


def every(anchors, change) -> Anchors:
    """The anchors with every handle put through ``change``."""
    places = {name: change(getattr(anchors.landmarks, name)) for name in LANDMARKS}
    return dataclasses.replace(anchors, landmarks=Landmarks(**places))


def dragged(anchors, name, by):
    return handles.drag(anchors, name, getattr(anchors.landmarks, name) + by, anchors.landmarks)


# The points follow.


@given(
    scale=st.floats(0.3, 8),
    turn=st.floats(-180, 180),
    shift=st.tuples(st.floats(-500, 4000), st.floats(-500, 4000)),
)
def test_move_turn_or_enlarge_the_handles_and_the_points_follow(scale, turn, shift):
    angle = np.radians(turn)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    there = every(make_anchors(), lambda place: scale * rotation @ place + shift)
    before, after = placing.from_anchors(make_anchors()), placing.from_anchors(there)
    for key, mark in marks(before).items():
        np.testing.assert_allclose(marks(after)[key], scale * rotation @ mark + shift, atol=1e-6 * scale + 1e-6)
    for one, other in zip(before.points, after.points, strict=True):
        assert other.radius_px == pytest.approx(scale * one.radius_px)


def test_mirror_the_handles_and_the_sides_exchange():
    anchors = make_anchors()
    mirrored = every(anchors, lambda place: place * (-1, 1)).landmarks
    exchanged = dataclasses.replace(
        mirrored,
        subject_left_shoulder=mirrored.subject_right_shoulder,
        subject_right_shoulder=mirrored.subject_left_shoulder,
        subject_left_hip=mirrored.subject_right_hip,
        subject_right_hip=mirrored.subject_left_hip,
    )
    there = marks(placing.from_anchors(dataclasses.replace(anchors, landmarks=exchanged)))
    for (code, side), mark in marks(placing.from_anchors(anchors)).items():
        np.testing.assert_allclose(there[code, OTHER[side]], mark * (-1, 1), atol=1e-9)


def test_drag_c7_and_every_point_moves_by_what_the_weights_say():
    anchors = make_anchors()
    by = np.array([9.0, -30.0])
    before, after = located(anchors), located(dragged(anchors, "c7", by))
    weights = midline.model().weights
    for level, (to_hips, to_middle) in weights.items():
        place = {one.level: np.array([one.x_px, one.y_px]) for one in before.levels}[level]
        there = {one.level: np.array([one.x_px, one.y_px]) for one in after.levels}[level]
        np.testing.assert_allclose(there - place, (1 - to_hips - to_middle) * by, atol=1e-6)


def test_the_points_say_that_they_come_from_handles():
    location = located(make_anchors())
    assert location.method == "anchors"
    assert location.set_by_hand == LANDMARKS
    assert located(make_anchors(SetBy.PHOTO)).set_by_hand == ()


def test_each_handle_set_by_hand_makes_the_rings_smaller_never_larger():
    anchors = make_anchors(SetBy.PHOTO)
    rings = [point.radius_px for point in located(anchors).points]
    for name in LANDMARKS:
        anchors = dragged(anchors, name, np.zeros(2))
        smaller = [point.radius_px for point in located(anchors).points]
        assert all(now <= before + 1e-9 for now, before in zip(smaller, rings, strict=True)), name
        rings = smaller
    first = located(make_anchors(SetBy.PHOTO)).points
    assert all(now < before.radius_px for now, before in zip(rings, first, strict=True))


# What the photo does not show is not made up.


def test_a_refused_photo_starts_with_handles_that_mark_nothing_until_each_is_in_place():
    anchors = handles.unset(SIZE)
    for name in ("c7", "subject_left_shoulder", "subject_right_shoulder", "subject_left_hip"):
        anchors = dragged(anchors, name, np.zeros(2))
        assert refused(anchors) == "handles_unset"
    anchors = dragged(anchors, "subject_right_hip", np.zeros(2))
    assert located(anchors).method == "anchors"


@pytest.mark.parametrize("quarter_turns", [0, 1, 2, 3])
@pytest.mark.parametrize("size", [(600, 800), (800, 600), (300, 1200)])
def test_unset_handles_lie_upright_in_the_picture_as_it_is_shown(size, quarter_turns):
    landmarks = handles.unset(size, quarter_turns).landmarks
    for name in LANDMARKS:
        x, y = getattr(landmarks, name)
        assert 0 < x < size[0], name
        assert 0 < y < size[1], name
    head_first = {0: (0, 1), 1: (1, 0), 2: (0, -1), 3: (-1, 0)}[quarter_turns]  # from C7 to the hips, in the photo
    way = landmarks.hip_midpoint - landmarks.c7
    np.testing.assert_allclose(way / np.linalg.norm(way), head_first, atol=1e-9)


def test_unset_handles_go_along_with_those_that_are_set():
    start = handles.unset(SIZE)
    one = dragged(start, "c7", np.array([30.0, 10.0]))
    np.testing.assert_allclose(one.landmarks.subject_left_hip, start.landmarks.subject_left_hip + (30, 10))
    # A body lying on its side: two handles tell the others how it lies and how large it is.
    c7, hip = np.array([500.0, 400.0]), np.array([100.0, 420.0])
    two = handles.drag(start, "c7", c7, start.landmarks)
    two = handles.drag(two, "subject_left_hip", hip, start.landmarks)
    before, after = start.landmarks, two.landmarks
    scale = np.linalg.norm(hip - c7) / np.linalg.norm(before.subject_left_hip - before.c7)
    assert after.back_px == pytest.approx(scale * before.back_px)
    assert after.shoulders_px == pytest.approx(scale * before.shoulders_px)
    np.testing.assert_allclose(after.c7, c7)


def test_the_middle_of_the_spine_goes_along_until_a_hand_sets_it():
    anchors = make_anchors(SetBy.PHOTO)
    along = dragged(anchors, "c7", np.array([0.0, -40.0]))
    assert along.landmarks.spine_middle[1] < anchors.landmarks.spine_middle[1]
    assert along.set_by["spine_middle"] is SetBy.PHOTO
    fixed = dragged(dragged(anchors, "spine_middle", np.array([5.0, 0.0])), "c7", np.array([0.0, -40.0]))
    np.testing.assert_allclose(fixed.landmarks.spine_middle, anchors.landmarks.spine_middle + (5, 0))


def swapped(anchors):
    body = anchors.landmarks
    return dataclasses.replace(
        anchors,
        landmarks=dataclasses.replace(
            body,
            subject_left_shoulder=body.subject_right_shoulder,
            subject_right_shoulder=body.subject_left_shoulder,
        ),
    )


def test_handles_that_make_no_back_are_refused_with_what_is_wrong():
    anchors = make_anchors()
    assert refused(swapped(anchors)) == "handles_crossed"
    assert refused(every(anchors, lambda place: place * (1, -1) + (0, 800))) == "handles_crossed"
    assert refused(every(anchors, lambda place: place / 20)) == "handles_small"
    assert refused(every(anchors, lambda place: np.array([5.0, 5.0]))) == "handles_small"
    assert refused(dragged(anchors, "subject_right_shoulder", np.array([400.0, 0.0]))) == "handles_odd"
    assert refused(dragged(anchors, "spine_middle", np.array([0.0, 190.0]))) == "handles_odd"
    assert refused(every(anchors, lambda place: place + (0, 400))) == "cropped"


def test_a_back_shaped_unlike_most_is_marked_with_a_reservation():
    body = dragged(make_anchors(), "spine_middle", np.array([80.0, 0.0]))
    assert 5 < abs(midline.model().unusual(body.landmarks)[1]) < 8
    assert [issue.code for issue in located(body).issues] == ["unusual_handles"]


@given(st.lists(st.tuples(st.sampled_from(LANDMARKS), st.floats(-900, 900), st.floats(-900, 900)), max_size=6))
def test_whatever_is_dragged_wherever_there_is_an_answer_or_a_refusal(drags):
    for start in (handles.unset(SIZE), make_anchors(SetBy.PHOTO), handles.read(make_reading())):
        anchors = start
        for name, x, y in drags:
            anchors = handles.drag(anchors, name, np.array([x, y]), start.landmarks)
            outcome = api.locate_anchors(anchors, SIZE)
            assert isinstance(outcome, (Location, Refusal))


def test_c7_dropped_on_the_hips_is_put_back():
    anchors = make_anchors()
    assert handles.drag(anchors, "c7", anchors.landmarks.hip_midpoint, anchors.landmarks) is anchors


def test_handles_that_lie_in_a_heap_can_be_dragged_apart():
    heap = every(make_anchors(SetBy.PHOTO), lambda place: np.array([300.0, 300.0]))
    apart = handles.drag(heap, "c7", np.array([300.0, 100.0]), heap.landmarks)
    assert apart.landmarks.c7.tolist() == [300, 100]


def test_two_handles_put_close_together_do_not_draw_the_others_into_a_heap():
    start = handles.unset(SIZE)
    two = handles.drag(start, "c7", np.array([300.0, 300.0]), start.landmarks)
    two = handles.drag(two, "subject_left_shoulder", np.array([299.0, 301.0]), start.landmarks)
    assert two.landmarks.back_px > 0.3 * start.landmarks.back_px


# What the photo's own reading said is not forgotten.


def read_with(*codes):
    location = dataclasses.replace(
        placing.from_anchors(make_anchors(SetBy.PHOTO)), issues=tuple(issue(IssueCode(code)) for code in codes)
    )
    return handles.read(location)


def test_handles_that_no_hand_has_touched_give_the_readings_own_rings_and_issues(locator, samples):
    for name in ("standing", "bending_aside", "lying_down"):
        automatic = locator.locate(samples[name]).outcome
        again = api.locate_anchors(handles.read(automatic), sources.read(samples[name]).rgb.shape[1::-1])
        assert again.method == automatic.method
        assert again.issues == automatic.issues
        for one, other in zip(again.points, automatic.points, strict=True):
            assert (one.x_px, one.y_px) == pytest.approx((other.x_px, other.y_px))
            assert one.reading_radius_px == pytest.approx(other.reading_radius_px, rel=0.005)


def test_an_unsteady_reading_stays_wide_until_a_hand_has_set_every_landmark():
    sure, unsure = read_with(), read_with("unsteady", "dark")
    for name in LANDMARKS:
        assert [issue.code for issue in located(unsure).issues] == ["unsteady", "dark"], name
        for one, other in zip(located(unsure).points, located(sure).points, strict=True):
            assert one.reading_radius_px > other.reading_radius_px
        sure, unsure = dragged(sure, name, np.zeros(2)), dragged(unsure, name, np.zeros(2))
    assert located(unsure).issues == ()
    assert located(unsure).points == located(sure).points


@pytest.mark.parametrize(("refusal", "said"), [("front_view", "maybe_front"), ("bent", "maybe_turned")])
def test_a_photo_refused_for_what_handles_do_not_mend_is_answered_with_a_reservation(refusal, said):
    anchors = dataclasses.replace(make_anchors(), reserved=(refusal,))
    assert [issue.code for issue in located(anchors).issues] == [said]
    assert located(dataclasses.replace(anchors, reserved=("head_missing",))).issues == ()


# What the reading knew beyond the landmarks goes along with the handles.


def levels_of(location):
    return {level.level: np.array([level.x_px, level.y_px]) for level in location.levels}


@pytest.mark.parametrize("method", ["back", "pose+back"])
def test_handles_that_no_hand_has_touched_give_what_was_read_itself(method):
    reading = make_reading(issues=(issue(IssueCode.UNSTEADY),), method=method)
    again = located(handles.read(reading))
    assert again.method == method
    assert again.issues == reading.issues
    assert again.points == reading.points
    assert again.levels == reading.levels
    assert again.cun_px == reading.cun_px
    assert located(handles.read(again)).points == reading.points


@given(
    scale=st.floats(0.3, 8),
    turn=st.floats(-180, 180),
    shift=st.tuples(st.floats(-500, 4000), st.floats(-500, 4000)),
)
def test_move_turn_or_enlarge_the_handles_and_what_was_read_follows(scale, turn, shift):
    angle = np.radians(turn)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    anchors = handles.read(make_reading())
    there = every(anchors, lambda place: scale * rotation @ place + shift)
    before, after = placing.from_anchors(anchors), placing.from_anchors(there)
    for places in (marks, levels_of):
        for key, place in places(before).items():
            np.testing.assert_allclose(places(after)[key], scale * rotation @ place + shift, atol=1e-6 * scale + 1e-6)
    assert after.cun_px == pytest.approx(scale * before.cun_px)
    for one, other in zip(before.points, after.points, strict=True):
        assert other.radius_px == pytest.approx(scale * one.radius_px)


@given(st.sampled_from(LANDMARKS), st.floats(-30, 30), st.floats(-30, 30))
def test_the_first_touch_of_a_handle_makes_nothing_jump(name, x, y):
    reading = make_reading()
    by = np.array([x, y])
    touched = placing.from_anchors(dragged(handles.read(reading), name, by))
    assert touched.method == "anchors"
    for places in (marks, levels_of):
        for key, place in places(reading).items():
            moved = np.linalg.norm(places(touched)[key] - place)
            assert moved <= 2.0 * np.linalg.norm(by) + 1e-6, key


def test_a_hand_on_a_read_back_leaves_no_ring_wider_than_without_what_was_read():
    anchors = handles.read(make_reading())
    before = {point.code: point.reading_radius_px for point in located(anchors).points}
    for name in LANDMARKS:
        anchors = dragged(anchors, name, np.zeros(2))
        rings = {point.code: point.reading_radius_px for point in located(anchors).points}
        for point in located(dataclasses.replace(anchors, detail=None)).points:
            assert rings[point.code] <= point.reading_radius_px + 1e-9
        assert all(rings[code] <= before[code] + 1e-9 for code in rings), name
        before = rings


# A hand and a reading are two measurements of one back.


def rings_of(location):
    return {(point.code, point.side): point.radius_px for point in location.points}


def no_larger(after, before):
    return all(ring <= rings_of(before)[key] + 1e-9 for key, ring in rings_of(after).items())


def codes(location):
    return [issue.code for issue in location.issues]


@pytest.mark.parametrize("seed", range(4))
def test_a_small_correction_of_any_handle_leaves_no_ring_larger(seed):
    reading = make_reading(read_places(seed))
    for name in LANDMARKS:
        for turn in np.radians(range(0, 360, 45)):
            after = located(dragged(handles.read(reading), name, 4 * np.array([np.cos(turn), np.sin(turn)])))
            assert no_larger(after, reading), (name, turn)
            assert codes(after) == []


@pytest.mark.parametrize("seed", range(4))
def test_all_six_by_hand_leave_no_ring_larger_than_the_reading_they_go_with(seed):
    reading, rng = make_reading(read_places(seed)), np.random.default_rng(seed)
    anchors = handles.read(reading)
    for name in LANDMARKS:
        anchors = dragged(anchors, name, rng.uniform(-5, 5, 2))
    assert no_larger(located(anchors), reading)
    assert codes(located(anchors)) == []
    for after, before in zip(located(anchors).points, reading.points, strict=True):
        assert after.reading_radius_px < 0.95 * before.reading_radius_px


def test_a_correction_on_a_real_reading_leaves_no_ring_larger(locator, samples):
    automatic = locator.locate(samples["standing"]).outcome
    size = sources.read(samples["standing"]).rgb.shape[1::-1]
    anchors = handles.read(automatic)
    for name in LANDMARKS:
        assert no_larger(located(dragged(handles.read(automatic), name, np.array([3.0, -3.0])), size), automatic), name
        anchors = dragged(anchors, name, np.array([-3.0, 2.0]))
    assert no_larger(located(anchors, size), automatic)


def test_equally_sure_the_two_meet_half_way():
    landmarks, levels, places, radii = read_places(spread_px=0.0)
    as_sure = midline.model().hand_radius * landmarks.back_px
    reading = make_reading((landmarks, levels, places, dict.fromkeys(radii, as_sure)))
    by = np.array([5.0, 3.0])
    after = located(dragged(handles.read(reading), "spine_middle", by))
    np.testing.assert_allclose(levels_of(after)["T9"], levels_of(reading)["T9"] + by / 2, atol=0.1)
    assert after.landmarks.spine_middle.tolist() == (landmarks.spine_middle + by).tolist()


def test_a_hand_that_contradicts_the_reading_leads_and_it_is_said():
    reading = make_reading(read_places(spread_px=0.0))
    by = np.array([0.0, 45.0])
    after = located(dragged(handles.read(reading), "spine_middle", by))
    assert codes(after) == ["hand_disagrees"]
    moved = levels_of(after)["T9"] - levels_of(reading)["T9"]
    assert np.linalg.norm(by - moved) < 0.2 * np.linalg.norm(by)
    assert sum(rings_of(after).values()) > sum(rings_of(reading).values())


def test_points_and_rings_follow_a_hand_without_a_jump_where_it_begins_to_contradict():
    reading = make_reading()
    for name in ("spine_middle", "c7"):
        steps = [located(dragged(handles.read(reading), name, np.array([0.0, -0.5 * step]))) for step in range(90)]
        assert "hand_disagrees" not in codes(steps[0])
        assert "hand_disagrees" in codes(steps[-1])
        for one, other in itertools.pairwise(steps):
            for key, place in marks(one).items():
                assert np.linalg.norm(marks(other)[key] - place) < 1.5
                assert abs(rings_of(other)[key] - rings_of(one)[key]) < 1.0


def test_a_middle_that_was_read_stays_unless_the_hand_says_it_is_another_back():
    anchors = handles.read(make_reading())
    middle = anchors.landmarks.spine_middle
    np.testing.assert_allclose(dragged(anchors, "c7", np.array([3.0, -5.0])).landmarks.spine_middle, middle)
    elsewhere, by = anchors, np.array([-150.0, 60.0])
    for name in LANDMARKS:
        if name != "spine_middle":
            elsewhere = dragged(elsewhere, name, by)
    np.testing.assert_allclose(elsewhere.landmarks.spine_middle, middle + by, atol=4.0)
    assert codes(located(elsewhere)) == ["hand_disagrees"]


def test_without_knowing_how_sure_the_reading_was_the_hand_leads():
    reading = make_reading()
    anchors = handles.read(reading)
    unknown = dataclasses.replace(anchors, detail=dataclasses.replace(anchors.detail, landmark_radii={}))
    by = np.array([0.0, 10.0])
    after = located(dragged(unknown, "spine_middle", by))
    np.testing.assert_allclose(levels_of(after)["T9"], levels_of(reading)["T9"] + by, atol=1.0)


def test_a_middle_that_nobody_knows_has_the_ring_of_one_that_nobody_knows():
    anchors = handles.read(make_reading())
    unknown = dataclasses.replace(anchors, set_by={**anchors.set_by, "spine_middle": SetBy.DEFAULT})
    without = located(dataclasses.replace(unknown, detail=None)).points
    assert [p.radius_px for p in located(unknown).points] == [p.radius_px for p in without]


def test_measured_fingers_say_how_far_beside_and_the_reading_how_far_along():
    straight = handles.unset(SIZE).landmarks  # upright, so that beside the spine is along x
    reading = make_reading(read_places(landmarks=straight))
    measured = handles.measure(handles.read(reading), FingersInPhoto(np.array([[0.0, 0.0], [84.0, 0.0]])))
    location = located(measured)
    assert location.cun_px == pytest.approx(28)
    assert location.method == "back"
    for key, place in levels_of(reading).items():
        np.testing.assert_allclose(levels_of(location)[key], place)
    for point, before in zip(location.points, reading.points, strict=True):
        foot = levels_of(location)[point.level]
        assert point.y_px == pytest.approx(before.y_px)
        assert abs(point.x_px - foot[0]) == pytest.approx(28 * point.lateral_cun)


def test_the_measure_can_start_as_wide_as_the_fingers_that_were_read():
    reading = make_reading()
    ends = handles.ends_to_drag(reading.landmarks, reading.cun_px)
    measured = handles.measure(handles.read(reading), FingersInPhoto(ends))
    assert located(measured).cun_px == pytest.approx(reading.cun_px)


def test_the_first_touch_of_a_mark_makes_the_other_side_not_jump():
    reading = make_reading()
    anchors = handles.read(reading)
    here = marks(reading)

    def after(way):
        to = here["BL-18", Side.LEFT] + way
        return marks(located(handles.drag_mark(anchors, reading, "BL-18", Side.LEFT, to, both=True)))

    np.testing.assert_allclose(after((0.0, 0.0))["BL-18", Side.RIGHT], here["BL-18", Side.RIGHT])
    way = after((-7.0, 12.0))["BL-18", Side.RIGHT] - here["BL-18", Side.RIGHT]
    assert np.linalg.norm(way) == pytest.approx(np.hypot(7, 12))
    assert way[0] > 0
    assert way[1] > 0


# Finger widths.


def test_four_fingers_laid_on_the_back_are_three_cun():
    anchors = handles.measure(make_anchors(), FingersInPhoto(np.array([[100.0, 400.0], [190.0, 400.0]])))
    location = located(anchors)
    assert location.cun_px == pytest.approx(30)
    assert location.cun_source is CunSource.FINGERS
    outer = marks(location)["BL-52", Side.LEFT]
    foot = next(np.array([one.x_px, one.y_px]) for one in location.levels if one.level == "L2")
    assert np.linalg.norm(outer - foot) == pytest.approx(90)


def test_ones_own_hand_counts_at_the_scale_of_a_known_length():
    ruler = OwnHand(np.array([[100.0, 400.0], [300.0, 400.0]]), length_mm=200.0, four_fingers_mm=75.0)
    location = located(handles.measure(make_anchors(), ruler))
    assert location.cun_px == pytest.approx(25)
    assert location.cun_source is CunSource.OWN_HAND


@pytest.mark.parametrize(("share", "answer"), [(1.1, None), (1.35, "unusual_fingers"), (0.7, "unusual_fingers")])
def test_fingers_unlike_this_bodys_are_said(share, answer):
    anchors = make_anchors()
    ends = handles.ends_to_drag(anchors.landmarks)
    wider = handles.measure(anchors, FingersInPhoto(np.stack([ends[0], ends[0] + share * (ends[1] - ends[0])])))
    assert [issue.code for issue in located(wider).issues] == ([answer] if answer else [])


@pytest.mark.parametrize("share", [0.01, 0.5, 2.0])
def test_fingers_that_no_such_body_has_are_refused(share):
    anchors = make_anchors()
    ends = handles.ends_to_drag(anchors.landmarks)
    odd = handles.measure(anchors, FingersInPhoto(np.stack([ends[0], ends[0] + share * (ends[1] - ends[0])])))
    assert refused(odd) == "fingers_odd"


def test_another_measure_of_the_fingers_moves_no_point_along_the_spine():
    before = located(make_anchors())
    after = located(handles.measure(make_anchors(), FingersInPhoto(np.array([[0.0, 0.0], [90.0, 0.0]]))))
    assert [level.y_px for level in after.levels] == [level.y_px for level in before.levels]
    assert located(handles.measure(make_anchors(), None)).cun_source is CunSource.BODY


def test_the_measure_starts_as_wide_as_four_average_fingers_of_this_back():
    anchors = make_anchors()
    ends = handles.ends_to_drag(anchors.landmarks)
    assert np.linalg.norm(ends[1] - ends[0]) / 3 == pytest.approx(located(anchors).cun_px)


@pytest.mark.parametrize("ends", [[[5.0, 5.0], [5.0, 5.0]], [[0.0, np.nan], [1.0, 1.0]], [[0.0, 1.0]]])
def test_a_measure_without_length_is_no_measure(ends):
    with pytest.raises(ValueError, match="ends_px"):
        FingersInPhoto(np.array(ends))


# One mark at a time.


def moved_mark(both, anchors=None):
    anchors = anchors or make_anchors()
    location = located(anchors)
    to = marks(location)["BL-18", Side.LEFT] + (-7.0, 12.0)
    return location, to, located(handles.drag_mark(anchors, location, "BL-18", Side.LEFT, to, both))


def test_a_mark_moved_by_hand_lies_where_the_hand_put_it_and_says_so():
    before, to, after = moved_mark(both=False)
    for point in after.points:
        mine = (point.code, point.side) == ("BL-18", Side.LEFT)
        assert point.moved_by_hand == mine
        where = to if mine else marks(before)[point.code, point.side]
        np.testing.assert_allclose((point.x_px, point.y_px), where)


def test_with_both_sides_together_the_other_mark_moves_as_in_a_mirror():
    _, to, after = moved_mark(both=True)
    level = next(np.array([one.x_px, one.y_px]) for one in after.levels if one.level == "T9")
    right = marks(after)["BL-18", Side.RIGHT]
    assert np.linalg.norm(to - level) == pytest.approx(np.linalg.norm(right - level))
    assert right[0] > level[0] > to[0]
    assert sum(point.moved_by_hand for point in after.points) == 2


def test_a_moved_mark_stays_when_a_handle_moves():
    anchors = make_anchors()
    location = located(anchors)
    to = marks(location)["GV-9", Side.MIDLINE] + (2.0, 3.0)
    anchors = handles.drag_mark(anchors, location, "GV-9", Side.MIDLINE, to, both=True)
    np.testing.assert_allclose(marks(located(dragged(anchors, "c7", np.array([0.0, -20.0]))))["GV-9", Side.MIDLINE], to)


def test_moving_a_mark_makes_its_ring_no_smaller():
    before, _, after = moved_mark(both=True)
    assert [point.radius_px for point in after.points] == [point.radius_px for point in before.points]


def test_a_mark_moved_far_is_said_and_one_moved_out_of_the_picture_refused():
    anchors = make_anchors()
    location = located(anchors)
    far = handles.drag_mark(anchors, location, "BL-52", Side.LEFT, np.array([5.0, 5.0]), both=False)
    assert "moved_far" in [issue.code for issue in located(far).issues]
    out = handles.drag_mark(anchors, location, "BL-52", Side.LEFT, np.array([-5.0, 5.0]), both=False)
    assert refused(out) == "mark_outside"


def test_there_is_no_mark_to_move_where_there_is_none():
    anchors = make_anchors()
    for code, side in (("GV-9", Side.LEFT), ("BL-18", Side.MIDLINE), ("BL-1", Side.LEFT)):
        with pytest.raises(LookupError):
            handles.drag_mark(anchors, located(anchors), code, side, np.zeros(2), both=False)
    with pytest.raises(LookupError, match="c7"):
        handles.drag(anchors, "knee", np.zeros(2), anchors.landmarks)


# Undo, redo, reset.


def test_undo_redo_and_reset_lose_nothing():
    start = make_anchors(SetBy.PHOTO)
    one, two = dragged(start, "c7", np.array([1.0, 0.0])), dragged(start, "c7", np.array([2.0, 0.0]))
    history = History.of(start).do(one).do(two)
    assert history.now is two
    assert history.undo().now is one
    assert history.undo().undo().now is start
    assert history.undo().undo().undo().now is start
    assert history.undo().redo().now is two
    assert history.redo().now is two
    assert history.reset().now is start
    assert history.reset().undo().now is two
    assert history.undo().do(start).redo().now is start
    assert history.do(two) is history


# Close to the truth, when the handles are.


def test_from_true_landmarks_the_marks_of_every_sample_are_within_20_mm(samples):
    from lab.data import truth

    errors = []
    for known in truth.read(next(iter(samples.values())).parent):
        anchors = Anchors(known.landmarks(), dict.fromkeys(LANDMARKS, SetBy.HAND))
        for point in placing.from_anchors(anchors).points:
            errors.append(float(np.linalg.norm(known.mark(point) - (point.x_px, point.y_px))) / known.px_per_mm)
    assert np.median(errors) <= 8
    assert np.quantile(errors, 0.95) <= 20
