"""A bare back as the networks read it, and where in a photo to look for it."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from locator.core.arrays import FloatArray
from locator.core.body import Landmarks, Side
from locator.core.keypoints import KeypointTable
from locator.core.similarity import Similarity, quarter_turns_to_upright, resized

# Two coarse views mean one back where their regions differ by less than this: radians, then spine lengths, then a
# factor. Chosen by hand on rendered bodies.
_SAME_ANGLE, _SAME_PLACE, _SAME_SIZE = math.radians(30), 0.35, 1.5

# Logits to a spine length of uncertainty. Chosen by hand: an error of a hundredth of the spine, which is usual on
# backs, costs one logit; what is no back is read three times as vaguely.
_LOGITS_PER_UNCERTAINTY = 100.0

# How often a witness's logit counts. Of 0.75 to 3 it lets most own backs and trunks of people pass above what is none.
_WITNESS_WEIGHT = 1.5


@dataclass(frozen=True, eq=False)
class Region:
    """A region of interest: a similarity from the average upright back to the photo.

    The average back has C7 at (0, 0) and S2 at (0, 1), x to the subject's right.

    Attributes:
        matrix: (2, 3).
    """

    matrix: FloatArray

    @property
    def spine_px(self) -> float:
        """Distance from C7 to S2."""
        return float(np.hypot(*self.matrix[:, 1]))

    @property
    def angle(self) -> float:
        """Radians by which the back is turned in the photo; 0 with the head up."""
        return math.atan2(-self.matrix[0, 1], self.matrix[1, 1])

    @property
    def middle(self) -> FloatArray:
        """(2,) px halfway from C7 to S2."""
        return np.asarray(self.matrix @ [0.0, 0.5, 1.0])

    def same(self, other: Region) -> bool:
        """Whether both mean one back, the same way up."""
        turn = abs((self.angle - other.angle + math.pi) % (2 * math.pi) - math.pi)
        apart = math.dist(self.middle, other.middle) / max(self.spine_px, other.spine_px)
        factor = max(self.spine_px, other.spine_px) / max(min(self.spine_px, other.spine_px), 1e-6)
        return turn < _SAME_ANGLE and apart < _SAME_PLACE and factor < _SAME_SIZE


@dataclass(frozen=True, eq=False)
class BackReading:
    """A back as the networks read it, in pixels of the photo.

    Attributes:
        table: what the rows of ``keypoints`` are.
        keypoints: (n, 2) px.
        error_scale_px: (n,) predicted error of each, by the fine network.
        back_probability: that this is a back seen from behind, 0 to 1, by both networks together.
        witness_logit: what a third network, which has seen people, adds to the logit of that by the whole photo; 0
            until it is asked.
        region_witness_logit: what a fourth one, which has seen people, too, adds by the region of interest; minus
            infinity until it is asked.
        n_views: how many of the four coarse views meant this back, this way up; all four where the region was given.
        flip_disagreement: how far two fine views, one of them mirrored, lie from their mean, in spine lengths;
            infinite where the first one ruled a back out.
        s2_visible: 1 where S2 lies in the picture, or else 0; in a video the running mean. The network knows its own
            error less where the spine's end is cut off.
        bias: (n,) how far down the spine the network reads each keypoint too low on average, in spine lengths; what
            follows from the keypoints is without it, what leads the next view to them is with it.
    """

    table: KeypointTable
    keypoints: FloatArray
    error_scale_px: FloatArray
    back_probability: float
    n_views: int
    flip_disagreement: float
    s2_visible: float
    bias: FloatArray = field(default_factory=lambda: np.zeros(1))
    witness_logit: float = 0.0
    region_witness_logit: float = -math.inf

    @property
    def ruled_out(self) -> bool:
        """Whether this is surely no back, so that nobody else need be asked."""
        return math.isinf(self.flip_disagreement)

    def enlarged(self, factor: float) -> BackReading:
        """The same in a picture that is ``factor`` times as large."""
        return dataclasses.replace(
            self, keypoints=resized(self.keypoints, factor), error_scale_px=self.error_scale_px * factor
        )

    def moved(self, by: Similarity) -> BackReading:
        """The same in a picture that ``by`` leads to; it must not mirror."""
        return dataclasses.replace(
            self, keypoints=by.of_points(self.keypoints), error_scale_px=self.error_scale_px * by.scale
        )

    @cached_property
    def unbiased_px(self) -> FloatArray:
        """(n, 2) px: the keypoints without the network's bias."""
        rows = self.table.levels
        down = self.keypoints[rows["S2"]] - self.keypoints[rows["C7"]]
        return np.asarray(self.keypoints - self.bias[:, None] * down)

    @cached_property
    def landmarks(self) -> Landmarks:
        """The six landmarks."""
        return Landmarks(**{name: self.unbiased_px[row] for name, row in self.table.landmarks.items()})

    @cached_property
    def levels(self) -> dict[str, FloatArray]:
        """Vertebra → (2,) px, of each level that is read."""
        return {level: self.unbiased_px[row] for level, row in self.table.levels.items()}

    @cached_property
    def marks(self) -> dict[tuple[str, Side], FloatArray]:
        """(code, side) → (2,) px, of each mark that is read."""
        return {mark: self.unbiased_px[row] for mark, row in self.table.marks.items()}

    @cached_property
    def spine_px(self) -> float:
        """Distance from C7 to S2."""
        return math.dist(self.levels["S2"], self.levels["C7"])

    @property
    def quarter_turns(self) -> int:
        """How often the picture must be turned counter-clockwise for the back to be as good as upright."""
        return quarter_turns_to_upright(self.levels["C7"] - self.levels["S2"])

    @property
    def inner_px(self) -> FloatArray:
        """(m, 2) px: the keypoints that a photo that shows a back shows all."""
        inner: FloatArray = self.keypoints[list(self.table.always_in_view)]
        return inner

    @cached_property
    def relative_uncertainty(self) -> float:
        """How far off the marks may be, in spine lengths: the predicted error, and what the views differ by."""
        if self.spine_px == 0.0:
            return math.inf
        error_px = self.error_scale_px[list(self.table.always_in_view)]
        return float(np.mean(error_px)) / self.spine_px + self.flip_disagreement

    @cached_property
    def certainty(self) -> float:
        """How surely the networks alone read a back: the logit that it is one, less their uncertainty of where.

        What is no back may look like one, but its vertebrae are nowhere in particular.
        """
        known = logit(self.back_probability) + _WITNESS_WEIGHT * self.witness_logit
        return known - _LOGITS_PER_UNCERTAINTY * self.relative_uncertainty

    @property
    def seconded_certainty(self) -> float:
        """The certainty together with what the region's witness says; minus infinity until it is asked."""
        return self.certainty + _WITNESS_WEIGHT * self.region_witness_logit


def logit(probability: float) -> float:
    """The logarithm of a probability's odds, a million millionth from 0 and 1 at least."""
    probability = min(max(probability, 1e-12), 1 - 1e-12)
    return math.log(probability / (1 - probability))


def together(coarse: float | None, fine: float) -> float:
    """The back probability of both networks: from the sum of their logits, or the fine one's alone.

    Of the weighted sums that were tried the plain one tells rendered backs best from real fronts.
    """
    if coarse is None:
        return fine
    return 1.0 / (1.0 + math.exp(-(logit(coarse) + logit(fine))))
