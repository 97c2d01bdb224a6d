"""Sets text in lines on a page of a PDF; what is set waits until it is known to fit."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from locator.core.box import Box
from locator.draw import fonts
from locator.draw.fonts import Weight
from locator.draw.pdf import Page
from locator.draw.shapes import DARK, Colour

_LEADING = 1.34


@dataclass(frozen=True)
class Type:
    """How a text is set.

    Attributes:
        size: pt.
    """

    family: str
    size: float
    weight: Weight = Weight.REGULAR
    colour: Colour = DARK

    def length(self, text: str) -> float:
        """Of a line of text, pt."""
        return fonts.length(text, self.size, self.family, self.weight)

    @property
    def leading(self) -> float:
        """From one baseline to the next, pt."""
        return self.size * _LEADING


@dataclass
class Composition:
    """What is to be drawn on one page, in order, with the lower first; lengths in pt from its top left corner."""

    strokes: list[Callable[[Page], None]] = field(default_factory=list)

    def draw(self, page: Page) -> None:
        """Draw it on a page of a PDF."""
        for stroke in self.strokes:
            stroke(page)

    def write(self, text: str, x: float, baseline: float, kind: Type) -> None:
        """A line of text, from its left end."""
        self.strokes.append(
            lambda page: page.text(text, (x, baseline), kind.size, kind.family, kind.weight, kind.colour)
        )

    def paragraph(self, text: str, x: float, y: float, width: float, kind: Type, indent: float = 0.0) -> float:
        """Text in lines no longer than ``width``, the first indented.

        Returns:
            where the next line may begin.
        """
        for line in _lines(text, width, kind, indent):
            self.write(line, x + indent, y + kind.size, kind)
            y, indent = y + kind.leading, 0.0
        return y

    def rule(self, y: float, width: float, colour: Colour, left: float, right: float) -> None:
        """A horizontal line."""
        self.strokes.append(lambda page: page.line((left, y), (right, y), width, colour))

    def disc(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """A filled circle."""
        self.strokes.append(lambda page: page.disc((x, y), radius, colour))

    def panel_below(self, box: Box, corner: float, fill: Colour, strokes_above: int) -> None:
        """A filled box with rounded corners, below all but the first ``strokes_above`` strokes."""
        self.strokes.insert(strokes_above, lambda page: page.panel(box, corner, fill))


UNBROKEN = "\u00a0"
"""A space at which no line ends."""

# What may not begin a line, and what may not end one.
_CLOSING, _OPENING = "，。、；：！？）」』”’·", "（「『“‘"
_PIECE = re.compile(
    rf"[{_OPENING}]*(?:[\u3400-\u9fff]|[^ \u3400-\u9fff{_OPENING}{_CLOSING}]+|[{_CLOSING}])[{_CLOSING}]* *"
)


def _lines(text: str, width: float, kind: Type, indent: float) -> list[str]:
    """The text in lines no longer than ``width``, the first shorter by ``indent``."""
    lines, line, room = [], "", width - indent
    for piece in _PIECE.findall(text):
        if line and kind.length((line + piece).rstrip()) > room:
            lines.append(line.rstrip(" ·"))
            line, room = "", width
        line += piece
    return [*lines, line.rstrip()]
