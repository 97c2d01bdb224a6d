"""The photo with the marks as vectors, as an SVG file."""

from __future__ import annotations

from locator.draw import svg
from locator.formats.marked import MarkedPhoto
from locator.photo import encoding


def write(marked: MarkedPhoto) -> bytes:
    """The file; the photo is in it as a JPEG."""
    rgb, drawing = marked.shown()
    return svg.draw(drawing, encoding.encode(rgb, "jpeg"))
