"""Results as every part of the program speaks of them: frozen, validated, in photo pixels.

Positions are in the upright photo, x to the right, y down, float64, whole numbers in the middles of pixels. Sides are
the subject's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np

from locator.core.anchors import CunSource, Detail
from locator.core.arrays import FloatArray, RGBArray
from locator.core.body import OTHER_SIDE, Landmarks, Side, other_landmark


@dataclass(frozen=True)
class Issue:
    """Something about a photo that the user should know, and what would make it better."""

    code: str
    message: str
    remedy: str


@dataclass(frozen=True)
class Refusal(Issue):
    """Why a readable photo is not answered, and what to do instead."""


@dataclass(frozen=True)
class Unreadable(Issue):
    """Why a file could not be read as a photo, and what to do instead."""


@dataclass(frozen=True)
class LocatedPoint:
    """One mark.

    Attributes:
        code: acupoint, such as ``"BL-18"``.
        x_px: right of the photo's left edge.
        y_px: below the photo's top edge.
        radius_px: nine chances in ten that the true point lies within: reading and anatomy together.
        reading_radius_px: the reading's part of that alone.
        level: vertebra whose spinous process gives the height.
        lateral_cun: distance beside the midline, in the subject's own cun.
        moved_by_hand: whether a hand put it there, away from its level and distance; the radius stays that of the place
            it was moved from.
    """

    code: str
    side: Side
    x_px: float
    y_px: float
    radius_px: float
    reading_radius_px: float
    level: str
    lateral_cun: float
    moved_by_hand: bool = False


@dataclass(frozen=True)
class LocatedLevel:
    """Lower border of one spinous process on the skin of the midline."""

    level: str
    x_px: float
    y_px: float


def in_picture(x_px: float, y_px: float, size_px: tuple[int, int]) -> bool:
    """Whether a point lies on a pixel of a picture of (width, height) ``size_px``."""
    return bool(-0.5 <= x_px < size_px[0] - 0.5 and -0.5 <= y_px < size_px[1] - 0.5)


def lies_in(point: LocatedPoint | LocatedLevel, size_px: tuple[int, int]) -> bool:
    """Whether a mark or a level lies in a photo of (width, height) ``size_px``."""
    return in_picture(point.x_px, point.y_px, size_px)


@dataclass(frozen=True)
class Location:
    """The answer to one photo: every mark, and what it was derived from.

    Attributes:
        points: every mark; some may lie outside of the photo.
        method: where the landmarks come from; ``"pose"`` for the pose model's keypoints, ``"back"`` for the back
            network, ``"pose+back"`` for both, ``"anchors"`` where a hand has set one or more.
        cun_px: length of one cun in the photo, at the back.
        cun_source: where that length comes from.
        set_by_hand: those of :data:`LANDMARKS` that a hand has put in place.
        detail: what the reading knew beyond the landmarks; None where all follows from these.
    """

    method: str
    points: tuple[LocatedPoint, ...]
    levels: tuple[LocatedLevel, ...]
    landmarks: Landmarks
    cun_px: float
    cun_source: CunSource
    issues: tuple[Issue, ...] = ()
    set_by_hand: tuple[str, ...] = ()
    detail: Detail | None = None

    def with_sides_exchanged(self) -> Location:
        """The same places, left and right taken for each other: what a mirrored photo shows.

        To be shown and saved: its detail, which handles go by, is left out.
        """
        return replace(
            self,
            points=tuple(replace(point, side=OTHER_SIDE[point.side]) for point in self.points),
            landmarks=self.landmarks.with_sides_exchanged(),
            set_by_hand=tuple(other_landmark(name) for name in self.set_by_hand),
            detail=None,
        )

    def showing(self, codes: Collection[str] | None) -> Location:
        """The same with the marks of these acupoints alone; None for all."""
        if codes is None:
            return self
        return replace(self, points=tuple(point for point in self.points if point.code in codes))

    @property
    def spine_px(self) -> tuple[FloatArray, FloatArray]:
        """(2,) px of C7 and S2, the ends of the spine's line."""
        first, last = self.levels[0], self.levels[-1]
        return np.array([first.x_px, first.y_px]), np.array([last.x_px, last.y_px])


@dataclass(frozen=True)
class ModelId:
    """The model an answer came from."""

    name: str
    sha256: str


@dataclass(frozen=True)
class ImageInfo:
    """What is said of the photo in a result; sizes are of the upright picture, None where unreadable."""

    path: str | None
    width_px: int | None
    height_px: int | None
    sha256: str | None


@dataclass(frozen=True, eq=False)
class Photo:
    """A decoded photo: (height, width, 3) uint8 RGB, upright, read-only."""

    rgb: RGBArray = field(repr=False)
    info: ImageInfo

    def __post_init__(self) -> None:
        self.rgb.setflags(write=False)


@dataclass(frozen=True)
class Result:
    """One photo's outcome.

    Attributes:
        model: the pose model that was asked.
        networks: the back networks that were asked.
        guess: of a refused photo, the landmarks of a body that was made out but not surely; good for nothing but
            handles to be dragged.
        people: every back that was found and can be marked, from left to right in the photo, or from top to bottom
            where they lie one below the other; none where nobody was looked for.
        person: which of them the outcome is, counted from 1; None where it is none of them.
    """

    image: ImageInfo
    outcome: Location | Refusal | Unreadable
    model: ModelId | None = None
    networks: tuple[ModelId, ...] = ()
    guess: Landmarks | None = None
    people: tuple[Location, ...] = ()
    person: int | None = None

    def each(self) -> Iterator[Self]:
        """A result for every back that was found; this one alone where none was."""
        for number, location in enumerate(self.people, start=1):
            yield replace(self, outcome=location, person=number, guess=None)
        if not self.people:
            yield self

    def __repr__(self) -> str:
        """In a line; all there is of it stands in :attr:`outcome`."""
        name = f" of {self.image.path}" if self.image.path else ""
        if isinstance(self.outcome, Location):
            return f"<Result{name}: located, {len(self.points)} marks>"
        return f"<Result{name}: {self.status}, {self.outcome.message}>"

    @property
    def points(self) -> tuple[LocatedPoint, ...]:
        """Every mark; none unless located."""
        return self.outcome.points if isinstance(self.outcome, Location) else ()

    @property
    def status(self) -> str:
        """``"located"``, ``"refused"`` or ``"unreadable"``."""
        if isinstance(self.outcome, Location):
            return "located"
        return "refused" if isinstance(self.outcome, Refusal) else "unreadable"

    def of_mirrored_photo(self) -> Result:
        """The result where the photo is a mirror image, as selfies often are: the same marks, with their true sides."""
        outcome, guess = self.outcome, self.guess
        return replace(
            self,
            outcome=outcome.with_sides_exchanged() if isinstance(outcome, Location) else outcome,
            guess=guess.with_sides_exchanged() if guess else None,
            people=tuple(one.with_sides_exchanged() for one in self.people),
        )
