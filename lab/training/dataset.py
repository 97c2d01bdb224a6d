"""Batches of samples for a network to learn from, and those that it is measured on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import IterableDataset

from lab.training.augmentation import sampling
from lab.training.augmentation.sampling import Sample
from lab.training.augmentation.stored_scenes import StoredScenes
from lab.training.keypoints import Stage

BATCH = 64
"""Samples in a batch."""
# Shares of samples of nobody, real photos (if any), fronts and sides, other parts of bodies (if any): those
# that are shown whole photos are the ones that detect backs.
_OTHERS = {
    "coarse": (0.07, 0.16, 0.18, 0.2),
    "fine": (0.04, 0.1, 0.14, 0.12),
    "witness": (0.05, 0.14, 0.27, 0.2),
    "region_witness": (0.04, 0.14, 0.27, 0.2),
}
OF_CLASS = (0.05, 0.12, 0.25, 0.2)
"""The same for a network that reads, while it learns back or not alone."""

Batch = dict[str, Tensor]
"""The fields of ``Sample`` by name, stacked."""


class Samples(IterableDataset[Batch]):
    """Batches of samples without end."""

    def __init__(
        self,
        folders: list[Path],
        of: Stage,
        seed: tuple[int, int],
        others: tuple[float, float, float, float] | None = None,
    ) -> None:
        self.folders, self.of, self.seed = folders, of, seed
        self.others = others or _OTHERS[of.name]

    def __iter__(self) -> Iterator[Batch]:
        worker = torch.utils.data.get_worker_info()
        number = worker.id if worker else 0
        rng = np.random.default_rng([*self.seed, number])
        cv2.setRNGSeed(int(rng.integers(2**31)))
        while True:
            scenes = StoredScenes(self.folders)
            kinds = scenes.kinds()
            for _ in range(200):  # then look for new shards
                yield _batch([self._one(scenes, kinds, rng) for _ in range(BATCH)])

    def _one(self, scenes: StoredScenes, kinds: dict[str, NDArray[np.int64]], rng: np.random.Generator) -> Sample:
        nobody, photos, no_backs, parts = self.others
        chances = {"nobody": nobody, "photos": photos, "no_backs": no_backs, "parts": parts}
        chances = {kind: share if kind == "nobody" or len(kinds[kind]) else 0.0 for kind, share in chances.items()}
        kind = rng.choice([*chances, "backs"], p=[*chances.values(), 1 - sum(chances.values())])
        if kind == "nobody":
            return sampling.empty(self.of, rng)
        return sampling.sample(scenes[int(rng.choice(kinds[kind]))], self.of, rng)


def _batch(samples: list[Sample]) -> Batch:
    return {
        "picture": torch.from_numpy(np.stack([one.picture for one in samples])),
        "keypoints": torch.from_numpy(np.stack([one.keypoints for one in samples])),
        "weight": torch.from_numpy(np.stack([one.weight for one in samples])),
        "back": torch.tensor([float(one.back) for one in samples]),
        "px_per_mm": torch.tensor([one.px_per_mm for one in samples]),
    }


def held_out(folder: Path, of: Stage, count: int = 512) -> list[Batch]:
    """The same samples each time."""
    scenes = StoredScenes([folder])
    cv2.setRNGSeed(1)
    rng = np.random.default_rng(1)
    samples = [sampling.sample(scenes[int(row)], of, rng) for row in rng.permutation(len(scenes))[:count]]
    return [_batch(samples[start : start + BATCH]) for start in range(0, len(samples), BATCH)]
