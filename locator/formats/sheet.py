"""A page or two to print: the marked back, how to find and press each point, the routine and the cautions."""

from __future__ import annotations

from locator.draw import sheet
from locator.formats.marked import MarkedPhoto


def write(marked: MarkedPhoto) -> bytes:
    """The sheet as a PDF file.

    Raises:
        ValueError: on another paper.
    """
    return sheet.draw(marked.rgb, marked.location, marked.style, marked.paper, marked.date)
