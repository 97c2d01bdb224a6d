"""The JSON record of one photo as the service answers it: of bytes without a name, read by the models alone."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from locator.core.anchors import CunSource
from locator.core.types import ModelId
from locator.formats import record_schema
from locator.formats.record_schema import Pixels, Sha256


class Image(record_schema.Image):
    """The photo: the size of the upright picture, and the sha256 of the bytes that were sent."""

    path: None = None  # what is sent has no name
    width_px: Pixels
    height_px: Pixels
    sha256: Sha256


class Located(record_schema.Located):
    """A photo with its marks. Lengths are in pixels of the upright photo."""

    image: Image
    model: ModelId
    networks: list[ModelId]
    method: Literal["pose", "back", "pose+back"]
    set_by_hand: Annotated[list[str], Field(max_length=0)]
    cun_source: Literal[CunSource.BODY]


class Refused(record_schema.Refused):
    """A photo on which nothing can be marked, and why."""

    image: Image
    model: ModelId
    networks: list[ModelId]


Record = Annotated[Located | Refused, Field(discriminator="status")]
"""What the service answers to a photo that it could read."""
