"""Anchors as a file: what the page saves and ``--anchors`` reads."""

from __future__ import annotations

import codecs
import json
import math
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from locator.catalogue.acupoints import acupoint
from locator.core import anatomy, files
from locator.core import anchors as values
from locator.core.anchors import FURTHEST_OFFSET, Anchors, AnchorsError, CunSource, MovedMark, SetBy
from locator.core.body import LANDMARKS, Landmarks, Side
from locator.core.types import ImageInfo
from locator.estimate import midline

SCHEMA = 1
LARGEST_BYTES = 100_000  # a file of everything takes 5 kB

LENGTH_MM = (5.0, 5000.0)
"""Shortest and longest known length that is taken."""

FOUR_FINGERS_MM = (30.0, 150.0)
"""Narrowest and widest hand that is taken; adults measure 60 to 95 mm across four fingers."""

_FURTHEST_PX = 1e6
Coordinate = Annotated[float, Field(ge=-_FURTHEST_PX, le=_FURTHEST_PX, allow_inf_nan=False)]


# The validating library's kinds of error, in plain words.
_NUMBER, _OBJECT, _LIST = "expected a number", "expected an object in braces", "expected a list of two"
_WORDS = {
    "json_invalid": "this is not a file of handles: it is no JSON",
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "dict_type": _OBJECT,
    "missing": "the field is missing",
    "extra_forbidden": "there is no such field",
    "float_type": _NUMBER,
    "int_type": "expected a whole number",
    "finite_number": _NUMBER,
    "greater_than": "expected more than {gt}",
    "too_short": "expected at least one",
    "string_type": "expected a text",
    "string_pattern_mismatch": "expected 64 digits from 0 to f",
    "enum": "expected one of {expected}",
    "literal_error": "expected {expected}",
    "union_tag_invalid": "expected a source that is one of {expected_tags}",
    "union_tag_not_found": "expected a source",
    "greater_than_equal": "expected at least {ge}",
    "less_than_equal": "expected at most {le}",
    "tuple_type": "expected a list",
    "too_long": _LIST,
}


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Image(_Model):
    """The upright photo that the anchors belong to: its size, and where it is known the sha256 of its file."""

    width_px: Annotated[int, Field(ge=1)]
    height_px: Annotated[int, Field(ge=1)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None


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
        if math.dist(*self.ends_px) < 1.0:
            raise ValueError("ends_px: expected two points at least a pixel apart")
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
    length_mm: Annotated[float, Field(ge=LENGTH_MM[0], le=LENGTH_MM[1], allow_inf_nan=False)]
    four_fingers_mm: Annotated[float, Field(ge=FOUR_FINGERS_MM[0], le=FOUR_FINGERS_MM[1], allow_inf_nan=False)]


class _Mark(_Model):
    code: str
    side: Side

    @field_validator("code")
    @classmethod
    def _known(cls, code: str) -> str:
        try:
            return acupoint(code).code
        except LookupError as error:
            raise ValueError(error.args[0].removeprefix("code: ")) from error

    @model_validator(mode="after")
    def _there(self) -> _Mark:
        if (self.side is Side.MIDLINE) == acupoint(self.code).paired:
            raise ValueError(f"side: {self.code} has no mark at {self.side.value}")
        return self


class Moved(_Mark):
    """One mark that a hand has put elsewhere than it was placed."""

    x_px: Coordinate
    y_px: Coordinate


Share = Annotated[float, Field(ge=-FURTHEST_OFFSET, le=FURTHEST_OFFSET, allow_inf_nan=False)]
Radius = Annotated[float, Field(gt=0.0, le=FURTHEST_OFFSET, allow_inf_nan=False)]


class ReadLevel(_Model):
    """How far one level lies from where the landmarks alone put it: along the back, and to the subject's right."""

    level: str
    along: Share
    right: Share

    @field_validator("level")
    @classmethod
    def _known(cls, level: str) -> str:
        if level not in anatomy.levels():
            raise ValueError(f"expected a vertebra from C7 to S2, got {level!r}")
        return level


class ReadMark(_Mark):
    """How far one mark lies from where the landmarks alone put it: along the back, and to the subject's right."""

    along: Share
    right: Share


class Detail(_Model):
    """What the photo's reading knew beyond the landmarks, in shares of the distance from C7 to the middle of the hips.

    The radii are those that nine readings in ten of an acupoint stay within.
    """

    method: values.DetailMethod
    levels: Annotated[tuple[ReadLevel, ...], Field(min_length=1)]
    marks: Annotated[tuple[ReadMark, ...], Field(min_length=1)]
    radii: dict[str, Radius]
    landmark_radii: Annotated[
        dict[str, Radius], Field(description="The same of the landmarks; empty where that is not known.")
    ] = {}

    @model_validator(mode="after")
    def _whole(self) -> Detail:
        if len({one.level for one in self.levels}) < len(self.levels):
            raise ValueError("levels: expected each level once")
        if len({(one.code, one.side) for one in self.marks}) < len(self.marks):
            raise ValueError("marks: expected each mark once")
        if set(self.radii) != {one.code for one in self.marks}:
            raise ValueError("radii: expected one for each acupoint of the marks")
        if self.landmark_radii and set(self.landmark_radii) != set(LANDMARKS):
            raise ValueError("landmark_radii: expected none, or one for each landmark")
        return self


class ReadLandmarks(_Model):
    """Where the photo's reading put each landmark, in pixels: [x, y]."""

    c7: End
    subject_left_shoulder: End
    subject_right_shoulder: End
    spine_middle: End
    subject_left_hip: End
    subject_right_hip: End


class AnchorsFile(_Model):
    """Handles on the back in one photo, as put right by hand."""

    model_config = ConfigDict(title="Anchors of back points")

    schema_: Annotated[int, Field(alias="schema", ge=SCHEMA, le=SCHEMA)]
    image: Image
    handles: Handles
    fingers: Annotated[Body | FingersInPhoto | OwnHand, Field(discriminator="source")] = Body(
        source=CunSource.BODY.value
    )
    moved: tuple[Moved, ...] = ()
    reserved: Annotated[
        tuple[str, ...], Field(description="Codes of the issues, or of the refusal, that the photo's own reading had.")
    ] = ()
    detail: Detail | None = None
    read: ReadLandmarks | None = None

    @field_validator("moved")
    @classmethod
    def _once(cls, moved: tuple[Moved, ...]) -> tuple[Moved, ...]:
        if len({(mark.code, mark.side) for mark in moved}) < len(moved):
            raise ValueError("expected each mark once")
        return moved


def schema() -> dict[str, Any]:
    """The JSON Schema of the file, as published in ``docs/anchors.schema.json``."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **AnchorsFile.model_json_schema()}


def read(content: bytes, photo: ImageInfo) -> Anchors:
    """The anchors in a file's bytes.

    Args:
        photo: what they are to be used on.

    Raises:
        AnchorsError: on a wrong file, naming the field, or on one for another photo.
    """
    if len(content) > LARGEST_BYTES:
        raise AnchorsError(f"the file is too large: expected at most {LARGEST_BYTES} bytes, got {len(content)}")
    try:
        text = content.removeprefix(codecs.BOM_UTF8)
        file = AnchorsFile.model_validate_json(text)
        json.loads(text, object_pairs_hook=_without_repeats)
    except ValidationError as error:
        raise AnchorsError(_in_words(error)) from error
    if (file.image.width_px, file.image.height_px) != (photo.width_px, photo.height_px):
        raise AnchorsError(
            f"image: the file is for a photo of {file.image.width_px} × {file.image.height_px} pixels, "
            f"this one has {photo.width_px} × {photo.height_px}"
        )
    if file.image.sha256 and photo.sha256 and file.image.sha256 != photo.sha256:
        raise AnchorsError("image.sha256: the handles were set on another photo of the same size")
    return _anchors(file)


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """One JSON object; the validating library would take the last of two fields of one name."""
    for name, _ in pairs:
        if sum(name == other for other, _ in pairs) > 1:
            raise AnchorsError(f"{name}: the field is given twice")
    return dict(pairs)


def read_path(path: Path, photo: ImageInfo) -> Anchors:
    """Like :func:`read`, from a file.

    Raises:
        AnchorsError: also if the file cannot be read.
    """
    try:
        return read(files.read(path, LARGEST_BYTES), photo)
    except OSError as error:
        raise AnchorsError(f"the file cannot be read: {error.strerror}") from error


def write(anchors: Anchors, photo: ImageInfo) -> bytes:
    """The file for anchors on a photo; read again, it gives the same anchors."""
    file = AnchorsFile.model_validate(
        {
            "schema": SCHEMA,
            "image": {"width_px": photo.width_px, "height_px": photo.height_px, "sha256": photo.sha256},
            "handles": Handles(**{name: _handle(anchors, name) for name in LANDMARKS}),
            "fingers": _fingers(anchors.fingers),
            "moved": tuple(Moved(code=m.code, side=m.side, x_px=m.x_px, y_px=m.y_px) for m in anchors.moved),
            "reserved": anchors.reserved,
            "detail": _detail(anchors.detail) if anchors.detail else None,
            "read": _read(anchors.read) if anchors.read else None,
        }
    )
    without = {name for name in ("detail", "read") if getattr(anchors, name) is None}
    return (file.model_dump_json(by_alias=True, indent=1, exclude=without) + "\n").encode()


def _in_words(error: ValidationError) -> str:
    """The first thing wrong, with the way to its field."""
    first = error.errors(include_url=False)[0]
    kinds = {source.value for source in CunSource}  # the validator names the kind of measure as if it were a field
    field = ".".join(str(step) for step in first["loc"] if step not in kinds)
    words = _WORDS.get(first["type"])
    message = words.format(**first.get("ctx", {})) if words else first["msg"].removeprefix("Value error, ")
    return f"{field}: {message}" if field else message


def _handle(anchors: Anchors, name: str) -> Handle:
    x, y = getattr(anchors.landmarks, name)
    return Handle(x_px=float(x), y_px=float(y), set_by=anchors.set_by[name])


def _fingers(fingers: values.FingersInPhoto | values.OwnHand | None) -> Body | FingersInPhoto | OwnHand:
    if fingers is None:
        return Body(source=CunSource.BODY.value)
    (ax, ay), (bx, by) = fingers.ends_px.tolist()
    ends = ((ax, ay), (bx, by))
    if isinstance(fingers, values.FingersInPhoto):
        return FingersInPhoto(source=CunSource.FINGERS.value, ends_px=ends)
    return OwnHand(
        source=CunSource.OWN_HAND.value,
        ends_px=ends,
        length_mm=fingers.length_mm,
        four_fingers_mm=fingers.four_fingers_mm,
    )


def _detail(detail: values.Detail) -> Detail:
    return Detail(
        method=detail.method,
        levels=tuple(ReadLevel(level=name, along=x, right=y) for name, (x, y) in detail.levels.items()),
        marks=tuple(ReadMark(code=c, side=s, along=x, right=y) for (c, s), (x, y) in detail.marks.items()),
        radii=dict(detail.radii),
        landmark_radii=dict(detail.landmark_radii),
    )


def _read(landmarks: Landmarks) -> ReadLandmarks:
    places = {name: getattr(landmarks, name).tolist() for name in LANDMARKS}
    return ReadLandmarks(**{name: (x, y) for name, (x, y) in places.items()})


def _anchors(file: AnchorsFile) -> Anchors:
    given = {name: handle for name in LANDMARKS if (handle := getattr(file.handles, name)) is not None}
    points = {name: np.array([handle.x_px, handle.y_px]) for name, handle in given.items()}
    set_by = {name: given[name].set_by if name in given else SetBy.DEFAULT for name in LANDMARKS}
    if "spine_middle" not in points:
        hips = (points["subject_left_hip"] + points["subject_right_hip"]) / 2
        points["spine_middle"] = midline.model().usual_middle(points["c7"], hips)
    fingers: values.FingersInPhoto | values.OwnHand | None = None
    if isinstance(file.fingers, FingersInPhoto):
        fingers = values.FingersInPhoto(np.array(file.fingers.ends_px))
    elif isinstance(file.fingers, OwnHand):
        fingers = values.OwnHand(np.array(file.fingers.ends_px), file.fingers.length_mm, file.fingers.four_fingers_mm)
    moved = tuple(MovedMark(mark.code, mark.side, mark.x_px, mark.y_px) for mark in file.moved)
    detail: values.Detail | None = None
    if file.detail:
        detail = values.Detail(
            method=file.detail.method,
            levels={one.level: (one.along, one.right) for one in file.detail.levels},
            marks={(one.code, one.side): (one.along, one.right) for one in file.detail.marks},
            radii=file.detail.radii,
            landmark_radii=file.detail.landmark_radii,
        )
    read = Landmarks(**{name: np.array(getattr(file.read, name)) for name in LANDMARKS}) if file.read else None
    return Anchors(Landmarks(**points), set_by, fingers, moved, file.reserved, detail, read)
