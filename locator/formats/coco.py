"""The marks as keypoints in COCO's format (https://cocodataset.org/#format-data), for annotation tools."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from locator.catalogue.acupoints import acupoints
from locator.core.body import LANDMARKS, Side
from locator.core.types import ImageInfo, LocatedPoint, Location, Result, lies_in
from locator.formats.marked import MarkedPhoto
from locator.formats.record import rounded

_LICENCE = 1
_ID_DIGITS = 13  # of a sha256 in hexadecimal: as many as a program that counts in floats tells apart
_LABELLED_AND_VISIBLE, _NOT_LABELLED = 2, 0  # COCO's values of a keypoint's visibility


_PREFIXES = {Side.LEFT: "left_", Side.RIGHT: "right_", Side.MIDLINE: ""}


def write(marked: MarkedPhoto) -> bytes:
    """The file."""
    return to_coco(marked.result).encode("utf-8")


def to_coco(result: Result) -> str:
    """One image and one back with its keypoints, as JSON.

    The keypoints are named ``left_BL-18`` and the like, by the subject's sides, as those of COCO are: trainers that
    mirror pictures tell pairs by these words. The box is that of the back in the picture, from C7 to the hips and
    between the shoulders. ``file_name`` says nothing of the person: it and the ids are made of the photo's ``sha256``,
    so that files of several photos can be put together.

    Args:
        result: of a located photo.
    """
    assert isinstance(result.outcome, Location)
    id = _id(result.image)
    document = {
        **_head(),
        "images": [_image(result.image, id, f"{result.image.sha256 or 'back'}.jpg")],
        "annotations": [_annotation(result.outcome, result.image, id, id)],
    }
    return json.dumps(document, allow_nan=False, indent=1) + "\n"


def of_many(located: Callable[[], Iterable[tuple[ImageInfo, list[Location]]]], first_id: int) -> Iterator[str]:
    """One file for many photos, in pieces, so that no more than one photo is in the memory.

    ``file_name`` is the photo's path, by which the programs that read the file find it.

    Args:
        located: gives every photo and the backs marked in it, the same ones each time.
        first_id: of the ids, which count up from it; 1 at least.
    """
    head = json.dumps(_head(), allow_nan=False, indent=1)
    yield f"{head.removesuffix('}').rstrip()},\n"
    images = (_image(image, first_id + n, image.path or "") for n, (image, _) in enumerate(located()))
    yield from _listed("images", images)
    yield ",\n"
    backs = ((back, image, first_id + n) for n, (image, of_photo) in enumerate(located()) for back in of_photo)
    marks = (_annotation(*back, first_id + n) for n, back in enumerate(backs))
    yield from _listed("annotations", marks)
    yield "\n}\n"


def _listed(name: str, entries: Iterable[dict[str, Any]]) -> Iterator[str]:
    yield f' "{name}": ['
    for number, entry in enumerate(entries):
        yield f"{',' if number else ''}\n  {json.dumps(entry, allow_nan=False)}"
    yield "\n ]"


def _head() -> dict[str, Any]:
    return {
        "info": {"description": "Points of a back massage"},
        "licenses": [{"id": _LICENCE, "name": "Not known: that of the photo", "url": ""}],
        "categories": [_category()],
    }


def _keypoints() -> Iterator[tuple[str, Side]]:
    """Acupoint and side of every keypoint, in the order of the category."""
    for point in acupoints():
        for side in (Side.LEFT, Side.RIGHT) if point.paired else (Side.MIDLINE,):
            yield point.code, side


def _image(image: ImageInfo, id: int, file_name: str) -> dict[str, Any]:
    return {
        "id": id,
        "license": _LICENCE,
        "file_name": file_name,
        "width": image.width_px,
        "height": image.height_px,
        "sha256": image.sha256,
    }


def _id(image: ImageInfo) -> int:
    """Not 0, which counts as none."""
    return int((image.sha256 or "1")[:_ID_DIGITS], 16) or 1


def _category() -> dict[str, Any]:
    """The skeleton joins the two sides of each pair; it counts the keypoints from 1."""
    keypoints = list(_keypoints())
    return {
        "id": 1,
        "name": "back",
        "supercategory": "person",
        "keypoints": [f"{_PREFIXES[side]}{code}" for code, side in keypoints],
        "skeleton": [[at + 1, at + 2] for at, (_, side) in enumerate(keypoints) if side is Side.LEFT],
    }


def _annotation(location: Location, image: ImageInfo, image_id: int, id: int) -> dict[str, Any]:
    size = image.width_px or 0, image.height_px or 0
    marks = {(point.code, point.side): point for point in location.points if lies_in(point, size)}
    left, top, width, height = _bounding_box(location, size)
    right, bottom = rounded(left + width), rounded(top + height)
    return {
        "id": id,
        "image_id": image_id,
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


def _bounding_box(location: Location, size: tuple[int, int]) -> list[float]:
    """x, y, width and height of the upright box around the landmarks, as far as it lies in the picture, in px."""
    landmarks = np.array([getattr(location.landmarks, name) for name in LANDMARKS])
    low, high = (corner.clip(0, size) for corner in (landmarks.min(axis=0), landmarks.max(axis=0)))
    return [rounded(float(value)) for value in (*low, *(high - low))]
