"""Does a crowd on the page disturb anybody? ``PYTHONPATH=tests python -m lab.speed.crowd [--rounds N]``.

So many visitors open the page in one headless Chromium at the same time, and each uploads photos of their own, one
after the other, while one more does so with the bombs of ``tests/hostile.py``. Every mark that anybody sees is compared
with what the program makes of that photo alone. Then all leave. The server's memory is taken after a first visitor has
left, at its peak, and after the crowd has. Ends with status 1 if an answer is wrong or missing, or if the memory stays
up by more than a quarter.
"""

from __future__ import annotations

import argparse
import itertools
import math
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from lab.speed.browsing import Point, chromium, serving
from locator import Locator
from locator.core import resources
from locator.core.types import Location
from locator.photo import sources

if TYPE_CHECKING:
    from playwright.sync_api import Browser

MOST_GROWTH = 0.25
"""By which share of what it was the server's memory may be up after a crowd has left."""

SESSION_KEPT_S = 1
"""How long Streamlit keeps the session of a visitor who has left, here; it is forgotten when the next one leaves."""

_SAME_PX = 0.6
_PATIENCE_S = 120.0
_SEEN = "marks => marks.map(mark => [mark.dataset.mark, [Number(mark.dataset.x), Number(mark.dataset.y)]])"
_NOTHING_CHOSEN = "Choose or take a photo"
_AT_REST = '[data-test-script-state="notRunning"]'


@dataclass(frozen=True)
class Case:
    """A photo's file, and the positions of its marks; none where it is refused or cannot be read."""

    file: Path
    marks: dict[str, Point]


def photos(locator: Locator, folder: Path) -> Iterator[Case]:
    """Photos without end, no two of which have the same answer: the samples, ever further shifted and turned."""
    samples = sorted(resources.path("sample_images").glob("*.jpg"))
    for number, sample in enumerate(itertools.cycle(samples)):
        rgb = np.pad(sources.read(sample).rgb, ((5 * number, 0), (7 * number, 0), (0, 0)), mode="edge")
        file = folder / f"photo-{number}.jpg"
        Image.fromarray(np.rot90(rgb, number % 3)).save(file, quality=95)
        outcome = locator.locate(file).outcome
        points = outcome.points if isinstance(outcome, Location) else ()
        yield Case(file, {f"{point.code}/{point.side.value}": (point.x_px, point.y_px) for point in points})


def bombs(folder: Path) -> Iterator[Case]:
    """Every bomb, again and again."""
    import hostile  # of the tests, which nobody else here needs

    kinds = (hostile.pixel_bombs, hostile.tile_bombs, hostile.work_bombs, hostile.frame_bombs)
    made: list[Case] = []
    for name, data in itertools.chain.from_iterable(kind().items() for kind in kinds):
        (format,) = set(re.findall("png|jpeg|webp|heic|avif", name))
        made.append(Case(folder / f"bomb-{len(made)}.{format}", {}))
        made[-1].file.write_bytes(data)
    return itertools.cycle(made)


class Visitor:
    """A browser session on the photo page that uploads one file after the other.

    Attributes:
        took_s: how long the answer to each took.
        is_wrong: whether marks were seen that are not those of the photo.
        is_done: whether all have been answered.
    """

    def __init__(self, browser: Browser, url: str, cases: Iterable[Case]) -> None:
        self.took_s: list[float] = []
        self.is_wrong = self.is_done = False
        self._cases = iter(cases)
        self._case: Case | None = None
        self._context = browser.new_context(viewport={"width": 1280, "height": 900})
        self.page = self._context.new_page()
        self.page.goto(url)
        self.page.get_by_text(_NOTHING_CHOSEN).wait_for(timeout=60_000)

    def go_on(self) -> None:
        """Look at the page; take back a file that has been answered, and upload the next one after that."""
        is_at_rest = self.page.locator(_AT_REST).count() == 1
        if self._case is None:
            if is_at_rest and self.page.get_by_text(_NOTHING_CHOSEN).is_visible():
                self._choose()
            return
        marks = self.marks()
        self.is_wrong = self.is_wrong or not _are_among(marks, self._case.marks)
        is_refused = self.page.get_by_text("No points were marked").is_visible()
        if is_at_rest and marks.keys() == self._case.marks.keys() and is_refused != bool(marks):
            self.took_s.append(time.monotonic() - self._start_s)
            self._case = None
            self.page.get_by_role("button", name="Forget this photo").click()

    def marks(self) -> dict[str, Point]:
        """The positions of the marks that are shown now."""
        return {name: (x, y) for name, (x, y) in self.page.locator("[data-mark]").evaluate_all(_SEEN)}

    def leave(self) -> None:
        """Close the window."""
        self._context.close()

    def _choose(self) -> None:
        self._case = next(self._cases, None)
        self.is_done = self._case is None
        self._start_s = time.monotonic()
        if self._case:
            self.page.locator("input[type=file]").first.set_input_files(self._case.file)


