"""The fonts that ship with the program, alike on every machine. Subset by ``lab/release/build_fonts.py``."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from PIL import ImageFont

from locator.catalogue.acupoints import catalogue
from locator.catalogue.languages import catalogue_texts, languages
from locator.catalogue.words import words
from locator.core import toml

FOLDER = Path(__file__).resolve().parent / "font_files"
ASCENT, DESCENT = 0.88, 0.12
"""How far an ideograph reaches above and below the baseline, in sizes of the text."""

CAPITAL = 0.733
"""Height of a capital letter, in sizes of the text."""


class Weight(StrEnum):
    """The two weights that each family ships in."""

    REGULAR = "Regular"
    BOLD = "Bold"


def path(family: str, weight: Weight = Weight.REGULAR) -> Path:
    """The font file, a TrueType font."""
    return FOLDER / f"{family}-{weight.value}.ttf"


@lru_cache(maxsize=64)
def font(family: str, size: float, weight: Weight = Weight.REGULAR) -> ImageFont.FreeTypeFont:
    """The font for drawing on pixels, ``size`` px high."""
    return ImageFont.truetype(path(family, weight), size, layout_engine=ImageFont.Layout.BASIC)


class _Advances(dict[str, float]):
    """Character → how far the next one stands from it, in thousandths of the size; measured once each."""

    def __init__(self, family: str, weight: Weight) -> None:
        super().__init__()
        self._font = font(family, 1000, weight)

    def __missing__(self, character: str) -> float:
        self[character] = self._font.getlength(character)
        return self[character]


@lru_cache(maxsize=64)
def _advances(family: str, weight: Weight) -> _Advances:
    return _Advances(family, weight)


def length(text: str, size: float, family: str, weight: Weight = Weight.REGULAR) -> float:
    """How long the text is in a line, in the unit of ``size``: the same for every way of drawing it."""
    return sum(map(_advances(family, weight).__getitem__, text)) / 1000 * size  # no pair of letters is moved closer


def characters() -> dict[str, set[str]]:
    """Family → every character that some language sets in it."""
    points = toml.data("catalogue/acupoints")
    used: dict[str, set[str]] = {}
    for language in languages():
        names = [point.hanzi for point in catalogue(language).acupoints]
        others = [{**entry, "hanzi": ""} for entry in points["acupoint"]]
        texts = _texts([points["sources"], points["study_sources"], names, others, catalogue_texts(language)])
        on_video = [advice.say for advice in words(language).advice.values()]
        used.setdefault(catalogue(language).font, set()).update(*texts, *on_video)
    return {family: {c for c in found if c.isprintable()} for family, found in used.items()}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
