"""The live page in a real browser, with a film of a moving back for its camera."""

from __future__ import annotations

import re

import numpy as np
import pytest
from conftest import number_of_marks
from PIL import Image

from lab.speed import browsing, filming
from lab.speed.browsing import until
from locator.catalogue.words import words

pytestmark = pytest.mark.slow

# Where the moving square and the sky-blue mark of GV-9 are in the shown frame, across, in pixels of the frame.
PLACES = """
() => {
  const video = document.querySelector("video");
  if (!video?.videoWidth) return null;
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
  const context = canvas.getContext("2d");
  context.drawImage(video, 0, 0);
  const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
  const middle = (is, top, bottom) => {
    let sum = 0, count = 0;
    for (let y = top; y < bottom; y++) for (let x = 0; x < width; x++) {
      const at = 4 * (y * width + x);
      if (is(data[at], data[at + 1], data[at + 2])) { sum += x; count += 1; }
    }
    return count > 20 ? sum / count : null;
  };
  return {
    square: middle((r, g, b) => r > 190 && g < 90 && b > 190, 2, 18),
    mark: middle((r, g, b) => b > 150 && b - r > 70 && g > r, Math.round(height / 5), Math.round(height * 0.6)),
    frames: video.getVideoPlaybackQuality().totalVideoFrames,
    size: [width, height],
  };
}
"""
# Lets a test pull the plug of the camera, or change its size, from outside. Ten frames a second show all that is asked
# here, and leave some of the machine to the other tests.
KEEP_CAMERA = """
const frameRate = { max: 10 };
const ask = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices);
if (ask) navigator.mediaDevices.getUserMedia = async ({ video, ...others }) =>
  (window.camera = await ask({ video: { ...video, frameRate }, ...others }));
"""

# Notes, picture by picture, which of the stream's own buttons are to be seen.
WATCH_BUTTONS = """
window.seen = [];
const watch = () => {
  const frame = document.querySelector("iframe[title*=webrtc]");
  const isShown = (one) => one.checkVisibility({ visibilityProperty: true });
  if (frame && isShown(frame)) {
    for (const one of frame.contentDocument?.querySelectorAll("button") ?? []) {
      if (isShown(one)) window.seen.push(one.textContent);
    }
  }
  requestAnimationFrame(watch);
};
if (window.top === window) requestAnimationFrame(watch);
"""


@pytest.fixture(scope="module")
def camera(tmp_path_factory, back_rgb, browser):
    """A browser with a moving back before its camera."""
    film = filming.film(tmp_path_factory.mktemp("film") / "back.mjpeg", back_rgb)
    opened = browser.browser_type.launch(executable_path=browsing.LEAN, args=browsing.QUIET + filming.flags(film))
    yield opened
    opened.close()


class LivePage:
    """The live page in one window."""

    def __init__(self, opened, address):
        self.requests, self.refused = [], []
        self.context = opened.new_context(viewport={"width": 1280, "height": 1000}, accept_downloads=True)
        self.context.add_init_script(KEEP_CAMERA)
        self.context.add_init_script(WATCH_BUTTONS)
        self.context.on("request", lambda request: self.requests.append(request.url))
        self.page = self.context.new_page()
        self.page.on("websocket", lambda socket: self.requests.append(socket.url))
        self.page.on("console", self._note)
        self.page.goto(f"{address}/live")
        self.said = self.page.locator(".companion .said")
        self.freeze = self.page.get_by_role("button", name="Freeze")

    def _note(self, told):
        if "Content Security Policy" in told.text:
            self.refused.append(told.text)

    @property
    def stream(self):
        """The frame of the page that the video is in."""
        return self.page.locator("iframe[title*=webrtc]").element_handle().content_frame()

    def start(self):
        self.page.frame_locator("iframe[title*=webrtc]").locator("#tamed").wait_for(state="attached")
        self.page.get_by_role("button", name="Start the camera").click()
        until(self.page, self.runs)

    def runs(self):
        return (self.look() or {}).get("frames", 0) > 5

    def look(self):
        return self.stream.evaluate(PLACES)


@pytest.fixture
def open_live(address, camera):
    """Opens the live page in a window of its own."""
    opened = []

    def open_one():
        opened.append(LivePage(camera, address))
        return opened[-1]

    yield open_one
    for live in opened:
        live.context.close()


