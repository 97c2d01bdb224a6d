"""Draws a scene as an SVG. Letters are outlines, so that it looks the same where the fonts are missing.

Only what SVG 1.1 has is used: many programs that open drawings, and most that convert them, read nothing newer.
"""

from __future__ import annotations

import base64
from functools import lru_cache
from typing import Any
from xml.etree import ElementTree

from fontTools.misc.transform import Transform
from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont

from locator.core.box import Point
from locator.draw import fonts
from locator.draw.scene import Scene
from locator.draw.shapes import DARK, Colour, Lines, Mark, Outline, Panel, Ring, Shape, Text

_NAMESPACE, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"


def draw(drawing: Scene, jpeg: bytes | None = None) -> bytes:
    """The scene as an SVG of the photo's size, with its margin if it has one, UTF-8.

    Marks are elements of the class ``mark``, with their acupoint in ``data-code`` and their side in ``data-side``;
    what letters say stands in ``aria-label``.

    Args:
        jpeg: the photo as a JPEG file, to lie below; None for a transparent ground.
    """
    size, whole = ({"width": str(width), "height": str(height)} for width, height in (drawing.size, drawing.whole))
    box = "0 0 {width} {height}".format(**whole)
    root = ElementTree.Element(
        "svg", {"xmlns": _NAMESPACE, "xmlns:xlink": _XLINK, "version": "1.1", **whole, "viewBox": box}
    )
    if jpeg is not None:
        href = "data:image/jpeg;base64," + base64.b64encode(jpeg).decode("ascii")
        ElementTree.SubElement(root, "image", {"x": "0", "y": "0", **size, "xlink:href": href})
    for shape in drawing.shapes:
        _draw(root, shape)
    document: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _draw(parent: ElementTree.Element, shape: Shape | Outline) -> None:
    if isinstance(shape, Ring):
        _ring(parent, shape)
    elif isinstance(shape, Lines):
        d = " ".join(f"M{_pair(start)}L{_pair(end)}" for start, end in shape.strokes)
        for colour, width in ((shape.casing, shape.casing_width), (shape.colour, shape.width)):
            _add(parent, "path", d=d, fill="none", stroke=_hex(colour), stroke_width=width, stroke_linecap="round")
    elif isinstance(shape, Mark):
        group = _group(parent, shape, "mark")
        for radius, fill in shape.rims:
            if shape.diamond:
                _add(group, "polygon", points=" ".join(_pair(at) for at in shape.corners(radius)), fill=_hex(fill))
            else:
                _circle(group, shape.centre, radius, fill=_hex(fill))
    elif isinstance(shape, Outline):
        style: dict[str, Any] = {"fill": "none", "stroke": _hex(shape.colour), "stroke_width": shape.width}
        if shape.diamond:
            _add(parent, "polygon", points=" ".join(_pair(at) for at in shape.corners), **style)
        else:
            _circle(parent, shape.centre, shape.radius, **style)
    elif isinstance(shape, Text):
        _text(parent, shape)
    else:
        _panel(parent, shape)


def _ring(parent: ElementTree.Element, ring: Ring) -> None:
    """The casing as a circle on either side of the colour: where they lay on each other, all would have to be faint as
    one, which some readers lack."""
    group = _group(parent, ring, "ring")
    edge = (ring.casing_width - ring.width) / 2
    beside = (ring.width + edge) / 2
    for radius, colour, width in (
        (ring.radius + beside, ring.casing, edge),
        (ring.radius - beside, ring.casing, edge),
        (ring.radius, ring.colour, ring.width),
    ):
        _circle(group, ring.centre, max(0.0, radius), fill="none", stroke=_hex(colour), stroke_width=width,
                stroke_opacity=ring.opacity)  # fmt: skip


def _panel(parent: ElementTree.Element, panel: Panel) -> None:
    group = _add(parent, "g")
    edge, width = panel.edge or (None, 0.0)
    box = panel.box
    style = {"stroke": _hex(edge), "stroke_width": width} if edge else {}
    _add(group, "rect", x=box.left + width / 2, y=box.top + width / 2, width=box.width - width,
         height=box.height - width, rx=panel.corner, ry=panel.corner, fill=_hex(panel.fill), fill_opacity=panel.opacity,
         **style)  # fmt: skip
    for sign in panel.signs:
        _draw(group, sign)
    for text in panel.texts:
        _text(group, text)


def _text(parent: ElementTree.Element, text: Text) -> None:
    path = _Outlines.of(text.family).path(text.text, text.start, text.size)
    if text.rim:  # an element of its own, below the letters: SVG 1.1 has every stroke above its fill
        _add(parent, "path", d=path, fill="none", stroke=_hex(DARK), stroke_width=2 * text.rim, stroke_linejoin="round")
    _add(parent, "path", d=path, fill=_hex(text.colour), role="img", aria_label=text.text)


class _Outlines:
    """The letters of a font as paths."""

    def __init__(self, family: str) -> None:
        font = TTFont(fonts.path(family))
        self._glyphs, self._cmap = font.getGlyphSet(), font.getBestCmap()
        self._units: float = font["head"].unitsPerEm

    @staticmethod
    @lru_cache
    def of(family: str) -> _Outlines:
        return _Outlines(family)

    def path(self, text: str, start: Point, size: float) -> str:
        pen = SVGPathPen(self._glyphs, ntos=_number)
        scale, (x, y) = size / self._units, start
        for letter in text:
            glyph = self._glyphs[self._cmap.get(ord(letter), ".notdef")]
            glyph.draw(TransformPen(pen, Transform(scale, 0, 0, -scale, x, y)))
            x += glyph.width * scale
        return str(pen.getCommands())


def _group(parent: ElementTree.Element, shape: Ring | Mark, name: str, **more: Any) -> ElementTree.Element:
    return _add(parent, "g", **{"class": name, "data-code": shape.code, "data-side": shape.side.value, **more})


def _circle(parent: ElementTree.Element, centre: Point, radius: float, **style: Any) -> None:
    _add(parent, "circle", cx=centre[0], cy=centre[1], r=radius, **style)


def _add(parent: ElementTree.Element, tag: str, **attributes: Any) -> ElementTree.Element:
    said = {
        name.replace("_", "-"): _number(value) if isinstance(value, (int, float)) else value
        for name, value in attributes.items()
    }
    return ElementTree.SubElement(parent, tag, said)


def _pair(point: Point) -> str:
    return f"{_number(point[0])},{_number(point[1])}"


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _hex(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
