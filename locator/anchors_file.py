"""Anchors as a file: what the page saves and ``--anchors`` reads."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from locator import midline, types
from locator.acupoints import acupoint
from locator.types import LANDMARKS, Anchors, CunSource, Landmarks, MovedMark, SetBy, Side

SCHEMA = 1
LARGEST_BYTES = 100_000  # a file of everything takes 3 kB

_FURTHEST_PX = 1e6
Coordinate = Annotated[float, Field(ge=-_FURTHEST_PX, le=_FURTHEST_PX, allow_inf_nan=False)]


class AnchorsError(ValueError):
    """A file of anchors is wrong; the message names the field."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Image(_Model):
    """Size of the upright photo that the anchors belong to."""

    width_px: Annotated[int, Field(ge=1)]
    height_px: Annotated[int, Field(ge=1)]


class Handle(_Model):
    """One landmark in photo pixels, x to the right, y down. Only handles set by hand or read in the photo count."""

    x_px: Coordinate
    y_px: Coordinate
    set_by: SetBy = SetBy.HAND


class Handles(_Model):
    """The landmarks; sides are the subject's. Without a spine_middle (T9) it lies where most backs have it."""

    c7: Handle
    subject_left_shoulder: Handle
    subject_right_shoulder: Handle
    spine_middle: Handle | None = None
    subject_left_hip: Handle
    subject_right_hip: Handle


End = tuple[Coordinate, Coordinate]


class _Ends(_Model):
    ends_px: tuple[End, End]

    @model_validator(mode="after")
    def _apart(self) -> _Ends:
        if self.ends_px[0] == self.ends_px[1]:
            raise ValueError("ends_px: expected two different points")
        return self


class Body(_Model):
    """One cun follows from the body's proportions."""

    source: Literal["body-proportions"]


class FingersInPhoto(_Ends):
    """Three cun lie between the outer edges of four fingers, across the middle joints."""

    source: Literal["fingers-in-photo"]


class OwnHand(_Ends):
    """Three cun are the breadth of a hand's four fingers, at the scale of a known length in the photo."""

    source: Literal["own-hand"]
    length_mm: Annotated[float, Field(gt=0, le=5000, allow_inf_nan=False)]
    four_fingers_mm: Annotated[float, Field(ge=30, le=150, allow_inf_nan=False)]


class Moved(_Model):
    """One mark that a hand has put elsewhere than it was placed."""

    code: str
    side: Side
    x_px: Coordinate
    y_px: Coordinate

    @field_validator("code")
    @classmethod
    def _known(cls, code: str) -> str:
        try:
            return acupoint(code).code
        except LookupError as error:
            raise ValueError(error.args[0].removeprefix("code: ")) from error

    @model_validator(mode="after")
    def _there(self) -> Moved:
        if (self.side is Side.MIDLINE) == acupoint(self.code).paired:
            raise ValueError(f"side: {self.code} has no mark at {self.side.value}")
        return self


class AnchorsFile(_Model):
    """Handles on the back in one photo, as put right by hand."""

    model_config = ConfigDict(extra="forbid", frozen=True, title="Anchors of back points")

    schema_: Annotated[Literal[1], Field(alias="schema")]
    image: Image
    handles: Handles
    fingers: Annotated[Body | FingersInPhoto | OwnHand, Field(discriminator="source")] = Body(
        source=CunSource.BODY.value
    )
    moved: tuple[Moved, ...] = ()


