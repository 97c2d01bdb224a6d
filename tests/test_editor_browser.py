"""The editor in a real browser: things land where they are put, by mouse, finger and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.speed.browsing import Editor, fingers, served, until
from locator.web.components.editor import _event

pytestmark = pytest.mark.slow

PAGE = Path(__file__).with_name("editor_page.py")
HIP = "subject_left_hip"
GRIP = f"[data-handle={HIP}]"
SIZE = (540, 720)  # of the photo


@pytest.fixture(scope="module")
def address():
    with served(PAGE) as url:
        yield url


def test_nonsense_from_a_browser_is_no_event():
    said = {"seq": 1, "kind": "mark", "name": "GV-9/midline", "x_px": 1, "y_px": 2.5, "final": True}
    assert _event(said) == said
    for wrong in (None, 3, {}, {**said, "kind": "format"}, {**said, "x_px": float("nan")}, {**said, "name": None}):
        assert _event(wrong) is None


def close_to(place):
    return pytest.approx(place, abs=0.5)


@pytest.fixture
def open_editor(address, browser):
    """Opens the editor in a window of a size; closes it in the end."""
    opened = []

    def open_one(width=900, height=700, query="", **options):
        size = {"width": width, "height": height}
        context = browser.new_context(viewport=size, reduced_motion="reduce", **options)
        opened.append(Editor(context, address + query, SIZE))
        opened[-1].correct()
        return opened[-1]

    yield open_one
    for editor in opened:
        assert editor.errors == []
        editor.page.context.close()


@pytest.fixture(scope="module")
def shared(address, browser):
    """The editor of all tests that use a mouse and keys; it comes up in the middle of things, as on a page."""
    editor = Editor(browser.new_context(viewport={"width": 900, "height": 700}, reduced_motion="reduce"), address, SIZE)
    yield editor
    assert editor.errors == []
    editor.page.context.close()


@pytest.fixture
def editor(shared):
    """An editor with nothing done to its photo, which is being corrected."""
    if shared.page.get_by_label("Done with correcting").is_visible():
        shared.press("Done with correcting")
    shared.after_answer(lambda: shared.press("Back to the automatic places"))
    shared.turn = 0
    shared.correct()
    return shared


@pytest.mark.parametrize("size", [(1280, 900), (700, 620)])
def test_a_handle_lands_where_the_mouse_puts_it_and_the_marks_follow(editor, size):
    editor.page.set_viewport_size({"width": size[0], "height": size[1]})
    editor.stand_still()
    mark = "[data-mark='BL-18/subject-left']"
    before, mark_before = editor.handle(HIP), editor.position(mark)
    expected = editor.drag(-42, 30, GRIP)
    assert editor.handle(HIP) == close_to(expected)
    moved = [(editor.handle(HIP)[i] - before[i]) / 2 for i in (0, 1)]
    assert editor.position(mark) == close_to((mark_before[0] + moved[0], mark_before[1] + moved[1]))
    assert float(editor.root.get_attribute("data-latency-ms")) < 3000

    expected = editor.drag(25, -12, mark)
    assert editor.position(mark) == close_to(expected)
    assert editor.page.evaluate("document.documentElement.scrollWidth") <= size[0]

    editor.after_answer(lambda: editor.press("Undo"))
    assert editor.position(mark) != close_to(expected)


def test_the_turned_and_the_zoomed_view_are_as_exact(editor):
    editor.after_answer(lambda: editor.press("Turn the view"))
    editor.turn = 90
    assert editor.photo.bounding_box()["width"] > editor.photo.bounding_box()["height"]
    assert editor.handle(HIP) == close_to((208.9, 532.7))
    expected = editor.drag(31, 18, GRIP)
    assert editor.handle(HIP) == close_to(expected)

    editor.press("Show the whole photo")
    editor.press("Zoom in")
    editor.press("Zoom in")
    editor.stand_still()
    zoomed = editor.photo.bounding_box()["width"]
    shoulder = "[data-handle=subject_right_shoulder]"
    expected = editor.drag(-50, 21, shoulder)
    assert editor.position(shoulder) == close_to(expected)
    assert editor.photo.bounding_box()["width"] == zoomed  # a rerun leaves the view alone

    left = editor.photo.bounding_box()["x"]
    stage = editor.page.locator(".stage").bounding_box()
    x, y = stage["x"] + 200, stage["y"] + 60
    editor.page.mouse.move(x, y)
    editor.page.mouse.down()
    editor.page.mouse.move(x - 60, y)
    editor.page.mouse.up()
    until(editor.page, lambda: editor.photo.bounding_box()["x"] == pytest.approx(left - 60, abs=0.01))


def rest_and_drag(editor, touch, at, way):
    """A finger rests until the loupe shows that it has the thing, then moves it."""
    x, y = at
    touch("touchStart", (x, y))
    editor.page.locator(".loupe").wait_for()
    for share in (0.5, 1):
        touch("touchMove", (x + way[0] * share, y + way[1] * share))


def swipe(touch, at, way):
    x, y = at
    touch("touchStart", (x, y))
    for step in range(1, 9):
        touch("touchMove", (x + way[0] * step / 8, y + way[1] * step / 8))
    touch("touchEnd")


def test_a_finger_at_rest_drags_a_handle_as_exactly_and_sees_a_loupe_a_swipe_scrolls_and_two_fingers_zoom(open_editor):
    editor = open_editor(390, 700, has_touch=True, is_mobile=True, device_scale_factor=2)
    touch = fingers(editor.page)
    editor.page.locator(GRIP).scroll_into_view_if_needed()
    before = editor.handle(HIP)
    x, y = editor.client(before)
    expected = editor.expected(before, 36, -24)
    rest_and_drag(editor, touch, (x - 9, y + 11), (36, -24))
    loupe = editor.page.locator(".loupe")
    until(editor.page, lambda: loupe.bounding_box()["y"] + loupe.bounding_box()["height"] < y + 11 - 24)
    editor.after_answer(lambda: touch("touchEnd"))
    assert editor.handle(HIP) == close_to(expected)
    assert loupe.is_hidden()

    editor.page.locator(GRIP).scroll_into_view_if_needed()
    before, answers = editor.handle(HIP), editor.root.get_attribute("data-answers")
    for place, way in ((before, -120), ((260, 400), 120)):
        top = editor.photo.bounding_box()["y"]
        swipe(touch, editor.client(place), (0, way))
        until(editor.page, lambda top=top, way=way: (editor.photo.bounding_box()["y"] - top) / way > 0.25)
    editor.settle()
    assert editor.handle(HIP) == before
    assert editor.root.get_attribute("data-answers") == answers

    editor.page.locator(".stage").scroll_into_view_if_needed()
    width = editor.photo.bounding_box()["width"]
    touch("touchStart", (150, 300))
    touch("touchStart", (150, 300), (210, 300))
    touch("touchMove", (120, 300), (240, 300))
    touch("touchEnd")
    until(editor.page, lambda: editor.photo.bounding_box()["width"] == pytest.approx(2 * width, rel=0.02))


def test_keys_move_by_a_pixel_of_the_view_and_escape_puts_a_drag_back(editor):
    before = editor.handle(HIP)
    hip = editor.page.locator(f"[data-handle={HIP}]")
    hip.focus()
    editor.after_answer(lambda: editor.page.keyboard.press("ArrowRight"))
    editor.after_answer(lambda: editor.page.keyboard.press("Shift+ArrowUp"))
    assert editor.handle(HIP) == close_to((before[0] + 1, before[1] - 10))

    editor.after_answer(lambda: editor.press("Turn the view"))
    editor.turn = 90
    hip.focus()
    before = editor.handle(HIP)
    editor.after_answer(lambda: editor.page.keyboard.press("ArrowRight"))
    assert editor.handle(HIP) == close_to((before[0], before[1] - 1))

    before = editor.handle(HIP)
    editor.drag(30, 30, GRIP, let_go=False)
    editor.after_answer(lambda: editor.page.keyboard.press("Escape"))
    editor.page.mouse.move(300, 300)
    editor.page.mouse.up()
    assert editor.handle(HIP) == close_to(before)

    width = editor.page.viewport_size["width"]
    editor.press("Fill the window")
    assert editor.root.bounding_box()["width"] == width
    editor.page.keyboard.press("Escape")
    assert editor.root.bounding_box()["width"] < width


def test_only_while_correcting_can_a_mark_be_moved_and_by_key_or_click_it_is_selected(editor):
    editor.press("Done with correcting")
    assert editor.page.locator("[data-handle]").count() == 0
    mark = "[data-mark='BL-18/subject-left']"
    before = editor.position(mark)
    x, y = editor.client(before)
    editor.page.mouse.move(x, y)
    editor.page.mouse.down()
    editor.page.mouse.move(x + 40, y)
    editor.page.mouse.up()
    assert editor.position(mark) == before

    chosen = editor.page.locator(mark)
    editor.after_answer(lambda: editor.page.mouse.click(*editor.client(before)))
    assert chosen.get_attribute("aria-pressed") == "true"
    x, y = editor.client(before)
    assert 0 < x < editor.page.viewport_size["width"]  # the picture has come closer, to the point

    editor.after_answer(lambda: editor.page.keyboard.press("Escape"))
    assert chosen.get_attribute("aria-pressed") == "false"
    editor.page.locator("[data-mark='GV-9/midline']").focus()
    editor.after_answer(lambda: editor.page.keyboard.press("Enter"))
    assert editor.page.locator("[data-mark='GV-9/midline']").get_attribute("aria-pressed") == "true"


def test_an_editor_that_comes_up_without_the_photo_asks_for_it(open_editor):
    editor = open_editor(query="?forgetful")
    assert editor.page.evaluate("image => image.naturalWidth", editor.photo.element_handle()) > 0


def test_a_slow_answer_does_not_pull_a_handle_back(open_editor):
    editor = open_editor(query="?slow=0.25")
    expected = editor.drag(40, 0, GRIP, let_go=False)
    editor.page.mouse.up()
    for _ in range(12):
        editor.page.wait_for_timeout(60)
        assert editor.handle(HIP) == close_to(expected)
    editor.settle()
    assert editor.handle(HIP) == close_to(expected)


def test_the_photo_travels_once_and_nothing_leaves_the_machine(editor, address):
    editor.settle()
    photo = b"data:image/jpeg;base64"
    assert sum(photo in frame for frame in editor.frames) == 1
    start = len(editor.frames)
    editor.drag(20, 10, GRIP)
    assert not any(photo in frame for frame in editor.frames[start:])
    assert max(map(len, editor.frames[start:])) < 20_000

    hide = editor.page.get_by_text("Hide the editor")
    hide.click()
    editor.root.wait_for(state="detached")
    hide.click()
    editor.photo.wait_for()
    own = (address, address.replace("http", "ws"), "data:", "blob:")
    away = [url for url in editor.requests if not url.startswith(own)]
    assert away == []
