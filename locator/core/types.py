"""The values every part of the program speaks: frozen, validated, in photo pixels.

Pixel positions are in the upright photo, x to the right, y down, float64, whole numbers in the middles of pixels. Sides
are the subject's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
RGBArray = NDArray[np.uint8]


class Side(StrEnum):
    """Side of the subject's body, not of the picture."""

    LEFT = "subject-left"
    RIGHT = "subject-right"
    MIDLINE = "midline"


OTHER_SIDE = {Side.LEFT: Side.RIGHT, Side.RIGHT: Side.LEFT, Side.MIDLINE: Side.MIDLINE}
"""What each side is in a mirror."""


class Keypoint(IntEnum):
    """The rows of :attr:`Pose.xy_px` that the program reads, as numbered by the BlazePose topology."""

    LEFT_EAR = 7
    RIGHT_EAR = 8
    LEFT_SHOULDER = 11
    RIGHT_SHOULDER = 12
    LEFT_ELBOW = 13
    RIGHT_ELBOW = 14
    LEFT_HIP = 23
    RIGHT_HIP = 24
    LEFT_KNEE = 25
    RIGHT_KNEE = 26


POSE_KEYPOINTS = 33


def check_rgb(rgb: RGBArray) -> None:
    """Refuse anything that is not a picture.

    Raises:
        TypeError: on what is no array.
        ValueError: on an array that is not (h, w, 3) uint8.
    """
    if not isinstance(rgb, np.ndarray):
        raise TypeError(f"rgb: expected a (h, w, 3) uint8 array, got {type(rgb).__name__}")
    if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3:
        raise ValueError(f"rgb: expected a (h, w, 3) uint8 array, got {rgb.shape} {rgb.dtype}")


def _frozen_array(owner: object, name: str, shape: tuple[int, ...]) -> None:
    value = np.array(getattr(owner, name), dtype=np.float64)
    if value.shape != shape:
        raise ValueError(f"{name}: expected shape {shape}, got {value.shape}")
    if not np.isfinite(value).all():
        raise ValueError(f"{name}: expected finite numbers")
    value.setflags(write=False)
    object.__setattr__(owner, name, value)


@dataclass(frozen=True, eq=False)
class Pose:
    """One person as a pose model read them.

    Attributes:
        xy_px: (33, 2) keypoint positions; rows follow :class:`Keypoint`.
        z_px: (33,) depth relative to the hips, smaller is nearer the camera, on the scale of x.

    Raises:
        ValueError: on another shape, or a number that is not finite.
    """

    xy_px: FloatArray
    z_px: FloatArray

    def __post_init__(self) -> None:
        _frozen_array(self, "xy_px", (POSE_KEYPOINTS, 2))
        _frozen_array(self, "z_px", (POSE_KEYPOINTS,))

    def __getitem__(self, keypoint: Keypoint) -> FloatArray:
        """(2,) position of one keypoint."""
        row: FloatArray = self.xy_px[keypoint]
        return row


@dataclass(frozen=True, eq=False)
class Body:
    """One body in the photo.

    Attributes:
        pose: the median of the looks that agree, in pixels of the photo.
        seen: number of looks that read the body so.
        contradicted: number of looks that read it the other way round, front for back.
        looks: number of looks taken at the photo.
        spread: widest disagreement of a joint among the looks that agree, in torso lengths.
    """

    pose: Pose
    seen: int
    contradicted: int
    looks: int
    spread: float


