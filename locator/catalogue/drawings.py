"""Small line drawings of how to take a better photo; they take the colour of the text around them."""

from __future__ import annotations

import re
from functools import cache
from html import escape
from pathlib import Path

from locator.catalogue.languages import ENGLISH
from locator.catalogue.words import words
from locator.core.reasons import Drawing, RefusalCode
from locator.core.unreadable import UnreadableCode

_FOLDER = Path(__file__).resolve().parent / "svg"


def of_reason(code: str) -> Drawing:
    """The drawing that goes with a refusal's or an unreadable file's code; of a good photo for any other code."""
    codes: tuple[RefusalCode | UnreadableCode, ...] = (*RefusalCode, *UnreadableCode)
    return next((one.drawing for one in codes if one == code), Drawing.GOOD_PHOTO)


@cache
def svg(drawing: Drawing, language: str = ENGLISH) -> str:
    """The drawing as SVG, its title and the handles' labels in a language."""
    text, handles = (_FOLDER / f"{drawing}.svg").read_text(encoding="utf-8"), words(language).handles
    text = re.sub(r"\{(\w+)\}", lambda named: escape(handles[named[1]].label), text)
    title = words(language).drawings.get(drawing)
    return re.sub("<title>.*?</title>", f"<title>{escape(title)}</title>", text) if title else text
