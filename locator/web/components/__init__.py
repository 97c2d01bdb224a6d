"""What the pages show beside Streamlit's own widgets. Every word comes from Python, in the visitor's language."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import cast

import streamlit as st

_HERE = Path(__file__).parent


def script(component: str, *names: str) -> str:
    """One module of a component's scripts, in this order, which may use the words of all components."""
    files = (_HERE / "words.js", *(_HERE / component / f"{name}.js" for name in names))
    return "\n".join(file.read_text("utf-8") for file in files)


def state(key: str) -> Mapping[str, object]:
    """What a component's front end has set in the session state."""
    return cast("Mapping[str, object]", st.session_state.get(key) or {})
