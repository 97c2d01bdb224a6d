"""Where outputs go: what ``--out`` names, and what is never written over."""

from __future__ import annotations

import os
import re
from pathlib import Path

import typer

from locator.core import files
from locator.formats import FORMATS

# What has one of these endings is meant as a file, not as a folder.
_FILES = {
    *(".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".avif", ".gif", ".bmp", ".tif", ".tiff"),
    *(one.suffix for one in FORMATS.values()),
}

_ENDING = re.compile(r"\.[a-z]{2,5}")  # a folder may well be called "version 1.0"
_NUMBERED = re.compile(r"back-points-(\d{1,9})\b")

Target = tuple[str, Path]
"""A format of :data:`locator.formats.FORMATS`, and the file it is written to."""


def of_photos(photos: list[str], out: str, formats: list[str], inputs: list[str]) -> list[list[Target]]:
    """For each photo, the formats to write and their files: ``out`` itself, or files in the folder ``out``.

    In a folder, files are numbered in the order of the photos, after those that are there already; a photo's own name,
    which may tell who is on it, is not passed on.

    Args:
        inputs: files that are not to be written over.

    Raises:
        typer.BadParameter: if one file is named for several photos or formats, its ending does not fit, or an input
            would be overwritten.
    """
    path = resolved(out)
    formats = list(dict.fromkeys(formats))
    if _is_folder(out, path):
        targets = _in_folder(path, len(photos), formats or ["jpeg"])
    elif len(photos) > 1 or len(formats) > 1:
        several = "photos" if len(photos) > 1 else "formats"
        raise typer.BadParameter(f"several {several} need a folder, not one file", param_hint="--out")
    else:
        targets = [[(_format_of(path, formats), path)]]
    for targets_of_photo in targets:
        for _, target in targets_of_photo:
            check_not_input(target, inputs)
    return targets


def resolved(out: str) -> Path:
    """What ``--out`` names once folders that do not exist yet do; ``new/../photo.jpg`` is the photo.

    Raises:
        typer.BadParameter: if it names nothing.
    """
    if out in ("", "-"):
        raise typer.BadParameter("expected a file or a folder", param_hint="--out")
    return Path(os.path.realpath(out)) if ".." in Path(out).parts else Path(out)


def check_not_input(target: Path, inputs: list[str]) -> None:
    """Refuse to write over a file that is read.

    Raises:
        typer.BadParameter: if ``target`` is one of them.
    """
    if any(file and target.exists() and Path(file).exists() and target.samefile(file) for file in inputs):
        raise typer.BadParameter(f"{target} is read from and would be overwritten", param_hint="--out")


def write(target: Path, data: bytes) -> None:
    """Write a file whole, or not at all.

    Raises:
        typer.BadParameter: if it cannot be written.
    """
    try:
        files.write_whole(target, data)
    except OSError as error:
        why = "a part of its path is no folder" if isinstance(error, FileExistsError) else error.strerror
        raise typer.BadParameter(f"{target} cannot be written: {why}", param_hint="--out") from error


def _suffix(path: Path) -> str:
    """The ending in lower case, in one spelling."""
    suffix = path.suffix.lower()
    return ".jpg" if suffix == ".jpeg" else suffix


def _is_folder(out: str, path: Path) -> bool:
    if path.is_dir() or out.endswith(("/", os.sep)):
        return True
    suffix = _suffix(path)
    if suffix not in _FILES and _ENDING.fullmatch(suffix):
        raise typer.BadParameter(f"{suffix} is no ending that can be written; end a folder with /", param_hint="--out")
    return suffix not in _FILES


def _in_folder(folder: Path, photos: int, formats: list[str]) -> list[list[Target]]:
    taken = [int(match[1]) for file in folder.glob("back-points-*") if (match := _NUMBERED.match(file.name))]
    first = 1 + max(taken, default=0)
    endings = {name: f"{FORMATS[name].stem}{FORMATS[name].suffix}" for name in formats}
    return [
        [(name, folder / f"back-points-{number}{ending}") for name, ending in endings.items()]
        for number in range(first, first + photos)
    ]


def _format_of(path: Path, formats: list[str]) -> str:
    """The format of a single file: the one asked for, or what its ending tells."""
    by_suffix = {FORMATS[name].suffix: name for name in reversed(FORMATS)}  # the first of an ending wins
    suffix = _suffix(path)
    name = formats[0] if formats else by_suffix.get(suffix, "")
    if not name or FORMATS[name].suffix != suffix:
        expected = FORMATS[name].suffix if name else ", ".join(by_suffix)
        raise typer.BadParameter(f"expected a file ending in {expected}, got {suffix}", param_hint="--out")
    return name
