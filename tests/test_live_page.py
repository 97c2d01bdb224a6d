"""A viewer's frames on their way through, and the settings and sentences of the live page, without a browser."""

from __future__ import annotations

import asyncio
import logging
import re
from fractions import Fraction

import av
import numpy as np
import pytest
from aiortc import MediaStreamTrack, RTCPeerConnection, VideoStreamTrack
from aiortc.codecs import vpx
from aiortc.contrib.media import MediaRelay
from coroutines import run
from streamlit.testing.v1 import AppTest

from locator.catalogue import acupoints
from locator.catalogue.words import words
from locator.draw.overlay import View
from locator.live.session import Live
from locator.photo import resizing
from locator.web import live_page, stream
from locator.web.components import companion
from locator.web.limits import Seats, SettingError
from locator.web.stream import Stream, ice_servers

pytestmark = pytest.mark.slow


def frame(rgb, number=0):
    made = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
    made.pts, made.time_base = 3000 * number, Fraction(1, 90000)
    return made


@pytest.fixture
def stream_of(locator):
    opened = []

    def make(seats=None):
        opened.append(Stream(locator, seats or Seats(10)))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


@pytest.fixture(scope="module")
def small(back_rgb):
    return resizing.shrink(back_rgb, 480)[0]


def shown(viewer, rgb, number=0):
    return viewer.show(frame(rgb, number)).to_ndarray(format="rgb24")


def test_a_frame_comes_back_with_its_marks(stream_of, small):
    viewer = stream_of()
    after = shown(viewer, small)
    assert viewer.latest.strength == 1.0
    for point in viewer.latest.location.points:
        x, y = round(point.x_px), round(point.y_px)
        assert np.abs(after[y - 3 : y + 4, x - 3 : x + 4].astype(int) - small[y - 3 : y + 4, x - 3 : x + 4]).max() > 60


def test_what_a_viewer_chooses_shows_in_the_next_frame_and_in_nobody_elses(stream_of, small):
    one, other = stream_of(), stream_of()
    one.view = View(mirrored=True)
    before = small.astype(int)
    assert np.abs(shown(one, small) - before[:, ::-1]).mean() < np.abs(shown(one, small, 1) - before).mean()
    assert np.abs(shown(other, small) - before).mean() < np.abs(shown(other, small, 1) - before[:, ::-1]).mean()


def test_a_video_is_sent_with_bits_enough_for_sharp_letters_and_the_browser_is_asked_for_as_many():
    stream.send_every_pixel()

    async def answered():
        browser, server = RTCPeerConnection(), RTCPeerConnection()
        browser.addTrack(VideoStreamTrack())
        await browser.setLocalDescription(await browser.createOffer())
        await server.setRemoteDescription(browser.localDescription)
        server.addTrack(VideoStreamTrack())
        said = (await server.createAnswer()).sdp
        await asyncio.gather(browser.close(), server.close())
        return said

    assert re.search(r"a=fmtp:\d+ .*x-google-start-bitrate=2000", run(answered()))
    assert vpx.Vp8Encoder().target_bitrate == 2_000_000


@pytest.mark.parametrize("size", [(480, 640), (640, 480), (90, 160), (2, 2)])
def test_frames_of_any_size_come_back_in_their_size_in_mid_stream(stream_of, small, size):
    viewer = stream_of()
    shown(viewer, small)
    assert shown(viewer, np.full((*size, 3), 128, np.uint8), 1).shape == (*size, 3)
    assert shown(viewer, small, 2).shape == small.shape


def test_a_fault_of_ours_shows_the_picture_as_it_is_and_is_logged_once(stream_of, small, monkeypatch, caplog):
    def fails(*args):
        raise RuntimeError("broken")

    monkeypatch.setattr(Live, "show", fails)
    viewer = stream_of()
    with caplog.at_level(logging.ERROR, "locator.page"):
        for number in range(3):
            assert np.array_equal(shown(viewer, small, number), small)
    assert len([record for record in caplog.records if record.name == "locator.page"]) == 1


def test_after_the_camera_was_switched_off_nothing_is_kept_and_it_can_be_switched_on_again(stream_of, small):
    viewer = stream_of()
    shown(viewer, small)
    viewer.close()
    assert viewer.rgb is None
    assert viewer.latest is None
    shown(viewer, small)
    assert viewer.latest.location


def test_a_camera_that_sends_nothing_any_more_is_noticed(stream_of, small, monkeypatch):
    clock = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    viewer = stream_of()
    assert not viewer.is_on
    shown(viewer, small)
    assert viewer.is_on
    assert not viewer.is_silent
    clock[0] += 10
    assert viewer.is_silent
    shown(viewer, small, 1)
    assert not viewer.is_silent
    viewer.close()
    assert not viewer.is_on


