"""Augmentation: from stored scenes to training samples, with every crop, rotation, background, light and flaw.

A scene is one body without anything behind it. A *photo* of it is a rectangle, anywhere and at any angle, with a
background; a *sample* is what a network's input is of that photo: the whole of it (coarse) or a region of interest
(fine). Nothing here is slow, so no sample is used twice.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from lab.training.keypoints import COARSE, MIRRORED, NAMES, Stage
from locator.models.heatmap_network import OUTSIDE, PHOTO_SHARE, SPINE_SHARE

Array = NDArray[np.float32]
Bytes = NDArray[np.uint8]

_C7, _S2 = NAMES.index("C7"), NAMES.index("S2")
PART = 3
"""The view of a scene that shows another part of a body."""

# Scenes are stretched across the back by e to the power of so much at most, apart from the body's own build: breadth
# must not tell length. So many are.
_STRETCH, _STRETCHED = 0.4, 0.9
_CUN_WITH_BREADTH = 0.7
"""How a cun grows with breadth: hand breadth goes with the shoulders' to this power (ANSUR II)."""


@dataclass(frozen=True, eq=False)
class Scene:
    """One stored picture.

    Attributes:
        rgba: (s, s, 4) the body and how much of each pixel it covers.
        keypoints: (24, 2) px in it.
        weight: (24,) how well each is known, 0 to 1.
        reach: px that a photo's longer side spans at most: a near camera does not hold the whole body.
        back: whether it shows a back.
        whole: whether this is a photo with its own background, which ends where the coverage does.
        part: whether this is another part of a body, of which C7 and S2 are the ends.
    """

    rgba: Bytes
    keypoints: Array
    px_per_mm: float
    weight: Array
    reach: float
    back: bool
    whole: bool
    part: bool = False


@dataclass(frozen=True, eq=False)
class Sample:
    """A network's input, and its target.

    Attributes:
        picture: (side, side, 3) RGB.
        keypoints: (24, 2) px in it.
        weight: (24,) how much each counts in the loss; 0 outside the input, or where this is no back.
    """

    picture: Bytes
    keypoints: Array
    weight: Array
    back: bool
    px_per_mm: float


class Scenes:
    """Every scene in the shards of some folders."""

    def __init__(self, folders: list[Path]) -> None:
        self.shards: list[tuple[Bytes, dict[str, NDArray[np.generic]]]] = []
        self.index: list[tuple[int, int]] = []
        for file in sorted(file for folder in folders for file in folder.glob("*.npy")):
            pictures = np.load(file, mmap_mode="r")
            with np.load(file.with_suffix(".npz")) as table:
                self.shards.append((pictures, dict(table)))
            self.index += [(len(self.shards) - 1, row) for row in range(len(pictures))]

    def __len__(self) -> int:
        return len(self.index)

    def kinds(self) -> dict[str, NDArray[np.int64]]:
        """The numbers of the scenes that are ``photos``, rendered ``backs``, fronts and sides, and other ``parts``."""
        photo = np.array(["weight" in self.shards[shard][1] for shard, _ in self.index])
        back = np.array([self.shards[shard][1]["view"][row] == 0 for shard, row in self.index])
        part = np.array([self.shards[shard][1]["view"][row] == PART for shard, row in self.index])
        return {
            "photos": np.flatnonzero(photo),
            "backs": np.flatnonzero(back & ~photo),
            "no_backs": np.flatnonzero(~back & ~photo & ~part),
            "parts": np.flatnonzero(part),
        }

    def __getitem__(self, index: int) -> Scene:
        shard, row = self.index[index]
        pictures, table = self.shards[shard]
        whole = "weight" in table
        return Scene(
            rgba=np.array(pictures[row]),
            keypoints=table["points"][row].astype(np.float32),
            px_per_mm=float(table["px_per_mm"][row]),
            weight=table["weight"][row].astype(np.float32) if whole else np.ones(len(NAMES), np.float32),
            reach=math.inf if whole else float(table["reach"][row]),
            back=int(table["view"][row]) == 0,
            whole=whole,
            part=int(table["view"][row]) == PART,
        )


