"""What is laid over a whole photo: plain margins, captions, watermarks."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lab.training.augmentation.colours import random_colour
from lab.training.augmentation.stored_scenes import Bytes
from lab.training.keypoints import C7, S2

_MARGINS = 0.12


def lettered(picture: Bytes, photo: NDArray[np.float64], rng: np.random.Generator) -> Bytes:
    """Now and then a caption or a watermark within the photo, whose corners are ``photo``, (4, 2) px."""
    if rng.random() > 0.08:
        return picture
    picture = np.ascontiguousarray(picture)
    for _ in range(int(rng.integers(1, 4))):
        share = rng.uniform(0.03, 0.97, 2)
        at = photo[0] + share[0] * (photo[1] - photo[0]) + share[1] * (photo[3] - photo[0])
        text = "".join(chr(rng.integers(65, 123)) for _ in range(int(rng.integers(2, 14))))
        colour = (255.0,) * 3 if rng.random() < 0.6 else random_colour(rng)
        size = float(np.linalg.norm(photo[1] - photo[0])) / 192 * rng.uniform(0.25, 0.8)
        where = (int(at[0]), int(at[1]))
        cv2.putText(
            picture, text, where, int(rng.integers(0, 8)), max(size, 0.15), colour, int(rng.integers(1, 3)), cv2.LINE_AA
        )
    return picture


def with_margins(
    picture: Bytes, photo: NDArray[np.float64], keypoints: NDArray[np.float64], rng: np.random.Generator
) -> Bytes:
    """Now and then a plain border within the photo, as of a scan or a screenshot; it leaves the spine in view."""
    if rng.random() > _MARGINS:
        return picture
    middle = photo.mean(axis=0)
    right, down = photo[1] - photo[0], photo[3] - photo[0]
    spine = (np.array([keypoints[C7], keypoints[S2]]) - middle) @ np.linalg.inv(np.stack([right, down]))
    least = np.clip(np.abs(spine).max(axis=0) + 0.02, 0.25, 0.5)
    half = rng.uniform(least, 0.5)
    if rng.random() < 0.5:  # a screenshot: bars on two sides only
        half[int(rng.integers(2))] = 0.5
    corners = middle + np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * half @ np.stack([right, down])
    mask = np.zeros(picture.shape[:2], np.uint8)
    cv2.fillConvexPoly(mask, np.round(corners * 16).astype(np.int32), 255, cv2.LINE_AA, 4)
    plain = np.empty_like(picture)
    plain[:] = (255, 255, 255) if rng.random() < 0.35 else (0, 0, 0) if rng.random() < 0.4 else random_colour(rng)
    return np.where(mask[..., None] > 127, picture, plain)
