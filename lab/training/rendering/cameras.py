"""Cameras as people hold them: towards a back, a front, a side or another part of a body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lab.training.bodies import Subject

SIZE = 384
"""Pixels along each side of a rendered scene."""
VIEWS = ("back", "front", "side", "part")

# A photo shows so many spine lengths along its longer side, by a lens of so many degrees: half of them skin alone, the
# others up to somebody far away. How near the camera is follows, and what bulges towards it looks larger.
_SEEN, _LENS = ((0.6, 1.2), (1.2, 4.0)), (25.0, 75.0)
_NEAREST = 0.25  # metres from T9 and from both ends of the spine, towards the camera


@dataclass(frozen=True)
class Camera:
    """A pinhole camera.

    Attributes:
        position: (3,) metres.
        axes: its right, down and forward, shape (3, 3).
        focal: pixels.
        centre: (2,) pixels, the principal point.
    """

    position: NDArray[np.float64]
    axes: NDArray[np.float64]
    focal: float
    centre: NDArray[np.float64]

    def project(self, points: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Pixels of shape (n, 2) and depths of shape (n,) of points of shape (n, 3)."""
        seen = (points - self.position) @ self.axes.T
        return self.focal * seen[:, :2] / seen[:, 2:] + self.centre, seen[:, 2]

    @property
    def reach(self) -> float:
        """Pixels that the widest lens shows from there."""
        return float(2 * self.focal * np.tan(np.radians(_LENS[1]) / 2))


def _tilt(rng: np.random.Generator) -> float:
    """Degrees off the straight view: mostly few, now and then many."""
    wide = rng.random() < 0.12
    return float(rng.uniform(-35, 35) if wide else np.clip(rng.normal(0, 12), -35, 35))


def body_part(subject: Subject, rng: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Both ends of a part of the body that is no back, and degrees from straight behind that show it."""
    at, joints = subject.keypoints, subject.joints
    side = str(rng.choice(["L", "R"]))
    hips = (at["hip_L"] + at["hip_R"]) / 2
    knees = (joints["lowerleg01.L"] + joints["lowerleg01.R"]) / 2
    feet = (joints["foot.L"] + joints["foot.R"]) / 2
    top = subject.vertices[np.argmax(subject.vertices @ (at["C7"] - at["T9"]).astype(np.float32))].astype(float)
    ahead, behind = 180 + float(rng.normal(0, 25)), float(rng.normal(0, 18))
    beside, any_ = float(rng.choice([-1, 1]) * rng.uniform(55, 125)), float(rng.uniform(-180, 180))
    chances = {"belly": 0.2, "chest": 0.12, "trunk": 0.18, "flank": 0.1, "buttocks": 0.15, "legs": 0.08, "calves": 0.03,
               "leg": 0.03, "nape": 0.04, "throat": 0.02, "arm": 0.03, "forearm": 0.02}  # fmt: skip
    kind = str(rng.choice(list(chances), p=list(chances.values())))
    ends = {
        "belly": (at[f"T{rng.integers(7, 12)}"], hips + rng.uniform(-0.1, 0.3) * (knees - hips), ahead),
        "chest": (at["C7"] + rng.uniform(0, 0.5) * (top - at["C7"]), at["T11"], ahead),
        "trunk": (at["C7"] + rng.uniform(-0.2, 0.7) * (top - at["C7"]), hips, ahead),
        "flank": (at[f"T{rng.integers(3, 9)}"], hips, beside),
        "buttocks": (
            at[str(rng.choice(["T12", "L1", "L2", "L3", "L5"]))],
            hips + rng.uniform(0.25, 0.9) * (knees - hips),
            behind,
        ),
        "legs": (hips + rng.uniform(0.2, 0.5) * (knees - hips), knees + rng.uniform(0, 1) * (feet - knees), behind),
        "calves": (knees + rng.uniform(-0.3, 0.3) * (feet - knees), feet, any_),
        "leg": (at[f"hip_{side}"], joints[f"lowerleg01.{side}"], any_),
        "nape": (top, at[str(rng.choice(["C7", "T1", "T2"]))], behind),
        "throat": (top, at["T2"], ahead),
        "arm": (joints[f"upperarm01.{side}"], joints[f"lowerarm01.{side}"], any_),
        "forearm": (joints[f"lowerarm01.{side}"], joints[f"wrist.{side}"], any_),
    }  # fmt: skip
    return ends[kind]


def aimed_at_trunk(subject: Subject, view: int, rng: np.random.Generator) -> Camera:
    """A camera as near as people take photos from, that holds C7 to S2 at 105 to 140 px with T9 near the centre."""
    if VIEWS[view] == "back":
        turn = _tilt(rng)
    elif VIEWS[view] == "front":
        turn = 180 + rng.normal(0, 20)
    else:
        turn = float(rng.choice([-1, 1]) * rng.uniform(60, 120))
    return aimed_at(subject.keypoints["C7"], subject.keypoints["S2"], subject.keypoints["T9"], turn, rng)


def aimed_at(
    upper: NDArray[np.float64],
    lower: NDArray[np.float64],
    middle: NDArray[np.float64],
    turn: float,
    rng: np.random.Generator,
) -> Camera:
    """A camera turned by ``turn`` degrees from straight behind, as near to two ends as people take photos from."""
    yaw, pitch, roll = np.radians(turn), np.radians(_tilt(rng)), np.radians(rng.normal(0, 3))
    away = np.array([np.sin(yaw) * np.cos(pitch), np.cos(yaw) * np.cos(pitch), np.sin(pitch)])
    right = np.cross(-away, [0, 0, 1])
    right /= np.linalg.norm(right)
    down = np.cross(-away, right)
    right, down = np.cos(roll) * right + np.sin(roll) * down, np.cos(roll) * down - np.sin(roll) * right
    axes = np.stack([right, down, -away])
    ends = np.array([upper, lower])
    seen = np.exp(rng.uniform(*np.log(_SEEN[rng.integers(2)]))) * np.linalg.norm(ends[0] - ends[1])
    nearest = _NEAREST + max(0.0, float(((ends - middle) @ away).max()))
    distance = max(seen / 2 / np.tan(np.radians(rng.uniform(*_LENS)) / 2), nearest)
    position = middle + away * distance
    at, _ = Camera(position, axes, 1.0, np.zeros(2)).project(ends)
    focal = float(rng.uniform(105, 140) / np.linalg.norm(at[0] - at[1]))
    jitter = np.clip(rng.normal(0, 9, 2), -18, 18)
    return Camera(position, axes, focal, np.full(2, (SIZE - 1) / 2) + jitter)
