"""One prediction by MediaPipe's PoseLandmarker."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from locator.core.arrays import RGBArray
from locator.core.body import Pose
from locator.core.similarity import from_shares
from locator.models.mediapipe_tasks import Landmarker, Model

MAX_PEOPLE = 4


class PoseEstimator(Protocol):
    """Anything that finds people in a picture."""

    def estimate(self, rgb: RGBArray) -> tuple[Pose, ...]:
        """Everybody found; keypoints in pixels of ``rgb``, an (h, w, 3) uint8 RGB array."""


class MediaPipePose:
    """MediaPipe's PoseLandmarker; threads, the network and failures as in :class:`.Landmarker`.

    Args:
        bundle: a ``.task`` file, as ``registry.bundle`` gives it; asked whenever it is loaded.
        video: whether the pictures are frames of one video, in their order.
    """

    def __init__(self, bundle: Model, video: bool = False) -> None:
        self._landmarker = Landmarker("Pose", bundle, video, num_poses=MAX_PEOPLE)

    def close(self) -> None:
        """Free the model; a later :meth:`estimate` loads it again."""
        self._landmarker.close()

    def estimate(self, rgb: RGBArray) -> tuple[Pose, ...]:
        """Everybody found in ``rgb``.

        Raises:
            TypeError, ValueError: on anything but a non-empty (h, w, 3) uint8 array.
        """
        people = self._landmarker.detect(rgb).pose_landmarks
        height, width = rgb.shape[:2]
        return tuple(
            Pose(
                xy_px=from_shares(np.array([(point.x, point.y) for point in person]), (width, height)),
                z_px=np.array([point.z * width for point in person]),
            )
            for person in people
        )
