"""Marks on the skin of the torso: tan lines, moles, cupping marks, tattoos, scratches.

Each kind is drawn into a tint map: uint8 factors of shape (460, 320, 3) over the torso map, 255 for none. The map
lies on the back and in front alike, but for cupping marks, which are beside the spine alone.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from lab.training.rendering.procedural import MAP_CELL, MAP_SHAPE, MAP_TOP, map_pixels

TintMap = NDArray[np.uint8]
_WHITE = (255, 255, 255)


def tint_maps(heights: dict[str, float], rng: np.random.Generator) -> tuple[TintMap, TintMap]:
    """What tints the skin of the torso, behind and in front; ``heights`` of the levels at rest, metres."""
    front = np.full((*MAP_SHAPE, 3), 255, np.uint8)
    for chance, draw in ((0.12, _tan), (0.7, _moles), (0.15, _tattoos), (0.1, _scratches)):
        if rng.random() < chance:
            front = draw(front, heights, rng)
    behind = _cupping_marks(front.copy(), heights, rng) if rng.random() < 0.08 else front
    return behind, front


def _ends(heights: dict[str, float]) -> tuple[float, float]:
    """Lowest and highest z of what lies anywhere on the back."""
    return heights["S2"] - 0.05, heights["C7"]


def _spot(
    tint: TintMap,
    x: float,
    z: float,
    radius: float,
    colour: Any,
    squash: float = 1.0,
    turn: float = 0.0,
    thick: int = -1,
) -> None:
    centre = map_pixels([(x, z)])[0]
    size = max(1, round(radius / MAP_CELL)), max(1, round(radius * squash / MAP_CELL))
    shade = tuple(float(v) for v in colour)
    cv2.ellipse(tint, tuple(int(v) for v in centre), size, turn, 0, 360, shade, thick, cv2.LINE_AA)


def _tan(tint: TintMap, heights: dict[str, float], rng: np.random.Generator) -> TintMap:
    """Tanned skin, paler where trousers and maybe a top are worn."""
    tint[:] = 255 * (1 - rng.uniform(0.08, 0.3) * np.array([0.6, 0.9, 1]))
    z = rng.uniform(heights["S2"] - 0.06, heights["L4"])
    cv2.rectangle(tint, (0, int((MAP_TOP - z) / MAP_CELL)), (MAP_SHAPE[1], MAP_SHAPE[0]), _WHITE, -1)
    if rng.random() < 0.6:
        band = map_pixels([(-0.32, rng.uniform(heights["T10"], heights["T6"])), (0.32, 0)])
        half = int(rng.integers(2, 14))
        cv2.rectangle(tint, (0, band[0, 1] - half), (MAP_SHAPE[1], band[0, 1] + half), _WHITE, -1)
        for sign in (-1, 1):
            ends = map_pixels([(sign * 0.07, heights["T8"]), (sign * 0.09, 0.62)])
            cv2.line(tint, ends[0].tolist(), ends[1].tolist(), _WHITE, max(2, half), cv2.LINE_AA)
    return np.asarray(cv2.GaussianBlur(tint, (0, 0), rng.uniform(0.7, 4)), np.uint8)


def _moles(tint: TintMap, heights: dict[str, float], rng: np.random.Generator) -> TintMap:
    low, top = _ends(heights)
    for _ in range(int(rng.integers(1, 25))):
        depth = rng.uniform(0.15, 0.75)
        colour = 255 * (1 - depth * np.array([0.6, 0.85, 0.95]))
        x, z = rng.uniform(-0.2, 0.2), rng.uniform(low, top)
        _spot(tint, x, z, rng.uniform(0.001, 0.0045), colour, rng.uniform(0.6, 1))
    return tint


def _cupping_marks(tint: TintMap, heights: dict[str, float], rng: np.random.Generator) -> TintMap:
    """Round bruises in pairs beside some levels."""
    colour = np.array([rng.uniform(170, 215), rng.uniform(80, 140), rng.uniform(90, 150)])
    for name in rng.choice(list(heights)[1:], int(rng.integers(2, 9)), replace=False):
        for sign in (-1, 1):
            if rng.random() < 0.9:
                x, z = sign * rng.uniform(0.035, 0.09), heights[name] + rng.normal(0, 0.006)
                radius = rng.uniform(0.016, 0.026)
                _spot(tint, x, z, radius, colour + rng.normal(0, 12))
                _spot(tint, x, z, radius, colour * 0.85, thick=2)
    return np.asarray(cv2.GaussianBlur(tint, (0, 0), 1.2), np.uint8)


def _tattoos(tint: TintMap, heights: dict[str, float], rng: np.random.Generator) -> TintMap:
    low, top = _ends(heights)
    for _ in range(int(rng.integers(1, 4))):
        ink = 255 * (1 - rng.uniform(0.5, 0.92) * rng.uniform(0.75, 1, 3))
        centre_x, centre_z, size = rng.uniform(-0.16, 0.16), rng.uniform(low, top), rng.uniform(0.015, 0.09)
        for _ in range(int(rng.integers(2, 22))):
            x, z = centre_x + rng.normal(0, size / 2), centre_z + rng.normal(0, size / 2)
            if rng.random() < 0.4:
                radius, squash = rng.uniform(0.004, 0.5 * size + 0.005), rng.uniform(0.2, 1)
                _spot(tint, x, z, radius, ink, squash, rng.uniform(0, 180), int(rng.choice([-1, 1, 2])))
            else:
                corners = int(rng.integers(2, 6))
                way = [(x + rng.normal(0, size / 2), z + rng.normal(0, size / 2)) for _ in range(corners)]
                closed, thick = bool(rng.integers(2)), int(rng.integers(1, 4))
                cv2.polylines(tint, [map_pixels(way)], closed, tuple(ink.tolist()), thick, cv2.LINE_AA)
    return tint


def _scratches(tint: TintMap, heights: dict[str, float], rng: np.random.Generator) -> TintMap:
    low, top = _ends(heights)
    for _ in range(int(rng.integers(1, 6))):
        way = map_pixels([(rng.uniform(-0.18, 0.18), rng.uniform(low, top)) for _ in range(2)])
        way[1] = way[0] + np.round(rng.normal(0, 30, 2)).astype(np.int32)
        red = 255 * (1 - rng.uniform(0.1, 0.4) * np.array([0.1, 0.9, 0.8]))
        cv2.polylines(tint, [way], False, tuple(red.tolist()), int(rng.integers(1, 3)), cv2.LINE_AA)
    return tint
