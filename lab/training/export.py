"""Writes a trained network as the program runs it, and reads one back to train it on.

python -m lab.training.export coarse|fine|witness|region_witness --from DIR [DIR ...] --to FILE

Of several trainings that went on from one network, the mean of the weights is written.
"""

from __future__ import annotations

import argparse
import operator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, fx, nn
from torch.nn import functional

from lab.training import tflite
from lab.training.keypoints import STAGES, Stage
from lab.training.network import BackNetwork, WitnessNetwork, network_of


def read(of: Stage, file: Path) -> BackNetwork | WitnessNetwork:
    """A network as :func:`export` has written it: without normalizations, for those are in the weights.

    One that was narrower or shallower is grown: it predicts what it predicted, and what is new has yet to learn.
    """
    network = network_of(of).fuse()
    stored = {name: torch.from_numpy(weights) for name, weights in tflite.weights(file).items()}
    if isinstance(network, WitnessNetwork):
        wanted = network.state_dict()
        network.load_state_dict({name: weights.reshape(wanted[name].shape) for name, weights in stored.items()})
        return network
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
    """The averaged weights."""
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
    to.write_bytes(_written(network, of.side_px, in_bytes=isinstance(network, WitnessNetwork)))


def _averaged(kept: dict[str, dict[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    """The averaged weights of a checkpoint, by what it has called them."""
    return kept.get("average") or kept["steady"]


def _written(network: nn.Module, side_px: int, in_bytes: bool) -> bytes:
    """The file of what a network makes of one (3, side, side) picture; a heat map becomes where its keypoint is.

    What our networks are made of is known, and nothing else.

    Args:
        in_bytes: see :class:`.tflite.File`.
    """
    traced = fx.symbolic_trace(network)
    file = tflite.File(in_bytes)
    picture = file.tensor("picture", (1, side_px, side_px, 3))
    with torch.no_grad():
        found = _Writing(traced, file).run(picture)
    outputs = found if isinstance(found, tuple) else (found,)
    are_maps = [file.shapes[one][1] > 1 for one in outputs]
    pairs = zip(outputs, are_maps, strict=True)
    return file.finished(picture, [tflite.keypoints(file, one) if is_map else one for one, is_map in pairs])


class _Padded(NamedTuple):
    """A tensor that is to be padded with zeros by what takes it; pixels above, left, below and right."""

    tensor: int
    pads: tuple[int, ...]


class _Writing(fx.Interpreter):  # type: ignore[misc]
    """Goes through a traced network with numbers of a file's tensors in place of tensors."""

    def __init__(self, traced: fx.GraphModule, file: tflite.File) -> None:
        super().__init__(traced)
        self._file = file
        self._known = {id(weights): name for name, weights in traced.named_parameters()}

    def call_module(self, target: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        module = self.fetch_attr(target)
        (one,) = args
        match module:
            case nn.Conv2d():
                weights = module.weight, module.bias
                return self._convolution(one, *weights, module.stride[0], module.padding[0], module.groups)
            case nn.ReLU():
                return self._activation(one, "RELU")
            case nn.Identity():
                return one
            case nn.Upsample():
                _, height, width, channels = self._file.shapes[one]
                size = (int(height * module.scale_factor), int(width * module.scale_factor))
                sizes = self._file.constant(f"{target}.size", np.array(size, np.int32))
                shape = (1, *size, channels)
                kind = "ResizeNearestNeighbor"
                return self._file.computed(target, shape, "RESIZE_NEAREST_NEIGHBOR", [one, sizes], kind)
            case nn.AdaptiveAvgPool2d():
                axes = self._file.constant(f"{target}.axes", np.array((1, 2), np.int32))
                shape = (1, 1, 1, self._file.shapes[one][3])
                return self._file.computed(target, shape, "MEAN", [one, axes], "Reducer", keepDims=True)
        raise ValueError(f"{target}: expected a layer that is known, got {module}")

    def call_function(self, target: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        one = args[0]
        if target in (operator.add, torch.add):
            return self._file.computed("", self._file.shapes[one], "ADD", list(args), "Add")
        if target is torch.relu:
            return self._activation(one, "RELU")
        if target is functional.relu6:
            return self._activation(one, "RELU6")
        if target is functional.pad:
            left, right, above, below = args[1]
            return _Padded(one, (above, left, below, right))
        if target is torch.conv2d:
            _, weight, bias, stride, pad, _, groups = args
            return self._convolution(one, weight, bias, stride[0], pad[0], groups)
        if target is torch.cat:
            shape = (1, 1, 1, sum(self._file.shapes[each][3] for each in one))
            return self._file.computed("", shape, "CONCATENATION", list(one), "Concatenation", axis=3)
        raise ValueError(f"expected an operation that is known, got {target}")

    def call_method(self, target: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if target != "flatten":
            raise ValueError(f"expected an operation that is known, got {target}")
        return args[0]

    def get_attr(self, target: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Tensor:
        found: Tensor = self.fetch_attr(target)
        return found

    def _activation(self, one: int, code: str) -> int:
        return self._file.computed("", self._file.shapes[one], code, [one])

    def _convolution(self, one: int | _Padded, weight: Tensor, bias: Tensor, stride: int, pad: int, groups: int) -> int:
        one, pads = one if isinstance(one, _Padded) else (one, (pad,) * 4)
        above, left, below, right = pads
        _, height, width, channels = self._file.shapes[one]
        out, _, kernel, _ = weight.shape
        wide, high = (-(-(before - kernel + 1) // stride) for before in (width + left + right, height + above + below))
        beside = max((-(-width // stride) - 1) * stride + kernel - width, 0)
        padding = tflite.SCHEMA.Padding.SAME
        if (left, right) != (beside // 2, beside - beside // 2):
            padding = tflite.SCHEMA.Padding.VALID
            if any(pads):
                by = np.array(((0, 0), (above, below), (left, right), (0, 0)), np.int32)
                shape = (1, height + above + below, width + left + right, channels)
                one = self._file.computed("", shape, "PAD", [one, self._file.constant("pads", by)], "Pad")
        options = {"strideH": stride, "strideW": stride, "padding": padding, "dilationHFactor": 1, "dilationWFactor": 1}
        name, values = self._known[id(weight)], weight.numpy()
        shape = (1, high, wide, out)
        biases = self._file.weights(self._known[id(bias)], bias.numpy())
        if groups == 1:
            inputs = [one, self._file.weights(name, values.transpose(0, 2, 3, 1)), biases]
            return self._file.computed(name, shape, "CONV_2D", inputs, "Conv2D", **options)
        inputs = [one, self._file.weights(name, values.transpose(1, 2, 3, 0), axis=3), biases]
        kind = "DepthwiseConv2D"
        return self._file.computed(name, shape, "DEPTHWISE_CONV_2D", inputs, kind, depthMultiplier=1, **options)


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