def samples(live, count):
    """(count, 2): where the square and the mark were, at different times."""
    seen = []

    def look():
        live.page.wait_for_timeout(80)
        places = live.look()
        if places["mark"] and places["square"]:
            seen.append((places["square"], places["mark"]))
        return len(seen) == count

    until(live.page, look)
    return np.array(seen)


def test_of_the_buttons_none_is_the_streams_own(open_live):
    live = open_live()
    live.page.locator("iframe[title*=webrtc].tamed").wait_for()
    live.start()
    assert live.page.evaluate("window.seen") == []


def test_marks_move_with_the_body_and_a_still_is_frozen_corrected_and_exported(open_live, address, scratch):
    live = open_live()
    live.start()
    live.page.get_by_role("radio", name="GV-9").click()
    live.page.locator("article.card").get_by_text("GV-9 Zhi Yang").wait_for()
    until(live.page, lambda: live.runs() and live.said.get_by_text("The points are on the back").count() == 1)
    assert live.page.locator("iframe[title*=webrtc]").bounding_box()["height"] > 300  # and not a strip of it
    video = live.stream.locator("video")
    until(live.page, lambda: "scale(2)" in (video.get_attribute("style") or ""))  # it is looked at closely
    assert video.get_attribute("controls") is None  # the browser's bar would lie over the lower back
    square, mark = samples(live, 25).T
    assert np.ptp(square) > 50
    assert 0.75 < np.polyfit(square, mark, 1)[0] < 1.25

    live.freeze.click()
    until(live.page, lambda: live.page.locator("[data-mark]").count() == number_of_marks())
    live.page.get_by_label("Correct the points by hand").click()
    live.page.locator("[data-handle=c7]").focus()
    live.page.keyboard.press("ArrowUp")
    until(live.page, lambda: live.page.get_by_label("Undo").get_attribute("aria-disabled") == "false")
    with live.page.expect_download() as download:
        live.page.get_by_role("button", name="Download the marked picture").click()
    with Image.open(download.value.path()) as picture:
        assert picture.size == (640, 480)
        assert not picture.getexif()

    live.page.get_by_role("link", name="Live").click()
    live.start()
    near = (address, address.replace("http", "ws"), "data:", "blob:")
    assert [url for url in live.requests if not url.startswith(near)] == []
    assert live.refused == []
    assert list(scratch.iterdir()) == []


def test_where_the_browser_takes_no_still_the_last_frame_is_frozen(open_live):
    live = open_live()
    live.start()
    live.page.evaluate("() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error('in use')); }")
    live.freeze.click()
    until(live.page, lambda: live.page.locator("[data-mark]").count() == number_of_marks())


def test_two_viewers_each_see_their_own_choice_and_one_goes_on_when_the_other_leaves(open_live):
    one, other = open_live(), open_live()
    one.start()
    other.start()
    one.page.get_by_role("button", name="Stress").click()  # BL-18 alone
    until(one.page, lambda: one.look()["mark"] is None)
    until(other.page, lambda: other.look()["mark"] is not None)
    one.context.close()
    before = other.look()["frames"]
    until(other.page, lambda: other.look()["frames"] > before + 10)
    until(other.page, lambda: other.look()["mark"] is not None)


# A click on the link to the photo page, and in the same moment what the stream says when it has been loaded.
LINK_AND_WORD = """
() => setTimeout(() => {
  [...parent.document.querySelectorAll("a")].find((one) => one.textContent.includes("Photo")).click();
  const said = { type: "streamlit:setComponentValue", value: { playing: false }, dataType: "json" };
  parent.postMessage({ isStreamlitMessage: true, ...said }, "*");
})
"""


def test_a_stream_that_is_loaded_once_more_goes_on_by_itself_and_no_way_to_the_photo_page_is_lost(open_live):
    live = open_live()
    live.start()
    with live.page.expect_event("framenavigated"):
        live.stream.evaluate("() => { setTimeout(() => location.reload()); }")
    until(live.page, live.runs)
    live.stream.evaluate(LINK_AND_WORD)
    live.page.get_by_text("A photo that works well").wait_for()
    live.page.get_by_role("link", name="Live").click()
    live.page.get_by_role("button", name="Start the camera").wait_for()  # it was left, and is not started unasked


