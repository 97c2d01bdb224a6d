"""What ``locate`` prints for people: a table of the marks, or why there are none."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

from locator.catalogue.acupoints import catalogue
from locator.catalogue.words import words
from locator.core.types import Location, Result


def of_result(photo: str, result: Result, language: str) -> Iterator[str]:
    """The lines of one photo, an empty one at the end."""
    said, outcome = words(language), result.outcome
    if isinstance(outcome, Location):
        yield photo
        yield from _marks(outcome, language)
        reasons = outcome.issues
    else:
        reasons = (outcome,)
    for reason in map(said.reason, reasons):
        yield said.command.issue.format(photo=photo, message=reason.message, remedy=reason.remedy)
    yield ""


def _marks(location: Location, language: str) -> Iterator[str]:
    known, sides = catalogue(language), words(language).corrections.sides
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("", "", ""):
        table.add_column(heading)
    for heading in ("x", "y", "◯"):
        table.add_column(heading, justify="right")
    for point in location.points:
        table.add_row(
            sides[point.side.value].format(mark=point.code), known.acupoint(point.code).label, point.level,
            f"{point.x_px:.0f}", f"{point.y_px:.0f}", f"{point.radius_px:.0f}",
        )  # fmt: skip
    out = io.StringIO()
    Console(file=out, width=max(80, shutil.get_terminal_size().columns), color_system=None).print(table)
    for line in out.getvalue().splitlines():
        yield f"  {line}".rstrip()
    yield f"  px; ◯ {known.picture.ring}"
