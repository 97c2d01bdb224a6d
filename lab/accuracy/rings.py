"""Measures, on pictures with truth, the calibration factors of the back networks: how wide their rings must be.

    python -m lab.accuracy.rings DIR... [--out FILE]

Writes ``models/back_calibration.toml``. The bodies it is given must be neither those that the networks were trained on
nor those that the accuracy benchmark is run on.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track

from lab.data import truth
from locator import Location, Locator
from locator.core import native_log, resources
from locator.core.types import lies_in
from locator.estimate import fusion

_OUT = resources.path("models") / "back_calibration.toml"
# Of the marks, what a ring is to hold; more where nobody else has found the back. In the order of how much is known: a
# ring is never narrower for less.
_SHARES = {"pose+back": 0.9, "back": 0.94, "cut": 0.9}

_HEAD = """\
# How far off the marks of the back networks are, over the error that these predict: nine in ten stay within, 94 in
# 100 where the networks alone have found the back.
# Written by lab.accuracy.rings, do not edit.
#
# pose+back: the pose model has found the same back ({0} marks); back: read by the networks alone ({1} marks);
# cut: either, where S2 does not lie in the picture ({2} marks). None is less than the one before.
# Measured on {given} rendered pictures, neither trained on nor among those of the accuracy benchmark.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=_OUT)
    options = parser.parse_args()
    native_log.silence()
    locator = Locator()
    known = [one for folder in options.folders for one in truth.read(folder)]
    ratios: dict[str, list[float]] = {name: [] for name in _SHARES}
    for one in track(known, "Reading", console=Console(stderr=True), transient=True):
        location = locator.locate(one.picture).outcome
        if isinstance(location, Location) and location.method in ("back", "pose+back"):
            s2_visible = any(level.level == "S2" and lies_in(level, one.size_px) for level in location.levels)
            factor = fusion.calibration_factor(location.method, s2_visible)
            for point in location.points:
                off_px = np.linalg.norm(one.mark(point) - [point.x_px, point.y_px])
                predicted_px = point.reading_radius_px / factor
                ratios[location.method if s2_visible else "cut"].append(float(off_px / predicted_px))
    missing = [name for name, found in ratios.items() if not found]
    if missing:
        parser.error(f"none of these pictures was answered as {', '.join(missing)}")
    head = _HEAD.format(*(len(found) for found in ratios.values()), given=len(known))
    measured = [float(np.quantile(found, _SHARES[name])) for name, found in ratios.items()]
    factors = zip(ratios, np.maximum.accumulate(measured), strict=True)
    table = "".join(f'"{name}" = {factor:.3f}\n' for name, factor in factors)
    print(f"measured: {', '.join(f'{one:.3f}' for one in measured)}")
    options.out.write_text(head + "\n" + table, encoding="utf-8")
    print(table)


if __name__ == "__main__":
    main()
