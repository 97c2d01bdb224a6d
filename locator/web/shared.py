"""What the pages have in common: their look, the locator, the choice of points and style, cards and cautions."""

from __future__ import annotations

import logging
import os
from collections.abc import Collection
from html import escape
from typing import get_args

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from locator import Locator
from locator.catalogue import acupoints, drawings
from locator.catalogue.entries import Acupoint
from locator.core.reasons import Drawing
from locator.draw.style import Labels, Style
from locator.models import registry
from locator.web import limits, session
from locator.web.limits import Limits

LOG = logging.getLogger("locator.page")

_SIZES = {0.75: "small", 1.0: "medium", 1.4: "large"}

STYLE = """
<style>
.block-container { max-width: 76rem; padding-top: 2.5rem; }
.block-container h1 { font-size: clamp(1.7rem, 4vw, 2.2rem); padding: .3rem 0; }
@media (min-width: 640px) {
  [data-testid="stColumn"]:has(.st-key-picture) { position: sticky; top: 3.5rem; align-self: flex-start; }
}
[data-testid="stCaptionContainer"] { color: inherit; opacity: .78; }
.drawing { max-width: 16rem; margin: 0 auto; }
.drawing svg { display: block; width: 100%; height: auto; }
.card { border: 1px solid rgba(128, 128, 128, .3); border-radius: .6rem; padding: 1rem 1.2rem; }
.card h3 { font-size: 1.15rem; padding: 0; margin: 0; }
.card .names { margin: .15rem 0 .7rem; opacity: .8; }
.card .dot { display: inline-block; width: .8rem; height: .8rem; margin-right: .5rem; border-radius: 50%;
  border: 2px solid #fff; outline: 1px solid rgba(24, 24, 28, .8); }
.card .for { float: right; font-size: .8rem; padding: .1rem .6rem; margin-left: .6rem; border-radius: 1rem;
  background: rgba(128, 128, 128, .16); }
.card dl { margin: 0; padding: 0; line-height: 1.5; font-size: .95rem; }
.card dl > div { margin-top: .45rem; }
.card dt, .card dd { display: inline; margin: 0; }
.card dt { font-weight: 600; opacity: .75; }
.card dt::after { content: ": "; }
@media (min-width: 900px) {
  .card dl > div { display: grid; grid-template-columns: 6rem 1fr; gap: .8rem; }
  .card dt { font-size: .82rem; line-height: 1.75; }
  .card dt::after { content: none; }
}
</style>
"""


@st.cache_resource(show_spinner=False)
def shared_locator() -> Locator:
    """One locator for all visitors; it holds no photo."""
    return Locator(model=registry.DEFAULT)


@st.cache_resource(show_spinner=False)
def shared_limits() -> Limits:
    """How many visitors are served at a time.

    Raises:
        limits.SettingError: if that is set to something else than a number.
    """
    return limits.read(os.environ)


def fetch_model() -> None:
    """Set up the model, with a bar that says how far it is."""
    words = session.words().page
    bar = st.progress(0.0, words.fetching)

    def show_step(share: float, step: str) -> None:
        bar.progress(share, words.fetching_step.format(step=step))

    try:
        registry.setup(registry.DEFAULT, show_step)
    finally:
        bar.empty()


def ready_locator() -> Locator | None:
    """The locator, its model fetched on the first visit; None, with the reason shown, if it cannot be had.

    Neither can it be had where the limits of the pages are not known.
    """
    words, visitor = session.words().page, session.session()
    message, remedy = words.cannot_start, words.run_doctor
    try:
        shared_limits()
        if not visitor.model_ready:
            if not registry.is_ready(registry.DEFAULT):
                fetch_model()
            visitor.model_ready = True
        return shared_locator()
    except registry.ModelUnavailable as problem:
        message, remedy = problem.message, problem.remedy
    except limits.SettingError as problem:
        message, remedy = words.wrong_setting, str(problem)
    except (ImportError, OSError):  # a system library is missing
        LOG.exception("the pose model cannot be started")
    st.error(f"**{message}**  \n{remedy}")
    st.button(words.try_again)
    return None


