"""From landmarks to the spine's midline: each level is a fixed weighted mean of C7, T9 and the middle of the hips.

Such means follow the body wherever it is, however it is turned and, near enough, however it leans towards the camera.
``lab.accuracy.calibration`` measures the weights on rendered bodies whose vertebrae are known. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from locator.core import anatomy, toml
from locator.core.anchors import SetBy
from locator.core.arrays import FloatArray
from locator.core.body import Landmarks
from locator.core.geometry import Curve, TorsoFrame

KNOTS = ("C7", "T4", "T9", "L2", "S2")
"""The levels that the weights give; the curve through them gives the others."""

GROUPS = {
    "c7": ("c7",),
    "shoulders": ("subject_left_shoulder", "subject_right_shoulder"),
    "middle": ("spine_middle",),
    "hips": ("subject_left_hip", "subject_right_hip"),
}
"""Landmarks whose positions are known together."""


@dataclass(frozen=True, eq=False)
class Midline:
    """The measured model. Lengths are shares of the distance from C7 to the middle of the hips.

    Attributes:
        weights: for each of T4, L2 and S2, the shares of the ways from C7 to the hips and to T9.
        cun_scale: see :func:`locator.core.anatomy.cun_px`.
        hand_sd: how exactly a hand puts a landmark: standard deviation in each direction.
        proportions: mean and standard deviation of each of :func:`proportions`.
        by_hand: for each acupoint the reading radius where a hand has set every landmark.
        not_by_hand: for each of :data:`GROUPS` and who else set it, what that adds to each radius (in quadrature).
    """

    weights: Mapping[str, tuple[float, float]]
    cun_scale: float
    hand_sd: float
    proportions: Mapping[str, tuple[float, float]]
    by_hand: Mapping[str, float]
    not_by_hand: Mapping[str, Mapping[str, Mapping[str, float]]]

    def knots(self, c7: FloatArray, middle: FloatArray, hips: FloatArray) -> FloatArray:
        """(5, 2) px: :data:`KNOTS` for C7, T9 and the middle of the hips, each (2,) px."""
        placed = {"C7": c7, "T9": middle}
        for knot, (to_hips, to_middle) in self.weights.items():
            placed[knot] = c7 + to_hips * (hips - c7) + to_middle * (middle - c7)
        return np.array([placed[knot] for knot in KNOTS])

    @property
    def hand_radius(self) -> float:
        """Nine in ten of a hand's places of a landmark stay within it, in back lengths."""
        return self.hand_sd * math.sqrt(2 * math.log(10))

    def weights_at(self, fraction: float) -> dict[str, float]:
        """How much of the midline's place at a level's fraction each of :data:`GROUPS` makes; they add up to one."""
        of_knots = self.knots(*np.eye(3))
        weights = Curve([anatomy.levels()[knot].fraction for knot in KNOTS], of_knots).at(np.array([fraction]))[0]
        return dict(zip(("c7", "middle", "hips"), weights.tolist(), strict=True))

    def hips_below(self, c7: FloatArray, middle: FloatArray, s2: FloatArray) -> FloatArray:
        """(2,) px: the middle of the hips for which S2 comes out at ``s2``."""
        to_hips, to_middle = self.weights["S2"]
        hips: FloatArray = c7 + (s2 - c7 - to_middle * (middle - c7)) / to_hips
        return hips

    def usual_middle(self, c7: FloatArray, hips: FloatArray) -> FloatArray:
        """(2,) px: where T9 lies on most backs, for want of anything better."""
        usual: FloatArray = c7 + self.proportions["middle_along"][0] * (hips - c7)
        return usual

    def curve(self, landmarks: Landmarks) -> Curve:
        """The midline in pixels, from C7 to S2; its parameter is the level's fraction (:mod:`locator.core.anatomy`)."""
        knots = self.knots(landmarks.c7, landmarks.spine_middle, landmarks.hip_midpoint)
        return Curve([anatomy.levels()[knot].fraction for knot in KNOTS], knots)

    def across(self, landmarks: Landmarks, level: str) -> FloatArray:
        """(2,) unit vector across the midline at a level, to the subject's right."""
        rightwards: FloatArray = self.curve(landmarks).rightwards(np.array([anatomy.levels()[level].fraction]))[0]
        return rightwards

    def cun_px(self, landmarks: Landmarks) -> float:
        """One cun from the body's proportions."""
        return anatomy.cun_px(landmarks.shoulders_px, landmarks.torso_px, self.cun_scale)

    def reading_radii_px(self, landmarks: Landmarks, set_by: Mapping[str, SetBy]) -> dict[str, float]:
        """For each acupoint the radius that nine readings in ten stay within, by who set which landmark.

        One that no picture had the truth of gets the widest.
        """
        squares = {code: radius**2 for code, radius in self.by_hand.items()}
        for group, names in GROUPS.items():
            others = {set_by[name] for name in names} - {SetBy.HAND}
            for code in squares:
                squares[code] += max((self.not_by_hand[group][by.value][code] ** 2 for by in others), default=0.0)
        back_px = landmarks.back_px
        return {code: math.sqrt(square) * back_px for code, square in squares.items()}

    def unusual(self, landmarks: Landmarks) -> tuple[str, float]:
        """The proportion furthest from the measured bodies', and its distance in standard deviations."""
        distances = {
            name: (value - self.proportions[name][0]) / self.proportions[name][1]
            for name, value in proportions(landmarks).items()
        }
        worst = max(distances, key=lambda name: abs(distances[name]))
        return worst, distances[worst]


def frame(landmarks: Landmarks) -> TorsoFrame:
    """The back's axes: the origin at C7, one unit down to the middle of the hips.

    Raises:
        ValueError: if the two coincide.
    """
    return TorsoFrame.between(landmarks.c7, landmarks.hip_midpoint)


def proportions(landmarks: Landmarks) -> dict[str, float]:
    """What tells a back from handles put anywhere, in shares of the distance from C7 to the middle of the hips.

    Positive breadths are those seen from behind.
    """
    axes = frame(landmarks)
    left_shoulder, right_shoulder, left_hip, right_hip, middle = axes.from_px(
        np.array(
            [
                landmarks.subject_left_shoulder,
                landmarks.subject_right_shoulder,
                landmarks.subject_left_hip,
                landmarks.subject_right_hip,
                landmarks.spine_middle,
            ]
        )
    )
    shoulders = (left_shoulder + right_shoulder) / 2
    values = {
        "shoulders_along": shoulders[0],
        "shoulders_aside": shoulders[1],
        "shoulders_breadth": (right_shoulder - left_shoulder)[1],
        "hips_breadth": (right_hip - left_hip)[1],
        "middle_along": middle[0],
        "middle_aside": middle[1],
    }
    return {name: float(value) for name, value in values.items()}


@cache
def model() -> Midline:
    """The model measured by ``lab.accuracy.calibration``. Source: ``midline.toml``."""
    data = toml.data("estimate/midline")
    return Midline(
        weights={knot: (entry["hips"], entry["middle"]) for knot, entry in data["weights"].items()},
        cun_scale=data["cun_scale"],
        hand_sd=data["hand_sd"],
        proportions={name: (entry["mean"], entry["sd"]) for name, entry in data["proportions"].items()},
        by_hand=data["by_hand"],
        not_by_hand=data["not_by_hand"],
    )
