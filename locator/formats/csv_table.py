"""The marks as a table: of one photo, and of many."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import asdict, fields
from typing import Any, get_type_hints

from locator.core.body import Side
from locator.core.types import ImageInfo, LocatedPoint, Location
from locator.formats.marked import MarkedPhoto
from locator.formats.record import fields_of

_MARK = {name: str if kind is Side else kind for name, kind in get_type_hints(LocatedPoint).items()}

COLUMNS: dict[str, type] = {
    "path": str, "sha256": str, "width_px": int, "height_px": int, "person": int, **_MARK, "method": str,
    "cun_px": float, "cun_source": str,
}  # fmt: skip
"""Of a table of many photos: name and kind of each column."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a formula may begin with


def write(marked: MarkedPhoto) -> bytes:
    """The file."""
    return to_csv(marked.location).encode("utf-8")


def to_csv(location: Location) -> str:
    """A line for each mark, below a line with the fields of :class:`~locator.core.types.LocatedPoint`."""
    out = io.StringIO()
    table = csv.DictWriter(out, [field.name for field in fields(LocatedPoint)], lineterminator="\n")
    table.writeheader()
    table.writerows(plain(fields_of(point)) for point in location.points)
    return out.getvalue()


def rows(image: ImageInfo, person: int, location: Location) -> Iterator[dict[str, Any]]:
    """The rows of one back in a table of many photos, with :data:`COLUMNS`.

    Args:
        person: its number among the backs in the photo, counted from the left.
    """
    of_back = {
        **asdict(image), "person": person, "method": location.method, "cun_px": location.cun_px,
        "cun_source": location.cun_source.value,
    }  # fmt: skip
    for point in location.points:
        yield {**of_back, **fields_of(point)}


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row as CSV has it: yes and no as JSON writes them, and no path that a spreadsheet would take for a formula."""
    return {name: _plain(value) for name, value in row.items()}


def _plain(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"./{value}"  # the same file
    return json.dumps(value) if isinstance(value, bool) else value
