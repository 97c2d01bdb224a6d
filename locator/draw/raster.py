"""Draws an answer on a copy of the photo. RGB in, RGB out; never draws on its argument."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from locator.core.arrays import FloatArray, RGBArray, check_rgb
from locator.core.box import Box, Point
from locator.core.types import Location
from locator.draw import fonts, scene
from locator.draw.scene import Scene
from locator.draw.shapes import DARK, Colour, Lines, Mark, Panel, Ring, Stroke, Text
from locator.draw.style import Style

_FINE_TEXT_PX = 48  # letters of this size are drawn as they are, smaller ones finer
_BAND = 64  # rows that are worked on at a time
_SUBPIXEL_BITS = 4  # OpenCV takes fractions of a pixel as shifted integers


def draw(
    rgb: RGBArray,
    location: Location,
    codes: Collection[str] | None = None,
    style: Style = Style(),  # noqa: B008 - frozen
    legend: bool = True,
) -> RGBArray:
    """The photo with its marks, as a new array.

    Args:
        rgb: (h, w, 3) uint8, the upright photo that ``location`` was found in.
        codes: acupoints to draw; None for all.
        legend: whether to explain the signs.

    Raises:
        TypeError, ValueError: on what is no such array.
        LookupError: on an acupoint that the catalogue does not know.
    """
    check_rgb(rgb)
    return draw_scene(rgb, scene.build(location, (rgb.shape[1], rgb.shape[0]), style, codes, rgb, legend))


def draw_scene(rgb: RGBArray, drawing: Scene) -> NDArray[np.uint8]:
    """The photo with a scene on it, and its margin if it has one, as a new (h, w, 3) array.

    Args:
        rgb: (h, w, 3) uint8, the photo.
    """
    height, width = rgb.shape[:2]
    canvas = np.empty((*drawing.whole[::-1], 3), np.uint8)
    canvas[height:] = canvas[:, width:] = DARK[0]  # but for the legend nothing is seen of it
    with ThreadPoolExecutor(1) as beside:  # letters take as long to write as a large photo to copy
        copied = beside.submit(np.copyto, canvas[:height, :width], rgb)
        drawn = beside.submit(draw_shapes, canvas, drawing)
        tiles = _written(drawing)
        copied.result()
        drawn.result()
    for tile in tiles:
        _paste(canvas, tile)
    return canvas


def overlay(drawing: Scene) -> NDArray[np.uint8]:
    """The marks alone, as (h, w, 4) uint8: red, green, blue, and how opaque."""
    width, height = drawing.size
    # Drawn on black that is not opaque, colours become what they are times how opaque they are. Where nothing is drawn,
    # no memory is taken.
    canvas = np.zeros((height, width, 4), np.uint8)
    draw_shapes(canvas, drawing)
    for tile in _written(drawing):
        _paste(canvas, tile)
    for top in range(0, height, _BAND):
        band = canvas[top : top + _BAND]
        opacity = band[..., 3]
        partly = (opacity > 0) & (opacity < 255)
        colours = band[partly]
        whole = np.rint(colours[:, :3] * (255.0 / colours[:, 3:])).clip(0, 255)
        band[partly] = np.column_stack([whole.astype(np.uint8), colours[:, 3]])
    return canvas


@dataclass(frozen=True, eq=False)
class Tile:
    """A text or a panel as a small picture, to be pasted.

    Attributes:
        box: where it lies.
        picture: RGBA; nobody may draw on it.
    """

    box: Box
    picture: Image.Image


def _written(drawing: Scene) -> list[Tile]:
    """Every text and panel; they lie above all else."""
    return [written(shape) for shape in drawing.shapes if isinstance(shape, (Text, Panel))]


def written(shape: Text | Panel) -> Tile:
    """A text or a panel, drawn."""
    return _text(shape) if isinstance(shape, Text) else Tile(shape.box, _panel(_at_origin(shape)))


def _at_origin(panel: Panel) -> Panel:
    """The same wherever it lies: of the size of a text there are few, so panels of one photo are those of another."""
    moved = panel.shifted((-panel.box.left, -panel.box.top))
    texts = tuple(replace(text, start=(round(text.start[0], 6), round(text.start[1], 6))) for text in moved.texts)
    return replace(moved, texts=texts, label_of=None)


def draw_shapes(canvas: NDArray[np.uint8], drawing: Scene) -> None:
    """Draw all that is not written on the canvas itself.

    Args:
        canvas: (h, w, 3) uint8, or (h, w, 4) where the fourth value becomes how opaque what is drawn is.
    """
    for kind, shapes in groupby(drawing.shapes, type):
        if kind is Lines:
            _lines(canvas, [shape for shape in shapes if isinstance(shape, Lines)])
            continue
        for shape in shapes:
            if isinstance(shape, Ring):
                _ring(canvas, shape)
            elif isinstance(shape, Mark):
                _mark(canvas, shape)


def _ring(canvas: NDArray[np.uint8], ring: Ring) -> None:
    """Blended in over the part of the picture that it touches."""
    reach = ring.radius + ring.casing_width
    left, top = (max(0, int(at - reach)) for at in ring.centre)
    right, bottom = (max(0, math.ceil(at + reach) + 1) for at in ring.centre)
    region = canvas[top:bottom, left:right]
    if not region.size:
        return
    ringed = region.copy()
    centre = np.array(ring.centre) - (left, top)
    widths = ring.casing_width, ring.width
    edges = _circles(centre, [max(0.0, ring.radius + way * width / 2) for width in widths for way in (1, -1)])
    for colour, between in ((ring.casing, edges[:2]), (ring.colour, edges[2:])):
        # What lies between the two; quicker than a thick circle.
        cv2.fillPoly(ringed, list(between), _ink(colour), cv2.LINE_AA, _SUBPIXEL_BITS)
    cv2.addWeighted(ringed, ring.opacity, region, 1 - ring.opacity, 0, dst=region)


def _circles(centre: FloatArray, radii: list[float]) -> NDArray[np.int32]:
    """Polygons that are nowhere a tenth of a pixel off the circles, in OpenCV's fractions of a pixel."""
    unit = _unit_circle(math.ceil(math.pi / math.acos(1 - 0.1 / max(*radii, 0.2))))
    circles = centre + np.array(radii)[:, None, None] * unit
    return np.rint(circles * (1 << _SUBPIXEL_BITS)).astype(np.int32)


