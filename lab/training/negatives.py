"""Pictures that show no back, to measure on: other parts of bodies, fronts, sides, soft things, cloth, margins.

python -m lab.training.negatives OUT --scenes DIR [DIR ...] --count N [--seed N]

Taken from stored scenes (``lab.training.render`` with ``--others`` and ``--parts``) as those of training are, so the
scenes must be others than those that were trained on. ``otherNNNN.jpg``, longer side 400 px.
"""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from lab.training.augmentation import sampling
from lab.training.augmentation.stored_scenes import StoredScenes
from lab.training.keypoints import COARSE
from locator.models.heatmap_network import OUTSIDE, PHOTO_SHARE

LONGER_PX = 400
_EMPTY = 0.2  # of the pictures, those with nobody in them

_STAGE = dataclasses.replace(COARSE, side_px=round(LONGER_PX / PHOTO_SHARE))


def picture(scenes: StoredScenes, rng: np.random.Generator) -> NDArray[np.uint8]:
    """(h, w, 3) RGB."""
    kinds = scenes.kinds()
    if rng.random() < _EMPTY:
        letterboxed = sampling.empty(_STAGE, rng).picture
    else:
        kind = "parts" if rng.random() < 0.7 else "no_backs"
        letterboxed = sampling.sample(scenes[int(rng.choice(kinds[kind]))], _STAGE, rng).picture
    shown = (letterboxed != OUTSIDE).any(axis=2)
    rows, columns = (np.flatnonzero(shown.mean(axis=axis) > 0.2) for axis in (1, 0))
    if not len(rows) or not len(columns):
        return letterboxed
    return np.ascontiguousarray(letterboxed[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])


def main() -> None:
    """Command line; see the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--scenes", type=Path, nargs="+", required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    cv2.setNumThreads(1)
    cv2.setRNGSeed(options.seed)
    rng = np.random.default_rng(options.seed)
    scenes = StoredScenes(options.scenes)
    for number in range(options.count):
        file = options.out / f"other{number:04d}.jpg"
        cv2.imwrite(str(file), picture(scenes, rng)[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(60, 96))])


if __name__ == "__main__":
    main()
