"""Measures, on pictures with truth, what handles put right by hand do to marks and rings.

    python -m lab.accuracy.corrected DIR [--most N]

Each photo is read; then some of its handles are put where the landmarks truly are, as exactly as a hand does it, by the
same code as on the page. Printed for each choice of handles, in hundredths of the back's length: the marks' error in
the median and for nine in ten, the ring in the median; and of a hundred marks how many lie in their ring.
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track

from lab.data import truth
from lab.data.truth import Truth
from locator import Location, Locator
from locator.core import native_log
from locator.core.arrays import FloatArray
from locator.core.body import LANDMARKS
from locator.estimate import handles, midline, placing

_CHOICES: dict[str, tuple[str, ...]] = {
    "none": (),
    "T9": ("spine_middle",),
    "C7": ("c7",),
    "both hips": ("subject_left_hip", "subject_right_hip"),
    "C7 and T9": ("c7", "spine_middle"),
    "all but T9": tuple(name for name in LANDMARKS if name != "spine_middle"),
    "all six": LANDMARKS,
}


def corrected(location: Location, known: Truth, names: tuple[str, ...], rng: np.random.Generator) -> Location:
    """The location after a hand has put these handles where the landmarks truly are."""
    anchors, there = handles.read(location), known.landmarks()
    for name in names:
        shaken = getattr(there, name) + rng.normal(0.0, midline.model().hand_sd * there.back_px, 2)
        anchors = handles.drag(anchors, name, shaken, location.landmarks)
    return placing.from_anchors(anchors)


def errors(location: Location, known: Truth) -> FloatArray:
    """(n, 2) of each mark: its error and its ring (the reading's, as truth has the levels), in back lengths."""
    points = location.points
    off = [(float(np.linalg.norm(known.mark(one) - (one.x_px, one.y_px))), one.reading_radius_px) for one in points]
    return np.array(off) / known.landmarks().back_px


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--most", type=int, default=None, help="of the pictures")
    options = parser.parse_args()
    native_log.silence()
    locator, rng = Locator(), np.random.default_rng(0)
    found: dict[str, list[FloatArray]] = {name: [] for name in _CHOICES}
    known = list(itertools.islice(truth.read(options.folder), options.most))
    for one in track(known, "Reading", console=Console(stderr=True), transient=True):
        location = locator.locate(one.picture).outcome
        if isinstance(location, Location) and location.detail:
            for name, names in _CHOICES.items():
                found[name].append(errors(corrected(location, one, names, rng), one))
    print(f"{len(found['none'])} of {len(known)} pictures were read by the networks; hundredths of the back's length")
    print(f"{'by hand':12}{'median':>8}{'9 in 10':>9}{'ring':>7}{'inside':>8}")
    for name, all_marks in found.items():
        off, ring = np.concatenate(all_marks).T
        figures = f"{100 * np.median(off):8.2f}{100 * np.quantile(off, 0.9):9.2f}{100 * np.median(ring):7.2f}"
        print(f"{name:12}{figures}{100 * np.mean(off <= ring):7.1f}%")


if __name__ == "__main__":
    main()
