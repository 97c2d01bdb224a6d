"""The key under which the server keeps what is the visitor's, held by the browser's tab as long as it is open.

Nothing is seen of it. A tab that is loaded again hands back the key that it holds; the caller answers with the key to
hold from then on.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from locator.web.components import state

_LONGEST = 100  # characters of a key; what is longer was never one
_component = st.components.v2.component("tab", js=(Path(__file__).parent / "tab.js").read_text("utf-8"))


def tab(held: str, *, key: str, on_return: Callable[[str], None]) -> None:
    """Let the tab hold a key.

    Args:
        held: what it is to hold.
        key: the component's own key in the session state.
        on_return: called with the key that the tab held when it was loaded again, before the script runs again.
    """

    def came_back() -> None:
        before = state(key).get("before")
        if isinstance(before, str) and len(before) <= _LONGEST:
            on_return(before)

    _component(key=key, data={"held": held, "before": state(key).get("before")}, on_before_change=came_back)
