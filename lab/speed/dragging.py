"""How long the points take to follow a dropped handle, beside the least that a Streamlit page needs to answer.

    python -m lab.speed.dragging [--drops N]

Both are measured in the same headless Chromium, from letting go of the mouse (or from the click) to the redrawn answer.
"""

from __future__ import annotations

import argparse
import statistics
from pathlib import Path
from typing import TYPE_CHECKING

from lab.speed.browsing import Editor, chromium, served, until
from locator.core import resources
from locator.photo import sources

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_SAMPLE = resources.path("sample_images") / "standing.jpg"


def _choose(page: Page) -> None:
    page.locator("input[type=file]").first.set_input_files(_SAMPLE)


def drops_ms(url: str, count: int, browser: Browser) -> list[float]:
    """Milliseconds for each of ``count`` drops of C7, each right after a quick drag."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    size = sources.read(_SAMPLE).rgb.shape[1::-1]
    editor = Editor(context, url, (size[0], size[1]), _choose)
    editor.settle()
    editor.correct()
    times = []
    for drop in range(count):
        editor.drag(*((7, 9) if drop % 2 else (-7, -9)), "[data-handle=c7]")
        times.append(float(editor.root.get_attribute("data-latency-ms") or "nan"))
    context.close()
    return times


def echoes_ms(url: str, count: int, browser: Browser) -> list[float]:
    """Milliseconds for each of ``count`` answers of the least page."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(url)
    button = page.get_by_role("button", name="Send")
    button.wait_for()
    times = []
    for _ in range(count):
        page.wait_for_timeout(300)
        button.evaluate("button => delete button.dataset.latencyMs")
        button.click()
        until(page, lambda: button.get_attribute("data-latency-ms") is not None)
        times.append(float(button.get_attribute("data-latency-ms") or "nan"))
    context.close()
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--drops", type=int, default=30)
    count = parser.parse_args().drops
    with chromium() as browser:
        with served(resources.path("app.py")) as url:
            ours = statistics.median(drops_ms(url, count, browser))
        with served(Path(__file__).with_name("echo_page.py")) as url:
            peer = statistics.median(echoes_ms(url, count, browser))
    ratio = ours / peer
    print(f"from drop to redrawn points {ours:.0f} ms in the median, the least page {peer:.0f} ms, ratio {ratio:.1f}")


if __name__ == "__main__":
    main()
