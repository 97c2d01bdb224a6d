"""The picture on the page, to be put right by hand, and what can be taken away from it."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Collection
from dataclasses import replace
from functools import partial
from typing import TypeVar

import streamlit as st

from locator import Locator
from locator.catalogue import acupoints
from locator.core.types import CunSource, FingersInPhoto, Location, OwnHand, Photo, Result
from locator.estimate import anchors_file, handles, hands, placing
from locator.estimate.anchors_file import AnchorsError
from locator.estimate.hands import HandFinder
from locator.models import registry
from locator.photo import images
from locator.web import shared
from locator.web.components import editor
from locator.web.corrections import Corrections, view

T = TypeVar("T")

LOG = logging.getLogger("locator.page")

SHOWN_PX = 1400
"""Longer side of the pictures on the page; Streamlit shrinks wider ones itself, and roughly."""

_REMEMBERED = 100  # photos whose corrections are kept in a visitor's session
_AVERAGE_HAND_MM = 75.0  # four fingers at the middle joints, ANSUR II: 0.90 of a hand breadth of 83 mm

_MEASURES = {
    CunSource.BODY: "From this body",
    CunSource.FINGERS: "Fingers in the photo",
    CunSource.OWN_HAND: "My own hand",
}
_HOW_TO_MEASURE = {
    CunSource.BODY: "Worked out from the proportions of this body; people differ by about 6 %.",
    CunSource.FINGERS: (
        "For a photo in which four fingers lie on the back, flat and side by side. Drag the two ends to the outer "
        "edges of the index finger and the little finger, across the middle joints."
    ),
    CunSource.OWN_HAND: (
        "Measure your four fingers side by side, across the middle joints. Then drag the two ends to something on the "
        "back whose length you know, such as a ruler."
    ),
}


Change = Callable[[Corrections], Corrections]
Keep = Callable[[Change], None]


def corrections_of(photo: Photo, result: Result) -> Corrections:
    """What has been put right on this photo, in this visitor's session."""
    kept = all_corrections()
    digest = str(photo.info.sha256)
    if digest not in kept:
        while len(kept) >= _REMEMBERED:
            del kept[next(iter(kept))]
        kept[digest] = Corrections.of(result)
    return kept[digest]


def all_corrections() -> dict[str, Corrections]:
    """What has been put right in this visitor's session, by the sha256 of the photo."""
    kept: dict[str, Corrections] = st.session_state.setdefault("corrections", {})
    return kept


def keep(photo: Photo, result: Result, change: Change) -> None:
    """Put changed corrections in the place of the old ones."""
    all_corrections()[str(photo.info.sha256)] = change(corrections_of(photo, result))


def put_right(result: Result, corrections: Corrections) -> Result:
    """The result with the marks as they have been put right; the model is named only where they are its own."""
    outcome = corrections.outcome
    own = isinstance(outcome, Location) and outcome.method != "anchors"
    return Result(result.image, outcome, *((result.model, result.networks) if own else ()))


def is_marked(photo: Photo, result: Result) -> bool:
    """Whether the photo has marks, by the program or by hand; a drag that is under way does not count."""
    return isinstance(corrections_of(photo, result).settled.outcome, Location)


def read_once(locator: Locator, content: bytes, digest: str, name: str) -> tuple[Photo | None, Result]:
    """A photo and its result, looked at once, then kept in this visitor's session under ``name`` until the next one."""

    said = st.empty()  # there with or without something in it, so that what is below stays itself

    def look() -> tuple[Photo | None, Result]:
        # Writing on the page is also where Streamlit lets go of a visitor who has left or chosen something else.
        def wait(before: int) -> None:
            yours = f"{before} more before yours" if before else "yours is next"
            said.caption(f":material/hourglass_empty: Others are being looked at; {yours}.")

        with shared.shared_limits().photos.turn(wait):
            said.empty()
            gc.collect()  # photos of visitors who have left hang in cycles of Streamlit's
            with st.spinner("Looking at the photo"):
                return locator.read(content)

    return _once(name, digest, look)


def _once(name: str, digest: str, make: Callable[[], T]) -> T:
    """What ``make`` gives, kept in this visitor's session under ``name`` until another ``digest`` is asked for."""
    if st.session_state.get(name, (None,))[0] != digest:
        st.session_state[name] = (digest, make())
    made: T = st.session_state[name][1]
    return made


