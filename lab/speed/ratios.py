"""What the program costs, as ratios to the bare pose model, and to bare decoding and encoding, in the same run.

    python -m lab.speed.ratios [PART ...] [--rounds N] [--json FILE]

Parts: photo (end to end, by megapixels), inference, export, start (of the command: time and memory), live (a frame),
batch (by jobs), page (from the first visit to the first result, in Chromium). Without any, all of them. Photos are the
samples, enlarged, with the grain of a camera.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image
from rich.console import Console
from rich.table import Table

from lab.data import truth
from lab.speed import live as films
from lab.speed.browsing import chromium, served, until
from locator import Locator
from locator.core import native_log, resources
from locator.estimate import back_estimator, pose_ensemble
from locator.estimate.pose_model import MediaPipePose
from locator.formats.export import export
from locator.live.session import Live
from locator.models import registry
from locator.photo import encoding, sources

_SAMPLES = resources.path("sample_images")
_STANDING = _SAMPLES / "standing.jpg"
_MEGAPIXELS = (0.4, 3, 12, 48)
_USUAL = 12  # megapixels of a phone's photo
_QUALITY = 92
_MOST_COPIES = 12  # of each sample in a batch
_WARM_S = 2.0  # of a film

# Starts Python, and prints how many kilobytes that took at most; a large process would be told of itself.
_WATCHED = """
import resource, subprocess, sys
quiet = dict(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
subprocess.run([sys.executable, *sys.argv[1:]], check=True, **quiet)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""

Report = dict[str, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", nargs="*", metavar="part")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", type=Path, default=Path("lab/out/speed.json"))
    options = parser.parse_args()
    for name in set(options.part) - set(_PARTS):
        parser.error(f"there is no part {name}; there are {', '.join(_PARTS)}")
    native_log.silence()
    report: Report = {}
    for name in options.part or _PARTS:
        report |= _PARTS[name](options.rounds)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    table = Table(title="Speed")
    table.add_column("measure")
    table.add_column("value", justify="right")
    for name, value in report.items():
        table.add_row(name, str(value))
    Console().print(table)


def _enlarged(sample: Path, megapixels: float) -> bytes:
    """A sample as a JPEG of about so many megapixels."""
    rgb = sources.read(sample).rgb
    factor = (megapixels * 1e6 / (rgb.shape[0] * rgb.shape[1])) ** 0.5
    size = round(rgb.shape[1] * factor), round(rgb.shape[0] * factor)
    large = np.asarray(Image.fromarray(rgb).resize(size, Image.Resampling.BICUBIC), np.int16)
    grain = np.random.default_rng(0).normal(0, 3, large.shape).astype(np.float32)
    return encoding.encode(np.clip(large + grain, 0, 255).astype(np.uint8), "jpeg", _QUALITY)


def _photos(rounds: int) -> Report:
    """From a file's bytes to those of the marked photo."""
    locator, pose = Locator(), MediaPipePose(registry.load()[0])
    report: Report = {}
    for megapixels in _MEGAPIXELS:
        report |= _photo(f"photo, {megapixels:g} MP", _enlarged(_STANDING, megapixels), locator, pose, rounds)
    return report


def _photo(name: str, photo: bytes, locator: Locator, pose: MediaPipePose, rounds: int) -> Report:
    def bare() -> None:
        with Image.open(io.BytesIO(photo)) as image:
            rgb = np.asarray(image.convert("RGB"))
        pose.estimate(rgb)
        Image.fromarray(rgb).save(io.BytesIO(), "JPEG", quality=_QUALITY)

    def ours() -> None:
        marked = locator.annotate(photo).rgb
        if marked is None:
            raise SystemExit("the photo is refused; there is nothing to compare")
        encoding.encode(marked, "jpeg", _QUALITY)

    bare_s, ours_s = _alternating(bare, ours, rounds)
    return {
        f"{name}: file to marked file (ms)": round(ours_s * 1000),
        f"{name}: bare decode, detect, encode (ms)": round(bare_s * 1000),
        f"{name}: ratio": round(ours_s / bare_s, 2),
    }


def _inference(rounds: int) -> Report:
    """Reading a photo that is already small: both networks and one look of the pose model, beside that look alone."""
    small = sources.Source(_STANDING).small(pose_ensemble.LONGEST_PX).rgb
    pose, (networks, _) = MediaPipePose(registry.load()[0]), back_estimator.load()

    def both() -> None:
        found = networks.read(small)[0]
        pose_ensemble.predict_view(small, pose, found.quarter_turns)

    bare_s, both_s = _alternating(partial(pose.estimate, small), both, rounds)
    return {
        "inference: networks and pose model (ms)": round(both_s * 1000),
        "inference: pose model alone (ms)": round(bare_s * 1000),
        "inference: ratio": round(both_s / bare_s, 2),
    }


def _exports(rounds: int) -> Report:
    """Saving a located photo, beside encoding the same pixels without marks."""
    picture, result = Locator().read(_enlarged(_STANDING, _USUAL))
    if picture is None or result.status != "located":
        raise SystemExit("the photo is refused; there is nothing to compare")
    report: Report = {}
    for name in ("jpeg", "png"):
        bare_s, ours_s = _alternating(
            partial(encoding.encode, picture.rgb, name), partial(export, name, picture.rgb, result), rounds
        )
        report[f"export: {name} (ms)"] = round(ours_s * 1000)
        report[f"export: bare {name} (ms)"] = round(bare_s * 1000)
        report[f"export: {name} ratio"] = round(ours_s / bare_s, 2)
    return report


def _start(rounds: int) -> Report:
    """The command, from its start to its end, beside a bare script that does no more than detect."""
    with tempfile.TemporaryDirectory() as folder:
        file, bundle = Path(folder, "photo.jpg"), _bundle(Path(folder))
        file.write_bytes(_enlarged(_STANDING, _USUAL))
        peaks: dict[str, list[float]] = {"locator": [], "lab.speed.bare_pose": []}

        def call(module: str, *arguments: str) -> None:
            command = [sys.executable, "-c", _WATCHED, "-m", module, *arguments]
            peaks[module].append(int(subprocess.run(command, check=True, capture_output=True).stdout) / 1024)

        bare_s, ours_s = _alternating(
            partial(call, "lab.speed.bare_pose", str(bundle), str(file)),
            partial(call, "locator", "locate", str(file)),
            max(1, rounds // 3),
        )
    bare_mb, ours_mb = (statistics.median(peaks[name]) for name in ("lab.speed.bare_pose", "locator"))
    alone_s, help_s = _alternating(
        lambda: _started("-c", "pass").wait(), lambda: _started("-m", "locator", "--help").wait(), max(1, rounds // 3)
    )
    return {
        "locator locate, cold (ms)": round(ours_s * 1000),
        "bare script, cold (ms)": round(bare_s * 1000),
        "cold: ratio": round(ours_s / bare_s, 2),
        "locator locate, peak memory (MB)": round(ours_mb),
        "bare script, peak memory (MB)": round(bare_mb),
        "peak memory: ratio": round(ours_mb / bare_mb, 2),
        "locator --help (ms)": round(help_s * 1000),
        "starting Python alone (ms)": round(alone_s * 1000),
    }


def _live(rounds: int) -> Report:
    """A frame of a film, in the median, beside the bare pose model on the same frames."""
    film = films.film(next(one for one in truth.read(_SAMPLES) if one.picture == _STANDING), 0)
    frames = list(film.frames)
    live, pose = Live(Locator()), MediaPipePose(registry.load()[0], video=True)
    times: tuple[list[float], list[float]] = ([], [])
    for number, frame in enumerate(frames):
        moment_s = number / films.RATE
        tasks: list[Callable[[], object]] = [partial(pose.estimate, frame), partial(live.show, frame, moment_s)]
        for task, taken in zip(tasks, times, strict=True):
            start = time.perf_counter()
            task()
            if moment_s >= _WARM_S:
                taken.append(time.perf_counter() - start)
    live.close()
    pose.close()
    bare_s, ours_s = (statistics.median(taken) for taken in times)
    return {
        "live: a frame (ms)": round(ours_s * 1000, 1),
        "live: bare pose model (ms)": round(bare_s * 1000, 1),
        "live: ratio": round(ours_s / bare_s, 2),
    }


def _batch(rounds: int) -> Report:
    """Photos a second of a whole batch, start and end included, beside bare detection by as many processes."""
    report: Report = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bundle, photos = _bundle(folder), folder / "photos"
        photos.mkdir()
        for sample in sorted(_SAMPLES.glob("*.jpg")):
            photo = _enlarged(sample, _USUAL)
            for copy in range(min(rounds, _MOST_COPIES)):  # a byte behind its end makes another file of it
                (photos / f"{sample.stem}_{copy:02}.jpg").write_bytes(photo + bytes([copy]))
        files = [str(file) for file in sorted(photos.iterdir())]
        runs = 0

        def ours(jobs: int) -> None:
            nonlocal runs
            runs += 1
            _ended("-m", "locator", "batch", str(photos), "--out", str(folder / f"out{runs}"), "--jobs", str(jobs))

        def bare(jobs: int) -> None:
            _ended("-m", "lab.speed.bare_pose", str(bundle), *files, "--jobs", str(jobs))

        rates: dict[int, tuple[float, float]] = {}
        for jobs in sorted({1, os.cpu_count() or 1}):
            bare_s, ours_s = _alternating(partial(bare, jobs), partial(ours, jobs), max(1, rounds // 5))
            rates[jobs] = len(files) / bare_s, len(files) / ours_s
            report |= {
                f"batch, {jobs} jobs: photos a second": round(len(files) / ours_s, 2),
                f"batch, {jobs} jobs: bare detection, photos a second": round(len(files) / bare_s, 2),
                f"batch, {jobs} jobs: ratio": round(bare_s / ours_s, 2),
            }
        most = max(rates)
        report[f"batch: {most} jobs over one"] = round(rates[most][1] / rates[1][1], 2)
    return report


def _page(rounds: int) -> Report:
    """From the first visit of a fresh server to the first result, beside the least page that detects."""
    with tempfile.TemporaryDirectory() as name, chromium() as browser:
        photo, bundle = Path(name, "photo.jpg"), _bundle(Path(name))
        photo.write_bytes(_enlarged(_STANDING, _USUAL))

        def visit(file: Path, shown: str, count: int) -> float:
            with served(file, BUNDLE=str(bundle)) as url:
                context = browser.new_context(viewport={"width": 1280, "height": 900})
                page = context.new_page()
                start = time.perf_counter()
                page.goto(url)
                page.locator("input[type=file]").first.wait_for(state="attached")
                page.locator("input[type=file]").first.set_input_files(photo)
                until(page, lambda: page.locator(shown).count() >= count, timeout_s=120)
                taken = time.perf_counter() - start
                context.close()
                return taken

        times: tuple[list[float], list[float]] = ([], [])
        for _ in range(max(1, rounds // 3)):
            times[0].append(visit(Path(__file__).with_name("bare_page.py"), "[data-testid=stImage] img", 1))
            times[1].append(visit(resources.path("app.py"), "[data-mark]", 11))
    bare_s, ours_s = (statistics.median(taken) for taken in times)
    return {
        "page: from the visit to the first marks (ms)": round(ours_s * 1000),
        "page: the least page that detects (ms)": round(bare_s * 1000),
        "page: ratio": round(ours_s / bare_s, 2),
    }


_PARTS: dict[str, Callable[[int], Report]] = {
    "photo": _photos,
    "inference": _inference,
    "export": _exports,
    "start": _start,
    "live": _live,
    "batch": _batch,
    "page": _page,
}


def _bundle(folder: Path) -> Path:
    """The pose model as a file."""
    file = folder / "pose.task"
    file.write_bytes(registry.load()[0])
    return file


def _started(*arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, *arguments]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _ended(*arguments: str) -> None:
    status = _started(*arguments).wait()
    if status not in (0, 3):  # 3: some were refused, as some samples are there to be
        raise SystemExit(f"{' '.join(arguments[:3])} ended with {status}")


def _alternating(first: Callable[[], object], second: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Median seconds of each, run in turn so that a busy moment hits both; one round before does not count."""
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(rounds + 1):
        for task, taken in zip((first, second), times, strict=True):
            start = time.perf_counter()
            task()
            if turn:
                taken.append(time.perf_counter() - start)
    return statistics.median(times[0]), statistics.median(times[1])


if __name__ == "__main__":
    main()