@dataclass(frozen=True, eq=False)
class Joints:
    """The four joints that the back hangs between, each (2,) in photo pixels."""

    subject_left_shoulder: FloatArray
    subject_right_shoulder: FloatArray
    subject_left_hip: FloatArray
    subject_right_hip: FloatArray

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            _frozen_array(self, name, (2,))

    @property
    def shoulder_midpoint(self) -> FloatArray:
        """(2,) point halfway between the shoulders."""
        middle: FloatArray = (self.subject_left_shoulder + self.subject_right_shoulder) / 2
        return middle

    @property
    def hip_midpoint(self) -> FloatArray:
        """(2,) point halfway between the hips."""
        middle: FloatArray = (self.subject_left_hip + self.subject_right_hip) / 2
        return middle

    @property
    def shoulders_px(self) -> float:
        """Distance between the shoulders."""
        return float(np.linalg.norm(self.subject_right_shoulder - self.subject_left_shoulder))

    @property
    def torso_px(self) -> float:
        """Distance from the shoulder midpoint to the hip midpoint."""
        return float(np.linalg.norm(self.hip_midpoint - self.shoulder_midpoint))


@dataclass(frozen=True, eq=False)
class Landmarks(Joints):
    """What the marks are derived from, each (2,) in photo pixels.

    Attributes:
        c7: lower edge of the spinous process of C7, the most prominent bump at the base of the neck.
        spine_middle: lower edge of the spinous process of T9, on the midline.
    """

    c7: FloatArray
    spine_middle: FloatArray

    @property
    def back_px(self) -> float:
        """Distance from C7 to the hip midpoint."""
        return float(np.linalg.norm(self.hip_midpoint - self.c7))

    def with_sides_exchanged(self) -> Landmarks:
        """The same points, left and right taken for each other."""
        return Landmarks(
            subject_left_shoulder=self.subject_right_shoulder,
            subject_right_shoulder=self.subject_left_shoulder,
            subject_left_hip=self.subject_right_hip,
            subject_right_hip=self.subject_left_hip,
            c7=self.c7,
            spine_middle=self.spine_middle,
        )


LANDMARKS = (
    "c7",
    "subject_left_shoulder",
    "subject_right_shoulder",
    "spine_middle",
    "subject_left_hip",
    "subject_right_hip",
)
"""The fields of :class:`Landmarks`, from top to bottom."""


class SetBy(StrEnum):
    """Where a landmark's place comes from."""

    HAND = "hand"
    PHOTO = "photo"
    DEFAULT = "default"
    """Nobody's knowledge: put somewhere to be dragged from."""


class CunSource(StrEnum):
    """Where the length of a cun comes from."""

    BODY = "body-proportions"
    FINGERS = "fingers-in-photo"
    OWN_HAND = "own-hand"


@dataclass(frozen=True, eq=False)
class FingersInPhoto:
    """Four fingers side by side on the back, across the middle joints.

    Attributes:
        ends_px: (2, 2) the outer edges of the index finger and the little finger.

    Raises:
        ValueError: if the ends coincide.
    """

    ends_px: FloatArray

    def __post_init__(self) -> None:
        _check_ends(self)

    @property
    def cun_px(self) -> float:
        """One cun: a third of the four fingers."""
        return _length_px(self.ends_px) / 3.0


@dataclass(frozen=True, eq=False)
class OwnHand:
    """A hand measured in millimetres, and a known length in the photo.

    Attributes:
        ends_px: (2, 2) the ends of something on the back whose length is known, such as a ruler.
        length_mm: that length.
        four_fingers_mm: breadth of four fingers side by side, across the middle joints.

    Raises:
        ValueError: if the ends coincide, or a length is not positive.
    """

    ends_px: FloatArray
    length_mm: float
    four_fingers_mm: float

    def __post_init__(self) -> None:
        _check_ends(self)
        for name in ("length_mm", "four_fingers_mm"):
            if not 0.0 < getattr(self, name) < np.inf:
                raise ValueError(f"{name}: expected a positive number, got {getattr(self, name)}")

    @property
    def cun_px(self) -> float:
        """One cun: a third of the four fingers."""
        return self.four_fingers_mm / 3.0 * _length_px(self.ends_px) / self.length_mm


def _check_ends(measure: FingersInPhoto | OwnHand) -> None:
    _frozen_array(measure, "ends_px", (2, 2))
    if _length_px(measure.ends_px) == 0.0:
        raise ValueError("ends_px: expected two different points")


