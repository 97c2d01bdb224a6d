"""What a marked photo and its exports cost, as ratios to bare decode, pose detection and encode in the same process.

    python -m benchmarks.speed [--photo FILE] [--rounds N] [--json FILE]

Without a photo, a sample enlarged to twelve megapixels with the grain of a camera is used.
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

from locator import Locator, back, export, images, looks, models, native_log, resources
from locator.pose import MediaPipePose

_TWELVE_MEGAPIXELS = (3024, 4032)
_QUALITY = 92


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photo", type=Path)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", type=Path, default=Path("benchmarks/out/speed.json"))
    options = parser.parse_args()
    native_log.silence()
    photo = options.photo.read_bytes() if options.photo else _twelve_megapixels()
    report = {
        **_photo(photo, options.rounds),
        **_inference(photo, options.rounds),
        **_exports(photo, options.rounds),
        **_start(options.rounds),
        **_cold(photo, options.rounds),
    }
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    table = Table(title="Speed")
    table.add_column("measure")
    table.add_column("value", justify="right")
    for name, value in report.items():
        table.add_row(name, str(value))
    Console().print(table)


def _twelve_megapixels() -> bytes:
    rgb = images.read(resources.path("sample_images") / "standing.jpg").rgb
    large = np.asarray(Image.fromarray(rgb).resize(_TWELVE_MEGAPIXELS, Image.Resampling.BICUBIC), np.int16)
    grain = np.random.default_rng(0).normal(0, 3, large.shape)
    return images.encode(np.clip(large + grain, 0, 255).astype(np.uint8), "jpeg", _QUALITY)


def _photo(photo: bytes, rounds: int) -> dict[str, float]:
    locator = Locator()
    pose = MediaPipePose(models.load()[0])

    def bare() -> None:
        with Image.open(io.BytesIO(photo)) as image:
            rgb = np.asarray(image.convert("RGB"))
        pose.estimate(rgb)
        Image.fromarray(rgb).save(io.BytesIO(), "JPEG", quality=_QUALITY)

    def ours() -> None:
        marked = locator.annotate(photo).rgb
        if marked is None:
            raise SystemExit("the photo is refused; there is nothing to compare")
        images.encode(marked, "jpeg", _QUALITY)

    bare_s, ours_s = _alternating(bare, ours, rounds)
    return {
        "photo: file to marked file (ms)": round(ours_s * 1000),
        "photo: bare decode, detect, encode (ms)": round(bare_s * 1000),
        "photo: ratio": round(ours_s / bare_s, 2),
    }


def _inference(photo: bytes, rounds: int) -> dict[str, float]:
    """Reading a photo that is already small: both networks and one look of the pose model, beside that look alone."""
    small, _ = images.shrink(images.read(photo).rgb, looks.LONGEST_PX)
    pose, (networks, _) = MediaPipePose(models.load()[0]), back.load()

    def both() -> None:
        found = networks.read(small)[0]
        looks.once(small, pose, found.quarter_turns)

    bare_s, both_s = _alternating(partial(pose.estimate, small), both, rounds)
    return {
        "inference: networks and pose model (ms)": round(both_s * 1000),
        "inference: pose model alone (ms)": round(bare_s * 1000),
        "inference: ratio": round(both_s / bare_s, 2),
    }


def _exports(photo: bytes, rounds: int) -> dict[str, float]:
    """Saving a located photo, beside encoding the same pixels without marks."""
    picture, result = Locator().read(photo)
    if picture is None or result.status != "located":
        raise SystemExit("the photo is refused; there is nothing to compare")
    report: dict[str, float] = {}
    for name in ("jpeg", "png"):
        bare_s, ours_s = _alternating(
            partial(images.encode, picture.rgb, name), partial(export.export, name, picture.rgb, result), rounds
        )
        report[f"export: {name} (ms)"] = round(ours_s * 1000)
        report[f"export: bare {name} (ms)"] = round(bare_s * 1000)
        report[f"export: {name} ratio"] = round(ours_s / bare_s, 2)
    return report


def _start(rounds: int) -> dict[str, float]:
    def call(*arguments: str) -> None:
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)

    bare_s, help_s = _alternating(
        partial(call, "-c", "pass"), partial(call, "-m", "locator", "--help"), max(3, rounds // 3)
    )
    return {
        "locator --help (ms)": round(help_s * 1000),
        "starting Python alone (ms)": round(bare_s * 1000),
    }


def _cold(photo: bytes, rounds: int) -> dict[str, float]:
    """The command on one photo, from its start to its end, beside a bare script that does no more than detect."""
    with tempfile.TemporaryDirectory() as folder:
        file, bundle = Path(folder, "photo.jpg"), Path(folder, "pose.task")
        file.write_bytes(photo)
        bundle.write_bytes(models.load()[0])
        peaks: dict[str, list[float]] = {"locator": [], "benchmarks.bare_pose": []}

        def call(module: str, *arguments: str) -> None:
            command = [sys.executable, "-m", module, *arguments]
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            _, status, used = os.wait4(process.pid, 0)
            if status:
                raise SystemExit(f"{module} failed")
            peaks[module].append(used.ru_maxrss / 1024)

        bare_s, ours_s = _alternating(
            partial(call, "benchmarks.bare_pose", str(bundle), str(file)),
            partial(call, "locator", "locate", str(file)),
            max(3, rounds // 3),
        )
        bare_mb, ours_mb = (statistics.median(peaks[name]) for name in ("benchmarks.bare_pose", "locator"))
    return {
        "locator locate, cold (ms)": round(ours_s * 1000),
        "bare script, cold (ms)": round(bare_s * 1000),
        "cold: ratio": round(ours_s / bare_s, 2),
        "locator locate, peak memory (MB)": round(ours_mb),
        "bare script, peak memory (MB)": round(bare_mb),
        "peak memory: ratio": round(ours_mb / bare_mb, 2),
    }


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
