"""The press timer in a real browser, whose clock the tests set: a minute passes at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.speed.browsing import served, until
from locator.catalogue import acupoints
from locator.web.components import timer

pytestmark = pytest.mark.slow

PAGE = Path(__file__).with_name("timer_page.py")
ROUTINE = ["BL-43 Gao Huang Shu", "GV-9 Zhi Yang", "BL-18 Gan Shu", "BL-21 Wei Shu", "BL-23 Shen Shu", "BL-52 Zhi Shi"]
READY_MS = 8000
PRESS, EASE = "Press slowly, breathe out", "Ease off, breathe in"

# Writes down every note that is made, and none of them sounds.
SILENT_AUDIO = """
window.notes_hz = [];
const ramp = { setValueAtTime() {}, linearRampToValueAtTime() {}, exponentialRampToValueAtTime() {} };
window.AudioContext = class {
  constructor() { this.currentTime = 0; this.state = "running"; window.audio = this; }
  async resume() { this.state = "running"; }
  async suspend() { this.state = "suspended"; }
  createGain() { return { gain: ramp, connect: (to) => to }; }
  createOscillator() {
    const frequency = {};
    return { frequency, connect: (to) => to, start: () => window.notes_hz.push(frequency.value), stop() {} };
  }
};
"""
# The motion of the circle; its colour changes in one of its own.
BREATH = "(circle) => circle.getAnimations().find((one) => !one.transitionProperty)"
WAKE_LOCK = """
window.locks = 0;
const wakeLock = { async request() { window.locks += 1; return { async release() { window.locks -= 1; } }; } };
Object.defineProperty(navigator, "wakeLock", { value: wakeLock });
"""


class Timer:
    """The timer on its page, driven from outside."""

    def __init__(self, context, url):
        self.errors, self.sent = [], []
        self.page = context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(error))
        self.page.on("websocket", lambda socket: socket.on("framesent", lambda frame: self.sent.append(frame)))
        self.page.clock.install()
        self.page.goto(url)
        self.page.locator(".timer[data-state]").wait_for()

    def hold_the_clock(self):
        """From here on time passes only when a test says so."""
        self.page.clock.pause_at(self.page.evaluate("Date.now()") + 1000)

    def wait(self, seconds):
        self.page.clock.run_for(round(seconds * 1000))

    def press(self, name):
        self.page.get_by_role("button", name=name, exact=True).click()

    def text(self, selector):
        return self.page.locator(selector).text_content()

    @property
    def left(self):
        return self.text(".left")

    @property
    def left_s(self):
        minutes, seconds = self.left.split(":")
        return 60 * int(minutes) + int(seconds)

    @property
    def cue(self):
        return self.text(".cue")

    @property
    def state(self):
        return self.page.locator(".timer").get_attribute("data-state")

    @property
    def point(self):
        return self.page.locator("select option:checked").text_content()

    @property
    def is_moving(self):
        return self.page.locator(".circle").evaluate(f"(circle) => ({BREATH})(circle).playState === 'running'")

    def width_at(self, second):
        """How wide the circle is so long after the phase of the breath has begun."""
        return self.page.locator(".circle").evaluate(
            f"""(circle, second) => {{
              ({BREATH})(circle).currentTime = 1000 * second;
              return circle.getBoundingClientRect().width;
            }}""",
            second,
        )

    def begin_again(self):
        """As it was when it was opened, but for the minutes where they have been chosen."""
        if self.page.get_by_role("button", name="Stop", exact=True).get_attribute("aria-disabled") == "false":
            self.press("Stop")
        self.choose(ROUTINE[0].split()[0])
        assert self.state == "idle"

    def choose(self, code):
        self.page.locator("select").select_option(code)


@pytest.fixture(scope="module")
def address():
    with served(PAGE) as url:
        yield url


@pytest.fixture
def open_timer(address, browser):
    """Opens the timer in a window of its own; closes it in the end."""
    opened = []

    def open_one(script=""):
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.add_init_script(script)
        opened.append(Timer(context, address))
        return opened[-1]

    yield open_one
    for one in opened:
        assert one.errors == []
        one.page.context.close()


@pytest.fixture(scope="module")
def shared(address, browser):
    """The timer of all tests that choose no minutes."""
    one = Timer(browser.new_context(viewport={"width": 1280, "height": 900}), address)
    one.hold_the_clock()
    yield one
    assert one.errors == []
    one.page.context.close()


@pytest.fixture
def held(shared):
    """A timer whose time passes when the test says so."""
    shared.begin_again()
    return shared


@pytest.fixture
def own(open_timer):
    """The same, for tests that choose minutes."""
    one = open_timer()
    one.hold_the_clock()
    return one


def test_press_and_ease_off_alternate_until_the_time_is_over(held):
    held.choose("GV-9")
    assert held.left == "1:00"
    held.press("Start")
    assert held.cue == "Lay your hands on"
    held.wait(READY_MS / 1000 + 0.5)
    for second in range(60):
        assert held.left_s == 60 - second
        assert held.cue == (PRESS if second % 10 < 6 else EASE), second
        held.wait(1)
    assert (held.state, held.left, held.cue) == ("over", "0:00", "Time is over")
    assert held.page.get_by_role("button", name="Next: BL-18 Gan Shu").is_visible()


def test_each_point_begins_with_its_share_of_the_routine_until_minutes_are_chosen(own):
    shares = {name.split()[0]: acupoints.acupoint(name.split()[0]).minutes for name in ROUTINE}
    for code, minutes in shares.items():
        own.choose(code)
        assert own.left_s == minutes * 60
        assert own.page.locator(".minutes [aria-pressed=true]").count() == 1
    own.choose("BL-43")
    assert own.page.locator(".minutes button").all_text_contents() == ["1", "1½", "2", "3"]
    own.press("2")
    for code in shares:
        own.choose(code)
        assert own.left == "2:00"


def test_both_sides_are_said_and_the_midline(held):
    assert held.text(".sides") == "Both sides at once, or first the left"
    held.press("Start")
    held.wait(8 + 44)
    assert held.text(".sides").endswith("first the left")
    held.wait(2)
    assert held.text(".sides").endswith("now the right")
    held.choose("GV-9")
    assert held.text(".sides") == "On the midline"


def test_pause_holds_go_on_goes_on_and_stop_sets_back(held):
    held.choose("GV-9")
    held.press("Start")
    held.wait(8 + 17.5)
    held.press("Pause")
    assert (held.left, held.cue) == ("0:43", "Paused")
    held.wait(600)
    assert held.left == "0:43"
    held.press("Go on")
    held.wait(1)
    assert (held.left, held.cue) == ("0:42", EASE)
    held.press("Stop")
    assert (held.state, held.left, held.point) == ("idle", "1:00", "GV-9 Zhi Yang")
    held.wait(60)
    assert held.state == "idle"


def test_a_tab_that_is_seldom_woken_keeps_the_time(held):
    held.choose("GV-9")
    held.press("Start")
    held.page.clock.fast_forward(READY_MS + 33_500)
    assert (held.left, held.cue) == ("0:27", PRESS)
    held.page.clock.fast_forward(3_600_000)
    assert (held.state, held.left) == ("over", "0:00")


def test_next_goes_down_the_back_to_the_last_point(held):
    assert held.point == ROUTINE[0]
    held.press("Next: GV-9 Zhi Yang")  # before the start it only chooses
    assert (held.point, held.state) == (ROUTINE[1], "idle")
    held.press("Start")
    held.wait(20)
    held.press("Next: BL-18 Gan Shu")  # while it runs, the next begins
    assert (held.point, held.state, held.left) == (ROUTINE[2], "running", "1:30")
    for name in ROUTINE[3:]:
        held.wait(120)
        assert held.state == "over"
        held.press(f"Next: {name}")
        assert (held.point, held.state) == (name, "running")
    held.wait(120)
    assert held.text(".how") == acupoints.catalogue().routine.end
    onward = held.page.get_by_role("button", name="Next point")
    assert onward.get_attribute("aria-disabled") == "true"
    onward.click(force=True)
    assert (held.point, held.state) == (ROUTINE[5], "over")
    held.press("Again")
    assert (held.point, held.state, held.left) == (ROUTINE[5], "running", "1:30")


def test_every_change_of_the_breath_sounds_and_the_end_otherwise_and_none_when_it_is_switched_off(open_timer):
    one = open_timer(script=SILENT_AUDIO)
    one.hold_the_clock()
    notes = lambda: one.page.evaluate("window.notes_hz")  # noqa: E731
    switch = one.page.get_by_role("switch", name="Sound")
    assert switch.get_attribute("aria-checked") == "true"
    assert one.page.evaluate("window.audio === undefined")  # not before the tap on Start
    switch.click()
    assert switch.get_attribute("aria-checked") == "false"
    one.choose("GV-9")
    one.press("Start")
    one.wait(30)
    assert (notes(), one.page.evaluate("window.audio === undefined")) == ([], True)
    switch.click()
    one.press("Stop")
    one.press("Start")
    one.wait(8.5)
    press_hz = notes()
    one.wait(6)
    ease_hz = notes()[1:]
    assert len(press_hz) == len(ease_hz) == 1
    assert press_hz != ease_hz
    one.wait(60)
    assert notes()[:12] == (press_hz + ease_hz) * 6
    assert len(notes()[12:]) > 1

    one.press("Again")
    one.wait(20)
    before = len(notes())
    assert one.page.evaluate("window.audio.state") == "running"
    switch.click()  # also what sounds at that moment
    one.wait(120)
    assert (one.state, len(notes()), one.page.evaluate("window.audio.state")) == ("over", before, "suspended")


def test_a_browser_without_sound_and_wake_lock_runs_all_the_same(open_timer):
    held = open_timer(script="delete window.AudioContext; delete Navigator.prototype.wakeLock;")
    held.hold_the_clock()
    held.press("Start")
    held.wait(120)
    assert held.state == "over"


def test_the_screen_stays_on_while_it_runs_and_no_longer(open_timer):
    held = open_timer(script=WAKE_LOCK)
    held.hold_the_clock()
    locks = lambda: held.page.evaluate("window.locks")  # noqa: E731
    assert locks() == 0
    held.press("Start")
    held.wait(20)
    assert locks() == 1
    held.press("Pause")
    assert locks() == 0
    held.press("Go on")
    assert locks() == 1
    held.wait(120)
    assert locks() == 0


def test_it_goes_on_while_the_page_runs_again_and_asks_the_server_nothing(open_timer):
    one = open_timer()
    one.press("3")
    one.press("Start")
    begun_ms = one.page.evaluate("performance.now()")
    one.sent.clear()
    one.page.clock.fast_forward(READY_MS + 2000)
    one.page.wait_for_timeout(300)
    assert one.sent == []

    def is_right():
        now_ms = one.page.evaluate("performance.now()")
        assert one.state == "running"
        assert one.left_s == pytest.approx(180 - (now_ms - begun_ms - READY_MS) / 1000, abs=2)

    one.page.get_by_role("button", name="Be busy").click()
    one.page.get_by_text("No longer busy").wait_for()
    is_right()
    one.page.get_by_text("Something above").click()
    one.page.get_by_text("This moves the timer").wait_for()
    one.page.clock.fast_forward(40_000)
    is_right()
    one.page.get_by_text("Only two points").click()
    until(one.page, lambda: one.page.locator("select option").count() == 3)
    assert one.point == ROUTINE[0]  # begun, so it is brought to its end
    is_right()
    one.page.get_by_text("in a box").click()  # taken down and put up elsewhere, as on another page
    one.page.locator("[data-testid=stVerticalBlock] [data-testid=stVerticalBlock] .timer[data-state]").wait_for()
    is_right()
    one.press("Next: GV-9 Zhi Yang")
    until(one.page, lambda: one.page.locator("select option").count() == 2)
    assert (one.point, one.state) == (ROUTINE[1], "running")


def test_taken_off_the_page_it_waits_where_it_was(open_timer):
    one = open_timer()
    one.press("Start")
    one.page.clock.fast_forward(READY_MS + 20_000)
    one.page.get_by_text("nowhere").click()
    one.page.locator(".timer").wait_for(state="detached")
    one.page.clock.run_for(30_000)
    one.page.get_by_text("here", exact=True).click()
    one.page.locator(".timer[data-state]").wait_for()
    assert one.state == "paused"
    assert 50 <= one.left_s <= 62
    one.press("Go on")
    assert one.state == "running"


def test_the_circle_breathes_and_stands_still_for_those_who_ask_for_less_motion(held):
    held.press("Start")
    held.wait(READY_MS / 1000 + 0.5)
    assert held.cue == PRESS
    assert held.width_at(0) - held.width_at(5) > 20
    assert held.is_moving
    held.press("Pause")
    assert not held.is_moving
    held.press("Go on")
    assert held.is_moving
    held.page.emulate_media(reduced_motion="reduce")
    assert held.width_at(0) == held.width_at(5)
    held.page.emulate_media(reduced_motion="no-preference")


def test_a_screen_reader_hears_the_start_the_half_and_the_end(held):
    held.page.locator(".spoken").evaluate(
        """(spoken) => {
          window.said = [];
          new MutationObserver(() => window.said.push(spoken.textContent)).observe(spoken, { childList: true });
        }"""
    )
    held.choose("BL-21")
    held.press("Start")
    for _ in range(8):
        held.wait(10)
    assert held.page.evaluate("window.said") == [
        "BL-21 Wei Shu, 1 minute. Begins in 8 seconds.",
        "Half of the time is over. Both sides at once, or now the right",
        "Time is over. Next: BL-23 Shen Shu",
    ]
    assert held.page.locator(".timer [aria-live]").count() == 1
    assert held.page.get_by_role("timer", name="Time left").text_content() == "0:00"


def test_when_not_to_press_stays_in_sight(held):
    cautions = acupoints.cautions()
    for act in ("Start", "Pause", "Go on", "Stop"):
        held.press(act)
        note = held.page.get_by_role("note")
        assert note.is_visible()
        for text in (*cautions.stop_at, cautions.not_now[0]):
            assert text in note.text_content()
    for point in acupoints.acupoints():
        held.choose(point.code)
        assert held.text(".how") == point.press
        assert held.text(".avoid") == point.caution


def test_it_fits_the_window_and_every_target_is_large(held):
    for width in (1280, 390):
        held.page.set_viewport_size({"width": width, "height": 900})
        until(held.page, lambda width=width: held.page.evaluate("document.documentElement.scrollWidth") <= width)
        for target in held.page.locator(".timer button, .timer select").all():
            box = target.bounding_box()
            assert min(box["width"], box["height"]) >= 48
        # All that is needed while pressing is seen at once on a phone, and the buttons stay under the finger.
        top, bottom = (held.page.locator(part).bounding_box() for part in (".breath", ".caution"))
        assert bottom["y"] + bottom["height"] - top["y"] < 600
        held.press("Start")
        places = {held.page.locator("[data-do=next]").bounding_box()["y"]}
        for _ in range(10):
            held.wait(9)
            places.add(held.page.locator("[data-do=next]").bounding_box()["y"])
        assert len(places) == 1
        held.begin_again()


def test_the_keyboard_does_it_all(own):
    keys = own.page.keyboard
    own.page.locator("select").focus()
    keys.type("GV")
    keys.press("Tab")
    keys.press("Tab")
    keys.press("Space")
    assert (own.point, own.left) == (ROUTINE[1], "2:00")
    for _ in range(3):
        keys.press("Tab")
    keys.press("Enter")
    assert own.state == "running"
    keys.press("Space")
    assert own.state == "paused"
    keys.press("Tab")
    keys.press("Enter")
    assert own.state == "idle"


def test_every_time_that_can_be_chosen_ends_with_the_hands_eased_off():
    rhythm = timer._RHYTHM
    breath_s = rhythm["breathe_out_s"] + rhythm["breathe_in_s"]
    for place, point in enumerate(acupoints.acupoints()):
        offered = timer._point(place, point)
        assert offered["minutes"] in offered["choices"]
        for minutes in offered["choices"]:
            assert 1 <= minutes <= 3
            assert minutes * 60 % breath_s == 0
