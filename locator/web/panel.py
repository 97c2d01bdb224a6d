"""The picture on the page, to be put right by hand, and what can be taken away from it."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Collection
from dataclasses import replace
from functools import partial

import numpy as np
import streamlit as st

from locator import Locator
from locator.catalogue.entries import joined
from locator.core.anchors import AnchorsError, CunSource, FingersInPhoto, OwnHand
from locator.core.types import Issue, Location, Photo, Result
from locator.estimate import anchors_file, handles, hands, placing
from locator.estimate.hands import HandFinder
from locator.models import registry
from locator.photo import encoding, resizing
from locator.web import choosing, session, shared
from locator.web.components import editor
from locator.web.components.spoken import spoken
from locator.web.corrections import Corrections, view
from locator.web.session import Kept, Reading
from locator.web.uploads import HANDLES_MB

LOG = logging.getLogger("locator.page")

SHOWN_PX = 1400
"""Longer side of the pictures on the page; Streamlit shrinks wider ones itself, and roughly."""

_REMEMBERED = 100  # photos whose corrections are kept in a visitor's session
_AVERAGE_HAND_MM = 75.0  # four fingers at the middle joints, ANSUR II: 0.90 of a hand breadth of 83 mm

Change = Callable[[Corrections], Corrections]
Keep = Callable[[Change], None]


def key_of(result: Result) -> str:
    """What is kept of a photo is kept under this: the sha256, and of several backs the number."""
    return f"{result.image.sha256}{f'-{result.person}' if len(result.people) > 1 else ''}"


def corrections_of(photo: Photo, result: Result) -> Corrections:
    """What has been put right on this photo, in this visitor's session."""
    kept = session.session().corrections
    key = key_of(result)
    if key not in kept:
        while len(kept) >= _REMEMBERED:
            del kept[next(iter(kept))]
        kept[key] = Corrections.of(result)
    return kept[key]


def keep(photo: Photo, result: Result, change: Change) -> None:
    """Put changed corrections in the place of the old ones."""
    session.session().corrections[key_of(result)] = change(corrections_of(photo, result))


def put_right(result: Result, corrections: Corrections) -> Result:
    """The result with the marks as they have been put right; the model is named only where they are its own."""
    outcome = corrections.outcome
    own = isinstance(outcome, Location) and outcome.method != "anchors"
    model, networks = (result.model, result.networks) if own else (None, ())
    right = Result(result.image, outcome, model, networks, people=result.people, person=result.person)
    return right.of_mirrored_photo() if corrections.mirrored else right


def is_marked(photo: Photo, result: Result) -> bool:
    """Whether the photo has marks, by the program or by hand; a drag that is under way does not count."""
    return isinstance(corrections_of(photo, result).settled.outcome, Location)


def read_once(locator: Locator, content: bytes, digest: str, kept: Kept[Reading]) -> Reading:
    """A photo and its result, read once and then kept until the next one."""
    words = session.words().photo
    notice = st.empty()  # there with or without something in it, so that what is below stays itself

    def read() -> Reading:
        # Writing on the page is also where Streamlit lets go of a visitor who has left or chosen something else.
        def wait(before: int) -> None:
            text = words.waiting.format(before=before) if before else words.waiting_next
            notice.caption(f":material/hourglass_empty: {text}")

        with shared.shared_limits().photos.turn(wait):
            notice.empty()
            gc.collect()  # photos of visitors who have left hang in cycles of Streamlit's
            with st.spinner(words.looking):
                return locator.read(content)

    return kept.of(digest, read)


def settle() -> None:
    """Forget drags that were under way when another photo was opened."""
    kept = session.session().corrections
    for digest, corrections in kept.items():
        kept[digest] = corrections.settled


@st.fragment
def show_corrections(photo: Photo, result: Result, codes: Collection[str]) -> None:
    """The photo with its handles and the marks of ``codes``; it runs by itself while something is dragged."""
    try:
        _show_corrections(photo, result, codes)
    except Exception:
        say_failed()


def say_failed() -> None:
    """Inside an ``except``: a fault of ours; the visitor gets a sentence, the server's log the rest."""
    LOG.exception("a photo could not be answered")
    words = session.words().photo
    st.error(f"**{words.failed}**  \n{words.failed_remedy}")


