"""What a scene shows: the marks and levels of a location, with the style and the sizes they are drawn in."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from locator.catalogue.acupoints import acupoints, catalogue
from locator.catalogue.entries import Catalogue
from locator.core.arrays import RGBArray
from locator.core.box import Point
from locator.core.geometry import turned
from locator.core.types import LocatedPoint, Location, lies_in
from locator.draw.shapes import Colour, MarkKey
from locator.draw.sizes import Sizes
from locator.draw.style import Style

_DARK_BELOW = 0.2  # relative luminance below which a white outline stands out more than a dark one


class Room(Enum):
    """Where the labels and the legend of a picture go."""

    INSIDE = 1
    """In the photo, and the legend off the body where that has a place for it."""

    MARGIN = 2
    """In the photo; the legend on a margin beside it, where no place in it is free of the body."""

    OUTSIDE = 3
    """The legend on a margin in any case, and labels off the trunk where they can: for small photos."""


@dataclass(frozen=True)
class Level:
    """A level on the spine: where it lies, and the unit vector across it to the right of who is seen from behind."""

    name: str
    place: Point
    across: Point


@dataclass(frozen=True, eq=False)
class Content:
    """What a scene shows.

    Attributes:
        points: those of the location that are drawn.
        size: (width, height) of the photo in px.
        levels: those of the location, from C7 down.
        on_dark: the marks whose rings lie on dark skin or cloth.
        room: where labels and legend go.
    """

    location: Location
    points: tuple[LocatedPoint, ...]
    size: tuple[int, int]
    style: Style
    words: Catalogue
    sizes: Sizes
    levels: tuple[Level, ...]
    on_dark: frozenset[MarkKey]
    room: Room = Room.INSIDE

    @classmethod
    def of(
        cls,
        location: Location,
        size: tuple[int, int],
        style: Style,
        codes: Collection[str] | None,
        rgb: RGBArray | None,
        room: Room = Room.INSIDE,
    ) -> Content:
        """See :func:`locator.draw.scene.build`."""
        words = catalogue(style.language)
        wanted = {words.acupoint(code).code for code in codes} if codes is not None else None
        shown = (point for point in location.points if wanted is None or point.code in wanted)
        points = tuple(point for point in shown if lies_in(point, size))
        dark = frozenset(key(point) for point in points if rgb is not None and _is_dark(rgb, point))
        sizes = Sizes.of(location.landmarks.torso_px, size, style.size)
        return cls(location, points, size, style, words, sizes, _levels(location), dark, room)

    def moved_to(self, location: Location) -> Content:
        """The same marks, style and sizes where another location has them."""
        shown = {key(point) for point in self.points}
        points = tuple(point for point in location.points if key(point) in shown)
        return replace(self, location=location, points=points, levels=_levels(location))

    @property
    def codes(self) -> list[str]:
        """The acupoints that have marks."""
        return list(dict.fromkeys(point.code for point in self.points))

    @property
    def any_moved_by_hand(self) -> bool:
        """Whether a mark is drawn as a diamond."""
        return any(point.moved_by_hand for point in self.points)

    def colour(self, code: str) -> Colour:
        """The colour of an acupoint's marks."""
        return self.words.acupoint(code).colour


def key(point: LocatedPoint) -> MarkKey:
    """Tells a mark apart from all others of a location."""
    return point.code, point.side


def number(code: str) -> int:
    """The number that an acupoint has where labels are numbers: its place in the catalogue, from 1.

    Raises:
        ValueError: on a point that the catalogue does not know.
    """
    return [one.code for one in acupoints()].index(code) + 1


def _levels(location: Location) -> tuple[Level, ...]:
    line = np.array([(level.x_px, level.y_px) for level in location.levels])
    tangents = np.gradient(line, axis=0)
    across = turned(tangents / np.linalg.norm(tangents, axis=1, keepdims=True))
    return tuple(
        Level(level.level, (level.x_px, level.y_px), (float(x), float(y)))
        for level, (x, y) in zip(location.levels, across, strict=True)
    )


def _is_dark(rgb: RGBArray, point: LocatedPoint) -> bool:
    """Whether the photo is dark where the point's ring lies."""
    reach = max(1.0, point.radius_px)
    left, top = (max(0, int(at - reach)) for at in (point.x_px, point.y_px))
    right, bottom = (max(0, math.ceil(at + reach)) for at in (point.x_px, point.y_px))
    step = max(1, int(reach / 8))
    below = rgb[top:bottom:step, left:right:step]
    if not below.size:
        return False
    linear = (below.reshape(-1, 3) / 255.0) ** 2.2
    return float(np.median(linear @ (0.2126, 0.7152, 0.0722))) < _DARK_BELOW
