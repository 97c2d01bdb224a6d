"""A photo put right by hand on the real page: what is dragged by so much moves the exported points by so much."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from conftest import number_of_marks

from lab.data import truth
from lab.speed.browsing import Editor, fingers, until
from locator import api
from locator.core import resources
from locator.core.body import LANDMARKS
from locator.core.types import Location
from locator.estimate import anchors_file, handles
from locator.photo import sources

pytestmark = pytest.mark.slow

SAMPLES = resources.path("sample_images")
C7 = "[data-handle=c7]"


@pytest.fixture
def open_photo(address, browser):
    """Opens a sample, or another file, on the page in a window of a size."""
    opened = []

    def open_one(name, width, height, **options):
        file = SAMPLES / f"{name}.jpg" if isinstance(name, str) else name
        size = sources.read(file).rgb.shape[1::-1]

        def upload(page):
            page.locator("input[type=file]").first.set_input_files(file)

        context = browser.new_context(
            viewport={"width": width, "height": height}, accept_downloads=True, reduced_motion="reduce", **options
        )
        opened.append(Editor(context, address, size, upload))
        opened[-1].settle()
        return opened[-1]

    yield open_one
    for editor in opened:
        assert editor.errors == []
        editor.page.context.close()


def place_by_hand(editor):
    editor.page.get_by_role("button", name="Place it by hand").click()
    editor.page.locator(C7).wait_for()
    editor.settle()


def downloaded(editor, button):
    with editor.page.expect_download() as download:
        editor.page.get_by_role("button", name=button).click()
    return download.value.path().read_bytes()


def points(document):
    return {(point["code"], point["side"]): (point["x_px"], point["y_px"]) for point in document["points"]}


def check_that_the_points_follow(editor, locator, dragged_to):
    """The exported points lie where the geometry puts them for C7 at ``dragged_to``."""
    located = locator.locate(SAMPLES / "standing.jpg").outcome
    start = handles.read(located)
    expected = api.locate_anchors(handles.drag(start, "c7", np.array(dragged_to), start.landmarks), editor.size)
    assert isinstance(expected, Location)
    document = json.loads(downloaded(editor, "Download the data"))
    assert document["method"] == "anchors"
    assert document["set_by_hand"] == ["c7"]
    assert document["landmarks"]["c7"] == pytest.approx(dragged_to, abs=1)
    found = points(document)
    for point in expected.points:
        assert found[point.code, point.side.value] == pytest.approx((point.x_px, point.y_px), abs=1), point


def test_c7_dragged_with_the_mouse_moves_the_exported_points_by_what_the_geometry_says(open_photo, locator):
    editor = open_photo("standing", 820, 640)
    editor.correct()
    expected = editor.drag(-14, -31, C7)
    assert editor.handle("c7") == pytest.approx(expected, abs=0.5)
    check_that_the_points_follow(editor, locator, expected)


def test_the_picture_stays_under_the_pointer_when_the_last_handle_makes_the_marks_appear(open_photo):
    editor = open_photo("from_the_front", 1280, 1500)
    place_by_hand(editor)
    right = editor.page.get_by_role("button", name="It is right there")
    assert right.bounding_box()["height"] >= 44
    for _ in ("c7", "subject_left_shoulder", "subject_right_shoulder"):
        editor.after_answer(right.click)
    editor.page.locator("[data-handle=subject_left_hip]").focus()
    editor.after_answer(lambda: editor.page.keyboard.press("Enter"))
    hip = "[data-handle=subject_right_hip]"
    expected = editor.expected(editor.position(hip), 12, -6)
    x, y = editor.client(editor.position(hip))
    place = editor.photo.bounding_box()
    editor.page.mouse.move(x, y)
    editor.page.mouse.down()
    for step in range(1, 5):
        editor.page.mouse.move(x + 3 * step, y - 1.5 * step)
        editor.page.wait_for_timeout(200)
        assert editor.photo.bounding_box() == place
    editor.after_answer(editor.page.mouse.up)
    assert editor.position(hip) == pytest.approx(expected, abs=0.5)
    editor.page.get_by_role("button", name="Download the marked picture").wait_for()
    assert editor.page.get_by_text("could not tell this for a back").is_visible()
    assert editor.photo.bounding_box() == place  # nor does its scale change


PHONE = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}


def swipe(editor, thing):
    """A finger goes over a thing and does not rest there: the page's clock stands still, however long this takes."""
    touch, (x, y), clock = fingers(editor.page), editor.client(editor.position(thing)), editor.page.clock
    clock.install()
    clock.pause_at(editor.page.evaluate("Date.now()") + 10)
    touch("touchStart", (x, y))
    for step in range(1, 9):
        touch("touchMove", (x, y - 5 * step))
    touch("touchEnd")
    clock.resume()