def sample(scene: Scene, of: Stage, rng: np.random.Generator) -> Sample:
    """A new sample of a scene."""
    keypoints, weight = scene.keypoints, scene.weight
    mirror = rng.random() < 0.5
    if mirror:
        last = scene.rgba.shape[1] - 1
        keypoints = (keypoints[MIRRORED] * [-1, 1] + [last, 0]).astype(np.float32)
        weight = weight[MIRRORED]
    side = of.side_px
    span = float(np.linalg.norm(keypoints[_S2] - keypoints[_C7]))
    factor = math.exp(rng.uniform(-_STRETCH, _STRETCH)) if rng.random() < _STRETCHED else 1.0
    keypoints, stretch = _stretched(keypoints, factor)
    bare, photo = _photo(keypoints, span, scene, of, rng)
    to_input = (
        _letterboxed(photo, side)
        if of.name == COARSE.name
        else _region_of_interest(keypoints, side, bare, scene.part, rng)
    )
    from_scene = np.vstack([to_input, [0, 0, 1]]) @ stretch
    if mirror:
        from_scene = from_scene @ np.array([[-1, 0, last], [0, 1, 0], [0, 0, 1]])
    from_scene = from_scene[:2]
    body, cover = _warped(scene.rgba, from_scene, side)
    inside = np.zeros((side, side), np.uint8)
    cv2.fillConvexPoly(inside, np.round(_moved(photo, to_input) * 16).astype(np.int32), 255, cv2.LINE_AA, 4)
    if scene.whole:
        inside = np.minimum(inside, cover)
        picture = body
    else:
        picture = _over(body, cover, _background(side, rng))
    there = _moved(keypoints, to_input)
    scale = math.sqrt(abs(float(np.linalg.det(to_input[:, :2]))))
    picture = _things_in_front(picture, there, span * scale, rng)
    if not scene.whole:
        picture = _blotches(picture, cover, rng)
    picture = _uneven_light(picture, rng)
    if not scene.whole:
        picture = _with_margins(picture, _moved(photo, to_input), there, rng)
        picture = _lettered(picture, _moved(photo, to_input), rng)
    picture = _camera(picture, rng)
    picture = _over(
        cv2.multiply(picture, cv2.merge([inside] * 3), scale=1 / 255), inside, np.full_like(picture, OUTSIDE)
    )
    in_input = ((there > -0.5) & (there < side - 0.5)).all(axis=1)
    return Sample(
        picture=picture,
        keypoints=there.astype(np.float32),
        weight=(weight * in_input * scene.back).astype(np.float32),
        back=scene.back,
        px_per_mm=scene.px_per_mm * scale,
    )


def _stretched(keypoints: Array, factor: float) -> tuple[Array, NDArray[np.float64]]:
    """Places of a scene stretched across the back, and (3, 3) from the scene to where it is stretched.

    Marks beside the spine go out by less than their surroundings: a cun grows less than a body's breadth does.
    """
    along = (keypoints[_S2] - keypoints[_C7]) / np.linalg.norm(keypoints[_S2] - keypoints[_C7])
    across = np.array([along[1], -along[0]])
    turn = np.outer(along, along) + factor * np.outer(across, across)
    shift = keypoints[_C7] - turn @ keypoints[_C7]
    moved = keypoints @ turn.T + shift
    if factor != 1.0:
        less = factor ** (_CUN_WITH_BREADTH - 1)
        for row, level in _BESIDE:
            away = (moved[row] - moved[level]) @ across
            moved[row] -= (1 - less) * away * across
    return moved.astype(np.float32), np.vstack([np.hstack([turn, shift[:, None]]), [0, 0, 1]])


_INNER_ROWS = [row for row, name in enumerate(NAMES) if "_" not in name]
_BESIDE = [
    (NAMES.index(f"{code}/{side}"), NAMES.index(level))
    for code, level in (("BL-43", "T4"), ("BL-18", "T9"), ("BL-21", "T12"), ("BL-23", "L2"), ("BL-52", "L2"))
    for side in "LR"
]


