"""The button that chooses files, and the whole page as a place to drop them on; it says what is too large in words.

Streamlit's own uploader, unseen in a keyed container, takes the files in: the drop zone hands them over and says
nothing to Python. It speaks the visitor's language, and looks at a file's size before it travels.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import streamlit as st

from locator.catalogue.words import DropZoneWords
from locator.web.components import script

_HERE = Path(__file__).parent
_component = st.components.v2.component(
    "drop_zone",
    js=script("dropzone", "dropzone"),
    css=(_HERE / "dropzone.css").read_text("utf-8"),
)


def dropzone(
    words: DropZoneWords, *, room: str, most_bytes: int, small: bool, session: str, turn: int, key: str
) -> None:
    """Show the drop zone.

    Args:
        words: what it says.
        room: key of the container that Streamlit's uploader is in.
        most_bytes: the largest file that is handed over.
        small: whether it is a button among others instead of a large field.
        session: tells this session from one that the same tab had before.
        turn: a number that changes when files have come in.
        key: its own key in the session state.
    """
    data = {
        "words": asdict(words),
        "room": room,
        "most_bytes": most_bytes,
        "small": small,
        "session": session,
        "turn": turn,
    }
    _component(key=key, data=data)
