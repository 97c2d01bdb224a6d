"""Where photos come from: files, the camera, samples, and those that have been chosen before."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from locator.core import resources
from locator.formats import stem_for_files
from locator.photo import encoding, resizing, sources
from locator.web import session
from locator.web.components.dropzone import dropzone
from locator.web.photos import MOST, Chosen

SAMPLES = ("upright", "neck_to_hips", "on_a_bed")
"""What the page offers to try, the first first; more lie in the folder of samples."""

_THUMBNAIL_PX = 320
_MARKS = re.compile(r"[\\`*_\[\]$:<>~#!|&]")  # what Streamlit takes in a label for more than a letter
_NOT_IN_FILE_NAMES = re.compile(r"[^\w .()+-]")  # some system, or the header of a download, takes it for more
_ROOM = "upload"  # the container of Streamlit's own uploader, which the drop zone hands its files to


def show_uploader() -> None:
    """Streamlit's uploader, unseen: the drop zone speaks for it, in the visitor's language."""
    visitor = session.session()
    key = f"upload-{visitor.name}-{visitor.uploads}"  # none that a session before this one had

    def take() -> None:
        visitor.uploads += 1  # a fresh one, so that it never holds what the visitor has here
        for given in st.session_state[key] or ():
            if isinstance(given, UploadedFile):  # and not one that had to make room for others
                visitor.photos.add(given.name, given.getvalue())

    with st.container(key=_ROOM):
        st.file_uploader(session.words().photo.upload_hint, accept_multiple_files=True, key=key, on_change=take)


def show_drop_zone(small: bool = False) -> None:
    """The button that chooses photos; they can be dropped anywhere on the page."""
    visitor = session.session()
    dropzone(
        session.words().dropzone,
        room=_ROOM,
        most_bytes=sources.MAX_BYTES,
        small=small,
        session=visitor.name,
        turn=visitor.uploads,
        key="dropzone",
    )


def show_ways() -> None:
    """The ways to a photo of one's own: the drop zone, or in its place, once it is asked for, the browser's camera."""
    visitor, words = session.session(), session.words().photo
    if not visitor.camera:
        show_drop_zone()
        st.button(words.camera, icon=":material/photo_camera:", key="camera", on_click=_switch_camera, args=(True,))
        return
    given = st.camera_input(words.camera_hint, resolution="1080p", width=560)
    st.button(words.upload, on_click=_switch_camera, args=(False,))
    if given is not None:
        visitor.camera = False
        visitor.photos.add("", given.getvalue())
        st.rerun()


def _switch_camera(on: bool) -> None:
    session.session().camera = on


def show_samples() -> None:
    """Pictures to try, by what they show."""
    files = _samples()
    st.html(f"<style>{''.join(_background(name) for name in files)}</style>")
    with st.container(horizontal=True, key="samples"):
        for name, file in files.items():
            st.button(_title(name), key=f"sample-{name}", on_click=_take, args=(file,))


def _take(file: Path) -> None:
    session.session().photos.add(file.stem, file.read_bytes())


def name_of(photo: Chosen) -> str:
    """What a photo is called among others: a file's name, a sample's title, or where it comes from."""
    if photo.name in SAMPLES:
        return _title(photo.name)
    return photo.name or session.words().photo.from_camera


def file_name(what: str) -> str:
    """What a file that is made of the photo on the page is called: ``back-points.jpg`` of ``back.jpg``."""
    photo = session.session().photos.now
    stem = _NOT_IN_FILE_NAMES.sub("_", Path(photo.name).stem if photo else "").strip(" .")
    return f"{stem_for_files(stem)}-{what}"


def _title(sample: str) -> str:
    """A sample's title; where the language has none, its file name in English."""
    return session.words().samples.get(sample, sample.replace("_", " ").capitalize())


def _samples() -> dict[str, Path]:
    return {name: resources.path("sample_images") / f"{name}.jpg" for name in SAMPLES}


@st.cache_resource(show_spinner=False)
def _background(name: str) -> str:
    """The style that makes a sample's button show its picture."""
    small, _ = resizing.shrink(sources.read(_samples()[name]).rgb, _THUMBNAIL_PX)
    encoded = base64.b64encode(encoding.encode(small, "jpeg")).decode("ascii")
    return f".st-key-sample-{name} button {{ background-image: url(data:image/jpeg;base64,{encoded}); }}"


def show_shelf() -> None:
    """The photos that have been chosen, where there are several, and the way to forget the one on the page."""
    visitor, words = session.session(), session.words().photo
    if len(visitor.photos) > 1:
        names = {one.sha256: name_of(one) for one in visitor.photos}
        st.session_state["shelf"] = visitor.photos.sha256

        def show() -> None:
            visitor.photos.show(st.session_state["shelf"])

        st.pills(
            words.shelf,
            list(names),
            format_func=lambda sha256: _MARKS.sub(r"\\\g<0>", names[sha256]),
            key="shelf",
            on_change=show,
            required=True,
            wrap=True,
        )
    if visitor.photos.made_room:
        st.caption(words.made_room.format(most=MOST))


def show_removal() -> None:
    """The button that forgets the photo on the page."""
    visitor = session.session()
    sha256 = visitor.photos.sha256

    def remove() -> None:
        if sha256:
            visitor.photos.remove(sha256)
            for key in [key for key in visitor.corrections if key.startswith(sha256)]:  # of each back in it
                del visitor.corrections[key]
            visitor.people.pop(sha256, None)

    st.button(session.words().photo.remove, icon=":material/delete:", on_click=remove)
