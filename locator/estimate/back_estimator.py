"""Reading a bare back with networks of our own: head or no head, at any angle.

The coarse network sees the whole photo in four quarter turns (test-time augmentation), which finds where the back is
and which way is up. The fine network sees that region of interest upright and places the keypoints; these say where the
region should have been, so it is moved there until they agree. What the views disagree on tells, beside what the
networks predict of their own errors, how much to believe.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

import numpy as np

from locator.core import keypoints, resources, toml
from locator.core.arrays import FloatArray, RGBArray
from locator.core.body import Landmarks
from locator.core.keypoints import KeypointTable
from locator.core.types import ModelId, in_picture
from locator.estimate.back_reading import BackReading, Region, logit
from locator.estimate.back_views import N_VIEWS, predict_coarse, predict_fine
from locator.estimate.regions import AverageBack
from locator.estimate.witnesses import Witnesses
from locator.models import registry
from locator.models.heatmap_network import HeatmapNetwork, HeatmapPrediction, WitnessNetwork

# A region is moved until the keypoints in it lie less than this from where it was put, in spine lengths, and so many
# times at most. Chosen by hand on rendered bodies.
_CONVERGED, _MOST_REFINEMENTS = 0.02, 3

# Of one coarse look; of made photos the second backs have 0.56 at least, what lies beside a lone back 0.51 at most.
_WORTH_REFINING = 0.45

# Where coarse and fine network together give a candidate less at the first fine look, no further one makes a back of
# it: of made photos, whole and in halves, the least that a back was found from is 0.02, and most of what is none has
# less than this.
_HOPELESS = 0.002


class BackNetworks(Protocol):
    """Anything that reads backs: an adapter for other networks is a class with these methods.

    Each reading carries its own table of keypoints (:mod:`locator.core.keypoints`).
    """

    def read(self, rgb: RGBArray) -> tuple[BackReading, ...]:
        """The backs that a photo may show, the surest first."""

    def glance(self, rgb: RGBArray) -> BackReading | None:
        """The back that one look at a photo as it stands shows, if any."""

    def refine(self, rgb: RGBArray, landmarks: Landmarks) -> BackReading:
        """The back that others have found there."""

    def witnessed(
        self, rgb: RGBArray, backs: Sequence[BackReading], in_doubt: Callable[[BackReading], bool]
    ) -> tuple[BackReading, ...]:
        """The same, each with what somebody else makes of it, and one more where it is still in doubt."""

    def track(self, rgb: RGBArray, last: BackReading, mirrored: bool) -> BackReading:
        """The back of the last frame in the next one."""


class BackReader:
    """Reads backs with loaded networks.

    Args:
        coarse, fine: read keypoints.
        witnesses: say whether what they have read is a back at all.
        table: what both networks place.
        average: (n, 2) the average upright back's keypoints, C7 at (0, 0) and S2 at (0, 1).
        bias: (n,) see :class:`~locator.estimate.back_reading.BackReading`.
    """

    def __init__(
        self,
        coarse: HeatmapNetwork,
        fine: HeatmapNetwork,
        witnesses: Witnesses,
        table: KeypointTable,
        average: FloatArray,
        bias: FloatArray,
    ) -> None:
        self.table = table
        self._coarse, self._fine, self._witnesses = coarse, fine, witnesses
        self._average, self._bias = AverageBack(average), bias
        self._inner = list(table.always_in_view)
        # From one fine view to the next the spine alone leads, each of its levels alike, as views were laid in
        # training: to a near camera shoulders and hips lie further away, and by them a spine would seem too short.
        self._spine = list(table.spine)

    def read(self, rgb: RGBArray) -> tuple[BackReading, ...]:
        """The backs that an (h, w, 3) uint8 photo may show, the surest first; how sure is for the caller to judge.

        There is always one, also where there is no back.
        """
        readings = [self._refined(rgb, *candidate) for candidate in self._candidates(rgb)]

        def doubt(reading: BackReading) -> float:
            return reading.relative_uncertainty / (reading.n_views * reading.back_probability + 1e-6)

        return tuple(sorted(readings, key=doubt))

    def glance(self, rgb: RGBArray) -> BackReading | None:
        """The back that one coarse look at an (h, w, 3) uint8 photo shows, most surely an upright one, if any."""
        seen = predict_coarse(self._coarse, rgb, (0,))[0]
        if seen.back_probability < _WORTH_REFINING:
            return None
        return self._refined(rgb, self._average.region(seen.keypoints, self._inner, seen.error_scale_px), 1,
                             seen.back_probability)  # fmt: skip

    def refine(self, rgb: RGBArray, landmarks: Landmarks) -> BackReading:
        """The back that others have found in an (h, w, 3) uint8 photo.

        Args:
            landmarks: where they put it, px.
        """
        rows = list(self.table.landmarks.values())
        points = np.zeros((len(self.table), 2))
        points[rows] = [getattr(landmarks, name) for name in self.table.landmarks]
        return self._refined(rgb, self._average.region(points, rows), N_VIEWS, None)

    def witnessed(
        self, rgb: RGBArray, backs: Sequence[BackReading], in_doubt: Callable[[BackReading], bool]
    ) -> tuple[BackReading, ...]:
        """What is read in an (h, w, 3) uint8 photo, each with what the witnesses say.

        It takes as long as one fine view, or three: it is for what the pose model has not found and is not ruled out.

        Args:
            in_doubt: whether a reading needs a second witness.
        """
        return self._witnesses.asked(rgb, backs, in_doubt, self._region_of)

    def track(self, rgb: RGBArray, last: BackReading, mirrored: bool) -> BackReading:
        """The back of the last frame in the next (h, w, 3) uint8 one: one fine view, as it is or mirrored.

        ``back_probability`` is the fine network's alone; ``n_views`` and ``flip_disagreement`` are the last frame's.
        """
        found = predict_fine(self._fine, self.table, rgb, self._region_of(last), (mirrored,))[0]
        return dataclasses.replace(
            last,
            keypoints=found.keypoints,
            error_scale_px=found.error_scale_px,
            back_probability=found.back_probability,
            s2_visible=self._s2_visible(found.keypoints, rgb),
        )

    def _candidates(self, rgb: RGBArray) -> list[tuple[Region, int, float]]:
        """Where a back may be, how many of the four coarse views say so, and its probability."""
        views = predict_coarse(self._coarse, rgb)
        regions = [self._average.region(one.keypoints, self._inner, one.error_scale_px) for one in views]
        found = []
        for group in _of_one_back(regions):
            points = np.concatenate([views[one].keypoints for one in group])
            scale = np.concatenate([views[one].error_scale_px for one in group])
            rows = [row + len(self.table) * index for index in range(len(group)) for row in self._inner]
            region = self._average.region(points, rows, scale)
            found.append((region, len(group), float(np.mean([views[one].back_probability for one in group]))))
        return found

    def _refined(self, rgb: RGBArray, coarse: Region, n_views: int, coarse_probability: float | None) -> BackReading:
        """Fine views of one region, each where the one before says that the back is, until it says the same."""
        first = predict_fine(self._fine, self.table, rgb, coarse, (False,))[0]
        if coarse_probability is not None and _together(coarse_probability, first.back_probability) < _HOPELESS:
            return self._reading(rgb, [first], n_views, coarse_probability, math.inf)
        found = self._average.region(first.keypoints, self._spine)
        for _ in range(_MOST_REFINEMENTS):
            region = found
            views = predict_fine(self._fine, self.table, rgb, region, (False, True))
            found = self._average.region(np.mean([one.keypoints for one in views], axis=0), self._spine)
            if self._average.apart(region, found, self._inner) < _CONVERGED:
                break
        apart = np.linalg.norm(views[0].keypoints - views[1].keypoints, axis=1)[self._inner].mean() / 2
        return self._reading(rgb, views, n_views, coarse_probability, float(apart) / found.spine_px)

    def _reading(
        self,
        rgb: RGBArray,
        views: Sequence[HeatmapPrediction],
        n_views: int,
        coarse_probability: float | None,
        flip_disagreement: float,
    ) -> BackReading:
        """What some fine views of one region come to."""
        points = np.mean([one.keypoints for one in views], axis=0)
        return BackReading(
            table=self.table,
            keypoints=points,
            error_scale_px=np.mean([one.error_scale_px for one in views], axis=0),
            back_probability=_together(coarse_probability, float(np.mean([one.back_probability for one in views]))),
            n_views=n_views,
            flip_disagreement=flip_disagreement,
            s2_visible=self._s2_visible(points, rgb),
            bias=self._bias,
        )

    def _region_of(self, back: BackReading) -> Region:
        return self._average.region(back.keypoints, self._spine)

    def _s2_visible(self, points: FloatArray, rgb: RGBArray) -> float:
        x, y = points[self.table.levels["S2"]]
        return float(in_picture(x, y, (rgb.shape[1], rgb.shape[0])))


def _of_one_back(regions: Sequence[Region]) -> list[list[int]]:
    """The numbers of the regions that mean one back, for each back that is meant."""
    groups: list[list[int]] = []
    left = list(range(len(regions)))
    while left:
        seed = max(left, key=lambda one: sum(regions[one].same(regions[other]) for other in left))
        group = [one for one in left if regions[seed].same(regions[one])]
        groups.append(group)
        left = [one for one in left if one not in group]
    return groups


def _together(coarse: float | None, fine: float) -> float:
    """The back probability of both networks: from the sum of their logits, or the fine one's alone.

    Of the weighted sums that were tried the plain one tells rendered backs best from real fronts.
    """
    if coarse is None:
        return fine
    return 1.0 / (1.0 + math.exp(-(logit(coarse) + logit(fine))))


def load() -> tuple[BackReader, tuple[ModelId, ...]]:
    """The reader that comes with the program, and the names of its networks.

    Raises:
        models.ModelUnavailable: if a file of weights is missing or altered.
    """
    table, layout = keypoints.of_back_networks(), toml.load(resources.path("models") / "back_layout.toml")
    average = np.array([layout["keypoints"][name] for name in table.names], dtype=np.float64)
    biases = toml.load(resources.path("models") / "back_bias.toml")
    bias = np.array([biases[name] for name in table.names], dtype=np.float64)
    names = tuple(registry.own(key)[1] for key in registry.OWN)  # all are there, as they should be
    coarse, fine, witness, region_witness = (partial(registry.own_weights, key) for key in registry.OWN)
    sides = layout["side_px"]
    reader = BackReader(
        HeatmapNetwork(coarse, sides["coarse"]),
        HeatmapNetwork(fine, sides["fine"]),
        Witnesses(WitnessNetwork(witness, sides["witness"]), WitnessNetwork(region_witness, sides["region_witness"])),
        table,
        average,
        bias,
    )
    return reader, names