def _show_corrections(photo: Photo, result: Result, codes: Collection[str]) -> None:
    visitor, words = session.session(), session.words()
    corrections = corrections_of(photo, result)
    marked = is_marked(photo, result)
    fingers = corrections.settled.anchors.fingers
    lengths = (fingers.length_mm, fingers.four_fingers_mm) if isinstance(fingers, OwnHand) else None
    chosen, person = visitor.selected_point, visitor.people.get(str(photo.info.sha256))
    shown = (marked, chosen, person, corrections.settled.anchors.cun_source, lengths)

    def happened(event: editor.Event) -> None:
        if event["seq"] > corrections_of(photo, result).answers:
            if event["kind"] == "select":
                visitor.selected_point = event["name"].partition("/")[0] or None
            elif event["kind"] == "person" and event["name"] in {other["name"] for other in _others(result)}:
                visitor.people[str(photo.info.sha256)] = int(event["name"])
        keep(photo, result, lambda before: before.after(event))

    style, others = shared.chosen_style(), _others(result)
    editor.editor(
        view(corrections, _editor_photo(photo, result), codes, style, visitor.selected_point, others),
        words.editor,
        key=f"editor-{key_of(result)}",
        on_event=happened,
    )
    before, visitor.shown_with = visitor.shown_with, shown
    if before not in (None, shown):
        st.rerun()  # what is beside the picture is another one
    with st.container(key="verdict"):  # there with or without something in it, so that what is below stays itself
        _verdict(corrections, codes)


def _verdict(corrections: Corrections, codes: Collection[str]) -> None:
    """How sure the marks are, or why there are none."""
    words, outcome = session.words(), corrections.outcome
    if isinstance(outcome, Location):
        st.caption(
            joined([words.corrections.ring.format(size=_ring_sizes(outcome, codes)), _effect(outcome, corrections)])
        )
        for issue in map(words.reason, outcome.issues):
            st.info(f"**{issue.message}** {issue.remedy}")
    elif not (corrections.by_hand or corrections.touched):
        say_refused(outcome)


def say_refused(problem: Issue) -> None:
    """Why nothing is marked, and what to do."""
    visitor, words = session.session(), session.words()
    reason = words.reason(problem)
    st.header(words.photo.not_marked, anchor=False)
    st.markdown(f"**{reason.message}** {reason.remedy}")
    with st.container(key="spoken"):
        spoken(joined([reason.message, reason.remedy]), visitor.photos.turn, key="the-spoken")


def is_by_hand(photo: Photo, result: Result) -> bool:
    """Whether the visitor marks, or has marked, a refused photo by hand."""
    corrections = corrections_of(photo, result)
    return corrections.by_hand or corrections.touched


def offer_by_hand(photo: Photo, result: Result) -> None:
    """The button that lets the visitor place the points of a refused photo."""
    st.button(
        session.words().photo.by_hand,
        key="by_hand",
        icon=":material/touch_app:",
        type="primary",
        on_click=lambda: keep(photo, result, lambda before: replace(before, by_hand=True)),
    )


def show_panels(photo: Photo, result: Result) -> None:
    """How the finger-widths are measured, and files of handles."""
    corrections, change = corrections_of(photo, result), partial(keep, photo, result)
    if not (is_by_hand(photo, result) or isinstance(corrections.outcome, Location)):
        return
    _mirrored(photo, corrections, change)
    _finger_widths(photo, corrections, change)
    _file(photo, key_of(result), change)


def _others(result: Result) -> list[editor.Other]:
    """The other backs in the photo, each at the middle of its spine."""
    label, others = session.words().photo.person, []
    for number, location in enumerate(result.people, start=1):
        if number != result.person:
            x, y = np.mean([(level.x_px, level.y_px) for level in location.levels], axis=0)
            others.append(
                editor.Other(name=str(number), label=label.format(number=number), x_px=float(x), y_px=float(y))
            )
    return others


def _editor_photo(photo: Photo, result: Result) -> editor.Photo:
    """The photo as the editor shows it, each back in a view of its own; encoded once."""
    digest = str(photo.info.sha256)
    shown = session.session().shown
    jpeg = shown.of(digest, lambda: encoding.encode(resizing.shrink(photo.rgb, SHOWN_PX)[0], "jpeg"))
    height, width = photo.rgb.shape[:2]
    return {"id": key_of(result), "width_px": width, "height_px": height, "jpeg": jpeg}


def _ring_sizes(location: Location, codes: Collection[str]) -> str:
    """How large the rings are, in the subject's finger-widths."""
    radii = [point.radius_px / location.cun_px for point in location.points if point.code in codes]
    low, high = (session.catalogue().finger_widths(radius) for radius in (min(radii), max(radii)))
    return low if low == high else session.words().corrections.sizes.format(low=low.split()[0], high=high)


