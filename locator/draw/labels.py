"""The labels of a scene with their leaders and the legend: as large and as much said as the picture has room for."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from locator.catalogue.entries import Acupoint
from locator.core.arrays import FloatArray
from locator.core.body import Side
from locator.core.box import Box, Point
from locator.core.types import LocatedPoint
from locator.draw import body_region, fonts, label_layout, legend
from locator.draw.content import Content, Level, Room, key, number
from locator.draw.shapes import DARK, DIAMOND, Lines, Panel, Text, translated
from locator.draw.sizes import TINIEST_TEXT, text_sizes
from locator.draw.style import Labels

_LARGE = 0.6
"""Down to this share of the wanted size, smaller text is better than shorter text."""

_ON_TRUNK = 10.0
"""In heights of a label: how far it goes to leave the trunk of a small photo free."""

_OPACITY = 215 / 255


@dataclass(frozen=True)
class Labelling:
    """The labels of a scene.

    Attributes:
        leaders: lines from marks to the labels that do not touch them.
        legend: None where there is none.
    """

    leaders: tuple[Lines, ...] = ()
    labels: tuple[Panel, ...] = ()
    legend: Panel | None = None

    @property
    def panels(self) -> list[Panel]:
        """The labels and the legend."""
        return [*self.labels, *([self.legend] if self.legend else [])]


@dataclass(frozen=True)
class _Attempt:
    """A way to lay out the labels.

    Attributes:
        shorter: whether a label may say the code alone.
        size: px of the text.
        strict: as :func:`label_layout.place_labels` means it.
        needs_legend: whether it is none without the legend.
    """

    labels: Labels
    shorter: bool
    size: int
    strict: bool
    needs_legend: bool


def lay_out(content: Content, level_names: Sequence[Box], with_legend: bool) -> Labelling:
    """The first attempt that has room for all labels; else the one with the most.

    Args:
        level_names: boxes that labels leave free where they can.
    """
    shown = len(content.codes)
    best: Labelling | None = None
    for attempt in _attempts(content, with_legend):
        made = _try(content, attempt, level_names, with_legend)
        if attempt.strict and level_names and not (made and len(made.labels) == shown):
            made = _try(content, attempt, [], with_legend)  # the names of the levels give way
        if made and len(made.labels) == shown:
            return made
        if made and (best is None or len(made.labels) > len(best.labels)):
            best = made
    return best or Labelling()


def _attempts(content: Content, with_legend: bool) -> Iterator[_Attempt]:
    """Ways to lay out the labels, the best first."""
    sizes = text_sizes(content.sizes.text, content.sizes.least_text)
    tiny = text_sizes(sizes[-1], TINIEST_TEXT)[1:]
    if content.style.labels == "numbers":
        return _attempts_with_numbers([*sizes, *tiny], with_legend)
    return _attempts_with_words(content.style.labels, sizes, tiny, with_legend)


def _attempts_with_numbers(sizes: list[int], with_legend: bool) -> Iterator[_Attempt]:
    ways: list[tuple[Labels, bool]] = [("numbers", True), ("codes", False)] if with_legend else [("numbers", False)]
    for labels, needs_legend in ways:
        yield from (_Attempt(labels, False, size, True, needs_legend) for size in sizes)
    for labels, needs_legend in ways:
        yield _Attempt(labels, False, sizes[-1], False, needs_legend)


def _attempts_with_words(labels: Labels, sizes: list[int], tiny: list[int], with_legend: bool) -> Iterator[_Attempt]:
    """Smaller text, then codes alone, then numbers, then what is barely readable, then what is not strict."""
    smallest = [*sizes, *tiny][-1]
    large = [size for size in sizes if size >= _LARGE * sizes[0]]
    for some in (large, sizes[len(large) :]):
        for shorter in (False, True) if labels != "codes" else (False,):
            yield from (_Attempt(labels, shorter, size, True, False) for size in some)
    if labels != "codes":
        yield from (_Attempt("codes", False, size, True, False) for size in sizes)
    if with_legend:
        yield from (_Attempt("numbers", False, size, True, True) for size in [*sizes, *tiny])
    yield from (_Attempt("codes", False, size, True, False) for size in tiny)
    if with_legend:
        yield _Attempt("numbers", False, smallest, False, True)
    yield _Attempt("codes", False, smallest, False, False)


def _try(content: Content, attempt: _Attempt, occupied: Sequence[Box], with_legend: bool) -> Labelling | None:
    """The labels and the legend of an attempt; None where it needs a legend and the picture has no room for it."""
    sizes = content.sizes
    marks = [(point.x_px, point.y_px) for point in content.points]
    widest = sizes.rim * (DIAMOND if content.any_moved_by_hand else 1.0)
    clearance = max(1.7 * sizes.mark, widest + 1)  # a pixel, as labels are moved to whole ones
    explained = None
    if with_legend and content.room is not Room.OUTSIDE:
        explained = legend.placed(content, attempt.labels, attempt.size, attempt.needs_legend, marks, clearance)
    if with_legend and content.room is not Room.INSIDE and not explained:
        explained = legend.outside(content, attempt.labels, attempt.size)
    if attempt.needs_legend and not explained:
        return None
    codes = content.codes
    choices = [[_panel(content, text, code, attempt.size) for text in _texts(content, code, attempt)] for code in codes]
    requests = [
        label_layout.Request(
            sizes=[(panel.box.width, panel.box.height) for panel in panels],
            targets=_targets(_points_of(content, code), content.levels, right_first=index % 2 == 0),
        )
        for index, (code, panels) in enumerate(zip(codes, choices, strict=True))
    ]
    obstacles = [*occupied, explained.box] if explained else occupied
    costs = partial(_on_trunk, content) if content.room is Room.OUTSIDE else None
    placements = label_layout.place_labels(requests, marks, clearance, content.size, obstacles, attempt.strict, costs)
    leaders, labels = [], []
    for code, panels, placement in zip(codes, choices, placements, strict=True):
        if placement:
            leader, label = _at_its_mark(content, code, panels[placement.choice], placement)
            leaders += [leader] if leader else []
            labels.append(label)
    return Labelling(tuple(leaders), tuple(labels), explained)


def _on_trunk(content: Content, boxes: FloatArray) -> FloatArray:
    """What it costs a label to lie on the trunk, by how much of it does."""
    share = body_region.on_trunk(content.location.landmarks, body_region.in_boxes(boxes)).mean(axis=1)
    return np.asarray(_ON_TRUNK * share)


def _at_its_mark(
    content: Content, code: str, panel: Panel, placement: label_layout.Placement
) -> tuple[Lines | None, Panel]:
    """The leader, where the label does not touch the mark, and the label in its place."""
    target, sizes = placement.target, content.sizes
    mark = next(key(one) for one in _points_of(content, code) if (one.x_px, one.y_px) == target)
    end = placement.box.nearest(target)
    away = math.dist(end, target)
    leader = None
    if away > sizes.mark:
        way = ((end[0] - target[0]) / away, (end[1] - target[1]) / away)
        stroke = (translated(target, way, sizes.mark), end)
        width = max(1, sizes.line // 2) if content.room is Room.OUTSIDE else sizes.line  # a small photo is soon covered
        leader = Lines((stroke,), width, width * 2 + 1, content.colour(code), DARK, mark)
    return leader, replace(panel, label_of=mark).shifted((placement.box.left, placement.box.top))


def _points_of(content: Content, code: str) -> list[LocatedPoint]:
    return [point for point in content.points if point.code == code]


def written(point: Acupoint, labels: Labels) -> str:
    """What the label of a point says where there is room for it."""
    texts = {"codes": point.code, "names": point.label, "both": point.title, "numbers": str(number(point.code))}
    return texts[labels]


def _texts(content: Content, code: str, attempt: _Attempt) -> list[str]:
    """What a label may say, the preferred text first."""
    preferred = written(content.words.acupoint(code), attempt.labels)
    return list(dict.fromkeys([preferred, *([code] if attempt.shorter else [])]))


def _panel(content: Content, text: str, code: str, size: int) -> Panel:
    """A label with text of ``size`` px, edged in the colour of its mark, its upper left corner at (0, 0)."""
    family = content.words.font
    length, height = fonts.length(text, size, family), math.ceil(size * 1.5)
    width = max(math.ceil(length + 2 * (size * 0.4)), height)
    line = Text(text, ((width - length) / 2, height / 2 + size * fonts.CAPITAL / 2), size, family)
    edge = min(content.sizes.line, max(1, size // 6))
    return Panel(Box(0, 0, width, height), height / 3, _OPACITY, (content.colour(code), edge), (line,))


def _targets(marks: Sequence[LocatedPoint], levels: Sequence[Level], right_first: bool) -> list[tuple[Point, Point]]:
    """The marks that a label may point at, the preferred first, each with the unit vector away from the spine."""
    by_name = {level.name: level for level in levels}
    targets = []
    for mark in marks:
        level = by_name[mark.level]
        (x, y), (to_right, down) = level.place, level.across
        both = [(-to_right, -down), (to_right, down)]
        # By its place, not by its side: in a mirrored photo the two differ.
        is_right = (mark.x_px - x) * to_right + (mark.y_px - y) * down > 0
        ways = both if mark.side is Side.MIDLINE else [both[is_right]]
        targets += [((mark.x_px, mark.y_px), way) for way in ways]
    return targets[::-1] if right_first else targets
