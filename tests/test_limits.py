"""How many visitors the pages serve at a time, and what those who wait are promised."""

from __future__ import annotations

import threading

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from locator.core import resources
from locator.core.toml import load
from locator.photo import sources
from locator.web import limits, server
from locator.web.limits import FairSemaphore, Seats, SettingError


def in_line(line, name, came, told):
    """A visitor who waits in a thread of their own, notes that their turn has come, and leaves."""

    def visit():
        with line.turn(lambda before: told.put((name, before))):
            came.append(name)

    thread = threading.Thread(target=visit)
    thread.start()
    return thread


class Told:
    """What those who wait were told; lets a test wait until something was."""

    def __init__(self):
        self._said = set()
        self._more = threading.Condition()

    def put(self, said):
        with self._more:
            self._said.add(said)
            self._more.notify_all()

    def wait_for(self, said):
        with self._more:
            assert self._more.wait_for(lambda: said in self._said, 20)


def test_who_comes_first_is_served_first_and_the_others_are_told_how_many_are_before_them():
    line, came, told = FairSemaphore(1), [], Told()
    with line.turn(told.put):
        waiting = []
        for before, name in enumerate(("one", "two", "three")):
            waiting.append(in_line(line, name, came, told))
            told.wait_for((name, before))
        assert came == []
    for thread in waiting:
        thread.join(20)
    assert came == ["one", "two", "three"]


def test_as_many_as_are_allowed_are_served_at_once_without_a_word():
    line = FairSemaphore(2)
    with line.turn(pytest.fail), line.turn(pytest.fail):
        pass


def test_who_leaves_the_line_or_fails_keeps_nobody_waiting():
    line = FairSemaphore(1)

    def leave(before):
        raise InterruptedError

    with line.turn(pytest.fail), pytest.raises(InterruptedError), line.turn(leave):
        pytest.fail("it was not their turn")
    with pytest.raises(RuntimeError), line.turn(pytest.fail):
        raise RuntimeError
    with line.turn(pytest.fail):
        pass


def test_a_viewer_keeps_the_seat_until_leaving_or_vanishing(monkeypatch):
    clock = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    seats = Seats(2)
    assert seats.keep("one")
    assert seats.keep("two")
    assert not seats.keep("three")
    assert seats.keep("one")
    seats.leave("two")
    assert seats.keep("three")
    assert not seats.keep("two")
    clock[0] += 6
    assert seats.keep("one")
    clock[0] += 6  # of the third nothing has been heard for twice as long
    assert seats.keep("two")
    assert not seats.keep("three")


def test_without_settings_something_can_be_done_at_once():
    usual = limits.read({"LOCATOR_PAGE_PHOTOS": " ", "LOCATOR_PAGE_VIEWERS": ""})
    with usual.photos.turn(pytest.fail):
        assert usual.viewers.keep("one")
        assert usual.viewers.keep("two")


def test_settings_say_how_many():
    told = limits.read({"LOCATOR_PAGE_PHOTOS": "3", "LOCATOR_PAGE_VIEWERS": " 1 "})
    with told.photos.turn(pytest.fail), told.photos.turn(pytest.fail), told.photos.turn(pytest.fail):
        pass
    assert told.viewers.keep("one")
    assert not told.viewers.keep("two")


@pytest.mark.parametrize("text", ["0", "-1", "1001", "00000001", "two", "1.5", "1e3", "²", "٣", "9" * 5000])
@pytest.mark.parametrize("name", ["LOCATOR_PAGE_PHOTOS", "LOCATOR_PAGE_VIEWERS"])
def test_a_wrong_setting_is_named_with_what_was_expected(name, text):
    with pytest.raises(SettingError, match=f"{name} must be a number from 1 to 1000") as error:
        limits.read({name: text})
    assert len(str(error.value)) < 200


def test_a_wrong_setting_is_explained_on_the_page(monkeypatch):
    monkeypatch.setenv("LOCATOR_PAGE_PHOTOS", "many")
    st.cache_resource.clear()
    page = AppTest.from_file(str(server.SCRIPT), default_timeout=300).run()
    assert not page.exception
    assert "LOCATOR_PAGE_PHOTOS must be a number" in page.error[0].value
    assert not page.file_uploader


def test_what_can_be_uploaded_is_what_can_be_read():
    settings = load(resources.path(".streamlit") / "config.toml")
    assert settings["server"]["maxUploadSize"] * 1024 * 1024 == sources.MAX_BYTES
