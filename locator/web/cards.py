"""The points on both pages: the choice of one, its card, and what holds for all of them."""

from __future__ import annotations

from collections.abc import Collection
from html import escape

import streamlit as st

from locator.catalogue.entries import Acupoint, joined
from locator.draw.content import number
from locator.web import session, shared
from locator.web.components import timer

_KEY = "point"


def show_points(codes: Collection[str]) -> None:
    """The choice of a point among ``codes``, the card of the one that is selected, and the timer."""
    selected = choose_point(codes)
    words = session.words()
    with st.container(key="card"):  # on a phone it comes first, right below the picture that was tapped
        if selected is None:
            st.caption(words.card.tap)
        else:
            st.html(card(session.catalogue().acupoint(selected)))
    with st.expander(words.photo.timer, icon=":material/timer:"):
        timer.show_timer(codes, session.language(), selected)


def choose_point(codes: Collection[str]) -> str | None:
    """The point that is selected, among ``codes``; picture and card show it, and both pages do."""
    visitor, points = session.session(), session.catalogue().acupoints
    names = {point.code: point.title for point in points if point.code in codes}
    if shared.chosen_style().labels == "numbers":  # what the picture's numbers mean
        names = {code: f"{number(code)}. {title}" for code, title in names.items()}
    if visitor.selected_point not in names:
        visitor.selected_point = None
    st.session_state[_KEY] = visitor.selected_point  # a tap on the picture may have changed it

    def choose() -> None:
        visitor.selected_point = st.session_state[_KEY]

    st.pills(
        session.words().card.choose, list(names), format_func=names.__getitem__, key=_KEY, on_change=choose, wrap=True
    )
    if len(names) < len(points):
        st.caption(session.words().page.some_points.format(shown=len(names), total=len(points)))
    return visitor.selected_point


def card(point: Acupoint) -> str:
    """One point's card as HTML; what is true of all points is said beside it, once."""
    words, catalogue = session.words().card, session.catalogue()
    labels = {c.code: c.label for c in catalogue.complaints}
    rows = {
        words.where: point.where,
        words.tradition: point.tradition,
        words.find: joined([catalogue.find_first, point.count, point.hint, catalogue.find_last]),
        words.press: point.press,
        words.avoid: point.caution,
    }
    red, green, blue = point.colour
    dot = f'<span class="dot" style="background: rgb({red}, {green}, {blue})"></span>'
    uses = "".join(f'<span class="for">{escape(labels[code])}</span>' for code in point.complaints)
    others = f" ({escape(', '.join(point.aliases))})" if point.aliases else ""
    named = [point.tones, *([point.name] if point.name != point.hanzi else [])]
    names = f'<span lang="zh-Hans">{escape(point.hanzi)}</span> · {escape(" · ".join(named))}{others}'
    texts = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(text)}</dd></div>" for name, text in rows.items())
    return (
        f'<article class="card" id="{escape(point.code)}">{uses}<h2>{dot}{escape(point.title)}</h2>'
        f'<p class="names">{names}</p><dl>{texts}</dl>'
        f'<p class="always">{escape(catalogue.cautions.every_point)}</p></article>'
    )


def show_cautions() -> None:
    """When not to press, and when to see a doctor."""
    words, catalogue = session.words().card, session.catalogue()
    cautions = catalogue.cautions
    with st.expander(words.before, icon=":material/health_and_safety:"):
        left = {words.not_now: cautions.not_now, words.ask_first: cautions.ask_first}
        right = {words.stop_at: cautions.stop_at, words.at_once: cautions.at_once, words.soon: cautions.soon}
        for column, lists in zip(st.columns(2, gap="small"), (left, right), strict=True):
            for title, entries in lists.items():
                listed = "\n".join(f"- {entry[:1].upper()}{entry[1:]}" for entry in entries)
                column.markdown(f"**{title}**\n\n{listed}")
        st.markdown(joined([catalogue.about.levels, catalogue.about.cun]))
        st.markdown(joined([cautions.uses, cautions.evidence, cautions.studies]))
        st.caption(" · ".join((*catalogue.sources, *catalogue.study_sources)))
