"""The language that the page speaks: the browser's at first, then the one that the visitor chooses at the top.

It is kept in the visitor's session, and for a reload in the page's address.
"""

from __future__ import annotations

import streamlit as st

from locator.catalogue import acupoints
from locator.catalogue.languages import languages, nearest
from locator.web import session

_PARAMETER = "language"


def settle() -> None:
    """Find out, on a visitor's first run, what to speak; and let the address and the document say it."""
    visitor = session.session()
    browsers = nearest(st.context.locale)
    if visitor.language is None:
        asked = st.query_params.get(_PARAMETER)
        visitor.language = asked if asked in languages() else browsers
    if visitor.language != st.query_params.get(_PARAMETER, browsers):
        st.query_params[_PARAMETER] = visitor.language
    # Screen readers and browsers choose voice, letters and translation by it.
    speak = f"<script>document.documentElement.lang = {visitor.language!r}</script>"
    st.html(speak, unsafe_allow_javascript=True)


def show_switch() -> None:
    """The languages, each in its own name."""
    visitor = session.session()

    def choose() -> None:
        visitor.language = st.session_state["language"]

    st.segmented_control(
        session.words().page.language,
        languages(),
        default=visitor.language,
        format_func=lambda code: acupoints.catalogue(code).language,
        required=True,
        label_visibility="collapsed",
        key="language",
        on_change=choose,
    )
