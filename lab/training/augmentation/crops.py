"""Crops: where the photo of a scene lies, a rectangle anywhere and at any angle."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from lab.training.augmentation.stored_scenes import Array, Scene
from lab.training.keypoints import C7, S2, WITNESS, Stage

# Photos that show nothing but skin between shoulder blades and waist, the hardest to read: how many, of those from
# where the whole body fits, of backs and of fronts and sides, which are the hardest to tell from backs there; and where
# they end, in spine lengths below C7: around T2 and L3. What is never seen to be cut there is read as if it were not.
_BARE, _BARE_OTHER = 0.14, 0.3
_BARE_TOP, _BARE_BOTTOM = (0.0, 0.22), (0.62, 0.94)
_FILLED = 0.4  # of the other photos, those that a back fills
_LEAST_REACH = 0.8  # spine lengths: what any camera holds, so that there are photos to choose from
_CORNERS = ((-1, -1), (1, -1), (1, 1), (-1, 1))


def photo_corners(
    keypoints: NDArray[np.floating], span: float, scene: Scene, of: Stage, rng: np.random.Generator
) -> tuple[bool, Array]:
    """Whether a photo shows nothing but skin, and (4, 2) px in the scene: its corners, from its top left clockwise."""
    reach = max(scene.reach, _LEAST_REACH * span)
    if scene.part:
        return True, _part_corners(keypoints, span, rng)
    while True:
        bare = rng.random() < (_BARE if scene.back else _BARE_OTHER)
        photo = _trunk_corners(keypoints, span, scene, of, bare, rng)
        if np.linalg.norm(photo[[1, 3]] - photo[0], axis=1).max() <= reach:
            return bare, photo


def _part_corners(keypoints: NDArray[np.floating], span: float, rng: np.random.Generator) -> Array:
    """(4, 2) px in the scene: corners of a photo of the part and little beyond it, so that no back shows."""
    along = (keypoints[S2] - keypoints[C7]) / span
    across = np.array([along[1], -along[0]])
    top, bottom = rng.uniform(-0.08, 0.2), rng.uniform(0.75, 1.15)
    height = (bottom - top) * span
    width = height * math.exp(rng.uniform(math.log(0.5), math.log(1.7)))
    middle = keypoints[C7] + along * (top + bottom) / 2 * span + across * rng.normal(0, 0.1) * span
    turned = float(np.clip(rng.normal(0, math.radians(6)), -0.2, 0.2)) + rng.integers(4) * math.pi / 2
    if round(turned / (math.pi / 2)) % 2:
        width, height = height, width
    right = np.array([math.cos(turned), math.sin(turned)])
    right = right[0] * across + right[1] * along
    down = np.array([-right[1], right[0]])
    if across[0] * along[1] - across[1] * along[0] < 0:
        down = -down
    return np.array([middle + x * width / 2 * right + y * height / 2 * down for x, y in _CORNERS], np.float32)


def _trunk_corners(
    keypoints: NDArray[np.floating], span: float, scene: Scene, of: Stage, bare: bool, rng: np.random.Generator
) -> Array:
    """(4, 2) px in the scene: corners of a photo from however far away."""
    along = (keypoints[S2] - keypoints[C7]) / span
    across = np.array([along[1], -along[0]])
    narrow = rng.uniform(0.6, 1.2)
    if bare:
        top, bottom, narrow = rng.uniform(*_BARE_TOP), rng.uniform(*_BARE_BOTTOM), rng.uniform(0.3, 0.5)
    elif rng.random() < _FILLED:  # a back that fills the photo, from the neck's base to waist or hips
        top, narrow = rng.uniform(-0.18, 0.18), rng.uniform(0.6, 1.0)
        bottom = max(rng.uniform(0.62, 1.2), top + 0.84)
    elif rng.random() < 0.56:  # a torso, cut somewhere between head and thighs
        top = rng.uniform(-0.7, 0.22)
        bottom = rng.uniform(0.78, 1.8) if rng.random() < 0.7 else rng.uniform(0.6, 0.9)
    else:  # anything up to a body far away
        size = math.exp(rng.uniform(math.log(1.2), math.log(5.5 if of.whole else 4)))
        top = 0.5 - size * rng.uniform(0.2, 0.8)
        bottom = top + size
        top, bottom = min(top, 0.2), max(bottom, 0.8)
    height = (bottom - top) * span
    width = height * math.exp(rng.uniform(math.log(0.5), math.log(1.9)))
    width = max(width, span * narrow)
    aside = rng.normal(0, 0.12) * span if width < 2 * span else rng.uniform(-0.4, 0.4) * width
    middle = keypoints[C7] + along * (top + bottom) / 2 * span + across * aside
    # The witness is shown what is taken for a back upright, and may be shown anything else any way up.
    any_way = not (of.name == WITNESS.name and scene.back)
    turned = (
        rng.normal(0, math.radians(7))
        if rng.random() < 0.6
        else rng.uniform(-1, 1) * (math.pi if any_way else math.pi / 4)
    )
    turned += rng.integers(4) * math.pi / 2 if any_way else 0.0
    if round(turned / (math.pi / 2)) % 2:
        width, height = height, width
    # The frame's own axes: at turned = 0 its right is the picture's right on an upright body.
    right = np.array([math.cos(turned), math.sin(turned)])
    down = np.array([-right[1], right[0]])
    return np.array([middle + x * width / 2 * right + y * height / 2 * down for x, y in _CORNERS], np.float32)
