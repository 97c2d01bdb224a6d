"""How parts of real photos are read, beside what the pose model alone makes of the whole.

    python -m lab.accuracy.parts PHOTOS [--json FILE]

PHOTOS holds photos and an ``index.json`` (``lab.data.real_photos``); only those that are never trained on are read. A
back that the pose model finds in the whole photo is cut to its trunk, without head and hips, and turned by quarters;
the whole program reads each part. Distances are from the pose model's reading of the whole, which is no truth: it
errs itself. They are reported of what is answered, and of all that is read: where a photo is refused, of the handles
that are offered to be dragged. The same cuts of fronts and sides must not be answered.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from lab.data import real_photos, truth
from locator import Location, Locator, Result
from locator.core import native_log
from locator.core.arrays import FloatArray, RGBArray
from locator.core.body import Joints, Landmarks
from locator.core.similarity import Similarity, turned_picture
from locator.estimate import placing
from locator.estimate.pose_model import MediaPipePose
from locator.models import registry
from locator.models.heatmap_network import OUTSIDE
from locator.photo import sources

# Shares of the way from the shoulders to the hips, as the pose model puts them.
_ABOVE_SHOULDERS = 0.10  # what is kept above them: the neck's base, no head
_ABOVE_HIPS = 0.15  # what is cut off above them
_BESIDE = 0.40  # what is kept beside the widest joints

_TURNS = ("upright", "head to the right", "upside down", "head to the left")
NO_BACKS = {"front": "fronts", "side/other": "sides"}
"""What is no back, by its name in the index."""

_JOINTS = tuple(Joints.__dataclass_fields__)


@dataclass(frozen=True, eq=False)
class Part:
    """A cut of a photo.

    Attributes:
        shows: ``"backs"``, ``"fronts"`` or ``"sides"``.
        hips: whether all below the shoulders is kept.
        turns: quarter turns, clockwise.
        to_photo: (2, 3) from its pixels to the whole photo's.
        whole: the landmarks of a back as read in the whole photo; None of what is no back.
    """

    photo: str
    shows: str
    hips: bool
    turns: int
    rgb: RGBArray
    to_photo: FloatArray
    whole: Landmarks | None = None


@dataclass(frozen=True, eq=False)
class Row:
    """One part's outcome.

    Attributes:
        off: (4,) how far each of the four joints lies from the whole photo's reading, in torso lengths of that; None
            of no back, and of one that was not read.
        astray: whether sides are swapped, or the back lies upside down.
    """

    part: Part
    result: Result
    off: FloatArray | None = None
    astray: bool = False


def cut(rgb: RGBArray, joints: Joints, hips: bool) -> tuple[RGBArray, FloatArray]:
    """The trunk between four joints, upright, without the head and, unless ``hips``, without those.

    Returns:
        The part, grey where the photo ends, and (2, 3) from its pixels to the photo's.
    """
    down = (joints.hip_midpoint - joints.shoulder_midpoint) / joints.torso_px
    right = np.array([down[1], -down[0]])
    turn = np.stack([right, down])  # from the photo's directions to the trunk's
    upright = {name: turn @ (getattr(joints, name) - joints.shoulder_midpoint) for name in _JOINTS}
    beside = max(abs(float(point[0])) for point in upright.values()) + _BESIDE * joints.torso_px
    height, width = rgb.shape[:2]
    corners = (np.array([[0, 0], [width, 0], [0, height], [width, height]]) - joints.shoulder_midpoint) @ turn.T
    lower = np.inf if hips else (1 - _ABOVE_HIPS) * joints.torso_px
    left, top = np.maximum(corners.min(axis=0), [-beside, -_ABOVE_SHOULDERS * joints.torso_px])
    size = np.ceil(np.minimum(corners.max(axis=0), [beside, lower]) - [left, top]).astype(int)
    to_photo = np.hstack([turn.T, (joints.shoulder_midpoint + turn.T @ [left, top])[:, None]])
    part = cv2.warpAffine(
        rgb,
        to_photo,
        (int(size[0]), int(size[1])),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderValue=(OUTSIDE,) * 3,
    )
    return np.asarray(part, dtype=np.uint8), to_photo


def turned(rgb: RGBArray, to_photo: FloatArray, turns: int) -> tuple[RGBArray, FloatArray]:
    """A picture turned clockwise by quarters, and (2, 3) from its pixels to where ``to_photo`` led."""
    before = Similarity.turning_back(-turns, (rgb.shape[1], rgb.shape[0])).matrix
    return turned_picture(rgb, -turns), to_photo @ np.vstack([before, [0.0, 0.0, 1.0]])


def parts(folder: Path, model: MediaPipePose) -> Iterator[Part]:
    """Every part of the photos in ``folder`` that are never trained on.

    What the index and the pose model here do not agree on, back or not, is left out unless it is read as a back here.
    """
    index = real_photos.index(folder)
    for entry in (index[number] for number in real_photos.split(index)[1]):
        rgb = sources.read(folder / entry["file"]).rgb
        read = truth.read_pose(rgb, model)
        whole = None
        if read.refusal is None and read.pose:
            shows, joints, whole = "backs", read.pose.joints, placing.from_pose(read.pose).landmarks
        elif entry["read_as"] in NO_BACKS:
            shows, joints = NO_BACKS[entry["read_as"]], indexed(entry["landmarks"])
        else:
            continue
        for hips in (False,) if whole else (False, True):
            upright, to_photo = cut(rgb, joints, hips)
            for turns in range(len(_TURNS)):
                yield Part(entry["file"], shows, hips, turns, *turned(upright, to_photo, turns), whole)


def indexed(keypoints: dict[str, list[float]]) -> Joints:
    """The joints of a pose in the index."""
    left, right, left_hip, right_hip = (
        np.array(keypoints[f"{side}_{joint}"][:2]) for joint in ("shoulder", "hip") for side in ("left", "right")
    )
    return Joints(left, right, left_hip, right_hip)


def measure(part: Part, locator: Locator) -> Row:
    """Read one part and compare."""
    result = locator.locate(part.rgb)
    outcome, whole = result.outcome, part.whole
    found = outcome.landmarks if isinstance(outcome, Location) else result.guess
    if found is None or whole is None:
        return Row(part, result)

    def in_photo(point: FloatArray) -> FloatArray:
        return np.asarray(part.to_photo @ [*point, 1.0])

    points = np.array([in_photo(getattr(found, name)) for name in _JOINTS])
    true = np.array([getattr(whole, name) for name in _JOINTS])
    off = np.linalg.norm(points - true, axis=1)
    swapped = np.linalg.norm(points - true[[1, 0, 3, 2]], axis=1).mean() < off.mean()
    down = in_photo(found.hip_midpoint) - in_photo(found.c7)
    upside_down = float(down @ (whole.hip_midpoint - whole.c7)) < 0
    return Row(part, result, off / whole.torso_px, bool(swapped or upside_down))


def summary(rows: Sequence[Row]) -> dict[str, Any]:
    """Counts and figures of some parts; distances in % of the torso's length."""
    counts: dict[str, Any] = {
        "parts": len(rows),
        "photos": len({row.part.photo for row in rows}),
        "answered": sum(row.result.status == "located" for row in rows),
    }
    read = [row for row in rows if row.off is not None]
    for what, chosen in (("answered", [row for row in read if row.result.status == "located"]), ("read", read)):
        if chosen:
            off = np.array([row.off for row in chosen])
            counts[f"{what}_astray"] = sum(row.astray for row in chosen)
            for name, columns in (("shoulders", off[:, :2]), ("hips", off[:, 2:])):
                counts[f"{what}_{name}_median_percent"] = round(100 * float(np.median(columns)), 1)
                counts[f"{what}_{name}_p90_percent"] = round(100 * float(np.quantile(columns, 0.9)), 1)
    if read:
        counts["read"] = len(read)
    return counts


