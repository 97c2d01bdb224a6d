"""Reads the TOML files that hold the program's data."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from locator.core import files

PACKAGE = Path(__file__).resolve().parents[1]
"""The folder of the package, whose rooms hold the data that they use."""

_MOST_BYTES = 16_000_000


def load(file: Path) -> dict[str, Any]:
    """The file's content.

    Raises:
        OSError: if it cannot be read, as where it is missing.
        tomllib.TOMLDecodeError: if it is no TOML; names the file.
    """
    try:
        return parse(files.read(file, _MOST_BYTES).decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise tomllib.TOMLDecodeError(f"{file}: {error}") from error


def parse(text: str) -> dict[str, Any]:
    """The content of a file's text.

    Raises:
        tomllib.TOMLDecodeError: if it is no TOML.
    """
    return tomllib.loads(text)


def data(name: str) -> dict[str, Any]:
    """The content of ``locator/{name}.toml``, such as ``"estimate/midline"``."""
    return load(PACKAGE / f"{name}.toml")


def names(folder: str) -> list[str]:
    """The names, without ending, of the files in ``locator/{folder}``."""
    return sorted(file.stem for file in (PACKAGE / folder).glob("*.toml"))