def test_one_viewer_too_many_is_told_so_and_sees_the_points_once_another_has_stopped(stream_of, small):
    seats = Seats(1)
    one, other = stream_of(seats), stream_of(seats)
    shown(one, small)
    assert np.array_equal(shown(other, small), small)
    assert other.waits
    assert "Others are looking live" in live_page._saying(other, words()).say
    assert not one.waits
    one.close()
    shown(other, small, 1)
    assert not other.waits
    assert other.latest.location


class Numbers(MediaStreamTrack):
    """Sends 0 to 99 as fast as they are taken, and then nothing."""

    kind = "video"

    def __init__(self):
        super().__init__()
        self.sent = 0

    async def recv(self):
        await asyncio.sleep(0)
        if self.sent == 100:
            await asyncio.Event().wait()
        self.sent += 1
        return self.sent - 1


def test_an_encoder_that_falls_behind_gets_the_newest_frame_not_the_next(monkeypatch):
    relay = MediaRelay()
    monkeypatch.setattr(stream, "get_global_relay", lambda: relay)
    stream.keep_newest_only()

    async def fall_behind():
        source = Numbers()
        encoder = relay.subscribe(source)
        await encoder.recv()
        while source.sent < 100:
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        return await encoder.recv()

    assert run(asyncio.wait_for(fall_behind(), 5)) == 99


def test_without_a_setting_no_server_is_contacted():
    assert ice_servers({}) == []
    assert ice_servers({"LOCATOR_ICE_SERVERS": " "}) == []


def test_servers_are_passed_on_as_they_are_named():
    text = '[{"urls": ["turn:a:1", "turns:b"], "username": "u", "credential": "c"}, {"urls": "stun:a"}]'
    assert ice_servers({"LOCATOR_ICE_SERVERS": text}) == [
        {"urls": ["turn:a:1", "turns:b"], "username": "u", "credential": "c"},
        {"urls": "stun:a"},
    ]


WRONG_SETTINGS = [
    ("stun:example.org", "no JSON"),
    ('{"urls": "stun:a"}', "a list"),
    ('["stun:a"]', "server 1: expected an object"),
    ('[{"urls": "stun:a"}, {"url": "stun:b"}]', "server 2: url is not known"),
    ('[{"urls": "https://a"}]', "begin with"),
    ('[{"urls": []}]', "begin with"),
    ('[{"urls": ["stun:a", 3]}]', "begin with"),
    ('[{"urls": "turn:a"}]', "need both"),
    ('[{"urls": "stun:a", "username": 3}]', "must be texts"),
]


@pytest.mark.parametrize(("text", "expected"), WRONG_SETTINGS)
def test_a_wrong_setting_is_told_where_it_is_wrong(text, expected):
    with pytest.raises(SettingError, match=expected) as error:
        ice_servers({"LOCATOR_ICE_SERVERS": text})
    assert "LOCATOR_ICE_SERVERS" in str(error.value)


@pytest.fixture
def page(monkeypatch):
    """The live page with its camera off; the stream itself needs a server."""
    monkeypatch.setattr("locator.web.live_page.webrtc_streamer", lambda *args, **kwargs: None)
    monkeypatch.setattr("locator.web.live_page.keep_newest_only", lambda: None)
    return AppTest.from_function(page_alone, default_timeout=300)


def page_alone():
    import streamlit as st

    from locator.web import live_page

    live_page.show_live_page(st.Page(lambda: None, title="Photo"))


def test_a_wrong_setting_is_explained_on_the_page(page, monkeypatch):
    monkeypatch.setenv("LOCATOR_ICE_SERVERS", "stun:example.org")
    page.run()
    assert not page.exception
    assert "LOCATOR_ICE_SERVERS is no JSON" in page.error[0].value


def test_the_picture_is_not_mirrored_until_asked_for_and_the_choice_is_the_viewers_own(page):
    page.run()
    assert not page.exception
    view = page.session_state["visitor"].stream.view
    assert not view.mirrored
    assert view.picked is None
    (mirror,) = page.toggle
    mirror.set_value(True)
    picked = page.button_group(key="point")
    picked.set_value("GV-9")
    page.session_state["visitor"].language = "zh-Hant"
    page.run()
    view = page.session_state["visitor"].stream.view
    assert view.mirrored
    assert view.picked == "GV-9"
    assert view.style.language == "zh-Hant"


def test_a_picked_point_that_is_not_among_the_chosen_any_more_is_let_go(page):
    page.run()
    picked = page.button_group(key="point")
    picked.set_value("GV-9")
    page.run()
    (complaints,) = [group for group in page.button_group if "Stress" in group.options]
    complaints.set_value(["stress"])
    page.run()
    assert not page.exception
    view = page.session_state["visitor"].stream.view
    assert view.codes == acupoints.codes_for(["stress"])
    assert view.picked is None


@pytest.mark.parametrize(
    "sent", [None, 3, "none 1700000000000", "data:image/png;base64,AAAA", "data:image/jpeg;base64,!"]
)
def test_nonsense_from_the_browser_is_no_still(sent):
    assert companion._jpeg(sent) is None