@pytest.mark.parametrize("thing", ['[data-mark="BL-21/subject-left"]', C7])
def test_a_swipe_over_a_mark_or_a_handle_scrolls_the_page(open_photo, thing):
    editor = open_photo("standing", **PHONE)
    editor.correct()
    before, top = editor.position(thing), editor.photo.bounding_box()["y"]
    swipe(editor, thing)
    until(editor.page, lambda: editor.photo.bounding_box()["y"] < top - 10)
    editor.settle()
    assert editor.position(thing) == before


def test_a_tap_on_another_back_in_the_picture_marks_that_one(open_photo):
    editor = open_photo(Path(__file__).parent / "data" / "group-couple.jpg", **PHONE)
    other, mark = editor.page.locator("[data-person]"), "[data-mark='GV-9/midline']"
    name, before = other.get_attribute("aria-label"), editor.position(mark)
    box = other.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]
    editor.page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    chosen = editor.page.get_by_role("radio", name=name)
    until(editor.page, lambda: chosen.get_attribute("aria-checked") == "true")
    until(editor.page, lambda: other.count() == 1 and other.get_attribute("aria-label") != name)
    until(editor.page, lambda: editor.page.locator(mark).count() == 1 and editor.position(mark) != before)


def test_nothing_is_lost_when_the_window_changes_or_other_points_are_chosen(open_photo):
    editor = open_photo("standing", 1280, 900)
    editor.correct()
    editor.drag(9, -20, C7)
    put = editor.handle("c7")
    editor.page.set_viewport_size({"width": 600, "height": 800})
    editor.page.get_by_role("button", name="Stress").click()
    until(editor.page, lambda: editor.page.locator("[data-mark]").count() == number_of_marks(["stress"]))
    assert editor.handle("c7") == put

    editor.press("Undo")
    until(editor.page, lambda: editor.handle("c7") != put)


def test_a_refused_photo_is_answered_once_each_handle_is_in_place(open_photo):
    (known,) = [one for one in truth.read(SAMPLES) if one.picture.stem == "out_of_focus"]
    editor = open_photo("out_of_focus", 1280, 1900)
    place_by_hand(editor)
    assert editor.page.locator("[data-mark]").count() == 0
    editor.press("Show the whole photo")
    for name in LANDMARKS:
        here, there = (
            editor.client(editor.handle(name)),
            editor.client(getattr(known.landmarks(), name)),
        )
        grip = f"[data-handle={name}]"
        if np.hypot(*np.subtract(here, there)) < 3:
            editor.after_answer(lambda at=here: editor.page.mouse.click(*at))  # a tap accepts it where it is
        else:
            editor.drag(there[0] - here[0], there[1] - here[1], grip)
    editor.page.get_by_role("button", name="Download the marked picture").wait_for()
    document = json.loads(downloaded(editor, "Download the data"))
    errors = []
    for point in document["points"]:
        side = {"subject-left": "/L", "subject-right": "/R", "midline": ""}[point["side"]]
        away = known.points[point["code"] + side] - (point["x_px"], point["y_px"])
        errors.append(np.linalg.norm(away) / known.px_per_mm)
    assert np.median(errors) < 12

    # Saved from the page, the same handles give the same points without it.
    editor.page.get_by_text("Save the handles, or use saved ones").click()
    saved = downloaded(editor, "Save the handles")
    outcome = api.locate_anchors(anchors_file.read(saved, sources.read(known.picture).info), editor.size)
    assert isinstance(outcome, Location)
    for point in outcome.points:
        assert points(document)[point.code, point.side.value] == pytest.approx((point.x_px, point.y_px), abs=0.01)
