"""What the program costs, as ratios to the bare pose model, and to bare decoding and encoding, in the same run.

    python -m lab.speed.ratios [PART ...] [--rounds N] [--most MEGAPIXELS] [--json FILE]

Parts: photo (end to end, by megapixels), inference, export, start (of the command: time and memory), live (a frame),
batch (by jobs), page (from the first visit to the first result, in Chromium), stream (frames a second that viewers
get), sessions (memory of the page). Without any, all of them, in some six minutes. Photos are the samples, enlarged,
with the grain of a camera. Every row tells the median of its rounds and their spread, from the first to the last tenth;
what takes long has fewer rounds. Figures count only from a machine that does nothing else. With ``--most`` no photo is
larger: enough to see that everything runs.
"""

from __future__ import annotations

import argparse
import io
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image
from rich.console import Console
from rich.table import Table

from lab.data import truth
from lab.speed import filming, streaming
from lab.speed import live as films
from lab.speed.browsing import chromium, served, serving, until
from lab.speed.crowd import memory_mb
from lab.speed.figures import Asked, Figure, Report, compared, in_turn
from lab.speed.photos import QUALITY, SAMPLES, SMALL, STANDING, USUAL, enlarged
from locator import Locator
from locator.core import native_log, resources
from locator.estimate import pose_ensemble
from locator.estimate.pose_model import MediaPipePose
from locator.formats.export import export
from locator.live.session import Live
from locator.models import registry
from locator.photo import encoding, light, sources

if TYPE_CHECKING:
    from playwright.sync_api import Page

_MEGAPIXELS = (SMALL, 3, USUAL, 48)
_MOST_COPIES = 2  # of each sample in a batch
_SAMPLES_A_ROUND = 4  # of a batch, so that a single round is soon over
_WARM_S = 2.0  # of a film
_SESSIONS = 10
_MARKS = 11

# What is asked of a row: at most, or with a minus at least.
_ASKED = {
    **{
        f"photo, {megapixels} MP: ratio": most
        for megapixels, most in (("0.4", 1.3), ("3", 1.3), ("12", 0.8), ("48", 0.8))
    },
    "cold, 0.4 MP: ratio": 1.0,
    "cold, 12 MP: ratio": 0.7,
    "cold, 12 MP: peak memory, ratio": 0.6,
    "help: locator --help (ms)": 150,
    "page: ratio": 1.2,
    "batch, 2 jobs: ratio": -1.0,
    "batch: 2 jobs over one": -1.8,
    "live: beside networks and pose model (ms)": 3,
    "stream, 1 viewers: frames a second": -30,
    "stream, 2 viewers: frames a second": -25,
    f"page, {_SESSIONS} sessions: memory (MB)": 450,
}

# Starts Python, and prints how many kilobytes that took at most; a large process would be told of itself.
_WATCHED = """
import resource, subprocess, sys
quiet = dict(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
subprocess.run([sys.executable, *sys.argv[1:]], check=True, **quiet)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", nargs="*", metavar="part")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--most", type=float, default=_MEGAPIXELS[-1], metavar="MEGAPIXELS")
    parser.add_argument("--json", type=Path, default=Path("lab/out/speed.json"))
    options = parser.parse_args()
    for name in set(options.part) - set(_PARTS):
        parser.error(f"there is no part {name}; there are {', '.join(_PARTS)}")
    native_log.silence()
    report: Report = {}
    for name in options.part or _PARTS:
        report |= _PARTS[name](Asked(options.rounds, options.most))
    options.json.parent.mkdir(parents=True, exist_ok=True)
    told = {name: {"median": one.median, "spread": one.spread, "rounds": one.values} for name, one in report.items()}
    options.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    Console(width=120).print(_table(report))


def _table(report: Report) -> Table:
    table = Table(title="Speed", caption="spread: from the first to the last tenth of the rounds")
    table.add_column("measure")
    for column in ("median", "spread", "rounds", "asked"):
        table.add_column(column, justify="right")
    for name, one in report.items():
        asked = _ASKED.get(name)
        low, high = one.spread
        table.add_row(
            name,
            f"{one.median:.4g}",
            f"{low:.4g} to {high:.4g}",
            str(len(one.values)),
            "" if asked is None else f"at most {asked:g}" if asked > 0 else f"at least {-asked:g}",
        )
    return table


def _photos(asked: Asked) -> Report:
    """From a file's bytes to those of the marked photo."""
    locator, pose = Locator(), MediaPipePose(registry.bundle)
    report: Report = {}
    for megapixels in asked.sizes(*_MEGAPIXELS):
        report |= _photo(f"photo, {megapixels:g} MP", enlarged(STANDING, megapixels), locator, pose, asked.rounds)
    return report


