"""What the pages have in common: their look, the locator, the choice of points and style, cards and cautions."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar, cast, get_args

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from locator import Locator
from locator.catalogue import acupoints, drawings
from locator.core.reasons import Drawing
from locator.draw.style import Labels, Style
from locator.models import registry
from locator.web import limits, session
from locator.web.components.tab import tab
from locator.web.keeping import Keeper
from locator.web.limits import Limits
from locator.web.session import Belongings

LOG = logging.getLogger("locator.page")
T = TypeVar("T")

_SIZES = {0.75: "small", 1.0: "medium", 1.4: "large"}


def style() -> str:
    """The look of the pages; the colours come from the settings of the theme."""
    css = Path(__file__).with_name("page.css").read_text("utf-8")
    for kind in ("light", "dark"):
        for name, option in (("PAGE", "backgroundColor"), ("TEXT", "textColor")):
            css = css.replace(f"{name}_{kind.upper()}", st.get_option(f"theme.{kind}.{option}"))
    return f"<style>{css}</style>"


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


@st.cache_resource(show_spinner=False)
def shared_keeper() -> Keeper[Belongings]:
    """What visitors find again when their tab is loaded again."""
    return Keeper()


def keep_for_reload() -> None:
    """Keep what is the visitor's for when their tab is loaded again; or give back what was kept before that."""
    visitor, keeper = session.session(), shared_keeper()

    def find(key: str) -> None:
        found = keeper.find(key)
        if found is not None:
            visitor.belongings, visitor.key = found, key

    with st.container(key="tab"):
        tab(visitor.key, key="the-tab", on_return=find)
    if len(visitor.photos):
        keeper.keep(visitor.key, visitor.belongings)


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


def _may_fetch() -> bool:
    """Whether the visitor has said that the model is to be fetched."""
    words, place = session.words().page, st.empty()
    with place.container():
        st.info(words.not_fetched.format(megabytes=registry.megabytes(registry.DEFAULT)))
        if not st.button(words.fetch, type="primary", icon=":material/download:"):
            return False
    place.empty()
    return True


def ready_locator() -> Locator | None:
    """The locator, its model fetched when a visitor says so; None, with the reason shown, as long as it cannot be had.

    Neither can it be had where the limits of the pages are not known.
    """
    words, visitor = session.words().page, session.session()
    message, remedy = words.cannot_start, words.run_doctor
    try:
        shared_limits()
        if not visitor.model_ready:
            if not registry.is_ready(registry.DEFAULT):
                if not _may_fetch():
                    return None
                fetch_model()
            visitor.model_ready = True
        return shared_locator()
    except registry.ModelUnavailable as problem:
        remedy = f"{problem.message} {problem.remedy}"
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


def choose_codes() -> frozenset[str]:
    """The codes of the points for what the visitor wants to do something about; all where nothing is chosen."""
    labels = {c.code: c.label for c in session.catalogue().complaints}
    chosen = st.pills(
        session.words().page.complaints,
        list(labels),
        selection_mode="multi",
        format_func=labels.__getitem__,
        wrap=True,
        key="complaints",
        persist_state="session",
    )
    return acupoints.codes_for(chosen)


def choose_one(where: DeltaGenerator, name: str, label: str, options: Mapping[T, str], first: T) -> T:
    """One of ``options``, which have their names; ``first`` to begin with.

    It is kept by what it is: Streamlit's list knows it by its name, which in another language is no name of it.
    """
    chosen = session.session().chosen
    st.session_state[name] = chosen.get(name, first)

    def choose() -> None:
        if st.session_state[name] in options:
            chosen[name] = st.session_state[name]

    where.selectbox(label, list(options), format_func=options.__getitem__, key=name, on_change=choose)
    return cast("T", chosen.get(name, first))


def chosen_style() -> Style:
    """How the marks are drawn, as it was chosen last: what is seen is what is taken away."""
    chosen = {name: kept for name, kept in session.session().chosen.items() if name in ("labels", "size")}
    return Style(**{"labels": get_args(Labels)[0], **chosen}, language=session.language())


def choose_style(left: DeltaGenerator, right: DeltaGenerator) -> Style:
    """How the marks are drawn, chosen in two columns; both pages draw them alike, in the visitor's language."""
    words, style = session.words().page, chosen_style()
    labels = {kind: words.label_kinds[kind] for kind in get_args(Labels)}
    choose_one(left, "labels", words.labels, labels, style.labels)
    choose_one(right, "size", words.size, {size: words.sizes[name] for size, name in _SIZES.items()}, style.size)
    return chosen_style()


def show_drawing(drawing: Drawing) -> None:
    """A line drawing in the colour of the text."""
    svg = drawings.svg(drawing, session.language())
    st.markdown(f'<div class="drawing">{" ".join(svg.split())}</div>', unsafe_allow_html=True)
