"""Scenes from real photos: what the pose model reads in the whole photo becomes the truth for its parts.

    python -m lab.training.real PHOTOS --scenes DIR

PHOTOS holds photos and an ``index.json`` (``lab.data.real_photos``). Backs that the pose model alone is sure of are
taken as it reads them; fronts and sides teach what is no back. Every fourth photo is left for ``lab.accuracy.parts``.
Needs the program's own dependencies.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from lab.data import real_photos, truth
from lab.training.keypoints import NAMES, TABLE
from locator import Location, Side
from locator.core.keypoints import Kind
from locator.estimate import placing
from locator.estimate.pose_model import MediaPipePose
from locator.models import registry
from locator.photo import sources

SIDE_PX, _SPINE_PX = 384, 120.0
_JOINTS, _REST = 1.0, 0.4  # how much a keypoint counts: the pose model sees joints, the rest is worked out from them
_VIEWS = {"back": 0, "front": 1, "side/other": 2}

Keypoints = dict[str, NDArray[np.float64]]


def keypoints_of(location: Location) -> Keypoints:
    """The keypoints that a location holds, (2,) px each."""
    levels = {one.level: np.array([one.x_px, one.y_px]) for one in location.levels}
    marks = {(one.code, one.side): np.array([one.x_px, one.y_px]) for one in location.points}
    joints = {row: getattr(location.landmarks, name) for name, row in TABLE.landmarks.items()}
    by_row = joints | {row: levels[level] for level, row in TABLE.levels.items() if level in levels}
    by_row |= {row: marks[mark] for mark, row in TABLE.marks.items() if mark in marks and mark[1] is not Side.MIDLINE}
    return {NAMES[row]: point for row, point in by_row.items()}


def rough_trunk(keypoints: dict[str, list[float]]) -> Keypoints:
    """Where the trunk of one who is no back lies, from a pose's keypoints."""
    middles = [
        np.mean([keypoints[f"left_{joint}"][:2], keypoints[f"right_{joint}"][:2]], axis=0)
        for joint in ("shoulder", "hip")
    ]
    shoulders, hips = middles
    return {"C7": shoulders, "T9": (shoulders + hips) / 2, "S2": hips}


def scene(rgb: NDArray[np.uint8], keypoints: Keypoints) -> tuple[NDArray[np.uint8], NDArray[np.float64], float]:
    """The photo upright and at the scale of the rendered scenes.

    Returns:
        (384, 384, 4) the photo and where it is; (24, 2) px the keypoints in it, zeros where unknown; its scale.
    """
    down = keypoints["S2"] - keypoints["C7"]
    angle, scale = math.atan2(down[0], down[1]), _SPINE_PX / float(np.linalg.norm(down))
    turn = scale * np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    shift = SIDE_PX / 2 - turn @ keypoints["T9"]
    whole = cv2.warpAffine(
        np.dstack([rgb, np.full(rgb.shape[:2], 255, np.uint8)]), np.hstack([turn, shift[:, None]]), (SIDE_PX, SIDE_PX)
    )
    moved = [turn @ keypoints[name] + shift if name in keypoints else np.zeros(2) for name in NAMES]
    return np.asarray(whole, np.uint8), np.array(moved), scale


def main() -> None:
    """Command line; see the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--scenes", type=Path, required=True)
    options = parser.parse_args()
    index = real_photos.index(options.photos)
    estimator = MediaPipePose(registry.bundle)
    kept: list[dict[str, Any]] = []
    for number in real_photos.split(index)[0]:
        entry = index[number]
        view = _VIEWS.get(entry["read_as"])
        if view is None:
            continue
        rgb = sources.read(options.photos / entry["file"]).rgb
        reading = truth.read_pose(rgb, estimator)
        if reading.pose and not reading.refusal:
            view, keypoints = 0, keypoints_of(placing.from_pose(reading.pose))
        elif view:
            keypoints = rough_trunk(entry["landmarks"])
        else:
            continue
        picture, moved, scale = scene(rgb, keypoints)
        weight = [
            (_JOINTS if one.kind is Kind.JOINT else _REST) if one.name in keypoints else 0.0 for one in TABLE.keypoints
        ]
        spine_mm = 490.0  # of the average body, so that errors can be given in mm
        kept.append(
            {"picture": picture, "points": moved, "px_per_mm": _SPINE_PX / spine_mm, "view": view, "weight": weight}
        )
    options.scenes.mkdir(parents=True, exist_ok=True)
    np.save(options.scenes / "photos.npy", np.stack([one["picture"] for one in kept]))
    np.savez(
        options.scenes / "photos.npz",
        points=np.array([one["points"] for one in kept], np.float32),
        px_per_mm=np.array([one["px_per_mm"] for one in kept], np.float32),
        view=np.array([one["view"] for one in kept], np.uint8),
        weight=np.array([one["weight"] for one in kept], np.float32),
    )
    print(f"{options.scenes}: {len(kept)} photos")


if __name__ == "__main__":
    main()
