"""Where in a picture the body is, as far as its landmarks tell: what labels and legend rather leave free."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from locator.core.arrays import FloatArray
from locator.core.body import Landmarks

# In lengths from C7 to the middle of the hips, and in halves of the distance between the shoulder joints.
_HEAD_TOP, _HEAD_HALF = -0.6, 0.2
_TRUNK = 1.15  # the joints lie inside the shoulders
_ARMS = 1.35  # hanging


def on_trunk(landmarks: Landmarks, points: FloatArray) -> NDArray[np.bool_]:
    """Whether each of (..., 2) px lies between the shoulders and the hips."""
    along, across = _in_body(landmarks, points)
    return np.asarray((along > 0.0) & (along < 1.0) & (across < _half(landmarks, _TRUNK)))


def on_body(landmarks: Landmarks, points: FloatArray) -> NDArray[np.bool_]:
    """Whether each of (..., 2) px lies on head, trunk, hanging arms, or below on the legs."""
    along, across = _in_body(landmarks, points)
    head = (along > _HEAD_TOP) & (across < _HEAD_HALF)
    return np.asarray(head | ((along > 0.0) & (across < _half(landmarks, _ARMS))))


def in_boxes(boxes: FloatArray) -> FloatArray:
    """(n, points, 2) px all over each of (n, 4) boxes, which are left, top, right and bottom."""
    shares = np.stack(np.meshgrid(np.linspace(0, 1, 9), np.linspace(0, 1, 5)), axis=-1).reshape(-1, 2)
    return np.asarray(boxes[:, None, :2] + shares * (boxes[:, None, 2:] - boxes[:, None, :2]))


def _half(landmarks: Landmarks, factor: float) -> float:
    return factor * landmarks.shoulders_px / 2 / landmarks.back_px


def _in_body(landmarks: Landmarks, points: FloatArray) -> tuple[FloatArray, FloatArray]:
    """How far each point lies below C7 along the back, and beside it, in lengths from C7 to the middle of the hips."""
    x, y = (landmarks.hip_midpoint - landmarks.c7) / landmarks.back_px
    shares = (points - landmarks.c7) / landmarks.back_px
    return shares @ np.array([x, y]), np.abs(shares @ np.array([-y, x]))
