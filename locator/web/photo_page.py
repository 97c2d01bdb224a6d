"""The Photo page: upload or take a photo of a back, see the marks beside the cards, put right what is not."""

from __future__ import annotations

import hashlib
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from locator import Locator
from locator.catalogue import drawings
from locator.core import resources
from locator.core.reasons import Drawing
from locator.core.types import Issue, Photo, Result
from locator.web import panel, session, shared, take_away
from locator.web.components import timer
from locator.web.session import Session

FIRST_SAMPLE = "standing"


def show_photo_page(live: StreamlitPage) -> None:
    """One run of the page; ``live`` is where a still has come from."""
    words = session.words().photo
    st.title(words.title, anchor=False)
    introduction = st.container()
    shared.show_promise()
    locator = shared.ready_locator()
    photo_bytes = chosen_photo(live) if locator else None
    if locator is None or photo_bytes is None:
        session.session().forget_photo()
        introduction.markdown(words.introduction.format(**_counted()))
        shared.show_cautions()
        return
    try:
        photo, result = read_photo(locator, photo_bytes)
        if isinstance(result.outcome, Issue):
            show_problem(result.outcome, by_hand=photo is not None and panel.is_marked(photo, result))
        if photo is None:
            shared.show_cautions()
        else:
            show_picture(locator, photo, result)
    except Exception:
        panel.say_failed()


def chosen_photo(live: StreamlitPage) -> bytes | None:
    """What the visitor chose, as bytes, if anything yet."""
    visitor, words = session.session(), session.words().photo
    if visitor.still is not None:
        return still(visitor, visitor.still, live)
    sources = {"upload": words.upload, "camera": words.camera, "sample": words.sample}
    source = st.segmented_control(
        words.source, list(sources), default="upload", required=True, format_func=sources.__getitem__,
        key="source", label_visibility="collapsed",
    )  # fmt: skip
    if source == "sample":
        files = {file.stem: file for file in resources.path("sample_images").glob("*.jpg")}
        names = sorted(files, key=lambda name: (name != FIRST_SAMPLE, name))
        name = st.pills(
            words.samples, names, default=names[0], required=True, format_func=lambda name: title_of(files[name]),
            key="sample", label_visibility="collapsed",
        )  # fmt: skip
        return files[name].read_bytes()
    if source == "camera":
        given = st.camera_input(words.camera_hint, resolution="1080p", width=560, key="camera")
    else:
        given = st.file_uploader(words.upload_hint, type=["image/*", "heic", "heif", "avif"], key="upload")
    if given is not None:
        return given.getvalue()
    left, right = st.columns([1, 2], gap="small", vertical_alignment="center")
    with left:
        shared.show_drawing(Drawing.GOOD_PHOTO)
    with right:
        st.markdown(words.good_photo)
    return None


def still(visitor: Session, frozen: bytes, live: StreamlitPage) -> bytes:
    """The picture that was frozen on the live page, and the ways on from it."""
    words = session.words().photo
    visitor.still_is_new = False
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link(live, label=words.back_to_live)
        if st.button(words.another, icon=":material/image:"):
            visitor.still = None
            st.rerun()
    return frozen


def title_of(file: Path) -> str:
    """A sample's title; where the language has none, its file name in English."""
    return session.words().samples.get(file.stem, file.stem.replace("_", " ").capitalize())


def read_photo(locator: Locator, photo_bytes: bytes) -> tuple[Photo | None, Result]:
    """The photo and its result; looked at once, then kept in this visitor's session until the next photo."""
    digest = hashlib.sha256(photo_bytes).hexdigest()
    visitor = session.session()
    if visitor.photo_sha256 != digest:
        visitor.forget_photo()
        panel.settle()
    reading = panel.read_once(locator, photo_bytes, digest, visitor.reading)
    visitor.photo_sha256 = digest
    return reading


def _counted() -> dict[str, str]:
    """How many points and marks there are, in words."""
    catalogue = session.catalogue()
    marks = sum(2 if point.paired else 1 for point in catalogue.acupoints)
    return {"points": catalogue.counted(len(catalogue.acupoints)), "marks": catalogue.counted(marks)}


def show_picture(locator: Locator, photo: Photo, result: Result) -> None:
    """The picture, to be put right by hand, beside the cards; or beside how to do it, as long as nothing is marked."""
    marked = panel.is_marked(photo, result)
    # Above the picture nothing comes or goes with the marks: it would move the picture under the visitor's finger.
    codes = shared.choose_codes(disabled=not marked)
    left, right = st.columns([6, 5], gap="medium")
    with left, st.container(key="picture"):
        panel.show_corrections(photo, result, codes)
        if marked:
            take_away.show_take_away(locator, photo, result, codes)
    with right:
        if not marked:
            show_handles()
        shared.show_cautions()
        if marked:
            with st.expander(session.words().photo.timer, icon=":material/timer:"):
                timer.show_timer(codes, session.language())
            shared.show_cards(codes)


def show_handles() -> None:
    """Where each handle goes."""
    words = session.words()
    with st.container(border=True):
        st.subheader(words.photo.by_hand, anchor=False)
        st.markdown(words.photo.by_hand_how)
        shared.show_drawing(Drawing.HANDLES)
        st.markdown("\n".join(f"- **{text.label}**: {text.hint}" for text in words.handles.values()))


def show_problem(problem: Issue, by_hand: bool) -> None:
    """What is wrong with this photo, and how to take a better one; it stays when the photo is marked by hand."""
    words = session.words()
    reason = words.reason(problem)
    with st.container(border=True):
        left, right = st.columns([2, 3], gap="small", vertical_alignment="center")
        with left:
            shared.show_drawing(drawings.of_reason(problem.code))
        with right:
            st.subheader(words.photo.marked_by_hand if by_hand else words.photo.not_marked, anchor=False)
            st.markdown(f"**{reason.message}**")
            st.markdown(reason.remedy)
