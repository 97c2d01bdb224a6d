"""The pages in each language: no word of another one is left, whatever is shown."""

from __future__ import annotations

import datetime
import json
import re
from html import unescape
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from locator.catalogue.acupoints import catalogue
from locator.catalogue.languages import languages, nearest
from locator.catalogue.words import words
from locator.cli import messages
from locator.core import resources
from locator.core.reasons import RefusalCode
from locator.core.unreadable import UnreadableCode
from locator.jobs.results import Summary
from locator.models import registry
from locator.web import server, session

each_language = pytest.mark.parametrize("language", languages())
needs_model = pytest.mark.skipif(not registry.is_ready(), reason="the pose model is not on this machine: locator setup")

# Fields of Streamlit's messages that people read.
READ = ("label", "body", "help", "placeholder", "options", "content", "text", "title", "alt", "page_title")

# Fields of our components that nobody reads.
UNREAD = (
    "js", "css", "src", "id", "code", "set_by", "colour", "voice", "camera_key", "room", "held", "before", "session",
)  # fmt: skip

# The same in every language: formats, settings and commands, keys, and the sources of what studies say.
NAMES = r"""JPEG|PNG|WebP|HEIC|AVIF|SVG|PDF|CSV|COCO|JSON|README|HTTPS?|TURN|WHO|localhost|locator|doctor|Letter|
Esc|Ctrl|Shift"""
PINYIN = {point.pinyin for point in catalogue().acupoints}
HANZI = {point.hanzi for code in languages() for point in catalogue(code).acupoints}


@pytest.fixture
def visit(monkeypatch):
    """A visitor's page, for a browser of a locale."""

    def come(locale, **query):
        page = AppTest.from_file(str(server.SCRIPT), default_timeout=300)
        page.context = {"locale": locale, "timezone": "Asia/Taipei"}
        page.query_params.update(query)
        return healthy(page.run())

    return come


def healthy(page):
    assert [error.message for error in page.exception] == []
    return page


def switch(page):
    return page.button_group(key="language")


