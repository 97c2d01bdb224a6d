"""The marks as a table."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import fields

from locator.core.types import LocatedPoint, Location
from locator.formats.marked import MarkedPhoto
from locator.formats.record import fields_of


def write(marked: MarkedPhoto) -> bytes:
    """The file."""
    return to_csv(marked.location).encode("utf-8")


def to_csv(location: Location) -> str:
    """A line for each mark, below a line with the fields of :class:`~locator.core.types.LocatedPoint`."""
    out = io.StringIO()
    table = csv.DictWriter(out, [field.name for field in fields(LocatedPoint)], lineterminator="\n")
    table.writeheader()
    for point in location.points:
        table.writerow({**fields_of(point), "moved_by_hand": json.dumps(point.moved_by_hand)})
    return out.getvalue()
