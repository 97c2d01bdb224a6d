"""Upright rectangles in pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """An upright rectangle in pixels."""

    left: float
    top: float
    width: float
    height: float

    @classmethod
    def around(cls, centre: Point, size: tuple[float, float]) -> Box:
        """The box of ``size`` (width, height) with its middle at ``centre``."""
        return cls(centre[0] - size[0] / 2, centre[1] - size[1] / 2, *size)

    @property
    def right(self) -> float:
        """x of the right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """y of the bottom edge."""
        return self.top + self.height

    def nearest(self, point: Point) -> Point:
        """The place in the box nearest to ``point``."""
        return (
            min(max(point[0], self.left), self.right),
            min(max(point[1], self.top), self.bottom),
        )

    def distance(self, point: Point) -> float:
        """From ``point`` to the box; 0 inside."""
        return math.dist(point, self.nearest(point))

    def meets(self, other: Box, gap: float = 0.0) -> bool:
        """Whether less than ``gap`` lies between the two."""
        return (
            self.left < other.right + gap
            and other.left < self.right + gap
            and self.top < other.bottom + gap
            and other.top < self.bottom + gap
        )

    def within(self, size: tuple[int, int], margin: float) -> bool:
        """Whether the box keeps ``margin`` from the edges of a picture of ``size`` (width, height)."""
        return (
            self.left >= margin
            and self.top >= margin
            and self.right <= size[0] - margin
            and self.bottom <= size[1] - margin
        )
