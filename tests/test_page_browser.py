"""The page in a real browser, at three sizes: what a visitor sees, and that nothing leaves the machine.

A common window and a phone's are each one in which one test goes on where another has ended, as a visitor does.
"""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import number_of_marks

from lab.speed.browsing import until
from locator.catalogue.acupoints import acupoint, codes_for
from locator.core import resources

pytestmark = pytest.mark.slow

SAMPLES = resources.path("sample_images")
SIZES = [(1366, 768), (390, 844)]
LARGER = (1440, 900)
MAIN = "[data-testid=stMain]"
MARK = "[data-mark='BL-43/subject-left']"
MOST_TAPS = 6  # from a refusal to marks
# WCAG 2.2 AA; what axe calls serious or critical is a fault.
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
DROPPED = """
(files) => {
  const carried = new DataTransfer();
  for (const { name, bytes } of files) carried.items.add(new File([Uint8Array.from(bytes)], name));
  document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: carried, bubbles: true, cancelable: true }));
}
"""

# What comes into a live region that is there already, as a screen reader hears it.
HEARING = """
(region) => {
  window.heard = [];
  const told = ({ target, addedNodes }) => {
    if (target.matches(region)) for (const node of addedNodes) window.heard.push(node.textContent);
  };
  new MutationObserver((changes) => changes.forEach(told)).observe(document.body, { childList: true, subtree: true });
}
"""


class Window:
    """The page in one window, which notes what it asks for and what its content policy refuses."""

    def __init__(self, browser, address, width, height, **options):
        self.is_phone = width < 500
        phone = {"has_touch": True, "is_mobile": True} if self.is_phone else {}
        size = {"width": width, "height": height}
        self.context = browser.new_context(
            viewport=size, accept_downloads=True, reduced_motion="reduce", **phone, **options
        )
        self.width, self.height, self.requests, self.refused = width, height, [], []
        self.is_marked = False
        self.context.on("request", lambda request: self.requests.append(request.url))
        self.page = self.context.new_page()
        self.page.on("websocket", lambda socket: self.requests.append(socket.url))
        self.page.on("console", self._note)
        self.page.goto(address)
        self.page.get_by_text("A photo that works well").wait_for()
        self.download = self.page.get_by_role("button", name="Download the marked picture")
        self.stage = self.page.locator(".stage")
        self.marks = self.page.locator("[data-mark]")

    def _note(self, told):
        if "Content Security Policy" in told.text:
            self.refused.append(told.text)

    def choose(self, *files):
        self.page.locator("input[type=file]").first.set_input_files(files)
        self.is_marked = False

    def show_a_marked_photo(self):
        """Choose a photo that is surely marked, unless it is on the page already, and wait until it is."""
        if not self.is_marked:
            before = self.drawn
            self.choose(SAMPLES / "standing.jpg")
            until(self.page, lambda: self.drawn not in (None, before))
        self.until_marked()
        self.is_marked = True
        self.scroll_to(0)

    @property
    def drawn(self):
        """The picture that the editor shows, if there is one; while one takes another's place there are two."""
        shown = self.page.locator(".stage > img").evaluate_all("photos => photos.map((one) => one.getAttribute('src'))")
        return shown[0] if len(shown) == 1 else None

    def until_marked(self, complaints=()):
        until(self.page, lambda: self.marks.count() == number_of_marks(complaints))

    def tap(self, thing):
        """With a finger on a phone, else with the mouse, where it is."""
        box = thing.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        (self.page.touchscreen.tap if self.is_phone else self.page.mouse.click)(x, y)

    def is_on_screen(self, *things):
        """Whether each is in the window as a whole."""
        boxes = [thing.bounding_box() for thing in things]
        return all(
            box
            and box["y"] >= -1
            and box["y"] + box["height"] <= self.height + 1
            and box["x"] >= -1
            and box["x"] + box["width"] <= self.width + 1
            for box in boxes
        )

    def scroll_to(self, y):
        """Where the page is scrolled to after being asked for ``y``, and how far it goes."""
        self.page.locator(MAIN).evaluate("(main, y) => main.scrollTo(0, y)", y)
        self.page.wait_for_timeout(60)
        return self.page.locator(MAIN).evaluate("(main) => [main.scrollTop, main.scrollHeight - main.clientHeight]")

    def faults(self):
        """What axe finds that is serious, on the page as it is now."""
        found = Axe().run(self.page, options=RULES).response["violations"]
        return [
            (one["id"], [node["html"][:160] for node in one["nodes"]])
            for one in found
            if one["impact"] in ("serious", "critical") or one["id"] == "heading-order"
        ]


