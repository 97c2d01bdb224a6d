"""Views of a photo that the back networks predict: quarter turns of the whole, and one region, upright and mirrored."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from locator.core.arrays import FloatArray, RGBArray
from locator.core.keypoints import KeypointTable
from locator.core.similarity import Similarity, mirrored_picture, resized, turned_picture
from locator.estimate.back_reading import Region
from locator.models.heatmap_network import (
    OUTSIDE,
    PHOTO_SHARE,
    SPINE_SHARE,
    HeatmapNetwork,
    HeatmapPrediction,
    WitnessNetwork,
)
from locator.photo import resizing

N_VIEWS = 4
"""Coarse views of a photo, a quarter turn apart."""


def predict_coarse(
    network: HeatmapNetwork, rgb: RGBArray, quarter_turns: Sequence[int] = range(N_VIEWS)
) -> list[HeatmapPrediction]:
    """What the coarse network predicts for some quarter turns, all four unless told, in pixels of ``rgb``."""
    height, width = rgb.shape[:2]
    side = network.side_px
    square, (left, top), size = _letterboxed(rgb, side)
    scale = PHOTO_SHARE * side / max(height, width)
    views = network.predict([turned_picture(square, turns) for turns in quarter_turns])
    upright = []
    for turns, one in zip(quarter_turns, views, strict=True):
        in_small = Similarity.turning_back(turns, (side, side)).of_points(one.keypoints) - [left, top]
        points = resized(in_small, [width / size[0], height / size[1]])
        upright.append(HeatmapPrediction(points, one.error_scale_px / scale, one.back_probability))
    return upright


def witness_logits(network: WitnessNetwork, rgb: RGBArray, quarter_turns: Sequence[int]) -> list[float]:
    """What the witness says of the whole photo, so many times turned counter-clockwise."""
    square, _, _ = _letterboxed(rgb, network.side_px)
    return network.logits([turned_picture(square, turns) for turns in quarter_turns])


def region_witness_logit(network: WitnessNetwork, rgb: RGBArray, region: Region) -> float:
    """What the region's witness says of one: the mean of it as it is and mirrored."""
    square, _ = _upright_region(rgb, region, network.side_px)
    return float(np.mean(network.logits([square, mirrored_picture(square)])))


def _letterboxed(rgb: RGBArray, side: int) -> tuple[RGBArray, tuple[int, int], tuple[int, int]]:
    """The whole photo in a square, where its corner lies in it, and its size there, (x, y) px."""
    height, width = rgb.shape[:2]
    scale = PHOTO_SHARE * side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    left, top = (side - size[0]) // 2, (side - size[1]) // 2
    square: RGBArray = np.full((side, side, 3), OUTSIDE, np.uint8)
    shrunk, _ = resizing.shrink(rgb, max(size))
    square[top : top + size[1], left : left + size[0]] = cv2.resize(shrunk, size, interpolation=cv2.INTER_AREA)
    return square, (left, top), size


def predict_fine(
    network: HeatmapNetwork, table: KeypointTable, rgb: RGBArray, region: Region, mirrored: Sequence[bool]
) -> list[HeatmapPrediction]:
    """What the fine network predicts for one region, as it is and mirrored, in pixels of ``rgb``."""
    side = network.side_px
    square, to_photo = _upright_region(rgb, region, side)
    views = network.predict([mirrored_picture(square) if flip else square for flip in mirrored])
    upright = (_unmirrored(one, side, table) if flip else one for one, flip in zip(views, mirrored, strict=True))
    return [
        HeatmapPrediction(to_photo.of_points(one.keypoints), one.error_scale_px * to_photo.scale, one.back_probability)
        for one in upright
    ]


def _upright_region(rgb: RGBArray, region: Region, side: int) -> tuple[RGBArray, Similarity]:
    """A region upright in a square, and what leads from there to the photo."""
    long = SPINE_SHARE * side
    middle = (side - 1) / 2
    to_square = np.array([[long, 0.0, middle], [0.0, long, middle - long / 2], [0.0, 0.0, 1.0]])
    from_photo = to_square @ np.linalg.inv(np.vstack([region.matrix, [0.0, 0.0, 1.0]]))
    return _cut_out(rgb, from_photo[:2], side), Similarity(np.linalg.inv(from_photo)[:2])


def _unmirrored(view: HeatmapPrediction, side: int, table: KeypointTable) -> HeatmapPrediction:
    rows = list(table.mirrored)
    points = Similarity.mirroring(side).of_points(view.keypoints[rows])
    return HeatmapPrediction(points, view.error_scale_px[rows], view.back_probability)


def _cut_out(rgb: RGBArray, from_photo: FloatArray, side: int) -> RGBArray:
    """A square of the photo; grey outside of it."""
    matrix = from_photo.copy()
    while np.hypot(*matrix[:, 0]) < 0.6:  # or what is left out between the pixels would flicker
        height, width = rgb.shape[:2]
        if min(height, width) < 2:
            break
        size = (width // 2, height // 2)
        factor = np.array([width / size[0], height / size[1]])  # more than 2 where there is an odd pixel
        rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        shift = matrix[:, :2] @ (factor - 1) / 2 + matrix[:, 2]
        matrix = np.hstack([matrix[:, :2] * factor, shift[:, None]])
    return np.asarray(cv2.warpAffine(rgb, matrix, (side, side), borderValue=(OUTSIDE,) * 3), dtype=np.uint8)
