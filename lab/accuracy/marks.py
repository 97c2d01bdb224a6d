"""How near the marks come to the truth, beside the naive method in the same run.

    python -m lab.accuracy.marks DIR [--json FILE] [--sheet FILE] [--model NAME | --handles]

DIR holds pictures with truth (``lab.data.truth``). An answer is wrong when its marks are off by more than 50 mm in
the mean, or when its sides are swapped; one that is upside down is both. With ``--handles`` the photos are not read:
the handles are put where the landmarks truly are.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from lab.accuracy import naive
from lab.data import truth
from locator import Location, Locator, Result, api
from locator.core import native_log
from locator.core.anchors import Anchors, SetBy
from locator.core.arrays import FloatArray
from locator.core.body import LANDMARKS, OTHER_SIDE, Pose
from locator.draw import raster
from locator.estimate.pose_model import MediaPipePose
from locator.models import registry
from locator.photo import encoding, resizing, sources

WRONG_MM = 50.0


@dataclass(frozen=True, eq=False)
class Row:
    """One picture's outcome.

    Attributes:
        errors_mm: (11,) distance of each mark from its true place; None unless located.
        naive_mm: (11,) the same for the naive method, on the same keypoints; None with handles.
        radii_mm: (11,) the marks' reading radii.
    """

    known: truth.Truth
    result: Result
    errors_mm: FloatArray | None = None
    naive_mm: FloatArray | None = None
    radii_mm: FloatArray | None = None
    swapped: bool = False

    @property
    def wrong(self) -> bool:
        """Whether the answer would mislead."""
        return self.errors_mm is not None and (bool(self.errors_mm.mean() > WRONG_MM) or self.swapped)


Locate = Callable[[truth.Truth], tuple[Result, "Pose | None"]]
"""One picture's result, and the keypoints that it came from, if any."""


def reader(model: str) -> Locate:
    """Locates by reading the photo."""
    locator = Locator(model)
    estimator = MediaPipePose(partial(registry.bundle, model))

    def locate(known: truth.Truth) -> tuple[Result, Pose | None]:
        photo, result = locator.read(known.picture)
        if photo is None or result.status != "located":
            return result, None
        return result, truth.read_pose(photo.rgb, estimator).pose  # once more, for its keypoints

    return locate


def with_true_handles(known: truth.Truth) -> tuple[Result, Pose | None]:
    """Locates from handles where the landmarks truly are."""
    anchors = Anchors(known.landmarks(), dict.fromkeys(LANDMARKS, SetBy.HAND))
    return api.locate(known.picture, anchors), None


def measure(known: truth.Truth, locate: Locate) -> Row:
    """Locate one picture and compare."""
    result, pose = locate(known)
    location = result.outcome
    if not isinstance(location, Location):
        return Row(known, result)
    found = np.array([(point.x_px, point.y_px) for point in location.points])
    true = np.array([known.mark(point) for point in location.points])
    by_name = {(point.code, point.side): known.mark(point) for point in location.points}
    mirrored = np.array([by_name[point.code, OTHER_SIDE[point.side]] for point in location.points])
    stepped = None
    if pose is not None:
        equal_steps = naive.estimate(pose.joints)
        stepped = np.array([equal_steps[point.code, point.side] for point in location.points])
    radii_px = np.array([point.reading_radius_px for point in location.points])
    error_px = np.linalg.norm(found - true, axis=1)
    return Row(
        known,
        result,
        errors_mm=error_px / known.px_per_mm,
        naive_mm=None if stepped is None else np.linalg.norm(stepped - true, axis=1) / known.px_per_mm,
        radii_mm=radii_px / known.px_per_mm,
        swapped=bool(np.linalg.norm(found - mirrored, axis=1).mean() < error_px.mean()),
    )


def summary(rows: Sequence[Row]) -> dict[str, Any]:
    """Counts and figures of some pictures; distances in mm, over all their marks."""
    located = [row for row in rows if row.errors_mm is not None]
    counts: dict[str, Any] = {
        "pictures": len(rows),
        "answered": len(located),
        "refused": len(rows) - len(located),
        "wrong": sum(row.wrong for row in located),
        "swapped": sum(row.swapped for row in located),
    }
    if located:
        errors = np.concatenate([row.errors_mm for row in located if row.errors_mm is not None])
        radii = np.concatenate([row.radii_mm for row in located if row.radii_mm is not None])
        counts |= {
            "median_mm": round(float(np.median(errors)), 1),
            "p95_mm": round(float(np.quantile(errors, 0.95)), 1),
            "within_10_mm": round(float((errors <= 10).mean()), 3),
            "within_20_mm": round(float((errors <= 20).mean()), 3),
            "inside_reading_radius": round(float((errors <= radii).mean()), 3),
            "mean_reading_radius_mm": round(float(radii.mean()), 1),
            "mean_reading_radius_to_p90": round(float(radii.mean() / np.quantile(errors, 0.9)), 2),
        }
        naive_errors = [row.naive_mm for row in located if row.naive_mm is not None]
        if naive_errors:
            counts["naive_median_mm"] = round(float(np.median(np.concatenate(naive_errors))), 1)
    return counts


