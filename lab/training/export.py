"""Writes a trained network as ONNX, which the program runs, and reads one back to train it on.

python -m lab.training.export coarse|fine|witness|region_witness --from DIR [DIR ...] --to FILE

Of several trainings that went on from one network, the mean of the weights is written. Of a witness only what says
whether this is a back is written: it cannot be read back.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper

from lab.training.keypoints import STAGES, Stage
from lab.training.network import BackNetwork, PretrainedNetwork, network_of
from lab.training.trunk import PADDING


def read(of: Stage, file: Path) -> BackNetwork | PretrainedNetwork:
    """A network as :func:`export` has written it: without normalizations, for those are in the weights.

    One that was narrower or shallower is grown: it predicts what it predicted, and what is new has yet to learn.
    """
    network = network_of(of).fuse()
    stored = {
        one.name.removesuffix(_HALF): torch.from_numpy(numpy_helper.to_array(one).astype(np.float32))
        for one in onnx.load(str(file)).graph.initializer
    }
    with torch.no_grad():
        for name, weights in network.named_parameters():
            if name in stored:
                old = stored[name]
                if old.ndim == 1:
                    weights[: len(old)] = old
                    continue
                inputs = np.arange(old.shape[1])
                if name == "told.0.weight":  # takes what is at 1/32, then what is at 1/16
                    least = len(stored["to_least.0.0.bias"])
                    inputs = np.where(inputs < least, inputs, inputs - least + of.widths[-1])
                weights[: len(old)] = 0.0  # what is new has no effect yet on what was there
                weights[: len(old), inputs] = old
            elif ".change.1." in name:
                weights.zero_()
            elif ".change.0." not in name:
                raise ValueError(f"{file}: expected weights named {name}")
    return network


def export(which: str, checkpoints: list[Path], to: Path) -> None:
    """The averaged weights, for any batch size."""
    of = STAGES[which]
    network = network_of(of)
    kept = [torch.load(file, map_location="cpu", weights_only=True) for file in checkpoints]
    if kept[0].get("fused"):
        network.fuse()
    mean = {
        name: torch.stack([_averaged(one)[name] for one in kept]).mean(0) if weights.is_floating_point() else weights
        for name, weights in _averaged(kept[0]).items()
    }
    network.load_state_dict(mean)
    network.fuse().eval()  # a normalization would take the weights' names with it
    outputs = ["heat", "told"]
    if isinstance(network, PretrainedNetwork):
        network.forward, outputs = network.logit, ["logit"]  # type: ignore[method-assign]
    torch.onnx.export(
        network,
        (torch.zeros(1, 3, of.side_px, of.side_px),),
        str(to),
        input_names=["picture"],
        output_names=outputs,
        dynamic_axes={name: {0: "n"} for name in ("picture", *outputs)},
        dynamo=False,
    )
    _pad_inside(to)
    _store(to, in_bytes=isinstance(network, PretrainedNetwork))


def _pad_inside(file: Path) -> None:
    """Let convolutions pad for themselves: a padded copy of wide features takes longer than the convolution."""
    model = onnx.load(str(file))
    graph = model.graph
    padded = {one.output[0]: one.input[0] for one in graph.node if one.op_type == "Pad"}
    for one in graph.node:
        if one.op_type == "Conv" and one.input[0] in padded:
            one.input[0] = padded[one.input[0]]
            next(attribute for attribute in one.attribute if attribute.name == "pads").ints[:] = PADDING
    needed, kept = {one.name for one in graph.output}, []
    for one in reversed(graph.node):
        if needed & set(one.output):
            needed |= set(one.input)
            kept.append(one)
    del graph.node[:]
    graph.node.extend(reversed(kept))
    weights = [one for one in graph.initializer if one.name in needed]
    del graph.initializer[:]
    graph.initializer.extend(weights)
    onnx.save(model, str(file))


def _averaged(kept: dict[str, dict[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    """The averaged weights of a checkpoint, by what it has called them."""
    return kept.get("average") or kept["steady"]


_HALF = ".half"
_LARGE = 60_000  # weights; of 90 pictures a witness's logit moves by 0.02 at most, but by up to 1.2 with all in 8 bits


def _store(file: Path, in_bytes: bool) -> None:
    """Store each weight in 16 bits: half the file, and the marks stay where they were.

    Args:
        in_bytes: whether large convolutions are stored in 8 bits instead, with a scale for each of their outputs.
    """
    model = onnx.load(str(file))
    graph = model.graph
    stored, nodes = [], []
    for one in graph.initializer:
        weights, name = numpy_helper.to_array(one), one.name
        if one.data_type != onnx.TensorProto.FLOAT:
            stored.append(one)
        elif in_bytes and weights.size > _LARGE:
            scales = np.abs(weights).max(axis=(1, 2, 3)) / np.iinfo(np.int8).max
            steps = np.round(weights / scales[:, None, None, None]).astype(np.int8)
            parts = numpy_helper.from_array(steps, f"{name}.steps"), numpy_helper.from_array(scales, f"{name}.scales")
            stored += parts
            nodes.append(helper.make_node("DequantizeLinear", [part.name for part in parts], [name], axis=0))
        else:
            stored.append(numpy_helper.from_array(weights.astype(np.float16), name + _HALF))
            nodes.append(helper.make_node("Cast", [name + _HALF], [name], to=onnx.TensorProto.FLOAT))
    nodes += graph.node
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend(stored)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, str(file))


def main() -> None:
    """Command line; see the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("which", choices=sorted(STAGES))
    parser.add_argument("--from", dest="folders", type=Path, nargs="+", required=True)
    parser.add_argument("--to", type=Path, required=True)
    options = parser.parse_args()
    export(options.which, [folder / f"{options.which}.pt" for folder in options.folders], options.to)


if __name__ == "__main__":
    main()