def title(page):
    return page.title[0].value


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("zh-TW", "zh-Hant"),
        ("zh-HK", "zh-Hant"),
        ("zh-Hant-MO", "zh-Hant"),
        ("zh", "zh-Hans"),
        ("zh-CN", "zh-Hans"),
        ("zh_SG", "zh-Hans"),
        ("en-GB", "en"),
        ("fr-FR", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_a_browsers_locale_chooses_the_nearest_language(tag, expected):
    assert nearest(tag) == expected


def test_the_page_speaks_the_browsers_language_until_another_is_chosen_which_stays(visit):
    page = visit("zh-TW")
    assert title(page) == words("zh-Hant").photo.title
    assert switch(page).options == [catalogue(code).language for code in languages()]
    switch(page).set_value("zh-Hans")
    healthy(page.run())
    assert title(page) == words("zh-Hans").photo.title
    healthy(page.run())
    assert title(page) == words("zh-Hans").photo.title
    assert page.query_params["language"] == "zh-Hans"  # so that a reload finds it again
    assert title(visit("zh-TW", language="zh-Hans")) == words("zh-Hans").photo.title


def test_an_address_with_a_language_that_is_not_spoken_is_answered_in_the_browsers(visit):
    assert title(visit("zh-CN", language="tlh")) == words("zh-Hans").photo.title


@needs_model
def test_another_language_loses_neither_the_photo_nor_what_was_chosen(visit):
    page = visit("en")
    upload(page, (resources.path("sample_images") / "standing.jpg").read_bytes())
    page.button_group(key="complaints").set_value(["stress"])
    for key, value in {"labels": "numbers", "size": 1.4, "paper": "letter", "other": "csv"}.items():
        page.selectbox(key=key).set_value(value)
    page.checkbox(key="hide_head").set_value(True)
    healthy(page.run())
    before = page.session_state["visitor"].photo_sha256
    switch(page).set_value("zh-Hant")
    healthy(page.run())
    healthy(page.run())
    assert title(page) == words("zh-Hant").photo.title
    assert page.session_state["visitor"].photo_sha256 == before
    assert page.button_group(key="complaints").value == ["stress"]
    assert [page.selectbox(key=key).value for key in ("labels", "size", "paper", "other")] == [
        "numbers", 1.4, "letter", "csv",
    ]  # fmt: skip
    assert page.checkbox(key="hide_head").value


def shown(page):
    """Every text that people read or hear on a page, of the widgets and of our own components."""
    return [text for node in walk(page._tree) for text in read_in(getattr(node, "proto", None))]


def read_in(message):
    """The texts in one of Streamlit's messages."""
    for field, value in message.ListFields() if hasattr(message, "ListFields") else ():
        for one in [value] if isinstance(value, (str, bytes)) or not hasattr(value, "__iter__") else value:
            if field.name in READ and isinstance(one, str):
                yield one
            elif field.name == "json" and one:
                yield from strings(json.loads(one))
            else:
                yield from read_in(one)


def walk(node):
    yield node
    for child in (getattr(node, "children", None) or {}).values():
        yield from walk(child)


def strings(value):
    """The texts in what a component is given; what it tells things apart by, and what is code, is not read."""
    if isinstance(value, dict):
        for key, one in value.items():
            if key not in UNREAD or isinstance(one, dict):
                yield from strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from strings(one)
    elif isinstance(value, str):
        yield value


def foreign(text, language):
    """The words in a text that are not of its language."""
    text = unescape(
        re.sub(r"(?s:<(script|style)>.*?</\1>)|<[^>]*>|:material/\w+:|\b[a-z]+(_[a-z]+)+\b|\{\w+\}", " ", text)
    )
    own = [
        *catalogue(language).sources,
        *catalogue(language).study_sources,
        *PINYIN,
        *(alias for point in catalogue().acupoints for alias in point.aliases),
    ]
    for name in sorted([*own, *HANZI, *(catalogue(code).language for code in languages())], key=len, reverse=True):
        text = text.replace(name, " ")
    if language == "en":
        return re.findall(r"[\u3400-\u9fff]+", text)
    return re.findall(r"[A-Za-z]{3,}", re.sub(rf"(?x)(?<![A-Za-z])(?:{NAMES})(?![A-Za-z])", " ", text))


def check(page, language):
    texts = shown(healthy(page))
    assert len(texts) > 5
    assert {text: left for text in texts if (left := foreign(text, language))} == {}


def upload(page, content, name="1"):
    page.file_uploader[0].set_value((name, content, "image/jpeg"))
    return page.run()


@needs_model
@each_language
def test_every_text_of_the_photo_page_is_in_the_language(language, visit):
    page = visit(language)
    check(page, language)
    page.button(key="camera").click()
    check(page.run(), language)
    page.button(key="sample-upright").click()
    check(page.run(), language)
    page.button_group(key="point").set_value("GV-9")
    check(page.run(), language)
    for sample in ("out_of_focus", "far_away"):  # refused, and marked with reserve
        check(upload(page, (resources.path("sample_images") / f"{sample}.jpg").read_bytes()), language)
        for by_hand in [button for button in page.button if button.key == "by_hand"]:
            by_hand.click()
            check(page.run(), language)
    check(upload(page, b"Dear diary,\n" * 40), language)
    check(upload(page, (resources.path("sample_images") / "README.md").read_bytes()), language)


@needs_model
@each_language
def test_every_text_of_the_live_page_is_in_the_language(language, monkeypatch):
    monkeypatch.setattr("locator.web.live_page.webrtc_streamer", lambda *args, **kwargs: None)
    monkeypatch.setattr("locator.web.live_page.keep_newest_only", lambda: None)
    page = AppTest.from_function(live_page_alone, default_timeout=300)
    page.run()
    page.session_state["visitor"].language = language
    check(page.run(), language)
    picked = page.button_group(key="point")
    picked.set_value("GV-9")
    check(page.run(), language)


def live_page_alone():
    import streamlit as st

    from locator.web import live_page

    live_page.show_live_page(st.Page(lambda: None, title="·"))


@each_language
def test_the_command_tells_of_a_folder_and_of_the_machine_in_the_language(language):
    of_codes = [dict.fromkeys((code.value for code in codes), 1) for codes in (RefusalCode, UnreadableCode)]
    told = list(messages.counts(Summary(9, 3, *of_codes, closed=[], skipped=1, several=2, backs=4), language))
    assert len(told) == 4 + sum(map(len, of_codes))
    said = words(language)
    told += [text for part in (said.command, said.batch, said.doctor) for text in vars(part).values()]
    own = r"--\w+|/?\w+\.jsonl?|OpenCV|Python"  # options, files and packages
    assert {text: left for text in told if (left := foreign(re.sub(own, "", text), language))} == {}


@pytest.mark.parametrize("minutes_to_utc", [-840, 0, 720])
def test_the_day_on_the_sheet_is_the_visitors(minutes_to_utc, monkeypatch):
    monkeypatch.setattr(session.st, "context", SimpleNamespace(timezone_offset=minutes_to_utc))
    there = datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=minutes_to_utc)
    assert session.today()() == there.date()
    monkeypatch.setattr(session.st, "context", SimpleNamespace(timezone_offset=None))
    assert session.today()() == datetime.date.today()
