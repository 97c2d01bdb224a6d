"""The page in a real browser: what a visitor sees, and that nothing leaves the machine."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
from conftest import need

from locator import resources

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))),
    None,
)
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    return tmp_path_factory.mktemp("server")


@pytest.fixture(scope="module")
def address(scratch, locator):
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    file = resources.path("app.py")
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(file), f"--server.port={port}"],
        cwd=file.parent,
        env={**os.environ, "TMPDIR": str(scratch)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://localhost:{port}"
        end = time.monotonic() + 30
        while True:
            try:
                urllib.request.urlopen(f"{url}/_stcore/health", timeout=1).close()
                break
            except OSError:
                assert server.poll() is None, "the server ended"
                assert time.monotonic() < end, "the server did not start within 30 s"
                time.sleep(0.2)
        yield url
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


@pytest.fixture(scope="module")
def browser():
    need(CHROMIUM, "Chromium")
    from playwright import sync_api as playwright

    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_upload_see_marks_and_cards_choose_a_complaint(address, browser, scratch, width):
    sample = resources.path("sample_images") / "standing.jpg"
    context = browser.new_context(viewport={"width": width, "height": 900}, accept_downloads=True)
    requests = []
    context.on("request", lambda request: requests.append(request.url))
    page = context.new_page()
    page.on("websocket", lambda socket: requests.append(socket.url))
    page.goto(address)
    page.get_by_text("A photo that works well").wait_for()

    page.locator("input[type=file]").set_input_files(sample)
    page.locator("article.card").nth(5).wait_for()
    picture = page.locator(".st-key-picture img").first
    picture.wait_for()
    page.wait_for_function("() => document.querySelector('.st-key-picture img').naturalWidth > 0")
    assert page.locator("article.card").count() == 6
    for text in ("Gan Shu", "肝俞", "BL-18", "When not to"):
        assert page.locator("article.card").get_by_text(text).first.is_visible()
    all_marks = picture.get_attribute("src")
    # Beside each other on a desktop, below each other on a phone, and never wider than the window.
    image_box, card_box = picture.bounding_box(), page.locator("article.card").first.bounding_box()
    assert (card_box["x"] > image_box["x"] + image_box["width"]) == (width == 1280)
    assert page.evaluate("document.documentElement.scrollWidth") <= width

    with page.expect_download() as download:
        page.get_by_role("button", name="Download the marked picture").click()
    assert download.value.suggested_filename == "back-points.jpg"

    page.get_by_role("button", name="Stress").click()
    page.wait_for_function("() => document.querySelectorAll('article.card').length === 1")
    assert page.locator("article.card").get_by_text("Gan Shu").is_visible()
    page.wait_for_function(
        "before => document.querySelector('.st-key-picture img').getAttribute('src') !== before",
        arg=all_marks,
    )

    page.locator("input[type=file]").set_input_files(
        {"name": "holiday.jpg", "mimeType": "image/jpeg", "buffer": b"no picture at all"}
    )
    page.get_by_text("No points were marked").wait_for()
    assert page.locator(".drawing svg").is_visible()
    assert page.locator("article.card").count() == 0
    context.close()

    away = [u for u in requests if not u.startswith((address, address.replace("http", "ws"), "data:", "blob:"))]
    assert away == []
    assert list(scratch.iterdir()) == []