def _photo(name: str, photo: bytes, locator: Locator, pose: MediaPipePose, rounds: int) -> Report:
    def bare() -> None:
        with Image.open(io.BytesIO(photo)) as image:
            rgb = np.asarray(image.convert("RGB"))
        pose.estimate(rgb)
        Image.fromarray(rgb).save(io.BytesIO(), "JPEG", quality=QUALITY)

    def ours() -> None:
        marked = locator.annotate(photo).rgb
        if marked is None:
            raise SystemExit("the photo is refused; there is nothing to compare")
        encoding.encode(marked, "jpeg", QUALITY)

    bare_s, ours_s = in_turn(rounds, bare, ours)
    return compared(f"{name}: file to marked file", f"{name}: bare decode, detect, encode", ours_s, bare_s)


def _inference(asked: Asked) -> Report:
    """Reading a photo that is already small, by networks and pose model, beside one look of the pose model alone."""
    small = sources.Source(STANDING).small(pose_ensemble.LONGEST_PX).rgb
    pose, locator, seen = MediaPipePose(registry.bundle), Locator(), light.measure(small)
    bare_s, both_s = in_turn(asked.rounds, partial(pose.estimate, small), partial(locator.predict, small, seen))
    return compared("inference: networks and pose model", "inference: pose model alone", both_s, bare_s)


def _exports(asked: Asked) -> Report:
    """Saving a located photo, beside encoding the same pixels without marks."""
    picture, result = Locator().read(enlarged(STANDING, asked.sizes(USUAL)[0]))
    if picture is None or result.status != "located":
        raise SystemExit("the photo is refused; there is nothing to compare")
    report: Report = {}
    for name in ("jpeg", "png"):
        bare_s, ours_s = in_turn(
            asked.rounds, partial(encoding.encode, picture.rgb, name), partial(export, name, picture.rgb, result)
        )
        report |= compared(f"export {name}: ours", f"export {name}: bare", ours_s, bare_s)
    return report


def _start(asked: Asked) -> Report:
    """The command, from its start to its end, beside a bare script that does no more than detect."""
    report: Report = {}
    with tempfile.TemporaryDirectory() as folder:
        bundle, _ = registry.load()
        for megapixels in asked.sizes(SMALL, USUAL):
            file = Path(folder, f"{megapixels:g}.jpg")
            file.write_bytes(enlarged(STANDING, megapixels))
            report |= _cold(f"cold, {megapixels:g} MP", file, bundle, asked.rounds)
    alone_s, help_s = in_turn(
        asked.rounds, lambda: _started("-c", "pass").wait(), lambda: _started("-m", "locator", "--help").wait()
    )
    return report | {
        "help: locator --help (ms)": help_s.times(1000),
        "help: starting Python alone (ms)": alone_s.times(1000),
    }


def _cold(name: str, file: Path, bundle: Path, rounds: int) -> Report:
    peaks: dict[str, list[float]] = {"locator": [], "lab.speed.bare_pose": []}

    def call(module: str, *arguments: str) -> None:
        command = [sys.executable, "-c", _WATCHED, "-m", module, *arguments]
        peaks[module].append(int(subprocess.run(command, check=True, capture_output=True).stdout) / 1024)

    bare_s, ours_s = in_turn(
        rounds,
        partial(call, "lab.speed.bare_pose", str(bundle), str(file)),
        partial(call, "locator", "locate", str(file)),
    )
    bare_mb, ours_mb = (Figure(tuple(peaks[module])) for module in ("lab.speed.bare_pose", "locator"))
    return {
        **compared(f"{name}: locator locate", f"{name}: bare script", ours_s, bare_s),
        f"{name}: locator locate, peak memory (MB)": ours_mb,
        f"{name}: bare script, peak memory (MB)": bare_mb,
        f"{name}: peak memory, ratio": ours_mb.over(bare_mb),
    }


def _live(asked: Asked) -> Report:
    """Each frame of a film, a second of it a round, beside the bare pose model on the same frames."""
    film = films.film(next(one for one in truth.read(SAMPLES) if one.picture == STANDING), 0)
    live, pose = Live(Locator()), MediaPipePose(registry.bundle, video=True)
    watch = films.Watch()
    bare_ms, ours_ms, beside_ms = [], [], []
    with watch.watching():
        frames = itertools.islice(film.frames, round((_WARM_S + asked.rounds) * films.RATE))
        for number, frame in enumerate(frames):
            start = time.perf_counter()
            pose.estimate(frame)
            between = time.perf_counter()
            watch.spent_s = 0.0
            live.show(frame, number / films.RATE)
            passed_s = time.perf_counter() - between
            if number / films.RATE >= _WARM_S:
                bare_ms.append((between - start) * 1000)
                ours_ms.append(passed_s * 1000)
                beside_ms.append((passed_s - watch.spent_s) * 1000)
    live.close()
    pose.close()
    ours, bare = Figure(tuple(ours_ms)), Figure(tuple(bare_ms))
    return {
        "live: a frame (ms)": ours,
        "live: bare pose model (ms)": bare,
        "live: ratio": ours.over(bare),
        "live: beside networks and pose model (ms)": Figure(tuple(beside_ms)),
    }


