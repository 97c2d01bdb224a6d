"""From a pose to landmarks: the keypoints say where shoulders and hips are, not where the vertebrae lie.

A small linear model, measured on rendered bodies whose vertebrae are known, places three levels in the frame of the
torso from what the pose tells of it: raised arms lift the shoulder keypoints, a turned body shifts the spine to one
side, a bent one curves it. ``lab.accuracy.calibration`` makes its numbers. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from locator.core import toml
from locator.core.geometry import TorsoFrame
from locator.core.types import FloatArray, Joints, Keypoint, Landmarks, Pose
from locator.estimate.midline import Midline

PLACED = ("C7", "T9", "S2")
"""The levels that the model places; the midline through them gives the others."""

_PAIRS = {
    "ears": (Keypoint.LEFT_EAR, Keypoint.RIGHT_EAR),
    "shoulders": (Keypoint.LEFT_SHOULDER, Keypoint.RIGHT_SHOULDER),
    "elbows": (Keypoint.LEFT_ELBOW, Keypoint.RIGHT_ELBOW),
    "hips": (Keypoint.LEFT_HIP, Keypoint.RIGHT_HIP),
    "knees": (Keypoint.LEFT_KNEE, Keypoint.RIGHT_KNEE),
}

# The torso's frame holds these still, so they tell nothing.
_FIXED = {"shoulders_along", "shoulders_aside", "hips_along", "hips_aside", "hips_depth"}


def _told(*whats: str) -> tuple[str, ...]:
    names = (f"{pair}_{what}" for pair in _PAIRS for what in whats)
    return tuple(name for name in names if name not in _FIXED)


SYMMETRIC = _told("along", "breadth", "depth")
"""What tells how far down the levels lie. The same for a mirrored body."""

ANTISYMMETRIC = _told("aside", "tilt", "turn")
"""What tells how far the levels lie to the subject's right. Changes sign for a mirrored body."""

FURTHEST = 2.5
"""Standard deviations of a feature; beyond what it was measured on, the model must not extrapolate."""


def joints(pose: Pose) -> Joints:
    """The four joints of a pose, where the pose model puts them."""
    return Joints(
        pose[Keypoint.LEFT_SHOULDER],
        pose[Keypoint.RIGHT_SHOULDER],
        pose[Keypoint.LEFT_HIP],
        pose[Keypoint.RIGHT_HIP],
    )


def torso_frame(pose: Pose) -> TorsoFrame:
    """The frame that the model speaks in."""
    torso = joints(pose)
    return TorsoFrame.between(torso.shoulder_midpoint, torso.hip_midpoint)


def facing(pose: Pose) -> float:
    """Breadth of the shoulders in torso lengths: positive seen from behind, negative from the front.

    From behind, with the body upright, the subject's right is at the picture's right.
    """
    frame = torso_frame(pose)
    left, right = frame.from_px(pose[Keypoint.LEFT_SHOULDER]), frame.from_px(pose[Keypoint.RIGHT_SHOULDER])
    return float((right - left)[1])


def features(pose: Pose) -> dict[str, float]:
    """What the model looks at, free of the picture's scale and rotation, in torso lengths.

    Of each pair of keypoints: how far down its middle lies (``along``) and how far to the subject's right (``aside``),
    its ``breadth``, its mean ``depth``, and how much further down (``tilt``) and away (``turn``) its right one lies.
    """
    frame = torso_frame(pose)
    places = frame.from_px(pose.xy_px)
    depths = pose.z_px / frame.length_px
    values: dict[str, float] = {}
    for name, (left, right) in _PAIRS.items():
        along, aside = (places[left] + places[right]) / 2
        tilt, breadth = places[right] - places[left]
        values |= {
            f"{name}_along": along,
            f"{name}_breadth": breadth,
            f"{name}_depth": (depths[left] + depths[right]) / 2,
            f"{name}_aside": aside,
            f"{name}_tilt": tilt,
            f"{name}_turn": depths[right] - depths[left],
        }
    return {name: float(value) for name, value in values.items()}


