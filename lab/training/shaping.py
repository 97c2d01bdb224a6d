"""Gives a body of the generator the proportions of a measured person.

The generator's bodies are stylised: over their spines heads and pelvises are too large, trunks vary too little. Here
the unposed mesh is scaled smoothly by height: breadth and depth by factors between which a monotone curve runs, heights
by slopes of their own above C7 and below S2. Arms keep their shape and hang from the moved shoulder. Between C7 and the
crest heights stay, so the levels of the spine stay on their faces.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator
from scipy.ndimage import gaussian_filter1d

Floats = NDArray[np.float64]

_CELL, _SOFT = 0.004, 0.014  # metres: of the heights' table, and over how much slopes change
_LEAST, _MOST = 0.55, 1.8  # factors of breadth
_SLOPES = 0.45, 1.6
_NARROWEST = 0.06  # lengths above the crest: at L2 to L3
_DEPTH = 0.7  # depth follows breadth with this power, where it is not measured


@dataclass(frozen=True, eq=False)
class Parts:
    """How far each vertex belongs to the arms, the legs and the head, (n,) each, and to the left, (n,) bool."""

    arm: Floats
    leg: Floats
    head: Floats
    left: NDArray[np.bool_]


@dataclass(frozen=True)
class Heights:
    """Of one unposed body, metres: what the scaling hangs on. ``acromion`` is half the biacromial breadth."""

    c7: float
    crest: float
    s2: float
    hip: float
    acromion: float
    acromion_height: float

    @property
    def length(self) -> float:
        """From the crest to C7, over which all proportions are."""
        return self.c7 - self.crest


def breadth(vertices: Floats, parts: Parts, height: float) -> float:
    """Of an unposed trunk at some height, metres."""
    near = (parts.arm < 0.3) & (parts.head < 0.1) & (np.abs(vertices[:, 2] - height) < 0.013)
    return 2 * float(np.abs(vertices[near, 0]).max())


def measured(vertices: Floats, parts: Parts, at: Heights) -> dict[str, float]:
    """The proportions of an unposed body, by the names of ``survey.RATIOS``, where the mesh has them."""
    z, x = vertices[:, 2], np.abs(vertices[:, 0])
    trunk = (parts.arm < 0.3) & (z < at.c7 + 0.02)

    def between(low: float, high: float, which: NDArray[np.bool_], widest: bool = False) -> float:
        found = []
        for middle in np.arange(low, high + 1e-6, 0.008):
            near = which & (np.abs(z - middle) < 0.013)
            if near.any():
                found.append(2 * float(x[near].max()))
        return max(found) if widest else min(found)

    crotch = _crotch(vertices, parts)
    top = float(z.max())
    waist = trunk & (np.abs(z - at.crest - 0.02) < 0.02)
    return {
        "biacromial_breadth": 2 * at.acromion / at.length,
        "chest_breadth": between(at.crest + 0.62 * at.length, at.crest + 0.66 * at.length, trunk) / at.length,
        "waist_breadth": breadth(vertices, parts, at.crest + 0.01) / at.length,
        "hip_breadth": between(crotch, at.s2, trunk, widest=True) / at.length,
        "neck_breadth": between(at.c7 + 0.02, at.c7 + 0.07, parts.arm < 0.05) / at.length,
        "head_breadth": between(top - 0.36 * (top - at.c7), top - 0.23 * (top - at.c7), parts.head > 0.5, widest=True)
        / at.length,
        "vertex_above_cervicale": (top - at.c7) / at.length,
        "crest_above_trochanter": (at.crest - at.hip) / at.length,
        "crest_above_crotch": (at.crest - crotch) / at.length,
        "trochanter_height": (at.hip - float(z.min())) / at.length,
        "waist_depth": float(np.ptp(vertices[waist, 1])) / at.length,
    }


def _crotch(vertices: Floats, parts: Parts) -> float:
    middle = (np.abs(vertices[:, 0]) < 0.01) & (parts.leg < 0.9) & (parts.head < 0.1)
    return float(vertices[middle, 2].min())


class Warp:
    """A smooth map of unposed points, by :meth:`trunk`, and of what hangs on the arms, by :meth:`skin`.

    Args:
        wanted: a person's proportions (:mod:`lab.training.survey`).
        arm_length: of the unposed body, from the shoulder over the elbow to the wrist, metres.
    """

    def __init__(
        self, vertices: Floats, parts: Parts, at: Heights, wanted: Mapping[str, float], arm_length: float
    ) -> None:
        self.now = measured(vertices, parts, at)
        self.at, self.parts = at, parts
        crotch = at.crest - self.now["crest_above_crotch"] * at.length
        self._heights(vertices, crotch, wanted)
        factor = {name: wanted[name] / self.now[name] for name in self.now}
        # Calipers reach the ribs past the muscles that widen a mesh's chest, so it follows from above and below.
        chest = np.sqrt(factor["biacromial_breadth"] * factor["waist_breadth"]) * wanted.get("chest_factor", 1.0)
        # The survey's waist is the navel's level, at the crest. The narrowest one lies between it and the tenth rib.
        here = breadth(vertices, parts, at.crest + _NARROWEST * at.length) / at.length
        narrowest = wanted["waist_breadth"] * wanted.get("waist_above_navel", 0.97) / here
        knots = [
            (at.crest - 0.9 * (at.crest - crotch), factor["hip_breadth"]),
            (at.hip + 0.02, factor["hip_breadth"]),
            (at.crest + 0.01, factor["waist_breadth"]),
            (at.crest + _NARROWEST * at.length, narrowest),
            (at.crest + 0.64 * at.length, chest),
            (at.acromion_height, factor["biacromial_breadth"]),
            (at.c7 + 0.045, factor["neck_breadth"]),
            (at.c7 + 0.5 * self.now["vertex_above_cervicale"] * at.length, factor["head_breadth"]),
        ]
        heights = np.array([height for height, _ in knots])
        factors = np.clip([value for _, value in knots], _LEAST, _MOST)
        self._breadth = PchipInterpolator(heights, factors)
        deep = factors**_DEPTH
        deep[2] = np.clip(factor["waist_depth"], _LEAST, _MOST)
        deep[3] = deep[2] ** 0.8 * deep[4] ** 0.2
        deep[0] = deep[1] = (factors[0] ** _DEPTH * deep[2]) ** 0.5
        deep[7] = factors[7]
        self._depth = PchipInterpolator(heights, deep)
        self._ends = float(heights[0]), float(heights[-1])
        self.arm = float(np.clip(wanted["arm_length"] * at.length / arm_length, 0.7, 1.4))

    def _heights(self, vertices: Floats, crotch: float, wanted: Mapping[str, float]) -> None:
        """The map of heights, with slopes such that the wanted lengths come out."""
        at = self.at
        low, high = float(vertices[:, 2].min()) - 0.1, float(vertices[:, 2].max()) + 0.1
        self._z = np.arange(low, high, _CELL)
        bounds = [crotch, at.hip, at.s2 - 0.01, at.c7 + 0.01]
        slopes = np.array([1.0, 1.0, 1.0, 1.0, 1.0])
        table = np.searchsorted(bounds, self._z)
        for _ in range(6):
            rising = gaussian_filter1d(slopes[table], _SOFT / _CELL, mode="nearest")
            new = np.concatenate([[0.0], np.cumsum((rising[1:] + rising[:-1]) / 2 * _CELL)])
            new += at.crest + 0.3 * at.length - np.interp(at.crest + 0.3 * at.length, self._z, new)
            self._new = new
            foot, hip, fork, crest, c7, top = np.interp(
                [vertices[:, 2].min(), at.hip, crotch, at.crest, at.c7, vertices[:, 2].max()], self._z, new
            )
            below = wanted["crest_above_crotch"] - wanted["crest_above_trochanter"]
            gaps = (  # slope, its length now, as it should be, over what height of the old body
                (0, hip - foot, wanted["trochanter_height"], at.hip - vertices[:, 2].min()),
                (1, hip - fork, below, at.hip - crotch),
                (2, crest - hip, wanted["crest_above_trochanter"], at.s2 - 0.01 - at.hip),
                (4, top - c7, wanted["vertex_above_cervicale"], vertices[:, 2].max() - at.c7 - 0.01),
            )
            for row, length, share, over in gaps:
                slopes[row] = np.clip(slopes[row] + (share * at.length - length) / over, *_SLOPES)

    def trunk(self, points: Floats) -> Floats:
        """Points on or in trunk, legs and head, (n, 3)."""
        z = np.clip(points[:, 2], *self._ends)
        x, y = points[:, 0] * self._breadth(z), points[:, 1] * self._depth(z)
        return np.stack([x, y, np.interp(points[:, 2], self._z, self._new)], axis=1)

    def skin(self, points: Floats, arm: Floats, shoulder: Floats) -> Floats:
        """Points of which a share ``arm``, (n,), hangs on ``shoulder``, (n, 3)."""
        moved = self.trunk(points)
        hung = self.trunk(shoulder) + self.arm * (points - shoulder)
        return np.asarray(moved + arm[:, None] * (hung - moved))
