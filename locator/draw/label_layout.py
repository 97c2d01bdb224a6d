"""Where labels go: in the picture, off every mark, off each other, nearest to what they name. Pure."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locator.core.arrays import FloatArray
from locator.core.box import Box, Point

Costs = Callable[[FloatArray], FloatArray]
"""What (n, 4) boxes cost, in heights of a label that are as bad."""


@dataclass(frozen=True)
class Request:
    """A label to be placed.

    Attributes:
        sizes: (width, height) of its texts, the preferred one first, shorter ones after.
        targets: marks that it may point at, each with the (unit) direction away from the spine; best first. All other
            marks are foreign to it.
    """

    sizes: Sequence[tuple[float, float]]
    targets: Sequence[tuple[Point, Point]]


@dataclass(frozen=True)
class Placement:
    """Where a label goes.

    Attributes:
        choice: index of the text in :attr:`Request.sizes`.
        target: the mark that it points at.
    """

    box: Box
    choice: int
    target: Point


def place_labels(
    requests: Sequence[Request],
    marks: Sequence[Point],
    clearance: float,
    size: tuple[int, int],
    obstacles: Iterable[Box] = (),
    strict: bool = True,
    costs: Costs | None = None,
) -> list[Placement | None]:
    """A place for each label, or None where there is no room for it.

    Args:
        marks: what no label may come nearer to than ``clearance``.
        size: (width, height) of the picture.
        obstacles: boxes that are occupied already.
        strict: whether to leave a label out rather than let it lie nearer to a foreign mark than to its own, or let
            its leader cross a foreign mark, a label or another leader. Else it is merely avoided.
        costs: what places cost beside their distance; None for nothing.
    """
    obstacles = list(obstacles)
    order = list(range(len(requests)))
    best: dict[int, Placement] = {}
    for _ in requests:
        placed: dict[int, Placement] = {}
        without = []
        for index in order:
            found = _best(
                requests[index],
                _Surroundings.of(requests[index], marks, clearance, obstacles, list(placed.values()), strict),
                size,
                costs,
            )
            if found:
                placed[index] = found
            else:
                without.append(index)
                if strict:
                    break  # for who comes later leaves no more room
        if len(placed) > len(best):
            best = placed
        if not without or without[0] == order[0]:
            break
        # Whoever found no room chooses first in the next round.
        order = [without[0], *(index for index in order if index != without[0])]
    return [best.get(index) for index in range(len(requests))]


# In heights of the label:
_STEP = 1.0  # between the places that are tried
_OUTWARDS, _INWARDS, _ALONG = 9.0, 4.0, 7.0  # how far they reach from the mark, beyond the label's own extent
_SECOND_TARGET = 2.0  # how much further a label goes to keep to the mark that it prefers
_ASIDE = 0.6  # what a height along the spine costs beside the distance
_BACK = 0.35  # what a height towards the spine does
_DOUBT = 8.0  # and how far it goes to lie clearly nearer to its own mark than to any other
_OVER = 6.0  # and to keep its leader off whatever was there before
_CLEARLY = 1.1  # how many times nearer it has to be
_WRONG = 100.0  # for what only a layout that is not strict may do
_AT_A_TIME = 24
_BETWEEN = np.linspace(0.0, 1.0, 17)[1:-1, None]  # where points on a leader lie


@dataclass(frozen=True, eq=False)
class _Surroundings:
    """What one label has to keep clear of.

    Attributes:
        own: (n, 2) px of the marks that it may point at.
        foreign: (n, 2) px of all others.
        occupied: (n, 4) edges of the obstacles, and after them of the labels that are placed already.
        obstacles: how many of ``occupied`` are obstacles.
        leaders: (n, 2, 2) px of both ends of the leaders of the labels that are placed already.
        on_leaders: (n, points, 2) px of points on these.
    """

    own: FloatArray
    foreign: FloatArray
    occupied: FloatArray
    obstacles: int
    leaders: FloatArray
    on_leaders: FloatArray
    clearance: float
    strict: bool

    @classmethod
    def of(
        cls,
        request: Request,
        marks: Sequence[Point],
        clearance: float,
        obstacles: Sequence[Box],
        placed: Sequence[Placement],
        strict: bool,
    ) -> _Surroundings:
        targets = list(dict.fromkeys(target for target, _ in request.targets))
        leaders = np.array([(one.target, one.box.nearest(one.target)) for one in placed], float).reshape(-1, 2, 2)
        return cls(
            own=np.array(targets, float).reshape(-1, 2),
            foreign=np.array([mark for mark in marks if mark not in targets], float).reshape(-1, 2),
            occupied=_edges([*obstacles, *(one.box for one in placed)]),
            obstacles=len(obstacles),
            leaders=leaders,
            on_leaders=_points_between(leaders[:, 0], leaders[:, 1]),
            clearance=clearance,
            strict=strict,
        )

    def free(self, boxes: FloatArray, costs: FloatArray, height: float, target: Point) -> tuple[FloatArray, FloatArray]:
        """Those of the boxes that cover nothing, and their costs with the penalties; inf where strictness forbids it.

        Args:
            boxes: (n, 4) edges of a label of ``height`` px that points at ``target``.
            costs: (n,) what each costs by its distance.
        """
        to_own, to_foreign = _distances(boxes, self.own), _distances(boxes, self.foreign)
        free = ~_meet(boxes, self.occupied, gap=height * 0.15).any(axis=1)
        free &= (to_own >= self.clearance).all(axis=1) & (to_foreign >= self.clearance).all(axis=1)
        boxes, costs, to_own, to_foreign = boxes[free], costs[free], to_own[free], to_foreign[free]
        if not len(boxes):
            return boxes, costs
        doubt = (to_own.min(axis=1) * _CLEARLY)[:, None] / np.maximum(to_foreign, 1e-9)
        doubt = doubt.max(axis=1, initial=0.0)
        crossed, over = self._crossed(boxes, target)
        wrong = crossed + (doubt > 1.0) * (1.0 + doubt)
        costs = costs + _OVER * over + _DOUBT * np.maximum(doubt - 0.7, 0.0) + _WRONG * wrong
        return boxes, np.where(wrong > 0, np.inf, costs) if self.strict else costs

    def _crossed(self, boxes: FloatArray, target: Point) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
        """How many marks, labels and leaders each box and its own leader cross, and how many obstacles."""
        start = np.array(target)
        ends = np.minimum(np.maximum(start, boxes[:, :2]), boxes[:, 2:])
        hidden = np.asarray(_inside(_points_between(start, ends), self.occupied).any(axis=1))
        crossed = (_to_segment(self.foreign, start, ends) < self.clearance).sum(axis=1)
        crossed += hidden[:, self.obstacles :].sum(axis=1)
        crossed += _covers(boxes, self.on_leaders).sum(axis=1)
        crossed += _cross(start, ends, self.leaders)
        return crossed, hidden[:, : self.obstacles].sum(axis=1)


def _best(request: Request, around: _Surroundings, size: tuple[int, int], more: Costs | None) -> Placement | None:
    """The cheapest place of the first text that has any."""
    for choice, extent in enumerate(request.sizes):
        found = _cheapest(request.targets, extent, around, size, more)
        if found:
            return Placement(found[0], choice, found[1])
    return None


def _cheapest(
    targets: Sequence[tuple[Point, Point]],
    extent: tuple[float, float],
    around: _Surroundings,
    size: tuple[int, int],
    more: Costs | None,
) -> tuple[Box, Point] | None:
    """The cheapest place for a label of ``extent`` (width, height), and the mark that it points at."""
    least, best = math.inf, None
    height, half = extent[1], np.array(extent) / 2
    for preference, (target, way) in enumerate(targets):
        if _SECOND_TARGET * preference + around.clearance / height >= least:
            break  # whatever lies there costs more
        boxes, costs = _candidates(target, way, extent, around.clearance, size)
        costs = costs + _SECOND_TARGET * preference
        if more:
            costs = costs + more(boxes)
            order = np.argsort(costs, kind="stable")
            boxes, costs = boxes[order], costs[order]
        for start in range(0, len(boxes), _AT_A_TIME):
            if costs[start] >= least:
                break  # the rest is further still
            some = slice(start, start + _AT_A_TIME)
            free, cost = around.free(boxes[some], costs[some], height, target)
            first = int(np.argmin(cost)) if len(cost) else None
            if first is not None and cost[first] < least:
                middle = (free[first, :2] + free[first, 2:]) / 2
                least = float(cost[first])
                best = Box(float(middle[0] - half[0]), float(middle[1] - half[1]), *extent), target
    return best


def _candidates(
    target: Point, way: Point, extent: tuple[float, float], clearance: float, size: tuple[int, int]
) -> tuple[FloatArray, FloatArray]:
    """(n, 4) boxes in the picture as left, top, right and bottom, and what each costs, the cheapest first."""
    height = extent[1]
    step = height * _STEP
    (dx, dy), half = way, np.array(extent) / 2
    reach = clearance * 1.5 + abs(dx) * half[0] + abs(dy) * half[1]
    aside = clearance * 1.5 + abs(dy) * half[0] + abs(dx) * half[1]
    outs = np.concatenate(
        [reach + np.arange(0, _OUTWARDS * height, step), np.arange(reach - step, -reach - _INWARDS * height, -step)]
    )
    alongs = np.arange(0, aside + _ALONG * height, step)
    alongs = np.concatenate([alongs, -alongs[1:]])
    out, along = (grid.ravel() for grid in np.meshgrid(outs, alongs, indexing="ij"))
    centres = np.array(target) + np.outer(out, (dx, dy)) + np.outer(along, (-dy, dx))
    boxes = np.hstack([centres - half, centres + half])
    margin = height * 0.2
    inside = (boxes[:, :2] >= margin).all(axis=1) & (boxes[:, 2:] <= np.array(size) - margin).all(axis=1)
    boxes, out, along = boxes[inside], out[inside], along[inside]
    distance = _distances(boxes, np.array([target]))[:, 0]
    costs = (distance + _ASIDE * np.abs(along) + _BACK * np.maximum(reach - out, 0.0)) / height
    order = np.argsort(costs, kind="stable")
    return boxes[order], costs[order]


def _edges(boxes: Sequence[Box]) -> FloatArray:
    return np.array([(box.left, box.top, box.right, box.bottom) for box in boxes], float).reshape(-1, 4)


def _distances(boxes: FloatArray, points: FloatArray) -> FloatArray:
    """From each box to each point."""
    beyond = np.maximum(np.maximum(boxes[:, None, :2] - points, points - boxes[:, None, 2:]), 0.0)
    return np.asarray(np.hypot(beyond[..., 0], beyond[..., 1]), float)


def _meet(boxes: FloatArray, others: FloatArray, gap: float) -> NDArray[np.bool_]:
    """Whether less than ``gap`` lies between each box and each other."""
    apart = np.maximum(boxes[:, None, :2] - others[:, 2:], others[:, :2] - boxes[:, None, 2:])
    return np.asarray((apart[..., 0] < gap) & (apart[..., 1] < gap))


def _points_between(starts: FloatArray, ends: FloatArray) -> FloatArray:
    """(n, points, 2) points on each line from one of (n, 2) starts, or from the only one, to one of (n, 2) ends."""
    a, b = starts.reshape(-1, 1, 2), ends.reshape(-1, 1, 2)
    return np.asarray(a + (b - a) * _BETWEEN)


def _inside(lines: FloatArray, boxes: FloatArray) -> NDArray[np.bool_]:
    """(lines, points, boxes) whether each point of each line lies in each box."""
    x, y = lines[..., 0, None], lines[..., 1, None]
    left, top, right, bottom = boxes.T
    return np.asarray((x > left) & (x < right) & (y > top) & (y < bottom))


def _covers(boxes: FloatArray, lines: FloatArray) -> NDArray[np.bool_]:
    """(boxes, lines) whether each box hides a part of each line."""
    return np.asarray(_inside(lines, boxes).any(axis=1).T)


def _to_segment(points: FloatArray, start: FloatArray, ends: FloatArray) -> FloatArray:
    """(ends, points) from each point to the line from ``start`` to each end."""
    along = ends - start
    share = np.clip(along @ (points - start).T / np.maximum((along**2).sum(axis=1), 1e-9)[:, None], 0.0, 1.0)
    away = points - (start + share[:, :, None] * along[:, None])
    return np.asarray(np.hypot(away[..., 0], away[..., 1]), float)


def _cross(start: FloatArray, ends: FloatArray, leaders: FloatArray) -> NDArray[np.int_]:
    """How many of (n, 2, 2) ``leaders``, each from a point to a point, the line from ``start`` to each end crosses."""

    def side(p: FloatArray, q: FloatArray, r: FloatArray) -> FloatArray:
        along, aside = q - p, r - p
        return np.asarray(along[..., 0] * aside[..., 1] - along[..., 1] * aside[..., 0])

    ends, a, b = ends[:, None], leaders[:, 0], leaders[:, 1]
    apart = side(start, ends, a) * side(start, ends, b) < 0
    return np.asarray((apart & (side(a, b, start) * side(a, b, ends) < 0)).sum(axis=1))


def edge_place(
    extent: tuple[float, float],
    marks: Sequence[Point],
    clearance: float,
    size: tuple[int, int],
    is_free: Callable[[FloatArray], NDArray[np.bool_]] | None = None,
) -> Box | None:
    """A place at the picture's edge for a box of ``extent``, as far as possible from every mark; None if none.

    Args:
        is_free: which of (n, 4) boxes (left, top, right and bottom) may be taken; None for all.
    """
    margin = extent[1] * 0.12
    xs = [margin + share * (size[0] - extent[0] - 2 * margin) for share in (0.0, 1.0, 0.5, 0.25, 0.75)]
    ys = [margin + share * (size[1] - extent[1] - 2 * margin) for share in (1.0, 0.0, 0.5, 0.75, 0.25)]
    boxes = [Box(x, y, *extent) for y, x in itertools.product(ys, xs)]
    boxes = [box for box in boxes if box.within(size, 0)]
    if is_free and boxes:
        boxes = [box for box, free in zip(boxes, is_free(_edges(boxes)), strict=True) if free]
    if not boxes or not marks:
        return boxes[0] if boxes else None
    distances = _distances(_edges(boxes), np.array(marks, float)).min(axis=1)
    furthest = int(np.argmax(distances))
    return boxes[furthest] if distances[furthest] >= clearance else None
