"""A back of which more was read than the six landmarks, made up."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
from conftest import make_anchors

from locator.core.arrays import FloatArray
from locator.core.body import LANDMARKS, Landmarks, Side
from locator.core.types import Issue, Location
from locator.estimate import placing

LEVELS = ("C7", "T4", "T7", "T9", "T12", "L2", "L4", "S2")

Places = tuple[Landmarks, dict[str, FloatArray], dict[tuple[str, Side], FloatArray], dict[str, float]]


def read_places(seed: int = 1, spread_px: float = 8.0, landmarks: Landmarks | None = None) -> Places:
    """Landmarks, and levels, marks and radii, in pixels, that do not follow from them."""
    rng = np.random.default_rng(seed)
    landmarks = landmarks or make_anchors().landmarks
    usual = placing.from_anchors(dataclasses.replace(make_anchors(), landmarks=landmarks))

    def near(place: object) -> FloatArray:
        return np.array([place.x_px, place.y_px]) + rng.normal(0, spread_px, 2)

    levels = {level.level: near(level) for level in usual.levels if level.level in LEVELS}
    marks = {(point.code, point.side): near(point) for point in usual.points}
    radii = {code: float(rng.uniform(4, 12)) for code, _ in marks}
    return landmarks, levels, marks, radii


def changed(places: Places, change: Callable[[FloatArray], FloatArray], scale: float = 1.0) -> Places:
    """The same, with every point put through ``change``."""
    landmarks, levels, marks, radii = places
    there = Landmarks(**{name: change(getattr(landmarks, name)) for name in landmarks.__dataclass_fields__})
    return (
        there,
        {name: change(place) for name, place in levels.items()},
        {key: change(place) for key, place in marks.items()},
        {code: scale * radius for code, radius in radii.items()},
    )


def make_reading(places: Places | None = None, issues: tuple[Issue, ...] = (), method: str = "back") -> Location:
    """The location from such a reading."""
    landmarks, levels, marks, radii = places or read_places()
    landmark_radii = dict.fromkeys(LANDMARKS, float(np.median(list(radii.values()))))
    return placing.from_reading(landmarks, levels, marks, radii, issues, method, landmark_radii)
