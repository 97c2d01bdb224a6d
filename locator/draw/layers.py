"""The layers of a scene beside its labels: rings, the spine, the names of the levels, marks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from locator.core.body import Side
from locator.core.box import Box
from locator.core.types import LocatedPoint
from locator.draw import fonts
from locator.draw.content import Content, Level, key
from locator.draw.shapes import DARK, WHITE, Lines, Mark, Ring, Text, translated

_RING_OPACITY = 0.5


def rings(content: Content) -> Iterator[Ring]:
    """The ring of each mark."""
    line = content.sizes.line
    for point in content.points:
        casing = WHITE if key(point) in content.on_dark else DARK
        yield Ring(point.code, point.side, (point.x_px, point.y_px), point.radius_px, line * 2, line * 2 + 1,
                   content.colour(point.code), casing, _RING_OPACITY)  # fmt: skip


def spine(content: Content) -> Iterator[Lines]:
    """The spine with a tick at each level, and a thin line to each mark beside it: the finger-widths."""
    tick, line = content.sizes.tick, content.sizes.line
    strokes = [
        (translated(level.place, level.across, -tick), translated(level.place, level.across, tick))
        for level in content.levels
    ]
    strokes += pairwise(level.place for level in content.levels)
    yield Lines(tuple(strokes), line, line * 2 + 1, WHITE, DARK)
    places = {level.name: level.place for level in content.levels}
    for point in content.points:
        if point.side is not Side.MIDLINE:
            yield Lines(((places[point.level], (point.x_px, point.y_px)),), line, line * 2, WHITE, DARK)


def level_names(content: Content) -> Iterator[tuple[Text, Box]]:
    """The name of each level that has a point, and of both ends, beside the spine; none where it would touch a mark."""
    levels, sizes = content.levels, content.sizes
    named = {levels[0].name, levels[-1].name, *(point.level for point in content.location.points)}
    for level in levels:
        if level.name in named:
            text, box = _level_name(content, level)
            if all(box.distance((point.x_px, point.y_px)) > sizes.mark for point in content.points):
                yield text, box


def _level_name(content: Content, level: Level) -> tuple[Text, Box]:
    sizes, family = content.sizes, content.words.font
    rim = max(1, round(sizes.level_text / 9))
    width = fonts.length(level.name, sizes.level_text, family) + 2 * rim
    height = fonts.CAPITAL * sizes.level_text + 2 * rim
    across = level.across
    extent = abs(across[0]) * width + abs(across[1]) * height
    # Just above the line to the marks, on the subject's left, so that neither hides the other.
    upwards = (across[1], -across[0])
    lift = (abs(upwards[0]) * width + abs(upwards[1]) * height) / 2 + sizes.line
    beside = translated(level.place, across, -(sizes.tick * 1.2 + extent / 2))
    box = Box.around(translated(beside, upwards, lift), (width, height))
    start = round(box.left + rim), round(box.bottom - rim)  # of whole pixels: so it is the same in every format
    return Text(level.name, start, sizes.level_text, family, rim=rim), box


def marks(content: Content) -> Iterator[Mark]:
    """The mark of each point."""
    for point in content.points:
        yield _mark(content, point)


def _mark(content: Content, point: LocatedPoint) -> Mark:
    radius, line = content.sizes.mark, content.sizes.line
    outer, inner = (WHITE, DARK) if key(point) in content.on_dark else (DARK, WHITE)
    disc = (radius - 0.6 * line, content.colour(point.code))
    rims = ((content.sizes.rim, outer), (radius + 0.6 * line, inner), disc)
    return Mark(point.code, point.side, (point.x_px, point.y_px), rims, point.moved_by_hand)
