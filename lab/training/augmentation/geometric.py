"""Geometric augmentation: stretching across the back, and the way from a scene to a network's input."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from lab.training.augmentation.stored_scenes import Array, Bytes
from lab.training.keypoints import C7, NAMES, S2
from locator.models.heatmap_network import PHOTO_SHARE, SPINE_SHARE

# Scenes are stretched across the back by e to the power of so much at most, apart from the body's own build: breadth
# must not tell length. So many are.
_STRETCH, _STRETCHED = 0.4, 0.9
_CUN_WITH_BREADTH = 0.7
"""How a cun grows with breadth: hand breadth goes with the shoulders' to this power (ANSUR II)."""
_BESIDE = [
    (NAMES.index(f"{code}/{side}"), NAMES.index(level))
    for code, level in (("BL-43", "T4"), ("BL-18", "T9"), ("BL-21", "T12"), ("BL-23", "L2"), ("BL-52", "L2"))
    for side in "LR"
]

# How far a region of interest is jittered, as factors and their chances: the next one is laid by what the last one was
# read as, which is not that near where nothing but skin is in the picture.
_LOOSE, _LOOSE_ALONG = 0.38, 0.1  # the logarithm of its size, and where its middle lies along the spine, in sides
_JITTER, _JITTER_CHANCES, _BARE_JITTER = (0.35, 1.0, 2.0), (0.3, 0.4, 0.3), 1.0


def random_stretch(rng: np.random.Generator) -> float:
    """By what factor a scene is stretched across the back."""
    return math.exp(rng.uniform(-_STRETCH, _STRETCH)) if rng.random() < _STRETCHED else 1.0


def stretch(keypoints: Array, factor: float) -> tuple[Array, NDArray[np.float64]]:
    """Keypoints of a scene stretched across the back, and (3, 3) from the scene to where it is stretched.

    Marks beside the spine go out by less than their surroundings: a cun grows less than a body's breadth does.
    """
    along = (keypoints[S2] - keypoints[C7]) / np.linalg.norm(keypoints[S2] - keypoints[C7])
    across = np.array([along[1], -along[0]])
    turn = np.outer(along, along) + factor * np.outer(across, across)
    shift = keypoints[C7] - turn @ keypoints[C7]
    moved = keypoints @ turn.T + shift
    if factor != 1.0:
        less = factor ** (_CUN_WITH_BREADTH - 1)
        for row, level in _BESIDE:
            away = (moved[row] - moved[level]) @ across
            moved[row] -= (1 - less) * away * across
    return moved.astype(np.float32), np.vstack([np.hstack([turn, shift[:, None]]), [0, 0, 1]])


def letterbox(photo: Array, side: int) -> NDArray[np.float64]:
    """(2, 3) from the scene to the whole photo, letterboxed."""
    right, down = photo[1] - photo[0], photo[3] - photo[0]
    width, height = np.linalg.norm(right), np.linalg.norm(down)
    scale = PHOTO_SHARE * side / max(width, height)
    turn = np.stack([right / width, down / height]) * scale
    return np.hstack([turn, ((side - 1) / 2 - turn @ photo.mean(axis=0))[:, None]])


def region_of_interest(
    keypoints: NDArray[np.floating], side: int, bare: bool, part: bool, rng: np.random.Generator
) -> NDArray[np.float64]:
    """(2, 3) from the scene to the upright back, jittered as the coarse stage would lay it; to a part any way up."""
    down = keypoints[S2] - keypoints[C7]
    length = float(np.linalg.norm(down))
    if part:
        length *= math.exp(rng.uniform(-0.4, 0.4))
        if rng.random() < 0.5:
            down = rng.choice([-1, 1]) * (down if rng.random() < 0.5 else np.array([-down[1], down[0]]))
    jitter = max(float(rng.choice(_JITTER, p=_JITTER_CHANCES)), _BARE_JITTER if bare else 0.0)
    angle = math.atan2(down[0], down[1]) + jitter * float(np.clip(rng.normal(0, 0.1), -0.3, 0.3))
    # Regions tell nothing of where a spine begins or ends: where they did, networks believed them wherever a real back
    # told them little, and never left what a first look had taken from its breadth.
    wrong = float(rng.uniform(-_LOOSE, _LOOSE))
    along = float(rng.uniform(-_LOOSE_ALONG, _LOOSE_ALONG))
    aside = jitter * float(np.clip(rng.normal(0, 0.035), -0.1, 0.1))
    scale = SPINE_SHARE * side / length * math.exp(wrong)
    turn = scale * np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    middle = (keypoints[C7] + keypoints[S2]) / 2
    to = (side - 1) / 2 + np.array([aside, along]) * side
    return np.hstack([turn, (to - turn @ middle)[:, None]])


def transformed(points: NDArray[np.floating], by: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points, (n, 2), by an affine map, (2, 3)."""
    return np.asarray(points @ by[:, :2].T + by[:, 2])


def warp(rgba: Bytes, to_input: NDArray[np.float64], side: int) -> tuple[Bytes, Bytes]:
    """The body in the input, (side, side, 3), its colours times their coverage, and the coverage, (side, side)."""
    scale = math.sqrt(abs(float(np.linalg.det(to_input[:, :2]))))
    corners = np.array([[0, 0], [side, 0], [side, side], [0, side]]) - to_input[:, 2]
    seen = corners @ np.linalg.inv(to_input[:, :2]).T  # only what the input shows is worth the work
    left, top = np.clip(np.floor(seen.min(axis=0)).astype(int) - 2, 0, np.array(rgba.shape[1::-1]) - 2)
    right, bottom = np.maximum(np.ceil(seen.max(axis=0)).astype(int) + 3, [left + 2, top + 2])
    rgba = rgba[top:bottom, left:right]
    red, green, blue, cover = cv2.split(rgba)
    both = cv2.merge([*(cv2.multiply(colour, cover, scale=1 / 255) for colour in (red, green, blue)), cover])
    to_input = np.hstack([to_input[:, :2], (to_input[:, :2] @ np.array([left, top]) + to_input[:, 2])[:, None]])
    while scale < 0.6:  # or what is left out between the pixels would flicker
        height, width = both.shape[:2]
        both = cv2.resize(both[: height // 2 * 2, : width // 2 * 2], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        to_input = np.hstack([to_input[:, :2] * 2, (to_input[:, :2] @ np.array([0.5, 0.5]) + to_input[:, 2])[:, None]])
        scale *= 2
    *colours, cover = cv2.split(cv2.warpAffine(both, to_input, (side, side), flags=cv2.INTER_LINEAR))
    return cv2.merge(colours), np.asarray(cover, np.uint8)


def composite(front: Bytes, cover: Bytes, behind: Bytes) -> Bytes:
    """Colours that are already times their coverage, over something."""
    return np.asarray(cv2.add(front, cv2.multiply(behind, cv2.merge([255 - cover] * 3), scale=1 / 255)), np.uint8)
