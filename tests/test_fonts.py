"""Every character that is ever set is in the font that sets it, and the fonts may be shipped."""

import numpy as np
import pytest
from fontTools.ttLib import TTFont

from locator.draw import fonts
from locator.draw.fonts import Weight

each_font = pytest.mark.parametrize("family", sorted(fonts.characters()))
each_weight = pytest.mark.parametrize("weight", list(Weight))


@each_font
@each_weight
def test_every_character_of_every_language_is_in_its_font(family, weight):
    there = TTFont(fonts.path(family, weight)).getBestCmap()
    missing = {c for c in fonts.characters()[family] if ord(c) not in there}
    assert not missing, "cut the fonts anew: python -m lab.release.build_fonts"


@each_font
def test_western_letters_and_digits_are_there_for_languages_to_come(family):
    there = TTFont(fonts.path(family)).getBestCmap()
    assert all(ord(c) in there for c in "AZaz09äöüßéèñçøå½·–“”")


@each_font
@each_weight
def test_text_is_as_long_as_its_letters(family, weight):
    text = "BL-18 Gan Shu 肝俞"
    font = TTFont(fonts.path(family, weight))
    widths = [font["hmtx"][font.getBestCmap()[ord(c)]][0] for c in text]
    assert fonts.length(text, 20, family, weight) == pytest.approx(20 * sum(widths) / font["head"].unitsPerEm, rel=1e-3)
    assert fonts.length(text, 1000, family, weight) == fonts.font(family, 1000, weight).getlength(text)  # as drawn


@each_font
def test_chinese_is_drawn_and_not_boxed(family):
    drawn = [np.asarray(fonts.font(family, 40).getmask(c)).reshape(-1) for c in "肝胃志"]
    boxed = np.asarray(fonts.font(family, 40).getmask("\U0001f600")).reshape(-1)
    assert all(not np.array_equal(letter, boxed) for letter in drawn)


def test_fonts_are_small_and_their_licence_lies_beside_them():
    assert sum(file.stat().st_size for file in fonts.FOLDER.glob("*.ttf")) < 1_500_000
    assert "SIL OPEN FONT LICENSE Version 1.1" in (fonts.FOLDER / "OFL.txt").read_text()
