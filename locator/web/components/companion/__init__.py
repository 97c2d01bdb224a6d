"""What stands below the live picture: its start, the advice, spoken on request, the button that freezes, what is amiss.

A thin wrapper over Streamlit's components, as the editor is. It hands over what is to be said, and hands back a
:class:`Still`: taken in the browser, because a video's frames are smaller than what the camera can do.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypedDict

import streamlit as st

from locator.catalogue.words import CompanionWords, Saying
from locator.web.components import script, state

_JPEG = "data:image/jpeg;base64,"


class CompanionView(TypedDict):
    """All that the companion shows. It asks for it anew about once a second.

    Attributes:
        playing: whether there is something to freeze.
        saying: what to do or how things are; None while there is nothing to say.
        troubles: code → message and remedy, for what the browser may find amiss.
        camera_key: under which the browser remembers the stream's camera.
        start, stop: the button that starts and stops the camera; the stream's own has the same words, and is not seen.
        choose, chosen: what the stream's choice of a camera is called, and the button that ends it.
        closer: what is looked at closely, in shares of the picture from its left and top; None for all of it.
    """

    playing: bool
    saying: Saying | None
    troubles: Mapping[str, Saying]
    camera_key: str
    start: str
    stop: str
    choose: str
    chosen: str
    closer: tuple[float, float] | None


@dataclass(frozen=True)
class Still:
    """A picture that the visitor froze.

    Attributes:
        jpeg: the bytes of a JPEG of the camera's full size; None where the browser could not take one.
    """

    jpeg: bytes | None


_HERE = Path(__file__).parent
_component = st.components.v2.component(
    "live_companion",
    js=script("companion", "companion"),
    css=(_HERE / "companion.css").read_text("utf-8"),
)


def companion(view: CompanionView, words: CompanionWords, *, key: str, on_still: Callable[[Still], None]) -> None:
    """Show the companion.

    Args:
        view: what to show.
        words: what it says itself.
        key: its own key in the session state.
        on_still: called with a frozen picture before the script runs again.
    """

    def happened() -> None:
        sent = state(key).get("still")
        if sent:
            on_still(Still(_jpeg(sent)))

    _component(
        key=key,
        data={
            **view,
            "saying": asdict(view["saying"]) if view["saying"] else None,
            "troubles": {code: asdict(trouble) for code, trouble in view["troubles"].items()},
            "words": asdict(words),
            "answers": state(key).get("asked"),
        },
        on_still_change=happened,
        on_asked_change=lambda: None,  # a state value has to have a callback
    )


def _jpeg(sent: object) -> bytes | None:
    """The bytes of a picture that came from the browser, if it is one."""
    if not isinstance(sent, str) or not sent.startswith(_JPEG):
        return None
    try:
        return base64.b64decode(sent[len(_JPEG) :], validate=True)
    except binascii.Error:
        return None
