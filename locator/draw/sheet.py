"""The sheet to print: the marked back, the points, the routine and the cautions, on one page or two."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from locator.catalogue.acupoints import catalogue
from locator.catalogue.entries import Acupoint, Catalogue, joined
from locator.core.arrays import RGBArray
from locator.core.box import Box
from locator.core.similarity import Similarity
from locator.core.types import Location
from locator.draw import scene
from locator.draw.fonts import Weight
from locator.draw.pdf import A4_PT, LETTER_PT, Page
from locator.draw.scene import Scene
from locator.draw.shapes import DARK, Colour
from locator.draw.sheet_blocks import GREY, Blocks, capital
from locator.draw.style import Style
from locator.draw.typesetting import UNBROKEN, Composition, Type
from locator.photo import crops, encoding, resizing

_SIZES = {"a4": A4_PT, "letter": LETTER_PT}
_MARGIN = 34.0
_GUTTER = 16.0
_PHOTO_HEIGHT, _PHOTO_WIDTH = 0.38, 0.46  # at most, of the page's height and of the width between the margins
_PHOTO_PX = 1100  # longest side in the file: 300 dots an inch on paper
_MARKS = 1.6  # the photo is small on the page: its marks are larger
_BODY_PT = [size / 4 for size in range(42, 35, -1)]  # the largest that fits is taken; below 9 nobody likes to read


def draw(
    rgb: RGBArray,
    location: Location,
    style: Style = Style(),  # noqa: B008 - frozen
    paper: str = "a4",
    date: datetime.date | None = None,
) -> bytes:
    """The sheet as a PDF file of one page, or of two where one is too small for it.

    Args:
        rgb: (h, w, 3) uint8, the photo of ``location``.
        style: its language and size; marks are always numbered, as the cards are.
        date: what is printed as the day; None for a blank to write on.

    Raises:
        ValueError: on another paper, or if the texts do not fit on two pages.
    """
    if paper not in _SIZES:
        raise ValueError(f"paper: expected one of {', '.join(_SIZES)}, got {paper!r}")
    picture = _Picture.of(rgb, location, style)
    for pages in (1, 2):
        for body in _BODY_PT:
            sheet = _Sheet(picture, catalogue(style.language), _SIZES[paper], date, body)
            if sheet.pages <= pages:
                return sheet.file()
    raise ValueError(f"language: the texts of {style.language!r} do not fit on two pages")


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
        cut, scale = resizing.shrink(cut, _PHOTO_PX)
        location = Similarity.resizing(scale).of_location(location)
        style = Style("numbers", style.language, min(3.0, style.size * _MARKS))
        drawing = scene.build(location, (cut.shape[1], cut.shape[0]), style, rgb=cut, legend=False)
        return cls(
            encoding.encode(cut, "jpeg", 88),
            drawing,
            frozenset(point.code for point in location.points),
            any(point.moved_by_hand for point in location.points),
            bool(location.issues),
        )


class _Sheet:
    """One attempt, with body text of one size; what is drawn waits until it is known to fit."""

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
        self._title = Type(words.font, 20.0, Weight.BOLD)
        self._pages = [Composition()]
        self._blocks = Blocks(self._page, words, body)
        self._width = size_pt[0] - 2 * _MARGIN
        y = self._header(_MARGIN, date)
        y = self._top(picture, y)
        y = self._cards(y)
        y = self._placed(self._evidence, y)
        self._placed(self._notes, y)

    @property
    def pages(self) -> int:
        """How many it takes."""
        return len(self._pages)

    def file(self) -> bytes:
        page = Page(self._size)
        for number, composition in enumerate(self._pages):
            if number:
                page.turn()
            composition.draw(page)
        return page.file()

    @property
    def _page(self) -> Composition:
        return self._pages[-1]

    def _placed(self, part: Callable[[float], float], y: float) -> float:
        """Set a part on this page, or where it does not fit, on the next."""
        before = len(self._page.strokes)
        end = part(y)
        if end <= self._size[1] - _MARGIN * 0.7:
            return end
        del self._page.strokes[before:]
        self._pages.append(Composition())
        self._blocks.page = self._page
        return part(_MARGIN)

    # Each part is given the y where it begins, and returns the y where the next one may.

    def _header(self, y: float, date: datetime.date | None) -> float:
        base = y + self._title.size * 0.8
        words = self._words
        whole = len(self._points) == len(words.acupoints)
        title = words.sheet.title if whole else words.sheet.title_of_some
        self._page.write(capital(title.format(count=words.counted(len(self._points)))), _MARGIN, base, self._title)
        said = f"{self._words.sheet.date} {date.isoformat() if date else '_' * 14}"
        self._page.write(said, self._size[0] - _MARGIN - self._blocks.body.length(said), base, self._blocks.body)
        if not whole:
            codes = {code for point in self._points for code in point.complaints}
            labels = [complaint.label for complaint in words.complaints if complaint.code in codes]
            chosen = words.sheet.chosen.format(complaints=joined(_listed(labels, words.sheet.comma)))
            base = self._page.paragraph(chosen, _MARGIN, base + 4, self._width, self._blocks.body) - 4
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

        self._page.strokes.append(show)
        words = self._words.sheet
        said = [words.ring]
        if picture.moved:
            said.append(capital(self._words.picture.moved) + words.stop)
        under = self._page.paragraph(joined(said), _MARGIN, box.bottom + 4, width, self._blocks.small)
        if picture.less_sure:
            under = self._page.paragraph(words.less_sure, _MARGIN, under, width, self._blocks.small)
        left = box.right + _GUTTER
        column = self._size[0] - _MARGIN - left
        beside = self._blocks.routine(self._points, left, y, column)
        return max(under, self._blocks.cautions(left, beside + 7, column)) + 8

    def _cards(self, y: float) -> float:
        """Two columns of cards."""
        width = (self._width - _GUTTER) / 2

        def row(points: Sequence[Acupoint], y: float) -> float:
            self._rule(y, 0.4, GREY)
            ends = [
                self._blocks.card(point, _MARGIN + column * (width + _GUTTER), y + 5, width)
                for column, point in enumerate(points)
            ]
            return max(ends) + 5

        for first in range(0, len(self._points), 2):
            y = self._placed(partial(row, self._points[first : first + 2]), y)
        return y

    def _evidence(self, y: float) -> float:
        self._rule(y, 0.4, GREY)
        cautions = self._words.cautions
        last = joined([cautions.evidence, cautions.studies, cautions.uses, self._words.sheet.device])
        y = self._page.paragraph(last, _MARGIN, y + 4, self._width, self._blocks.body)
        every = (*self._words.sources, *self._words.study_sources)
        sources = " · ".join(source.replace(" ", UNBROKEN) for source in every)
        return self._page.paragraph(sources, _MARGIN, y, self._width, self._blocks.small)

    def _notes(self, y: float) -> float:
        """At least one blank line to write on, as many as there is room for."""
        base = y + 20
        said = self._words.sheet.notes
        self._page.write(said, _MARGIN, base, self._blocks.bold)
        self._rule(base + 2, 0.5, GREY, _MARGIN + self._blocks.bold.length(said) + 6)
        first_end = base + 4
        while base + 22 <= self._size[1] - _MARGIN * 0.7:
            base += 22
            self._rule(base + 2, 0.5, GREY)
        return first_end

    def _rule(self, y: float, width: float, colour: Colour, left: float = _MARGIN) -> None:
        self._page.rule(y, width, colour, left, self._size[0] - _MARGIN)


def _listed(entries: Sequence[str], between: str) -> list[str]:
    return [*(entry + between for entry in entries[:-1]), *entries[-1:]]
