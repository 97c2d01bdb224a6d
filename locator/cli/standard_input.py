"""A photo that comes in by standard input, named ``-`` as most commands have it."""

from __future__ import annotations

import sys

import typer

STANDARD_INPUT = "-"


def check(photos: list[str]) -> None:
    """Refuse to read it twice: it is gone after the first time.

    Raises:
        typer.BadParameter: if it is named more than once.
    """
    if photos.count(STANDARD_INPUT) > 1:
        raise typer.BadParameter("standard input holds one photo; name it once", param_hint=STANDARD_INPUT)


def source(photo: str) -> str | bytes:
    """What a photo is read from: its path, or what came in, one byte more than is allowed at most."""
    if photo != STANDARD_INPUT:
        return photo
    from locator.photo import sources

    return sys.stdin.buffer.read(sources.MAX_BYTES + 1) if sys.stdin else b""


def name(photo: str, language: str) -> str:
    """What a photo is called in a message."""
    if photo != STANDARD_INPUT:
        return photo
    from locator.catalogue.words import words

    return words(language).command.standard_input
