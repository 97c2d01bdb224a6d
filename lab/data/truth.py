"""Pictures with true point positions: a JSON beside each, in the format of ``sample_images``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from locator import api
from locator.core import similarity
from locator.core.types import FloatArray, Landmarks, LocatedPoint, RGBArray, Side
from locator.estimate import pose_ensemble
from locator.estimate.fusion import PoseReading
from locator.estimate.pose_model import PoseEstimator
from locator.photo import light, resizing

HEAD_IN_FRAME = ("full", "knee", "thigh")
"""Crops of the rendered bodies that keep the head in the picture."""


@dataclass(frozen=True, eq=False)
class Truth:
    """One picture and what is known of it.

    Attributes:
        points: name → (2,) px; vertebrae as ``T9``, marks as ``BL-18/L`` or ``GV-9``, joints as ``hip_R``.
    """

    picture: Path
    size_px: tuple[int, int]
    px_per_mm: float
    cun_px: float
    config: dict[str, Any]
    points: dict[str, FloatArray]

    def mark(self, point: LocatedPoint) -> FloatArray:
        """(2,) px: where ``point`` truly is."""
        suffix = {Side.LEFT: "/L", Side.RIGHT: "/R", Side.MIDLINE: ""}[point.side]
        return self.points[point.code + suffix]

    @property
    def span_in_view(self) -> bool:
        """Whether the picture shows the spine from T4 to L2."""
        ends = np.array([self.points["T4"], self.points["L2"]])
        return bool((ends >= 0).all() and (ends < self.size_px).all())

    @property
    def quarter_turns(self) -> int:
        """How the body is turned, clockwise, to the nearest quarter."""
        return similarity.quarter_turns_to_upright(self.points["C7"] - self.points["S2"])

    def landmarks(self) -> Landmarks:
        """Where the landmarks truly are."""
        return Landmarks(
            subject_left_shoulder=self.points["shoulder_L"],
            subject_right_shoulder=self.points["shoulder_R"],
            subject_left_hip=self.points["hip_L"],
            subject_right_hip=self.points["hip_R"],
            c7=self.points["C7"],
            spine_middle=self.points["T9"],
        )


def read(folder: Path) -> Iterator[Truth]:
    """Every picture in ``folder`` with a JSON of truth beside it, by name."""
    for file in sorted(folder.glob("*.json")):
        data = json.loads(file.read_text(encoding="utf-8"))
        picture = file.with_suffix(".jpg")
        if not (isinstance(data, dict) and "points" in data and picture.exists()):
            continue
        yield Truth(
            picture=picture,
            size_px=(data["size"][0], data["size"][1]),
            px_per_mm=data["px_per_mm"],
            cun_px=data["cun_mm"] * data["px_per_mm"],
            config=data["config"],
            points={name: np.array(xy, dtype=np.float64) for name, xy in data["points"].items()},
        )


def read_pose(rgb: RGBArray, estimator: PoseEstimator) -> PoseReading:
    """What the pose model alone makes of a photo."""
    small, shrunk = resizing.shrink(rgb, pose_ensemble.LONGEST_PX)
    return api.read_pose(small, light.measure(small), estimator, shrunk)
