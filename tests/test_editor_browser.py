"""The editor in a real browser: things land where they are put, by mouse, finger and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.speed.browsing import Editor, fingers, served
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

    def open_one(width=1280, height=900, query="", **options):
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        opened.append(Editor(context, address + query, SIZE))
        return opened[-1]

    yield open_one
    for editor in opened:
        assert editor.errors == []
        editor.page.context.close()


@pytest.fixture
def touch(open_editor):
    editor = open_editor(390, 700, has_touch=True, is_mobile=True, device_scale_factor=2)
    return editor, fingers(editor.page)


@pytest.mark.parametrize("size", [(1280, 900), (700, 620)])
def test_a_handle_lands_where_the_mouse_puts_it_and_the_marks_follow(open_editor, size):
    editor = open_editor(*size)
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


def test_the_turned_and_the_zoomed_view_are_as_exact(open_editor):
    editor = open_editor()
    editor.after_answer(lambda: editor.press("Turn the view"))
    editor.turn = 90
    assert editor.photo.bounding_box()["width"] > editor.photo.bounding_box()["height"]
    assert editor.handle(HIP) == close_to((208.9, 532.7))
    expected = editor.drag(31, 18, GRIP)
    assert editor.handle(HIP) == close_to(expected)

    editor.press("Zoom in")
    editor.press("Zoom in")
    editor.page.wait_for_timeout(50)
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
    editor.page.wait_for_timeout(50)
    assert editor.photo.bounding_box()["x"] == pytest.approx(left - 60, abs=0.01)


def test_a_finger_is_as_exact_sees_a_loupe_and_may_still_scroll_the_page(touch):
    editor, touch = touch
    before = editor.handle(HIP)
    x, y = editor.client(before)
    expected = editor.expected(before, 36, -24)
    touch("touchStart", (x - 9, y + 11))
    for share in (0.5, 1):
        touch("touchMove", (x - 9 + 36 * share, y + 11 - 24 * share))
    loupe = editor.page.locator(".loupe")
    loupe.wait_for()
    assert loupe.bounding_box()["y"] + loupe.bounding_box()["height"] < y + 11 - 24
    editor.after_answer(lambda: touch("touchEnd"))
    assert editor.handle(HIP) == close_to(expected)
    assert loupe.is_hidden()

    top = editor.photo.bounding_box()["y"]
    x, y = editor.client((60, 400))
    touch("touchStart", (x, y))
    for step in range(1, 9):
        touch("touchMove", (x, y - 15 * step))
    touch("touchEnd")
    editor.page.wait_for_timeout(300)
    assert editor.photo.bounding_box()["y"] < top - 30

    width = editor.photo.bounding_box()["width"]
    touch("touchStart", (150, 300))
    touch("touchStart", (150, 300), (210, 300))
    touch("touchMove", (120, 300), (240, 300))
    touch("touchEnd")
    editor.page.wait_for_timeout(100)
    assert editor.photo.bounding_box()["width"] == pytest.approx(2 * width, rel=0.02)


def test_keys_move_by_a_pixel_of_the_view_and_escape_puts_a_drag_back(open_editor):
    editor = open_editor(900, 700)
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

    editor.press("Fill the window")
    assert editor.root.bounding_box()["width"] == 900
    editor.page.keyboard.press("Escape")
    assert editor.root.bounding_box()["width"] < 900


def test_an_editor_that_comes_up_without_the_photo_asks_for_it(open_editor):
    editor = open_editor(900, 700, query="?forgetful")
    assert editor.page.evaluate("image => image.naturalWidth", editor.photo.element_handle()) > 0


def test_a_slow_answer_does_not_pull_a_handle_back(open_editor):
    editor = open_editor(900, 700, query="?slow=0.25")
    expected = editor.drag(40, 0, GRIP, let_go=False)
    editor.page.mouse.up()
    for _ in range(12):
        editor.page.wait_for_timeout(60)
        assert editor.handle(HIP) == close_to(expected)
    editor.settle()
    assert editor.handle(HIP) == close_to(expected)


def test_the_photo_travels_once_and_nothing_leaves_the_machine(open_editor, address):
    editor = open_editor()
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
