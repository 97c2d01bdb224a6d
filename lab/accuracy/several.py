"""How photos of several people are read: who is found, who is marked, and how near the marks come to the truth.

    python -m lab.accuracy.several DIR [--json FILE]

DIR holds photos of several people with truth (``lab.data.groups``). A mark set is somebody's where its T9 lies within
0.15 spines of theirs; a set that is nobody's, and one on a front, counts as *nobody's*.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from lab.accuracy.marks import WRONG_MM
from lab.data import groups
from locator import Location, Locator
from locator.core import keypoints, native_log
from locator.core.arrays import FloatArray

_SAME = 0.15


@dataclass(frozen=True, eq=False)
class Row:
    """One photo's outcome.

    Attributes:
        backs: how many the photo shows.
        found: for every back that the program found, whose it is, and the mean distance of its marks from theirs, mm;
            (None, nan) for nobody's.
        marked: whose the default answer is; None if it is nobody's or refused.
        largest: whose it ought to be: anybody's within a tenth of the largest.
        told: whether the answer says that there are several people.
        refused: the code, if the photo was refused.
    """

    picture: str
    kind: str
    backs: int
    found: list[tuple[int | None, float]]
    marked: int | None
    largest: set[int]
    told: bool
    refused: str | None


def _points(person: dict[str, Any]) -> dict[str, FloatArray]:
    return {name: np.array(xy) for name, xy in person.get("points", {}).items()}


def whose(location: Location, people: Sequence[dict[str, Any]]) -> tuple[int | None, float]:
    """Whose back a location is on, and the mean distance of its marks from theirs in mm."""
    table = keypoints.of_back_networks()
    levels = {level.level: np.array([level.x_px, level.y_px]) for level in location.levels}
    for number, person in enumerate(people):
        true = _points(person)
        if not true:
            continue
        spine_px = float(np.linalg.norm(true["S2"] - true["C7"]))
        if np.linalg.norm(levels["T9"] - true["T9"]) < _SAME * spine_px:
            off_px = [
                np.hypot(*(true[table.names[table.marks[one.code, one.side]]] - (one.x_px, one.y_px)))
                for one in location.points
            ]
            return number, float(np.mean(off_px)) / person["px_per_mm"]
    return None, float("nan")


def measure(picture: Path, locator: Locator) -> Row:
    """Read one photo and compare."""
    known = json.loads(picture.with_suffix(".json").read_text(encoding="utf-8"))
    people = known["people"]
    result = locator.locate(picture)
    outcome = result.outcome
    located = outcome if isinstance(outcome, Location) else None
    spines = {number: _points(one) for number, one in enumerate(people) if one["facing"] == "back"}
    sizes = {number: float(np.linalg.norm(true["S2"] - true["C7"])) for number, true in spines.items()}
    return Row(
        picture=picture.stem,
        kind=known["kind"],
        backs=len(sizes),
        found=[whose(one, people) for one in result.people or ([located] if located else [])],
        marked=whose(located, people)[0] if located else None,
        largest={number for number, size in sizes.items() if size > 0.9 * max(sizes.values())},
        told=located is not None and "several_people" in {one.code for one in located.issues},
        refused=None if located else getattr(outcome, "code", None),
    )


def summary(rows: Sequence[Row]) -> dict[str, Any]:
    """Counts over photos and backs; distances in mm, a mean a back."""
    off = [mm for row in rows for who, mm in row.found if who is not None]
    return {
        "photos": len(rows),
        "refused": sum(row.refused is not None for row in rows),
        "largest_marked": sum(row.marked in row.largest for row in rows),
        "said_several": sum(row.told for row in rows),
        "number_right": sum(len({who for who, _ in row.found} - {None}) == len(row.found) == row.backs for row in rows),
        "backs": sum(row.backs for row in rows),
        "backs_found": len({(row.picture, who) for row in rows for who, _ in row.found if who is not None}),
        "nobodys": sum(who is None for row in rows for who, _ in row.found),
        "wrong": sum(mm > WRONG_MM for mm in off),
        "median_mm": round(float(np.median(off)), 1) if off else None,
        "p95_mm": round(float(np.quantile(off, 0.95)), 1) if off else None,
    }


def _grouped(rows: Sequence[Row]) -> Iterator[tuple[str, list[Row]]]:
    yield "all", list(rows)
    for kind in groups.KINDS:
        chosen = [row for row in rows if row.kind == kind]
        if chosen:
            yield kind, chosen


def main() -> None:
    """Command line; see the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", type=Path, default=Path("lab/out/several.json"))
    options = parser.parse_args()
    native_log.silence()
    locator, console = Locator(), Console(stderr=True)
    pictures = [file for file in sorted(options.folder.glob("*.jpg")) if file.with_suffix(".json").exists()]
    if not pictures:
        parser.error(f"{options.folder} holds no pictures with truth beside them")
    rows = [measure(one, locator) for one in track(pictures, "Reading", console=console, transient=True)]
    summaries = {name: summary(chosen) for name, chosen in _grouped(rows)}
    table = Table(title="Photos of several people")
    table.add_column("")
    for name in summaries["all"]:
        table.add_column(name.replace("_", " "), justify="right")
    for name, figures in summaries.items():
        table.add_row(name, *(str(value) for value in figures.values()))
    Console(width=150).print(table)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    report = {"groups": summaries, "pictures": [{**vars(row), "largest": sorted(row.largest)} for row in rows]}
    options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(f"figures in {options.json}")


if __name__ == "__main__":
    main()
