"""An upload, a picture of the camera, a live film and its frozen still: nothing leaves, and nothing is written."""

from __future__ import annotations

import re
import shutil

import pytest
from aioice.ice import get_host_addresses
from conftest import need, number_of_marks
from test_privacy import reached

from lab.speed import browsing, filming
from lab.speed.browsing import until
from locator.catalogue.words import words
from locator.core import resources

pytestmark = pytest.mark.slow

# An opened file that may be written to, without a name too.
WRITTEN = re.compile(r"(?:open|openat|creat)\([^\"]*\"([^\"]*)\".*?(?:O_WRONLY|O_RDWR|O_CREAT|O_TMPFILE)")
BOUND = re.compile(r"bind\(\d+, \{sa_family=AF_INET6?, .*?\"([^\"]+)\"")
FRAMES = 10
SAID = words()


def visit(page, url, large):
    """All ways in which a picture comes to the page."""
    page.goto(url)
    page.locator("input[type=file]").first.set_input_files(large)
    until(page, lambda: page.locator("[data-mark]").count() == number_of_marks())

    page.get_by_role("button", name=SAID.photo.remove).click()
    page.get_by_role("button", name=SAID.photo.camera).click()
    # Before the camera's first frame the button takes nothing.
    until(page, lambda: page.locator("video").evaluate("video => video.readyState >= video.HAVE_CURRENT_DATA"))
    page.get_by_role("button", name=SAID.streamlit.take_photo).click()
    until(page, lambda: page.locator("[data-mark]").count() == number_of_marks())

    page.get_by_role("link", name="Live").click()
    stream = page.frame_locator("iframe[title*=webrtc]")
    page.get_by_role("button", name="Start the camera").click()
    video = stream.locator("video")  # what comes back has been through the server
    until(page, lambda: video.evaluate("video => video.getVideoPlaybackQuality().totalVideoFrames") > FRAMES)
    page.get_by_role("button", name=SAID.companion.freeze).click()
    page.get_by_role("button", name=SAID.photo.remove).wait_for()
    until(page, lambda: page.locator("[data-mark]").count() == number_of_marks())


def test_no_picture_leaves_and_none_is_written(tmp_path, browser, locator, back, back_rgb):
    strace = shutil.which("strace")
    need(strace, "strace")
    large, trace, scratch = tmp_path / "large.jpg", tmp_path / "trace", tmp_path / "scratch"
    large.write_bytes(back.read_bytes() + bytes(3 * 1024 * 1024))
    scratch.mkdir()
    film = filming.film(tmp_path / "back.mjpeg", back_rgb)
    watch = (strace, "-D", "-f", "--seccomp-bpf", "-qq", "-e", "trace=%network,open,openat,creat", "-o", str(trace))
    # Without a compiler on its path, Python looks for no libraries with one, which would write here too.
    env = {"TMPDIR": str(scratch), "PYTHONDONTWRITEBYTECODE": "1", "PATH": "/usr/sbin:/sbin"}
    seen = browser.browser_type.launch(executable_path=browsing.LEAN, args=browsing.QUIET + filming.flags(film))
    with browsing.serving(resources.path("app.py"), *watch, **env) as (url, _), seen:
        visit(seen.new_page(), url, large)

    text = trace.read_text(errors="replace")
    written = {name for name in WRITTEN.findall(text) if not name.startswith(("/dev/", "/proc/"))}
    assert written == set()
    own = {"127.0.0.1", "::1", *get_host_addresses(use_ipv4=True, use_ipv6=True)}
    assert {address for address, _ in reached(trace)} <= own
    assert set(BOUND.findall(text)) <= {"127.0.0.1", "::1"}