def _length_px(ends: FloatArray) -> float:
    return float(np.linalg.norm(ends[1] - ends[0]))


@dataclass(frozen=True)
class MovedMark:
    """One mark that a hand has put elsewhere than it was placed."""

    code: str
    side: Side
    x_px: float
    y_px: float


DetailMethod = Literal["back", "pose+back"]
"""How more than the landmarks is read: by the back network alone, or beside the pose model."""

FURTHEST_OFFSET = 10.0
"""Largest number in a :class:`Detail`; beyond, there is no telling what was read."""

Offset = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Detail:
    """What a reading knows beyond the six landmarks, in terms that go along with them.

    How far a place lies from where the landmarks alone put it: (along, to the subject's right), in the axes of
    :func:`locator.estimate.midline.frame` and in shares of the distance from C7 to the middle of the hips.

    Attributes:
        method: how it was read.
        levels: the offset of each level that was read, one at least, by the vertebra's name.
        marks: that of each mark that was read, one at least, by code and side.
        radii: for each acupoint of ``marks`` the radius that nine readings in ten stay within, in the same shares.

    Raises:
        ValueError: on another method, no level or no mark, a number that is not finite or larger than
            :data:`FURTHEST_OFFSET`, a radius that is not positive, or radii of other acupoints than the marks'.
    """

    method: DetailMethod
    levels: Mapping[str, Offset]
    marks: Mapping[tuple[str, Side], Offset]
    radii: Mapping[str, float]

    def __post_init__(self) -> None:
        if self.method not in get_args(DetailMethod):
            raise ValueError(f"method: expected one of {', '.join(get_args(DetailMethod))}, got {self.method!r}")
        offsets: Mapping[str, Mapping[Any, Offset]] = {"levels": self.levels, "marks": self.marks}
        for name, places in offsets.items():
            if not places:
                raise ValueError(f"{name}: expected at least one")
            if not all(
                len(place) == 2 and all(abs(one) <= FURTHEST_OFFSET for one in place) for place in places.values()
            ):
                raise ValueError(f"{name}: expected pairs of numbers from {-FURTHEST_OFFSET:g} to {FURTHEST_OFFSET:g}")
        if set(self.radii) != {code for code, _ in self.marks}:
            raise ValueError("radii: expected one for each acupoint of the marks")
        if not all(0.0 < radius <= FURTHEST_OFFSET for radius in self.radii.values()):
            raise ValueError(f"radii: expected positive numbers up to {FURTHEST_OFFSET:g}")


@dataclass(frozen=True, eq=False)
class Anchors:
    """Landmarks as put right by hand, from which a location follows without a look at the photo.

    Attributes:
        set_by: who set each of :data:`LANDMARKS`.
        fingers: what the finger-widths are measured by; None for the body's proportions.
        moved: marks that do not lie where the landmarks put them.
        reserved: codes of the issues, or of the refusal, that the photo's own reading had.
        detail: what that reading knew beyond the landmarks, if anything.

    Raises:
        ValueError: if ``set_by`` names other than the landmarks.
    """

    landmarks: Landmarks
    set_by: Mapping[str, SetBy]
    fingers: FingersInPhoto | OwnHand | None = None
    moved: tuple[MovedMark, ...] = ()
    reserved: tuple[str, ...] = ()
    detail: Detail | None = None

    def __post_init__(self) -> None:
        if set(self.set_by) != set(LANDMARKS):
            raise ValueError(f"set_by: expected {', '.join(LANDMARKS)}, got {', '.join(self.set_by)}")

    @property
    def cun_source(self) -> CunSource:
        """Where the length of a cun comes from."""
        if self.fingers is None:
            return CunSource.BODY
        return CunSource.FINGERS if isinstance(self.fingers, FingersInPhoto) else CunSource.OWN_HAND


@dataclass(frozen=True)
class Issue:
    """Something about a photo that the user should know, and what would make it better."""

    code: str
    message: str
    remedy: str


