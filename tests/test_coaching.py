"""Advice is one thing at a time, in few words, and stays long enough to be read."""

import pytest

from locator.catalogue.languages import languages
from locator.catalogue.words import words
from locator.core.reasons import AdviceCode, RefusalCode, refusal
from locator.live.coaching import Coach, all_advice, needed
from locator.photo.light import Light

WELL_LIT = Light(luma=120.0, white=0.0, edge_width=3.0)
DARK = Light(luma=10.0, white=0.0, edge_width=3.0)
BURNT_OUT = Light(luma=255.0, white=0.9, edge_width=60.0, blank=0.95)
BLURRED = Light(luma=120.0, white=0.0, edge_width=60.0)


def hear(coach, codes, start=0.0, rate=10):
    """What is said after each of some needs, ten a second."""
    return [getattr(coach.hear(code, start + number / rate), "code", None) for number, code in enumerate(codes)]


def test_all_advice_fits_on_a_picture_and_says_why():
    for advice in all_advice().values():
        assert 1 <= len(advice.say.split()) <= 4
        assert advice.why.endswith(".")


@pytest.mark.parametrize("language", languages())
def test_advice_is_in_the_language_that_is_asked_for_and_short_enough_for_a_picture(language):
    said = words(language).advice
    for code, advice in all_advice(language).items():
        assert (advice.say, advice.why) == (said[code].say, said[code].why)
        assert len(advice.say) <= 24
    coach = Coach()
    heard = [coach.hear(AdviceCode.STEP_BACK, number / 10, language) for number in range(20)][-1]
    assert heard == all_advice(language)[AdviceCode.STEP_BACK]


def test_every_refusal_of_a_photo_has_its_advice():
    for code in RefusalCode:
        assert needed(refusal(code), WELL_LIT, (640, 480), 0.0) in all_advice()


@pytest.mark.parametrize(("light", "code"), [(DARK, "more_light"), (BURNT_OUT, "less_light"), (BLURRED, "hold_still")])
def test_bad_light_is_said_before_all_else(light, code):
    assert needed(refusal(RefusalCode.FRONT_VIEW), light, (640, 480), 0.0) == code


def test_what_is_wrong_for_a_moment_only_is_not_said():
    assert set(hear(Coach(), [*["step_back"] * 5, *[None] * 30])) == {None}


def test_what_stays_wrong_is_said():
    said = hear(Coach(), ["step_back"] * 20)
    assert said[0] is None
    assert said[-1] == "step_back"


def test_advice_stays_long_enough_to_be_read_and_then_gives_way_to_the_next():
    said = hear(Coach(), [*["step_back"] * 10, *["more_light"] * 40])
    changes = [one for one, before in zip(said[1:], said, strict=False) if one != before]
    assert changes == ["step_back", "more_light"]
    assert said.count("step_back") >= 15


def test_once_it_is_right_nothing_more_is_said():
    assert hear(Coach(), [*["step_back"] * 20, *[None] * 30])[-1] is None
