"""The marks as keypoints in COCO's format (https://cocodataset.org/#format-data), for annotation tools."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from locator.catalogue.acupoints import acupoints
from locator.core.body import LANDMARKS, Side
from locator.core.types import ImageInfo, LocatedPoint, Location, Result, lies_in
from locator.formats.marked import MarkedPhoto
from locator.formats.record import rounded

_LABELLED_AND_VISIBLE, _NOT_LABELLED = 2, 0  # COCO's values of a keypoint's visibility


def write(marked: MarkedPhoto) -> bytes:
    """The file."""
    return to_coco(marked.result).encode("utf-8")


def to_coco(result: Result) -> str:
    """One image and one back with its keypoints, as JSON.

    The keypoints are named ``BL-18/subject-left`` and the like. The box is that of the back, from C7 to the hips and
    between the shoulders. ``file_name`` says nothing of the person: it is made of the photo's ``sha256``.

    Args:
        result: of a located photo.
    """
    assert isinstance(result.outcome, Location)
    document = {
        "info": {"description": "Points of a back massage"},
        "images": [_image(result.image)],
        "categories": [_category()],
        "annotations": [_annotation(result.outcome, result.image)],
    }
    return json.dumps(document, allow_nan=False, indent=1) + "\n"


def _keypoints() -> Iterator[tuple[str, Side]]:
    """Acupoint and side of every keypoint, in the order of the category."""
    for point in acupoints():
        for side in (Side.LEFT, Side.RIGHT) if point.paired else (Side.MIDLINE,):
            yield point.code, side


def _image(image: ImageInfo) -> dict[str, Any]:
    return {
        "id": 1,
        "file_name": f"{image.sha256 or 'back'}.jpg",
        "width": image.width_px,
        "height": image.height_px,
        "sha256": image.sha256,
    }


def _category() -> dict[str, Any]:
    """The skeleton joins the two sides of each pair; it counts the keypoints from 1."""
    keypoints = list(_keypoints())
    return {
        "id": 1,
        "name": "back",
        "supercategory": "person",
        "keypoints": [f"{code}/{side.value}" for code, side in keypoints],
        "skeleton": [[at + 1, at + 2] for at, (_, side) in enumerate(keypoints) if side is Side.LEFT],
    }


def _annotation(location: Location, image: ImageInfo) -> dict[str, Any]:
    size = image.width_px or 0, image.height_px or 0
    marks = {(point.code, point.side): point for point in location.points if lies_in(point, size)}
    left, top, width, height = _bounding_box(location)
    right, bottom = rounded(left + width), rounded(top + height)
    return {
        "id": 1,
        "image_id": 1,
        "category_id": 1,
        "iscrowd": 0,
        "keypoints": [value for keypoint in _keypoints() for value in _triple(marks.get(keypoint))],
        "num_keypoints": len(marks),
        "bbox": [left, top, width, height],
        "area": rounded(width * height),
        "segmentation": [[left, top, right, top, right, bottom, left, bottom]],
    }


def _triple(mark: LocatedPoint | None) -> tuple[float, float, int]:
    """x, y (px) and visibility."""
    return (rounded(mark.x_px), rounded(mark.y_px), _LABELLED_AND_VISIBLE) if mark else (0, 0, _NOT_LABELLED)


def _bounding_box(location: Location) -> list[float]:
    """x, y, width and height of the upright box around the landmarks, in px."""
    landmarks = np.array([getattr(location.landmarks, name) for name in LANDMARKS])
    low, high = landmarks.min(axis=0), landmarks.max(axis=0)
    return [rounded(float(value)) for value in (*low, *(high - low))]
