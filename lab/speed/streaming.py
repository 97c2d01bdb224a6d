"""How many frames a second live viewers get in a real browser, how late, and whether memory stays flat meanwhile.

    python -m lab.speed.streaming [--seconds N] [--minutes N]

Headless Chromium films a moving back at 640 × 480 and 30 frames a second, and shows what the server makes of it: to one
viewer, to two at once, and to as many where the pose model alone draws its keypoints, the peer. A frame counts when it
has been processed, not when it is repeated. Browser and server share this machine. With ``--minutes``, one viewer then
watches for so long.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lab.speed.browsing import chromium, served, until
from lab.speed.filming import film, flags
from locator.core import resources
from locator.photo import sources

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_PAGE = Path(__file__).with_name("streaming_page.py")
_FRAME = "iframe[title*=webrtc]"
_WARM_UP_S, _ROUND_S = 5.0, 2.0
_MEASURED_MS = 6000
_LONGEST_DELAY_S = 1.5

# Where the square is, across, in the camera's own picture and in the shown one, again and again.
_SQUARES = """
async (ms) => {
  const shown = document.querySelector("iframe[title*=webrtc]").contentDocument.querySelector("video");
  const own = document.createElement("video");
  own.srcObject = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 } });
  own.muted = true;
  await own.play();
  const context = new OffscreenCanvas(320, 1).getContext("2d", { willReadFrequently: true });
  const find = (video) => {
    context.drawImage(video, 0, video.videoHeight / 40, video.videoWidth, 1, 0, 0, 320, 1);
    const { data } = context.getImageData(0, 0, 320, 1);
    let sum = 0, count = 0;
    for (let x = 0; x < 320; x++) {
      if (data[4 * x] > 190 && data[4 * x + 1] < 110 && data[4 * x + 2] > 190) { sum += x; count += 1; }
    }
    return count ? sum / count : null;
  };
  const seen = [], begin = performance.now();
  while (performance.now() - begin < ms) {
    await new Promise((resolve) => setTimeout(resolve, 15));
    const row = [performance.now() / 1000, find(own), find(shown)];
    if (row.every((one) => one !== null)) seen.push(row);
  }
  own.srcObject.getTracks().forEach((track) => track.stop());
  return seen;
}
"""


@dataclass(frozen=True)
class Served:
    """A server of :mod:`lab.speed.streaming_page`."""

    url: str
    counted: Path

    def counts(self) -> list[int]:
        """How many frames each viewer was shown."""
        return [int(line.split()[0]) for line in self.counted.read_text().splitlines()]

    @property
    def counted_s(self) -> float:
        """When they were counted last, on the file system's clock."""
        return self.counted.stat().st_mtime

    @property
    def took_ms(self) -> float:
        """How long a frame takes, in the median of the last ones."""
        return float(self.counted.read_text().split()[1])

    @property
    def memory_mb(self) -> float:
        """Of the server's process."""
        return float(self.counted.read_text().split()[2])


@contextmanager
def serving(folder: Path, **env: str) -> Iterator[Served]:
    """A server that counts its frames."""
    counted = folder / "counted.txt"
    with served(_PAGE, COUNTED=str(counted), PYTHONPATH=str(_PAGE.parents[2]), **env) as url:
        yield Served(url, counted)


@contextmanager
def watching(browser: Browser, url: str) -> Iterator[Page]:
    """A viewer for whom the camera is on."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(f"{url}/live")
    frame = page.frame_locator(_FRAME)
    frame.locator("#tamed").wait_for(state="attached")
    page.get_by_role("button", name="Start the camera").click()
    frame.locator("video").wait_for()
    yield page
    context.close()


def rates_fps(server: Served, browser: Browser, viewers: int, seconds: float) -> tuple[list[float], float]:
    """The processed frames a second of each of so many viewers, and how late the first one's picture is, in seconds."""
    with ExitStack() as stack:
        pages = [stack.enter_context(watching(browser, server.url)) for _ in range(viewers)]
        until(pages[0], lambda: server.counted.exists() and len(server.counts()) == viewers, timeout_s=60)
        time.sleep(_WARM_UP_S)
        before, before_s = server.counts(), time.monotonic()
        time.sleep(seconds)
        passed_s = time.monotonic() - before_s
        rates = [(now - then) / passed_s for now, then in zip(server.counts(), before, strict=True)]
        return rates, delay_s(pages[0])