def groups(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Parts of backs, all and each way round, then of fronts and sides, without and with all below the shoulders."""
    backs = [row for row in rows if row.part.shows == "backs"]
    chosen = {"backs, trunk alone": backs}
    for turns, name in enumerate(_TURNS):
        chosen[f"  {name}"] = [row for row in backs if row.part.turns == turns]
    for shows in NO_BACKS.values():
        for hips, name in ((False, "trunk alone"), (True, "head cut away")):
            chosen[f"{shows}, {name}"] = [row for row in rows if (row.part.shows, row.part.hips) == (shows, hips)]
    return chosen


def _table(summaries: dict[str, dict[str, Any]]) -> Table:
    table = Table(title="Parts of real photos: shoulders and hips from the reading of the whole (% of the torso)")
    table.add_column("")
    for column in ("photos", "parts", "answered", "shoulders: median, 90th", "hips: median, 90th", "astray"):
        table.add_column(column, justify="right")
    for group, figures in summaries.items():
        for what in ("answered", "read"):
            if what not in figures:
                continue
            count = f"{figures[what]} ({figures[what] / figures['parts']:.0%})"
            joints = (
                ", ".join(str(figures.get(f"{what}_{name}_{part}_percent", "–")) for part in ("median", "p90"))
                for name in ("shoulders", "hips")
            )
            name = group if what == "answered" else "    or offered as handles"
            photos, every = (str(figures["photos"]), str(figures["parts"])) if what == "answered" else ("", "")
            table.add_row(name, photos, every, count, *joints, str(figures.get(f"{what}_astray", "–")))
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--json", type=Path, default=Path("lab/out/parts.json"))
    options = parser.parse_args()
    if not (options.photos / "index.json").exists():
        parser.error(f"{options.photos} holds no index.json")
    native_log.silence()
    locator = Locator()
    every = parts(options.photos, MediaPipePose(registry.bundle))
    console = Console(stderr=True)
    rows = [measure(part, locator) for part in track(every, "Reading", console=console, transient=True)]
    summaries = {name: summary(chosen) for name, chosen in groups(rows).items() if chosen}
    Console(width=150).print(_table(summaries))
    rows_as_json = [
        {
            "photo": row.part.photo,
            "shows": row.part.shows,
            "hips": row.part.hips,
            "turns": row.part.turns,
            "status": row.result.status,
            "method": getattr(row.result.outcome, "method", None),
            "reason": getattr(row.result.outcome, "code", None),
            "mean_percent": None if row.off is None else round(100 * float(row.off.mean()), 1),
            "astray": row.astray,
        }
        for row in rows
    ]
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps({"groups": summaries, "parts": rows_as_json}, indent=1) + "\n", encoding="utf-8")
    print(f"figures in {options.json}")


if __name__ == "__main__":
    main()
