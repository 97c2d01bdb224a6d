"""The least page that answers a browser: a component that sends a number and gets it back. A peer for ``dragging``."""

from __future__ import annotations

import streamlit as st

_echo = st.components.v2.component(
    "echo",
    html="<button>Send</button>",
    js="""
    export default function ({ data, parentElement, setTriggerValue }) {
      const button = parentElement.querySelector("button");
      if (button.sent === data) button.dataset.latencyMs = (performance.now() - button.at).toFixed(1);
      button.onclick = () => {
        button.sent = (data ?? 0) + 1;
        button.at = performance.now();
        setTriggerValue("event", button.sent);
      };
    }
    """,
)


@st.fragment
def _answer() -> None:
    state = st.session_state.get("echo") or {}
    if state.get("event"):
        st.session_state["answered"] = state["event"]
    _echo(key="echo", data=st.session_state.get("answered", 0), on_event_change=lambda: None)


_answer()