def _batch(asked: Asked) -> Report:
    """Photos a second of a whole batch, start and end included, beside bare detection by as many processes."""
    report: Report = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (bundle, _), photos = registry.load(), folder / "photos"
        photos.mkdir()
        for sample in sorted(SAMPLES.glob("*.jpg"))[: _SAMPLES_A_ROUND * asked.rounds]:
            photo = enlarged(sample, asked.sizes(USUAL)[0])
            for copy in range(min(asked.rounds, _MOST_COPIES)):  # a byte behind its end makes another file of it
                (photos / f"{sample.stem}_{copy:02}.jpg").write_bytes(photo + bytes([copy]))
        files = [str(file) for file in sorted(photos.iterdir())]
        runs = 0

        def ours(jobs: int) -> None:
            nonlocal runs
            runs += 1
            _ended("-m", "locator", "batch", str(photos), "--out", str(folder / f"out{runs}"), "--jobs", str(jobs))

        def bare(jobs: int) -> None:
            _ended("-m", "lab.speed.bare_pose", str(bundle), *files, "--jobs", str(jobs))

        ours_s: dict[int, Figure] = {}
        for jobs in sorted({1, os.cpu_count() or 1}):
            bare_s, ours_s[jobs] = in_turn(max(1, asked.rounds // 3), partial(bare, jobs), partial(ours, jobs))
            report |= {
                f"batch, {jobs} jobs: photos a second": ours_s[jobs].inverse(len(files)),
                f"batch, {jobs} jobs: bare detection, photos a second": bare_s.inverse(len(files)),
                f"batch, {jobs} jobs: ratio": bare_s.over(ours_s[jobs]),
            }
        most = max(ours_s)
        report[f"batch: {most} jobs over one"] = ours_s[1].over(ours_s[most])
    return report


def _page(asked: Asked) -> Report:
    """From the first visit of a fresh server to the first result, beside the least page that detects."""
    with tempfile.TemporaryDirectory() as name, chromium() as browser:
        photo, (bundle, _) = Path(name, "photo.jpg"), registry.load()
        photo.write_bytes(enlarged(STANDING, asked.sizes(USUAL)[0]))

        def visit(file: Path, shown: str, count: int) -> float:
            with served(file, BUNDLE=str(bundle)) as url:
                context = browser.new_context(viewport={"width": 1280, "height": 900})
                page = context.new_page()
                start = time.perf_counter()
                _give(page, url, photo, shown, count)
                taken = time.perf_counter() - start
                context.close()
                return taken

        bare_s, ours_s = [], []
        for _ in range(max(1, asked.rounds // 3)):
            bare_s.append(visit(Path(__file__).with_name("bare_page.py"), "[data-testid=stImage] img", 1))
            ours_s.append(visit(resources.path("app.py"), "[data-mark]", _MARKS))
    return compared(
        "page: from the visit to the first marks",
        "page: the least page that detects",
        Figure(tuple(ours_s)),
        Figure(tuple(bare_s)),
    )


def _give(page: Page, url: str, photo: Path, shown: str, count: int) -> None:
    """Open a page, choose a photo there, and wait for what is shown then."""
    page.goto(url)
    page.locator("input[type=file]").first.wait_for(state="attached")
    page.locator("input[type=file]").first.set_input_files(photo)
    until(page, lambda: page.locator(shown).count() >= count)


def _stream(asked: Asked) -> Report:
    """Frames a second that the slowest of one or two viewers gets, at 640 × 480, every two seconds."""
    report: Report = {}
    with tempfile.TemporaryDirectory() as name:
        camera = filming.film(Path(name) / "back.mjpeg", sources.read(STANDING).rgb)
        for viewers in (1, 2):
            with streaming.serving(Path(name)) as server, chromium(*filming.flags(camera)) as browser:
                rates = streaming.rates_in_turn(server, browser, viewers, asked.rounds)
                report[f"stream, {viewers} viewers: frames a second"] = Figure(tuple(rates))
    return report


def _sessions(asked: Asked) -> Report:
    """The memory of a page where several visitors have a photo open; it is measured once."""
    with (
        tempfile.TemporaryDirectory() as name,
        chromium() as browser,
        serving(resources.path("app.py")) as (url, process),
    ):
        photo = Path(name, "photo.jpg")
        photo.write_bytes(enlarged(STANDING, SMALL))
        for _ in range(_SESSIONS):
            _give(browser.new_context().new_page(), url, photo, "[data-mark]", _MARKS)
        return {
            f"page, {_SESSIONS} sessions: memory (MB)": Figure.of(memory_mb(process)),
            f"page, {_SESSIONS} sessions: peak memory (MB)": Figure.of(memory_mb(process, peak=True)),
        }


_PARTS: dict[str, Callable[[Asked], Report]] = {
    "photo": _photos,
    "inference": _inference,
    "export": _exports,
    "start": _start,
    "live": _live,
    "batch": _batch,
    "page": _page,
    "stream": _stream,
    "sessions": _sessions,
}


def _started(*arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, *arguments]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _ended(*arguments: str) -> None:
    status = _started(*arguments).wait()
    if status not in (0, 3):  # 3: some were refused, as some samples are there to be
        raise SystemExit(f"{' '.join(arguments[:3])} ended with {status}")


if __name__ == "__main__":
    main()