def _uneven_light(picture: Bytes, rng: np.random.Generator) -> Bytes:
    """Light that falls unevenly: smooth fields, darker towards the rim, the spot of a flash or a lamp."""
    side = picture.shape[0]
    few = 48
    light = np.zeros((few, few), np.float32)
    if rng.random() < 0.5:
        for cells in (2, 3, 5):
            light += _smooth_noise(few, cells, rng) * np.float32(abs(rng.normal(0, 0.16)))
    x = (np.arange(few, dtype=np.float32) / few - 0.5)[None, :]
    y = x.T
    if rng.random() < 0.3:
        centre = rng.normal(0, 0.2, 2)
        light -= rng.uniform(0.3, 1.6) * ((x - centre[0]) ** 2 + (y - centre[1]) ** 2)
    if rng.random() < 0.3:
        centre, width = rng.normal(0, 0.25, 2), rng.uniform(0.08, 0.35, 2)
        light += rng.uniform(0.1, 0.6) * np.exp(
            -(((x - centre[0]) / width[0]) ** 2) - ((y - centre[1]) / width[1]) ** 2
        )
    if rng.random() < 0.3:
        turn = rng.uniform(0, 2 * math.pi)
        light += rng.uniform(0.2, 1.2) * (x * math.cos(turn) + y * math.sin(turn))
    if not light.any():
        return picture
    gain = np.exp(np.clip(light, -1.6, 1.0))[..., None] ** (1 + rng.normal(0, 0.06, 3)).astype(np.float32)
    gain = cv2.resize(gain, (side, side), interpolation=cv2.INTER_CUBIC)
    return np.asarray(cv2.multiply(picture, gain, dtype=cv2.CV_8U), np.uint8)


def _blotches(picture: Bytes, cover: Bytes, rng: np.random.Generator) -> Bytes:
    """Now and then patches of another colour on the skin, some with hard edges: redness, a tan, pale or dark spots."""
    if rng.random() > 0.2:
        return picture
    side = picture.shape[0]
    field = _smooth_noise(side, int(rng.integers(3, 22)), rng) + 0.5 * _smooth_noise(
        side, int(rng.integers(8, 40)), rng
    )
    mask = np.clip((field - rng.uniform(-0.3, 1.3)) / rng.uniform(0.05, 1.2) + 0.5, 0, 1) * (cover / np.float32(255))
    tint = np.array([(1.05, 0.7, 0.7), (0.85, 0.65, 0.65), (0.7, 0.6, 0.55), (1.25, 1.2, 1.2), (0.9, 0.75, 0.9)])
    change = tint[rng.integers(len(tint))] * rng.uniform(0.85, 1.1, 3) - 1
    gain = 1 + mask[..., None] * (change * rng.uniform(0.3, 1.2)).astype(np.float32)
    return np.asarray(cv2.multiply(picture, gain.astype(np.float32), dtype=cv2.CV_8U), np.uint8)


def _lettered(picture: Bytes, photo: NDArray[np.float64], rng: np.random.Generator) -> Bytes:
    """Now and then a caption or a watermark within the photo."""
    if rng.random() > 0.08:
        return picture
    picture = np.ascontiguousarray(picture)
    for _ in range(int(rng.integers(1, 4))):
        share = rng.uniform(0.03, 0.97, 2)
        at = photo[0] + share[0] * (photo[1] - photo[0]) + share[1] * (photo[3] - photo[0])
        text = "".join(chr(rng.integers(65, 123)) for _ in range(int(rng.integers(2, 14))))
        colour = (255.0,) * 3 if rng.random() < 0.6 else _colour(rng)
        size = float(np.linalg.norm(photo[1] - photo[0])) / 192 * rng.uniform(0.25, 0.8)
        where = (int(at[0]), int(at[1]))
        cv2.putText(
            picture, text, where, int(rng.integers(0, 8)), max(size, 0.15), colour, int(rng.integers(1, 3)), cv2.LINE_AA
        )
    return picture


_MARGINS = 0.12


def _with_margins(
    picture: Bytes, photo: NDArray[np.float64], there: NDArray[np.float64], rng: np.random.Generator
) -> Bytes:
    """Now and then a plain border within the photo, as of a scan or a screenshot; it leaves the spine in view."""
    if rng.random() > _MARGINS:
        return picture
    middle = photo.mean(axis=0)
    right, down = photo[1] - photo[0], photo[3] - photo[0]
    spine = (np.array([there[_C7], there[_S2]]) - middle) @ np.linalg.inv(np.stack([right, down]))
    least = np.clip(np.abs(spine).max(axis=0) + 0.02, 0.25, 0.5)
    half = rng.uniform(least, 0.5)
    if rng.random() < 0.5:  # a screenshot: bars on two sides only
        half[int(rng.integers(2))] = 0.5
    corners = middle + np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * half @ np.stack([right, down])
    mask = np.zeros(picture.shape[:2], np.uint8)
    cv2.fillConvexPoly(mask, np.round(corners * 16).astype(np.int32), 255, cv2.LINE_AA, 4)
    plain = np.empty_like(picture)
    plain[:] = (255, 255, 255) if rng.random() < 0.35 else (0, 0, 0) if rng.random() < 0.4 else _colour(rng)
    return np.where(mask[..., None] > 127, picture, plain)