def settle() -> None:
    """Forget drags that were under way when another photo was opened."""
    kept = all_corrections()
    for digest, corrections in kept.items():
        kept[digest] = corrections.settled


@st.fragment
def show(photo: Photo, result: Result, codes: Collection[str]) -> None:
    """The photo with its handles and the marks of ``codes``; it runs by itself while something is dragged."""
    try:
        _show(photo, result, codes)
    except Exception:
        say_failed()


def say_failed() -> None:
    """Inside an ``except``: a fault of ours; the visitor gets a sentence, the server's log the rest."""
    LOG.exception("a photo could not be answered")
    st.error("**The program failed on this photo; the fault is its own.**  \nTry another photo.")


def _show(photo: Photo, result: Result, codes: Collection[str]) -> None:
    corrections = corrections_of(photo, result)
    marked = is_marked(photo, result)
    editor.editor(
        view(corrections, _shown(photo), codes),
        key=f"editor-{photo.info.sha256}",
        on_event=lambda event: keep(photo, result, lambda before: before.after(event)),
    )
    outcome = corrections.outcome
    if st.session_state.get("marked", marked) != marked:
        st.session_state["marked"] = marked
        st.rerun()  # the cards come or go
    st.session_state["marked"] = marked
    with st.container():  # there with or without something in it, so that what is below stays itself
        if isinstance(outcome, Location):
            st.caption(f"The ring: nine chances in ten that the point lies inside. {_ring_sizes(outcome, codes)}")
            for issue in outcome.issues:
                st.info(f"**{issue.message}** {issue.remedy}")
    change = partial(keep, photo, result)
    _finger_widths(photo, corrections, change)
    _file(photo, corrections, change)


def _shown(photo: Photo) -> editor.Photo:
    """The photo as the editor shows it; encoded once."""
    digest = str(photo.info.sha256)
    jpeg = _once("shown", digest, lambda: images.encode(images.shrink(photo.rgb, SHOWN_PX)[0], "jpeg"))
    height, width = photo.rgb.shape[:2]
    return {"id": digest, "width_px": width, "height_px": height, "jpeg": jpeg}


def _ring_sizes(location: Location, codes: Collection[str]) -> str:
    """How large the rings are, in the subject's finger-widths."""
    radii = [point.radius_px / location.cun_px for point in location.points if point.code in codes]
    low, high = acupoints.finger_widths(min(radii)), acupoints.finger_widths(max(radii))
    size = low if low == high else f"{low.split()[0]} to {high}"
    return f"Here that is {size} around the mark; trust your finger more than the picture."


def _finger_widths(photo: Photo, corrections: Corrections, keep: Keep) -> None:
    """By what the finger-widths are measured, and what it changes."""
    fingers = corrections.anchors.fingers
    source = corrections.anchors.cun_source
    if fingers is None and corrections.settled.missing:
        return  # there is nothing yet that a finger-width could be laid on
    key = f"fingers-{photo.info.sha256}"
    st.session_state[key] = source  # undo may have changed it

    def choose() -> None:
        if st.session_state[key] is not source:  # a photo that comes back brings its choice back as if it were new
            keep(lambda before: before.measured(_measure(st.session_state[key], before)))

    with st.expander("How wide is a finger?", icon=":material/straighten:"):
        st.segmented_control(
            "The finger-widths are measured by", list(_MEASURES), key=key, format_func=_MEASURES.__getitem__,
            required=True, on_change=choose,
        )  # fmt: skip
        st.caption(_HOW_TO_MEASURE[source])
        if isinstance(fingers, FingersInPhoto):
            _find_hand(photo, corrections, keep)
        if isinstance(fingers, OwnHand):
            _own_hand(photo, fingers, keep)
        st.caption(_effect(corrections))


@st.cache_resource(show_spinner=False)
def _hand_finder() -> HandFinder:
    """One for all visitors; it holds no photo."""
    return HandFinder(registry.obtain(registry.HAND)[0])


