"""The JSON record of one photo as a schema, for programs that read it; ``formats.record.to_dict`` writes it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from locator.core.anchors import CunSource
from locator.core.types import Issue, LocatedLevel, LocatedPoint, ModelId

Px = Annotated[float, Field(allow_inf_nan=False)]
Point = tuple[Px, Px]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Image(_Model):
    """The photo: the size of the upright picture, and the sha256 of the bytes that were sent."""

    path: None = None  # what is sent has no name
    width_px: Annotated[int, Field(ge=1)]
    height_px: Annotated[int, Field(ge=1)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Landmarks(_Model):
    """What the marks are derived from: x and y in pixels of the upright photo. Sides are the subject's."""

    c7: Point
    subject_left_shoulder: Point
    subject_right_shoulder: Point
    spine_middle: Point
    subject_left_hip: Point
    subject_right_hip: Point


class _Record(_Model):
    schema_: Annotated[Literal[1], Field(alias="schema")]
    image: Image
    model: ModelId
    networks: list[ModelId]


class Located(_Record):
    """A photo with its marks. Lengths are in pixels of the upright photo."""

    status: Literal["located"]
    method: Literal["pose", "back", "pose+back"]
    points: list[LocatedPoint]
    levels: list[LocatedLevel]
    landmarks: Landmarks
    set_by_hand: Annotated[list[str], Field(max_length=0)]
    cun_px: Px
    cun_source: Literal[CunSource.BODY]
    issues: list[Issue]


class Refused(_Record):
    """A photo on which nothing can be marked, and why."""

    status: Literal["refused"]
    refusal: Issue


Record = Annotated[Located | Refused, Field(discriminator="status")]
"""What the service answers to a photo that it could read."""
