"""What stands below the live picture: the advice, spoken on request, the button that freezes, and what is amiss.

A thin wrapper over Streamlit's components, as :mod:`editor` is. It hands over what is to be said, and hands back a
:class:`Still`: taken in the browser, because a video's frames are smaller than what the camera can do.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict, cast

import streamlit as st

_JPEG = "data:image/jpeg;base64,"


class Said(TypedDict):
    """A short sentence to see and to hear, and one that says why."""

    say: str
    why: str


class Told(TypedDict):
    """All that the companion shows. It asks for it anew about once a second.

    Attributes:
        playing: whether there is something to freeze.
        said: what to do or how things are; None while there is nothing to say.
        troubles: code → message and remedy, for what the browser may find amiss.
        camera_key: under which the browser remembers the stream's camera.
    """

    playing: bool
    said: Said | None
    troubles: dict[str, Said]
    camera_key: str


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
    js=(_HERE / "companion.js").read_text("utf-8"),
    css=(_HERE / "companion.css").read_text("utf-8"),
)


def companion(told: Told, *, key: str, on_still: Callable[[Still], None]) -> None:
    """Show the companion.

    Args:
        told: what to show.
        key: its own key in the session state.
        on_still: called with a frozen picture before the script runs again.
    """

    def happened() -> None:
        sent = _state(key).get("still")
        if sent:
            on_still(Still(_jpeg(sent)))

    _component(
        key=key,
        data={**told, "answers": _state(key).get("asked")},
        on_still_change=happened,
        on_asked_change=lambda: None,  # a state value has to have a callback
    )


def _state(key: str) -> Mapping[str, object]:
    return cast("Mapping[str, object]", st.session_state.get(key) or {})


def _jpeg(sent: object) -> bytes | None:
    """The bytes of a picture that came from the browser, if it is one."""
    if not isinstance(sent, str) or not sent.startswith(_JPEG):
        return None
    try:
        return base64.b64decode(sent[len(_JPEG) :], validate=True)
    except binascii.Error:
        return None