def _find_hand(photo: Photo, corrections: Corrections, keep: Keep) -> None:
    """Put the two ends on a hand in the photo, on request."""
    if not st.button("Find the hand", icon=":material/back_hand:"):
        return
    landmarks = corrections.anchors.landmarks
    try:
        with st.spinner("Looking for a hand"):
            hand = hands.on_back(_hand_finder().find(photo.rgb), landmarks)
    except registry.ModelUnavailable as problem:
        st.info(f"**{problem.message}** {problem.remedy}")
        return
    if hand is None:
        st.info("**No hand with four fingers side by side was found on this back.** Drag the two ends to it.")
        return
    keep(lambda before: before.measured(FingersInPhoto(hand.ends_px)))
    st.rerun(scope="fragment")


def _measure(source: CunSource, corrections: Corrections) -> FingersInPhoto | OwnHand | None:
    """A measure to begin with: as wide as the fingers were taken to be, so that nothing jumps."""
    if source is CunSource.BODY:
        return None
    of_body = placing.from_anchors(handles.measure(corrections.anchors, None))
    ends = handles.ends_to_drag(of_body.landmarks, of_body.cun_px)
    if source is CunSource.FINGERS:
        return FingersInPhoto(ends)
    return OwnHand(ends, length_mm=_AVERAGE_HAND_MM, four_fingers_mm=_AVERAGE_HAND_MM)


def _own_hand(photo: Photo, fingers: OwnHand, keep: Keep) -> None:
    """The two lengths in millimetres."""
    left, right = st.columns(2)
    given = {}
    for column, name, label, low, high in (
        (left, "four_fingers_mm", "My four fingers (mm)", *anchors_file.FOUR_FINGERS_MM),
        (right, "length_mm", "The known length (mm)", *anchors_file.LENGTH_MM),
    ):
        key = f"{name}-{photo.info.sha256}"
        st.session_state[key] = getattr(fingers, name)  # undo may have changed it
        given[name] = key
        column.number_input(
            label, low, high, step=1.0, format="%g", key=key,
            on_change=lambda: keep(lambda before: _with_lengths(before, given)),
        )  # fmt: skip


def _with_lengths(corrections: Corrections, keys: dict[str, str]) -> Corrections:
    fingers = corrections.anchors.fingers
    if not isinstance(fingers, OwnHand):
        return corrections
    lengths = {name: float(st.session_state[key]) for name, key in keys.items()}
    if all(getattr(fingers, name) == value for name, value in lengths.items()):
        return corrections
    return corrections.measured(OwnHand(fingers.ends_px, **lengths))


def _effect(corrections: Corrections) -> str:
    """What the choice changes, in a sentence."""
    outcome = corrections.outcome
    if not isinstance(outcome, Location):
        return ""
    of_body_px = placing.from_anchors(replace(corrections.anchors, fingers=None)).cun_px
    change = round(100 * (outcome.cun_px / of_body_px - 1))
    four = f"Four fingers measure {3 * outcome.cun_px:.0f} pixels in this photo"
    if outcome.cun_source is CunSource.BODY:
        return f"{four}."
    compared = "as" if change == 0 else f"{abs(change)} % {'more' if change > 0 else 'less'} than"
    return f"{four}, {compared} the body's proportions say."


def _file(photo: Photo, corrections: Corrections, keep: Keep) -> None:
    """Saving the handles, and using saved ones."""
    with st.expander("Save the handles, or use saved ones", icon=":material/save:"):
        st.download_button(
            "Save the handles",
            anchors_file.write(corrections.anchors, photo.info),
            "back-handles.json", "application/json", on_click="ignore", icon=":material/save:",
        )  # fmt: skip
        key = f"handles-file-{photo.info.sha256}"
        st.file_uploader(
            "A file of handles for this photo", type=["json"], key=key, on_change=lambda: _use_file(key, keep)
        )
        problem = st.session_state.get("handles_problem")
        if problem:
            st.error(f"**This file of handles cannot be used.**  \n{problem}")


def _use_file(key: str, keep: Keep) -> None:
    given = st.session_state[key]
    st.session_state["handles_problem"] = None
    if given is None:
        return
    content = given.getvalue()

    def use(before: Corrections) -> Corrections:
        return before.loaded(anchors_file.read(content, before.image))

    try:
        keep(use)
    except AnchorsError as error:
        st.session_state["handles_problem"] = str(error)
