"""Draws scenes and text on the pages of a PDF: vectors and letters, and no word of who made it or when."""

from __future__ import annotations

import io
from dataclasses import dataclass

from fpdf import FPDF
from fpdf.enums import RenderStyle, StrokeCapStyle, TextMode
from fpdf.output import OutputProducer

from locator.core.box import Box, Point
from locator.draw import fonts
from locator.draw.fonts import Weight
from locator.draw.scene import Scene
from locator.draw.shapes import DARK, Colour, Lines, Mark, Outline, Panel, Ring, Shape, Text

A4_PT = (595.28, 841.89)
LETTER_PT = (612.0, 792.0)


class Page:
    """A page, and those after it, measured in points (1/72 inch) from the top left corner."""

    def __init__(self, size_pt: tuple[float, float]) -> None:
        self.size_pt = size_pt
        self._pdf = FPDF(unit="pt", format=size_pt)
        self._pdf.file_id = lambda: None  # type: ignore[method-assign]
        self._pdf.set_auto_page_break(False)
        self._pdf.set_margin(0)
        self._pdf.add_page()

    def turn(self) -> None:
        """Go on on a new page."""
        self._pdf.add_page()

    def photo(self, jpeg: bytes, box: Box) -> None:
        """A JPEG file, embedded as it is, stretched over the box."""
        self._pdf.image(io.BytesIO(jpeg), box.left, box.top, box.width, box.height)

    def text(
        self,
        text: str,
        start: Point,
        size: float,
        family: str,
        weight: Weight = Weight.REGULAR,
        colour: Colour = DARK,
        rim: float = 0.0,
    ) -> None:
        """A line of text from the left end of its baseline, with a dark rim as wide as ``rim``."""
        if (family + weight.value).lower() not in self._pdf.fonts:
            self._pdf.add_font(family + weight.value, fname=fonts.path(family, weight))
        self._pdf.set_font(family + weight.value, size=size)
        self._pdf.set_text_color(*colour)
        if rim:
            with self._pdf.local_context(
                text_mode=TextMode.STROKE, line_width=2 * rim, draw_color=DARK, stroke_join_style="round"
            ):
                self._pdf.text(*start, text)
        self._pdf.text(*start, text)

    def line(self, start: Point, end: Point, width: float, colour: Colour = DARK) -> None:
        """A straight line with round ends."""
        self._pdf.set_draw_color(*colour)
        self._pdf.set_line_width(width)
        with self._pdf.local_context(stroke_cap_style=StrokeCapStyle.ROUND):
            self._pdf.line(*start, *end)

    def disc(self, centre: Point, radius: float, colour: Colour) -> None:
        """A filled circle."""
        self._pdf.set_fill_color(*colour)
        self._pdf.circle(*centre, radius, style=RenderStyle.F)

    def circle(self, centre: Point, radius: float, width: float, colour: Colour, opacity: float = 1.0) -> None:
        """A circle that is not filled."""
        self._pdf.set_draw_color(*colour)
        self._pdf.set_line_width(width)
        with self._pdf.local_context(stroke_opacity=opacity):
            self._pdf.circle(*centre, radius)

    def polygon(self, corners: tuple[Point, ...], colour: Colour, width: float = 0.0) -> None:
        """A polygon, filled; where ``width`` is given, its outline alone."""
        if width:
            self._pdf.set_draw_color(*colour)
            self._pdf.set_line_width(width)
        else:
            self._pdf.set_fill_color(*colour)
        self._pdf.polygon(corners, style=RenderStyle.D if width else RenderStyle.F)

    def panel(
        self, box: Box, corner: float, fill: Colour, opacity: float = 1.0, edge: tuple[Colour, float] | None = None
    ) -> None:
        """A filled box with rounded corners, and the colour and width of its edge if it has one."""
        self._pdf.set_fill_color(*fill)
        with self._pdf.local_context(fill_opacity=opacity):
            self._pdf.rect(
                box.left, box.top, box.width, box.height, RenderStyle.F, round_corners=corner > 0, corner_radius=corner
            )
        if edge:
            colour, width = edge
            self._pdf.set_draw_color(*colour)
            self._pdf.set_line_width(width)
            self._pdf.rect(
                box.left + width / 2, box.top + width / 2, box.width - width, box.height - width, RenderStyle.D,
                round_corners=True, corner_radius=corner,
            )  # fmt: skip

    def scene(self, drawing: Scene, box: Box) -> None:
        """A scene with its margin, scaled to the box; what lies outside it is cut off."""
        frame = _Frame(self, box, box.width / drawing.whole[0])
        # The local context makes the library forget, at the end, what was set inside the clip, as readers do.
        with self._pdf.local_context(), self._pdf.rect_clip(box.left, box.top, box.width, box.height):
            for shape in drawing.shapes:
                frame.draw(shape)

    def file(self) -> bytes:
        """The finished file."""
        return bytes(self._pdf.output(output_producer_class=_Nameless))


class _Nameless(OutputProducer):
    """Writes no information dictionary: no program, no date."""

    def _add_info(self) -> None:  # type: ignore[override]
        return None


@dataclass(frozen=True)
class _Frame:
    """Where a scene lies on a page.

    Attributes:
        scale: points for a pixel.
    """

    page: Page
    box: Box
    scale: float

    def at(self, point: Point) -> Point:
        return self.box.left + point[0] * self.scale, self.box.top + point[1] * self.scale

    def draw(self, shape: Shape | Outline) -> None:
        page, scale = self.page, self.scale
        if isinstance(shape, Ring):
            # The casing beside the line, not below it, where it would show through.
            peeps = (shape.casing_width - shape.width) / 2
            for way in (-1, 1):
                radius = shape.radius + way * (shape.width + peeps) / 2
                page.circle(self.at(shape.centre), radius * scale, peeps * scale, shape.casing, shape.opacity)
            page.circle(self.at(shape.centre), shape.radius * scale, shape.width * scale, shape.colour, shape.opacity)
        elif isinstance(shape, Lines):
            for colour, width in ((shape.casing, shape.casing_width), (shape.colour, shape.width)):
                for start, end in shape.strokes:
                    page.line(self.at(start), self.at(end), width * scale, colour)
        elif isinstance(shape, Mark):
            for radius, fill in shape.rims:
                if shape.diamond:
                    page.polygon(tuple(self.at(corner) for corner in shape.corners(radius)), fill)
                else:
                    page.disc(self.at(shape.centre), radius * scale, fill)
        elif isinstance(shape, Outline):
            if shape.diamond:
                page.polygon(tuple(self.at(corner) for corner in shape.corners), shape.colour, shape.width * scale)
            else:
                page.circle(self.at(shape.centre), shape.radius * scale, shape.width * scale, shape.colour)
        elif isinstance(shape, Text):
            page.text(shape.text, self.at(shape.start), shape.size * scale, shape.family, Weight.REGULAR, shape.colour,
                      shape.rim * scale)  # fmt: skip
        else:
            self.panel(shape)

    def panel(self, panel: Panel) -> None:
        left, top = self.at((panel.box.left, panel.box.top))
        box = Box(left, top, panel.box.width * self.scale, panel.box.height * self.scale)
        edge = (panel.edge[0], panel.edge[1] * self.scale) if panel.edge else None
        self.page.panel(box, panel.corner * self.scale, panel.fill, panel.opacity, edge)
        for part in (*panel.signs, *panel.texts):
            self.draw(part)
