"""The press timer on the page: a breath to press and ease off by, for a few minutes, point after point.

It runs wholly in the browser and sends nothing back, so it goes on while the page runs again or is busy with a film.
Here it is given what to show; ``session.js`` keeps the time, ``sound.js`` and ``awake.js`` do what their names say, and
``timer.js`` is what the visitor sees of it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from pathlib import Path
from typing import TypedDict

import streamlit as st

from locator.catalogue import acupoints
from locator.catalogue.entries import Acupoint, Catalogue
from locator.catalogue.languages import ENGLISH
from locator.catalogue.words import words
from locator.core import toml
from locator.web.components import script


class Point(TypedDict):
    """A point to choose; ``minutes`` is its share of the routine, one of ``choices``.

    ``position`` is where it stands in the routine, the gaps left by points that are not offered included.
    """

    code: str
    position: int
    name: str
    paired: bool
    press: str
    caution: str
    minutes: float
    choices: list[float]


# In this order they make one module.
_SCRIPTS = ("session", "sound", "awake", "timer")
_HERE = Path(__file__).parent
_RHYTHM = toml.load(_HERE / "rhythm.toml")

_component = st.components.v2.component(
    "press_timer",
    html=(_HERE / "timer.html").read_text("utf-8"),
    css=(_HERE / "timer.css").read_text("utf-8"),
    js=script("timer", *_SCRIPTS),
)


def show_timer(codes: Collection[str], language: str = ENGLISH, selected: str | None = None) -> None:
    """Show the timer, once on a page.

    A running timer goes on whatever it is called with, and also where another page that shows it takes over within
    some seconds.

    Args:
        codes: of the acupoints to offer, in any order; without any, nothing is shown.
        language: that it speaks.
        selected: the acupoint that it is made ready for when another one is selected, unless it is running.
    """
    catalogue = acupoints.catalogue(language)
    points = [_point(position, point) for position, point in enumerate(catalogue.acupoints) if point.code in codes]
    if points:
        data = {
            "points": points,
            "rhythm": _RHYTHM,
            "words": asdict(words(language).timer),
            "caution": _caution(catalogue),
            "end": catalogue.routine.end,
            "selected": selected,
        }
        _component(key="press_timer", data=data)


def _point(position: int, point: Acupoint) -> Point:
    offered: list[float] = _RHYTHM["minutes"]
    minutes = min(max(point.minutes, min(offered)), max(offered))
    return Point(
        code=point.code,
        position=position,
        name=point.title,
        paired=point.paired,
        press=point.press,
        caution=point.caution,
        minutes=minutes,
        choices=sorted({*offered, minutes}),
    )


def _caution(catalogue: Catalogue) -> str:
    """When to stop, and where not to press at all, in short."""
    sheet, cautions = catalogue.sheet, catalogue.cautions
    feelings = f"{sheet.comma} ".join(cautions.stop_at)
    return f"{sheet.stop_at} {feelings}{sheet.stop} {sheet.not_now} {cautions.not_now[0]}{sheet.stop}"