def _mirrored(photo: Photo, corrections: Corrections, keep: Keep) -> None:
    """Whether the photo is a mirror image."""
    key = f"mirrored-{photo.info.sha256}"
    st.session_state[key] = corrections.mirrored  # a photo that comes back brings its choice back

    def choose() -> None:
        keep(lambda before: replace(before, mirrored=st.session_state[key]))

    words = session.words().corrections
    st.toggle(words.mirrored, key=key, on_change=choose)
    st.caption(words.mirrored_how)


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
            keep(lambda before: before.measured(_first_measure(st.session_state[key], before)))

    words = session.words().corrections
    with st.expander(words.fingers, icon=":material/straighten:"):
        st.segmented_control(
            words.measured_by, list(CunSource), key=key, format_func=words.measures.__getitem__,
            required=True, on_change=choose,
        )  # fmt: skip
        st.caption(words.how_to_measure[source])
        if isinstance(fingers, FingersInPhoto):
            _find_hand(photo, corrections, keep)
        if isinstance(fingers, OwnHand):
            _own_hand(photo, fingers, keep)


@st.cache_resource(show_spinner=False)
def _hand_finder() -> HandFinder:
    """One for all visitors; it holds no photo."""
    return HandFinder(partial(registry.bundle, registry.HAND))


def _find_hand(photo: Photo, corrections: Corrections, keep: Keep) -> None:
    """Put the two ends on a hand in the photo, on request."""
    words = session.words().corrections
    if not st.button(words.find_hand, icon=":material/back_hand:"):
        return
    landmarks = corrections.anchors.landmarks
    try:
        with st.spinner(words.finding_hand):
            hand = hands.on_back(_hand_finder().find(photo.rgb), landmarks)
    except registry.ModelUnavailable as problem:
        st.info(f"**{problem.message}** {problem.remedy}")
        return
    if hand is None:
        st.info(f"**{words.no_hand}** {words.no_hand_remedy}")
        return
    keep(lambda before: before.measured(FingersInPhoto(hand.ends_px)))
    st.rerun()


def _first_measure(source: CunSource, corrections: Corrections) -> FingersInPhoto | OwnHand | None:
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
    words = session.words().corrections
    left, right = st.columns(2)
    given = {}
    for column, name, label, low, high in (
        (left, "four_fingers_mm", words.four_fingers_mm, *anchors_file.FOUR_FINGERS_MM),
        (right, "length_mm", words.length_mm, *anchors_file.LENGTH_MM),
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


def _effect(location: Location, corrections: Corrections) -> str:
    """What another measure of the finger-widths changes, in a sentence."""
    if location.cun_source is CunSource.BODY:
        return ""
    of_body_px = placing.from_anchors(replace(corrections.anchors, fingers=None)).cun_px
    change = round(100 * (location.cun_px / of_body_px - 1))
    words = session.words().corrections
    sentence = words.effect_none if change == 0 else words.effect_more if change > 0 else words.effect_less
    return sentence.format(pixels=f"{3 * location.cun_px:.0f}", percent=abs(change))


def _file(photo: Photo, key: str, keep: Keep) -> None:
    """Saving the handles, and using saved ones."""
    words = session.words().corrections
    with st.expander(words.files, icon=":material/save:"):
        kept = session.session().corrections  # the session itself cannot be asked when a file is being made
        st.download_button(
            words.save,
            lambda: anchors_file.write(kept[key].anchors, photo.info),
            choosing.file_name("handles.json"), "application/json", on_click="ignore", icon=":material/save:",
        )  # fmt: skip
        field = f"handles-file-{key}"
        st.file_uploader(
            words.use, type=["json"], key=field, on_change=lambda: _use_file(field, keep), max_upload_size=HANDLES_MB
        )
        problem = session.session().handles_problem
        if problem:
            st.error(f"**{words.wrong_file}**  \n{problem}")


def _use_file(key: str, keep: Keep) -> None:
    given = st.session_state[key]
    visitor = session.session()
    visitor.handles_problem = None
    if given is None:
        return
    content = given.getvalue()

    def use(before: Corrections) -> Corrections:
        return before.loaded(anchors_file.read(content, before.image))

    try:
        keep(use)
    except AnchorsError as error:
        visitor.handles_problem = str(error)
