"""Which files below a folder are the photos of a batch."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from locator.photo import sources

ENDINGS = frozenset((".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".avif"))
"""What is called so is taken for a photo unopened, and told to be unreadable if it is none; all else is looked into."""


@dataclass(frozen=True)
class Found:
    """What lies below a folder.

    Attributes:
        photos: paths below the folder, with ``/`` between their parts, sorted.
        closed: folders below it that could not be opened.
        skipped: paths of all other files, which are no photos.
    """

    photos: list[str]
    closed: list[str]
    skipped: list[str]


def photos_below(folder: Path, out: Path) -> Found:
    """The photos below ``folder``, by what they hold.

    What is hidden is left alone, and so is ``out``. A link to a file is a photo if it leads to a place below the
    folder; links to folders are not followed: what is below the folder is met there.
    """
    photos: list[str] = []
    skipped: list[str] = []
    closed, unlisted = [], [""]
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
                    elif _is_taken(entry, top, out):
                        (photos if _is_photo(entry) else skipped).append(f"{here}{entry.name}")
        except OSError:
            closed.append(here.rstrip("/") or ".")
    return Found(sorted(photos), sorted(closed), sorted(skipped))


def _is_taken(entry: os.DirEntry[str], top: Path, out: Path) -> bool:
    """Whether a file belongs to the batch; a link may lead elsewhere."""
    if not entry.is_symlink():
        return True
    leads_to = Path(os.path.realpath(entry.path))
    among_results = leads_to.is_relative_to(out) and out != top
    return leads_to.is_relative_to(top) and not among_results and not leads_to.is_dir()


def _is_photo(entry: os.DirEntry[str]) -> bool:
    """By the ending or else the first bytes; what cannot be opened cannot be told for one."""
    if Path(entry.name).suffix.lower() in ENDINGS:
        return True
    try:
        return sources.is_photo(entry.path)
    except OSError:
        return False
