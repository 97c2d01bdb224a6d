"""The marked photo as a JPEG, PNG or WebP file."""

from __future__ import annotations

from locator.draw import raster
from locator.formats.marked import MarkedPhoto
from locator.photo import encoding


def jpeg(marked: MarkedPhoto) -> bytes:
    """As a JPEG file."""
    return encoding.encode(raster.draw_scene(*marked.shown()), "jpeg", spent=True)


def png(marked: MarkedPhoto) -> bytes:
    """As a PNG file."""
    return encoding.encode(raster.draw_scene(*marked.shown()), "png")


def webp(marked: MarkedPhoto) -> bytes:
    """As a WebP file."""
    return encoding.encode(raster.draw_scene(*marked.shown()), "webp")