def groups(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """All pictures, those that can be judged, those with the head, each crop, arm pose, clothing and rotation."""
    chosen = {"all": list(rows), "T4 to L2 in view": [row for row in rows if row.known.span_in_view]}
    chosen["head in frame"] = [row for row in rows if row.known.config["crop"] in truth.HEAD_IN_FRAME]
    for turn, name in enumerate(("upright", "head to the right", "upside down", "head to the left")):
        chosen[name] = [row for row in rows if row.known.quarter_turns == turn]
    for key in ("crop", "arms", "wear"):
        for value in sorted({row.known.config[key] for row in rows}):
            chosen[f"{key}: {value}"] = [row for row in rows if row.known.config[key] == value]
    return chosen


def contact_sheet(rows: Sequence[Row], count: int = 12, side_px: int = 360) -> bytes:
    """A PNG of the worst answers: marks as drawn, and a cross where each truly is."""
    located = [row for row in rows if row.errors_mm is not None]
    worst = sorted(located, key=lambda row: -float(np.mean(row.errors_mm)) if row.errors_mm is not None else 0)
    columns = 4
    lines = -(-min(count, len(worst)) // columns) or 1
    sheet = np.full((lines * side_px, columns * side_px, 3), 255, np.uint8)
    for index, row in enumerate(worst[:count]):
        location = row.result.outcome
        assert isinstance(location, Location)
        assert row.errors_mm is not None
        picture = raster.draw(sources.read(row.known.picture).rgb, location)
        for point in location.points:
            x, y = (round(float(value)) for value in row.known.mark(point))
            cv2.drawMarker(picture, (x, y), (255, 0, 0), cv2.MARKER_TILTED_CROSS, 10, 2, cv2.LINE_AA)
        small, _ = resizing.shrink(picture, side_px - 24)
        top, left = index // columns * side_px, index % columns * side_px
        sheet[top + 20 : top + 20 + small.shape[0], left + 4 : left + 4 + small.shape[1]] = small
        caption = f"{row.known.picture.stem}: {row.errors_mm.mean():.0f} mm"
        cv2.putText(sheet, caption, (left + 6, top + 14), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (0, 0, 0), 1, cv2.LINE_AA)
    return encoding.encode(sheet, "png")


def _table(summaries: dict[str, dict[str, Any]]) -> Table:
    table = Table(title="Distance of the eleven marks from the truth (mm)")
    columns: list[tuple[str, Callable[[dict[str, Any]], str]]] = [
        ("pictures", lambda s: str(s["pictures"])),
        ("answered", lambda s: f"{s['answered']} ({s['answered'] / max(1, s['pictures']):.0%})"),
        ("refused", lambda s: str(s["refused"])),
        ("wrong", lambda s: str(s["wrong"])),
        ("swapped", lambda s: str(s["swapped"])),
        ("median", lambda s: str(s.get("median_mm", "–"))),
        ("95th", lambda s: str(s.get("p95_mm", "–"))),
        ("≤10 mm", lambda s: f"{s['within_10_mm']:.0%}" if "within_10_mm" in s else "–"),
        ("≤20 mm", lambda s: f"{s['within_20_mm']:.0%}" if "within_20_mm" in s else "–"),
        ("in radius", lambda s: f"{s['inside_reading_radius']:.0%}" if "inside_reading_radius" in s else "–"),
        ("radius : 90th", lambda s: str(s.get("mean_reading_radius_to_p90", "–"))),
        ("naive median", lambda s: str(s.get("naive_median_mm", "–"))),
    ]
    table.add_column("")
    for name, _ in columns:
        table.add_column(name, justify="right")
    for group, figures in summaries.items():
        table.add_row(group, *(show(figures) for _, show in columns))
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", type=Path, default=Path("lab/out/accuracy.json"))
    parser.add_argument("--sheet", type=Path, default=Path("lab/out/accuracy-worst.png"))
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--model", choices=registry.names(), default=registry.DEFAULT)
    how.add_argument("--handles", action="store_true")
    options = parser.parse_args()
    native_log.silence()
    known = list(truth.read(options.folder))
    if not known:
        parser.error(f"{options.folder} holds no pictures with truth beside them")
    locate = with_true_handles if options.handles else reader(options.model)
    rows = [measure(one, locate) for one in track(known, "Reading", console=Console(stderr=True), transient=True)]
    summaries = {name: summary(chosen) for name, chosen in groups(rows).items() if chosen}
    Console(width=150).print(_table(summaries))
    for file in (options.json, options.sheet):
        file.parent.mkdir(parents=True, exist_ok=True)
    pictures = [
        {
            "picture": row.known.picture.name,
            "status": row.result.status,
            "reason": getattr(row.result.outcome, "code", None),
            "mean_mm": None if row.errors_mm is None else round(float(row.errors_mm.mean()), 1),
        }
        for row in rows
    ]
    report = {"read_by": "handles" if options.handles else options.model, "groups": summaries, "pictures": pictures}
    options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    options.sheet.write_bytes(contact_sheet(rows))
    print(f"figures in {options.json}, the worst answers in {options.sheet}")


if __name__ == "__main__":
    main()
