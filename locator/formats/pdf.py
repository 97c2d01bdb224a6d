"""The photo with the marks as vectors, as a PDF file of one page."""

from __future__ import annotations

from locator.core.box import Box
from locator.draw import pdf
from locator.formats.marked import MarkedPhoto
from locator.photo import encoding


def write(marked: MarkedPhoto) -> bytes:
    """The file; its page is as long as A4's longer side, in the picture's proportions."""
    rgb, drawing = marked.shown()
    scale = max(pdf.A4_PT) / max(drawing.whole)
    photo, page_size = ((width * scale, height * scale) for width, height in (drawing.size, drawing.whole))
    page = pdf.Page(page_size)
    page.photo(encoding.encode(rgb, "jpeg"), Box(0.0, 0.0, *photo))
    page.scene(drawing, Box(0.0, 0.0, *page_size))
    return page.file()
