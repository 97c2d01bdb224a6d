"""Landmarks as put right by hand, and what a reading knew beyond them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, get_args

import numpy as np

from locator.core.arrays import FloatArray, freeze
from locator.core.body import LANDMARKS, Landmarks, Side


class AnchorsError(ValueError):
    """A file of anchors is wrong; the message names the field."""


class SetBy(StrEnum):
    """Where a landmark's place comes from."""

    HAND = "hand"
    PHOTO = "photo"
    DEFAULT = "default"
    """Nobody's knowledge: put somewhere to be dragged from."""


class CunSource(StrEnum):
    """Where the length of a cun comes from."""

    BODY = "body-proportions"
    FINGERS = "fingers-in-photo"
    OWN_HAND = "own-hand"


@dataclass(frozen=True, eq=False)
class FingersInPhoto:
    """Four fingers side by side on the back, across the middle joints.

    Attributes:
        ends_px: (2, 2) the outer edges of the index finger and the little finger.

    Raises:
        ValueError: if the ends coincide.
    """

    ends_px: FloatArray

    def __post_init__(self) -> None:
        _check_ends(self)

    @property
    def cun_px(self) -> float:
        """One cun: a third of the four fingers."""
        return _length_px(self.ends_px) / 3.0


@dataclass(frozen=True, eq=False)
class OwnHand:
    """A hand measured in millimetres, and a known length in the photo.

    Attributes:
        ends_px: (2, 2) the ends of something on the back whose length is known, such as a ruler.
        length_mm: that length.
        four_fingers_mm: breadth of four fingers side by side, across the middle joints.

    Raises:
        ValueError: if the ends coincide, or a length is not positive.
    """

    ends_px: FloatArray
    length_mm: float
    four_fingers_mm: float

    def __post_init__(self) -> None:
        _check_ends(self)
        for name in ("length_mm", "four_fingers_mm"):
            if not 0.0 < getattr(self, name) < np.inf:
                raise ValueError(f"{name}: expected a positive number, got {getattr(self, name)}")

    @property
    def cun_px(self) -> float:
        """One cun: a third of the four fingers."""
        return self.four_fingers_mm / 3.0 * _length_px(self.ends_px) / self.length_mm


def _check_ends(measure: FingersInPhoto | OwnHand) -> None:
    freeze(measure, "ends_px", (2, 2))
    if _length_px(measure.ends_px) == 0.0:
        raise ValueError("ends_px: expected two different points")


def _length_px(ends: FloatArray) -> float:
    return float(np.linalg.norm(ends[1] - ends[0]))


@dataclass(frozen=True)
class MovedMark:
    """One mark that a hand has put elsewhere than it was placed."""

    code: str
    side: Side
    x_px: float
    y_px: float


DetailMethod = Literal["back", "pose+back"]
"""How more than the landmarks is read: by the back network alone, or beside the pose model."""

FURTHEST_OFFSET = 10.0
"""Largest number in a :class:`Detail`; beyond, there is no telling what was read."""

Offset = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Detail:
    """What a reading knows beyond the six landmarks, in terms that go along with them.

    How far a point lies from where the landmarks alone put it: (along, to the subject's right), in the axes of
    :func:`locator.estimate.midline.frame` and in shares of the distance from C7 to the middle of the hips.

    Attributes:
        method: how it was read.
        levels: the offset of each level that was read, one at least, by the vertebra's name.
        marks: that of each mark that was read, one at least, by code and side.
        radii: for each acupoint of ``marks`` the radius that nine readings in ten stay within, in the same shares.
        landmark_radii: the same for each of :data:`LANDMARKS`; empty where that is not known.

    Raises:
        ValueError: on another method, no level or no mark, a number that is not finite or larger than
            :data:`FURTHEST_OFFSET`, a radius that is not positive, or radii of other acupoints than the marks', or of
            other than all landmarks.
    """

    method: DetailMethod
    levels: Mapping[str, Offset]
    marks: Mapping[tuple[str, Side], Offset]
    radii: Mapping[str, float]
    landmark_radii: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.method not in get_args(DetailMethod):
            raise ValueError(f"method: expected one of {', '.join(get_args(DetailMethod))}, got {self.method!r}")
        offsets: Mapping[str, Mapping[Any, Offset]] = {"levels": self.levels, "marks": self.marks}
        for name, points in offsets.items():
            if not points:
                raise ValueError(f"{name}: expected at least one")
            if not all(
                len(point) == 2 and all(abs(one) <= FURTHEST_OFFSET for one in point) for point in points.values()
            ):
                raise ValueError(f"{name}: expected pairs of numbers from {-FURTHEST_OFFSET:g} to {FURTHEST_OFFSET:g}")
        if set(self.radii) != {code for code, _ in self.marks}:
            raise ValueError("radii: expected one for each acupoint of the marks")
        if self.landmark_radii and set(self.landmark_radii) != set(LANDMARKS):
            raise ValueError(f"landmark_radii: expected none, or one for each of {', '.join(LANDMARKS)}")
        for name, given in {"radii": self.radii, "landmark_radii": self.landmark_radii}.items():
            if not all(0.0 < radius <= FURTHEST_OFFSET for radius in given.values()):
                raise ValueError(f"{name}: expected positive numbers up to {FURTHEST_OFFSET:g}")


@dataclass(frozen=True, eq=False)
class Anchors:
    """Landmarks as put right by hand, from which a location follows without a look at the photo.

    Attributes:
        set_by: who set each of :data:`LANDMARKS`.
        fingers: what the finger-widths are measured by; None for the body's proportions.
        moved: marks that do not lie where the landmarks put them.
        reserved: codes of the issues, or of the refusal, that the photo's own reading had.
        detail: what that reading knew beyond the landmarks, if anything.
        read: where that reading put the landmarks; None if nothing was read, or that is not known any more.

    Raises:
        ValueError: if ``set_by`` names other than the landmarks.
    """

    landmarks: Landmarks
    set_by: Mapping[str, SetBy]
    fingers: FingersInPhoto | OwnHand | None = None
    moved: tuple[MovedMark, ...] = ()
    reserved: tuple[str, ...] = ()
    detail: Detail | None = None
    read: Landmarks | None = None

    def __post_init__(self) -> None:
        if set(self.set_by) != set(LANDMARKS):
            raise ValueError(f"set_by: expected {', '.join(LANDMARKS)}, got {', '.join(self.set_by)}")

    @property
    def cun_source(self) -> CunSource:
        """Where the length of a cun comes from."""
        if self.fingers is None:
            return CunSource.BODY
        return CunSource.FINGERS if isinstance(self.fingers, FingersInPhoto) else CunSource.OWN_HAND
