"""The bench of reasons: photos are spoilt until they are refused, and what is told is judged by what spoilt them."""

from types import SimpleNamespace

import numpy as np
import pytest

from lab.accuracy import reasons
from locator.core.reasons import RefusalCode, refusal


@pytest.fixture(scope="module")
def seen(locator, back):
    return locator.locate(back).outcome


@pytest.fixture(scope="module")
def spine(seen):
    return seen.spine_px


def test_each_cause_spoils_a_photo_more_and_more(back_rgb, spine):
    for name, cause in reasons.CAUSES.items():
        slightly, badly = (cause.spoil(back_rgb, cause.strengths[at], spine) for at in (0, -1))
        assert slightly.dtype == badly.dtype == np.uint8, name
        assert min(slightly.shape[:2] + badly.shape[:2]) >= 64, name
        assert slightly.shape != badly.shape or (slightly != badly).any(), name


def test_the_first_refusals_count(back_rgb, seen, spine):
    told = [seen, refusal(RefusalCode.TOO_DARK), refusal(RefusalCode.NOBODY_FOUND), refusal(RefusalCode.FRONT_VIEW)]
    locator = SimpleNamespace(locate=lambda rgb: SimpleNamespace(outcome=told.pop(0)))
    cause = reasons.CAUSES["dark"]
    _, second, third, *_ = cause.strengths
    assert reasons.refusals(cause, back_rgb, spine, locator) == (("too_dark", second), ("nobody_found", third))


def test_what_is_told_is_true_open_or_false():
    dark = reasons.CAUSES["dark"]
    codes = (RefusalCode.TOO_DARK, RefusalCode.UNSURE_FACING, RefusalCode.FRONT_VIEW)
    assert [reasons.judged(dark, code) for code in codes] == ["true", "open", "false"]


def test_a_cause_that_is_told_of_a_photo_that_was_refused_without_it_is_told_in_vain(back_rgb):
    told = [refusal(RefusalCode.FRONT_VIEW), refusal(RefusalCode.TOO_DARK), refusal(RefusalCode.TOO_DARK)]
    locator = SimpleNamespace(locate=lambda rgb: SimpleNamespace(outcome=told.pop(0)))
    dark = reasons.CAUSES["dark"]
    assert reasons.in_vain(dark, back_rgb, "front_view", locator) == (("too_dark", dark.strengths[1]),)
    never = SimpleNamespace(locate=lambda rgb: SimpleNamespace(outcome=refusal(RefusalCode.TOO_DARK)))
    assert reasons.in_vain(dark, back_rgb, "too_dark", never) == ()


def test_photos_are_counted_by_what_spoilt_them_and_reasons_by_whether_they_are_the_cause():
    told = [
        reasons.Told("a", "dark", None, (("nobody_found", 0.1), ("too_dark", 0.05))),
        reasons.Told("a", "blurred", None, (("too_dark", 0.1), ("too_blurred", 0.2))),
        reasons.Told("b", "dark", None, ()),
        reasons.Told("c", "dark", "front_view", (("too_dark", 0.1),)),
    ]
    by_cause, by_code = list(reasons._by_cause(told)), list(reasons._by_code(told))
    assert "| dark | 1 | 1 | 0 | 1 | 0 |" in by_cause
    assert "| blurred | 0 | 1 | 0 | 0 | 1 |" in by_cause
    assert by_cause[-1] == "| all | 1 | 2 | 0 | 1 | 1 |"
    assert "| `too_dark` | 3 | 1 | 1 | 1 |" in by_code
    assert "| `too_blurred` | 1 | 1 | 0 | 0 |" in by_code


@pytest.mark.parametrize(
    ("name", "strength", "code"),
    [
        ("overexposed", 4.0, "too_bright"),
        ("side light", 0.9, "uneven_light"),
        ("sideways", 0.5, "sideways"),
        ("from below", 0.28, "bent"),
        ("cropped", 0.4, "cropped"),
        ("far away", 0.12, "too_small"),
        ("blurred", 0.06, "too_blurred"),
        ("dark", 0.01, "too_dark"),
    ],
)
def test_a_photo_that_is_refused_for_what_spoilt_it_is_told_so(name, strength, code, back_rgb, spine, locator):
    """The photo without it is answered."""
    assert locator.locate(reasons.CAUSES[name].spoil(back_rgb, strength, spine)).outcome.code == code
