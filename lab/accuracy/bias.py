"""Measures, on pictures with truth, how far down the spine the back networks read each keypoint too low on average.

    python -m lab.accuracy.bias DIR... [--out FILE]

Writes ``models/back_bias.toml``, which the program takes off what it reads. The bodies it is given must be neither
those that the networks were trained on nor those that the accuracy benchmark is run on. Run it before
``lab.accuracy.rings``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track

from lab.accuracy.solo import sure_readings
from lab.data import truth
from locator.core import native_log, resources
from locator.core.arrays import FloatArray
from locator.core.body import Side
from locator.estimate.back_estimator import BackReader, load
from locator.photo import sources

_OUT = resources.path("models") / "back_bias.toml"

_HEAD = """\
# How far down the spine the back networks read each keypoint too low on average, in spine lengths: the median over
# {count} rendered pictures, neither trained on nor among those of the accuracy benchmark; both sides alike.
# Written by lab.accuracy.bias, do not edit.
"""


def off(reader: BackReader, one: truth.Truth) -> FloatArray | None:
    """(n,) how far down the true spine each keypoint is read too low, in its lengths; None where no back is read."""
    backs = sure_readings(reader, sources.read(one.picture).rgb)
    if not backs:
        return None
    true = np.array([one.points[name] for name in backs[0].table.names])
    down = one.points["S2"] - one.points["C7"]
    return np.asarray((backs[0].keypoints - true) @ down / (down @ down))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=_OUT)
    options = parser.parse_args()
    native_log.silence()
    reader, _ = load()
    known = [one for folder in options.folders for one in truth.read(folder) if one.span_in_view]
    found = [off(reader, one) for one in track(known, "Reading", console=Console(stderr=True), transient=True)]
    errors = np.array([one for one in found if one is not None])
    if not len(errors):
        parser.error("no back was read in any of these pictures")
    table = reader.table
    lines = []
    for row, one in enumerate(table.keypoints):
        rows = [row] if one.side is Side.MIDLINE else [row, table.mirrored[row]]
        lines.append(f'"{one.name}" = {np.median(errors[:, rows]):.4f}\n')
    options.out.write_text(_HEAD.format(count=len(errors)) + "\n" + "".join(lines), encoding="utf-8")
    print("".join(lines))


if __name__ == "__main__":
    main()
