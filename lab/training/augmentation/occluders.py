"""Occluders: what lies before or on a body, hands, limbs, stones and cups, towels, spots, cables, shadows."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from lab.training.augmentation.colours import random_colour, skin_colour
from lab.training.augmentation.stored_scenes import Bytes
from lab.training.keypoints import C7, NAMES, S2

_INNER_ROWS = [row for row, name in enumerate(NAMES) if "_" not in name]


def _limb(
    picture: Bytes,
    start: NDArray[np.float64],
    end: NDArray[np.float64],
    width: float,
    colour: tuple[float, float, float],
) -> None:
    """A rounded limb with a lit middle."""
    for share, light in ((1.0, 0.72), (0.75, 0.88), (0.4, 1.0)):
        shade = tuple(min(255.0, channel * light) for channel in colour)
        cv2.line(
            picture,
            (round(float(start[0])), round(float(start[1]))),
            (round(float(end[0])), round(float(end[1]))),
            shade,
            max(1, round(width * share)),
            cv2.LINE_AA,
        )


def _hand(picture: Bytes, at: NDArray[np.float64], size: float, rng: np.random.Generator) -> None:
    """A hand with its arm, lying on the back."""
    colour = skin_colour(rng)
    angle = rng.uniform(0, 2 * math.pi)
    ahead = np.array([math.cos(angle), math.sin(angle)])
    aside = np.array([-ahead[1], ahead[0]])
    _limb(picture, at - ahead * size * 3.5, at - ahead * size * 0.4, size * rng.uniform(0.55, 0.8), colour)
    _limb(picture, at - ahead * size * 0.3, at + ahead * size * 0.2, size * 0.8, colour)
    spread = rng.uniform(0.0, 0.35)
    for finger in (-1.5, -0.5, 0.5, 1.5):
        root = at + ahead * size * 0.35 + aside * finger * size * 0.19
        tip = root + (ahead + aside * finger * spread) * size * rng.uniform(0.55, 0.75)
        _limb(picture, root, tip, size * 0.19, colour)
    thumb = at - ahead * size * 0.1 + aside * size * 0.4
    _limb(picture, thumb, thumb + (ahead * 0.5 + aside * 0.4) * size * 0.6, size * 0.2, colour)


def occlude(picture: Bytes, keypoints: NDArray[np.float64], span: float, rng: np.random.Generator) -> Bytes:
    """Now and then a masseur's hands, spots, straps, cables, shadows; each of them seldom.

    Args:
        keypoints: (24, 2) px in the picture.
        span: px from C7 to S2.
    """
    picture = np.ascontiguousarray(picture)
    for chance, draw in _OCCLUDERS:
        if rng.random() < chance:
            picture = draw(picture, keypoints, span, rng)
    return picture


def _anywhere(keypoints: NDArray[np.float64], span: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """(2,) px: near one of the keypoints."""
    return np.asarray(keypoints[rng.integers(len(keypoints))] + rng.normal(0, 0.12, 2) * span)


def _hands(picture: Bytes, keypoints: NDArray[np.float64], span: float, rng: np.random.Generator) -> Bytes:
    for _ in range(rng.integers(1, 3)):
        _hand(picture, _anywhere(keypoints, span, rng), span * rng.uniform(0.16, 0.24), rng)
    return picture


def _limb_across(picture: Bytes, keypoints: NDArray[np.float64], span: float, rng: np.random.Generator) -> Bytes:
    start = _anywhere(keypoints, span, rng)
    _limb(picture, start, start + rng.normal(0, 1, 2) * span, span * rng.uniform(0.1, 0.25), skin_colour(rng))
    return picture


def _stones_or_cups(picture: Bytes, keypoints: NDArray[np.float64], span: float, rng: np.random.Generator) -> Bytes:
    """Hot stones or cups, in two rows or one."""
    glass, radius = rng.random() < 0.5, span * rng.uniform(0.03, 0.07)
    colour = random_colour(rng) if glass else tuple([float(rng.uniform(10, 70))] * 3)
    front = picture.copy()
    for row in rng.choice(_INNER_ROWS, int(rng.integers(1, 9)), replace=False):
        x, y = keypoints[row] + rng.normal(0, 0.01, 2) * span
        size = (radius * rng.uniform(0.85, 1.15), radius * rng.uniform(0.85, 1.15))
        cv2.ellipse(front, ((float(x), float(y)), (2 * size[0], 2 * size[1]), 0), colour, -1, cv2.LINE_AA)
        light = tuple(min(255.0, value + 90) for value in colour)
        at = (round(float(x - radius * 0.3)), round(float(y - radius * 0.3)))
        cv2.circle(front, at, max(1, round(radius * 0.25)), light, -1, cv2.LINE_AA)
    return _blend(picture, front, rng.uniform(0.35, 0.8) if glass else 1.0)


def _towel(picture: Bytes, keypoints: NDArray[np.float64], span: float, rng: np.random.Generator) -> Bytes:
    """A towel over one end."""
    end, other = (S2, C7) if rng.random() < 0.75 else (C7, S2)
    away = keypoints[end] - keypoints[other]
    start = keypoints[end] - away * rng.uniform(-0.05, 0.16)
    beside = np.array([away[1], -away[0]]) * rng.uniform(0.4, 1.5)
    tilt = away * rng.normal(0, 0.04)
    corners = [start + beside + tilt, start - beside - tilt, start - beside + away * 2, start + beside + away * 2]
    cv2.fillConvexPoly(picture, np.round(np.array(corners)).astype(np.int32), random_colour(rng), cv2.LINE_AA)
    return picture


def _spots(picture: Bytes, keypoints: NDArray[np.float64], span: float, rng: np.random.Generator) -> Bytes:
    front = picture.copy()
    for _ in range(rng.integers(1, 8)):
        x, y = _anywhere(keypoints, span, rng).tolist()
        size = abs(rng.normal(0, 0.06)) * span + 1
        ellipse = (x, y), (size, size * rng.uniform(0.3, 1)), rng.uniform(0, 180)
        cv2.ellipse(front, ellipse, random_colour(rng), -1, cv2.LINE_AA)
    return _blend(picture, front, rng.uniform(0.1, 0.8))


def _cable(picture: Bytes, keypoints: NDArray[np.float64], span: float, rng: np.random.Generator) -> Bytes:
    (x, y), (to_x, to_y) = (_anywhere(keypoints, span, rng) for _ in range(2))
    colour = random_colour(rng)
    thick = max(1, int(span * rng.uniform(0.01, 0.1)))
    cv2.line(picture, (int(x), int(y)), (int(to_x), int(to_y)), colour, thick, cv2.LINE_AA)
    return picture


def _obstacle(picture: Bytes, keypoints: NDArray[np.float64], span: float, rng: np.random.Generator) -> Bytes:
    """Something big over an edge of the body."""
    x, y = _anywhere(keypoints, span, rng) + rng.normal(0, 0.5, 2) * span
    width, height = rng.uniform(0.2, 0.6, 2) * span
    turn = float(rng.uniform(0, 180))
    corners = cv2.boxPoints(((float(x), float(y)), (float(width), float(height)), turn))
    cv2.fillConvexPoly(picture, np.round(corners).astype(np.int32), random_colour(rng), cv2.LINE_AA)
    return picture


def _shadow(picture: Bytes, keypoints: NDArray[np.float64], span: float, rng: np.random.Generator) -> Bytes:
    """A shadow's edge across."""
    side = picture.shape[0]
    shade = np.zeros((side, side), np.float32)
    corners = _anywhere(keypoints, span, rng) + rng.normal(0, 0.8, (int(rng.integers(3, 6)), 2)) * span
    cv2.fillPoly(shade, [np.round(corners).astype(np.int32)], 1.0, cv2.LINE_AA)
    shade = np.asarray(cv2.GaussianBlur(shade, (0, 0), rng.uniform(0.5, 0.08 * span + 0.6)), np.float32)
    return np.clip(picture * (1 - rng.uniform(0.15, 0.6) * shade[..., None]), 0, 255).astype(np.uint8)


def _blend(behind: Bytes, front: Bytes, share: float) -> Bytes:
    return np.asarray(cv2.addWeighted(behind, 1 - share, front, share, 0), np.uint8)


_OCCLUDERS = (
    (0.14, _hands),
    (0.1, _limb_across),
    (0.06, _stones_or_cups),
    (0.05, _towel),
    (0.3, _spots),
    (0.08, _cable),
    (0.12, _obstacle),
    (0.25, _shadow),
)
"""How often each is drawn."""