def empty(of: Stage, rng: np.random.Generator) -> Sample:
    """A sample of a photo with nobody in it."""
    side = of.side_px
    behind = _bulges(side, rng) if rng.random() < 0.5 else _background(side, rng)
    picture = _things_in_front(behind, rng.uniform(0, side, (24, 2)), side / 2, rng)
    picture = _camera(_uneven_light(picture, rng), rng)
    if of.name == COARSE.name:
        margin = round(side * (1 - PHOTO_SHARE) / 2)
        around = np.full_like(picture, OUTSIDE)
        inner = slice(margin, side - margin)
        around[inner, inner] = cv2.resize(picture, (side - 2 * margin,) * 2, interpolation=cv2.INTER_AREA)
        picture = around
    zeros = np.zeros(len(NAMES), np.float32)
    return Sample(picture, np.zeros((len(NAMES), 2), np.float32), zeros, False, 1.0)


def _bulges(side: int, rng: np.random.Generator) -> Bytes:
    """Soft things that are lit from somewhere: pillows, cloth, bellies, limbs; often of the colour of skin."""
    y, x = np.mgrid[:side, :side].astype(np.float32) / side - 0.5
    height = _smooth_noise(side, int(rng.integers(2, 6)), rng) * np.float32(rng.uniform(0, 0.12))
    cover = np.zeros((side, side), np.float32)
    for _ in range(int(rng.integers(1, 5))):
        turn, centre = rng.uniform(0, math.pi), rng.uniform(-0.35, 0.35, 2)
        u = (x - centre[0]) * math.cos(turn) + (y - centre[1]) * math.sin(turn)
        v = (y - centre[1]) * math.cos(turn) - (x - centre[0]) * math.sin(turn)
        power = rng.uniform(2, 6)
        size = rng.uniform((0.12, 0.15), (0.4, 0.8))
        inside = np.clip(1 - np.abs(u / size[0]) ** power - np.abs(v / size[1]) ** power, 0, 1)
        height += np.float32(rng.uniform(0.1, 0.4)) * np.sqrt(inside)
        cover = np.maximum(cover, (inside > 0).astype(np.float32))
    if rng.random() < 0.25:  # two limbs side by side, and what is dark between them
        turn, gap = rng.uniform(0, math.pi), rng.uniform(-0.02, 0.08)
        u = x * math.cos(turn) + y * math.sin(turn) - rng.normal(0, 0.05)
        v = y * math.cos(turn) - x * math.sin(turn)
        wide = rng.uniform(0.15, 0.4) * (1 + rng.uniform(-0.6, 0.6) * v)
        height = (
            np.sqrt(np.clip(1 - ((np.abs(u) - wide / 2 - gap / 2) / (wide / 2)) ** 2, 0, 1)) * wide / 2 + 0.3 * height
        )
        cover = (height > 0.02).astype(np.float32)
    for _ in range(int(rng.integers(0, 4))):  # creases, or the gap between two limbs
        turn, off = rng.uniform(0, math.pi), rng.uniform(-0.3, 0.3)
        line = x * math.cos(turn) + y * math.sin(turn) - off + rng.uniform(-1, 1) * (x * x + y * y)
        height -= np.float32(rng.uniform(0.01, 0.08)) * np.exp(-((line / rng.uniform(0.01, 0.06)) ** 2))
    height = cv2.GaussianBlur(height, (0, 0), rng.uniform(0.5, 3)) * side * 0.5
    down, across = np.gradient(height)
    normal = np.stack([-across, -down, np.ones_like(height)], -1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    lamp = np.array([rng.normal(0, 0.6), rng.normal(-0.3, 0.6), 1.0])
    shade = np.clip(normal @ (lamp / np.linalg.norm(lamp)), 0, 1) * rng.uniform(0.5, 1) + rng.uniform(0.05, 0.4)
    colour = np.array(_skin(rng) if rng.random() < 0.7 else _colour(rng), np.float32)
    thing = np.clip(colour * shade[..., None], 0, 255)
    if rng.random() < 0.5:
        return thing.astype(np.uint8)
    mask = cv2.GaussianBlur(cover, (0, 0), 0.8)[..., None]
    return np.clip(thing * mask + _background(side, rng) * (1 - mask), 0, 255).astype(np.uint8)


# Photos that show nothing but skin between shoulder blades and waist, the hardest to read: how many, of those from
# where the whole body fits, of backs and of fronts and sides, which are the hardest to tell from backs there; and where
# they end, in spine lengths below C7: around T2 and L3. What is never seen to be cut there is read as if it were not.
_BARE, _BARE_OTHER = 0.14, 0.3
_BARE_TOP, _BARE_BOTTOM = (0.0, 0.22), (0.62, 0.94)
_FILLED = 0.4  # of the other photos, those that a back fills
_LEAST_REACH = 0.8  # spine lengths: what any camera holds, so that there are photos to choose from


def _photo(
    keypoints: NDArray[np.floating], span: float, scene: Scene, of: Stage, rng: np.random.Generator
) -> tuple[bool, Array]:
    """Whether a photo shows nothing but skin, and (4, 2) px in the scene: its corners, from its top left clockwise."""
    reach = max(scene.reach, _LEAST_REACH * span)
    if scene.part:
        return True, _part_photo(keypoints, span, rng)
    while True:
        bare = rng.random() < (_BARE if scene.back else _BARE_OTHER)
        photo = _any_photo(keypoints, span, of, bare, rng)
        if np.linalg.norm(photo[[1, 3]] - photo[0], axis=1).max() <= reach:
            return bare, photo


def _part_photo(keypoints: NDArray[np.floating], span: float, rng: np.random.Generator) -> Array:
    """(4, 2) px in the scene: corners of a photo of the part and little beyond it, so that no back shows."""
    along = (keypoints[_S2] - keypoints[_C7]) / span
    across = np.array([along[1], -along[0]])
    top, bottom = rng.uniform(-0.08, 0.2), rng.uniform(0.75, 1.15)
    height = (bottom - top) * span
    width = height * math.exp(rng.uniform(math.log(0.5), math.log(1.7)))
    middle = keypoints[_C7] + along * (top + bottom) / 2 * span + across * rng.normal(0, 0.1) * span
    turned = float(np.clip(rng.normal(0, math.radians(6)), -0.2, 0.2)) + rng.integers(4) * math.pi / 2
    if round(turned / (math.pi / 2)) % 2:
        width, height = height, width
    right = np.array([math.cos(turned), math.sin(turned)])
    right = right[0] * across + right[1] * along
    down = np.array([-right[1], right[0]])
    if across[0] * along[1] - across[1] * along[0] < 0:
        down = -down
    corners = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
    return np.array([middle + x * width / 2 * right + y * height / 2 * down for x, y in corners], np.float32)


def _any_photo(keypoints: NDArray[np.floating], span: float, of: Stage, bare: bool, rng: np.random.Generator) -> Array:
    """(4, 2) px in the scene: corners of a photo from however far away."""
    along = (keypoints[_S2] - keypoints[_C7]) / span
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
        size = math.exp(rng.uniform(math.log(1.2), math.log(5.5 if of.name == COARSE.name else 4)))
        top = 0.5 - size * rng.uniform(0.2, 0.8)
        bottom = top + size
        top, bottom = min(top, 0.2), max(bottom, 0.8)
    height = (bottom - top) * span
    width = height * math.exp(rng.uniform(math.log(0.5), math.log(1.9)))
    width = max(width, span * narrow)
    aside = rng.normal(0, 0.12) * span if width < 2 * span else rng.uniform(-0.4, 0.4) * width
    middle = keypoints[_C7] + along * (top + bottom) / 2 * span + across * aside
    turned = rng.normal(0, math.radians(7)) if rng.random() < 0.6 else rng.uniform(0, 2 * math.pi)
    turned += rng.integers(4) * math.pi / 2
    if round(turned / (math.pi / 2)) % 2:
        width, height = height, width
    # The frame's own axes: at turned = 0 its right is the picture's right on an upright body.
    right = np.array([math.cos(turned), math.sin(turned)])
    down = np.array([-right[1], right[0]])
    corners = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
    return np.array([middle + x * width / 2 * right + y * height / 2 * down for x, y in corners], np.float32)


def _letterboxed(photo: Array, side: int) -> NDArray[np.float64]:
    """(2, 3) from the scene to the whole photo, letterboxed."""
    right, down = photo[1] - photo[0], photo[3] - photo[0]
    width, height = np.linalg.norm(right), np.linalg.norm(down)
    scale = PHOTO_SHARE * side / max(width, height)
    turn = np.stack([right / width, down / height]) * scale
    return np.hstack([turn, ((side - 1) / 2 - turn @ photo.mean(axis=0))[:, None]])


# How far a region of interest is jittered, as factors and their chances: the next one is laid by what the last one was
# read as, which is not that near where nothing but skin is in the picture.
_LOOSE = 0.35
_JITTER, _JITTER_CHANCES, _BARE_JITTER = (0.35, 1.0, 2.0), (0.3, 0.4, 0.3), 1.0


def _region_of_interest(
    keypoints: NDArray[np.floating], side: int, bare: bool, part: bool, rng: np.random.Generator
) -> NDArray[np.float64]:
    """(2, 3) from the scene to the upright back, jittered as the coarse stage would lay it; to a part any way up."""
    down = keypoints[_S2] - keypoints[_C7]
    length = float(np.linalg.norm(down))
    if part:
        length *= math.exp(rng.uniform(-0.4, 0.4))
        if rng.random() < 0.5:
            down = rng.choice([-1, 1]) * (down if rng.random() < 0.5 else np.array([-down[1], down[0]]))
    jitter = max(float(rng.choice(_JITTER, p=_JITTER_CHANCES)), _BARE_JITTER if bare else 0.0)
    angle = math.atan2(down[0], down[1]) + jitter * float(np.clip(rng.normal(0, 0.1), -0.3, 0.3))
    # Half of the regions say nothing of the length: what a coarse reading takes from breadth must not be believed.
    wrong = jitter * float(np.clip(rng.normal(0, 0.09), -0.25, 0.25))
    wrong = float(rng.uniform(-_LOOSE, _LOOSE)) if rng.random() < 0.5 else wrong
    scale = SPINE_SHARE * side / length * math.exp(wrong)
    turn = scale * np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    middle = (keypoints[_C7] + keypoints[_S2]) / 2
    to = (side - 1) / 2 + jitter * np.clip(rng.normal(0, 0.035, 2), -0.1, 0.1) * side
    return np.hstack([turn, (to - turn @ middle)[:, None]])


def _moved(points: NDArray[np.floating], by: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(points @ by[:, :2].T + by[:, 2])


def _warped(rgba: Bytes, to_input: NDArray[np.float64], side: int) -> tuple[Bytes, Bytes]:
    """The body in the input, its colours times their coverage, and the coverage."""
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


def _over(front: Bytes, cover: Bytes, behind: Bytes) -> Bytes:
    """Colours that are already times their coverage, over something."""
    return np.asarray(cv2.add(front, cv2.multiply(behind, cv2.merge([255 - cover] * 3), scale=1 / 255)), np.uint8)


def _colour(rng: np.random.Generator) -> tuple[float, float, float]:
    grey = rng.uniform(0, 255)
    r, g, b = np.clip(grey + rng.normal(0, 35, 3), 0, 255)
    return float(r), float(g), float(b)


_CLOTHS = ((18, 60, 130), (40, 100, 170), (10, 12, 16), (0, 0, 0), (25, 110, 80), (70, 130, 190), (235, 235, 235))
_SKINS = ((228, 186, 160), (205, 155, 125), (176, 125, 95), (136, 90, 65), (92, 60, 44), (60, 40, 32))


def _skin(rng: np.random.Generator) -> tuple[float, float, float]:
    r, g, b = np.clip(
        np.array(_SKINS[rng.integers(len(_SKINS))]) * rng.uniform(0.5, 1.15) + rng.normal(0, 6, 3), 0, 255
    )
    return float(r), float(g), float(b)


def _smooth_noise(side: int, cells: int, rng: np.random.Generator) -> Array:
    coarse = rng.normal(0, 1, (cells, cells)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC), np.float32)


def _background(side: int, rng: np.random.Generator) -> Bytes:
    """A wall, a floor, a sheet, a room: anything but a person; mostly a little out of focus."""
    if rng.random() < 0.7:
        small = _sharp_background(side // 2, rng)
        return np.asarray(cv2.resize(small, (side, side), interpolation=cv2.INTER_LINEAR), np.uint8)
    return _sharp_background(side, rng)


def _sharp_background(side: int, rng: np.random.Generator) -> Bytes:
    kind = rng.integers(6)
    base = np.empty((side, side, 3), np.uint8)
    base[:] = _colour(rng)
    if kind == 0 and rng.random() < 0.5:  # the plain cloth behind a patient
        base[:] = _CLOTHS[rng.integers(len(_CLOTHS))]
    if kind == 1:
        step = rng.uniform(3, side / 3)
        angle = rng.uniform(0, math.pi)
        y, x = np.mgrid[:side, :side]
        wave = (x * math.cos(angle) + y * math.sin(angle)) / step
        if rng.random() < 0.4:
            wave = np.floor(wave) + np.floor((-x * math.sin(angle) + y * math.cos(angle)) / step)
        base[(wave % 2) < rng.uniform(0.3, 1.4)] = _colour(rng)
    elif kind == 2:  # a room: furniture, frames, doors
        for _ in range(rng.integers(3, 14)):
            corner = rng.uniform(-0.2, 1, 2) * side
            size = np.exp(rng.uniform(math.log(0.05), math.log(0.9), 2)) * side
            angle = float(rng.choice([0, 0, 90, rng.uniform(0, 180)]))
            corners = cv2.boxPoints(((float(corner[0]), float(corner[1])), (float(size[0]), float(size[1])), angle))
            cv2.fillConvexPoly(base, np.round(corners).astype(np.int32), _colour(rng), cv2.LINE_AA)
    elif kind == 3:  # a sheet with folds
        folds = _smooth_noise(side, int(rng.integers(3, 12)), rng) * rng.uniform(5, 30)
        base = np.clip(base + folds[..., None], 0, 255).astype(np.uint8)
    elif kind == 4:  # something like skin: another body, a hand, wood
        base[:] = _skin(rng)
    if rng.random() < 0.6:
        slope = np.linspace(-1, 1, side)[None, :, None] * rng.normal(0, 30) + np.linspace(-1, 1, side)[
            :, None, None
        ] * rng.normal(0, 30)
        base = np.clip(base + slope, 0, 255).astype(np.uint8)
    if rng.random() < 0.5:
        speckle = _smooth_noise(side, int(rng.integers(6, side // 2)), rng)[..., None] * rng.uniform(3, 30)
        base = np.clip(base + speckle, 0, 255).astype(np.uint8)
    return base


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
    colour = _skin(rng)
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


def _things_in_front(picture: Bytes, keypoints: NDArray[np.float64], span: float, rng: np.random.Generator) -> Bytes:
    """A masseur's hands, spots, straps, cables, shadows."""
    picture = np.ascontiguousarray(picture)
    anywhere = lambda: keypoints[rng.integers(len(keypoints))] + rng.normal(0, 0.12, 2) * span  # noqa: E731
    if rng.random() < 0.14:
        for _ in range(rng.integers(1, 3)):
            _hand(picture, anywhere(), span * rng.uniform(0.16, 0.24), rng)
    if rng.random() < 0.1:
        start = anywhere()
        _limb(picture, start, start + rng.normal(0, 1, 2) * span, span * rng.uniform(0.1, 0.25), _skin(rng))
    if rng.random() < 0.06:  # hot stones or cups, in two rows or one
        glass, radius = rng.random() < 0.5, span * rng.uniform(0.03, 0.07)
        colour = _colour(rng) if glass else tuple([float(rng.uniform(10, 70))] * 3)
        over = picture.copy()
        for row in rng.choice(_INNER_ROWS, int(rng.integers(1, 9)), replace=False):
            x, y = keypoints[row] + rng.normal(0, 0.01, 2) * span
            size = (radius * rng.uniform(0.85, 1.15), radius * rng.uniform(0.85, 1.15))
            cv2.ellipse(over, ((float(x), float(y)), (2 * size[0], 2 * size[1]), 0), colour, -1, cv2.LINE_AA)
            light = tuple(min(255.0, value + 90) for value in colour)
            at = (round(float(x - radius * 0.3)), round(float(y - radius * 0.3)))
            cv2.circle(over, at, max(1, round(radius * 0.25)), light, -1, cv2.LINE_AA)
        share = rng.uniform(0.35, 0.8) if glass else 1.0
        picture = np.asarray(cv2.addWeighted(picture, 1 - share, over, share, 0), np.uint8)
    if rng.random() < 0.05:  # a towel over one end
        end, other = (_S2, _C7) if rng.random() < 0.75 else (_C7, _S2)
        away = keypoints[end] - keypoints[other]
        start = keypoints[end] - away * rng.uniform(-0.05, 0.16)
        beside = np.array([away[1], -away[0]]) * rng.uniform(0.4, 1.5)
        tilt = away * rng.normal(0, 0.04)
        corners = [start + beside + tilt, start - beside - tilt, start - beside + away * 2, start + beside + away * 2]
        cv2.fillConvexPoly(picture, np.round(np.array(corners)).astype(np.int32), _colour(rng), cv2.LINE_AA)
    if rng.random() < 0.3:
        over = picture.copy()
        for _ in range(rng.integers(1, 8)):
            centre = tuple(float(v) for v in anywhere())
            size = abs(rng.normal(0, 0.06)) * span + 1
            cv2.ellipse(
                over, (centre, (size, size * rng.uniform(0.3, 1)), rng.uniform(0, 180)), _colour(rng), -1, cv2.LINE_AA
            )
        share = rng.uniform(0.1, 0.8)
        picture = np.asarray(cv2.addWeighted(picture, 1 - share, over, share, 0), np.uint8)
    if rng.random() < 0.08:
        start, end = anywhere(), anywhere()
        cv2.line(
            picture,
            tuple(int(v) for v in start),
            tuple(int(v) for v in end),
            _colour(rng),
            max(1, int(span * rng.uniform(0.01, 0.1))),
            cv2.LINE_AA,
        )
    if rng.random() < 0.12:  # something big over an edge of the body
        middle = anywhere() + rng.normal(0, 0.5, 2) * span
        size = rng.uniform(0.2, 0.6, 2) * span
        corners = cv2.boxPoints(
            ((float(middle[0]), float(middle[1])), (float(size[0]), float(size[1])), float(rng.uniform(0, 180)))
        )
        cv2.fillConvexPoly(picture, np.round(corners).astype(np.int32), _colour(rng), cv2.LINE_AA)
    if rng.random() < 0.25:  # a shadow's edge across
        side = picture.shape[0]
        shade = np.zeros((side, side), np.float32)
        corners = anywhere() + rng.normal(0, 0.8, (int(rng.integers(3, 6)), 2)) * span
        cv2.fillPoly(shade, [np.round(corners).astype(np.int32)], 1.0, cv2.LINE_AA)
        shade = cv2.GaussianBlur(shade, (0, 0), rng.uniform(0.5, 0.08 * span + 0.6))
        picture = np.clip(picture * (1 - rng.uniform(0.15, 0.6) * shade[..., None]), 0, 255).astype(np.uint8)
    return picture


def _camera(picture: Bytes, rng: np.random.Generator) -> Bytes:
    """Light, lens, sensor and file."""
    side = picture.shape[0]
    if rng.random() < 0.3:
        smaller = round(side * rng.uniform(0.35, 0.9))
        small = cv2.resize(picture, (smaller, smaller), interpolation=cv2.INTER_AREA)
        picture = np.asarray(cv2.resize(small, (side, side), interpolation=cv2.INTER_LINEAR), np.uint8)
    if rng.random() < 0.25:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.3, 1.6)), np.uint8)
    levels = np.arange(256, dtype=np.float32) / 255
    brightest = float(np.percentile(picture[::4, ::4], 97)) / 255 + 0.02
    gain = rng.uniform(0.6, 1.25) / brightest  # cameras expose for what they see
    if rng.random() < 0.12:
        gain *= rng.uniform(0.15, 0.5)  # but not in a dim room
    gamma = math.exp(rng.normal(0, 0.25))
    tint = np.exp(rng.normal(0, 0.07, 3)) * gain
    lift = rng.normal(0, 0.03)
    table = np.clip(levels[:, None] ** gamma * tint + lift, 0, 1) * 255
    picture = np.asarray(cv2.LUT(picture, table.astype(np.uint8)[:, None, :]), np.uint8)
    if rng.random() < 0.12:
        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
        picture = cv2.merge([grey] * 3)
    elif rng.random() < 0.3:
        grey = cv2.merge([cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)] * 3)
        share = rng.uniform(-0.4, 0.7)
        picture = np.asarray(cv2.addWeighted(picture, 1 - share, grey, share, 0), np.uint8)
    if rng.random() < 0.6:
        noise = np.empty(picture.shape, np.int16)
        cv2.randn(noise, 0, rng.uniform(1, 12))
        picture = np.clip(picture + noise, 0, 255).astype(np.uint8)
    if rng.random() < 0.35:
        _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 92))])
        picture = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return picture
