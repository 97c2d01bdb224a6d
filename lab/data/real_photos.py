"""Real photos with an ``index.json``, and which of them may be trained on.

The index has for each ``file`` its ``source``, how a pose model has ``read_as`` it (``back``, ``front``,
``side/other``), and its ``landmarks``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Entry = dict[str, Any]
"""What the index says of one photo."""


def index(folder: Path) -> list[Entry]:
    """What the index of a folder says of each photo."""
    entries: list[Entry] = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    return entries


def split(entries: list[Entry]) -> tuple[list[int], list[int]]:
    """The numbers in the index of the photos to train on, and of those held out to judge by.

    Every fourth is kept from training; one that shares its folder, and so person and room, with a photo that is not, is
    no good for judging either.
    """
    trained_on = [number for number in range(len(entries)) if number % 4]
    rooms = {Path(entries[number]["source"]).parent for number in trained_on}
    held_out = [number for number in range(0, len(entries), 4) if Path(entries[number]["source"]).parent not in rooms]
    return trained_on, held_out
