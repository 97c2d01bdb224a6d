"""A hand on the handles and a reading: two measurements of one back, combined by inverse variance. Pure.

Each has its own spread, and the landmark lies between the two, nearer to the surer one. Where they lie further apart
than both spreads allow, one is wrong: the reading is doubted by as much, so the hand leads, and without a jump.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from locator.catalogue.acupoints import acupoint
from locator.core import anatomy
from locator.core.anchors import Anchors, Detail, SetBy
from locator.core.body import LANDMARKS, Landmarks
from locator.estimate.midline import GROUPS, Midline

# From the radius that holds nine in ten to the one that holds 99 in 100, of errors alike in both directions: with six
# handles, a tenth of honest corrections each would too often pass for a contradiction.
_ALLOWED = math.sqrt(math.log(100) / math.log(10))

# Share of a mark's error (its variance) that its landmarks explain; the rest is the mark's own, and no handle mends it.
# Chosen by hand on rendered bodies: whichever handles a hand sets, nine marks in ten stay in their rings
# (lab.accuracy.corrected).
_EXPLAINED = 0.6


@dataclass(frozen=True, eq=False)
class Combination:
    """What a hand and a reading make together.

    Attributes:
        landmarks: the best estimate, px; where no hand was, the reading's.
        doubt: 1, or by what factor the reading's spread must be larger than it says, to go with the hand.
        gains: for each landmark that a hand has set, the share of the way from the reading to the hand.
    """

    landmarks: Landmarks
    doubt: float
    gains: Mapping[str, float]

    @property
    def contradicts(self) -> bool:
        """Whether the hand and the reading lie further apart than their spreads allow."""
        return self.doubt > 1.0


def combine(anchors: Anchors, on: Midline) -> Combination | None:
    """The hand's landmarks and the reading's; None without either, or if it is not known how sure the reading is."""
    read, detail = anchors.read, anchors.detail
    names = [name for name in LANDMARKS if anchors.set_by[name] is SetBy.HAND]
    if read is None or detail is None or not names or not detail.landmark_radii or read.back_px == 0.0:
        return None
    hand_px = on.hand_radius * read.back_px
    read_px = {name: radius * read.back_px for name, radius in detail.landmark_radii.items()}
    ways = {name: getattr(anchors.landmarks, name) - getattr(read, name) for name in names}
    doubt = max(1.0, *(_doubt(float(np.linalg.norm(ways[name])), hand_px, read_px[name]) for name in names))
    gains = {name: 1.0 / (1.0 + (hand_px / (doubt * read_px[name])) ** 2) for name in names}
    placed = {name: getattr(read, name) + gains[name] * way for name, way in ways.items()}
    return Combination(dataclasses.replace(anchors.landmarks, **placed), doubt, gains)


def _doubt(apart_px: float, hand_px: float, read_px: float) -> float:
    """How many times its radius a reading must have, for a hand that far from it to go with it."""
    needed = (apart_px / _ALLOWED) ** 2 - hand_px**2
    return math.sqrt(max(needed, 0.0)) / read_px


def radii(combination: Combination, detail: Detail, on: Midline) -> dict[str, float]:
    """For each acupoint that was read the radius that nine in ten stay within, in shares of the read back's length.

    A mark's error is the landmarks' by their weights in the midline, and its own; what a hand measures again shrinks.
    """
    found: dict[str, float] = {}
    for code, radius in detail.radii.items():
        weights = on.weights_at(anatomy.levels()[acupoint(code).level].fraction)
        squares = {
            name: (weight / len(GROUPS[group]) * detail.landmark_radii[name]) ** 2
            for group, weight in weights.items()
            for name in GROUPS[group]
        }
        whole = max(radius**2, sum(squares.values()))
        mended = sum(square * combination.gains.get(name, 0.0) for name, square in squares.items()) / whole
        found[code] = combination.doubt * radius * math.sqrt(1.0 - _EXPLAINED * mended)
    return found
