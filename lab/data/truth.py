"""Pictures with true point positions: a JSON beside each, in the format of ``sample_images``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from locator import api
from locator.core import keypoints, similarity
from locator.core.arrays import FloatArray, RGBArray
from locator.core.body import Landmarks
from locator.core.types import LocatedPoint, in_picture
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
        points: name → (2,) px: every level by its vertebra, and the other keypoints by the names of their table
            (:mod:`locator.core.keypoints`).
    """

    picture: Path
    size_px: tuple[int, int]
    px_per_mm: float
    cun_px: float
    config: dict[str, Any]
    points: dict[str, FloatArray]

    def mark(self, point: LocatedPoint) -> FloatArray:
        """(2,) px: where ``point`` truly is."""
        table = keypoints.of_back_networks()
        return self.points[table.names[table.marks[point.code, point.side]]]

    @property
    def span_in_view(self) -> bool:
        """Whether the picture shows the spine from T4 to L2."""
        return all(in_picture(x, y, self.size_px) for x, y in (self.points["T4"], self.points["L2"]))

    @property
    def quarter_turns(self) -> int:
        """How the body is turned, clockwise, to the nearest quarter."""
        return similarity.quarter_turns_to_upright(self.points["C7"] - self.points["S2"])

    def landmarks(self) -> Landmarks:
        """Where the landmarks truly are."""
        table = keypoints.of_back_networks()
        return Landmarks(**{name: self.points[table.names[row]] for name, row in table.landmarks.items()})


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
