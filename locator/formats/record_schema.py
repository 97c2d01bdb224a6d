"""The JSON record of one photo as a schema; :func:`locator.formats.record.to_dict` writes it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from pydantic.json_schema import SkipJsonSchema

from locator.core.anchors import CunSource
from locator.core.types import Issue, LocatedLevel, LocatedPoint, ModelId

Px = Annotated[float, Field(allow_inf_nan=False)]
Point = tuple[Px, Px]
Pixels = Annotated[int, Field(ge=1)]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Image(_Model):
    """The photo: its path, the size of the upright picture, and the sha256 of its bytes, as far as they are known."""

    path: str | None
    width_px: Pixels | None
    height_px: Pixels | None
    sha256: Sha256 | None


class Landmarks(_Model):
    """What the marks are derived from: x and y in pixels of the upright photo. Sides are the subject's."""

    c7: Point
    subject_left_shoulder: Point
    subject_right_shoulder: Point
    spine_middle: Point
    subject_left_hip: Point
    subject_right_hip: Point


def _without_default(schema: dict[str, Any]) -> None:
    del schema["default"]


class _Record(_Model):
    """``model`` and ``networks`` are the ones that were asked; none are where a hand has set everything."""

    schema_: Annotated[Literal[1], Field(alias="schema")]
    image: Image
    model: Annotated[ModelId | SkipJsonSchema[None], Field(json_schema_extra=_without_default)] = None
    networks: Annotated[list[ModelId] | SkipJsonSchema[None], Field(json_schema_extra=_without_default)] = None


class Located(_Record):
    """A photo with its marks. Lengths are in pixels of the upright photo."""

    status: Literal["located"]
    method: Literal["pose", "back", "pose+back", "anchors"]
    points: list[LocatedPoint]
    levels: list[LocatedLevel]
    landmarks: Landmarks
    set_by_hand: list[str]
    cun_px: Px
    cun_source: CunSource
    issues: list[Issue]
    people: Annotated[
        int | SkipJsonSchema[None],
        Field(ge=1, description="How many backs were found.", json_schema_extra=_without_default),
    ] = None
    person: Annotated[
        int | SkipJsonSchema[None],
        Field(ge=1, description="Which of them this is, counted from the left.", json_schema_extra=_without_default),
    ] = None


class Refused(_Record):
    """A photo on which nothing can be marked, and why."""

    status: Literal["refused"]
    refusal: Issue
    people: Annotated[
        int | SkipJsonSchema[None],
        Field(ge=1, description="How many backs were found.", json_schema_extra=_without_default),
    ] = None
    person: Annotated[None, Field(json_schema_extra=_without_default)] = None


class Unreadable(_Record):
    """A file that cannot be read as a photo, and why."""

    status: Literal["unreadable"]
    error: Issue


Record = Annotated[Located | Refused | Unreadable, Field(discriminator="status")]
"""What is said of a photo."""


def schema() -> dict[str, Any]:
    """The JSON Schema of the record, as published in ``docs/record.schema.json``."""
    described = TypeAdapter(Record).json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Record of a photo", **described}
