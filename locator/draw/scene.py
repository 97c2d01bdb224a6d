"""What is drawn on a photo, as an ordered list of shapes in its pixels: the same for every format.

The first shape lies lowest, and what is written above all else. :mod:`render`, :mod:`svg` and :mod:`pdf` draw it;
nothing is placed anywhere else.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Literal, TypeVar, get_args

import numpy as np

from locator.catalogue.acupoints import acupoints, catalogue
from locator.catalogue.entries import Catalogue
from locator.catalogue.languages import ENGLISH
from locator.core.box import Box, Point
from locator.core.geometry import turned
from locator.core.types import LocatedLevel, LocatedPoint, Location, RGBArray, Side, lies_in
from locator.draw import fonts, label_layout

Colour = tuple[int, int, int]
"""Red, green, blue, each 0 to 255."""

WHITE: Colour = (255, 255, 255)
DARK: Colour = (24, 24, 28)
_DARK_BELOW = 0.2  # relative luminance below which a white outline stands out more than a dark one

Labels = Literal["codes", "names", "both", "numbers"]
"""What stands beside the marks; ``"numbers"`` explains them in the legend.

Where the picture has no room for the words, even if small, the marks have numbers; without room for the legend, codes.
"""


@dataclass(frozen=True)
class Style:
    """How marks are drawn.

    Attributes:
        language: one of :func:`locator.catalogue.languages.languages`.
        size: factor on the size of texts, marks and lines.

    Raises:
        ValueError: on another density of labels, or a size outside 0.5 to 3.
        LookupError: on a language that the program does not speak.
    """

    labels: Labels = "both"
    language: str = ENGLISH
    size: float = 1.0

    def __post_init__(self) -> None:
        if self.labels not in get_args(Labels):
            raise ValueError(f"labels: expected one of {', '.join(get_args(Labels))}, got {self.labels!r}")
        if not 0.5 <= self.size <= 3.0:
            raise ValueError(f"size: expected 0.5 to 3, got {self.size!r}")
        catalogue(self.language)


@dataclass(frozen=True)
class Ring:
    """A circle around a mark, faint so that the skin stays visible.

    Attributes:
        width: of the line; a casing of ``casing_width`` lies below it.
    """

    code: str
    side: Side
    centre: Point
    radius: float
    width: float
    casing_width: float
    paint: Colour
    casing: Colour
    opacity: float


@dataclass(frozen=True)
class Lines:
    """Straight strokes on top of their casings.

    Attributes:
        strokes: each from a point to a point.
        names: of a line from a mark to its label, the mark.
    """

    strokes: tuple[tuple[Point, Point], ...]
    width: float
    casing_width: float
    paint: Colour
    casing: Colour
    names: tuple[str, Side] | None = None


@dataclass(frozen=True)
class Mark:
    """One mark: a disc, or a diamond where a hand has put it.

    Attributes:
        rims: (radius, colour) from the outermost to the innermost; of a diamond, the radius of a disc as large.
    """

    code: str
    side: Side
    centre: Point
    rims: tuple[tuple[float, Colour], ...]
    diamond: bool

    @property
    def radius(self) -> float:
        """How far it reaches from its centre."""
        return self.rims[0][0] * (DIAMOND if self.diamond else 1.0)

    def corners(self, radius: float) -> tuple[Point, ...]:
        """The corners of a diamond that is as large as a disc of ``radius``."""
        return _diamond(self.centre, DIAMOND * radius)


DIAMOND = 1.25
"""Half the diagonal of a diamond with as much paint as a disc of radius 1."""


@dataclass(frozen=True)
class Text:
    """A line of text.

    Attributes:
        start: left end of the baseline.
        size: px of the font.
        rim: width of the dark rim around the letters; 0 for none.
    """

    text: str
    start: Point
    size: float
    family: str
    paint: Colour = WHITE
    rim: float = 0.0

    @property
    def length(self) -> float:
        """From the first letter to the end of the last."""
        return fonts.length(self.text, self.size, self.family)


@dataclass(frozen=True)
class Panel:
    """A box with rounded corners and what stands in it.

    Attributes:
        edge: colour and width of its edge; None for none.
        opacity: of the fill.
        names: of a label, the mark that it stands at.
    """

    box: Box
    corner: float
    opacity: float
    edge: tuple[Colour, float] | None
    texts: tuple[Text, ...]
    signs: tuple[Lines | Outline, ...] = ()
    fill: Colour = DARK
    names: tuple[str, Side] | None = None


@dataclass(frozen=True)
class Outline:
    """A sign in the legend: a circle (no corners) or a diamond (four)."""

    centre: Point
    radius: float
    width: float
    diamond: bool
    paint: Colour = WHITE

    @property
    def corners(self) -> tuple[Point, ...]:
        """Those of the diamond."""
        return _diamond(self.centre, self.radius)


Shape = Ring | Lines | Mark | Text | Panel


@dataclass(frozen=True)
class Scene:
    """Everything on top of a photo.

    Attributes:
        size: (width, height) of the photo in px.
        labels: the panels that name marks, of :attr:`shapes`.
        legend: the panel that explains them; None without room.
    """

    size: tuple[int, int]
    shapes: tuple[Shape, ...]
    labels: tuple[Panel, ...]
    legend: Panel | None
    _builder: _Builder = field(repr=False, compare=False)

    def moved(self, location: Location) -> Scene:
        """The same for a location that has changed a little: what names a mark or a level goes along with it."""
        return self._builder.moved(self, location)

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The marks alone."""
        return tuple(shape for shape in self.shapes if isinstance(shape, Mark))


