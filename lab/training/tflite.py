"""Files of TensorFlow Lite, which the program runs: writes a network's operators, and reads its weights back.

A picture's colours come last there, and first in PyTorch.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from locator.models import bundle
from locator.models.heatmap_network import HEATMAP_STRIDE

SCHEMA = bundle.schema("schema_py_generated")
"""The classes of such a file."""

_OPERATOR, _OPTIONS, _TYPE = SCHEMA.BuiltinOperator, SCHEMA.BuiltinOptions, SCHEMA.TensorType
_NO_ACTIVATION = SCHEMA.ActivationFunctionType.NONE
_ACTIVATIONS = {
    _OPERATOR.RELU: SCHEMA.ActivationFunctionType.RELU,
    _OPERATOR.RELU6: SCHEMA.ActivationFunctionType.RELU6,
}
_DEQUANTIZE_VERSION = 5  # of the operator: the first that takes 16 bits and a scale for each channel

_MEAN, _STD = 127.5, 63.75  # of the pixels that a network is shown, as in training

_HALF, _STEPS = ".half", ".steps"
_LARGE = 60_000  # weights; of 90 pictures a witness's logit moves by 0.02 at most, but by up to 1.2 with all in 8 bits

Shape = tuple[int, ...]


def weights(file: Path) -> dict[str, NDArray[np.float32]]:
    """The stored weights by name, laid out as in PyTorch; depthwise ones as (1, n, h, w) instead of (n, 1, h, w)."""
    network = SCHEMA.ModelT.InitFromObj(SCHEMA.Model.GetRootAs(file.read_bytes(), 0))
    stored = {}
    for one in network.subgraphs[0].tensors:
        name = one.name.decode()
        kind = {_HALF: np.float16, _STEPS: np.int8}.get(name[name.rfind(".") :])
        if kind:
            held = np.frombuffer(bytes(network.buffers[one.buffer].data), kind).reshape(one.shape).astype(np.float32)
            if kind is np.int8:
                axis = one.quantization.quantizedDimension
                scales = np.array(one.quantization.scale, np.float32)
                held = np.moveaxis(np.moveaxis(held, axis, -1) * scales, -1, axis)
            stored[name.rpartition(".")[0]] = held.transpose(0, 3, 1, 2) if held.ndim == 4 else held
    return stored


class File:
    """A file while it is written. Each weight is stored in 16 bits: half the file, and the marks stay where they were.

    Args:
        in_bytes: whether large convolutions are stored in 8 bits instead, with a scale for each of their outputs.

    Attributes:
        shapes: of each tensor, by its number.
    """

    def __init__(self, in_bytes: bool) -> None:
        self._in_bytes = in_bytes
        self._network, self._graph = SCHEMA.ModelT(), SCHEMA.SubGraphT()
        self._network.version, self._network.subgraphs = 3, [self._graph]
        self._network.buffers, self._network.operatorCodes = [SCHEMA.BufferT()], []
        self._graph.tensors, self._graph.operators = [], []
        self.shapes: list[Shape] = []

    def tensor(self, name: str, shape: Shape) -> int:
        """A new one, to be computed."""
        one = SCHEMA.TensorT()
        one.name, one.shape, one.type, one.buffer = name, list(shape), _TYPE.FLOAT32, 0
        self._graph.tensors.append(one)
        self.shapes.append(shape)
        return len(self.shapes) - 1

    def constant(
        self, name: str, values: NDArray[Any], scales: NDArray[np.float32] | None = None, axis: int = 0
    ) -> int:
        """A new one, stored.

        Args:
            scales: of values in 8 bits, one for each channel of ``axis``.
        """
        number = self.tensor(name, values.shape)
        stored = SCHEMA.BufferT()
        stored.data = np.frombuffer(np.ascontiguousarray(values).tobytes(), np.uint8)
        self._network.buffers.append(stored)
        one = self._graph.tensors[number]
        one.type = getattr(_TYPE, values.dtype.name.upper())
        one.buffer = len(self._network.buffers) - 1
        if scales is not None:
            one.quantization = SCHEMA.QuantizationParametersT()
            one.quantization.scale, one.quantization.zeroPoint = scales.tolist(), [0] * len(scales)
            one.quantization.quantizedDimension = axis
        return number

    def weights(self, name: str, values: NDArray[np.float32], axis: int = 0) -> int:
        """Weights, stored small; ``axis`` is that of the outputs."""
        if self._in_bytes and values.size > _LARGE:
            others = tuple(one for one in range(values.ndim) if one != axis)
            scales = np.abs(values).max(axis=others, keepdims=True) / np.iinfo(np.int8).max
            small = self.constant(name + _STEPS, np.round(values / scales).astype(np.int8), scales.ravel(), axis)
        else:
            small = self.constant(name + _HALF, values.astype(np.float16))
        return self.computed(name, values.shape, "DEQUANTIZE", [small], "Dequantize")

    def computed(self, name: str, shape: Shape, code: str, inputs: list[int], kind: str = "", **options: Any) -> int:
        """A new one, computed by an operator from others; ``kind`` is that of its options."""
        number, one = self.tensor(name, shape), SCHEMA.OperatorT()
        one.opcodeIndex, one.inputs, one.outputs = self._code(getattr(_OPERATOR, code)), inputs, [number]
        if kind:
            one.builtinOptionsType = getattr(_OPTIONS, f"{kind}Options")
            one.builtinOptions = getattr(SCHEMA, f"{kind}OptionsT")()
            for key, value in options.items():
                setattr(one.builtinOptions, key, value)
        self._graph.operators.append(one)
        return number

    def _code(self, code: int) -> int:
        codes = self._network.operatorCodes
        for number, known in enumerate(codes):
            if known.builtinCode == code:
                return number
        new = SCHEMA.OperatorCodeT()
        new.builtinCode, new.deprecatedBuiltinCode = code, code
        new.version = _DEQUANTIZE_VERSION if code == _OPERATOR.DEQUANTIZE else 1
        codes.append(new)
        return len(codes) - 1

    def _fuse_activations(self) -> None:
        """Let what comes before an activation do it, where nothing else needs what comes before."""
        makers = {one.outputs[0]: one for one in self._graph.operators}
        used = [number for one in self._graph.operators for number in one.inputs]
        kept = []
        for one in self._graph.operators:
            activation = _ACTIVATIONS.get(self._network.operatorCodes[one.opcodeIndex].builtinCode)
            before = makers.get(one.inputs[0])
            options = before.builtinOptions if before and used.count(one.inputs[0]) == 1 else None
            if activation and getattr(options, "fusedActivationFunction", None) == _NO_ACTIVATION:
                before.builtinOptions.fusedActivationFunction = activation
                before.outputs = one.outputs
            else:
                kept.append(one)
        self._graph.operators = kept

    def finished(self, picture: int, outputs: list[int]) -> bytes:
        """The file's bytes."""
        self._fuse_activations()
        self._graph.inputs, self._graph.outputs = [picture], outputs
        return bundle.with_normalization(bundle.finished(self._network, b"TFL3"), _MEAN, _STD)


