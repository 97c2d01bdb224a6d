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
    return tomllib.loads(file.read_text(encoding="utf-8"))


def data(name: str) -> dict[str, Any]:
    """The content of ``locator/data/{name}.toml``."""
    return load(Path(__file__).resolve().parent / "data" / f"{name}.toml")
