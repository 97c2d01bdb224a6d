"""A photo, an upload and a frame go down through the rooms as docs/architecture.md draws it; none is called back."""

import sys
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import FrameType

import pytest
from streamlit.testing.v1 import AppTest
from test_architecture import PACKAGE, ROOMS, room_of

from locator.cli import commands
from locator.draw.overlay import View
from locator.live.session import Live
from locator.web import server

pytestmark = pytest.mark.slow

BELOW_ALL = {"api", "estimate", "models", "photo", "core"}


@cache
def room(file: str) -> str | None:
    if not file.startswith(f"{PACKAGE}/"):
        return None
    name = room_of(".".join(Path(file).relative_to(PACKAGE.parent).with_suffix("").parts))
    return name if name in ROOMS else None


def calls_between_rooms(act: Callable[[], object]) -> set[tuple[str, str]]:
    """Caller's room and called room of every call while ``act`` runs; loading a module is no call."""
    seen = set()

    def is_of_a_room(frame: FrameType) -> bool:
        return room(frame.f_code.co_filename) is not None and frame.f_code.co_name != "<module>"

    def note(frame, event, _):
        if event != "call" or not is_of_a_room(frame):
            return
        caller = frame.f_back
        while caller and not is_of_a_room(caller):
            caller = caller.f_back
        if caller:
            seen.add((room(caller.f_code.co_filename), room(frame.f_code.co_filename)))

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        act()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    return seen


def by_the_command(photo: Path, tmp_path: Path, locator) -> None:
    with pytest.raises(SystemExit, match="0"):
        commands.app(["annotate", str(photo), "--out", str(tmp_path / "marked.jpg")])


def through_the_page(photo: Path, tmp_path: Path, locator) -> None:
    page = AppTest.from_file(str(server.SCRIPT), default_timeout=300).run()
    page.file_uploader[0].set_value(("back.jpg", photo.read_bytes(), "image/jpeg"))
    page.run()
    assert not page.exception


def as_frames(rgb, locator) -> None:
    live = Live(locator, View())
    for number in range(3):
        live.show(rgb, number / 10)
    live.close()


def check(calls: set[tuple[str, str]], begins_in: str) -> None:
    assert {called for _, called in calls} >= BELOW_ALL
    assert begins_in in {caller for caller, _ in calls}
    assert [pair for pair in calls if ROOMS.index(pair[1]) < ROOMS.index(pair[0])] == []


@pytest.mark.parametrize(("walk", "begins_in"), [(by_the_command, "cli"), (through_the_page, "web")])
def test_a_photo_goes_down_through_the_rooms(walk, begins_in, back, tmp_path, locator):
    check(calls_between_rooms(lambda: walk(back, tmp_path, locator)), begins_in)


def test_a_frame_goes_down_through_the_rooms(back_rgb, locator):
    check(calls_between_rooms(lambda: as_frames(back_rgb, locator)), "live")
