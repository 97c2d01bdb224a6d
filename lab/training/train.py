"""Trains one of the two networks, for a given time, from its checkpoint if there is one.

    python -m lab.training.train coarse|fine --scenes DIR [DIR ...] --held-out DIR --minutes N --out DIR
        [--on FILE] [--seed N]

Needs two processor cores and an hour or so, or a graphics card and minutes. The checkpoint DIR/<stage>.pt is written
every few minutes; started again, training goes on from it. New shards in the folders are taken up as they come. With
``--on``, a network that the program loads is trained on, more gently, and without normalizations.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset

from lab.training.augmentation import sampling
from lab.training.augmentation.sampling import Sample
from lab.training.augmentation.stored_scenes import StoredScenes
from lab.training.export import read
from lab.training.keypoints import MARKS, STAGES, Stage
from lab.training.network import BackNetwork, expected, loss, shares

BATCH = 64
_RATE, _RATE_ON, _DECAY, _AVERAGED = 2e-3, 5e-4, 0.02, 0.998
_WARM = 0.02  # share of the time in which the rate rises
# Shares of samples of nobody, real photos (if any), fronts and sides, other parts of bodies (if any): the coarse
# network is the one that tells backs.
_OTHERS = {"coarse": (0.07, 0.18, 0.12, 0.2), "fine": (0.04, 0.12, 0.08, 0.12)}
_LOSSES = {"heat": 0.5, "off": 1.0, "scale": 0.2, "back": 5.0}

Batch = dict[str, Tensor]


class Samples(IterableDataset[Batch]):
    """Batches of samples without end."""

    def __init__(self, folders: list[Path], of: Stage, seed: tuple[int, int]) -> None:
        self.folders, self.of, self.seed = folders, of, seed

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
        nobody, photos, no_backs, parts = _OTHERS[self.of.name]
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


def as_input(picture: Tensor) -> Tensor:
    """(n, s, s, 3) bytes → what the network takes."""
    return ((picture.float() / 255 - 0.5) * 4).permute(0, 3, 1, 2)


@torch.no_grad()
def evaluate(network: BackNetwork, batches: list[Batch]) -> dict[str, float]:
    """Errors of the eleven marks on held-out samples, in mm, and how well backs are told from the rest."""
    network.eval()
    errors, ratio, backs, others = [], [], [], []
    for batch in batches:
        heat, extra = network(as_input(batch["picture"]))
        off = (expected(shares(heat)) - batch["keypoints"]).norm(dim=-1)
        known = batch["weight"][:, list(MARKS)] > 0
        errors.append((off / batch["px_per_mm"][:, None])[:, list(MARKS)][known])
        ratio.append((off * torch.exp(-extra[:, :-1]))[:, list(MARKS)][known])
        backs.append(extra[:, -1][batch["back"] > 0])
        others.append(extra[:, -1][batch["back"] == 0])
    off, back, other = torch.cat(errors), torch.cat(backs), torch.cat(others)
    return {
        "median_mm": float(off.median()),
        "p95_mm": float(off.quantile(0.95)),
        "error_in_scales": float(torch.cat(ratio).mean()),
        "backs_told": float((back > 0).float().mean()),
        "others_told": float((other < 0).float().mean()) if len(other) else 1.0,
    }


def train(
    of: Stage,
    folders: list[Path],
    held: Path,
    minutes: float,
    out: Path,
    workers: int,
    on: Path | None = None,
    seed: int = 0,
) -> None:
    """See the module."""
    cv2.setNumThreads(0)  # its threads do not outlive the fork into workers
    out.mkdir(parents=True, exist_ok=True)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    file = out / f"{of.name}.pt"
    kept = torch.load(file, map_location=device, weights_only=True) if file.exists() else None
    fused = kept.get("fused", False) if kept else on is not None
    if kept:
        network = BackNetwork(of).fuse() if fused else BackNetwork(of)
        network.load_state_dict(kept["network"])
    else:
        network = read(of, on) if on else BackNetwork(of)
    network = network.to(device, memory_format=torch.channels_last)
    average = copy.deepcopy(network)  # an exponential moving average of the weights
    highest = _RATE_ON if fused else _RATE
    optimizer = torch.optim.AdamW(network.parameters(), lr=highest, weight_decay=_DECAY)
    spent, steps = 0.0, 0
    if kept:
        average.load_state_dict(kept["average" if "average" in kept else "steady"])
        optimizer.load_state_dict(kept["optimizer"])
        spent, steps = kept["spent"], kept["steps"]
    batches = held_out(held, of)
    loader = DataLoader(Samples(folders, of, (seed, steps)), batch_size=None, num_workers=workers, prefetch_factor=4)
    total, started, saved = minutes * 60, time.monotonic() - spent, time.monotonic()
    for batch in loader:
        share = (time.monotonic() - started) / total
        if share >= 1:
            break
        rate = highest * min(share / _WARM, 0.5 * (1 + math.cos(math.pi * share))) + 1e-6
        for group in optimizer.param_groups:
            group["lr"] = rate
        network.train()
        batch = {name: value.to(device) for name, value in batch.items()}
        with torch.autocast(device, torch.bfloat16):
            heat, extra = network(as_input(batch["picture"]).to(memory_format=torch.channels_last))
        parts = loss(heat, extra, batch["keypoints"], batch["weight"], batch["back"])
        whole = sum((weight * parts[name] for name, weight in _LOSSES.items()), torch.zeros((), device=device))
        optimizer.zero_grad(set_to_none=True)
        whole.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimizer.step()
        steps += 1
        kept_share = min(_AVERAGED, steps / (steps + 20))
        with torch.no_grad():
            for mean, now in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
                if mean.is_floating_point():
                    mean.lerp_(now, 1 - kept_share)
        if time.monotonic() - saved > 240:
            saved = time.monotonic()
            _save(file, network, average, optimizer, time.monotonic() - started, steps, fused)
            figures = evaluate(average.cpu(), batches)
            average.to(device)
            _note(out / f"{of.name}.jsonl", steps, share, rate, parts, figures)
    _save(file, network, average, optimizer, total, steps, fused)
    _note(out / f"{of.name}.jsonl", steps, 1.0, 0.0, {}, evaluate(average.cpu(), batches))


def _save(
    file: Path,
    network: BackNetwork,
    average: BackNetwork,
    optimizer: torch.optim.Optimizer,
    spent: float,
    steps: int,
    fused: bool,
) -> None:
    part = file.with_suffix(".part")
    states = {"network": network.state_dict(), "average": average.state_dict(), "optimizer": optimizer.state_dict()}
    torch.save({**states, "spent": spent, "steps": steps, "fused": fused}, part)
    part.replace(file)


def _note(
    log: Path, steps: int, share: float, rate: float, parts: dict[str, Tensor], figures: dict[str, float]
) -> None:
    line = {
        "samples": steps * BATCH,
        "share": round(share, 3),
        "rate": round(rate, 6),
        **{f"loss_{name}": round(float(value), 3) for name, value in parts.items()},
        **{name: round(value, 3) for name, value in figures.items()},
    }
    with log.open("a", encoding="utf-8") as out:
        out.write(json.dumps(line) + "\n")
    print(line, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("which", choices=sorted(STAGES))
    parser.add_argument("--scenes", type=Path, nargs="+", required=True)
    parser.add_argument("--held-out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--on", type=Path, help="ONNX file of a network to train on")
    parser.add_argument("--seed", type=int, default=0, help="of the samples, so that two trainings see others")
    options = parser.parse_args()
    train(
        STAGES[options.which],
        options.scenes,
        options.held_out,
        options.minutes,
        options.out,
        options.workers,
        options.on,
        options.seed,
    )


if __name__ == "__main__":
    main()
