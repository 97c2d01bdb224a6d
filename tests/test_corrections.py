"""What the page makes of a visitor's drags, without a page."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from conftest import make_anchors

from locator.catalogue import acupoints
from locator.core.anchors import FingersInPhoto
from locator.core.body import LANDMARKS
from locator.core.reasons import RefusalCode, refusal
from locator.core.types import ImageInfo, Location, Refusal, Result
from locator.draw import scene
from locator.draw.style import Style
from locator.estimate import placing
from locator.web.corrections import Corrections, to_place, view

SIZE = (600, 800)
IMAGE = ImageInfo(None, *SIZE, "0" * 64)
CODES = [point.code for point in acupoints.acupoints()]
PHOTO = {"id": "photo", "width_px": SIZE[0], "height_px": SIZE[1], "jpeg": b""}


def read_photo():
    return Corrections.of(Result(IMAGE, placing.from_anchors(make_anchors())))


def refused_photo(guess=None):
    return Corrections.of(Result(IMAGE, refusal(RefusalCode.HEAD_MISSING), guess=guess))


_numbers = itertools.count(1)


def event(kind, name="", to=(0.0, 0.0), final=True):
    return {"seq": next(_numbers), "kind": kind, "name": name, "x_px": to[0], "y_px": to[1], "final": final}


def place(corrections, name):
    return getattr(corrections.anchors.landmarks, name)


def test_untouched_the_answer_is_the_programs_own():
    corrections = read_photo()
    assert corrections.outcome is corrections.automatic
    assert not view(corrections, PHOTO, CODES)["can_reset"]


def test_the_picture_on_the_page_says_what_the_files_say():
    corrections = read_photo()
    for labels, expected in {"codes": "BL-18", "names": "肝俞", "both": "BL-18 肝俞", "numbers": "3"}.items():
        shown = view(corrections, PHOTO, ["BL-18"], Style(labels, "zh-Hant", 1.4))
        assert [mark["written"] for mark in shown["marks"]] == [expected] * 2
        assert shown["size"] == 1.4
        in_file = scene.build(corrections.outcome, SIZE, Style(labels, "zh-Hant"), codes=["BL-18"])
        assert expected in {text.text for label in in_file.labels for text in label.texts}


def test_while_dragging_the_points_follow_but_one_step_is_remembered():
    corrections = read_photo()
    for step in range(1, 6):
        drag = event("handle", "c7", (300, 150 + step), final=False)
        corrections = corrections.after(drag)
        assert corrections.answers == drag["seq"]
        assert isinstance(corrections.outcome, Location)
        assert not corrections.history.past
    corrections = corrections.after(event("handle", "c7", (300, 156)))
    assert len(corrections.history.past) == 1
    assert place(corrections, "c7").tolist() == [300, 156]
    assert corrections.after(event("undo")).outcome is corrections.automatic
    assert place(corrections.after(event("undo")).after(event("redo")), "c7").tolist() == [300, 156]


def test_a_drag_called_off_leaves_no_trace():
    corrections = read_photo().after(event("handle", "c7", (300, 150), final=False)).after(event("cancel"))
    assert corrections.outcome is corrections.automatic
    assert not corrections.touched
    assert not corrections.history.past


def test_a_drag_left_under_way_is_forgotten_when_the_photo_comes_back():
    before = read_photo()
    assert before.after(event("handle", "c7", (300, 150), final=False)).settled.outcome is before.outcome


def test_handles_dragged_off_the_back_say_so_and_can_be_undone():
    corrections = read_photo().after(event("handle", "subject_left_shoulder", (550, 200)))
    assert isinstance(corrections.outcome, Refusal)
    assert view(corrections, PHOTO, CODES)["message"]
    assert view(corrections, PHOTO, CODES)["can_undo"]
    assert isinstance(corrections.after(event("undo")).outcome, Location)


def test_an_event_that_comes_twice_is_one_step():
    once = event("mark", "GV-9/midline", (300, 300))
    corrections = read_photo().after(once)
    assert corrections.after(once) is corrections


def test_reset_goes_back_to_the_programs_own_answer():
    corrections = read_photo().after(event("handle", "c7", (300, 150))).after(event("mark", "GV-9/midline", (1, 1)))
    reset = corrections.after(event("reset"))
    assert reset.outcome is reset.automatic
    assert reset.after(event("undo")).anchors is corrections.anchors


def test_one_side_alone_or_both_together():
    both = read_photo()
    assert both.both_sides
    alone = both.after(event("symmetric"))
    moved = {c: c.after(event("mark", "BL-18/subject-left", (250, 300))).outcome for c in (both, alone)}
    assert [sum(p.moved_by_hand for p in outcome.points) for outcome in moved.values()] == [2, 1]


def test_a_refused_photo_shows_no_handles_until_the_visitor_wants_to_place_them():
    shown = view(refused_photo(), PHOTO, CODES)
    assert shown["handles"] == shown["marks"] == []
    assert not shown["placing"]
    assert shown["message"] is None


def test_who_places_the_points_by_hand_is_led_from_handle_to_handle():
    corrections = dataclasses.replace(refused_photo(), by_hand=True)
    shown = view(corrections, PHOTO, CODES)
    assert [handle["name"] for handle in shown["handles"]] == list(LANDMARKS)
    assert {handle["set_by"] for handle in shown["handles"]} == {"default"}
    assert shown["marks"] == []
    assert shown["placing"]
    for step, name in enumerate(("C7", "the left shoulder", "the right shoulder", "the left hip", "the right hip"), 1):
        assert f"{step} of 5: {name}. " in view(corrections, PHOTO, CODES)["message"]
        handle = to_place(corrections)[0]
        corrections = corrections.after(event("handle", handle, place(corrections, handle)))
    assert isinstance(corrections.outcome, Location)
    assert view(corrections, PHOTO, CODES)["message"] is None
    assert not view(corrections, PHOTO, CODES)["placing"]
    assert isinstance(refused_photo().outcome, Refusal)
    assert refused_photo().outcome.code == "head_missing"


def test_a_body_made_out_but_not_surely_is_where_the_handles_start():
    guess = make_anchors().landmarks
    corrections = refused_photo(guess)
    assert place(corrections, "subject_left_hip") is guess.subject_left_hip
    assert isinstance(corrections.outcome, Refusal)
    turned = corrections.after(event("turn"))
    assert place(turned, "subject_left_hip") is guess.subject_left_hip


def test_handles_laid_out_from_nothing_stay_upright_as_the_photo_is_turned_until_one_is_set():
    corrections = refused_photo()
    turned = corrections.after(event("turn"))
    assert place(turned, "c7")[0] < place(turned, "subject_left_hip")[0]
    assert view(turned, PHOTO, CODES)["turn"] == 90
    put = corrections.after(event("handle", "c7", (300, 100)))
    assert put.after(event("turn")).anchors is put.anchors
    measured = corrections.measured(FingersInPhoto(np.array([[100.0, 500.0], [190.0, 500.0]])))
    assert measured.after(event("turn")).anchors.fingers is measured.anchors.fingers
    assert measured.after(event("turn")).after(event("undo")).anchors is corrections.anchors
    for _ in range(4):
        corrections = corrections.after(event("turn"))
    assert corrections.quarter_turns == 0


def test_the_ends_of_a_measure_are_dragged_apart():
    corrections = read_photo().measured(FingersInPhoto(np.array([[100.0, 500.0], [172.0, 500.0]])))
    wider = corrections.after(event("measure", "1", (184.0, 500.0)))
    assert wider.outcome.cun_px == pytest.approx(28)
    assert view(wider, PHOTO, CODES)["measure"]["ends"] == ((100.0, 500.0), (184.0, 500.0))
    assert wider.after(event("measure", "0", (184.0, 500.0))).outcome.cun_px == pytest.approx(
        28
    )  # no length, no measure


@pytest.mark.parametrize(
    "nonsense",
    [
        event("handle", "knee"),
        event("mark", "BL-99/midline"),
        event("mark", "BL-18/up"),
        event("mark", ""),
        event("measure", "0"),
        event("measure", "7"),
        event("measure", "first"),
    ],
)
def test_nonsense_changes_nothing(nonsense):
    corrections = read_photo()
    assert corrections.after(nonsense).anchors is corrections.anchors


def test_only_the_chosen_points_are_shown():
    marks = view(read_photo(), PHOTO, ["BL-18"])["marks"]
    assert [mark["id"] for mark in marks] == ["BL-18/subject-left", "BL-18/subject-right"]
