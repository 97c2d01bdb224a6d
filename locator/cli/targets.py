"""Where outputs go: what ``--out`` names, and what is never written over."""

from __future__ import annotations

import errno
import glob
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import typer

from locator.cli.standard_input import STANDARD_INPUT
from locator.core import files
from locator.formats import FORMATS, endings, name_of, stem_for_files

# What has one of these endings is meant as a file, not as a folder.
_FILES = {
    *(".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".avif", ".gif", ".bmp", ".tif", ".tiff"),
    *(one.suffix for one in FORMATS.values()),
}

_ENDING = re.compile(r"\.[a-z]{2,5}")  # a folder may well be called "version 1.0"

Target = tuple[str, Path]
"""A format of :data:`locator.formats.FORMATS`, and the file it is written to."""


def of_photos(photos: list[str], out: str, formats: list[str], inputs: list[str]) -> list[list[Target]]:
    """For each photo, the formats to write and their files: ``out`` itself, or files in the folder ``out``.

    In a folder, a file is called as its photo with ``-points`` behind it, and with a number where that is taken.

    Args:
        inputs: files that are not to be written over.

    Raises:
        typer.BadParameter: if one file is named for several photos or formats, its ending does not fit, or an input
            would be overwritten.
    """
    path = resolved(out)
    formats = list(dict.fromkeys(formats))
    if _is_folder(out, path):
        targets = _in_folder(path, photos, formats or ["jpeg"])
    elif len(photos) > 1 or len(formats) > 1:
        raise typer.BadParameter(
            "several photos need a folder, not one file"
            if len(photos) > 1
            else "several formats need a folder, not one file",
            param_hint="--out",
        )
    else:
        targets = [[(_format_of(path, formats), path)]]
    for targets_of_photo in targets:
        for _, target in targets_of_photo:
            check_not_input(target, inputs)
    return targets


def of_person(targets: list[Target], number: int | None, inputs: list[str]) -> list[Target]:
    """The files of one back of several, as ``back-points-person-2.jpg``.

    Raises:
        typer.BadParameter: if one of ``inputs`` would be overwritten.
    """
    files_of_person = [(name, file.with_stem(f"{file.stem}-person-{number or 1}")) for name, file in targets]
    for _, file in files_of_person:
        check_not_input(file, inputs)
    return files_of_person


def resolved(out: str, option: str = "--out") -> Path:
    """What an option names once folders that do not exist yet do; ``new/../photo.jpg`` is the photo.

    Raises:
        typer.BadParameter: if it names nothing.
    """
    if out in ("", "-"):
        raise typer.BadParameter("expected a file or a folder", param_hint=option)
    return Path(os.path.realpath(out)) if ".." in Path(out).parts else Path(out)


def check_not_input(target: Path, inputs: list[str]) -> None:
    """Refuse to write over a file that is read.

    Raises:
        typer.BadParameter: if ``target`` is one of them.
    """
    if any(file and target.exists() and Path(file).exists() and target.samefile(file) for file in inputs):
        raise typer.BadParameter(f"{target} is read from and would be overwritten", param_hint="--out")


def check_writable(target: Path, option: str) -> None:
    """Refuse a file that cannot be written, before there is something to write.

    Raises:
        typer.BadParameter: if it cannot.
    """
    with writing(target, option):
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        import tempfile  # help does not wait for it

        tempfile.TemporaryFile(dir=target.parent).close()


def write(target: Path, data: bytes) -> None:
    """Write a file whole, or not at all.

    Raises:
        typer.BadParameter: if it cannot be written.
    """
    with writing(target):
        files.write_whole(target, data)


@contextmanager
def writing(target: Path, option: str = "--out") -> Iterator[None]:
    """Says which option names what cannot be written.

    Raises:
        typer.BadParameter: in place of the system's error.
    """
    try:
        yield
    except OSError as error:
        why = "a part of its path is no folder" if isinstance(error, FileExistsError) else error.strerror
        raise typer.BadParameter(f"{target} cannot be written: {why}", param_hint=option) from error


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


def _in_folder(folder: Path, photos: list[str], formats: list[str]) -> list[list[Target]]:
    endings = {name: f"{FORMATS[name].stem}{FORMATS[name].suffix}" for name in formats}
    taken: set[str] = set()  # by photos before; without case, which some systems do not tell apart
    targets = []
    for photo in photos:
        for stem in _stems(photo):
            names = {format: f"{stem}{ending}" for format, ending in endings.items()}
            if not any(name.casefold() in taken or _is_there(folder / name) for name in names.values()):
                break
        taken.update(name.casefold() for name in names.values())
        targets.append([(format, folder / name) for format, name in names.items()])
    return targets


def _is_there(file: Path) -> bool:
    """Whether a file of this name is there, or one of :func:`of_person`."""
    return file.exists() or any(file.parent.glob(f"{glob.escape(file.stem)}-person-*{file.suffix}"))


def _stems(photo: str) -> Iterator[str]:
    """What files of a photo may be called but for their endings, the best first."""
    stem = stem_for_files("" if photo == STANDARD_INPUT else Path(photo).stem)
    yield f"{stem}-points"
    yield from (f"{stem}-points-{number}" for number in count(2))


def _format_of(path: Path, formats: list[str]) -> str:
    """The format of a single file: the one asked for, or what its ending tells."""
    suffix = _suffix(path)
    name = formats[0] if formats else name_of(suffix)
    if not name or FORMATS[name].suffix != suffix:
        expected = FORMATS[name].suffix if name else endings()
        raise typer.BadParameter(f"expected a file ending in {expected}, got {suffix}", param_hint="--out")
    return name