@contextmanager
def visiting(browser, address, scratch, size):
    opened = Window(browser, address, *size, color_scheme="dark" if size == SIZES[0] else "light")
    yield opened
    opened.context.close()
    near = (address, address.replace("http", "ws"), "data:", "blob:")
    assert [url for url in opened.requests if not url.startswith(near)] == []
    assert opened.refused == []
    assert list(scratch.iterdir()) == []


@pytest.fixture(scope="module", params=SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def window(request, address, browser, scratch):
    with visiting(browser, address, scratch, request.param) as opened:
        yield opened


def test_before_a_photo_the_first_screen_says_what_it_does_and_shows_the_ways_to_one(window):
    check_the_first_screen(window)


def test_the_marked_picture_and_its_download_are_in_sight_wherever_the_page_is_scrolled_to(window):
    check_that_the_picture_stays_in_sight(window)


def test_a_larger_window_has_in_sight_what_a_common_one_has(browser, address, scratch):
    with visiting(browser, address, scratch, LARGER) as window:
        check_the_first_screen(window)
        check_that_the_picture_stays_in_sight(window)


def check_the_first_screen(window):
    page = window.page
    samples = page.locator("[class*=st-key-sample-] button")
    until(page, lambda: samples.count() >= 3)
    choose = page.get_by_role("button", name="Choose or take a photo")
    languages = page.locator(".st-key-language button")
    assert window.is_on_screen(page.locator("h1"), choose, *samples.all(), *languages.all())
    assert window.faults() == []


def check_that_the_picture_stays_in_sight(window):
    window.show_a_marked_photo()
    page = window.page
    assert window.is_on_screen(window.stage, window.download, page.get_by_text("nine chances in ten"))
    assert page.evaluate("document.documentElement.scrollWidth") <= window.width

    # One card at a time, and the picture in sight while it is read.
    page.get_by_role("radio", name="BL-18").click()
    page.locator("article.card").wait_for()
    for text in (acupoint("BL-18").title, "肝俞", "Liver Transporter", "When not to"):
        page.locator("article.card").get_by_text(text).first.wait_for()
    picture, card = window.stage.bounding_box(), page.locator("article.card").bounding_box()
    assert card["y"] + 100 < window.height  # nobody has to look for it, on a phone neither
    assert (card["x"] > picture["x"] + picture["width"]) == (not window.is_phone)
    at, end = 0, 1
    while at < end:
        at, end = window.scroll_to(at + window.height // 2)
        until(page, lambda: window.is_on_screen(window.stage, window.download))
    assert window.faults() == []

    with page.expect_download() as download:
        window.download.click()
    assert download.value.suggested_filename == "standing-points.jpg"
    stress = page.get_by_role("button", name="Stress")
    stress.click()
    window.until_marked(["stress"])
    assert page.get_by_role("radio", name="BL-").count() == len(codes_for(["stress"]))
    stress.click()
    window.until_marked()


def test_a_tap_on_a_mark_opens_its_card_and_a_tap_on_a_card_shows_its_mark(window):
    window.show_a_marked_photo()
    page = window.page
    photo, mark = page.locator(".stage > img"), page.locator("[data-mark='BL-21/subject-left']")
    page.get_by_role("button", name="Show the whole photo").click()
    small = photo.bounding_box()["width"]
    window.tap(mark)
    page.locator("article.card#BL-21").wait_for()
    assert mark.get_attribute("aria-pressed") == "true"
    assert "ring" in mark.get_attribute("aria-label")
    assert "finger-widths" in mark.get_attribute("aria-label")
    until(page, lambda: photo.bounding_box()["width"] > small)

    page.get_by_role("radio", name="GV-9").click()
    page.locator("article.card#GV-9").wait_for()
    until(page, lambda: page.locator("[data-mark='GV-9/midline']").get_attribute("aria-pressed") == "true")
    assert mark.get_attribute("aria-pressed") == "false"


def test_a_refusal_says_why_and_six_taps_on_the_first_screen_lead_to_marks_by_hand(window):
    window.choose(SAMPLES / "from_the_front.jpg")
    page = window.page
    by_hand = page.get_by_role("button", name="Place it by hand")
    by_hand.wait_for()
    window.scroll_to(0)
    assert window.is_on_screen(by_hand, window.stage, page.get_by_text("No points were marked"))
    assert page.locator("[data-handle]").count() == 0
    assert window.faults() == []

    window.tap(by_hand)
    taps, there = 1, page.get_by_role("button", name="It is right there")
    while not window.marks.count():
        step = page.get_by_text(f"{taps} of 5:").first
        until(page, lambda step=step: window.marks.count() or step.is_visible())
        if not window.marks.count():
            assert window.is_on_screen(there, page.locator("[data-handle].next"))
            assert min(there.bounding_box()["width"], there.bounding_box()["height"]) >= 44
            window.tap(there)
            taps += 1
    assert taps <= MOST_TAPS
    window.download.wait_for()
    assert window.is_on_screen(window.download, window.stage)
    assert window.faults() == []


def test_a_refusal_is_read_out_and_once_more_where_the_same_file_is_chosen_again(window):
    page, no_photo = window.page, {"name": "notes.jpg", "mimeType": "image/jpeg", "buffer": b"no picture at all"}
    page.evaluate(HEARING, ".st-key-spoken [role=alert]")
    for times in (1, 2, 3):
        window.choose(no_photo)
        until(page, lambda times=times: page.evaluate("window.heard.length") >= times)
        heard = page.evaluate("window.heard")
        assert len(heard) == times
        assert "not a photo" in heard[-1]


def test_nothing_is_lost_by_another_photo_a_visit_to_live_or_a_reload(window, tmp_path):
    window.show_a_marked_photo()
    page = window.page
    c7 = moved(page)

    # A second photo is kept beside the first, and a file that is none takes nothing away.
    page.evaluate(DROPPED, [{"name": "second.jpg", "bytes": list((SAMPLES / "arms_apart.jpg").read_bytes())}])
    page.get_by_role("radio", name="second.jpg").wait_for()
    window.choose({"name": "holiday.jpg", "mimeType": "image/jpeg", "buffer": b"no picture at all"})
    page.get_by_text("No points were marked").wait_for()
    page.locator(".drawing svg").wait_for()
    assert window.stage.count() == 0
    large = tmp_path / "large.jpg"
    with large.open("wb") as file:
        file.truncate(70 * 1024 * 1024)
    window.choose(large)
    told = page.get_by_role("alert").get_by_text("large.jpg has 70 MB")
    until(page, lambda: window.is_on_screen(told))
    page.get_by_role("radio", name="standing.jpg").click()
    until(page, lambda: place(page) == c7)

    page.get_by_role("link", name="Live").click()
    page.frame_locator("iframe[title*=webrtc]").locator("#tamed").wait_for(state="attached")
    page.locator(".companion .said").wait_for()
    assert window.faults() == []
    page.get_by_role("link", name="Photo").click()
    until(page, lambda: place(page) == c7)
    page.locator("[data-handle=c7]").wait_for()  # it is still being corrected
    page.reload()
    until(page, lambda: place(page) == c7)
    page.get_by_role("radio", name="second.jpg").wait_for()

    # Another tab has another key, and finds nothing.
    other = window.context.new_page()
    other.goto(page.url)
    other.get_by_text("A photo that works well").wait_for()
    other.locator('[data-test-script-state="notRunning"]').wait_for()
    assert other.locator("[data-mark]").count() == 0
    other.close()


def place(page):
    """Where the upper left mark is, if there is one."""
    mark = page.locator(MARK)
    return (mark.get_attribute("data-x"), mark.get_attribute("data-y")) if mark.count() == 1 else None


def moved(page):
    """Move C7 by a key, and say where the mark is then."""
    before = place(page)
    page.get_by_label("Correct the points by hand").click()
    page.locator("[data-handle=c7]").focus()
    page.keyboard.press("Shift+ArrowUp")
    until(page, lambda: place(page) != before and page.get_by_label("Undo").get_attribute("aria-disabled") == "false")
    return place(page)
