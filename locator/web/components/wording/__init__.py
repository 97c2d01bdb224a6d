"""The few words that Streamlit's own widgets say in English whatever the page speaks, in the visitor's language.

Streamlit takes no texts for them. The browser puts ours in their place, wherever and whenever they appear.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import streamlit as st

from locator.catalogue.words import StreamlitWords

_STREAMLITS = {
    "skip": "Skip to main content",
    "upload": "Upload",
    "file_upload": "file upload",
    "per_file": "{megabytes}MB per file",
    "take_photo": "Take Photo",
    "clear_photo": "Clear photo",
    "asks_for_camera": "This app would like to use your camera.",
    "how_to_allow": "Learn how to allow access.",
    "snapshot": "Snapshot",
    "choose": "Choose an option",
    "open": "Open",
    "close": "Close",
    "lock": "lock icon",
}
"""What it says, by the fields of our own words."""

_component = st.components.v2.component("wording", js=(Path(__file__).parent / "wording.js").read_text("utf-8"))


def wording(words: StreamlitWords, *, key: str) -> None:
    """Say Streamlit's words as ``words`` have them, from now on.

    Args:
        words: what is to be said.
        key: its own key in the session state.
    """
    ours = asdict(words)
    _component(key=key, data={"words": {theirs: ours[name] for name, theirs in _STREAMLITS.items()}})
