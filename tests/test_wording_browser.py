"""What Streamlit's own widgets say, in a real browser: no English where the page speaks Chinese."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest

from lab.speed.browsing import until
from locator.catalogue.acupoints import acupoint, catalogue
from locator.catalogue.words import words
from locator.core import resources

pytestmark = pytest.mark.slow

# Every text on the page, and what is read out, but for the icons' names; one a line.
SAID = """
() => {
  const said = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.nodeType === Node.ELEMENT_NODE) {
      for (const name of ["aria-label", "placeholder", "alt", "title"]) said.push(node.getAttribute(name) ?? "");
    } else if (!node.parentElement.closest("style, script, noscript, iframe, [translate=no], .st-key-language")) {
      said.push(node.data);
    }
  }
  return said.join("\\n");
}
"""
KNOWN = r"(?m)^.*(?:et al\.|WHO).*$|JSON|PNG|Esc|Ctrl|Shift|standing\.jpg"


def seen(page):
    return page.evaluate(SAID)


def foreign(page):
    return re.findall(r"[A-Za-z][A-Za-z ]{2,}", re.sub(KNOWN, "", seen(page)))


def chosen(page, label, option):
    """Whether that is chosen from a list; presses again where the list has closed, as it does when the page moves."""
    from playwright.sync_api import TimeoutError as NotThere

    box, item = page.get_by_role("combobox", name=label, exact=True), page.get_by_role("option", name=option)
    if not item.is_visible():
        box.click()
    with suppress(NotThere):
        item.click(timeout=2000)
    return box.input_value() == option


def test_streamlits_own_words_follow_the_language_that_is_chosen(address, browser):
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-TW")
    page = context.new_page()
    page.goto(address)
    said = words("zh-Hant")
    page.get_by_role("button", name=said.photo.camera).click()
    page.get_by_text(said.streamlit.take_photo).wait_for()
    until(page, lambda: foreign(page) == [])

    page.locator("input[type=file]").first.set_input_files(resources.path("sample_images") / "standing.jpg")
    page.locator("[data-mark]").first.wait_for()
    for panel in (said.corrections.files, said.take_away.style):
        page.get_by_text(panel, exact=True).click()
    page.get_by_text("1 MB").wait_for()
    until(page, lambda: foreign(page) == [])

    # What has been chosen from a list stays, whatever the language calls it.
    until(page, lambda: chosen(page, said.page.labels, said.page.label_kinds["numbers"]))
    for language in ("zh-Hant", "zh-Hans", "en"):
        page.get_by_role("radio", name=catalogue(language).language).click()
        page.get_by_role("radio", name=f"1. {acupoint('BL-43', language).title}").wait_for()
    # A panel whose name has changed may be closed again.
    page.get_by_text(words("en").streamlit.per_file.format(megabytes=1)).wait_for(state="attached")
    until(page, lambda: not re.findall(r"[\u3400-\u9fff]+", seen(page)))
    context.close()