@dataclass(frozen=True)
class Refusal(Issue):
    """Why a readable photo is not answered, and what to do instead."""


@dataclass(frozen=True)
class Unreadable(Issue):
    """Why a file could not be read as a photo, and what to do instead."""


@dataclass(frozen=True)
class LocatedPoint:
    """One mark.

    Attributes:
        code: acupoint, such as ``"BL-18"``.
        x_px: right of the photo's left edge.
        y_px: below the photo's top edge.
        radius_px: nine chances in ten that the true point lies within: reading and anatomy together.
        reading_radius_px: the reading's part of that alone.
        level: vertebra whose spinous process gives the height.
        lateral_cun: distance beside the midline, in the subject's own cun.
        moved_by_hand: whether a hand put it there, away from its level and distance; the radius stays that of the place
            it was moved from.
    """

    code: str
    side: Side
    x_px: float
    y_px: float
    radius_px: float
    reading_radius_px: float
    level: str
    lateral_cun: float
    moved_by_hand: bool = False


@dataclass(frozen=True)
class LocatedLevel:
    """Lower border of one spinous process on the skin of the midline."""

    level: str
    x_px: float
    y_px: float


def in_picture(x_px: float, y_px: float, size_px: tuple[int, int]) -> bool:
    """Whether a point lies on a pixel of a picture of (width, height) ``size_px``."""
    return bool(-0.5 <= x_px < size_px[0] - 0.5 and -0.5 <= y_px < size_px[1] - 0.5)


def lies_in(place: LocatedPoint | LocatedLevel, size_px: tuple[int, int]) -> bool:
    """Whether a mark or a level lies in a photo of (width, height) ``size_px``."""
    return in_picture(place.x_px, place.y_px, size_px)


@dataclass(frozen=True)
class Location:
    """The answer to one photo: every mark, and what it was derived from.

    Attributes:
        points: every mark; some may lie outside of the photo.
        method: where the landmarks come from; ``"pose"`` for the pose model's keypoints, ``"back"`` for the back
            network, ``"pose+back"`` for both, ``"anchors"`` where a hand has set one or more.
        cun_px: length of one cun in the photo, at the back.
        cun_source: where that length comes from.
        set_by_hand: those of :data:`LANDMARKS` that a hand has put in place.
        detail: what the reading knew beyond the landmarks; None where all follows from these.
    """

    method: str
    points: tuple[LocatedPoint, ...]
    levels: tuple[LocatedLevel, ...]
    landmarks: Landmarks
    cun_px: float
    cun_source: CunSource
    issues: tuple[Issue, ...] = ()
    set_by_hand: tuple[str, ...] = ()
    detail: Detail | None = None


@dataclass(frozen=True)
class ModelId:
    """The model an answer came from."""

    name: str
    sha256: str


@dataclass(frozen=True)
class ImageInfo:
    """What is said of the photo in a result; sizes are of the upright picture, None where unreadable."""

    path: str | None
    width_px: int | None
    height_px: int | None
    sha256: str | None


@dataclass(frozen=True, eq=False)
class Photo:
    """A decoded photo: (height, width, 3) uint8 RGB, upright, read-only."""

    rgb: RGBArray = field(repr=False)
    info: ImageInfo

    def __post_init__(self) -> None:
        self.rgb.setflags(write=False)


@dataclass(frozen=True)
class Result:
    """One photo's outcome.

    Attributes:
        model: the pose model that was asked.
        networks: the back networks that were asked.
        guess: of a refused photo, the landmarks of a body that was made out but not surely; good for nothing but
            handles to be dragged.
    """

    image: ImageInfo
    outcome: Location | Refusal | Unreadable
    model: ModelId | None = None
    networks: tuple[ModelId, ...] = ()
    guess: Landmarks | None = None

    @property
    def status(self) -> str:
        """``"located"``, ``"refused"`` or ``"unreadable"``."""
        if isinstance(self.outcome, Location):
            return "located"
        return "refused" if isinstance(self.outcome, Refusal) else "unreadable"
