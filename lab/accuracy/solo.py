"""How certain of a back the networks must be to be believed without the pose model.

    python -m lab.accuracy.solo PHOTOS DIR... [--others DIR...] [--json FILE] [--out FILE]

PHOTOS holds real photos and an ``index.json`` (``lab.data.real_photos``): each front and side view, whole, without the
head and as a bare trunk, is read four ways round. DIR holds rendered backs with truth (``lab.data.truth``). The report
says how sure the networks are of the former at most, without the witness of the region and with it, and for several
thresholds how many of the latter they are surer of in either way, and how many of those are wrong. Three in four of the
photos are trained on: those that are not are reported apart. ``--others`` are folders of pictures that show no back
(``lab.training.negatives``). Writes ``models/back_solo.toml``.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from lab.accuracy import parts
from lab.accuracy.marks import WRONG_MM
from lab.data import real_photos, truth
from locator.core import native_log, resources
from locator.core.arrays import RGBArray
from locator.core.similarity import turned_picture
from locator.estimate import fusion, pose_ensemble
from locator.estimate.back_estimator import BackReader, load
from locator.estimate.back_reading import BackReading
from locator.estimate.back_views import N_VIEWS
from locator.photo import resizing, sources

_OUT = resources.path("models") / "back_solo.toml"

# Above the surest front or side in a photo, and above the surest made picture, at which the threshold is at least put.
# Chosen by hand: of made pictures there are many more, and their bellies show less of what tells them than people's.
_MARGIN, _MARGIN_OF_MADE = 0.6, 0.1

_ABOVE = (0.0, 0.3, 0.6, 1.0, 1.5, 2.0)  # above the surest that is no back, what is tried

_TEXT = """\
# The certainties from which the networks are believed without the pose model: that of BackReading.certainty, and that
# which the region's witness adds to (seconded_certainty). Each is at least {margin} above the surest of {views} views
# of real fronts and sides, each whole, without the head and as a bare trunk, four ways round, and {margin_of_made}
# above the surest of {others} made pictures of other parts of bodies, of things and of nothing.
# Written by lab.accuracy.solo, do not edit.

surest_of_no_back = {surest:.2f}
solo_certainty_threshold = {threshold:.2f}
surest_of_no_back_seconded = {surest_seconded:.2f}
seconded_certainty_threshold = {threshold_seconded:.2f}
"""

Certainties = tuple[float, float]
"""Without the witness of the region, and with it."""


@dataclass(frozen=True)
class Fronts:
    """The surest readings of each view of a front or a side, and of each other picture of no back.

    Minus infinity where none is sure.
    """

    held_out: list[Certainties]
    trained_on: list[Certainties]
    others: list[Certainties]

    @property
    def surest(self) -> Certainties:
        """The surest of all."""
        return highest(self.photos + self.others)

    @property
    def photos(self) -> list[Certainties]:
        """Those of photos."""
        return self.held_out + self.trained_on

    @property
    def thresholds(self) -> Certainties:
        """The certainties from which a back is believed."""
        real, made = highest(self.photos), highest(self.others)
        return max(real[0] + _MARGIN, made[0] + _MARGIN_OF_MADE), max(real[1] + _MARGIN, made[1] + _MARGIN_OF_MADE)


def highest(seen: Iterable[Certainties]) -> Certainties:
    """The highest of each kind; minus infinity of none."""
    alone, seconded = zip(*seen, (-math.inf, -math.inf), strict=True)
    return max(alone), max(seconded)


def sure_readings(reader: BackReader, rgb: RGBArray) -> list[BackReading]:
    """The readings of a photo that the program would consider, with the witnesses' words, in its pixels."""
    small, shrunk = resizing.shrink(rgb, pose_ensemble.LONGEST_PX)
    bright = pose_ensemble.brightened(small)
    backs = reader.witnessed(bright, reader.read(bright), in_doubt=lambda _: True)
    return [back.enlarged(1 / shrunk) for back in backs if fusion.sure(back)]


def views_of(photo: Path, entry: real_photos.Entry) -> Iterator[RGBArray]:
    """A photo of a front or a side, each of its parts, each way round."""
    rgb, joints = sources.read(photo).rgb, parts.indexed(entry["landmarks"])
    for part in (rgb, *(parts.cut(rgb, joints, hips)[0] for hips in (False, True))):
        for turns in range(N_VIEWS):
            yield turned_picture(part, turns)


def surest(reader: BackReader, rgb: RGBArray) -> Certainties:
    """The certainties of the surest readings; minus infinity where none is sure."""
    return highest(map(certainties, sure_readings(reader, rgb)))


