"""What only the browser can tell to be amiss: an upload that did not arrive, a session or the server that is gone.

A thin wrapper over Streamlit's components, as the editor is. It hands over the words, and hands nothing back.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import streamlit as st

from locator.catalogue.words import NoticeWords
from locator.web.components import script

_component = st.components.v2.component(
    "page_notices",
    js=script("notices", "notices"),
    css=(Path(__file__).parent / "notices.css").read_text("utf-8"),
)


def notices(session: str, has_photo: bool, words: NoticeWords, *, key: str) -> None:
    """Show what is amiss, if anything.

    Args:
        session: tells this session from one that the same tab had before.
        has_photo: whether the session has a photo, which the tab remembers.
        words: what it says.
        key: its own key in the session state.
    """
    _component(key=key, data={"session": session, "has_photo": has_photo, "words": asdict(words)})
