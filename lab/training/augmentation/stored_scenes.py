"""Scenes as ``lab.training.render`` and ``lab.training.real`` store them: a body without anything behind it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lab.training.keypoints import NAMES

Array = NDArray[np.float32]
Bytes = NDArray[np.uint8]

BACK, PART = 0, 3
"""The views of a scene that show a back and another part of a body."""


@dataclass(frozen=True, eq=False)
class Scene:
    """One stored picture.

    Attributes:
        rgba: (s, s, 4) the body and how much of each pixel it covers.
        keypoints: (24, 2) px in it.
        weight: (24,) how well each is known, 0 to 1.
        reach: px that a photo's longer side spans at most: a near camera does not hold the whole body.
        back: whether it shows a back.
        whole: whether this is a photo with its own background, which ends where the coverage does.
        part: whether this is another part of a body, of which C7 and S2 are the ends.
    """

    rgba: Bytes
    keypoints: Array
    px_per_mm: float
    weight: Array
    reach: float
    back: bool
    whole: bool
    part: bool = False


class StoredScenes:
    """Every scene in the shards of some folders."""

    def __init__(self, folders: list[Path]) -> None:
        self.shards: list[tuple[Bytes, dict[str, NDArray[np.generic]]]] = []
        self.index: list[tuple[int, int]] = []
        for file in sorted(file for folder in folders for file in folder.glob("*.npy")):
            pictures = np.load(file, mmap_mode="r")
            with np.load(file.with_suffix(".npz")) as table:
                self.shards.append((pictures, dict(table)))
            self.index += [(len(self.shards) - 1, row) for row in range(len(pictures))]

    def __len__(self) -> int:
        return len(self.index)

    def kinds(self) -> dict[str, NDArray[np.int64]]:
        """The numbers of the scenes that are ``photos``, rendered ``backs``, fronts and sides, and other ``parts``."""
        photo = np.array(["weight" in self.shards[shard][1] for shard, _ in self.index])
        back = np.array([self.shards[shard][1]["view"][row] == BACK for shard, row in self.index])
        part = np.array([self.shards[shard][1]["view"][row] == PART for shard, row in self.index])
        return {
            "photos": np.flatnonzero(photo),
            "backs": np.flatnonzero(back & ~photo),
            "no_backs": np.flatnonzero(~back & ~photo & ~part),
            "parts": np.flatnonzero(part),
        }

    def __getitem__(self, index: int) -> Scene:
        shard, row = self.index[index]
        pictures, table = self.shards[shard]
        whole = "weight" in table
        return Scene(
            rgba=np.array(pictures[row]),
            keypoints=table["points"][row].astype(np.float32),
            px_per_mm=float(table["px_per_mm"][row]),
            weight=table["weight"][row].astype(np.float32) if whole else np.ones(len(NAMES), np.float32),
            reach=math.inf if whole else float(table["reach"][row]),
            back=int(table["view"][row]) == BACK,
            whole=whole,
            part=int(table["view"][row]) == PART,
        )