def keypoints(file: File, heat: int) -> int:
    """The mean position in each of (1, h, w, k) heat maps, by their softmax: (1, 1, 1, 2 k), px of the input."""
    _, height, width, maps = file.shapes[heat]

    def reshaped(one: int, shape: Shape, name: str) -> int:
        sizes = file.constant(f"{name}.shape", np.array(shape, np.int32))
        return file.computed(name, shape, "RESHAPE", [one, sizes], "Reshape", newShape=list(shape))

    cells = reshaped(heat, (height * width, maps), "cells")
    order = file.constant("order", np.array((1, 0), np.int32))
    rows = file.computed("maps", (maps, height * width), "TRANSPOSE", [cells, order], "Transpose")
    shares = file.computed("shares", (maps, height * width), "SOFTMAX", [rows], "Softmax", beta=1.0)
    y, x = np.mgrid[:height, :width].astype(np.float32).reshape(2, -1) * HEATMAP_STRIDE + (HEATMAP_STRIDE - 1) / 2
    middle = np.array((x.mean(), y.mean()), np.float32)  # from there, sums in 32 bits are the most exact
    places = file.constant("places", np.stack((x, y)) - middle[:, None])
    inputs = [shares, places, file.constant("middle", middle)]
    means = file.computed("means", (maps, 2), "FULLY_CONNECTED", inputs, "FullyConnected")
    return reshaped(means, (1, 1, 1, 2 * maps), "keypoints")
