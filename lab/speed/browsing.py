"""A real browser on a real page, for benchmarks and tests."""

from __future__ import annotations

import functools
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, FloatRect, Page, Playwright, WebSocket

Point = tuple[float, float]

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))),
    None,
)
LEAN = shutil.which("chromium-headless-shell") or CHROMIUM
"""The same browser without its own windows, which nobody sees here: it takes half of the processor for a page."""

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


PATIENCE_S = 300.0
"""How long what must come is waited for: longer than a busy machine takes, for whoever waits goes on at once."""


@contextmanager
def served(file: Path, **env: str) -> Iterator[str]:
    """The address at which a Streamlit script is served."""
    with serving(file, **env) as (url, _):
        yield url


@contextmanager
def serving(file: Path, *before: str, **env: str) -> Iterator[tuple[str, int]]:
    """The address at which a Streamlit script is served, and the server's process.

    What ``before`` names is started in its place with its command, and may watch it.
    """
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    with serving_at(port, file, *before, **env) as served_at:
        yield served_at


@contextmanager
def serving_at(port: int, file: Path, *before: str, **env: str) -> Iterator[tuple[str, int]]:
    """What :func:`serving` does, at this port."""
    server = subprocess.Popen(
        [*before, sys.executable, "-m", "streamlit", "run", str(file), f"--server.port={port}"],
        cwd=Path(__file__).parents[2],
        env={**os.environ, **env},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://localhost:{port}"
        end = time.monotonic() + PATIENCE_S
        while True:
            try:
                urllib.request.urlopen(f"{url}/_stcore/health", timeout=1).close()
                break
            except OSError:
                assert server.poll() is None, "the server ended"
                assert time.monotonic() < end, f"the server did not start within {PATIENCE_S:g} s"
                time.sleep(0.2)
        yield url, server.pid
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


@contextmanager
def chromium(*flags: str) -> Iterator[Browser]:
    """The browser that is on this machine, with further ``flags``, as cameras need."""
    with driver() as started, launched(started, *flags) as browser:
        yield browser


@contextmanager
def driver() -> Iterator[Playwright]:
    """What starts browsers; a process may hold one such at a time."""
    from playwright import sync_api as playwright

    _be_patient()
    with playwright.sync_playwright() as started:
        yield started


@contextmanager
def launched(driver: Playwright, *flags: str) -> Iterator[Browser]:
    """A browser of its own, with further ``flags``."""
    browser = driver.chromium.launch(executable_path=LEAN, args=[*QUIET, *flags])
    yield browser
    browser.close()


def until(page: Page, holds: Callable[[], bool], timeout_s: float = PATIENCE_S) -> None:
    """Wait until something holds. Playwright's own waiting does not look into the editor's shadow tree."""
    end = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < end, "it never came to hold"
        page.wait_for_timeout(50)


@functools.cache
def _be_patient() -> None:
    """Wait as long for every browser, and for what its pages are to show, as :func:`until` does.

    Half a minute is its library's own.
    """
    from playwright.sync_api import Browser, BrowserType

    patience_ms = 1000 * PATIENCE_S

    def patient(open_one: Any) -> Any:
        def opened(*given: Any, **options: Any) -> Any:
            one = open_one(*given, **options)
            one.set_default_timeout(patience_ms)
            return one

        return opened

    changed: Any = Browser
    changed.new_context, changed.new_page = patient(Browser.new_context), patient(Browser.new_page)
    launching: Any = BrowserType
    launching.launch = functools.partialmethod(launching.launch, timeout=patience_ms)


def fingers(page: Page) -> Callable[..., None]:
    """A function that puts fingers on the screen: kind of touch event, then the position of each finger."""
    tools = page.context.new_cdp_session(page)

    def touch(kind: str, *positions: Point) -> None:
        points = [{"x": x, "y": y, "id": index} for index, (x, y) in enumerate(positions)]
        tools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    return touch


class Editor:
    """The editor on a page, driven from outside.

    ``size`` is that of the photo; ``arrive`` does what has to be done on a page before its editor shows.
    """

    def __init__(
        self,
        context: BrowserContext,
        url: str,
        size: tuple[int, int],
        arrive: Callable[[Page], None] = lambda page: None,
    ) -> None:
        self.frames: list[str | bytes] = []
        self.requests: list[str] = []
        self.errors: list[object] = []
        self.size = size
        self.page = context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(error))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("websocket", self._listen)
        self.page.goto(url)
        arrive(self.page)
        self.root = self.page.locator("[data-editor]")
        self.photo = self.page.locator(".stage > img")
        self.page.locator("[data-editor][data-answers]").wait_for()
        self.photo.wait_for()
        self.turn = 0

    def _listen(self, websocket: WebSocket) -> None:
        self.requests.append(websocket.url)
        websocket.on("framereceived", lambda frame: self.frames.append(frame))

    def handle(self, name: str) -> Point:
        """Where a handle is, in photo pixels."""
        return self.position(f"[data-handle={name}]")

    def position(self, selector: str) -> Point:
        """Where a thing is, in photo pixels."""
        thing = self.page.locator(selector)
        return float(thing.get_attribute("data-x") or "nan"), float(thing.get_attribute("data-y") or "nan")

    def _box(self) -> FloatRect:
        box = self.photo.bounding_box()
        assert box is not None, "the photo is not shown"
        return box

    def client(self, point: Point) -> tuple[int, int]:
        """Where a point of the photo lies in the window, rounded to whole pixels as a mouse's are."""
        box = self._box()
        u, v = point[0] / self.size[0], point[1] / self.size[1]
        u, v = {0: (u, v), 90: (1 - v, u), 180: (1 - u, 1 - v), 270: (v, 1 - u)}[self.turn]
        return round(box["x"] + u * box["width"]), round(box["y"] + v * box["height"])

    def expected(self, point: Point, dx: float, dy: float) -> Point:
        """Where a thing lies after the pointer has moved by this many window pixels."""
        scale = self._box()["width"] / self.size[1 if self.turn % 180 else 0]
        x, y = {0: (dx, dy), 90: (dy, -dx), 180: (-dx, -dy), 270: (-dy, dx)}[self.turn]
        return point[0] + x / scale, point[1] + y / scale

    def drag(self, dx: float, dy: float, selector: str, let_go: bool = True) -> Point:
        """Drag with the mouse, gripping beside the thing's middle; where it should be then."""
        self.page.locator(selector).scroll_into_view_if_needed()
        before = self.position(selector)
        x, y = self.client(before)
        expected = self.expected(before, dx, dy)
        self.page.mouse.move(x + 4, y - 3)
        self.page.mouse.down()
        self.page.mouse.move(x + 4 + dx / 2, y - 3 + dy / 2)
        self.page.mouse.move(x + 4 + dx, y - 3 + dy)
        if let_go:
            self.after_answer(self.page.mouse.up)
        return expected

    def after_answer(self, act: Callable[[], object]) -> None:
        """Do something that sends an event, and wait until its answer is drawn and nothing more is under way."""
        before = int(self.root.get_attribute("data-answers") or 0)
        act()
        # The page's content policy keeps Playwright's own waiting for a function out.
        until(self.page, lambda: int(self.root.get_attribute("data-answers") or 0) > before)
        self.settle()

    def settle(self) -> None:
        """Wait until no answer comes any more."""
        last = None
        while last != (last := self.root.get_attribute("data-answers")):
            self.page.wait_for_timeout(150)

    def correct(self) -> None:
        """Show the handles, so that things can be dragged."""
        self.press("Correct the points by hand")
        self.page.locator("[data-handle]").first.wait_for()

    def stand_still(self) -> None:
        """Wait until the photo has come to rest in the window."""
        last = None
        while last != (last := self.photo.bounding_box()):
            self.page.wait_for_timeout(150)

    def press(self, label: str) -> None:
        """Press a button of the toolbar."""
        self.page.get_by_label(label).click()
