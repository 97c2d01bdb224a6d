"""Which files below a folder are the photos of a batch."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

ENDINGS = frozenset((".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".avif"))


@dataclass(frozen=True)
class Found:
    """What lies below a folder.

    Attributes:
        photos: paths below the folder, with ``/`` between their parts, sorted.
        closed: folders below it that could not be opened.
    """

    photos: list[str]
    closed: list[str]


def photos_below(folder: Path, out: Path) -> Found:
    """The photos below ``folder``, by their endings.

    What is hidden is left alone, and so is ``out``. A link to a file is a photo if it leads to a place below the
    folder; links to folders are not followed: what is below the folder is met there.
    """
    photos, closed, unlisted = [], [], [""]
    top, out = Path(os.path.realpath(folder)), Path(os.path.realpath(out))
    while unlisted:
        here = unlisted.pop()
        try:
            with os.scandir(top / here) as entries:
                # What an entry is, the listing tells: over a network, to ask for each would take hours.
                for entry in entries:
                    if entry.name.startswith("."):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        if Path(entry.path) != out:
                            unlisted.append(f"{here}{entry.name}/")
                    elif Path(entry.name).suffix.lower() in ENDINGS and _is_taken(entry, top, out):
                        photos.append(f"{here}{entry.name}")
        except OSError:
            closed.append(here.rstrip("/") or ".")
    return Found(sorted(photos), sorted(closed))


def _is_taken(entry: os.DirEntry[str], top: Path, out: Path) -> bool:
    """Whether a file with the ending of a photo belongs to the batch; a link may lead elsewhere."""
    if not entry.is_symlink():
        return True
    leads_to = Path(os.path.realpath(entry.path))
    among_results = leads_to.is_relative_to(out) and out != top
    return leads_to.is_relative_to(top) and not among_results and not leads_to.is_dir()
