"""Several visitors at once, and one who wishes no good, in real browsers; ``benchmarks.crowd`` is the long form."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import pytest

from benchmarks import crowd
from benchmarks.browsing import serving, until


@pytest.fixture
def gate(tmp_path):
    """A file without which no photo is looked at."""
    return tmp_path / "gate"


@pytest.fixture
def served(gate, locator):
    """The address of the page and the server's process; it looks at one photo at a time."""
    env = {"STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL": str(crowd.SESSION_KEPT_S), "PYTHONPATH": ":".join(sys.path)}
    page = Path(__file__).with_name("crowd_page.py")
    with serving(page, GATE=str(gate), LOCATOR_PAGE_PHOTOS="1", **env) as (url, process):
        yield url, process


def said_while_waiting(visitors):
    found = [visitor.page.get_by_text("Others are being looked at") for visitor in visitors]
    return sorted(one.inner_text().partition("; ")[2] for one in found if one.count())


def test_each_gets_their_own_answer_in_turn_whatever_a_bomber_does(served, gate, browser, locator, tmp_path):
    url, process = served
    visitors = [crowd.Visitor(browser, url, [case]) for case in itertools.islice(crowd.photos(locator, tmp_path), 3)]
    bomber = crowd.Visitor(browser, url, crowd.bombs(tmp_path))
    before_mb = crowd.memory_mb(process)
    for visitor in visitors:
        visitor.go_on()
    waiting = ["1 more before yours.", "yours is next."]
    until(bomber.page, lambda: said_while_waiting(visitors) == waiting, timeout_s=30)

    gate.touch()

    def all_answered():
        for visitor in (bomber, *visitors):
            visitor.go_on()
        return len(bomber.took_s) > 2 and all(visitor.is_done for visitor in visitors)

    until(bomber.page, all_answered, timeout_s=60)
    assert [len(visitor.took_s) for visitor in visitors] == [1, 1, 1]
    assert not any(visitor.is_wrong for visitor in (bomber, *visitors))
    for visitor in (*visitors, bomber):
        visitor.leave()
    peak_mb = crowd.memory_mb(process, peak=True)
    crowd.forget(browser, url)
    print(before_mb, peak_mb, crowd.memory_mb(process))