@dataclass(frozen=True, eq=False)
class SpineModel:
    """The measured model.

    Attributes:
        mean, sd: of every feature over the bodies it was measured on.
        along: for each of :data:`PLACED` the constant and the weights of the symmetric features, in torso lengths.
        aside: for each the weights of the antisymmetric features, in torso lengths.
        shoulders_along: how far down from the shoulder keypoints the joints lie, in torso lengths.
        shoulders_breadth, hips_breadth: distance between the joints, as a share of that between their keypoints.
        reading_radius: for each acupoint the error that nine readings in ten stay within, as a share of the distance
            from C7 to the middle of the hips.
        unsteadiness: times that radius where the picture was read with a reservation.
    """

    mean: dict[str, float]
    sd: dict[str, float]
    along: dict[str, tuple[float, ...]]
    aside: dict[str, tuple[float, ...]]
    shoulders_along: float
    shoulders_breadth: float
    hips_breadth: float
    reading_radius: dict[str, float]
    unsteadiness: float

    def scaled(self, values: dict[str, float]) -> dict[str, float]:
        """Each feature's distance from its mean, in standard deviations."""
        return {name: (values[name] - self.mean[name]) / self.sd[name] for name in (*SYMMETRIC, *ANTISYMMETRIC)}

    def place(self, values: dict[str, float]) -> FloatArray:
        """(3, 2) places of :data:`PLACED` as (along, to the subject's right), in torso lengths."""
        scaled = {name: np.clip(value, -FURTHEST, FURTHEST) for name, value in self.scaled(values).items()}
        down = np.array([1.0, *(scaled[name] for name in SYMMETRIC)])
        right = np.array([scaled[name] for name in ANTISYMMETRIC])
        return np.array([(down @ self.along[knot], right @ self.aside[knot]) for knot in PLACED])

    def landmarks(self, pose: Pose, on: Midline) -> Landmarks:
        """The landmarks of a pose; the hips lie where the midline ``on`` puts S2 in its place."""
        frame = torso_frame(pose)
        c7, middle, s2 = frame.to_px(self.place(features(pose)))
        half_shoulders = (pose[Keypoint.RIGHT_SHOULDER] - pose[Keypoint.LEFT_SHOULDER]) / 2 * self.shoulders_breadth
        half_hips = (pose[Keypoint.RIGHT_HIP] - pose[Keypoint.LEFT_HIP]) / 2 * self.hips_breadth
        shoulders = frame.to_px(np.array([self.shoulders_along, 0.0]))
        hips = on.hips_below(c7, middle, s2)
        return Landmarks(
            subject_left_shoulder=shoulders - half_shoulders,
            subject_right_shoulder=shoulders + half_shoulders,
            subject_left_hip=hips - half_hips,
            subject_right_hip=hips + half_hips,
            c7=c7,
            spine_middle=middle,
        )


@cache
def model() -> SpineModel:
    """The model measured by ``lab.accuracy.calibration``. Source: ``data/spine_from_pose.toml``."""
    data = toml.data("estimate/spine_from_pose")
    return SpineModel(
        mean={name: entry["mean"] for name, entry in data["features"].items()},
        sd={name: entry["sd"] for name, entry in data["features"].items()},
        along={knot: tuple(data["along"][knot]) for knot in PLACED},
        aside={knot: tuple(data["aside"][knot]) for knot in PLACED},
        shoulders_along=data["shoulders_along"],
        shoulders_breadth=data["shoulders_breadth"],
        hips_breadth=data["hips_breadth"],
        reading_radius=data["reading_radius"],
        unsteadiness=data["unsteadiness"],
    )


def most_unusual(pose: Pose) -> tuple[str, float]:
    """The feature of torso and head (limbs may be anywhere) that is furthest from the bodies the model was measured on.

    Returns:
        Its name, and its distance from their mean in standard deviations.
    """
    scaled = model().scaled(features(pose))
    own = {name: value for name, value in scaled.items() if name.startswith(("ears", "shoulders", "hips"))}
    worst = max(own, key=lambda name: abs(own[name]))
    return worst, own[worst]
