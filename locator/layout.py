"""Where labels go: inside the picture, off every mark, off each other, near what they name. Pure."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
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


@dataclass(frozen=True)
class Wish:
    """A label to be placed.

    Attributes:
        sizes: (width, height) of its texts, the preferred one first, shorter ones after.
        targets: marks that it may point at, each with the (unit) direction away from the spine; best first.
    """

    sizes: Sequence[tuple[float, float]]
    targets: Sequence[tuple[Point, Point]]


@dataclass(frozen=True)
class Placed:
    """Where a label goes.

    Attributes:
        choice: index of the text in :attr:`Wish.sizes`.
        target: the mark that it points at.
    """

    box: Box
    choice: int
    target: Point


def arrange(
    wishes: Sequence[Wish],
    marks: Sequence[Point],
    clearance: float,
    size: tuple[int, int],
    taken: Iterable[Box] = (),
) -> list[Placed | None]:
    """A place for each label, or None where there is no room for it.

    Args:
        marks: what no label may come nearer to than ``clearance``.
        size: (width, height) of the picture.
        taken: boxes that are occupied already.
    """
    occupied = list(taken)
    placed: list[Placed | None] = []
    for wish in wishes:
        found = _best(wish, marks, clearance, size, occupied)
        placed.append(found)
        if found:
            occupied.append(found.box)
    return placed


# Where a label may lie from its mark, in steps outwards and along the spine, the nearest first.
_OFFSETS = sorted(
    ((out + 1.2 * abs(along), out, along) for out in range(14) for along in range(-8, 9)),
    key=lambda offset: offset[0],
)
_SECOND_TARGET = 2.5  # in the same unit: how much further a label goes to keep to the mark that it prefers
_CROSSING = 20.0  # and to keep its line off another mark or label


def _best(
    wish: Wish, marks: Sequence[Point], clearance: float, size: tuple[int, int], occupied: Sequence[Box]
) -> Placed | None:
    for choice, extent in enumerate(wish.sizes):
        least, best = math.inf, None
        step = extent[1] * 0.75
        for preference, (target, (dx, dy)) in enumerate(wish.targets):
            reach = clearance * 1.5 + (abs(dx) * extent[0] + abs(dy) * extent[1]) / 2
            for away, out, along in _OFFSETS:
                cost = away + _SECOND_TARGET * preference
                if cost >= least:
                    break  # the rest is further still
                centre = (
                    target[0] + dx * (reach + out * step) - dy * along * step,
                    target[1] + dy * (reach + out * step) + dx * along * step,
                )
                box = Box.around(centre, extent)
                if not box.within(size, margin=extent[1] * 0.2) or not _free(box, marks, clearance, occupied):
                    continue
                cost += _CROSSING * _in_the_way(target, box, marks, clearance, occupied)
                if cost < least:
                    least, best = cost, Placed(box, choice, target)
        if best:
            return best
    return None


def _free(box: Box, marks: Sequence[Point], clearance: float, occupied: Sequence[Box]) -> bool:
    return all(box.distance(mark) >= clearance for mark in marks) and not any(
        box.meets(other, gap=box.height * 0.15) for other in occupied
    )


def _in_the_way(target: Point, box: Box, marks: Sequence[Point], clearance: float, occupied: Sequence[Box]) -> int:
    """How many marks and labels the line from the mark to its label would cross."""
    end = box.nearest(target)
    samples = [
        (target[0] + (end[0] - target[0]) * share / 12, target[1] + (end[1] - target[1]) * share / 12)
        for share in range(1, 12)
    ]
    crossed = [mark for mark in marks if mark != target and any(math.dist(mark, s) < clearance for s in samples)]
    covered = [other for other in occupied if any(other.distance(s) == 0 for s in samples)]
    return len(crossed) + len(covered)


def corner(extent: tuple[float, float], marks: Sequence[Point], clearance: float, size: tuple[int, int]) -> Box | None:
    """A place at the picture's edge for a box of ``extent``, as far as possible from every mark; None if none."""
    margin = extent[1] * 0.12
    xs = [margin + share * (size[0] - extent[0] - 2 * margin) for share in (0.0, 1.0, 0.5)]
    ys = [margin + share * (size[1] - extent[1] - 2 * margin) for share in (1.0, 0.0, 0.5)]
    boxes = [Box(x, y, *extent) for y, x in itertools.product(ys, xs)]
    free = [box for box in boxes if box.within(size, 0) and _free(box, marks, clearance, ())]
    if not free:
        return None
    return max(free, key=lambda box: min((box.distance(mark) for mark in marks), default=0.0))
