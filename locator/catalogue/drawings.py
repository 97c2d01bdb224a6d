"""Small line drawings of how to take a better photo; they take the colour of the text around them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from locator.core import toml

_FOLDER = Path(__file__).resolve().parent / "svg"


@cache
def drawing(code: str) -> str:
    """The SVG that goes with a refusal's or an unreadable file's code; of a good photo for any other code."""
    names = toml.data("catalogue/drawings")
    return _svg(names["drawing"].get(code, names["default"]))


def good_photo() -> str:
    """The SVG of a photo that can be answered."""
    return _svg(toml.data("catalogue/drawings")["default"])


def _svg(name: str) -> str:
    return (_FOLDER / f"{name}.svg").read_text(encoding="utf-8")
