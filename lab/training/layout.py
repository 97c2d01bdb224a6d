"""Writes where keypoints lie on the average back: how a coarse reading is made into a region of interest.

python -m lab.training.layout --scenes DIR [DIR ...] --to FILE
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from lab.training.keypoints import NAMES, STAGES

_HEAD = """\
# The average upright back over rendered bodies: C7 at [0, 0], S2 at [0, 1], x to the subject's right.
# Written by lab.training.layout, do not edit.
"""


def main() -> None:
    """Command line; see the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=Path, nargs="+", required=True)
    parser.add_argument("--to", type=Path, required=True)
    options = parser.parse_args()
    keypoints = []
    for file in sorted(file for folder in options.scenes for file in folder.glob("*.npz")):
        with np.load(file) as table:
            keypoints.append(table["points"][table["view"] == 0])
    here = np.concatenate(keypoints) @ [1, 1j]
    c7, s2 = here[:, :1], here[:, NAMES.index("S2"), None]
    upright = np.mean((here - c7) / (s2 - c7) * 1j, axis=0)
    sides = "".join(f"{one.name} = {one.side_px}\n" for one in STAGES.values())
    table = "".join(
        f'"{name}" = [{point.real + 0:.4f}, {point.imag + 0:.4f}]\n' for name, point in zip(NAMES, upright, strict=True)
    )
    options.to.write_text(f"{_HEAD}\n[side_px]\n{sides}\n[keypoints]\n{table}", encoding="utf-8")


if __name__ == "__main__":
    main()
