"""A result as a file: a marked picture, a page to print, or data for other programs.

Every format shows the same marks. None carries metadata, the photo's name or its place on the disk.
"""

from __future__ import annotations

import csv
import datetime
import io
import json
from collections.abc import Collection
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import numpy as np

from locator.catalogue.acupoints import acupoint, acupoints
from locator.core.types import (
    LANDMARKS,
    CunSource,
    Landmarks,
    LocatedLevel,
    LocatedPoint,
    Location,
    Result,
    RGBArray,
    Side,
    check_rgb,
    lies_in,
)
from locator.draw.scene import Style

SCHEMA = 1
_DECIMALS = 2  # of a pixel; a hundredth is far below what any reading can tell
_A4_LONGEST_PT = 841.89


@dataclass(frozen=True)
class Format:
    """What a result can be saved as.

    Attributes:
        suffix: of the file, such as ``".jpg"``.
        media_type: such as ``"image/jpeg"``.
        stem: put behind the file's name in a folder, so that no two formats have the same.
    """

    suffix: str
    media_type: str
    stem: str = ""


FORMATS = {
    "jpeg": Format(".jpg", "image/jpeg"),
    "png": Format(".png", "image/png"),
    "webp": Format(".webp", "image/webp"),
    "svg": Format(".svg", "image/svg+xml"),
    "pdf": Format(".pdf", "application/pdf"),
    "overlay-png": Format(".png", "image/png", "-overlay"),
    "overlay-svg": Format(".svg", "image/svg+xml", "-overlay"),
    "json": Format(".json", "application/json"),
    "csv": Format(".csv", "text/csv"),
    "coco": Format(".json", "application/json", "-coco"),
    "sheet": Format(".pdf", "application/pdf", "-sheet"),
}
"""Every format by its name; the first with a suffix is what the suffix alone means."""


def export(
    name: str,
    rgb: RGBArray,
    result: Result,
    style: Style = Style(),  # noqa: B008 - frozen
    codes: Collection[str] | None = None,
    paper: str = "a4",
    date: datetime.date | None = None,
) -> bytes:
    """A located result as the bytes of a file. The same arguments give the same bytes.

    Args:
        name: one of :data:`FORMATS`.
        rgb: (h, w, 3) uint8, the upright photo, or what is to be shown in its place, such as a blurred copy.
        codes: acupoints to show; None for all. The sheet's title, routine and minutes follow them; its cautions always
            name all.
        paper: of the sheet, ``"a4"`` or ``"letter"``.
        date: printed on the sheet; None for a blank.

    Raises:
        ValueError: on another format or paper, a result that is not located, or a picture of another size.
        TypeError: on what is no picture.
        LookupError: on an acupoint that the catalogue does not know.
    """
    check_rgb(rgb)
    if name not in FORMATS:
        raise ValueError(f"name: expected one of {', '.join(FORMATS)}, got {name!r}")
    location = result.outcome
    if not isinstance(location, Location):
        raise ValueError(f"result: expected a located photo, got one that is {result.status}")
    size = (rgb.shape[1], rgb.shape[0])
    if size != (result.image.width_px, result.image.height_px):
        raise ValueError(
            f"rgb: expected {result.image.width_px} x {result.image.height_px} px, got {size[0]} x {size[1]}"
        )
    if codes is not None:
        wanted = {acupoint(code).code for code in codes}
        location = replace(location, points=tuple(point for point in location.points if point.code in wanted))
        result = replace(result, outcome=location)
    if name in ("json", "csv", "coco"):
        document = {"json": to_json, "csv": to_csv, "coco": to_coco}[name](result)
        return document.encode("utf-8")
    return _picture(name, rgb, location, style, paper, date)


def _picture(
    name: str, rgb: RGBArray, location: Location, style: Style, paper: str, date: datetime.date | None
) -> bytes:
    from locator.draw import raster, scene
    from locator.photo import images

    size = (rgb.shape[1], rgb.shape[0])
    if name in ("jpeg", "png", "webp"):
        return images.encode(raster.draw(rgb, location, style=style), name)
    if name == "sheet":
        from locator.draw import sheet

        return sheet.draw(rgb, location, style, paper, date)
    drawing = scene.build(location, size, style, rgb=rgb)
    if name == "overlay-png":
        return images.encode(raster.overlay(drawing), "png")
    if name == "pdf":
        from locator.core.box import Box
        from locator.draw import pdf

        scale = _A4_LONGEST_PT / max(size)
        page = pdf.Page((size[0] * scale, size[1] * scale))
        box = Box(0.0, 0.0, *page.size_pt)
        page.photo(images.encode(rgb, "jpeg"), box)
        page.scene(drawing, box)
        return page.file()
    from locator.draw import svg

    return svg.draw(drawing, images.encode(rgb, "jpeg") if name == "svg" else None)


