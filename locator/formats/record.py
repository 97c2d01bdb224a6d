"""The record of one photo as JSON: where its marks are, or why there are none."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from locator.core.anchors import CunSource
from locator.core.body import LANDMARKS, Landmarks, Side
from locator.core.types import ImageInfo, LocatedLevel, LocatedPoint, Location, Result
from locator.formats import file_names
from locator.formats.marked import MarkedPhoto

SCHEMA = 1
_DECIMALS = 2  # of a pixel; a hundredth is far below what any reading can tell


def write(marked: MarkedPhoto) -> bytes:
    """The file."""
    return to_json(marked.result).encode("utf-8")


def to_dict(result: Result) -> dict[str, Any]:
    """The result in schema 1, ready for :func:`json.dumps`. Positions are in the upright photo, in pixels.

    The photo's path is as :func:`locator.formats.file_names.to_text` has it.
    """
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "image": {**asdict(result.image), "path": result.image.path and file_names.to_text(result.image.path)},
        "status": result.status,
    }
    if isinstance(result.outcome, Location):
        document.update(_location(result.outcome))
    else:
        document["refusal" if result.status == "refused" else "error"] = asdict(result.outcome)
    if result.people:
        document.update(people=len(result.people), person=result.person)
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
        landmarks=Landmarks(**{name: np.array(xy) for name, xy in document["landmarks"].items()}),
        cun_px=document["cun_px"],
        cun_source=CunSource(document["cun_source"]),
    )


def image_of(document: dict[str, Any]) -> ImageInfo:
    """What :func:`to_dict` has written of the photo; its path is left as it stands in the document."""
    return ImageInfo(**document["image"])


def to_json(result: Result) -> str:
    """:func:`to_dict` as text, without the photo's name."""
    nameless = replace(result, image=replace(result.image, path=None))
    return json.dumps(to_dict(nameless), allow_nan=False, indent=1) + "\n"


def _location(location: Location) -> dict[str, Any]:
    return {
        "method": location.method,
        "points": [fields_of(point) for point in location.points],
        "levels": [{name: rounded(value) for name, value in asdict(level).items()} for level in location.levels],
        "landmarks": {
            name: [rounded(float(value)) for value in getattr(location.landmarks, name)] for name in LANDMARKS
        },
        "set_by_hand": list(location.set_by_hand),
        "cun_px": rounded(location.cun_px),
        "cun_source": location.cun_source.value,
        "issues": [asdict(issue) for issue in location.issues],
    }


def fields_of(point: LocatedPoint) -> dict[str, Any]:
    """The fields of a mark, as the formats for programs have them."""
    return {name: rounded(value) for name, value in {**asdict(point), "side": point.side.value}.items()}


def rounded(value: Any) -> Any:
    """A number as the formats for programs have it; anything else as it is."""
    return round(value, _DECIMALS) if isinstance(value, float) else value
