"""From a pose to landmarks: the keypoints say where shoulders and hips are, not where the vertebrae lie.

A small linear model, measured on rendered bodies whose vertebrae are known, places three levels in the frame of the
torso from what the pose tells of it: raised arms lift the shoulder keypoints, a turned body shifts the spine to one
side, a bent one curves it. ``lab.accuracy.calibration`` makes its numbers. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np

from locator.core import toml
from locator.core.arrays import FloatArray
from locator.core.body import Landmarks, Pose, PoseKeypoint
from locator.estimate import midline
from locator.estimate.midline import Midline

PLACED = ("C7", "T9", "S2")
"""The levels that the model places; the midline through them gives the others."""

_PAIRS = {
    "ears": (PoseKeypoint.LEFT_EAR, PoseKeypoint.RIGHT_EAR),
    "shoulders": (PoseKeypoint.LEFT_SHOULDER, PoseKeypoint.RIGHT_SHOULDER),
    "elbows": (PoseKeypoint.LEFT_ELBOW, PoseKeypoint.RIGHT_ELBOW),
    "hips": (PoseKeypoint.LEFT_HIP, PoseKeypoint.RIGHT_HIP),
    "knees": (PoseKeypoint.LEFT_KNEE, PoseKeypoint.RIGHT_KNEE),
}

# The torso's frame holds these still, so they say nothing.
_FIXED = {"shoulders_along", "shoulders_aside", "hips_along", "hips_aside", "hips_depth"}


def _features(*kinds: str) -> tuple[str, ...]:
    names = (f"{pair}_{kind}" for pair in _PAIRS for kind in kinds)
    return tuple(name for name in names if name not in _FIXED)


SYMMETRIC = _features("along", "breadth", "depth")
"""What says how far down the levels lie. The same for a mirrored body."""

ANTISYMMETRIC = _features("aside", "tilt", "turn")
"""What says how far the levels lie to the subject's right. Changes sign for a mirrored body."""

_TRUNK = {
    f"{pair}_{kind}": kind
    for pair in ("ears", "shoulders", "hips")
    for kind in ("along", "breadth", "depth", "aside", "tilt", "turn")
}

FURTHEST = 2.5
"""Standard deviations of a feature; beyond what it was measured on, the model must not extrapolate."""


@lru_cache(maxsize=64)
def features(pose: Pose) -> dict[str, float]:
    """What the model is given, free of the picture's scale and rotation, in torso lengths. Computed once for a pose.

    Of each pair of keypoints: how far down its middle lies (``along``) and how far to the subject's right (``aside``),
    its ``breadth``, its mean ``depth``, and how much further down (``tilt``) and away (``turn``) its right one lies.
    """
    frame = pose.torso_frame
    points = frame.from_px(pose.xy_px)
    depths = pose.z_px / frame.length_px
    values: dict[str, float] = {}
    for name, (left, right) in _PAIRS.items():
        along, aside = (points[left] + points[right]) / 2
        tilt, breadth = points[right] - points[left]
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
        unreliable_factor: on that radius where the picture was read with a reservation.
    """

    mean: dict[str, float]
    sd: dict[str, float]
    along: dict[str, tuple[float, ...]]
    aside: dict[str, tuple[float, ...]]
    shoulders_along: float
    shoulders_breadth: float
    hips_breadth: float
    reading_radius: dict[str, float]
    unreliable_factor: float

    def scaled(self, values: dict[str, float]) -> dict[str, float]:
        """Each feature's distance from its mean, in standard deviations."""
        return {name: (values[name] - self.mean[name]) / self.sd[name] for name in (*SYMMETRIC, *ANTISYMMETRIC)}

    def positions(self, values: dict[str, float]) -> FloatArray:
        """(3, 2) positions of :data:`PLACED` as (along, to the subject's right), in torso lengths."""
        scaled = {name: np.clip(value, -FURTHEST, FURTHEST) for name, value in self.scaled(values).items()}
        down = np.array([1.0, *(scaled[name] for name in SYMMETRIC)])
        right = np.array([scaled[name] for name in ANTISYMMETRIC])
        return np.array([(down @ self.along[knot], right @ self.aside[knot]) for knot in PLACED])

    def landmarks(self, pose: Pose, on: Midline) -> Landmarks:
        """The landmarks of a pose; the hips lie where the midline ``on`` puts S2 in its place."""
        frame = pose.torso_frame
        c7, middle, s2 = frame.to_px(self.positions(features(pose)))
        joints = pose.joints
        half_shoulders = (joints.subject_right_shoulder - joints.subject_left_shoulder) / 2 * self.shoulders_breadth
        half_hips = (joints.subject_right_hip - joints.subject_left_hip) / 2 * self.hips_breadth
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


@lru_cache(maxsize=64)
def landmarks(pose: Pose) -> Landmarks:
    """The landmarks of a pose by the measured models. Computed once for a pose."""
    return model().landmarks(pose, midline.model())


@cache
def model() -> SpineModel:
    """The model measured by ``lab.accuracy.calibration``. Source: ``spine_from_pose.toml``."""
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
        unreliable_factor=data["unreliable_factor"],
    )


def most_unusual(pose: Pose) -> tuple[str, float]:
    """The feature of torso and head (limbs may be anywhere) that is furthest from the bodies the model was measured on.

    Returns:
        Its kind, such as ``"breadth"``, and its distance from their mean in standard deviations.
    """
    scaled = model().scaled(features(pose))
    own = [(kind, scaled[name]) for name, kind in _TRUNK.items() if name in scaled]
    return max(own, key=lambda feature: abs(feature[1]))