def number(code: str) -> int:
    """The number that an acupoint has where labels are numbers: its place in the catalogue, from 1.

    Raises:
        ValueError: on a point that the catalogue does not know.
    """
    return [one.code for one in acupoints()].index(code) + 1


def build(
    location: Location,
    size: tuple[int, int],
    style: Style = Style(),  # noqa: B008 - frozen
    codes: Collection[str] | None = None,
    rgb: RGBArray | None = None,
    legend: bool = True,
) -> Scene:
    """The marks of a location on a photo.

    Args:
        size: (width, height) of the photo in px.
        codes: acupoints to draw, as far as they lie in the photo; None for all.
        rgb: (h, w, 3) uint8, the photo, by whose brightness outlines are chosen; None for a bright one.
        legend: whether to explain the signs in a corner.

    Raises:
        LookupError: on an acupoint that the catalogue does not know.
    """
    words = catalogue(style.language)
    wanted = {words.acupoint(code).code for code in codes} if codes is not None else None
    shown = (point for point in location.points if wanted is None or point.code in wanted)
    points = [point for point in shown if lies_in(point, size)]
    return _Builder(location, points, size, style, words, rgb, legend).scene()


@dataclass(frozen=True)
class _Level:
    """A level on the spine: where it lies, and the unit vector across it to the subject's right."""

    name: str
    place: Point
    across: Point


@dataclass(frozen=True)
class _Sizes:
    """Every size on the picture, in pixels, from the length of the torso."""

    line: int
    mark: float
    text: int
    least_text: int
    level_text: int
    tick: float

    @property
    def rim(self) -> float:
        """How far a disc reaches."""
        return self.mark + 1.6 * self.line

    @classmethod
    def of(cls, torso_px: float, picture: tuple[int, int], factor: float) -> _Sizes:
        # Readable on a body that fills the picture, on one that is small in it, and on a phone's screen; but no larger
        # than the marks lie apart.
        wanted = min(max(0.04 * torso_px, 0.019 * max(picture)), 0.055 * torso_px)
        text = max(11, round(wanted * factor))
        return cls(
            line=max(1, round(torso_px / 260 * factor)),
            mark=max(2.5, 0.0125 * torso_px * factor),
            text=text,
            least_text=min(text, max(9, round(0.026 * torso_px))),
            level_text=max(9, round(0.036 * torso_px * factor)),
            tick=0.018 * torso_px * factor,
        )


_TINIEST = 7
"""px of the smallest text, for pictures in which no larger one has room."""

_LARGE = 0.6
"""Down to this share of the wanted size, smaller text is better than shorter text."""


@dataclass(frozen=True)
class _Attempt:
    """A way to lay out the labels.

    Attributes:
        shorter: whether a label may say the code alone.
        size: px of the text.
        strict: as :func:`layout.arrange` means it.
        needs_legend: whether it is none without the legend.
    """

    labels: Labels
    shorter: bool
    size: int
    strict: bool
    needs_legend: bool


@dataclass(frozen=True)
class _Layout:
    leaders: list[Lines]
    labels: list[Panel]
    legend: Panel | None


