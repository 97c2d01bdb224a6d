"""Reading a bare back with networks of our own: head or no head, at any angle.

The coarse network sees the whole photo as it stands, and, unless that is enough for whoever asks, in the other three
quarter turns (test-time augmentation), which finds where the back is and which way is up. The fine network reads it
there (:mod:`locator.estimate.refining`). What its views disagree on tells, beside what the networks predict of their
own errors, how much to believe.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np

from locator.core import keypoints, resources, toml
from locator.core.arrays import FloatArray, RGBArray
from locator.core.body import Landmarks
from locator.core.keypoints import KeypointTable
from locator.core.types import ModelId, in_picture
from locator.estimate.back_reading import BackReading, Region, together
from locator.estimate.back_views import N_VIEWS, predict_coarse, predict_fine
from locator.estimate.refining import FineReading, Refining
from locator.estimate.regions import AverageBack
from locator.estimate.witnesses import Witnesses
from locator.models import registry
from locator.models.heatmap_network import HeatmapNetwork, HeatmapPrediction, WitnessNetwork

# Of one coarse look: of 44 made photos of several people all 88 backs are found from 0.3 down, 82 from 0.45.
_WORTH_REFINING = 0.3

# Spine lengths between C7 and the photo's upper edge below which there is no room for a head. Chosen by hand.
_HEAD_ROOM = 0.2


@dataclass(frozen=True, eq=False)
class FirstLook:
    """What one coarse look at a photo as it stands shows.

    Attributes:
        coarse: what the coarse network predicts.
        back: what both networks read there, if it is an upright one below a head, which the pose model may confirm.
    """

    coarse: HeatmapPrediction
    back: BackReading | None


class BackNetworks(Protocol):
    """Anything that reads backs: an adapter for other networks is a class with these methods.

    Each reading carries its own table of keypoints (:mod:`locator.core.keypoints`).
    """

    def first_look(self, rgb: RGBArray) -> FirstLook:
        """The upright back with a head that one coarse look at a photo as it stands shows, if any, and that look."""

    def read(self, rgb: RGBArray, first: FirstLook | None = None) -> tuple[BackReading, ...]:
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
        self._refining = Refining(fine, table, self._average)

    def first_look(self, rgb: RGBArray) -> FirstLook:
        """What one coarse look at an (h, w, 3) uint8 photo as it stands shows: upright, with a head, or nothing yet."""
        (coarse,) = predict_coarse(self._coarse, rgb, (0,))
        region = self._region_of_coarse(coarse)
        has_head = abs(region.angle) < math.pi / 4 and region.matrix[1, 2] > _HEAD_ROOM * region.spine_px
        return FirstLook(coarse, self._seen_at_once(rgb, coarse) if has_head else None)

    def read(self, rgb: RGBArray, first: FirstLook | None = None) -> tuple[BackReading, ...]:
        """The backs that an (h, w, 3) uint8 photo may show, the surest first; how sure is for the caller to judge.

        There is always one, also where there is no back.

        Args:
            first: the first look at the photo, if there was one: it is not repeated.
        """
        known = [first.coarse] if first else []
        coarse = known + predict_coarse(self._coarse, rgb, range(len(known), N_VIEWS))
        readings = [self._of_views(rgb, [coarse[one] for one in group]) for group in self._of_one_back(coarse)]

        def doubt(reading: BackReading) -> float:
            return reading.relative_uncertainty / (reading.n_views * reading.back_probability + 1e-6)

        return tuple(sorted(readings, key=doubt))

    def glance(self, rgb: RGBArray) -> BackReading | None:
        """The back that one coarse look at an (h, w, 3) uint8 photo shows, most surely an upright one, if any."""
        return self._seen_at_once(rgb, predict_coarse(self._coarse, rgb, (0,))[0])

    def refine(self, rgb: RGBArray, landmarks: Landmarks) -> BackReading:
        """The back that others have found in an (h, w, 3) uint8 photo.

        Args:
            landmarks: where they put it, px.
        """
        rows = list(self.table.landmarks.values())
        points = np.zeros((len(self.table), 2))
        points[rows] = [getattr(landmarks, name) for name in self.table.landmarks]
        return self._reading(rgb, self._refining.read(rgb, self._average.region(points, rows), None), N_VIEWS, None)

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

    def _seen_at_once(self, rgb: RGBArray, coarse: HeatmapPrediction) -> BackReading | None:
        """The back that one coarse view shows, if it shows one."""
        return self._of_views(rgb, [coarse]) if coarse.back_probability >= _WORTH_REFINING else None

    def _of_one_back(self, views: Sequence[HeatmapPrediction]) -> list[list[int]]:
        """The numbers of the coarse views that mean one back, for each back that is meant."""
        regions = [self._region_of_coarse(one) for one in views]
        groups: list[list[int]] = []
        left = list(range(len(regions)))
        while left:
            seed = max(left, key=lambda one: sum(regions[one].same(regions[other]) for other in left))
            group = [one for one in left if regions[seed].same(regions[one])]
            groups.append(group)
            left = [one for one in left if one not in group]
        return groups

    def _of_views(self, rgb: RGBArray, coarse: Sequence[HeatmapPrediction]) -> BackReading:
        """The back that some coarse views mean: by all of them together its region is known best."""
        probability = float(np.mean([one.back_probability for one in coarse]))
        points = np.concatenate([one.keypoints for one in coarse])
        scale = np.concatenate([one.error_scale_px for one in coarse])
        rows = [row + len(self.table) * index for index in range(len(coarse)) for row in self._inner]
        fine = self._refining.read(rgb, self._average.region(points, rows, scale), probability)
        return self._reading(rgb, fine, len(coarse), probability)

    def _reading(self, rgb: RGBArray, fine: FineReading, n_views: int, coarse_probability: float | None) -> BackReading:
        """What coarse and fine views of one back come to."""
        points = np.mean([one.keypoints for one in fine.views], axis=0)
        return BackReading(
            table=self.table,
            keypoints=points,
            error_scale_px=np.mean([one.error_scale_px for one in fine.views], axis=0),
            back_probability=together(coarse_probability, float(np.mean([one.back_probability for one in fine.views]))),
            n_views=n_views,
            flip_disagreement=fine.flip_disagreement,
            s2_visible=self._s2_visible(points, rgb),
            bias=self._bias,
        )

    def _region_of_coarse(self, view: HeatmapPrediction) -> Region:
        return self._average.region(view.keypoints, self._inner, view.error_scale_px)

    def _region_of(self, back: BackReading) -> Region:
        return self._refining.region_of(back.keypoints)

    def _s2_visible(self, points: FloatArray, rgb: RGBArray) -> float:
        x, y = points[self.table.levels["S2"]]
        return float(in_picture(x, y, (rgb.shape[1], rgb.shape[0])))


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
