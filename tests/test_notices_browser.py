"""When a photo is gone or has not arrived, the visitor reads so, and how to go on."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from conftest import number_of_marks

from lab.speed import browsing
from lab.speed.browsing import until
from locator.catalogue.words import words
from locator.core import resources

pytestmark = pytest.mark.slow
SAID = words().notices
# Counts how often Streamlit's own window is seen.
COUNTING = """() => {
    window.seen = 0;
    const look = () => { window.seen += document.querySelectorAll("[data-testid=stDialog]").length; };
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
}"""


def choose(page, photo):
    page.locator("input[type=file]").first.set_input_files(photo)


def shows_marks(page):
    until(page, lambda: page.locator("[data-mark]").count() == number_of_marks())


def test_a_page_that_is_stopped_says_so_and_started_again_that_the_photo_is_gone(browser, back, samples, locator):
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    page = browser.new_page()
    with browsing.serving_at(port, resources.path("app.py")) as (url, _):
        page.goto(url)
        choose(page, back)
        shows_marks(page)
        page.reload()
        shows_marks(page)
        assert not page.get_by_text(SAID.lost.say).is_visible()
        assert not page.get_by_text(SAID.down.say).is_visible()
        page.evaluate(COUNTING)
    page.get_by_text(SAID.down.say).wait_for()
    page.get_by_text(SAID.down.why).wait_for()
    until(page, lambda: page.evaluate("window.seen") > 0)
    until(page, lambda: page.get_by_test_id("stDialog").count() == 0)
    with browsing.serving_at(port, resources.path("app.py")):
        page.get_by_text(SAID.lost.say).wait_for()
        page.get_by_text(SAID.lost.why).wait_for()
        assert not page.get_by_text(SAID.down.say).is_visible()
        until(page, lambda: page.locator("[data-mark]").count() == 0)  # what was shown before is taken away
        assert page.get_by_text(back.name).count() == 0
    page.get_by_text(SAID.down.say).wait_for()
    choose(page, samples["upright"])  # which waits for the server
    with browsing.serving_at(port, resources.path("app.py")):
        page.get_by_text(SAID.down.say).wait_for(state="hidden")
        shows_marks(page)
        page.get_by_text(SAID.lost.say).wait_for(state="hidden")
    page.close()


def test_who_was_away_for_too_long_reads_that_the_photo_is_gone(browser, back, locator):
    page = browser.new_page()
    with browsing.served(Path(__file__).with_name("brief_page.py")) as url:
        page.goto(url)
        choose(page, back)
        shows_marks(page)
        page.goto("about:blank")
        page.goto(url)
        page.get_by_text(SAID.lost.say).wait_for()
        page.get_by_text(SAID.lost.why).wait_for()
        choose(page, back)
        shows_marks(page)
    page.close()


@pytest.mark.parametrize(("status", "said"), [(413, SAID.too_large), (403, SAID.refused), (502, SAID.failed)])
def test_a_server_in_between_that_refuses_the_upload_is_explained(address, browser, back, status, said):
    page = browser.new_page()
    page.route("**/_stcore/upload_file/**", lambda route: route.fulfill(status=status, body="<h1>nginx</h1>"))
    page.goto(address)
    until(page, lambda: page.evaluate("window['back-points:uploaded']") is True)  # no visitor is as quick as this
    choose(page, back)
    page.get_by_text(said.say).first.wait_for()
    page.get_by_text(said.why).first.wait_for()
    page.unroute("**/_stcore/upload_file/**")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name=words().dropzone.choose).click()
    assert page.locator("input[type=file]").first.input_value() == ""  # or a browser says nothing of the same file
    chooser.value.set_files(back)
    shows_marks(page)
    page.get_by_text(said.say).first.wait_for(state="hidden")
    page.close()
