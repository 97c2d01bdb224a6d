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
from locator.estimate import handles
from locator.web import panel, shared, take_away
from locator.web.components import timer

UPLOAD, CAMERA, SAMPLE = "Upload a photo", "Use the camera", "Try a sample"
FIRST_SAMPLE = "Standing"

STILL, IS_NEW = "still", "still_is_new"
"""The keys in the session under which the live page leaves a frozen picture, as the bytes of a file, and says so."""

GOOD_PHOTO = """\
**A photo that works well**

- the bare back, from the neck to below the hips; the head may be in it or not
- the camera straight behind, level with the middle of the back
- arms hanging, even light, one person
"""


def show(live: StreamlitPage) -> None:
    """One run of the page; ``live`` is where a still has come from."""
    st.title("Find the points of a back massage", anchor=False)
    introduction = st.container()
    shared.show_promise()
    locator = shared.ready_locator()
    photo_bytes = chosen_photo(live) if locator else None
    if locator is None or photo_bytes is None:
        forget()
        introduction.markdown(
            "Give it a photo of a back, and it marks six pressure points of traditional partner massage: "
            "eleven marks, each with a ring that says how sure it is."
        )
        shared.show_cautions()
        return
    try:
        photo, result = read_once(locator, photo_bytes)
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
    if STILL in st.session_state:
        return still(live)
    source = st.segmented_control(
        "Where the photo comes from", [UPLOAD, CAMERA, SAMPLE], default=UPLOAD, required=True,
        label_visibility="collapsed",
    )  # fmt: skip
    if source == SAMPLE:
        files = {title_of(file): file for file in resources.path("sample_images").glob("*.jpg")}
        titles = sorted(files, key=lambda title: (title != FIRST_SAMPLE, title))
        title = st.pills("Samples", titles, default=titles[0], required=True, label_visibility="collapsed")
        return files[title].read_bytes()
    if source == CAMERA:
        given = st.camera_input("Let your partner hold the camera, straight behind you", resolution="1080p", width=560)
    else:
        given = st.file_uploader(
            "A photo of the whole back",
            type=["image/*", "heic", "heif", "avif"],
        )
    if given is not None:
        return given.getvalue()
    left, right = st.columns([1, 2], gap="small", vertical_alignment="center")
    with left:
        shared.show_drawing(drawings.svg(Drawing.GOOD_PHOTO))
    with right:
        st.markdown(GOOD_PHOTO)
    return None


def still(live: StreamlitPage) -> bytes | None:
    """The picture that was frozen on the live page, and the ways on from it."""
    st.session_state[IS_NEW] = False
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link(live, label="Back to live")
        if st.button("Choose another photo", icon=":material/image:"):
            del st.session_state[STILL]
            st.rerun()
    photo_bytes: bytes = st.session_state[STILL]
    return photo_bytes


def title_of(file: Path) -> str:
    """A sample's file name as a title."""
    return file.stem.replace("_", " ").capitalize()


def read_once(locator: Locator, photo_bytes: bytes) -> tuple[Photo | None, Result]:
    """The photo and its result; looked at once, then kept in this visitor's session until the next photo."""
    digest = hashlib.sha256(photo_bytes).hexdigest()
    if st.session_state.get("photo_sha256") != digest:
        forget()
        panel.settle()
    reading = panel.read_once(locator, photo_bytes, digest, "reading")
    st.session_state["photo_sha256"] = digest
    return reading


def forget() -> None:
    """Drop the last photo and all that was made of it; where its handles were is kept, for when it comes back."""
    for key in ("photo_sha256", "reading", "shown", "marked", "handles_problem", "compared"):
        st.session_state.pop(key, None)


def show_picture(locator: Locator, photo: Photo, result: Result) -> None:
    """The picture, to be put right by hand, beside the cards; or beside how to do it, as long as nothing is marked."""
    marked = panel.is_marked(photo, result)
    # Above the picture nothing comes or goes with the marks: it would move the picture under the visitor's finger.
    codes = shared.choose_codes(disabled=not marked)
    left, right = st.columns([6, 5], gap="medium")
    with left, st.container(key="picture"):
        panel.show(photo, result, codes)
        if marked:
            take_away.show(locator, photo, result, codes)
    with right:
        if not marked:
            show_handles()
        shared.show_cautions()
        if marked:
            with st.expander("Breathe and press, by the clock", icon=":material/timer:"):
                timer.show(codes)
            shared.show_cards(codes)


def show_handles() -> None:
    """Where each handle goes."""
    with st.container(border=True):
        st.subheader("Place the points by hand", anchor=False)
        st.markdown(
            "Where the photo does show a back, you can tell the program where things are. Drag each handle to its "
            "place, or tap it if it is there already; the points appear when all but T9 are set."
        )
        shared.show_drawing(drawings.svg(Drawing.HANDLES))
        st.markdown("\n".join(f"- **{text.label}**: {text.hint}" for text in handles.texts().values()))


def show_problem(problem: Issue, by_hand: bool) -> None:
    """What is wrong with this photo, and how to take a better one; it stays when the photo is marked by hand."""
    with st.container(border=True):
        left, right = st.columns([2, 3], gap="small", vertical_alignment="center")
        with left:
            shared.show_drawing(drawings.svg(drawings.of_reason(problem.code)))
        with right:
            st.subheader("Marked by hand" if by_hand else "No points were marked", anchor=False)
            st.markdown(f"**{problem.message}**")
            st.markdown(problem.remedy)
