"""How still the marks of a video are on a still body, how far they lag behind a moving one, and what a frame costs.

    python -m lab.speed.live DIR [--count N] [--json FILE]

DIR holds pictures with true positions beside them. From each a film is made at 640 × 480 and 30 frames a second, with
the blur of its motion, fresh noise and JPEG in every frame: two seconds to settle, three still, then 20 cm to the side
in half a second, and still again. How a mark moves in it is known; where it should lie, ``lab.accuracy.marks`` asks.
Times are those of the processing alone, beside the bare pose model on the same frames.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from lab.data.truth import Truth, read
from locator import Locator
from locator.core import native_log
from locator.core.arrays import FloatArray, RGBArray
from locator.estimate.pose_model import MediaPipePose
from locator.live.session import Live
from locator.models import registry
from locator.models.heatmap_network import HeatmapNetwork
from locator.photo import sources

SIZE = (640, 480)
RATE = 30
_SETTLE_S, _STILL_S, _MOVE_S, _AFTER_S = 2.0, 3.0, 0.5, 1.0
_WAY_MM = 200.0
_SHUTTER_S = 1 / 60
_NOISE, _JPEG = 4.0, 85  # grey levels (SD), quality
_LONGEST_LAG_S = 0.3


@dataclass(frozen=True, eq=False)
class Film:
    """A body that keeps still and then moves.

    Attributes:
        px_per_mm: in the frames.
        way_px: (2,) px by which it moves in all.
    """

    frames: Iterator[RGBArray]
    px_per_mm: float
    way_px: FloatArray


def gone(time_s: float) -> float:
    """The share of the way that the body has gone: at rest before and after, fastest in the middle."""
    share = min(max((time_s - _SETTLE_S - _STILL_S) / _MOVE_S, 0.0), 1.0)
    return share * share * (3 - 2 * share)


def film(truth: Truth, seed: int) -> Film:
    """The film of one picture, turned upright and as high as the frame."""
    upright = np.rot90(sources.read(truth.picture).rgb, truth.quarter_turns)
    scale = SIZE[1] / upright.shape[0]
    fitted = cv2.resize(upright, (round(upright.shape[1] * scale), SIZE[1]), interpolation=cv2.INTER_AREA)
    way = np.array([_WAY_MM * truth.px_per_mm * scale, 0.0])
    rng = np.random.default_rng(seed)

    def shot(share: float) -> RGBArray:
        left = (SIZE[0] - fitted.shape[1]) / 2 + (share - 0.5) * way[0]
        move = np.array([[1.0, 0.0, left], [0.0, 1.0, 0.0]])
        return np.asarray(cv2.warpAffine(fitted, move, SIZE, borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8)

    def frames() -> Iterator[RGBArray]:
        for number in range(round((_SETTLE_S + _STILL_S + _MOVE_S + _AFTER_S) * RATE)):
            shares = {gone(moment) for moment in number / RATE + np.linspace(-_SHUTTER_S, 0, 4)}
            sharp = np.mean([shot(share).astype(np.float32) for share in shares], axis=0)
            noisy = np.clip(sharp + rng.normal(0, _NOISE, sharp.shape), 0, 255).astype(np.uint8)
            _, data = cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, _JPEG])
            yield np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), dtype=np.uint8)

    return Film(frames(), truth.px_per_mm * scale, way)


class Watch:
    """Adds up the time that is spent in the networks and the pose model."""

    def __init__(self) -> None:
        self.spent_s = 0.0

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch both as long as this is entered."""
        before = HeatmapNetwork.predict, MediaPipePose.estimate
        self.on(HeatmapNetwork, "predict")
        self.on(MediaPipePose, "estimate")
        try:
            yield
        finally:
            HeatmapNetwork.predict, MediaPipePose.estimate = before  # type: ignore[method-assign]

    def on(self, owner: Any, name: str) -> None:
        """Watch a method."""
        method = getattr(owner, name)

        def timed(*args: Any) -> Any:
            started = time.perf_counter()
            try:
                return method(*args)
            finally:
                self.spent_s += time.perf_counter() - started

        setattr(owner, name, timed)


