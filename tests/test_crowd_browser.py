"""Several visitors at once, and one who wishes no good, in real browsers; ``lab.speed.crowd`` is the long form."""

from __future__ import annotations

import itertools
import os
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from lab.speed import crowd
from lab.speed.browsing import PATIENCE_S, serving, until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def gate(tmp_path_factory):
    """A file without which no photo is looked at."""
    return tmp_path_factory.mktemp("gate") / "open"


@pytest.fixture(scope="module")
def served(gate, locator):
    """The address of the page and the server's process; it looks at one photo at a time."""
    page = Path(__file__).with_name("crowd_page.py")
    env = {
        "GATE": str(gate),
        "LOCATOR_PAGE_PHOTOS": "1",
        "STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL": str(crowd.SESSION_KEPT_S),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    with serving(page, **env) as (url, process):
        yield url, process


def said_while_waiting(visitors):
    found = [visitor.page.get_by_text("Others are being looked at") for visitor in visitors]
    return sorted(one.inner_text().partition("; ")[2] for one in found if one.count())


def test_each_gets_their_own_answer_in_turn_whatever_a_bomber_does(served, gate, browser, locator, tmp_path):
    url, _ = served
    gate.unlink(missing_ok=True)
    visitors = [crowd.Visitor(browser, url, [case]) for case in itertools.islice(crowd.photos(locator, tmp_path), 3)]
    bomber = crowd.Visitor(browser, url, crowd.bombs(tmp_path))
    for visitor in visitors:
        visitor.go_on()
    waiting = ["1 more before yours.", "yours is next."]
    until(bomber.page, lambda: said_while_waiting(visitors) == waiting)

    gate.touch()

    def all_answered():
        for visitor in (bomber, *visitors):
            visitor.go_on()
        return len(bomber.took_s) > 2 and all(visitor.is_done for visitor in visitors)

    until(bomber.page, all_answered)
    assert [len(visitor.took_s) for visitor in visitors] == [1, 1, 1]
    assert not any(visitor.is_wrong for visitor in (bomber, *visitors))
    for visitor in (*visitors, bomber):
        visitor.leave()


def test_a_large_photo_is_not_kept_once_its_visitor_has_left(served, gate, browser, locator, tmp_path):
    url, process = served
    gate.touch()
    photos = crowd.photos(locator, tmp_path)
    answer(crowd.Visitor(browser, url, [next(photos)]))
    before_mb = crowd.memory_mb(process)
    large = tmp_path / "large.jpg"
    Image.new("RGB", (8000, 6000), (140, 140, 140)).save(large)
    visitor = crowd.Visitor(browser, url, [crowd.Case(large, {})])
    visitor.go_on()
    visitor.page.get_by_text("No points were marked").wait_for()
    assert crowd.memory_mb(process) - before_mb > 130  # three bytes a pixel
    visitor.leave()
    end_s = time.monotonic() + PATIENCE_S  # its session is forgotten some time after, and only when others come and go
    while crowd.memory_mb(process) - before_mb >= 70:
        assert time.monotonic() < end_s
        crowd.forget(browser, url)
        answer(crowd.Visitor(browser, url, [next(photos)]))


def answer(visitor):
    """Wait until everything has been answered, and leave."""

    def is_done():
        visitor.go_on()
        return visitor.is_done

    until(visitor.page, is_done)
    visitor.leave()