def schema() -> dict[str, Any]:
    """The JSON Schema of the file, as published in ``docs/anchors.schema.json``."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **AnchorsFile.model_json_schema()}


def read(content: bytes, size_px: tuple[int, int]) -> Anchors:
    """The anchors in a file's bytes.

    Args:
        size_px: (width, height) of the photo that they are to be used on.

    Raises:
        AnchorsError: on a wrong file, naming the field, or on one for a photo of another size.
    """
    if len(content) > LARGEST_BYTES:
        raise AnchorsError(f"the file is too large: expected at most {LARGEST_BYTES} bytes, got {len(content)}")
    try:
        file = AnchorsFile.model_validate_json(content)
    except ValidationError as error:
        raise AnchorsError(_in_words(error)) from error
    if (file.image.width_px, file.image.height_px) != size_px:
        raise AnchorsError(
            f"image: the file is for a photo of {file.image.width_px} × {file.image.height_px} pixels, "
            f"this one has {size_px[0]} × {size_px[1]}"
        )
    return _anchors(file)


def read_path(path: Path, size_px: tuple[int, int]) -> Anchors:
    """Like :func:`read`, from a file.

    Raises:
        AnchorsError: also if the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise AnchorsError(f"the file cannot be read: {error.strerror}") from error
    return read(content, size_px)


def write(anchors: Anchors, size_px: tuple[int, int]) -> bytes:
    """The file for anchors on a photo of (width, height) ``size_px``; read again, it gives the same anchors."""
    file = AnchorsFile.model_validate(
        {
            "schema": SCHEMA,
            "image": Image(width_px=size_px[0], height_px=size_px[1]),
            "handles": Handles(**{name: _handle(anchors, name) for name in LANDMARKS}),
            "fingers": _fingers(anchors.fingers),
            "moved": tuple(Moved(code=m.code, side=m.side, x_px=m.x_px, y_px=m.y_px) for m in anchors.moved),
        }
    )
    return (file.model_dump_json(by_alias=True, indent=1) + "\n").encode()


def _in_words(error: ValidationError) -> str:
    """The first thing wrong, with the way to its field."""
    first = error.errors(include_url=False, include_context=False)[0]
    kinds = {source.value for source in CunSource}  # the validator names the kind of measure as if it were a field
    field = ".".join(str(step) for step in first["loc"] if step not in kinds)
    message = first["msg"].removeprefix("Value error, ")
    return f"{field}: {message}" if field else message


def _handle(anchors: Anchors, name: str) -> Handle:
    x, y = getattr(anchors.landmarks, name)
    return Handle(x_px=float(x), y_px=float(y), set_by=anchors.set_by[name])


def _fingers(fingers: types.FingersInPhoto | types.OwnHand | None) -> Body | FingersInPhoto | OwnHand:
    if fingers is None:
        return Body(source=CunSource.BODY.value)
    (ax, ay), (bx, by) = fingers.ends_px.tolist()
    ends = ((ax, ay), (bx, by))
    if isinstance(fingers, types.FingersInPhoto):
        return FingersInPhoto(source=CunSource.FINGERS.value, ends_px=ends)
    return OwnHand(
        source=CunSource.OWN_HAND.value,
        ends_px=ends,
        length_mm=fingers.length_mm,
        four_fingers_mm=fingers.four_fingers_mm,
    )


def _anchors(file: AnchorsFile) -> Anchors:
    given = {name: handle for name in LANDMARKS if (handle := getattr(file.handles, name)) is not None}
    places = {name: np.array([handle.x_px, handle.y_px]) for name, handle in given.items()}
    set_by = {name: given[name].set_by if name in given else SetBy.DEFAULT for name in LANDMARKS}
    if "spine_middle" not in places:
        hips = (places["subject_left_hip"] + places["subject_right_hip"]) / 2
        places["spine_middle"] = midline.model().usual_middle(places["c7"], hips)
    fingers: types.FingersInPhoto | types.OwnHand | None = None
    if isinstance(file.fingers, FingersInPhoto):
        fingers = types.FingersInPhoto(np.array(file.fingers.ends_px))
    elif isinstance(file.fingers, OwnHand):
        fingers = types.OwnHand(np.array(file.fingers.ends_px), file.fingers.length_mm, file.fingers.four_fingers_mm)
    moved = tuple(MovedMark(mark.code, mark.side, mark.x_px, mark.y_px) for mark in file.moved)
    return Anchors(Landmarks(**places), set_by, fingers, moved)
