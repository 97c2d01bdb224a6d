"""Writes a trained network as ONNX, which the program runs, and reads one back to train it on.

python -m training.export coarse|fine --from DIR [DIR ...] --to FILE

Of several trainings that went on from one network, the mean of the weights is written.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from torch import nn

from training.network import BackNetwork
from training.places import PASSES, Pass


def read(of: Pass, file: Path) -> BackNetwork:
    """A network as :func:`export` has written it: without normalizations, for those are in the weights.

    The file names most weights by numbers only, so they are told by the order in which the network uses them.
    """
    network = BackNetwork(of).fuse()
    used: list[nn.Conv2d] = []

    def note(convolution: nn.Module, *_: Any) -> None:
        assert isinstance(convolution, nn.Conv2d)
        used.append(convolution)

    hooks = [one.register_forward_hook(note) for one in network.modules() if isinstance(one, nn.Conv2d)]
    with torch.no_grad():
        network(torch.zeros(1, 3, of.side_px, of.side_px))
    for hook in hooks:
        hook.remove()
    graph = onnx.load(str(file)).graph
    stored = {one.name: onnx.numpy_helper.to_array(one) for one in graph.initializer}
    nodes = [node for node in graph.node if node.op_type == "Conv"]
    with torch.no_grad():
        for convolution, node in zip(used, nodes, strict=True):
            assert convolution.bias is not None
            for weights, name in ((convolution.weight, node.input[1]), (convolution.bias, node.input[2])):
                weights.copy_(torch.from_numpy(np.array(stored[name])))
    return network


def export(which: str, checkpoints: list[Path], to: Path) -> None:
    """The running mean of the weights, for any number of pictures at once."""
    of = PASSES[which]
    network = BackNetwork(of)
    kept = [torch.load(file, map_location="cpu", weights_only=True) for file in checkpoints]
    if kept[0].get("fused"):
        network.fuse()
    mean = {
        name: torch.stack([one["steady"][name] for one in kept]).mean(0) if weights.is_floating_point() else weights
        for name, weights in kept[0]["steady"].items()
    }
    network.load_state_dict(mean)
    network.eval()
    torch.onnx.export(
        network,
        (torch.zeros(1, 3, of.side_px, of.side_px),),
        str(to),
        input_names=["picture"],
        output_names=["heat", "told"],
        dynamic_axes={name: {0: "n"} for name in ("picture", "heat", "told")},
        dynamo=False,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("which", choices=sorted(PASSES))
    parser.add_argument("--from", dest="folders", type=Path, nargs="+", required=True)
    parser.add_argument("--to", type=Path, required=True)
    options = parser.parse_args()
    export(options.which, [folder / f"{options.which}.pt" for folder in options.folders], options.to)


if __name__ == "__main__":
    main()
