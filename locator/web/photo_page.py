"""The Photo page: a photo of a back with its marks, and beside it, or below it on a phone, all that belongs to it."""

from __future__ import annotations

import streamlit as st

from locator import Locator
from locator.catalogue import acupoints, drawings
from locator.core.reasons import Drawing
from locator.core.types import Issue, Photo, Result
from locator.web import cards, choosing, panel, session, shared, take_away
from locator.web.photos import Chosen


def show_photo_page() -> None:
    """One run of the page."""
    visitor = session.session()
    visitor.still_is_new = False
    locator = shared.ready_locator()
    chosen = visitor.photos.now
    if locator is not None:
        choosing.show_uploader()
    if locator is None or chosen is None:
        visitor.forget_readings()
        _show_start(is_ready=locator is not None)
        return
    with st.container(key="heading"):  # the picture says it to those who see
        st.title(session.words().photo.title, anchor=False)
    try:
        photo, result = read_photo(locator, chosen)
        if photo is None:
            visitor.photos.find_worthless(chosen.sha256)
            _show_unreadable(result)
        else:
            _show_photo(locator, photo, result)
    except Exception:
        panel.say_failed()


def _show_start(is_ready: bool) -> None:
    """What the page does, and the ways to give it a photo."""
    words = session.words().photo
    st.title(words.title, anchor=False)
    st.markdown(words.introduction.format(**_counted()))
    if is_ready:
        left, right = st.columns([6, 5], gap="medium")
        with left:
            choosing.show_ways()
            st.markdown(words.samples)
            choosing.show_samples()
        with right:
            _show_good_photo()
    shared.show_promise()
    cards.show_cautions()


def _show_good_photo() -> None:
    left, right = st.columns([1, 2], gap="small", vertical_alignment="center")
    with left:
        shared.show_drawing(Drawing.GOOD_PHOTO)
    with right:
        st.markdown(session.words().photo.good_photo)


def _choose_person(result: Result) -> Result:
    """The result for the back that the visitor wants of several; the largest to begin with."""
    if len(result.people) < 2:
        return result
    words, people, digest = session.words().photo, session.session().people, str(result.image.sha256)
    key = f"person-{digest}"
    st.session_state[key] = people.get(digest, result.person)  # a tap on the picture may have changed it

    def choose() -> None:
        people[digest] = st.session_state[key]

    chosen = st.segmented_control(
        words.people.format(number=len(result.people)), range(1, len(result.people) + 1),
        required=True, format_func=lambda number: words.person.format(number=number), key=key, on_change=choose,
    )  # fmt: skip
    if chosen == result.person:
        return result  # with what was said of it
    return next((one for one in result.each() if one.person == chosen), result)


def _counted() -> dict[str, str]:
    """How many points and marks there are, in words."""
    catalogue = session.catalogue()
    marks = sum(2 if point.paired else 1 for point in catalogue.acupoints)
    return {"points": catalogue.counted(len(catalogue.acupoints)), "marks": catalogue.counted(marks)}


def read_photo(locator: Locator, chosen: Chosen) -> tuple[Photo | None, Result]:
    """The photo and its result; looked at once, then kept in this visitor's session until the next photo."""
    visitor = session.session()
    if visitor.read_sha256 != chosen.sha256:
        visitor.forget_readings()
        panel.settle()
    reading = panel.read_once(locator, chosen.content, chosen.sha256, visitor.reading)
    visitor.read_sha256 = chosen.sha256
    return reading


def _show_photo(locator: Locator, photo: Photo, result: Result) -> None:
    """The picture, which stays in sight, and what belongs to it."""
    session.session().shown_with = None  # the whole page is being shown
    left, right = st.columns([6, 5], gap="medium")
    with right:
        choosing.show_shelf()
        result = _choose_person(result)
        marked = panel.is_marked(photo, result)
        codes = shared.choose_codes() if marked else acupoints.codes_for(())
        if marked:
            cards.show_points(codes)
        if isinstance(result.outcome, Issue):
            _show_problem(result.outcome, marked, panel.is_by_hand(photo, result))
        cards.show_cautions()
        panel.show_panels(photo, result)
        made = take_away.show_take_away(locator, photo, result, codes) if marked else None
        choosing.show_removal()
        shared.show_promise()
    with left, st.container(key="picture"):
        panel.show_corrections(photo, result, codes)
        with st.container(key="actions", horizontal=True):
            if made is not None:
                take_away.download_picture(made)
            elif not panel.is_by_hand(photo, result):
                panel.offer_by_hand(photo, result)
            choosing.show_drop_zone(small=True)


def _show_unreadable(result: Result) -> None:
    """Why a file could not be read, and the way to another one."""
    choosing.show_shelf()
    assert isinstance(result.outcome, Issue)
    panel.say_refused(result.outcome)
    with st.container(key="actions", horizontal=True):
        choosing.show_drop_zone(small=True)
        choosing.show_removal()
    _show_problem(result.outcome, marked=False, by_hand=False)
    cards.show_cautions()


def _show_problem(problem: Issue, marked: bool, by_hand: bool) -> None:
    """How to take a better photo than a refused one, or how to place its points by hand, and why it was refused."""
    words = session.words()
    reason = words.reason(problem)
    with st.container(border=True):
        left, right = st.columns([2, 3], gap="small", vertical_alignment="center")
        with left:
            shared.show_drawing(Drawing.HANDLES if by_hand and not marked else drawings.of_reason(problem.code))
        with right:
            if by_hand:
                st.header(words.photo.marked_by_hand if marked else words.photo.by_hand, anchor=False)
                st.markdown(f"**{reason.message}** {reason.remedy}" if marked else words.photo.by_hand_how)
            else:
                st.markdown(words.photo.good_photo)
