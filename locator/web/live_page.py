"""The Live page: point a camera at a back, and the points stay on it."""

from __future__ import annotations

import os
from typing import Any

import streamlit as st
from streamlit.navigation.page import StreamlitPage
from streamlit_webrtc import webrtc_streamer

from locator import Locator
from locator.catalogue.words import Saying, Words
from locator.draw.overlay import View
from locator.photo import encoding
from locator.web import cards, reach, session, shared
from locator.web.components.companion import Still, companion
from locator.web.limits import SettingError
from locator.web.stream import Stream, ice_servers, keep_newest_only, listen_only_at, send_every_pixel

_KEY = "live"

_CAMERA: dict[str, Any] = {
    "video": {"facingMode": {"ideal": "environment"}, "width": {"ideal": 1280}, "height": {"ideal": 720}},
    "audio": False,
}
_VIDEO: dict[str, Any] = {
    "autoPlay": True,
    "controls": False,  # the browser's bar would lie over the lower back
    "muted": True,
    "playsInline": True,
    "style": {
        "width": "100%",
        "transformOrigin": "0 0",
        "backgroundColor": "#18181c",
        "borderRadius": "0.6rem",
    },
}


def show_live_page(photo: StreamlitPage) -> None:
    """One run of the page; ``photo`` is where a still goes to."""
    words = session.words().live
    st.title(words.title, anchor=False)
    shared.show_promise()
    locator = shared.ready_locator()
    if locator is None:
        return
    try:
        servers = ice_servers(os.environ)
    except SettingError as error:
        st.error(f"**{words.cannot}**  \n{error}")
        return
    keep_newest_only()
    send_every_pixel()
    addresses = None if servers else reach.read(os.environ).media_addresses()
    if addresses is not None:
        listen_only_at(addresses)
    stream = _stream(locator)
    left, right = st.columns([6, 5], gap="medium")
    with left, st.container(key="picture"):
        webrtc_streamer(
            _KEY,
            rtc_configuration={"iceServers": servers},
            media_stream_constraints=_CAMERA,
            video_html_attrs=_VIDEO,
            translations={
                "start": words.start_camera,
                "stop": words.stop_camera,
                "select_device": words.choose_camera,
            },
            video_frame_callback=stream.show,
            on_video_ended=stream.close,
        )
        _accompany(stream, photo)
    with right:
        _choose_view(stream)


def _stream(locator: Locator) -> Stream:
    """This visitor's own."""
    visitor = session.session()
    if visitor.stream is None:
        visitor.stream = Stream(locator, shared.shared_limits().viewers)
    return visitor.stream


@st.fragment
def _accompany(stream: Stream, photo: StreamlitPage) -> None:
    """What goes with the picture; it runs by itself, as often as the companion asks."""

    visitor, words = session.session(), session.words()

    def keep_still(still: Still) -> None:
        taken = still.jpeg
        if taken is None and stream.rgb is not None:
            taken = encoding.encode(stream.rgb, "jpeg")
        if taken is not None:
            visitor.photos.add("", taken)
            visitor.still_is_new = True

    companion(
        {
            "playing": stream.is_on,
            "saying": _saying(stream, words),
            "troubles": words.live.troubles,
            "camera_key": f"streamlit-webrtc:device-ids:{_KEY}",
            "start": words.live.start_camera,
            "stop": words.live.stop_camera,
            "choose": words.live.choose_camera,
            "chosen": words.live.camera_chosen,
            "closer": _closer(stream),
        },
        words.companion,
        key="companion",
        on_still=keep_still,
    )
    if visitor.still_is_new:  # until it is shown: where two runs meet, a switch may be lost
        st.switch_page(photo)


def _closer(stream: Stream) -> tuple[float, float] | None:
    """What the viewer looks at closely, in shares of the picture that is shown; None for all of it."""
    shown, view = stream.latest, stream.view
    if shown is None or shown.location is None or view.picked is None:
        return None
    places = [(point.x_px, point.y_px) for point in shown.location.points if point.code == view.picked]
    if not places:
        return None
    height, width = shown.rgb.shape[:2]
    x, y = (sum(along) / len(places) for along in zip(*places, strict=True))
    return (1 - x / width if view.mirrored else x / width), y / height


def _saying(stream: Stream, words: Words) -> Saying | None:
    """What there is to say now."""
    if not stream.is_on:
        return words.live.start
    if stream.is_silent:
        return words.live.silent
    if stream.waits:
        return words.live.waiting
    shown = stream.latest
    if shown and shown.advice:
        return words.advice[shown.advice.code]
    return words.live.tracked if shown and shown.strength == 1.0 else None


def _choose_view(stream: Stream) -> None:
    """What the viewer wants to see, and the card of the point that was picked."""
    words = session.words()
    codes = shared.choose_codes()
    cards.show_points(codes)
    picked = session.session().selected_point
    with st.expander(words.page.style, icon=":material/tune:"):
        style = shared.choose_style(*st.columns(2))
    mirrored = st.toggle(words.live.mirror, key="mirror")
    st.caption(words.live.mirror_how)
    stream.view = View(codes, picked, style, mirrored)
    cards.show_cautions()
