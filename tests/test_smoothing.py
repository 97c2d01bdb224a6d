"""Tremble is taken out of places, and motion is not."""

import numpy as np
import pytest

from locator.live.smoothing import BodySmoother

BODY = np.random.default_rng(0).uniform(-100, 100, (12, 2)) + (320, 240)
RATE = 30


def film(way, tremble_px=0.0, seconds=3.0, seed=1):
    """Times and places of a body that ``way(time)`` moves, as read frame by frame."""
    rng = np.random.default_rng(seed)
    times = np.arange(1, round(seconds * RATE) + 1) / RATE
    return times, [way(time) + rng.normal(0, tremble_px, BODY.shape) for time in times]


def steadied(times, places, moving=range(12)):
    smoother = BodySmoother(moving)
    return np.array([smoother.smoothed(place, time) for time, place in zip(times, places, strict=True)])


def turned(angle, factor=1.0):
    rotation = factor * np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return (BODY - BODY.mean(axis=0)) @ rotation + BODY.mean(axis=0)


def test_what_does_not_tremble_is_left_as_it_is():
    np.testing.assert_allclose(steadied(*film(lambda time: BODY)), [BODY] * 90, atol=1e-6)


def test_most_of_the_tremble_is_taken_out():
    times, places = film(lambda time: BODY, tremble_px=4.0)
    left = steadied(times, places)[30:] - BODY
    assert np.sqrt((left**2).mean()) < 4.0 / 3


@pytest.mark.parametrize(
    "way",
    [
        lambda time: BODY + (200 * time, -80 * time),
        lambda time: turned(0.6 * time),
        lambda time: turned(0, 1 + 0.2 * time),
        lambda time: turned(3.0 + 0.2 * time),  # over the seam of half a turn
    ],
    ids=["away", "turning", "nearing", "upside down"],
)
def test_what_moves_is_followed_closely(way):
    times, places = film(way)
    behind = np.linalg.norm(steadied(times, places)[45:] - places[45:], axis=2).max()
    per_frame = np.linalg.norm(np.diff(places, axis=0), axis=2).max()
    assert behind < 3 * per_frame  # a tenth of a second


def test_places_that_go_their_own_way_do_not_move_the_rest():
    moving = range(10)
    times, places = film(lambda time: BODY + (np.arange(12)[:, None] >= 10) * 80 * np.sin(3 * time))
    np.testing.assert_allclose(steadied(times, places, moving)[:, :10], [BODY[:10]] * 90, atol=1e-6)


@pytest.mark.parametrize("pause_s", [5.0, 0.0, -1.0], ids=["a long pause", "the same time", "back in time"])
def test_after_a_gap_the_places_are_taken_as_they_are(pause_s):
    smoother = BodySmoother(range(12))
    for time, place in zip(*film(lambda time: BODY), strict=True):
        smoother.smoothed(place, time)
    np.testing.assert_allclose(smoother.smoothed(BODY + 100, 3.0 + pause_s), BODY + 100, atol=1e-6)
