"""Samples: what a network's input is of a photo of a scene, the whole of it (coarse) or a region of interest (fine).

Nothing here is slow, so no sample is used twice.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lab.training.augmentation import backgrounds, crops, geometric, occluders, outline, overlays, photometric
from lab.training.augmentation.stored_scenes import Array, Bytes, Scene
from lab.training.keypoints import C7, GIRDLE, MIRRORED, NAMES, S2, Stage
from locator.models.heatmap_network import OUTSIDE, PHOTO_SHARE


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


def sample(scene: Scene, of: Stage, rng: np.random.Generator) -> Sample:
    """A new sample of a scene for one stage."""
    keypoints, weight = scene.keypoints, scene.weight
    mirror = rng.random() < 0.5
    last = scene.rgba.shape[1] - 1
    if mirror:
        keypoints = (keypoints[MIRRORED] * [-1, 1] + [last, 0]).astype(np.float32)
        weight = weight[MIRRORED]
    side = of.side_px
    span = float(np.linalg.norm(keypoints[S2] - keypoints[C7]))
    keypoints, stretch = geometric.stretch(keypoints, geometric.random_stretch(rng))
    bare, photo = crops.photo_corners(keypoints, span, scene, of, rng)
    to_input = (
        geometric.letterbox(photo, side)
        if of.whole
        else geometric.region_of_interest(keypoints, side, bare, scene.part, rng)
    )
    from_scene = np.vstack([to_input, [0, 0, 1]]) @ stretch
    if mirror:
        from_scene = from_scene @ np.array([[-1, 0, last], [0, 1, 0], [0, 0, 1]])
    body, cover = geometric.warp(scene.rgba, from_scene[:2], side)
    seen = geometric.transformed(keypoints, to_input)
    if not (scene.whole or scene.part):
        reshaping = outline.Reshaping.random(scene.rgba[..., 3] if scene.back else None, scene.keypoints, rng)
        c7, s2 = seen[[C7, S2]]
        both = reshaping.applied(cv2.merge([body, cover]), c7, s2)
        body, cover = np.ascontiguousarray(both[..., :3]), np.ascontiguousarray(both[..., 3])
        seen[GIRDLE] = reshaping.joints(seen[GIRDLE], c7, s2)
    corners = geometric.transformed(photo, to_input)
    scale = math.sqrt(abs(float(np.linalg.det(to_input[:, :2]))))
    inside = _filled(corners, side)
    if scene.whole:
        inside = np.minimum(inside, cover)
    picture = _photographed(scene, of, body, cover, corners, seen, span * scale, rng)
    picture = geometric.composite(
        cv2.multiply(picture, cv2.merge([inside] * 3), scale=1 / 255), inside, np.full_like(picture, OUTSIDE)
    )
    in_input = ((seen > -0.5) & (seen < side - 0.5)).all(axis=1)
    return Sample(
        picture=picture,
        keypoints=seen.astype(np.float32),
        weight=(weight * in_input * scene.back).astype(np.float32),
        back=scene.back,
        px_per_mm=scene.px_per_mm * scale,
    )


def _photographed(
    scene: Scene,
    of: Stage,
    body: Bytes,
    cover: Bytes,
    corners: NDArray[np.float64],
    keypoints: NDArray[np.float64],
    span: float,
    rng: np.random.Generator,
) -> Bytes:
    """The body in a photo, (side, side, 3); a real photo gets no other background, blotches, margins or captions."""
    side = len(body)
    picture = body if scene.whole else geometric.composite(body, cover, backgrounds.background(side, rng))
    picture = occluders.occlude(picture, keypoints, span, rng)
    if not scene.whole:
        picture = photometric.blotches(picture, cover, rng)
    picture = _lit(picture, of, rng)
    if not scene.whole:
        picture = overlays.with_margins(picture, corners, keypoints, rng)
        picture = overlays.lettered(picture, corners, rng)
    return photometric.develop(picture, rng)


def _lit(picture: Bytes, of: Stage, rng: np.random.Generator) -> Bytes:
    """In uneven light; for a witness in other textures, too: it must know people by their shapes."""
    picture = photometric.uneven_light(picture, rng)
    return photometric.random_texture(picture, rng) if of.is_witness else picture


def _filled(corners: NDArray[np.float64], side: int) -> Bytes:
    """(side, side) 255 inside a convex polygon."""
    inside = np.zeros((side, side), np.uint8)
    cv2.fillConvexPoly(inside, np.round(corners * 16).astype(np.int32), 255, cv2.LINE_AA, 4)
    return inside


def empty(of: Stage, rng: np.random.Generator) -> Sample:
    """A sample of a photo with nobody in it."""
    side = of.side_px
    behind = backgrounds.soft_shapes(side, rng) if rng.random() < 0.5 else backgrounds.background(side, rng)
    picture = occluders.occlude(behind, rng.uniform(0, side, (24, 2)), side / 2, rng)
    picture = photometric.develop(_lit(picture, of, rng), rng)
    if of.whole:
        margin = round(side * (1 - PHOTO_SHARE) / 2)
        around = np.full_like(picture, OUTSIDE)
        inner = slice(margin, side - margin)
        around[inner, inner] = cv2.resize(picture, (side - 2 * margin,) * 2, interpolation=cv2.INTER_AREA)
        picture = around
    zeros = np.zeros(len(NAMES), np.float32)
    return Sample(picture, np.zeros((len(NAMES), 2), np.float32), zeros, False, 1.0)
