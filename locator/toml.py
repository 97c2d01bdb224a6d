"""Reads the TOML files that hold the program's data."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def load(file: Path) -> dict[str, Any]:
    """The file's content.

    Raises:
        FileNotFoundError: if it is missing.
        tomllib.TOMLDecodeError: if it is no TOML.
    """
    return parse(file.read_text(encoding="utf-8"))


def parse(text: str) -> dict[str, Any]:
    """The content of a file's text.

    Raises:
        tomllib.TOMLDecodeError: if it is no TOML.
    """
    return tomllib.loads(text)


def data(name: str) -> dict[str, Any]:
    """The content of ``locator/data/{name}.toml``; ``name`` may lead through a folder."""
    return load(Path(__file__).resolve().parent / "data" / f"{name}.toml")


def names(folder: str) -> list[str]:
    """The names, without ending, of the files in ``locator/data/{folder}``."""
    return sorted(file.stem for file in (Path(__file__).resolve().parent / "data" / folder).glob("*.toml"))
