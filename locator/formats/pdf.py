"""The photo with the marks as vectors, as a PDF file of one page."""

from __future__ import annotations

from locator.core.box import Box
from locator.draw import pdf
from locator.formats.marked import MarkedPhoto
from locator.photo import encoding


def write(marked: MarkedPhoto) -> bytes:
    """The file; its page is as long as A4's longer side, in the photo's proportions."""
    height, width = marked.rgb.shape[:2]
    scale = max(pdf.A4_PT) / max(height, width)
    page = pdf.Page((width * scale, height * scale))
    box = Box(0.0, 0.0, *page.size_pt)
    page.photo(encoding.encode(marked.rgb, "jpeg"), box)
    page.scene(marked.scene(), box)
    return page.file()