def _are_among(marks: dict[str, Point], expected: dict[str, Point]) -> bool:
    return all(
        name in expected and np.hypot(x - expected[name][0], y - expected[name][1]) < _SAME_PX
        for name, (x, y) in marks.items()
    )


@dataclass(frozen=True)
class Came:
    """What came of a crowd: how many photos had their own answers and how soon, ascending, and how many bombs had."""

    took_s: list[float]
    is_right: bool
    bombs: int


def crowd(browser: Browser, url: str, cases: Sequence[Sequence[Case]], bomb_cases: Iterable[Case] = ()) -> Came:
    """Visitors with some photos each, all at once, and a bomber among them; then all leave."""
    bomber = Visitor(browser, url, bomb_cases)
    visitors = [Visitor(browser, url, own) for own in cases]
    end_s = time.monotonic() + _PATIENCE_S
    while not all(visitor.is_done for visitor in visitors) and time.monotonic() < end_s:
        for visitor in (bomber, *visitors):
            visitor.go_on()
    for visitor in (bomber, *visitors):
        visitor.leave()
    took_s = sorted(itertools.chain.from_iterable(visitor.took_s for visitor in visitors))
    is_right = all(visitor.is_done and not visitor.is_wrong for visitor in visitors) and not bomber.is_wrong
    return Came(took_s, is_right, len(bomber.took_s))


def forget(browser: Browser, url: str) -> None:
    """Have Streamlit end the sessions of those who have left; the next visitor who leaves makes it do so."""
    time.sleep(SESSION_KEPT_S + 1)
    Visitor(browser, url, ()).leave()
    time.sleep(1)


def memory_mb(process: int, peak: bool = False) -> float:
    """The memory of a process now, or its peak since it was last forgotten."""
    status = Path(f"/proc/{process}/status").read_text()
    found = re.search(rf"{'VmHWM' if peak else 'VmRSS'}:\s+(\d+)", status)
    assert found
    return int(found[1]) / 1024


def forget_peak(process: int) -> None:
    """Let the peak of a process's memory be what it takes now."""
    Path(f"/proc/{process}/clear_refs").write_text("5")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=10)
    parser.add_argument("--photos", type=int, default=4, help="of each session")
    parser.add_argument("--rounds", type=int, default=1)
    asked = parser.parse_args()
    app = resources.path("app.py")
    env = {"STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL": str(SESSION_KEPT_S)}
    with tempfile.TemporaryDirectory() as name, chromium() as browser, serving(app, **env) as (url, process):
        made, thrown = photos(Locator(), Path(name)), bombs(Path(name))
        alone = crowd(browser, url, [list(itertools.islice(made, asked.photos))])
        forget(browser, url)
        before_mb = memory_mb(process)
        print(f"one visitor alone: {_median(alone.took_s)} in the median; then the server takes {before_mb:.0f} MB")
        print("round  own answers  median  slowest  bombs  memory: peak  after they left", flush=True)
        fits = alone.is_right
        for number in range(1, asked.rounds + 1):
            cases = [list(itertools.islice(made, asked.photos)) for _ in range(asked.sessions)]
            forget_peak(process)
            came = crowd(browser, url, cases, thrown)
            forget(browser, url)
            peak_mb, after_mb = memory_mb(process, peak=True), memory_mb(process)
            growth = after_mb / before_mb - 1
            print(
                f"{number:5}  {len(came.took_s):4} of {asked.sessions * asked.photos:3} {_median(came.took_s):>7} "
                f"{max(came.took_s, default=math.nan):6.1f} s {came.bombs:6} {peak_mb:10.0f} MB "
                f"{after_mb:6.0f} MB, {growth:+.0%}{'' if came.is_right else '  WRONG'}",
                flush=True,
            )
            fits = fits and came.is_right and growth <= MOST_GROWTH
    return 0 if fits else 1


def _median(times_s: list[float]) -> str:
    return f"{statistics.median(times_s):.1f} s" if times_s else "none"


if __name__ == "__main__":
    sys.exit(main())
