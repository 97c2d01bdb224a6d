"""The Live page: point a camera at a back, and the points stay on it."""

from __future__ import annotations

import os
from typing import Any

import streamlit as st
from streamlit.navigation.page import StreamlitPage
from streamlit_webrtc import Translations, webrtc_streamer

from locator import Locator
from locator.catalogue import acupoints
from locator.draw.overlay import View
from locator.photo import images
from locator.web import shared
from locator.web.components import timer
from locator.web.components.companion import Said, Still, companion
from locator.web.limits import SettingError
from locator.web.photo_page import IS_NEW, STILL
from locator.web.stream import Stream, ice_servers, keep_newest_only

_KEY = "live"

_CAMERA: dict[str, Any] = {
    "video": {"facingMode": {"ideal": "environment"}, "width": {"ideal": 1280}, "height": {"ideal": 720}},
    "audio": False,
}
_VIDEO: dict[str, Any] = {
    "autoPlay": True,
    "controls": True,
    "muted": True,
    "playsInline": True,
    "style": {"width": "100%", "maxHeight": "44rem", "backgroundColor": "#18181c", "borderRadius": "0.6rem"},
}
_WORDS: Translations = {"start": "Start the camera", "stop": "Stop", "select_device": "Choose the camera"}

_TROUBLES = {
    "insecure": Said(
        say="This browser keeps the camera from this page.",
        why="Browsers give it to pages on this same computer (localhost) and to pages on HTTPS only. The README says "
        "how to get HTTPS at home. Photos can be uploaded either way.",
    ),
    "refused": Said(
        say="The camera was refused.",
        why="Tap the camera or the lock beside the address, allow the camera for this page, and load it again.",
    ),
    "none": Said(say="No camera was found.", why="Connect one, or open this page on a phone."),
    "busy": Said(
        say="The camera does not start.",
        why="Another program may be using it: close that, and start again. Or choose another camera.",
    ),
    "unconnected": Said(
        say="No connection comes about.",
        why="This device and the computer that runs the page must be in one network, even if they are the same one; it "
        "needs no internet. Between different networks a TURN server is needed: the README says how to name one.",
    ),
}
_SILENT = Said(
    say="No picture comes from the camera.",
    why="Is it still connected? Tap Stop, then start again.",
)
_WAITING = Said(
    say="Others are looking live; a place comes free when one of them stops.",
    why="The points come by themselves then. Or tap Freeze, and see them on a still.",
)
_START = Said(
    say="Start the camera",
    why="Prop the phone or laptop up straight behind the back, level with its middle, about two metres away.",
)
_FOLLOWED = Said(
    say="The points are on the back.",
    why="The ring: nine chances in ten that the point lies inside. Trust your finger more than the picture.",
)


def show(photo: StreamlitPage) -> None:
    """One run of the page; ``photo`` is where a still goes to."""
    st.title("Live: the points stay on the back", anchor=False)
    shared.show_promise()
    locator = shared.ready_locator()
    if locator is None:
        return
    try:
        servers = ice_servers(os.environ)
    except SettingError as error:
        st.error(f"**The live picture cannot be set up.**  \n{error}")
        return
    keep_newest_only()
    stream = _stream(locator)
    left, right = st.columns([6, 5], gap="medium")
    with left, st.container(key="picture"):
        webrtc_streamer(
            _KEY,
            rtc_configuration={"iceServers": servers},
            media_stream_constraints=_CAMERA,
            video_html_attrs=_VIDEO,
            translations=_WORDS,
            video_frame_callback=stream.show,
            on_video_ended=stream.close,
        )
        _accompany(stream, photo)
    with right:
        _choose_view(stream)


def _stream(locator: Locator) -> Stream:
    """This visitor's own."""
    if "stream" not in st.session_state:
        st.session_state["stream"] = Stream(locator, shared.shared_limits().viewers)
    stream: Stream = st.session_state["stream"]
    return stream


@st.fragment
def _accompany(stream: Stream, photo: StreamlitPage) -> None:
    """What goes with the picture; it runs by itself, as often as the companion asks."""

    def keep(still: Still) -> None:
        taken = still.jpeg
        if taken is None and stream.rgb is not None:
            taken = images.encode(stream.rgb, "jpeg")
        if taken is not None:
            st.session_state[STILL] = taken
            st.session_state[IS_NEW] = True

    companion(
        {
            "playing": stream.is_on,
            "said": _said(stream),
            "troubles": _TROUBLES,
            "camera_key": f"streamlit-webrtc:device-ids:{_KEY}",
        },
        key="companion",
        on_still=keep,
    )
    if st.session_state.get(IS_NEW):  # until it is shown: where two runs meet, a switch may be lost
        st.switch_page(photo)


def _said(stream: Stream) -> Said | None:
    """What there is to say now."""
    if not stream.is_on:
        return _START
    if stream.is_silent:
        return _SILENT
    if stream.waits:
        return _WAITING
    shown = stream.latest
    if shown and shown.advice:
        return Said(say=shown.advice.say, why=shown.advice.why)
    return _FOLLOWED if shown and shown.strength == 1.0 else None


def _choose_view(stream: Stream) -> None:
    """What the viewer wants to see, and the card of the point that was picked."""
    codes = shared.choose_codes()
    names = {point.code: f"{point.code} {point.label}" for point in acupoints.acupoints() if point.code in codes}
    picked = st.pills("Look at one point closely.", list(names), format_func=names.__getitem__, wrap=True)
    if picked:
        shared.show_cards([picked])
    timer.show([picked] if picked else codes)
    with st.expander("Style", icon=":material/tune:"):
        style = shared.choose_style(*st.columns(2))
    mirrored = st.toggle("Mirror the picture")
    st.caption(
        "Off, the picture shows the back as you see it when you stand behind it. On, left and right are exchanged, as "
        "in a mirror."
    )
    stream.view = View(codes, picked, style, mirrored)
    shared.show_cautions()
