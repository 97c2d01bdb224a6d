"""Trains one of the networks, for a given time, from its checkpoint if there is one.

    python -m lab.training.train coarse|fine|witness|region_witness --scenes DIR [DIR ...] --held-out DIR --minutes N
        --out DIR [--on FILE | --trunk FILE] [--seed N]

Needs two processor cores and an hour or so, or a graphics card and minutes. The checkpoint DIR/<stage>.pt is written
every few minutes; started again, training goes on from it. New shards in the folders are taken up as they come. With
``--on``, a network that the program loads is trained on, more gently, and without normalizations. ``--trunk`` is
MoveNet's graph, which a new witness begins with (:mod:`lab.training.trunk`).
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import torch
from torch import Tensor
from torch.utils.data import DataLoader

from lab.training.dataset import BATCH, Batch, Samples, held_out
from lab.training.export import read
from lab.training.keypoints import MARKS, STAGES, Stage
from lab.training.network import (
    BackNetwork,
    WitnessNetwork,
    heatmap_probabilities,
    loss,
    network_of,
    soft_argmax,
    witness_loss,
)
from lab.training.trunk import converted

_RATE, _RATE_ON, _DECAY, _AVERAGED = 2e-3, 5e-4, 0.02, 0.998
_RATE_OF_TRUNK = 0.2  # of the rate: it has seen more than it will see here
_WARM = 0.02  # share of the time in which the rate rises
_SAVED_EVERY = 240  # seconds
_LOSSES = {"heat": 0.5, "off": 1.0, "scale": 0.2, "back": 5.0, "apart": 1.0}
_WITNESS_LOSSES = {"back": 1.0, "apart": 0.3}


Network = BackNetwork | WitnessNetwork


def as_input(picture: Tensor) -> Tensor:
    """(n, s, s, 3) bytes → what the network takes."""
    return ((picture.float() / 255 - 0.5) * 4).permute(0, 3, 1, 2)


def scheduled(highest: float, share: float) -> float:
    """A learning rate after a share of the time: it rises for a little, then falls as a cosine."""
    return highest * min(share / _WARM, 0.5 * (1 + math.cos(math.pi * share))) + 1e-6


@torch.no_grad()
def evaluate(network: Network, batches: list[Batch]) -> dict[str, float]:
    """On held-out samples: how well backs are detected, and errors of the eleven marks, in mm, where these are read."""
    network.eval()
    errors, ratio, backs, others = [], [], [], []
    for batch in batches:
        if isinstance(network, WitnessNetwork):
            logits = network(as_input(batch["picture"]))[:, 0]
        else:
            heat, extra = network(as_input(batch["picture"]))
            logits = extra[:, -1]
            off = (soft_argmax(heatmap_probabilities(heat)) - batch["keypoints"]).norm(dim=-1)
            known = batch["weight"][:, list(MARKS)] > 0
            errors.append((off / batch["px_per_mm"][:, None])[:, list(MARKS)][known])
            ratio.append((off * torch.exp(-extra[:, :-1]))[:, list(MARKS)][known])
        backs.append(logits[batch["back"] > 0])
        others.append(logits[batch["back"] == 0])
    back, other = torch.cat(backs), torch.cat(others)
    figures = {
        "back_recall": float((back > 0).float().mean()),
        "back_specificity": float((other < 0).float().mean()) if len(other) else 1.0,
    }
    if errors:
        off = torch.cat(errors)
        figures |= {
            "median_mm": float(off.median()),
            "p95_mm": float(off.quantile(0.95)),
            "error_in_scales": float(torch.cat(ratio).mean()),
        }
    return figures


@dataclass(eq=False)
class Training:
    """A training, as its checkpoint keeps it.

    Attributes:
        average: an exponential moving average of the network's weights.
        fused: whether the network has no batch normalizations any more.
        spent: seconds so far.
        steps: batches so far.
    """

    network: Network
    average: Network
    optimizer: torch.optim.Optimizer
    fused: bool
    spent: float = 0.0
    steps: int = 0

    @classmethod
    def begun(cls, network: Network, fused: bool, device: str) -> Training:
        """A new one."""
        if isinstance(network, WitnessNetwork):
            network = network.to(device)
            of_trunk = [*network.trunk.parameters()]
            known = {id(one) for one in of_trunk}
            groups = [
                {"params": [one for one in network.parameters() if id(one) not in known], "share": 1.0},
                {"params": of_trunk, "share": _RATE_OF_TRUNK},
            ]
        else:
            network = network.to(device, memory_format=torch.channels_last)
            groups = [{"params": [*network.parameters()], "share": 1.0}]
        optimizer = torch.optim.AdamW(groups, lr=_RATE_ON if fused else _RATE, weight_decay=_DECAY)
        return cls(network, copy.deepcopy(network), optimizer, fused)

    @classmethod
    def resumed(cls, of: Stage, file: Path, device: str) -> Training:
        """One from its checkpoint."""
        kept = torch.load(file, map_location=device, weights_only=True)
        fused = kept.get("fused", False)
        network = network_of(of)
        network = network.fuse() if fused else network
        network.load_state_dict(kept["network"])
        training = cls.begun(network, fused, device)
        training.average.load_state_dict(kept["average" if "average" in kept else "steady"])
        training.optimizer.load_state_dict(kept["optimizer"])
        training.spent, training.steps = kept["spent"], kept["steps"]
        return training

    def save(self, file: Path) -> None:
        """Writes its checkpoint."""
        part = file.with_suffix(".part")
        states = {name: getattr(self, name).state_dict() for name in ("network", "average", "optimizer")}
        torch.save({**states, "spent": self.spent, "steps": self.steps, "fused": self.fused}, part)
        part.replace(file)

    def rate(self, share: float) -> float:
        """The learning rate after a share of the time."""
        return scheduled(_RATE_ON if self.fused else _RATE, share)

    def step(self, batch: Batch, rate: float, device: str) -> dict[str, Tensor]:
        """Learns from a batch; the parts of its loss."""
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["share"]
        self.network.train()
        batch = {name: value.to(device) for name, value in batch.items()}
        with torch.autocast(device, torch.bfloat16, enabled=_halves(device)):
            out = self.network(as_input(batch["picture"]).to(memory_format=torch.channels_last))
        if isinstance(self.network, WitnessNetwork):
            parts, weights = witness_loss(out, batch["back"]), _WITNESS_LOSSES
        else:
            parts, weights = loss(*out, batch["keypoints"], batch["weight"], batch["back"]), _LOSSES
        whole = sum((weight * parts[name] for name, weight in weights.items()), torch.zeros((), device=device))
        self.optimizer.zero_grad(set_to_none=True)
        whole.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        self.optimizer.step()
        self.steps += 1
        kept_share = min(_AVERAGED, self.steps / (self.steps + 20))
        with torch.no_grad():
            for mean, now in zip(self.average.state_dict().values(), self.network.state_dict().values(), strict=True):
                if mean.is_floating_point():
                    mean.lerp_(now, 1 - kept_share)
        return parts


def train(
    of: Stage,
    folders: list[Path],
    held: Path,
    minutes: float,
    out: Path,
    workers: int,
    on: Path | None = None,
    trunk: Path | None = None,
    seed: int = 0,
) -> None:
    """See the module."""
    cv2.setNumThreads(0)  # its threads do not outlive the fork into workers
    out.mkdir(parents=True, exist_ok=True)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    file, log = out / f"{of.name}.pt", out / f"{of.name}.jsonl"
    if file.exists():
        training = Training.resumed(of, file, device)
    else:
        new = read(of, on) if on else network_of(of)
        if trunk and isinstance(new, WitnessNetwork):
            new.trunk = converted(trunk)
        training = Training.begun(new, on is not None, device)
    batches = held_out(held, of)
    samples = Samples(folders, of, (seed, training.steps))
    total, started, saved = minutes * 60, time.monotonic() - training.spent, time.monotonic()
    for batch in DataLoader(samples, batch_size=None, num_workers=workers, prefetch_factor=4):
        share = (time.monotonic() - started) / total
        if share >= 1:
            break
        rate = training.rate(share)
        parts = training.step(batch, rate, device)
        if time.monotonic() - saved > _SAVED_EVERY:
            saved = time.monotonic()
            training.spent = saved - started
            training.save(file)
            figures = evaluate(training.average.cpu(), batches)
            training.average.to(device)
            _note(log, training.steps, share, rate, parts, figures)
    training.spent = total
    training.save(file)
    _note(log, training.steps, 1.0, 0.0, {}, evaluate(training.average.cpu(), batches))


def _halves(device: str) -> bool:
    """Whether numbers of 16 bits are faster there: without instructions for them they take three times as long."""
    known_to_be = torch.cpu._is_avx512_bf16_supported, torch.cpu._is_amx_tile_supported  # no public name tells
    return device == "cuda" or any(one() for one in known_to_be)


def _note(
    log: Path, steps: int, share: float, rate: float, parts: dict[str, Tensor], figures: dict[str, float]
) -> None:
    line = {
        "samples": steps * BATCH,
        "share": round(share, 3),
        "rate": round(rate, 6),
        **{f"loss_{name}": round(float(value.detach()), 3) for name, value in parts.items()},
        **{name: round(value, 3) for name, value in figures.items()},
    }
    with log.open("a", encoding="utf-8") as out:
        out.write(json.dumps(line) + "\n")
    print(line, flush=True)


def main() -> None:
    """Command line; see the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("which", choices=sorted(STAGES))
    parser.add_argument("--scenes", type=Path, nargs="+", required=True)
    parser.add_argument("--held-out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--on", type=Path, help="file of a network to train on")
    parser.add_argument("--trunk", type=Path, help="movenet-lightning.json, for a new witness")
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
        options.trunk,
        options.seed,
    )


if __name__ == "__main__":
    main()
