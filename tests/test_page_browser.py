"""The page in a real browser: what a visitor sees, and that nothing leaves the machine."""

from __future__ import annotations

import pytest
from conftest import number_of_marks

from lab.speed.browsing import until
from locator.catalogue.acupoints import acupoints, codes_for
from locator.core import resources

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("width", [1280, 390])
def test_upload_see_marks_and_cards_choose_a_complaint(address, browser, scratch, width):
    sample = resources.path("sample_images") / "standing.jpg"
    context = browser.new_context(viewport={"width": width, "height": 900}, accept_downloads=True)
    requests = []
    context.on("request", lambda request: requests.append(request.url))
    page = context.new_page()
    refused = []
    page.on("console", lambda told: refused.append(told.text) if "Content Security Policy" in told.text else None)
    page.on("websocket", lambda socket: requests.append(socket.url))
    page.goto(address)
    page.get_by_text("A photo that works well").wait_for()

    page.locator("input[type=file]").first.set_input_files(sample)
    page.locator("article.card").nth(5).wait_for()
    picture = page.locator(".stage > img")
    picture.wait_for()
    until(page, lambda: page.locator("[data-mark]").count() == number_of_marks())
    assert page.locator("article.card").count() == len(acupoints())
    for text in ("Gan Shu", "肝俞", "BL-18", "When not to"):
        assert page.locator("article.card").get_by_text(text).first.is_visible()
    # Beside each other on a desktop, below each other on a phone, and never wider than the window.
    image_box, card_box = picture.bounding_box(), page.locator("article.card").first.bounding_box()
    assert (card_box["x"] > image_box["x"] + image_box["width"]) == (width == 1280)
    assert page.evaluate("document.documentElement.scrollWidth") <= width

    with page.expect_download() as download:
        page.get_by_role("button", name="Download the marked picture").click()
    assert download.value.suggested_filename == "back-points.jpg"

    page.get_by_role("button", name="Stress").click()
    until(page, lambda: page.locator("article.card").count() == len(codes_for(["stress"])))
    assert page.locator("article.card").get_by_text("Gan Shu").is_visible()
    until(page, lambda: page.locator("[data-mark]").count() == number_of_marks(["stress"]))

    page.locator("input[type=file]").first.set_input_files(
        {"name": "holiday.jpg", "mimeType": "image/jpeg", "buffer": b"no picture at all"}
    )
    page.get_by_text("No points were marked").wait_for()
    assert page.locator(".drawing svg").is_visible()
    assert page.locator("article.card").count() == 0
    assert page.locator(".stage").count() == 0
    context.close()

    away = [u for u in requests if not u.startswith((address, address.replace("http", "ws"), "data:", "blob:"))]
    assert away == []
    assert refused == []
    assert list(scratch.iterdir()) == []
