"""A body in a photo: sides, the pose model's keypoints, joints and landmarks. Positions are px of the photo."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import cached_property

from locator.core.arrays import FloatArray, freeze
from locator.core.geometry import TorsoFrame


class Side(StrEnum):
    """Side of the subject's body, not of the picture."""

    LEFT = "subject-left"
    RIGHT = "subject-right"
    MIDLINE = "midline"


OTHER_SIDE = {Side.LEFT: Side.RIGHT, Side.RIGHT: Side.LEFT, Side.MIDLINE: Side.MIDLINE}
"""What each side is in a mirror."""


class PoseKeypoint(IntEnum):
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


@dataclass(frozen=True, eq=False)
class Joints:
    """The four joints that the back hangs between, each (2,) in photo pixels."""

    subject_left_shoulder: FloatArray
    subject_right_shoulder: FloatArray
    subject_left_hip: FloatArray
    subject_right_hip: FloatArray

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            freeze(self, name, (2,))

    @cached_property
    def shoulder_midpoint(self) -> FloatArray:
        """(2,) point halfway between the shoulders."""
        middle: FloatArray = (self.subject_left_shoulder + self.subject_right_shoulder) / 2
        return middle

    @cached_property
    def hip_midpoint(self) -> FloatArray:
        """(2,) point halfway between the hips."""
        middle: FloatArray = (self.subject_left_hip + self.subject_right_hip) / 2
        return middle

    @cached_property
    def shoulders_px(self) -> float:
        """Distance between the shoulders."""
        return math.dist(self.subject_right_shoulder, self.subject_left_shoulder)

    @cached_property
    def middle(self) -> FloatArray:
        """(2,) point halfway between the two midpoints."""
        middle: FloatArray = (self.shoulder_midpoint + self.hip_midpoint) / 2
        return middle

    @cached_property
    def torso_px(self) -> float:
        """Distance from the shoulder midpoint to the hip midpoint."""
        return math.dist(self.hip_midpoint, self.shoulder_midpoint)


@dataclass(frozen=True, eq=False)
class Landmarks(Joints):
    """What the marks are derived from, each (2,) in photo pixels.

    Attributes:
        c7: lower edge of the spinous process of C7, the most prominent bump at the base of the neck.
        spine_middle: lower edge of the spinous process of T9, on the midline.
    """

    c7: FloatArray
    spine_middle: FloatArray

    @cached_property
    def back_px(self) -> float:
        """Distance from C7 to the hip midpoint."""
        return math.dist(self.hip_midpoint, self.c7)

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


def other_landmark(name: str) -> str:
    """What one of :data:`LANDMARKS` is called where left and right are taken for each other."""
    words = {"left": "right", "right": "left"}
    return "_".join(words.get(word, word) for word in name.split("_"))


@dataclass(frozen=True, eq=False)
class Pose:
    """One person as a pose model read them.

    Attributes:
        xy_px: (33, 2) keypoint positions; rows follow :class:`PoseKeypoint`.
        z_px: (33,) depth relative to the hips, smaller is nearer the camera, on the scale of x.

    Raises:
        ValueError: on another shape, or a number that is not finite.
    """

    xy_px: FloatArray
    z_px: FloatArray

    def __post_init__(self) -> None:
        freeze(self, "xy_px", (POSE_KEYPOINTS, 2))
        freeze(self, "z_px", (POSE_KEYPOINTS,))

    def __getitem__(self, keypoint: PoseKeypoint) -> FloatArray:
        """(2,) position of one keypoint."""
        row: FloatArray = self.xy_px[keypoint]
        return row

    @cached_property
    def joints(self) -> Joints:
        """The four joints, where the pose model puts them."""
        return Joints(
            self[PoseKeypoint.LEFT_SHOULDER],
            self[PoseKeypoint.RIGHT_SHOULDER],
            self[PoseKeypoint.LEFT_HIP],
            self[PoseKeypoint.RIGHT_HIP],
        )

    @cached_property
    def torso_frame(self) -> TorsoFrame:
        """The axes between the shoulders' and the hips' midpoint.

        Raises:
            ValueError: if the two coincide.
        """
        return TorsoFrame.between(self.joints.shoulder_midpoint, self.joints.hip_midpoint)

    @cached_property
    def facing(self) -> float:
        """Breadth of the shoulders in torso lengths: positive seen from behind, negative from the front.

        From behind, with the body upright, the subject's right is at the picture's right.

        Raises:
            ValueError: if shoulders and hips coincide.
        """
        frame, joints = self.torso_frame, self.joints
        left, right = frame.from_px(joints.subject_left_shoulder), frame.from_px(joints.subject_right_shoulder)
        return float((right - left)[1])
