"""What a visitor takes away from the page: the marked picture, the sheet, data, and two days side by side."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable, Collection

import streamlit as st

from locator import Locator
from locator.core.box import Box
from locator.core.types import Location, Photo, Result, RGBArray
from locator.draw import raster
from locator.draw.compare import side_by_side
from locator.draw.scene import Style
from locator.formats import FORMATS
from locator.formats.export import export
from locator.photo import blur, images
from locator.web import panel, shared
from locator.web.corrections import Corrections

_PAPERS = {"a4": "A4", "letter": "Letter"}
# The formats with buttons of their own; the others are in a list.
_MAIN = {
    "jpeg": ("Download the marked picture", ":material/download:"),
    "sheet": ("Download the sheet to print", ":material/print:"),
    "json": ("Download the data", ":material/data_object:"),
}
_OTHERS = [name for name in FORMATS if name not in _MAIN]
_COMPARED = Style(labels="codes")


@st.fragment
def show(locator: Locator, photo: Photo, result: Result, codes: Collection[str]) -> None:
    """Downloads, each made when it is asked for from the marks as they are then."""
    try:
        hide_head = _show(photo, result, codes)
        _compare(locator, photo, result, hide_head)
    except Exception:
        panel.say_failed()


def _show(photo: Photo, result: Result, codes: Collection[str]) -> bool:
    """Everything that is made of this one photo; whether the head is to be hidden."""
    downloads = st.container(horizontal=True)
    with st.expander("Style, other formats, and what to hide", icon=":material/tune:"):
        left, right = st.columns(2)
        style = shared.choose_style(left, right)
        paper = right.selectbox("Paper of the sheet", list(_PAPERS), format_func=_PAPERS.__getitem__)
        hide_head = _what_to_hide(photo, result)
        kept = panel.all_corrections()  # the session itself cannot be asked when a file is being made

        def made(name: str) -> bytes:
            """A file of the marks as they are at the time of asking."""
            now = kept[str(photo.info.sha256)]
            shown = _shown(photo, now, hide_head)
            return export(name, shown, panel.put_right(result, now), style, codes, paper, datetime.date.today())

        if st.button("Look at the marked picture", icon=":material/visibility:"):
            now = panel.corrections_of(photo, result)
            if isinstance(now.outcome, Location):
                _look(raster.draw(_shown(photo, now, hide_head), now.outcome, codes, style))
        other = st.selectbox("Other formats", _OTHERS, format_func=lambda name: FORMATS[name].label)
        _download(f"Download as {FORMATS[other].label.split(',')[0]}", ":material/download:", other, made)
    with downloads:
        for name, (label, icon) in _MAIN.items():
            _download(label, icon, name, made)
    return hide_head


def _download(label: str, icon: str, name: str, make: Callable[[str], bytes]) -> None:
    made_as = FORMATS[name]
    file_name = f"back-points{made_as.stem}{made_as.suffix}"
    st.download_button(label, lambda: make(name), file_name, made_as.media_type, on_click="ignore", icon=icon)


@st.dialog("The marked picture", width="medium")
def _look(marked: RGBArray) -> None:
    _show_picture(marked, "The photo with its marks, in the chosen style")


def _show_picture(rgb: RGBArray, alt: str) -> None:
    small, _ = images.shrink(rgb, panel.SHOWN_PX)
    st.image(images.encode(small, "jpeg"), alt=alt)


def _what_to_hide(photo: Photo, result: Result) -> bool:
    """Whether the head is hidden; other parts are dragged out on the picture."""
    hide_head = st.checkbox("Hide the head")
    hidden = panel.corrections_of(photo, result).hidden
    with st.container(horizontal=True):
        if st.button("Hide a part, such as a tattoo", icon=":material/hide_image:"):
            panel.keep(photo, result, lambda before: before.hiding_one_more())
            st.rerun()
        if hidden and st.button("Hide no parts"):
            panel.keep(photo, result, lambda before: before.hiding_nothing())
            st.rerun()
    if hidden:
        st.caption(
            "Drag the corners of the dashed box on the picture. What is in it cannot be recognised in the files."
        )
    return hide_head


def _shown(photo: Photo, corrections: Corrections, hide_head: bool) -> RGBArray:
    """The photo as it may be seen."""
    location = corrections.outcome
    regions = [_box(corner, other) for corner, other in corrections.hidden]
    if hide_head and isinstance(location, Location):
        regions.append(blur.head(location))
    return blur.blurred(photo.rgb, regions)


def _box(corner: tuple[float, float], other: tuple[float, float]) -> Box:
    """The upright box between two corners, a pixel wide and high at least."""
    left, top = min(corner[0], other[0]), min(corner[1], other[1])
    return Box(left, top, max(1.0, abs(corner[0] - other[0])), max(1.0, abs(corner[1] - other[1])))


def _compare(locator: Locator, photo: Photo, result: Result, hide_head: bool) -> None:
    """The same person on another day."""
    with st.expander("Compare with another day", icon=":material/compare:"):
        given = st.file_uploader("A photo of the same person", type=["image/*", "heic", "heif", "avif"])
        here = panel.corrections_of(photo, result).outcome
        if given is None or not isinstance(here, Location):
            return
        content = given.getvalue()
        other, there = panel.read_once(locator, content, hashlib.sha256(content).hexdigest(), "compared")
        if other is None or not isinstance(there.outcome, Location):
            problem = there.outcome
            assert not isinstance(problem, Location)
            st.info(f"**{problem.message}** {problem.remedy}")
            return
        this_day = _shown(photo, panel.corrections_of(photo, result), hide_head)
        other_day = blur.blurred(other.rgb, [blur.head(there.outcome)] if hide_head else [])
        both = side_by_side((this_day, here), (other_day, there.outcome), _COMPARED)
        _show_picture(both, "Both backs, marked, side by side")
        st.download_button(
            "Download both", images.encode(both, "jpeg"), "back-points-compared.jpg", "image/jpeg",
            on_click="ignore", icon=":material/download:",
        )  # fmt: skip
