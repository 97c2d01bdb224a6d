"""How sure of a back the networks must be to be believed without the pose model.

    python -m benchmarks.alone PHOTOS DIR... [--others DIR...] [--out FILE] [--json FILE]

PHOTOS holds real photos and an ``index.json``, as for ``training.real``: each front and side view, whole, without the
head and as a bare trunk, is read four ways round. DIR holds rendered backs with truth (``benchmarks.truth``). Told are
how sure the networks are of the former at most, and for several bounds how many of the latter they are surer of, and
how many of those are wrong. Three in four of the photos are trained on: those that are not are told of apart.
``--others`` are folders of other pictures that show no back (``training.negatives``). With ``--out`` the bound is
written there: so many logits above the surest of all that show no back.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks import parts, truth
from benchmarks.accuracy import WRONG_MM
from locator import fusion, images, looks, native_log
from locator.back import TURNS, BackReader, BackReading, load
from locator.types import RGBArray
from training.keypoints import MARKS, NAMES
from training.real import split

_ABOVE = (0.0, 0.3, 0.6, 1.0, 1.5, 2.0)  # logits above the surest front or side that are tried
_MARGIN = 0.6  # of these, what is written

_FILE = """\
# How sure the networks must be to be believed without the pose model: locator.fusion.certainty.
# Written by benchmarks.alone, do not edit.
#
# {margin} above the surest of {count} readings of what is no back: real fronts and sides, whole and cut, each way
# round, and {others} made pictures of other parts of bodies, of things and of nothing.

bound = {bound:.2f}
"""


def looked(reader: BackReader, rgb: RGBArray) -> list[BackReading]:
    """The readings of a photo that the program would consider, in its pixels."""
    small, shrunk = images.shrink(rgb, looks.LONGEST_PX)
    return [back.enlarged(1 / shrunk) for back in reader.read(looks.brightened(small)) if fusion.sure(back)]


def parts_of(photo: Path, told: dict[str, Any]) -> Iterator[RGBArray]:
    """A photo of a front or a side, each of its parts, each way round."""
    rgb, joints = images.read(photo).rgb, parts.indexed(told["landmarks"])
    for part in (rgb, *(parts.cut(rgb, joints, hips)[0] for hips in (False, True))):
        for turns in range(TURNS):
            yield np.ascontiguousarray(np.rot90(part, turns))


def surest(reader: BackReader, rgb: RGBArray) -> float:
    """The certainty of the surest reading; minus infinity where none is sure."""
    return max((fusion.certainty(back) for back in looked(reader, rgb)), default=-math.inf)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--others", nargs="*", type=Path, default=[])
    parser.add_argument("--out", type=Path)
    parser.add_argument("--json", type=Path, default=Path("benchmarks/out/alone.json"))
    options = parser.parse_args()
    native_log.silence()
    reader, _ = load()
    console = Console(stderr=True)
    index = json.loads((options.photos / "index.json").read_text(encoding="utf-8"))
    unseen = set(split(index)[1])
    fronts: dict[bool, list[float]] = {True: [], False: []}
    for number, told in enumerate(track(index, "Fronts and sides", console=console, transient=True)):
        if told["read_as"] in parts.NO_BACKS:
            every = parts_of(options.photos / told["file"], told)
            fronts[number in unseen] += [surest(reader, rgb) for rgb in every]
    pictures = [file for folder in options.others for file in sorted(folder.glob("*.jpg"))]
    others = [surest(reader, images.read(file).rgb) for file in track(pictures, "Others", console=console)]
    known = [one for folder in options.folders for one in truth.read(folder) if one.span_in_view]
    backs = []
    for one in track(known, "Backs", console=console, transient=True):
        true = np.array([one.points[NAMES[row]] for row in MARKS])
        for back in looked(reader, images.read(one.picture).rgb)[:1]:
            off_px = np.linalg.norm(back.places[list(MARKS)] - true, axis=1).mean()
            backs.append((fusion.certainty(back), float(off_px) / one.px_per_mm))
    nearest = max(fronts[True] + fronts[False] + others)
    title = f"Fronts and sides: at most {max(fronts[True]):.2f} where not trained on, {max(fronts[False]):.2f} else"
    if others:
        title += f"; {len(others)} others: {max(others):.2f}, ten are over {np.sort(others)[-10:].min():.2f}"
    table = Table(title=title)
    for name in ("", "bound", "above fronts", f"of {len(known)} backs", "wrong"):
        table.add_column(name, justify="right")
    rows = []
    for name, bound in (("in use", fusion.alone()), *(("", nearest + above) for above in _ABOVE)):
        off_mm = [off for sure, off in backs if sure >= bound]
        wrong = sum(off > WRONG_MM for off in off_mm)
        rows.append({"bound": bound, "above_fronts": bound - nearest, "believed": len(off_mm), "wrong": wrong})
        table.add_row(name, f"{bound:.2f}", f"{bound - nearest:.2f}", f"{len(off_mm) / len(known):.1%}", str(wrong))
    Console(width=120).print(table)
    if options.out:
        count = len(fronts[True]) + len(fronts[False]) + len(others)
        text = _FILE.format(margin=_MARGIN, count=count, others=len(others), bound=nearest + _MARGIN)
        options.out.write_text(text, encoding="utf-8")
    looked_at = {"unseen": len(fronts[True]), "trained_on": len(fronts[False]), "backs": len(known)}
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps({**looked_at, "bounds": rows}, indent=1) + "\n", encoding="utf-8")
    print(f"figures in {options.json}")


if __name__ == "__main__":
    main()
