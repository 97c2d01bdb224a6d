"""A page of small pictures of the photos of a batch, marked where they were located."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from locator.core.arrays import RGBArray
from locator.core.similarity import PAPER, Similarity
from locator.draw import fonts, raster
from locator.draw.style import Style
from locator.formats import file_names
from locator.formats.record import location_of
from locator.jobs.journal import Document, Documents
from locator.jobs.results import reason
from locator.photo import resizing, sources

MOST = 48
"""Photos on one sheet."""

_COLUMNS = 6
_TILE_PX, _GAP_PX, _LINE_PX, _TEXT_PX = 240, 8, 21, 15
_DRAWN_PX = 2 * _TILE_PX  # labels have room at twice the size
_BESIDE = 2  # photos in the memory at a time
_INK, _REFUSED = (24, 24, 28), (160, 40, 0)
_FONT = "NotoSansSC"
_STYLE = Style(labels="codes", size=1.5)


def chosen(count: int) -> list[int]:
    """Which of ``count`` photos are shown: all, or :data:`MOST` of them, evenly from the first to the last."""
    if count <= MOST:
        return list(range(count))
    return [index * (count - 1) // (MOST - 1) for index in range(MOST)]


def draw(folder: Path, photos: Iterable[tuple[int, Documents]]) -> RGBArray:
    """The sheet, as (h, w, 3) uint8.

    Below each photo stand its number and its name and, where it was not located, the reason.

    Args:
        folder: where the photos lie.
        photos: number of each, and its records, in the order in which they are shown; one at least.
    """
    photos = list(photos)
    with ThreadPoolExecutor(_BESIDE) as beside:  # most of the work is decoding, which lets other threads run
        pictures = beside.map(partial(_picture, folder), [documents for _, documents in photos])
        tiles = [
            (picture, f"{number}  {_name(documents[0])}", reason(documents[0]).replace("_", " "))
            for picture, (number, documents) in zip(pictures, photos, strict=True)
        ]
    columns = min(_COLUMNS, len(tiles))
    across, down = _TILE_PX + _GAP_PX, _TILE_PX + 2 * _LINE_PX + _GAP_PX
    sheet = Image.new("RGB", (columns * across + _GAP_PX, -(-len(tiles) // columns) * down + _GAP_PX), PAPER)
    pen = ImageDraw.Draw(sheet)
    font = fonts.font(_FONT, _TEXT_PX)
    for at, (picture, title, why) in enumerate(tiles):
        left, top = at % columns * across + _GAP_PX, at // columns * down + _GAP_PX
        if picture is None:
            pen.rectangle((left, top, left + _TILE_PX - 1, top + _TILE_PX - 1), outline=_REFUSED)
        else:
            room = (_TILE_PX - picture.shape[1]) // 2, _TILE_PX - picture.shape[0]
            sheet.paste(Image.fromarray(picture), (left + room[0], top + room[1]))
        pen.text((left, top + _TILE_PX + 2), fitted(title), fill=_INK, font=font)
        pen.text((left, top + _TILE_PX + 2 + _LINE_PX), why, fill=_REFUSED, font=font)
    return np.asarray(sheet)


def _name(document: Document) -> str:
    """What the photo is called, in characters that can be shown."""
    name: str = document["image"]["path"].rpartition("/")[2]
    return "".join(one if one.isprintable() else "?" for one in name)


def fitted(title: str) -> str:
    """A line below a picture, without its middle where it is too long: what files of one day differ in is their end."""
    kept = len(title)
    while kept and fonts.length(shown := _shortened(title, kept), _TEXT_PX, _FONT) > _TILE_PX:
        kept -= 1
    return shown


def _shortened(title: str, kept: int) -> str:
    """Of a title ``kept`` characters, from both ends."""
    return title if kept == len(title) else f"{title[: kept - kept // 2]}…{title[len(title) - kept // 2 :]}"


def _picture(folder: Path, documents: Documents) -> RGBArray | None:
    """The small picture; None of what could not be read, or is not the photo any more that was read."""
    document = documents[0]
    if document["status"] == "unreadable":
        return None
    try:
        photo = sources.Source(folder / file_names.from_text(document["image"]["path"])).small(_DRAWN_PX)
    except sources.UnreadableImage:
        return None
    if photo.info.sha256 != document["image"]["sha256"]:
        return None
    drawn = photo.rgb
    for located in documents if document["status"] == "located" else ():
        location = Similarity.resizing(photo.shrunk).of_location(location_of(located))
        drawn = raster.draw(drawn, location, style=_STYLE, legend=False)
    return resizing.shrink(drawn, _TILE_PX)[0]