def show_promise() -> None:
    """Where pictures stay, and what this is not."""
    st.caption(f":material/lock: {session.words().page.promise}")


def choose_codes(disabled: bool = False) -> frozenset[str]:
    """The codes of the points for what the visitor wants to do something about; all where nothing is chosen."""
    labels = {c.code: c.label for c in session.catalogue().complaints}
    chosen = st.pills(
        session.words().page.complaints,
        list(labels),
        selection_mode="multi",
        format_func=labels.__getitem__,
        disabled=disabled,
        wrap=True,
        key="complaints",
        persist_state="session",
    )
    return acupoints.codes_for(chosen)


def choose_style(left: DeltaGenerator, right: DeltaGenerator) -> Style:
    """How the marks are drawn, chosen in two columns; both pages draw them alike, in the visitor's language."""
    words = session.words().page
    labels = left.selectbox(
        words.labels,
        get_args(Labels),
        format_func=words.label_kinds.__getitem__,
        key="labels",
        persist_state="session",
    )
    size = right.selectbox(
        words.size,
        list(_SIZES),
        index=1,
        format_func=lambda size: words.sizes[_SIZES[size]],
        key="size",
        persist_state="session",
    )
    return Style(labels=labels, language=session.language(), size=size)


def show_cards(codes: Collection[str]) -> None:
    """The cards of the chosen points."""
    every = session.catalogue().acupoints
    points = [point for point in every if point.code in codes]
    for point in points:
        st.html(card(point))
    if len(points) < len(every):
        st.caption(session.words().page.some_points.format(shown=len(points), total=len(every)))


def card(point: Acupoint) -> str:
    """One point's card as HTML."""
    words = session.words().card
    labels = {c.code: c.label for c in session.catalogue().complaints}
    rows = {
        words.where: point.where,
        words.tradition: point.tradition,
        words.find: point.find,
        words.press: point.press,
        words.avoid: point.avoid,
    }
    red, green, blue = point.colour
    dot = f'<span class="dot" style="background: rgb({red}, {green}, {blue})"></span>'
    uses = "".join(f'<span class="for">{escape(labels[code])}</span>' for code in point.complaints)
    names = f'{escape(point.pinyin)} · <span lang="zh-Hans">{escape(point.hanzi)}</span> · {escape(point.code)}'
    others = f" ({escape(', '.join(point.aliases))})" if point.aliases else ""
    texts = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(text)}</dd></div>" for name, text in rows.items())
    return (
        f'<article class="card" id="{escape(point.code)}">{uses}<h3>{dot}{escape(point.name)}</h3>'
        f'<p class="names">{names}{others}</p><dl>{texts}</dl></article>'
    )


def show_drawing(drawing: Drawing) -> None:
    """A line drawing in the colour of the text."""
    svg = drawings.svg(drawing, session.language())
    st.markdown(f'<div class="drawing">{" ".join(svg.split())}</div>', unsafe_allow_html=True)


def show_cautions() -> None:
    """When not to press, and when to see a doctor."""
    words, cautions = session.words().card, session.catalogue().cautions
    with st.expander(words.before, icon=":material/health_and_safety:"):
        left = {words.not_now: cautions.not_now, words.ask_first: cautions.ask_first}
        right = {words.stop_at: cautions.stop_at, words.at_once: cautions.at_once, words.soon: cautions.soon}
        for column, lists in zip(st.columns(2, gap="small"), (left, right), strict=True):
            for title, entries in lists.items():
                listed = "\n".join(f"- {entry[:1].upper()}{entry[1:]}" for entry in entries)
                column.markdown(f"**{title}**\n\n{listed}")
        st.markdown(f"{cautions.uses} {cautions.evidence}")