def to_dict(result: Result) -> dict[str, Any]:
    """The result in schema 1, ready for :func:`json.dumps`. Positions are in the upright photo, in pixels."""
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "image": asdict(result.image),
        "status": result.status,
    }
    if isinstance(result.outcome, Location):
        document.update(_location(result.outcome))
    else:
        document["refusal" if result.status == "refused" else "error"] = asdict(result.outcome)
    if result.model:
        document["model"] = asdict(result.model)
    if result.networks:
        document["networks"] = [asdict(network) for network in result.networks]
    return document


def location_of(document: dict[str, Any]) -> Location:
    """What :func:`to_dict` has made a document of, but for its issues: enough to draw it.

    Args:
        document: of a located photo.
    """
    return Location(
        method=document["method"],
        points=tuple(LocatedPoint(**{**point, "side": Side(point["side"])}) for point in document["points"]),
        levels=tuple(LocatedLevel(**level) for level in document["levels"]),
        landmarks=Landmarks(**{name: np.array(place) for name, place in document["landmarks"].items()}),
        cun_px=document["cun_px"],
        cun_source=CunSource(document["cun_source"]),
    )


def to_json(result: Result) -> str:
    """:func:`to_dict` as text, without the photo's name."""
    nameless = replace(result, image=replace(result.image, path=None))
    return json.dumps(to_dict(nameless), allow_nan=False, indent=1) + "\n"


def to_csv(result: Result) -> str:
    """A line for each mark, below a line with the fields of :class:`~locator.core.types.LocatedPoint`."""
    out = io.StringIO()
    table = csv.DictWriter(out, [field.name for field in fields(LocatedPoint)], lineterminator="\n")
    table.writeheader()
    for point in _points(result):
        table.writerow({**_row(point), "moved_by_hand": json.dumps(point.moved_by_hand)})
    return out.getvalue()


def to_coco(result: Result) -> str:
    """One picture and one back in COCO's format for keypoints.

    The keypoints are named ``BL-18/subject-left`` and the like. The box is that of the back, from C7 to the hips and
    between the shoulders. ``file_name`` says nothing of the person: it is made of the photo's ``sha256``.
    """
    assert isinstance(result.outcome, Location)
    names = [
        (point.code, side)
        for point in acupoints()
        for side in ((Side.LEFT, Side.RIGHT) if point.paired else (Side.MIDLINE,))
    ]
    size = result.image.width_px or 0, result.image.height_px or 0
    marks = {(point.code, point.side): point for point in _points(result) if lies_in(point, size)}
    found = [marks.get(name) for name in names]
    keypoints = [[_rounded(mark.x_px), _rounded(mark.y_px), 2] if mark else [0, 0, 0] for mark in found]
    left, top, width, height = _box_of_back(result.outcome)
    right, bottom = _rounded(left + width), _rounded(top + height)
    document = {
        "info": {"description": "Points of a back massage"},
        "images": [
            {
                "id": 1,
                "file_name": f"{result.image.sha256 or 'back'}.jpg",
                "width": result.image.width_px,
                "height": result.image.height_px,
                "sha256": result.image.sha256,
            }
        ],
        "categories": [
            {
                "id": 1,
                "name": "back",
                "supercategory": "person",
                "keypoints": [f"{code}/{side.value}" for code, side in names],
                "skeleton": [[at + 1, at + 2] for at, (_, side) in enumerate(names) if side is Side.LEFT],
            }
        ],
        "annotations": [
            {
                "id": 1,
                "image_id": 1,
                "category_id": 1,
                "iscrowd": 0,
                "keypoints": [value for keypoint in keypoints for value in keypoint],
                "num_keypoints": len(marks),
                "bbox": [left, top, width, height],
                "area": _rounded(width * height),
                "segmentation": [[left, top, right, top, right, bottom, left, bottom]],
            }
        ],
    }
    return json.dumps(document, allow_nan=False, indent=1) + "\n"


def _box_of_back(location: Location) -> list[float]:
    """x, y, width and height of the upright box around the landmarks, in px."""
    places = np.array([getattr(location.landmarks, name) for name in LANDMARKS])
    low, high = places.min(axis=0), places.max(axis=0)
    return [_rounded(float(value)) for value in (*low, *(high - low))]


def _points(result: Result) -> tuple[LocatedPoint, ...]:
    return result.outcome.points if isinstance(result.outcome, Location) else ()


def _location(location: Location) -> dict[str, Any]:
    return {
        "method": location.method,
        "points": [_row(point) for point in location.points],
        "levels": [{name: _rounded(value) for name, value in asdict(level).items()} for level in location.levels],
        "landmarks": {
            name: [_rounded(float(value)) for value in getattr(location.landmarks, name)] for name in LANDMARKS
        },
        "set_by_hand": list(location.set_by_hand),
        "cun_px": _rounded(location.cun_px),
        "cun_source": location.cun_source.value,
        "issues": [asdict(issue) for issue in location.issues],
    }


def _row(point: LocatedPoint) -> dict[str, Any]:
    return {name: _rounded(value) for name, value in {**asdict(point), "side": point.side.value}.items()}


def _rounded(value: Any) -> Any:
    return round(value, _DECIMALS) if isinstance(value, float) else value
