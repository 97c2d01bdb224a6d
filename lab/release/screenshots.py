"""Show the page in each of its states, at three sizes and in the dark, under ``docs/page/``; and ``docs/by_hand.jpg``.

    python -m lab.release.screenshots

Needs chromium. The Chinese characters are those of the fonts that the program ships.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PIL import Image

from lab.speed import browsing, filming
from locator.core import resources
from locator.core.body import LANDMARKS
from locator.draw import fonts
from locator.photo import sources

if TYPE_CHECKING:
    from playwright.sync_api import Page

_DOCS = Path(__file__).resolve().parents[2] / "docs"
_FOLDER = _DOCS / "page"
_SAMPLES = resources.path("sample_images")
_SIZES: dict[str, tuple[int, int, Literal["light", "dark"]]] = {
    "laptop": (1366, 768, "light"),
    "phone": (390, 844, "light"),
    "desktop": (1440, 900, "light"),
    "laptop-dark": (1366, 768, "dark"),
    "phone-dark": (390, 844, "dark"),
}
_PATIENCE_MS = 1000 * browsing.PATIENCE_S
_SETTLE_MS = 900  # transitions, and pictures that are being decoded
_QUALITY = 72
_FONTS = """<fontconfig><include ignore_missing="yes">/etc/fonts/fonts.conf</include><dir>{folder}</dir></fontconfig>"""


def main() -> None:
    _FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "fonts.conf"
        settings.write_text(_FONTS.format(folder=Path(fonts.__file__).parent / "font_files"))
        os.environ["FONTCONFIG_FILE"] = str(settings)
        back = sources.read(_SAMPLES / "upright.jpg").rgb
        camera = filming.flags(filming.film(Path(folder) / "back.mjpeg", back, (1280, 720), away_px=0.0, marked=False))
        with browsing.served(resources.path("app.py")) as url, browsing.chromium(*camera) as browser:
            for size, (width, height, look) in _SIZES.items():
                is_phone = size.startswith("phone")
                context = browser.new_context(
                    viewport={"width": width, "height": height}, has_touch=is_phone, is_mobile=is_phone,
                    color_scheme=look, locale="en",
                )  # fmt: skip
                page = context.new_page()
                page.set_default_timeout(_PATIENCE_MS)
                page.goto(url)
                for name in _states(page):
                    _keep(page, _FOLDER / f"{name}-{size}.webp")
                context.close()
            _keep_by_hand(browser.new_page(viewport={"width": 600, "height": 1900}), url)


def _keep_by_hand(page: Page, url: str) -> None:
    """A photo without a head, the middle of whose spine a hand has put in its place."""
    page.set_default_timeout(_PATIENCE_MS)
    page.goto(url)
    page.get_by_role("button", name="Choose or take a photo").wait_for()
    _choose(page, "without_the_head")
    page.locator("[data-mark]").first.wait_for()
    page.get_by_label("Correct the points by hand").click()
    page.locator("[data-handle=spine_middle]").focus()
    page.keyboard.press("ArrowUp")
    page.locator(".by-hand").wait_for()
    page.wait_for_timeout(_SETTLE_MS)
    page.locator("[data-editor]").screenshot(path=_DOCS / "by_hand.jpg", type="jpeg", quality=_QUALITY)


def _states(page: Page) -> Iterator[str]:
    """Brings the page into one state after the other, and says what each is called."""
    page.get_by_role("button", name="Choose or take a photo").wait_for()
    page.locator("[class*=st-key-sample-] button").last.wait_for()
    yield "start"
    _choose(page, "upright")
    page.locator("[data-mark]").first.wait_for()
    yield "marked"
    page.get_by_role("radio", name="BL-18").click()
    page.locator("article.card").wait_for()
    page.locator("article.card").evaluate("(card) => card.scrollIntoView({ block: 'end' })")
    yield "card"
    _choose(page, "from_the_front")
    by_hand = page.get_by_role("button", name="Place it by hand")
    by_hand.wait_for()
    _scroll_to_top(page)
    yield "refused"
    by_hand.click()
    page.locator("[data-handle=c7]").wait_for()
    for name in [name for name in LANDMARKS if name != "spine_middle"][:2]:
        page.locator(f"[data-handle={name}]").focus()
        page.keyboard.press("Enter")
    page.get_by_text("3 of 5").wait_for()
    yield "by_hand"
    page.get_by_role("link", name="Live").click()
    page.frame_locator("iframe[title*=webrtc]").locator("#tamed").wait_for(state="attached")
    page.get_by_role("button", name="Start the camera").click()
    page.get_by_text("The points are on the back").wait_for()
    _scroll_to_top(page)
    yield "live"


def _scroll_to_top(page: Page) -> None:
    page.locator("[data-testid=stMain]").evaluate("(main) => main.scrollTo(0, 0)")


def _choose(page: Page, sample: str) -> None:
    page.locator("input[type=file]").first.set_input_files(_SAMPLES / f"{sample}.jpg")


def _keep(page: Page, file: Path) -> None:
    """The window as it is, small."""
    page.wait_for_timeout(_SETTLE_MS)
    with tempfile.TemporaryDirectory() as folder:
        taken = Path(folder) / "shot.png"
        page.screenshot(path=taken)
        with Image.open(taken) as picture:
            picture.convert("RGB").save(file, quality=_QUALITY, method=6)


if __name__ == "__main__":
    main()
