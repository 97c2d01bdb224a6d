"""How sure of a back the networks must be to be believed without the pose model.

    python -m benchmarks.alone PHOTOS DIR... [--json FILE]

PHOTOS holds real photos and an ``index.json``, as for ``training.real``: each front and side view, whole, without the
head and as a bare trunk, is read four ways round. DIR holds rendered backs with truth (``benchmarks.truth``). Told are
how near the networks come to taking one of the former for a back, by the rule of ``locator.fusion``, how many of the
latter they believe and how many of those are wrong; and the same for other rules that keep their distance. Three in
four of the photos are trained on: the distance allows for those that are not.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks import parts, truth
from benchmarks.accuracy import WRONG_MM
from locator import fusion, images, looks, native_log
from locator.back import TURNS, BackReader, BackReading, load, logit
from locator.network import PLACES
from locator.types import RGBArray

_DISTANCE = 0.4  # logits that no front or side may come nearer than
_SLOPES = (20.0, 30.0, 40.0, 50.0, 60.0)  # that are tried, for each spine length of vagueness
_STEPS = (0.0, 0.2, 0.5)  # and for each coarse look that means something else
_MARKS = [row for row, name in enumerate(PLACES) if "/" in name or name == "T7"]


@dataclass(frozen=True)
class Look:
    """One picture's surest reading.

    Attributes:
        logit: how surely it is a back.
        vagueness: in spine lengths.
        missing: how many coarse looks mean something else.
        off_mm: mean distance of the marks from the truth; nan of what is no back.
    """

    logit: float
    vagueness: float
    missing: int
    off_mm: float = math.nan


def looked(reader: BackReader, rgb: RGBArray) -> list[BackReading]:
    """The readings of a photo that the program would consider, in its pixels."""
    small, shrunk = images.shrink(rgb, looks.LONGEST_PX)
    return [back.enlarged(1 / shrunk) for back in reader.read(looks.brightened(small)) if fusion.sure(back)]


def as_look(back: BackReading, off_mm: float = math.nan) -> Look:
    """What of a reading the rule depends on."""
    return Look(logit(back.back), back.vagueness, TURNS - back.looks, off_mm)


def no_backs(folder: Path) -> Iterator[RGBArray]:
    """Every front and side of real photos, each of its parts, each way round."""
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    for told in index:
        if told["read_as"] not in parts.NO_BACKS:
            continue
        rgb, joints = images.read(folder / told["file"]).rgb, parts.indexed(told["landmarks"])
        for part in (rgb, *(parts.cut(rgb, joints, hips)[0] for hips in (False, True))):
            for turns in range(TURNS):
                yield np.ascontiguousarray(np.rot90(part, turns))


def nearest(fronts: Sequence[Look], slope: float, step: float) -> float:
    """The constant of the rule that the nearest front or side just reaches."""
    return max(look.logit - slope * look.vagueness - step * look.missing for look in fronts)


def believed(backs: Sequence[Look], constant: float, slope: float, step: float) -> list[Look]:
    """The backs that a rule believes."""
    return [look for look in backs if look.logit >= constant + slope * look.vagueness + step * look.missing]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--json", type=Path, default=Path("benchmarks/out/alone.json"))
    options = parser.parse_args()
    native_log.silence()
    reader, _ = load()
    console = Console(stderr=True)
    fronts, seen = [], 0
    for rgb in track(no_backs(options.photos), "Fronts and sides", console=console, transient=True):
        seen += 1
        fronts += [as_look(back) for back in looked(reader, rgb)]
    known = [one for folder in options.folders for one in truth.read(folder) if one.span_in_view]
    backs = []
    for one in track(known, "Backs", console=console, transient=True):
        true = np.array([one.points[PLACES[row]] for row in _MARKS])
        for back in looked(reader, images.read(one.picture).rgb)[:1]:
            off_px = np.linalg.norm(back.places[_MARKS] - true, axis=1).mean()
            backs.append(as_look(back, float(off_px) / one.px_per_mm))
    in_use = (fusion._ALONE, fusion._VAGUER, fusion._FEWER)
    rules = [in_use, *((nearest(fronts, *pair) + _DISTANCE, *pair) for pair in product(_SLOPES, _STEPS))]
    table = Table(title=f"{seen} looks at fronts and sides, {len(fronts)} of them sure; {len(known)} rendered backs")
    rows = []
    for name in ("", "logit", "per spine length", "per look", "nearest front", "believed", "of them wrong"):
        table.add_column(name, justify="right")
    for rule in rules:
        found = believed(backs, *rule)
        wrong = sum(look.off_mm > WRONG_MM for look in found)
        distance = rule[0] - nearest(fronts, *rule[1:])
        rows.append({"rule": rule, "nearest_front": distance, "believed": len(found), "wrong": wrong})
        figures = (*(f"{part:.2f}" for part in rule), f"{distance:.2f}", f"{len(found) / len(known):.1%}", str(wrong))
        table.add_row("in use" if rule is in_use else "", *figures)
    Console(width=150).print(table)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps({"looks": seen, "backs": len(known), "rules": rows}, indent=1) + "\n")
    print(f"figures in {options.json}")


if __name__ == "__main__":
    main()
