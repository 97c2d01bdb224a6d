"""What a visitor takes away from the page: the marked picture, the sheet, data, and two days side by side."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import Literal

import streamlit as st

from locator import Locator
from locator.core.arrays import RGBArray
from locator.core.box import Box
from locator.core.types import Location, Photo, Result
from locator.draw.compare import side_by_side
from locator.draw.style import Style
from locator.formats import FORMATS
from locator.formats.export import export
from locator.photo import blur, encoding, resizing, sources
from locator.web import choosing, panel, session, shared
from locator.web.corrections import Corrections

# The formats with buttons of their own; the others are in a list.
_ICONS = {"jpeg": ":material/download:", "sheet": ":material/print:", "json": ":material/data_object:"}
_OTHERS = [name for name in FORMATS if name not in _ICONS]
_COMPARED = Style(labels="codes")


Make = Callable[[str], bytes]
"""Makes a file of a format, by its name, of the marks as they are at the time of asking."""


def show_take_away(locator: Locator, photo: Photo, result: Result, codes: Collection[str]) -> Make:
    """Downloads, each made when it is asked for from the marks as they are then; what makes them is returned."""
    words = session.words()
    downloads = st.container(horizontal=True, key="downloads")
    with st.expander(words.take_away.style, icon=":material/tune:"):
        left, right = st.columns(2)
        style = shared.choose_style(left, right)
        papers = words.take_away.papers
        paper = shared.choose_one(right, "paper", words.take_away.paper, papers, next(iter(papers)))
        hide_head = _what_to_hide(photo, result)
        made = _maker(photo, result, codes, style, paper, hide_head)
        if st.button(words.take_away.view, icon=":material/visibility:"):
            _show_marked(made("jpeg"))
        labels = {name: words.formats.get(name, FORMATS[name].label) for name in _OTHERS}
        other = shared.choose_one(st.container(), "other", words.take_away.others, labels, _OTHERS[0])
        short = re.split("[,，]", labels[other])[0]
        _download(words.take_away.other.format(format=short), ":material/download:", other, made)
    with downloads:
        for name, label in {"sheet": words.take_away.sheet, "json": words.take_away.data}.items():
            _download(label, _ICONS[name], name, made)
    _compare(locator, photo, result, hide_head)
    return made


def download_picture(made: Make) -> None:
    """The button that most visitors are here for."""
    _download(session.words().take_away.picture, _ICONS["jpeg"], "jpeg", made, "primary")


def _maker(photo: Photo, result: Result, codes: Collection[str], style: Style, paper: str, hide_head: bool) -> Make:
    # The session itself cannot be asked when a file is being made.
    kept, today = session.session().corrections, session.today()

    def made(name: str) -> bytes:
        now = kept[panel.key_of(result)]
        visible = _visible(photo, result, now, hide_head)
        return export(name, visible, panel.put_right(result, now), style, codes, paper, today())

    return made


def _download(
    label: str, icon: str, name: str, make: Make, kind: Literal["primary", "secondary"] = "secondary"
) -> None:
    made_as = FORMATS[name]
    file_name = choosing.file_name(f"points{made_as.stem}{made_as.suffix}")
    st.download_button(
        label, lambda: make(name), file_name, made_as.media_type, on_click="ignore", icon=icon, type=kind
    )


def _show_marked(jpeg: bytes) -> None:
    """The marked picture, as the file has it, over the page."""
    words = session.words().take_away
    st.dialog(words.view_title, width="medium")(_show_image)(sources.read(jpeg).rgb, words.view_alt)


def _show_image(rgb: RGBArray, alt: str) -> None:
    small, _ = resizing.shrink(rgb, panel.SHOWN_PX)
    st.image(encoding.encode(small, "jpeg"), alt=alt)


def _what_to_hide(photo: Photo, result: Result) -> bool:
    """Whether the head is hidden; other parts are dragged out on the picture."""
    words = session.words().take_away
    hide_head = st.checkbox(words.hide_head, key="hide_head")
    hidden = panel.corrections_of(photo, result).hidden
    with st.container(horizontal=True):
        if st.button(words.hide_part, icon=":material/hide_image:"):
            panel.keep(photo, result, lambda before: before.hiding_one_more())
            st.rerun()
        if hidden and st.button(words.hide_none):
            panel.keep(photo, result, lambda before: before.hiding_nothing())
            st.rerun()
    if hidden:
        st.caption(words.hidden)
    return hide_head


def _visible(photo: Photo, result: Result, corrections: Corrections, hide_head: bool) -> RGBArray:
    """The photo as it may be seen."""
    regions = [_box(corner, other) for corner, other in corrections.hidden]
    if hide_head:
        regions += blur.heads(panel.put_right(result, corrections))
    return blur.blurred(photo.rgb, regions)


def _box(corner: tuple[float, float], other: tuple[float, float]) -> Box:
    """The upright box between two corners, a pixel wide and high at least."""
    left, top = min(corner[0], other[0]), min(corner[1], other[1])
    return Box(left, top, max(1.0, abs(corner[0] - other[0])), max(1.0, abs(corner[1] - other[1])))


def _compare(locator: Locator, photo: Photo, result: Result, hide_head: bool) -> None:
    """The same person on another day: a photo that the visitor has chosen beside this one."""
    words, visitor = session.words(), session.session()
    with st.expander(words.take_away.compare, icon=":material/compare:"):
        others = {one.sha256: one for one in visitor.photos if one.sha256 != visitor.photos.sha256}
        if not others:
            st.caption(words.take_away.compare_how)
            return
        chosen = st.pills(
            words.take_away.compare_photo,
            list(others),
            format_func=lambda sha256: choosing.name_of(others[sha256]),
            wrap=True,
            key="compare",
        )
        here = panel.corrections_of(photo, result).outcome
        if chosen is None or not isinstance(here, Location):
            return
        other, there = panel.read_once(locator, others[chosen].content, chosen, visitor.compared)
        if other is None or not isinstance(there.outcome, Location):
            assert not isinstance(there.outcome, Location)
            problem = words.reason(there.outcome)
            st.info(f"**{problem.message}** {problem.remedy}")
            return
        this_day = _visible(photo, result, panel.corrections_of(photo, result), hide_head)
        other_day = blur.blurred(other.rgb, blur.heads(there) if hide_head else [])
        both = side_by_side((this_day, here), (other_day, there.outcome), _COMPARED)
        _show_image(both, words.take_away.compare_alt)
        st.download_button(
            words.take_away.compare_download, encoding.encode(both, "jpeg"),
            choosing.file_name("points-compared.jpg"), "image/jpeg", on_click="ignore", icon=":material/download:",
        )  # fmt: skip
