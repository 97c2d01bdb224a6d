"""What a process of the service does: reads one photo after the other, and draws it where that is asked."""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass, field

from locator.api import Locator
from locator.core import memory
from locator.core.types import Issue, Location
from locator.draw.style import Style
from locator.formats.export import export
from locator.formats.record import to_dict


@dataclass(frozen=True)
class Drawing:
    """How a located photo is to be shown; the fields are those of :func:`locator.formats.export.export`."""

    format: str
    style: Style
    paper: str
    date: datetime.date | None


@dataclass(frozen=True)
class Task:
    """A photo as a file's bytes, and what is wanted of it.

    Attributes:
        drawing: None for its record.
        mirrored: whether the photo is a mirror image.
        person: which back of several; the largest if not told.
        each: whether the records of all backs are wanted, as a list.
    """

    photo: bytes = field(repr=False)
    drawing: Drawing | None = None
    mirrored: bool = False
    person: int | None = None
    each: bool = False


@dataclass(frozen=True)
class Answer:
    """What became of a photo.

    Attributes:
        status: ``"located"``, ``"refused"`` or ``"unreadable"``.
        why: of what was not located, the reason.
        data: the drawing, or the record as JSON; empty where a drawing was wanted and cannot be had.
    """

    status: str
    why: Issue | None
    data: bytes = field(repr=False)


class PhotoReader:
    """Answers tasks with a model of its own.

    Args:
        most_pixels, most_code_bytes: of a photo, as :class:`locator.api.Locator` takes them.

    Raises:
        models.ModelUnavailable: if the model is not on this machine.
    """

    def __init__(self, most_pixels: int, most_code_bytes: int) -> None:
        memory.give_back()
        self._locator = Locator(most_pixels=most_pixels, most_code_bytes=most_code_bytes)

    def __call__(self, task: Task) -> Answer:
        """The answer to one task."""
        drawing = task.drawing
        if drawing:
            photo, result = self._locator.read(task.photo, task.mirrored, task.person)
        else:
            photo, result = None, self._locator.locate(task.photo, task.mirrored, task.person)
        why = None if isinstance(result.outcome, Location) else result.outcome
        if drawing is None:
            document = [to_dict(one) for one in result.each()] if task.each else to_dict(result)
            data = json.dumps(document, allow_nan=False).encode("ascii")
        elif photo is None or why:
            data = b""
        else:
            data = export(drawing.format, photo.rgb, result, drawing.style, paper=drawing.paper, date=drawing.date)
        return Answer(result.status, why, data)
