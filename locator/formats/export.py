"""Exports a located result in any of the formats."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from dataclasses import replace

from locator.catalogue.acupoints import acupoint
from locator.core.arrays import RGBArray, check_rgb
from locator.core.types import Location, Result
from locator.draw.style import Style
from locator.formats import FORMATS
from locator.formats.marked import MarkedPhoto


def export(
    name: str,
    rgb: RGBArray,
    result: Result,
    style: Style = Style(),  # noqa: B008 - frozen
    codes: Collection[str] | None = None,
    paper: str = "a4",
    date: datetime.date | None = None,
) -> bytes:
    """A located result as the bytes of a file. The same arguments give the same bytes.

    Args:
        name: one of :data:`locator.formats.FORMATS`.
        rgb: (h, w, 3) uint8, the upright photo, or what is to be shown in its place, such as a blurred copy.
        codes: acupoints to show; None for all. The sheet's title, routine and minutes follow them; its cautions always
            name all.
        paper: of the sheet, ``"a4"`` or ``"letter"``.
        date: printed on the sheet; None for a blank.

    Raises:
        ValueError: on another format or paper, a result that is not located, or a picture of another size.
        TypeError: on what is no picture.
        LookupError: on an acupoint that the catalogue does not know.
    """
    check_rgb(rgb)
    if name not in FORMATS:
        raise ValueError(f"name: expected one of {', '.join(FORMATS)}, got {name!r}")
    location = result.outcome
    if not isinstance(location, Location):
        raise ValueError(f"result: expected a located photo, got one that is {result.status}")
    size = (rgb.shape[1], rgb.shape[0])
    if size != (result.image.width_px, result.image.height_px):
        raise ValueError(
            f"rgb: expected {result.image.width_px} x {result.image.height_px} px, got {size[0]} x {size[1]}"
        )
    if codes is not None:
        location = location.showing({acupoint(code).code for code in codes})
        result = replace(result, outcome=location)
    return FORMATS[name].write(MarkedPhoto(rgb, result, location, style, paper, date))