def measure(locator: Locator, watch: Watch, truth: Truth, seed: int) -> dict[str, Any]:
    """What one film comes to; only its times where the back is not followed throughout."""
    made = film(truth, seed)
    live = Live(locator)
    times, positions, whole_ms, beside_ms = [], [], [], []
    try:
        for number, frame in enumerate(made.frames):
            watch.spent_s, started = 0.0, time.perf_counter()
            shown = live.show(frame, number / RATE)
            passed_s = time.perf_counter() - started
            whole_ms.append(passed_s * 1000)
            beside_ms.append((passed_s - watch.spent_s) * 1000)
            if shown.location and shown.strength == 1.0:
                times.append(number / RATE)
                positions.append([(point.x_px, point.y_px) for point in shown.location.points])
    finally:
        live.close()
    report: dict[str, Any] = {
        "picture": truth.picture.name,
        "frame_ms": statistics.median(whole_ms),
        "beside_ms": statistics.median(beside_ms),
        "followed": len([one for one in times if one >= _SETTLE_S]) / (len(whole_ms) - _SETTLE_S * RATE),
    }
    if report["followed"] < 0.98:
        return report
    at, marks = np.array(times), np.array(positions)
    still = marks[(at >= _SETTLE_S) & (at < _SETTLE_S + _STILL_S)]
    tremble = np.sqrt(((still - still.mean(axis=0)) ** 2).sum(axis=2).mean(axis=0)) / made.px_per_mm
    return {**report, "jitter_mm": float(tremble.max()), "lag_ms": _lag_s(at, marks, still.mean(axis=0), made) * 1000}


def _lag_s(at: FloatArray, marks: FloatArray, rest: FloatArray, made: Film) -> float:
    """By how much the way of the marks has to be put forward to lie best on the way of the body."""
    moving = at >= _SETTLE_S + _STILL_S - 0.2
    seen = ((marks[moving] - rest) @ made.way_px / (made.way_px @ made.way_px)).mean(axis=1)
    lags = np.arange(-0.05, _LONGEST_LAG_S, 0.002)
    misses = [np.square(seen - [gone(moment - lag) for moment in at[moving]]).sum() for lag in lags]
    return float(lags[int(np.argmin(misses))])


def bare_pose_ms(frames: list[RGBArray]) -> float:
    """The median time of the bare pose model in VIDEO mode on a frame."""
    pose = MediaPipePose(registry.bundle, video=True)
    spent = []
    for frame in frames:
        started = time.perf_counter()
        pose.estimate(frame)
        spent.append((time.perf_counter() - started) * 1000)
    pose.close()
    return statistics.median(spent)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=12, help="pictures, evenly taken from the folder")
    parser.add_argument("--json", type=Path, default=Path("lab/out/live.json"))
    options = parser.parse_args()
    native_log.silence()
    pictures = [one for one in read(options.folder) if one.span_in_view]
    pictures = pictures[:: max(1, len(pictures) // options.count)][: options.count]
    locator, watch = Locator(), Watch()
    with watch.watching():
        films = [measure(locator, watch, one, seed) for seed, one in enumerate(track(pictures, "Filming"))]
    followed = [one for one in films if "jitter_mm" in one]
    bare = bare_pose_ms(list(film(pictures[0], 0).frames)[:60])
    frame_ms = statistics.median(one["frame_ms"] for one in films)
    report = {
        "films": len(films),
        "followed throughout": len(followed),
        "jitter of the worst mark, mm RMS: median": _median(followed, "jitter_mm"),
        "jitter of the worst mark, mm RMS: worst film": max((one["jitter_mm"] for one in followed), default=None),
        "lag, ms: median": _median(followed, "lag_ms"),
        "lag, ms: worst film": max((one["lag_ms"] for one in followed), default=None),
        "a frame, ms": frame_ms,
        "beside networks and pose model, ms": _median(films, "beside_ms"),
        "a frame over the bare pose model": frame_ms / bare,
    }
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps({**report, "each": films}, indent=1) + "\n", encoding="utf-8")
    table = Table(title="Live")
    table.add_column("measure")
    table.add_column("value", justify="right")
    for name, value in report.items():
        table.add_row(name, f"{value:.2f}" if isinstance(value, float) else str(value))
    Console().print(table)


def _median(films: list[dict[str, Any]], name: str) -> float | None:
    return statistics.median(one[name] for one in films) if films else None


if __name__ == "__main__":
    main()
