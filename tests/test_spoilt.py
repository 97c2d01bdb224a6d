"""The bench of reasons: photos are spoilt until they are refused, and what is told is judged by what spoilt them."""

from types import SimpleNamespace

import numpy as np
import pytest

from lab.accuracy import reasons
from locator.core.reasons import RefusalCode, refusal


@pytest.fixture(scope="module")
def seen(locator, back):
    return locator.locate(back).outcome


def test_each_cause_spoils_a_photo_more_and_more(back_rgb, seen):
    for name, cause in reasons.CAUSES.items():
        slightly, badly = (cause.spoil(back_rgb, cause.strengths[at], seen) for at in (0, -1))
        assert slightly.dtype == badly.dtype == np.uint8, name
        assert min(slightly.shape[:2] + badly.shape[:2]) >= 64, name
        assert slightly.shape != badly.shape or (slightly != badly).any(), name


def test_the_first_refusal_counts(back_rgb, seen):
    told = [seen, refusal(RefusalCode.TOO_DARK), refusal(RefusalCode.NOBODY_FOUND)]
    locator = SimpleNamespace(locate=lambda rgb: SimpleNamespace(outcome=told.pop(0)))
    cause = reasons.CAUSES["dark"]
    assert reasons.first_refusal(cause, back_rgb, seen, locator) == ("too_dark", cause.strengths[1])


def test_what_is_told_is_true_open_or_false():
    dark = reasons.CAUSES["dark"]
    codes = (RefusalCode.TOO_DARK, RefusalCode.UNSURE_FACING, RefusalCode.FRONT_VIEW)
    assert [reasons.judged(dark, code) for code in codes] == ["true", "open", "false"]
