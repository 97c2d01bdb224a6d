"""Packs bare weights into the ``.task`` bundles that MediaPipe's landmarkers load.

The landmark network of the pose comes without the metadata that says how its input pixels are scaled, and the Tasks
API refuses it so; the metadata is added here (TensorFlow Lite metadata schema, as shipped inside MediaPipe). The
networks of the hand carry theirs.
"""

from __future__ import annotations

import importlib.util
import io
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import flatbuffers
import numpy as np

_ALIGNMENT = 4  # MediaPipe maps the members in place and wants each to begin on a multiple of this


def pack_pose(detector: bytes, landmarks: bytes) -> bytes:
    """The bundle of a PoseLandmarker, byte for byte the same on every machine.

    Args:
        detector: person detector, which already carries its metadata (mean 127.5, std 127.5).
        landmarks: landmark network without metadata; its input is RGB in 0 to 1 (mean 0, std 255).
    """
    landmarks = with_normalization(landmarks, mean=0.0, std=255.0)
    return _zipped({"pose_detector.tflite": detector, "pose_landmarks_detector.tflite": landmarks})


def pack_hand(detector: bytes, landmarks: bytes) -> bytes:
    """The bundle of a HandLandmarker, byte for byte the same on every machine.

    Args:
        detector: palm detector; it and the landmark network already carry their metadata (mean 0, std 255).
        landmarks: hand landmark network.
    """
    return _zipped({"hand_detector.tflite": detector, "hand_landmarks_detector.tflite": landmarks})


def _zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in members.items():
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.extra = _padding(buffer.tell() + 30 + len(name))
            archive.writestr(entry, data)
    return buffer.getvalue()


def _padding(offset: int) -> bytes:
    """A zip extra field that moves a member's data from ``offset`` to the next aligned byte."""
    length = -offset % _ALIGNMENT
    if length == 0:
        return b""
    return b"\x35\xd9" + length.to_bytes(2, "little") + bytes(length)


def with_normalization(model: bytes, mean: float, std: float) -> bytes:
    """A TensorFlow Lite file with the metadata that say how the pixels of its picture are scaled."""
    tflite, metadata = schema("schema_py_generated"), schema("metadata_schema_py_generated")

    options = metadata.NormalizationOptionsT()
    options.mean, options.std = [mean], [std]
    step = metadata.ProcessUnitT()
    step.optionsType, step.options = metadata.ProcessUnitOptions.NormalizationOptions, options
    pixels = metadata.ImagePropertiesT()
    pixels.colorSpace = metadata.ColorSpaceType.RGB
    content = metadata.ContentT()
    content.contentPropertiesType, content.contentProperties = (
        metadata.ContentProperties.ImageProperties,
        pixels,
    )
    tensor = metadata.TensorMetadataT()
    tensor.name, tensor.content, tensor.processUnits = "image", content, [step]
    graph = metadata.SubGraphMetadataT()
    graph.inputTensorMetadata = [tensor]
    described = metadata.ModelMetadataT()
    described.subgraphMetadata, described.minParserVersion = [graph], "1.0.0"

    network = tflite.ModelT.InitFromObj(tflite.Model.GetRootAs(model, 0))
    stored = tflite.BufferT()
    stored.data = np.frombuffer(finished(described, b"M001"), np.uint8)
    network.buffers.append(stored)
    entry = tflite.MetadataT()
    entry.name, entry.buffer = "TFLITE_METADATA", len(network.buffers) - 1
    network.metadata = [*(network.metadata or []), entry]
    return finished(network, b"TFL3")


def finished(table: Any, identifier: bytes) -> bytes:
    """The bytes of a FlatBuffers file with that table at its root."""
    builder = flatbuffers.Builder()
    builder.Finish(table.Pack(builder), identifier)
    return bytes(builder.Output())


def schema(name: str) -> ModuleType:
    """One of MediaPipe's generated schema modules, loaded from its file: importing the package takes a second."""
    package = importlib.util.find_spec("mediapipe")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("mediapipe is not installed")
    file = Path(package.origin).parent / "tasks" / "metadata" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"_mediapipe_{name}", file)
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(f"mediapipe ships no {name}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
