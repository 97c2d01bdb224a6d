"""The shapes that a scene is made of, in pixels of the photo; raster, SVG and PDF draw the same ones."""

from __future__ import annotations

from dataclasses import dataclass, replace

from locator.core.body import Side
from locator.core.box import Box, Point
from locator.draw import fonts

Colour = tuple[int, int, int]
"""Red, green, blue, each 0 to 255."""

WHITE: Colour = (255, 255, 255)
DARK: Colour = (24, 24, 28)

DIAMOND = 1.25
"""Half the diagonal of a diamond with as much paint as a disc of radius 1."""

MarkKey = tuple[str, Side]
"""The acupoint's code and the side of one mark."""

Stroke = tuple[Point, Point]
"""A straight line from a point to a point."""


def translated(point: Point, direction: Point, distance: float = 1.0) -> Point:
    """The point ``distance`` times ``direction`` further on."""
    return point[0] + direction[0] * distance, point[1] + direction[1] * distance


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
    colour: Colour
    casing: Colour
    opacity: float


@dataclass(frozen=True)
class Lines:
    """Straight strokes on top of their casings.

    Attributes:
        leader_of: of a leader, the line from a mark to its label, the mark.
    """

    strokes: tuple[Stroke, ...]
    width: float
    casing_width: float
    colour: Colour
    casing: Colour
    leader_of: MarkKey | None = None

    def shifted(self, by: Point) -> Lines:
        """The same ``by`` (x, y) px further on."""
        return replace(self, strokes=tuple((translated(start, by), translated(end, by)) for start, end in self.strokes))


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
    colour: Colour = WHITE
    rim: float = 0.0

    @property
    def length(self) -> float:
        """From the first letter to the end of the last."""
        return fonts.length(self.text, self.size, self.family)

    def shifted(self, by: Point) -> Text:
        """The same ``by`` (x, y) px further on."""
        return replace(self, start=translated(self.start, by))


@dataclass(frozen=True)
class Outline:
    """A sign in the legend: a circle or a diamond, not filled."""

    centre: Point
    radius: float
    width: float
    diamond: bool
    colour: Colour = WHITE

    @property
    def corners(self) -> tuple[Point, ...]:
        """Those of the diamond."""
        return _diamond(self.centre, self.radius)

    def shifted(self, by: Point) -> Outline:
        """The same ``by`` (x, y) px further on."""
        return replace(self, centre=translated(self.centre, by))


@dataclass(frozen=True)
class Panel:
    """A box with rounded corners and what stands in it.

    Attributes:
        opacity: of the fill.
        edge: colour and width of its edge; None for none.
        label_of: of a label, the mark that it names.
    """

    box: Box
    corner: float
    opacity: float
    edge: tuple[Colour, float] | None
    texts: tuple[Text, ...]
    signs: tuple[Lines | Outline, ...] = ()
    fill: Colour = DARK
    label_of: MarkKey | None = None

    def shifted(self, by: Point) -> Panel:
        """The same, with all in it, about ``by`` (x, y) px further on: its corners stay on whole pixels."""
        whole = round(by[0]), round(by[1])
        return replace(
            self,
            box=Box(self.box.left + whole[0], self.box.top + whole[1], self.box.width, self.box.height),
            texts=tuple(text.shifted(whole) for text in self.texts),
            signs=tuple(sign.shifted(whole) for sign in self.signs),
        )


Shape = Ring | Lines | Mark | Text | Panel


def _diamond(centre: Point, reach: float) -> tuple[Point, ...]:
    return tuple(translated(centre, way, reach) for way in ((1, 0), (0, 1), (-1, 0), (0, -1)))