@lru_cache
def _unit_circle(corners: int) -> FloatArray:
    angles = np.arange(corners) * (2 * math.pi / corners)
    return np.column_stack([np.cos(angles), np.sin(angles)])


def _lines(canvas: NDArray[np.uint8], several: Sequence[Lines]) -> None:
    """All casings, then what lies on them, so that lines that meet are joined; those alike are drawn at once."""
    casings = [(lines.casing, lines.casing_width) for lines in several]
    for pens in (casings, [(lines.colour, lines.width) for lines in several]):
        alike: dict[tuple[Colour, float], list[Stroke]] = {}
        for pen, lines in zip(pens, several, strict=True):
            alike.setdefault(pen, []).extend(lines.strokes)
        for (colour, width), strokes in alike.items():
            fixed = np.rint(np.array(strokes) * (1 << _SUBPIXEL_BITS)).astype(np.int32)
            cv2.polylines(canvas, list(fixed), False, _ink(colour), round(width), cv2.LINE_AA, _SUBPIXEL_BITS)


def _mark(canvas: NDArray[np.uint8], mark: Mark) -> None:
    for radius, fill in mark.rims:
        if mark.diamond:
            corners = np.array([_fixed(corner) for corner in mark.corners(radius)], np.int32)
            cv2.fillConvexPoly(canvas, corners, _ink(fill), cv2.LINE_AA, _SUBPIXEL_BITS)
        else:
            cv2.circle(canvas, _fixed(mark.centre), _fixed_length(radius), _ink(fill), -1, cv2.LINE_AA, _SUBPIXEL_BITS)


