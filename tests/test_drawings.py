"""The drawings beside a refusal."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from locator.catalogue import drawings
from locator.core.reasons import Drawing, RefusalCode
from locator.core.unreadable import UnreadableCode

FOLDER = Path(drawings.__file__).parent / "svg"
FILES = sorted(FOLDER.glob("*.svg"))


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_each_drawing_suits_light_and_dark_and_says_what_it_shows(file):
    text = file.read_text(encoding="utf-8")
    root = ElementTree.fromstring(text)
    title = root.find("{http://www.w3.org/2000/svg}title")
    assert title is not None
    assert title.text
    assert root.get("stroke") == "currentColor"
    assert not re.search(r"#[0-9a-f]{3}|rgb\(|href|script|style=", text)
    assert len(text) < 4000


@pytest.mark.parametrize("code", [*RefusalCode, *UnreadableCode])
def test_each_refusal_and_unreadable_file_has_its_drawing(code):
    assert drawings.of_reason(code.value) is code.drawing
    assert drawings.svg(code.drawing).startswith("<svg")


def test_an_unknown_code_gets_the_drawing_of_a_good_photo():
    assert drawings.of_reason("never-heard-of") is Drawing.GOOD_PHOTO


def test_no_drawing_lies_unused_or_is_missing():
    used = {Drawing.GOOD_PHOTO, *(code.drawing for code in (*RefusalCode, *UnreadableCode))}
    assert {f.stem for f in FILES} == used == set(Drawing)
