"""How far the reading of a back's length hangs on its breadth.

    python -m lab.accuracy.stretched DIR... [--json FILE]

Every picture in DIR is read as it is, squeezed across to 80 % and widened to 125 %, by the networks alone. Told is how
far L2 moves along the back, in % of C7 to the iliac crest, + = down: a network that takes length from breadth moves it
up on a squeezed picture. Only backs that lie about upright are counted, of which the networks are as sure as the rings
need, whichever way they are stretched.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from locator.core import native_log
from locator.core.arrays import RGBArray
from locator.estimate import fusion, pose_ensemble
from locator.estimate.back_estimator import BackReader, load
from locator.estimate.back_reading import BackReading
from locator.photo import resizing, sources

STRETCHES = (0.8, 1.25)
_CREST = 0.876  # of the way from C7 to S2
_UPRIGHT = 0.9  # cosine of the angle to the picture's height


def read(reader: BackReader, rgb: RGBArray) -> BackReading | None:
    """The surest reading of a photo, in its pixels."""
    small, shrunk = resizing.shrink(rgb, pose_ensemble.LONGEST_PX)
    sure = [back.enlarged(1 / shrunk) for back in reader.read(pose_ensemble.brightened(small)) if fusion.sure(back)]
    return sure[0] if sure else None


def moved(reader: BackReader, rgb: RGBArray) -> list[float] | None:
    """How far L2 moves with each of :data:`STRETCHES`; None where that cannot be told."""
    back = read(reader, rgb)
    if back is None:
        return None
    down = back.levels["S2"] - back.levels["C7"]
    length = float(np.linalg.norm(down))
    if abs(down[1]) < _UPRIGHT * length:
        return None
    found = []
    for factor in STRETCHES:
        size = (max(1, round(rgb.shape[1] * factor)), rgb.shape[0])
        other = read(reader, np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8))
        if other is None:
            return None
        away = other.levels["L2"] / [factor, 1.0] - back.levels["L2"]
        found.append(float(100 * away @ down / length / (_CREST * length)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--json", type=Path, default=Path("lab/out/stretched.json"))
    options = parser.parse_args()
    native_log.silence()
    reader, _ = load()
    table = Table(title="How far L2 moves (% of C7 to the crest)")
    for name in ("", "pictures", "counted", *(f"× {factor}: median, 10th, 90th" for factor in STRETCHES)):
        table.add_column(name, justify="right")
    report = {}
    for folder in options.folders:
        files = sorted(folder.glob("*.jpg"))
        every = [
            moved(reader, sources.read(file).rgb) for file in track(files, folder.name, console=Console(stderr=True))
        ]
        known = np.array([one for one in every if one is not None]).reshape(-1, len(STRETCHES))
        figures = [np.round([np.median(way), *np.percentile(way, (10, 90))], 1).tolist() for way in known.T if len(way)]
        report[str(folder)] = {"pictures": len(files), "counted": len(known), "moved": figures}
        shown = [", ".join(f"{value:+.1f}" for value in way) for way in figures]
        table.add_row(folder.name, str(len(files)), str(len(known)), *shown)
    Console(width=120).print(table)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
