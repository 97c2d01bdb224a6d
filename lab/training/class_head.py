"""Trains on only what tells back or not, of a network that reads; where it reads keypoints stays as it is.

    python -m lab.training.class_head coarse|fine --scenes DIR [DIR ...] --minutes N --out DIR --on FILE

Of what is no back there is no end of scenes, while more samples of backs only teach the renderer. The layers that tell
the class tell the predicted errors, too: these are held where they were. Writes DIR/<stage>.pt for
``lab.training.export``. A core learns from 200 samples a second.
"""

from __future__ import annotations

import argparse
import copy
import time
from pathlib import Path

import cv2
import torch
from torch import Tensor
from torch.utils.data import DataLoader

from lab.training.dataset import BATCH, OF_CLASS, Samples
from lab.training.export import read
from lab.training.keypoints import STAGES, Stage
from lab.training.network import BackNetwork, witness_loss
from lab.training.train import as_input, scheduled

_RATE, _DECAY, _AVERAGED = 2e-3, 0.02, 0.99
_LOSSES = {"back": 1.0, "apart": 0.3, "moved": 20.0}
_TOLD_EVERY = 100  # batches


def train(of: Stage, folders: list[Path], minutes: float, out: Path, on: Path, seed: int = 0) -> None:
    """See the module."""
    cv2.setNumThreads(0)  # its threads do not outlive the fork into workers
    network = read(of, on)
    if not isinstance(network, BackNetwork):
        raise TypeError(f"of: expected a network that reads keypoints, got the {of.name}")
    network.eval().requires_grad_(False)
    before = copy.deepcopy(network.told)
    network.told.requires_grad_(True)
    average = copy.deepcopy(network.told.state_dict())
    optimizer = torch.optim.AdamW(network.told.parameters(), lr=_RATE, weight_decay=_DECAY)
    samples, started = Samples(folders, of, (seed, 0), OF_CLASS), time.monotonic()
    for number, batch in enumerate(DataLoader(samples, batch_size=None, num_workers=1, prefetch_factor=4), 1):
        share = (time.monotonic() - started) / (minutes * 60)
        if share >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = scheduled(_RATE, share)
        parts = _losses(network, before, batch["picture"], batch["back"])
        optimizer.zero_grad()
        torch.stack([weight * parts[name] for name, weight in _LOSSES.items()]).sum().backward()
        optimizer.step()
        for name, now in network.told.state_dict().items():
            average[name].lerp_(now, 1 - min(_AVERAGED, number / (number + 10)))
        if number % _TOLD_EVERY == 0:
            print(number * BATCH, {name: round(float(value.detach()), 4) for name, value in parts.items()}, flush=True)
    network.told.load_state_dict(average)
    out.mkdir(parents=True, exist_ok=True)
    torch.save({"average": network.state_dict(), "fused": True}, out / f"{of.name}.pt")


def _losses(network: BackNetwork, before: torch.nn.Module, pictures: Tensor, back: Tensor) -> dict[str, Tensor]:
    """Of the class as for a witness, and how far the predicted errors have moved."""
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        seen = network.seen(as_input(pictures).to(memory_format=torch.channels_last))
    seen = seen.float()
    told, was = network.told(seen).flatten(1), before(seen).flatten(1)
    return {**witness_loss(told[:, -1:], back), "moved": ((told - was)[:, :-1] ** 2).mean()}


def main() -> None:
    """Command line; see the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("which", choices=[name for name, of in STAGES.items() if not of.is_witness])
    parser.add_argument("--scenes", type=Path, nargs="+", required=True)
    parser.add_argument("--minutes", type=float, default=6)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--on", type=Path, required=True, help="file of the network to train on")
    parser.add_argument("--seed", type=int, default=0, help="of the samples")
    options = parser.parse_args()
    train(STAGES[options.which], options.scenes, options.minutes, options.out, options.on, options.seed)


if __name__ == "__main__":
    main()
