"""What a screen reader says when something has happened, also where the same is said twice. Nothing is seen of it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_component = st.components.v2.component(
    "spoken", js=(Path(__file__).parent / "spoken.js").read_text("utf-8"), isolate_styles=False
)


def spoken(text: str, turn: int, *, key: str) -> None:
    """Say a text, once for each turn.

    Args:
        text: what is to be said.
        turn: another number each time that it is to be said.
        key: the component's own key in the session state.
    """
    _component(key=key, data={"text": text, "turn": turn})