# Streamlit does not hear of the next click, as if a run of the old page had taken the place of the new one's.
LOSE_A_CLICK = """
() => document.body.addEventListener("click", (event) => {
  event.stopPropagation();
  event.preventDefault();
}, { capture: true, once: true })
"""


def test_a_click_on_the_way_to_the_photo_page_that_is_lost_is_made_again(open_live):
    live = open_live()
    live.page.locator("iframe[title*=webrtc].tamed").wait_for()
    live.page.evaluate(LOSE_A_CLICK)
    live.page.get_by_role("link", name="Photo").click()
    live.page.get_by_text("A photo that works well").wait_for()
    live.page.get_by_role("link", name="Live").click()
    live.page.locator("iframe[title*=webrtc].tamed").wait_for()  # and it is left no second time
    live.page.wait_for_timeout(7_000)
    assert live.page.url.endswith("/live")


def test_the_picture_may_change_its_size_and_a_pulled_plug_is_said(open_live):
    live = open_live()
    live.start()
    smaller = "{ width: 320, height: 240, frameRate: { max: 10 } }"
    live.stream.evaluate(f"camera.getVideoTracks()[0].applyConstraints({smaller})")
    until(live.page, lambda: live.look()["size"] == [320, 240])
    until(live.page, lambda: live.look()["mark"] is not None)
    live.stream.evaluate("camera.getVideoTracks()[0].stop()")
    live.said.get_by_text("No picture comes from the camera").wait_for()


CAMERA = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
NO_PLACE_FOR_CAMERAS = "Object.defineProperty(Navigator.prototype, 'mediaDevices', { value: undefined });"
NO_WAY_TO_THE_SERVER = "RTCPeerConnection.prototype.setRemoteDescription = () => new Promise(() => {});"


# Only the whole browser asks for permission.
@pytest.mark.parametrize(
    ("program", "flags", "script", "sentence"),
    [
        (browsing.CHROMIUM, ["--use-fake-device-for-media-stream", "--deny-permission-prompts"], "",
         "The camera was refused"),
        (browsing.LEAN, ["--use-fake-device-for-media-stream=device-count=0"], "", "No camera was found"),
        (browsing.LEAN, [], NO_PLACE_FOR_CAMERAS, "on this same computer (localhost)"),
        (browsing.LEAN, CAMERA, NO_WAY_TO_THE_SERVER, "must be in one network"),
    ],
    ids=["refused", "none", "insecure", "unconnected"],
)  # fmt: skip
def test_why_there_is_no_picture_is_said_in_plain_words(address, browser, program, flags, script, sentence):
    with browser.browser_type.launch(executable_path=program, args=[*browsing.QUIET, *flags]) as opened:
        page = opened.new_page()
        page.clock.install()
        page.add_init_script(script)
        page.goto(f"{address}/live")
        frame = page.frame_locator("iframe[title*=webrtc]")
        frame.locator(".MuiButton-contained").wait_for(state="attached")
        page.clock.fast_forward(1_500)
        page.get_by_role("button", name="Start the camera").click()
        frame.get_by_text("Stop").or_(frame.locator("[role=alert]")).first.wait_for(state="attached")
        page.clock.fast_forward(12_000)  # after ten seconds a stream is taken to be unconnected
        page.locator(".companion .trouble").get_by_text(sentence).wait_for()
        assert not frame.locator("[role=alert]").is_visible()  # no "NotFoundError"


TWO_CAMERAS = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream=device-count=2"]


def test_of_several_cameras_another_is_chosen_in_the_pages_own_words_and_button(address, browser):
    args = [*browsing.QUIET, *TWO_CAMERAS]
    with browser.browser_type.launch(executable_path=browsing.LEAN, args=args) as opened:
        page = opened.new_context(locale="zh-CN").new_page()
        page.goto(f"{address}/live")
        said, frame = words("zh-Hans").live, page.frame_locator("iframe[title*=webrtc]")
        frame.get_by_role("button", name=said.choose_camera).click()
        cameras = frame.get_by_role("combobox", name=said.choose_camera)
        until(page, lambda: cameras.locator("option").count() == 2)
        cameras.select_option(index=1)
        assert re.findall(r"[A-Za-z]{3,}", frame.locator("#root").inner_text().replace("fake_device", "")) == []
        page.get_by_role("button", name=said.camera_chosen).click()
        page.get_by_role("button", name=said.start_camera).wait_for()
        assert not cameras.count()
