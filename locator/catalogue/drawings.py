"""Small line drawings of how to take a better photo; they take the colour of the text around them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from locator.core.reasons import Drawing, RefusalCode, UnreadableCode

_FOLDER = Path(__file__).resolve().parent / "svg"


def of_reason(code: str) -> Drawing:
    """The drawing that goes with a refusal's or an unreadable file's code; of a good photo for any other code."""
    codes: tuple[RefusalCode | UnreadableCode, ...] = (*RefusalCode, *UnreadableCode)
    return next((one.drawing for one in codes if one == code), Drawing.GOOD_PHOTO)


@cache
def svg(drawing: Drawing) -> str:
    """The drawing as SVG."""
    return (_FOLDER / f"{drawing}.svg").read_text(encoding="utf-8")
