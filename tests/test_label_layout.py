"""Labels never hide a mark, never run out of the picture, never cover each other."""

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from locator.draw import label_layout

SIZE = (800, 600)
points = st.tuples(st.floats(20, 780), st.floats(20, 580))


@settings(deadline=None, max_examples=40)
@given(marks=st.lists(points, min_size=1, max_size=11), width=st.floats(30, 200), height=st.floats(12, 30))
def test_labels_stay_in_the_picture_off_the_marks_and_apart(marks, width, height):
    requests = [
        label_layout.Request(
            sizes=[(width, height), (width / 3, height)], targets=[(mark, (1.0, 0.0)), (mark, (-1.0, 0.0))]
        )
        for mark in marks
    ]
    placed = [place for place in label_layout.place_labels(requests, marks, 8.0, SIZE) if place]
    for place in placed:
        assert place.box.distance(place.target) == min(place.box.distance(mark) for mark in marks)
        assert place.box.within(SIZE, 0)
        assert all(place.box.distance(mark) >= 8.0 for mark in marks)
    for i, place in enumerate(placed):
        assert not any(place.box.meets(other.box) for other in placed[i + 1 :])


def test_a_label_with_room_lies_beside_its_mark():
    request = label_layout.Request(sizes=[(100, 20)], targets=[((400, 300), (1.0, 0.0))])
    (place,) = label_layout.place_labels([request], [(400, 300)], 8.0, SIZE)
    assert place.box.distance((400, 300)) < 25


def test_a_label_without_room_gives_way_to_a_shorter_one_and_then_to_none():
    request = label_layout.Request(sizes=[(900, 20), (60, 20)], targets=[((400, 300), (1.0, 0.0))])
    assert label_layout.place_labels([request], [(400, 300)], 8.0, SIZE)[0].choice == 1
    assert label_layout.place_labels([request], [(400, 300)], 8.0, (30, 30)) == [None]


def test_a_line_to_a_label_goes_round_other_marks():
    marks = [(400.0, 300.0), (430.0, 300.0)]
    request = label_layout.Request(sizes=[(60, 20)], targets=[(marks[0], (1.0, 0.0))])
    (place,) = label_layout.place_labels([request], marks, 8.0, SIZE)
    end = place.box.nearest(marks[0])
    steps = [
        (marks[0][0] + t / 50 * (end[0] - marks[0][0]), marks[0][1] + t / 50 * (end[1] - marks[0][1]))
        for t in range(51)
    ]
    assert min(math.dist(step, marks[1]) for step in steps) >= 7.0


def test_a_label_may_lie_at_another_mark_only_where_that_is_allowed():
    marks = [(400.0, 300.0), *((400.0 + 20 * x, 300.0 + 20 * y) for x in (-1, 0, 1) for y in (-1, 0, 1) if x or y)]
    request = label_layout.Request(sizes=[(60, 20)], targets=[(marks[0], (1.0, 0.0))])
    assert label_layout.place_labels([request], marks, 8.0, SIZE) == [None]
    assert label_layout.place_labels([request], marks, 8.0, SIZE, strict=False) != [None]


def test_the_legend_takes_the_free_corner():
    box = label_layout.edge_place((200, 60), [(100.0, 550.0)], 10.0, SIZE)
    assert box.within(SIZE, 0)
    assert box.distance((100.0, 550.0)) > 300


def test_no_legend_where_every_place_would_hide_a_mark():
    assert label_layout.edge_place((90, 90), [(50.0, 50.0)], 10.0, (100, 100)) is None