def _steps(largest: int, least: int) -> list[int]:
    """Sizes of text from the largest to the least, each a little smaller."""
    sizes = [largest]
    while sizes[-1] > least:
        sizes.append(max(least, min(sizes[-1] - 1, round(sizes[-1] * 0.85))))
    return sizes


class _Builder:
    """Builds one scene; each method makes the shapes of one layer."""

    def __init__(
        self,
        location: Location,
        points: Sequence[LocatedPoint],
        size: tuple[int, int],
        style: Style,
        words: Catalogue,
        rgb: RGBArray | None,
        legend: bool,
    ) -> None:
        self.location, self.points, self.size = location, points, size
        self.style, self.words, self.rgb, self.with_legend = style, words, rgb, legend
        self.sizes = _Sizes.of(location.landmarks.torso_px, size, style.size)
        self.levels = _levels(location)
        self.codes = list(dict.fromkeys(point.code for point in points))
        self.on_dark = {(point.code, point.side): self.is_dark(point) for point in points}

    def scene(self) -> Scene:
        level_names = list(self.level_names())
        leaders, labels, legend = self.labels([box for _, box in level_names])
        panels = [panel.box for panel in (*labels, *([legend] if legend else []))]
        level_names = [(text, box) for text, box in level_names if not any(map(box.meets, panels))]
        shapes: list[Shape] = [
            *(self.ring(point) for point in self.points),
            *self.spine(),
            *leaders,
            *(self.mark(point) for point in self.points),
            *(text for text, _ in level_names),
            *labels,
        ]
        if legend:
            shapes.append(legend)
        return Scene(self.size, tuple(shapes), tuple(labels), legend, self)

    def moved(self, before: Scene, location: Location) -> Scene:
        """What was built, with every size, colour and side of a label kept, for a location that is a little other."""
        there = copy.copy(self)
        there.location, there.levels = location, _levels(location)
        shown = {(point.code, point.side) for point in self.points}
        there.points = [point for point in location.points if (point.code, point.side) in shown]
        marks = _ways(self.points, there.points, lambda point: (point.code, point.side))
        levels = _ways(self.location.levels, location.levels, lambda level: level.level)
        shapes: list[Shape] = [*(there.ring(point) for point in there.points), *there.spine()]
        texts, labels = [], []
        for shape in before.shapes:
            if isinstance(shape, Lines) and shape.names:
                shapes.append(replace(shape, strokes=_shifted(shape.strokes, marks[shape.names])))
            elif isinstance(shape, Text):
                texts.append(replace(shape, start=_moved(shape.start, levels[shape.text], 1.0)))
            elif isinstance(shape, Panel) and shape.names:
                labels.append(_at(shape, marks[shape.names]))
        shapes += [*(there.mark(point) for point in there.points), *texts, *labels]
        return Scene(self.size, tuple(shapes), tuple(labels), before.legend, there)

    def ring(self, point: LocatedPoint) -> Ring:
        line = self.sizes.line
        casing = WHITE if self.on_dark[point.code, point.side] else DARK
        return Ring(point.code, point.side, (point.x_px, point.y_px), point.radius_px, line * 2, line * 2 + 1,
                    self.words.acupoint(point.code).colour, casing, 0.5)  # fmt: skip

    def spine(self) -> Iterator[Lines]:
        """The spine with a tick at each level, and a thin line to each mark beside it: the finger-widths."""
        tick = self.sizes.tick
        pieces = [
            (_moved(level.place, level.across, -tick), _moved(level.place, level.across, tick)) for level in self.levels
        ]
        pieces += pairwise(level.place for level in self.levels)
        line = self.sizes.line
        yield Lines(tuple(pieces), line, line * 2 + 1, WHITE, DARK)
        places = {level.name: level.place for level in self.levels}
        for point in self.points:
            if point.side is not Side.MIDLINE:
                yield Lines(((places[point.level], (point.x_px, point.y_px)),), line, line * 2, WHITE, DARK)

    def level_names(self) -> Iterator[tuple[Text, Box]]:
        """The name of each level, for beside the spine; none where it would touch a mark."""
        sizes = self.sizes
        named = {self.levels[0].name, self.levels[-1].name, *(point.level for point in self.location.points)}
        for level in self.levels:
            if level.name not in named:
                continue
            rim = max(1, round(sizes.level_text / 9))
            width = fonts.length(level.name, sizes.level_text, self.words.font) + 2 * rim
            height = fonts.CAPITAL * sizes.level_text + 2 * rim
            across = level.across
            extent = abs(across[0]) * width + abs(across[1]) * height
            # Just above the line to the marks, on the subject's left, so that neither hides the other.
            upwards = (across[1], -across[0])
            lift = (abs(upwards[0]) * width + abs(upwards[1]) * height) / 2 + sizes.line
            beside = _moved(level.place, across, -(sizes.tick * 1.2 + extent / 2))
            box = Box.around(_moved(beside, upwards, lift), (width, height))
            if all(box.distance((p.x_px, p.y_px)) > sizes.mark for p in self.points):
                start = (box.left + rim, box.bottom - rim)
                yield Text(level.name, start, sizes.level_text, self.words.font, rim=rim), box

    def mark(self, point: LocatedPoint) -> Mark:
        mark, line = self.sizes.mark, self.sizes.line
        outer, inner = (WHITE, DARK) if self.on_dark[point.code, point.side] else (DARK, WHITE)
        rims = (
            (self.sizes.rim, outer),
            (mark + 0.6 * line, inner),
            (mark - 0.6 * line, self.words.acupoint(point.code).colour),
        )
        return Mark(point.code, point.side, (point.x_px, point.y_px), rims, point.moved_by_hand)

    def labels(self, taken: Sequence[Box]) -> tuple[list[Lines], list[Panel], Panel | None]:
        """The lines from the marks to their labels, the labels, and the legend."""
        shown = len(self.codes)
        best: _Layout | None = None
        for attempt in self.attempts():
            made = self.lay_out(attempt, taken)
            if attempt.strict and taken and not (made and len(made.labels) == shown):
                made = self.lay_out(attempt, [])  # the names of the levels give way
            if made and len(made.labels) == shown:
                best = made
                break
            if made and (best is None or len(made.labels) > len(best.labels)):
                best = made
        return (best.leaders, best.labels, best.legend) if best else ([], [], None)

    def attempts(self) -> Iterator[_Attempt]:
        """Ways to lay out the labels, the best first; the first that has room for all of them is taken."""
        chosen, legend = self.style.labels, self.with_legend
        sizes = _steps(self.sizes.text, self.sizes.least_text)
        all_sizes = [*sizes, *_steps(sizes[-1], _TINIEST)[1:]]
        if chosen == "numbers":
            ways: tuple[tuple[Labels, bool], ...] = (
                (("numbers", True), ("codes", False)) if legend else ((chosen, False),)
            )
            for labels, needs in ways:
                yield from (_Attempt(labels, False, size, True, needs) for size in all_sizes)
            for labels, needs in ways:
                yield _Attempt(labels, False, all_sizes[-1], False, needs)
            return
        large = [size for size in sizes if size >= _LARGE * sizes[0]]
        for some in (large, sizes[len(large) :]):
            for shorter in (False, True) if chosen != "codes" else (False,):
                yield from (_Attempt(chosen, shorter, size, True, False) for size in some)
        if chosen != "codes":
            yield from (_Attempt("codes", False, size, True, False) for size in sizes)
        if legend:
            yield from (_Attempt("numbers", False, size, True, True) for size in all_sizes)
        yield from (_Attempt("codes", False, size, True, False) for size in all_sizes[len(sizes) :])
        if legend:
            yield _Attempt("numbers", False, all_sizes[-1], False, True)
        yield _Attempt("codes", False, all_sizes[-1], False, False)

    def lay_out(self, attempt: _Attempt, taken: Sequence[Box]) -> _Layout | None:
        """The labels and the legend of an attempt; None where it needs a legend and the picture has no room for it."""
        sizes = self.sizes
        marks = [(point.x_px, point.y_px) for point in self.points]
        widest = sizes.rim * (DIAMOND if any(point.moved_by_hand for point in self.points) else 1.0)
        clearance = max(1.7 * sizes.mark, widest + 1)  # a pixel, as labels are moved to whole ones
        legend = self.placed_legend(attempt, marks, clearance) if self.with_legend else None
        if attempt.needs_legend and not legend:
            return None
        codes = self.codes
        choices = [[self.pill(text, code, attempt.size) for text in self.texts(code, attempt)] for code in codes]
        wishes = [
            label_layout.Wish(
                sizes=[(pill.box.width, pill.box.height) for pill in pills],
                targets=_targets(self.of(code), self.levels, turn=index),
            )
            for index, (code, pills) in enumerate(zip(codes, choices, strict=True))
        ]
        occupied = [*taken, legend.box] if legend else taken
        placed = label_layout.arrange(wishes, marks, clearance, self.size, occupied, attempt.strict)
        leaders, labels = [], []
        for code, pills, place in zip(codes, choices, placed, strict=True):
            if not place:
                continue
            names = next((code, one.side) for one in self.of(code) if (one.x_px, one.y_px) == place.target)
            end = place.box.nearest(place.target)
            away = math.dist(end, place.target)
            if away > sizes.mark:
                way = ((end[0] - place.target[0]) / away, (end[1] - place.target[1]) / away)
                stroke = (_moved(place.target, way, sizes.mark), end)
                leaders.append(
                    Lines((stroke,), sizes.line, sizes.line * 2 + 1, self.words.acupoint(code).colour, DARK, names)
                )
            labels.append(_at(replace(pills[place.choice], names=names), (place.box.left, place.box.top)))
        return _Layout(leaders, labels, legend)

    def of(self, code: str) -> list[LocatedPoint]:
        """The points of one name."""
        return [point for point in self.points if point.code == code]

    def texts(self, code: str, attempt: _Attempt) -> list[str]:
        """What a label may say, the preferred text first."""
        label = self.words.acupoint(code).label
        preferred = {"codes": code, "names": label, "both": f"{code} {label}", "numbers": str(number(code))}
        return list(dict.fromkeys([preferred[attempt.labels], *([code] if attempt.shorter else [])]))

    def pill(self, text: str, code: str, size: int) -> Panel:
        """A label: dark, rounded, edged in the colour of its mark."""
        family = self.words.font
        pad = size * 0.4
        height = math.ceil(size * 1.5)
        width = max(math.ceil(fonts.length(text, size, family) + 2 * pad), height)
        left = (width - fonts.length(text, size, family)) / 2
        line = Text(text, (left, height / 2 + size * fonts.CAPITAL / 2), size, family)
        edge = min(self.sizes.line, max(1, size // 6))
        return Panel(Box(0, 0, width, height), height / 3, 215 / 255, (self.words.acupoint(code).colour, edge), (line,))

    def placed_legend(self, attempt: _Attempt, marks: Sequence[Point], clearance: float) -> Panel | None:
        """The largest legend that has room in the picture, without the bars where the numbers alone have room."""
        sizes = _steps(max(10, round(attempt.size * 0.78)), _TINIEST)
        for bars in (True, False) if attempt.needs_legend else (True,):
            for size in sizes:
                made = self.legend(attempt.labels, size, bars)
                for free in (2 * clearance, clearance):
                    box = label_layout.corner((made.box.width, made.box.height), marks, free, self.size)
                    if box:
                        return _at(made, (box.left, box.top))
        return None

    def legend(self, labels: Labels, size: int, bars: bool) -> Panel:
        """A box with the two finger-width bars at the scale of this back, and what the signs mean."""
        picture, family = self.words.picture, self.words.font
        rows: list[tuple[str, str | float]] = []
        if labels == "numbers":
            rows += [(f"{code} {self.words.acupoint(code).label}", str(number(code))) for code in self.codes]
        if bars:
            for cun in (1.5, 3.0):
                rows.append((picture.finger_bar.format(fingers=self.words.finger_widths(cun), cun=f"{cun:g}"), cun))
            rows.append((picture.ring, "ring"))
        if any(point.moved_by_hand for point in self.points):
            rows.append((picture.moved, "diamond"))
        pad, height_each, line = size * 0.6, size * 1.45, self.sizes.line
        bar = 3.0 * self.location.cun_px if bars else size * 1.0
        widest = max(fonts.length(text, size, family) for text, _ in rows)
        texts: list[Text] = []
        signs: list[Lines | Outline] = []
        for row, (text, sign) in enumerate(rows):
            middle = pad / 2 + (row + 0.5) * height_each
            base = middle + size * fonts.CAPITAL / 2
            texts.append(Text(text, (2 * pad + bar, base), size, family))
            if isinstance(sign, float):
                ends = [(pad + x, middle) for x in (0.0, sign * self.location.cun_px)]
                stops = [((x, y - height_each * 0.25), (x, y + height_each * 0.25)) for x, y in ends]
                signs.append(Lines(((ends[0], ends[1]), *stops), line, line, WHITE, WHITE))
            elif sign in ("ring", "diamond"):
                centre = (pad + bar / 2, middle)
                signs.append(Outline(centre, height_each * 0.32, line, sign == "diamond"))
            else:
                place = pad + (bar - fonts.length(sign, size, family)) / 2
                texts.append(Text(sign, (place, base), size, family, self.words.acupoint(self.codes[row]).colour))
        box = Box(0, 0, math.ceil(bar + widest + 3 * pad), math.ceil(len(rows) * height_each + pad))
        return Panel(box, pad, 190 / 255, None, tuple(texts), tuple(signs))

    def is_dark(self, point: LocatedPoint) -> bool:
        """Whether the photo is dark where the point's ring lies."""
        if self.rgb is None:
            return False
        reach = max(1.0, point.radius_px)
        left, top = (max(0, int(at - reach)) for at in (point.x_px, point.y_px))
        right, bottom = (max(0, math.ceil(at + reach)) for at in (point.x_px, point.y_px))
        step = max(1, int(reach / 8))
        below = self.rgb[top:bottom:step, left:right:step]
        if not below.size:
            return False
        linear = (below.reshape(-1, 3) / 255.0) ** 2.2
        return float(np.median(linear @ (0.2126, 0.7152, 0.0722))) < _DARK_BELOW


def _levels(location: Location) -> list[_Level]:
    line = np.array([(level.x_px, level.y_px) for level in location.levels])
    tangents = np.gradient(line, axis=0)
    across = turned(tangents / np.linalg.norm(tangents, axis=1, keepdims=True))
    return [
        _Level(level.level, (level.x_px, level.y_px), (float(x), float(y)))
        for level, (x, y) in zip(location.levels, across, strict=True)
    ]


def _targets(marks: Sequence[LocatedPoint], levels: Sequence[_Level], turn: int) -> list[tuple[Point, Point]]:
    """The marks that a label may point at, with the way out; the sides take turns at being preferred."""
    across = {level.name: level.across for level in levels}
    targets = []
    for mark in marks:
        rightwards = across[mark.level]
        leftwards = (-rightwards[0], -rightwards[1])
        ways = {Side.LEFT: [leftwards], Side.RIGHT: [rightwards], Side.MIDLINE: [leftwards, rightwards]}[mark.side]
        targets += [((mark.x_px, mark.y_px), way) for way in ways]
    return targets if turn % 2 else targets[::-1]


_Named = TypeVar("_Named", LocatedPoint, LocatedLevel)


def _ways(before: Sequence[_Named], after: Sequence[_Named], name: Callable[[_Named], Hashable]) -> dict[Any, Point]:
    """By its name, how far each has gone."""
    there = {name(one): one for one in after}
    return {name(one): (there[name(one)].x_px - one.x_px, there[name(one)].y_px - one.y_px) for one in before}


def _shifted(strokes: tuple[tuple[Point, Point], ...], way: Point) -> tuple[tuple[Point, Point], ...]:
    return tuple((_moved(start, way, 1.0), _moved(end, way, 1.0)) for start, end in strokes)


def _at(panel: Panel, by: Point) -> Panel:
    """The panel, and all in it, moved by about so much: its corners stay on whole pixels."""
    dx, dy = round(by[0]), round(by[1])

    def there(point: Point) -> Point:
        return point[0] + dx, point[1] + dy

    return replace(
        panel,
        box=Box(panel.box.left + dx, panel.box.top + dy, panel.box.width, panel.box.height),
        texts=tuple(replace(text, start=there(text.start)) for text in panel.texts),
        signs=tuple(
            replace(sign, strokes=_shifted(sign.strokes, (dx, dy)))
            if isinstance(sign, Lines)
            else replace(sign, centre=there(sign.centre))
            for sign in panel.signs
        ),
    )


def _diamond(centre: Point, reach: float) -> tuple[Point, ...]:
    return tuple(_moved(centre, way, reach) for way in ((1, 0), (0, 1), (-1, 0), (0, -1)))


def _moved(point: Point, direction: Point, by: float) -> Point:
    return point[0] + direction[0] * by, point[1] + direction[1] * by