def _ink(colour: Colour) -> tuple[int, int, int, int]:
    """The colour, opaque; a canvas of three values a pixel leaves that out."""
    return (*colour, 255)


def _fixed(point: Point) -> tuple[int, int]:
    return _fixed_length(point[0]), _fixed_length(point[1])


def _fixed_length(value: float) -> int:
    return round(value * (1 << _SUBPIXEL_BITS))


class _Drawing:
    """A small picture drawn finer than it is shown where letters are small: their widths are not rounded to pixels."""

    def __init__(self, box: Box, text_size: float) -> None:
        self.box = box
        self.scale = max(1, math.ceil(_FINE_TEXT_PX / text_size))
        self.image = Image.new("RGBA", (round(box.width) * self.scale, round(box.height) * self.scale))
        self.pen = ImageDraw.Draw(self.image)

    def at(self, point: Point) -> Point:
        return (point[0] - self.box.left) * self.scale, (point[1] - self.box.top) * self.scale

    def write(self, text: Text) -> None:
        self.pen.text(
            self.at(text.start),
            text.text,
            fill=(*text.colour, 255),
            font=fonts.font(text.family, text.size * self.scale),
            anchor="ls",
            stroke_width=text.rim * self.scale,
            stroke_fill=(*DARK, 255),
        )

    def shown(self) -> Image.Image:
        """The RGBA picture at the size it is shown."""
        if self.scale == 1:
            return self.image
        return self.image.convert("RGBa").reduce(self.scale).convert("RGBA")


def _text(text: Text) -> Tile:
    """Text with its dark rim, readable on light and dark skin."""
    margin = math.ceil(text.rim) + 1
    rise, fall = math.ceil(fonts.ASCENT * text.size), math.ceil(fonts.DESCENT * text.size)
    left, base = round(text.start[0]), round(text.start[1])
    size = math.ceil(text.length) + 2 * margin, rise + fall + 2 * margin
    at_origin = replace(text, start=(margin, rise + margin))
    return Tile(Box(left - margin, base - rise - margin, *size), _letters(at_origin, size))


@lru_cache(maxsize=256)
def _letters(text: Text, size: tuple[int, int]) -> Image.Image:
    drawing = _Drawing(Box(0, 0, *size), text.size)
    drawing.write(text)
    return drawing.shown()


@lru_cache(maxsize=256)
def _panel(panel: Panel) -> Image.Image:
    """A box with all that stands in it."""
    drawing = _Drawing(panel.box, panel.texts[0].size)
    pen, scale = drawing.pen, drawing.scale
    edge, width = panel.edge or (None, 1)
    pen.rounded_rectangle(
        (0, 0, drawing.image.width - 1, drawing.image.height - 1),
        radius=panel.corner * scale,
        fill=(*panel.fill, round(panel.opacity * 255)),
        outline=(*edge, 255) if edge else None,
        width=round(width * scale),
    )
    for sign in panel.signs:
        ink, width = (*sign.colour, 255), round(sign.width * scale)
        if isinstance(sign, Lines):
            for start, end in sign.strokes:
                pen.line((*drawing.at(start), *drawing.at(end)), fill=ink, width=width)
        else:
            # A polygon of four corners is the diamond, one of many the ring.
            outline = (*drawing.at(sign.centre), sign.radius * scale)
            pen.regular_polygon(outline, 4 if sign.diamond else 40, rotation=45 if sign.diamond else 0,
                                outline=ink, width=width)  # fmt: skip
    for text in panel.texts:
        drawing.write(text)
    return drawing.shown()


def _paste(canvas: NDArray[np.uint8], tile: Tile) -> None:
    """Blend a tile in; what lies outside the picture is cut off."""
    shown = tile.picture
    left, top = round(tile.box.left), round(tile.box.top)
    region = canvas[max(0, top) : max(0, top + shown.height), max(0, left) : max(0, left + shown.width)]
    if region.size:
        below = Image.fromarray(region)
        opaque = shown.copy()
        opaque.putalpha(255)
        below.paste(opaque, (min(0, left), min(0, top)), shown)
        region[:] = np.asarray(below)
