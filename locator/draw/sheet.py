"""The sheet: one printable page with the marked back, the points, the routine and the cautions."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass

from locator.catalogue.acupoints import catalogue
from locator.catalogue.entries import Acupoint, Catalogue, halved, joined
from locator.core.box import Box
from locator.core.similarity import Similarity
from locator.core.types import Location, RGBArray
from locator.draw import fonts, scene
from locator.draw.fonts import Weight
from locator.draw.pdf import A4_PT, LETTER_PT, Page
from locator.draw.scene import DARK, Scene, Style
from locator.photo import crops, images

_SIZES = {"a4": A4_PT, "letter": LETTER_PT}
_MARGIN = 34.0
_GUTTER = 16.0
_PHOTO_HEIGHT, _PHOTO_WIDTH = 0.38, 0.46  # at most, of the page's height and of the width between the margins
_PHOTO_PX = 1100  # longest side in the file: 300 dots an inch on paper
_MARKS = 1.6  # the photo is small on the page: its marks are larger
_BODY_PT = [size / 8 for size in range(80, 51, -1)]  # the largest that fits is taken
_LEADING = 1.34
_GREY = (110, 110, 114)
_PALE = (242, 241, 238)


def draw(
    rgb: RGBArray,
    location: Location,
    style: Style = Style(),  # noqa: B008 - frozen
    paper: str = "a4",
    date: datetime.date | None = None,
) -> bytes:
    """The sheet as a PDF file of one page.

    Args:
        rgb: (h, w, 3) uint8, the photo of ``location``.
        style: its language and size; marks are always numbered, as the cards are.
        date: what is printed as the day; None for a blank to write on.

    Raises:
        ValueError: on another paper, or if the texts do not fit on one page.
    """
    if paper not in _SIZES:
        raise ValueError(f"paper: expected one of {', '.join(_SIZES)}, got {paper!r}")
    picture = _Picture.of(rgb, location, style)
    for body in _BODY_PT:
        sheet = _Sheet(picture, catalogue(style.language), _SIZES[paper], date, body)
        if sheet.fits:
            return sheet.file()
    raise ValueError(f"language: the texts of {style.language!r} do not fit on one page")


@dataclass(frozen=True)
class _Picture:
    """The back, upright, and its marks.

    Attributes:
        codes: the acupoints that are marked.
        moved: whether a hand has moved any mark: it is a diamond.
        less_sure: whether the photo was read with a reserve.
    """

    jpeg: bytes
    drawing: Scene
    codes: frozenset[str]
    moved: bool
    less_sure: bool

    @classmethod
    def of(cls, rgb: RGBArray, location: Location, style: Style) -> _Picture:
        cut, location = crops.upright(rgb, location)
        cut, scale = images.shrink(cut, _PHOTO_PX)
        location = Similarity.resizing(scale).of_location(location)
        style = Style("numbers", style.language, min(3.0, style.size * _MARKS))
        drawing = scene.build(location, (cut.shape[1], cut.shape[0]), style, rgb=cut, legend=False)
        return cls(
            images.encode(cut, "jpeg", 88),
            drawing,
            frozenset(point.code for point in location.points),
            any(point.moved_by_hand for point in location.points),
            bool(location.issues),
        )


@dataclass(frozen=True)
class _Type:
    """How a text is set.

    Attributes:
        size: pt.
    """

    family: str
    size: float
    weight: Weight = Weight.REGULAR
    paint: scene.Colour = DARK

    def length(self, text: str) -> float:
        return fonts.length(text, self.size, self.family, self.weight)

    @property
    def leading(self) -> float:
        return self.size * _LEADING


class _Sheet:
    """One attempt at the page, with body text of one size; what is drawn waits in ``_strokes`` until it fits."""

    def __init__(
        self,
        picture: _Picture,
        words: Catalogue,
        size_pt: tuple[float, float],
        date: datetime.date | None,
        body: float,
    ) -> None:
        self._size, self._words = size_pt, words
        self._points = [point for point in words.acupoints if point.code in picture.codes]
        family = words.font
        self._body = _Type(family, body)
        self._bold = _Type(family, body, Weight.BOLD)
        self._small = _Type(family, body * 0.86, paint=_GREY)
        self._head = _Type(family, body * 1.2, Weight.BOLD)
        self._title = _Type(family, 20.0, Weight.BOLD)
        self._strokes: list[Callable[[Page], None]] = []
        self._width = size_pt[0] - 2 * _MARGIN
        y = self._header(_MARGIN, date)
        y = self._top(picture, y)
        y = self._cards(y)
        y = self._evidence(y)
        self._bottom = self._notes(y)

    @property
    def fits(self) -> bool:
        return self._bottom <= self._size[1] - _MARGIN * 0.7

    def file(self) -> bytes:
        page = Page(self._size)
        for stroke in self._strokes:
            stroke(page)
        return page.file()

    # Each part is given the y where it begins, and returns the y where the next one may.

    def _header(self, y: float, date: datetime.date | None) -> float:
        base = y + self._title.size * 0.8
        words = self._words
        whole = len(self._points) == len(words.acupoints)
        title = words.sheet.title if whole else words.sheet.title_of_some
        self._write(_capital(title.format(count=words.counted(len(self._points)))), _MARGIN, base, self._title)
        said = f"{self._words.sheet.date} {date.isoformat() if date else '_' * 14}"
        self._write(said, self._size[0] - _MARGIN - self._body.length(said), base, self._body)
        self._rule(base + 9, 0.8, DARK)
        return base + 20

    def _top(self, picture: _Picture, y: float) -> float:
        """The photo on the left, the routine and what holds for all points on the right."""
        across, down = picture.drawing.size
        width = min(_PHOTO_WIDTH * self._width, _PHOTO_HEIGHT * self._size[1] * across / down)
        box = Box(_MARGIN, y, width, width * down / across)

        def show(page: Page) -> None:
            page.photo(picture.jpeg, box)
            page.scene(picture.drawing, box)

        self._strokes.append(show)
        words = self._words.sheet
        said = [words.ring]
        if picture.moved:
            said.append(_capital(self._words.picture.moved) + words.stop)
        under = self._paragraph(joined(said), _MARGIN, box.bottom + 4, width, self._small)
        if picture.less_sure:
            under = self._paragraph(words.less_sure, _MARGIN, under, width, self._small)
        left = box.right + _GUTTER
        column = self._size[0] - _MARGIN - left
        beside = self._routine(left, y, column)
        return max(under, self._cautions(left, beside + 7, column)) + 8

    def _routine(self, x: float, y: float, width: float) -> float:
        words, body = self._words, self._body
        routine = words.routine
        total = words.counted(routine.total_minutes(self._points))
        y = self._paragraph(_capital(words.sheet.routine.format(count=total)), x, y, width, self._head) + 3
        steps: list[tuple[Acupoint | None, str, float]] = [
            (None, routine.begin, routine.begin_minutes),
            *((point, "", point.minutes) for point in self._points),
            (None, routine.end, routine.end_minutes),
        ]
        minutes_width = max(body.length(self._minutes(minutes)) for *_, minutes in steps) + 8
        for point, text, minutes in steps:
            said = self._minutes(minutes)
            base = y + body.size * 0.9
            self._write(
                said, x + minutes_width - 8 - body.length(said), base, _Type(body.family, body.size, paint=_GREY)
            )
            left = x + minutes_width
            if point:
                self._number(point, left + body.size * 0.74, base - body.size * 0.35)
                self._write(self._name(point), left + body.size * 1.9, base, self._bold)
                y += body.leading * 1.12
            else:
                y = self._paragraph(text, left, y, width - minutes_width, body) + 2
        y = self._paragraph(words.sheet.how, x, y + 7, width, self._head) + 2
        return self._paragraph(joined([words.find_first, words.find_last]), x, y, width, body)

    def _cards(self, y: float) -> float:
        """Two columns of cards."""
        width = (self._width - _GUTTER) / 2
        for row in range(0, len(self._points), 2):
            self._rule(y, 0.4, _GREY)
            ends = [
                self._card(point, _MARGIN + column * (width + _GUTTER), y + 5, width)
                for column, point in enumerate(self._points[row : row + 2])
            ]
            y = max(ends) + 5
        return y

    def _card(self, point: Acupoint, x: float, y: float, width: float) -> float:
        words, body = self._words.sheet, self._body
        base = y + self._head.size * 0.9
        self._number(point, x + body.size * 0.74, base - body.size * 0.4)
        x_name = x + body.size * 1.9
        self._write(self._name(point), x_name, base, self._head)
        others = " · ".join(dict.fromkeys(n for n in (point.name, point.pinyin, point.hanzi) if n != point.label))
        self._write(others, x_name + self._head.length(self._name(point)) + 7, base, self._small)
        y = base + body.size * 0.4
        for lead, text in (
            (words.find, joined([point.count, point.hint])),
            (words.press, point.press),
            (words.avoid, point.caution),
        ):
            y = self._led(lead, text, x, y, width)
        return y

    def _cautions(self, x: float, y: float, width: float) -> float:
        """What holds for every point, on a pale ground."""
        words, cautions, pad = self._words.sheet, self._words.cautions, 7.0
        below = len(self._strokes)
        end = y + pad
        for lead, entries, between in (
            (words.not_now, cautions.not_now, words.semicolon),
            (words.ask_first, cautions.ask_first, words.comma),
            (words.stop_at, cautions.stop_at, words.comma),
            (words.at_once, cautions.at_once, words.comma),
            (words.soon, cautions.soon, words.comma),
        ):
            text = joined([*(entry + between for entry in entries[:-1]), entries[-1] + words.stop])
            end = self._led(lead, text, x + pad, end, width - 2 * pad) + 1
        ground = Box(x, y, width, end + pad - y)
        self._strokes.insert(below, lambda page: page.panel(ground, 5.0, _PALE))
        return ground.bottom

    def _evidence(self, y: float) -> float:
        self._rule(y, 0.4, _GREY)
        last = joined([self._words.cautions.evidence, self._words.sheet.device])
        y = self._paragraph(last, _MARGIN, y + 4, self._width, self._small)
        sources = " · ".join(source.replace(" ", _UNBROKEN) for source in self._words.sources)
        return self._paragraph(sources, _MARGIN, y, self._width, self._small)

    def _notes(self, y: float) -> float:
        """At least one blank line to write on, as many as there is room for."""
        base = y + 20
        said = self._words.sheet.notes
        self._write(said, _MARGIN, base, self._bold)
        self._rule(base + 2, 0.5, _GREY, _MARGIN + self._bold.length(said) + 6)
        first_end = base + 4
        while base + 22 <= self._size[1] - _MARGIN * 0.7:
            base += 22
            self._rule(base + 2, 0.5, _GREY)
        return first_end

    def _name(self, point: Acupoint) -> str:
        return f"{point.code} {point.label}"

    def _minutes(self, minutes: float) -> str:
        return self._words.sheet.minutes.format(number=halved(minutes))

    def _number(self, point: Acupoint, x: float, y: float) -> None:
        """The number that the photo shows, ringed in its colour; on white, so that it can be read in grey too."""
        number, size = str(scene.number(point.code)), self._body.size * 0.92
        kind = _Type(self._body.family, size, Weight.BOLD)
        for radius, paint in ((0.74, point.colour), (0.54, scene.WHITE)):
            self._disc(x, y, radius * self._body.size, paint)
        self._write(number, x - kind.length(number) / 2, y + size * fonts.CAPITAL / 2, kind)

    def _disc(self, x: float, y: float, radius: float, paint: scene.Colour) -> None:
        self._strokes.append(lambda page: page.disc((x, y), radius, paint))

    def _led(self, lead: str, text: str, x: float, y: float, width: float) -> float:
        """A paragraph that begins with a bold word."""
        indent = self._bold.length(lead) + self._body.size * 0.6
        self._write(lead, x, y + self._body.size, self._bold)
        return self._paragraph(text, x, y, width, self._body, indent)

    def _paragraph(self, text: str, x: float, y: float, width: float, kind: _Type, indent: float = 0.0) -> float:
        for line in _lines(text, width, kind, indent):
            self._write(line, x + indent, y + kind.size, kind)
            y, indent = y + kind.leading, 0.0
        return y

    def _write(self, text: str, x: float, base: float, kind: _Type) -> None:
        self._strokes.append(lambda page: page.text(text, (x, base), kind.size, kind.family, kind.weight, kind.paint))

    def _rule(self, y: float, width: float, paint: scene.Colour, left: float = _MARGIN) -> None:
        right = self._size[0] - _MARGIN
        self._strokes.append(lambda page: page.line((left, y), (right, y), width, paint))


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


# A space at which no line ends; what may not begin a line, and what may not end one.
_UNBROKEN = "\u00a0"
_CLOSING, _OPENING = "，。、；：！？）」』”’·", "（「『“‘"
_PIECE = re.compile(
    rf"[{_OPENING}]*(?:[\u3400-\u9fff]|[^ \u3400-\u9fff{_OPENING}{_CLOSING}]+|[{_CLOSING}])[{_CLOSING}]* *"
)


def _lines(text: str, width: float, kind: _Type, indent: float) -> list[str]:
    """The text in lines no longer than ``width``, the first shorter by ``indent``."""
    lines, line, room = [], "", width - indent
    for piece in _PIECE.findall(text):
        if line and kind.length((line + piece).rstrip()) > room:
            lines.append(line.rstrip(" ·"))
            line, room = "", width
        line += piece
    return [*lines, line.rstrip()]