def rates_in_turn(server: Served, browser: Browser, viewers: int, rounds: int) -> list[float]:
    """The processed frames a second of the slowest of so many viewers, every two seconds."""
    with ExitStack() as stack:
        pages = [stack.enter_context(watching(browser, server.url)) for _ in range(viewers)]
        until(pages[0], lambda: server.counted.exists() and len(server.counts()) == viewers, timeout_s=60)
        time.sleep(_WARM_UP_S)
        rates = []
        before, before_s = server.counts(), server.counted_s
        for _ in range(rounds):
            time.sleep(_ROUND_S)
            now, now_s = server.counts(), server.counted_s
            passed_s = max(now_s - before_s, 1e-3)
            rates.append(min(new - old for new, old in zip(now, before, strict=True)) / passed_s)
            before, before_s = now, now_s
        return rates


def delay_s(page: Page) -> float:
    """How much later than the camera's own picture the shown one is: by which the square's ways fit best."""
    when, own, shown = np.array(page.evaluate(_SQUARES, _MEASURED_MS)).T
    late = when > when[0] + _LONGEST_DELAY_S
    delays = np.arange(0.0, _LONGEST_DELAY_S, 0.01)
    apart = [np.abs(np.interp(when[late] - delay, when, own) - shown[late]).mean() for delay in delays]
    return float(delays[np.argmin(apart)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0, help="over which frames are counted")
    parser.add_argument("--minutes", type=float, default=0.0, help="over which memory is watched")
    asked = parser.parse_args()
    back = sources.read(resources.path("sample_images") / "standing.jpg").rgb
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        camera = film(folder / "back.mjpeg", back)
        for what, viewers, env in (
            ("one viewer", 1, {}),
            ("two viewers", 2, {}),
            ("bare pose model", 1, {"BARE": "1"}),
            ("two with bare pose models", 2, {"BARE": "1"}),
        ):
            with serving(folder, **env) as server, chromium(*flags(camera)) as browser:
                server.counted.unlink(missing_ok=True)
                rates, late_s = rates_fps(server, browser, viewers, asked.seconds)
                each = ", ".join(f"{rate:.1f}" for rate in rates)
                print(f"{what}: {each} frames a second, {server.took_ms:.0f} ms each, {late_s * 1000:.0f} ms late")
        if asked.minutes:
            with serving(folder) as server, chromium(*flags(camera)) as browser, watching(browser, server.url) as page:
                watch_memory(server, page, asked.minutes)


def watch_memory(server: Served, page: Page, minutes: float) -> None:
    """Print the server's memory a minute into the watching, and at its end."""
    page.wait_for_timeout(60_000)
    before_mb, before = server.memory_mb, sum(server.counts())
    print(f"after a minute: {before_mb:.0f} MB, {delay_s(page) * 1000:.0f} ms late", flush=True)
    end_s = time.monotonic() + 60 * minutes
    while time.monotonic() < end_s:
        page.wait_for_timeout(5_000)
    after_mb, frames = server.memory_mb, sum(server.counts()) - before
    growth = 100 * (after_mb / before_mb - 1)
    print(
        f"{minutes:g} minutes later: {after_mb:.0f} MB, {growth:+.1f} %, {delay_s(page) * 1000:.0f} ms late; "
        f"{frames / minutes / 60:.1f} frames a second"
    )


if __name__ == "__main__":
    main()
