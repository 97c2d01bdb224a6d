"""The marks alone, on a transparent ground."""

from __future__ import annotations

from locator.draw import raster
from locator.draw import svg as vectors
from locator.formats.marked import MarkedPhoto
from locator.photo import encoding


def png(marked: MarkedPhoto) -> bytes:
    """As a PNG file of the photo's size."""
    return encoding.encode(raster.overlay(marked.scene()), "png")


def svg(marked: MarkedPhoto) -> bytes:
    """As an SVG file of the photo's size."""
    return vectors.draw(marked.scene())
