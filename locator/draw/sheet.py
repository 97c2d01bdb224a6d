"""The sheet: one printable page with the marked back, the points, the routine and the cautions."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from locator.catalogue.acupoints import catalogue
from locator.catalogue.entries import Catalogue, joined
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
_BODY_PT = [size / 8 for size in range(80, 51, -1)]  # the largest that fits is taken


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
    """One attempt at the page, with body text of one size; what is drawn waits in ``_page`` until it fits."""

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
        self._page = Composition()
        self._blocks = Blocks(self._page, words, body)
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
        return self._page.file(self._size)

    # Each part is given the y where it begins, and returns the y where the next one may.

    def _header(self, y: float, date: datetime.date | None) -> float:
        base = y + self._title.size * 0.8
        words = self._words
        whole = len(self._points) == len(words.acupoints)
        title = words.sheet.title if whole else words.sheet.title_of_some
        self._page.write(capital(title.format(count=words.counted(len(self._points)))), _MARGIN, base, self._title)
        said = f"{self._words.sheet.date} {date.isoformat() if date else '_' * 14}"
        self._page.write(said, self._size[0] - _MARGIN - self._blocks.body.length(said), base, self._blocks.body)
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
        for row in range(0, len(self._points), 2):
            self._rule(y, 0.4, GREY)
            ends = [
                self._blocks.card(point, _MARGIN + column * (width + _GUTTER), y + 5, width)
                for column, point in enumerate(self._points[row : row + 2])
            ]
            y = max(ends) + 5
        return y

    def _evidence(self, y: float) -> float:
        self._rule(y, 0.4, GREY)
        last = joined([self._words.cautions.evidence, self._words.sheet.device])
        y = self._page.paragraph(last, _MARGIN, y + 4, self._width, self._blocks.small)
        sources = " · ".join(source.replace(" ", UNBROKEN) for source in self._words.sources)
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