def certainties(back: BackReading) -> Certainties:
    """Those of one reading."""
    return back.certainty, back.seconded_certainty


def read_fronts(reader: BackReader, folder: Path, others: list[Path], console: Console) -> Fronts:
    """Read every front and side of the real photos in ``folder``, and the pictures in ``others``."""
    index = real_photos.index(folder)
    held_out = set(real_photos.split(index)[1])
    fronts = Fronts([], [], [])
    for number, entry in enumerate(track(index, "Fronts and sides", console=console, transient=True)):
        if entry["read_as"] in parts.NO_BACKS:
            views = views_of(folder / entry["file"], entry)
            group = fronts.held_out if number in held_out else fronts.trained_on
            group += [surest(reader, rgb) for rgb in views]
    pictures = [file for other in others for file in sorted(other.glob("*.jpg"))]
    for file in track(pictures, "Others", console=console, transient=True):
        fronts.others.append(surest(reader, sources.read(file).rgb))
    return fronts


def read_backs(reader: BackReader, known: list[truth.Truth], console: Console) -> list[tuple[Certainties, float]]:
    """Of each back that is read: the certainties, and how far its marks are off in the mean, in mm."""
    backs = []
    for one in track(known, "Backs", console=console, transient=True):
        for back in sure_readings(reader, sources.read(one.picture).rgb)[:1]:
            off_px = [
                np.linalg.norm(found - one.points[back.table.names[back.table.marks[mark]]])
                for mark, found in back.marks.items()
            ]
            backs.append((certainties(back), float(np.mean(off_px)) / one.px_per_mm))
    return backs


def compare(fronts: Fronts, backs: list[tuple[Certainties, float]], count: int) -> tuple[Table, list[dict[str, Any]]]:
    """For each threshold that is tried, how many of ``count`` backs pass it, and how many of those are wrong."""
    alone, seconded = fronts.surest
    title = f"Fronts and sides: at most {_both(highest(fronts.held_out))} where not trained on, "
    title += f"{_both(fronts.surest)} of all; {len(fronts.others)} others: {_both(highest(fronts.others))}"
    table = Table(title=title, caption="without and with the region's witness")
    for name in ("", "thresholds", "above all that is no back", f"of {count} backs", "without", "with", "wrong"):
        table.add_column(name, justify="right")
    rows = []
    in_use = fusion.solo_threshold(front=False), fusion.seconded_threshold(front=False)
    for name, thresholds in (("in use", in_use), *(("", (alone + a, seconded + a)) for a in _ABOVE)):
        passed = [(sure >= thresholds[0], more >= thresholds[1], off) for (sure, more), off in backs]
        off_mm = [off for sure, more, off in passed if sure or more]
        by_each = sum(sure for sure, _, _ in passed), sum(more for _, more, _ in passed)
        wrong, above = sum(off > WRONG_MM for off in off_mm), (thresholds[0] - alone, thresholds[1] - seconded)
        rows.append(
            {"thresholds": thresholds, "above": above, "believed": len(off_mm), "each": by_each, "wrong": wrong}
        )
        shares = (f"{number / count:.1%}" for number in (len(off_mm), *by_each))
        table.add_row(name, _both(thresholds), _both(above), *shares, str(wrong))
    return table, rows


def _both(of: Certainties) -> str:
    return f"{of[0]:.2f}, {of[1]:.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--others", nargs="*", type=Path, default=[])
    parser.add_argument("--json", type=Path, default=Path("lab/out/solo.json"))
    parser.add_argument("--out", type=Path, default=_OUT)
    options = parser.parse_args()
    native_log.silence()
    reader, _ = load()
    console = Console(stderr=True)
    fronts = read_fronts(reader, options.photos, options.others, console)
    known = [one for folder in options.folders for one in truth.read(folder) if one.span_in_view]
    table, rows = compare(fronts, read_backs(reader, known, console), len(known))
    Console(width=120).print(table)
    counts = {
        "held_out": len(fronts.held_out),
        "trained_on": len(fronts.trained_on),
        "others": len(fronts.others),
        "backs": len(known),
    }
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps({**counts, "thresholds": rows}, indent=1) + "\n", encoding="utf-8")
    text = _TEXT.format(
        margin=_MARGIN,
        margin_of_made=_MARGIN_OF_MADE,
        views=len(fronts.photos),
        others=len(fronts.others),
        surest=fronts.surest[0],
        threshold=fronts.thresholds[0],
        surest_seconded=fronts.surest[1],
        threshold_seconded=fronts.thresholds[1],
    )
    options.out.write_text(text, encoding="utf-8")
    print(f"figures in {options.json}, the threshold in {options.out}")


if __name__ == "__main__":
    main()
