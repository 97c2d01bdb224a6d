"""Several looks at one photo, and what they agree on.

The pose model answers differently when the same picture is turned, its scores stay high when it is wrong, and it is
used to people who stand upright and face the camera. So it is asked about every quarter turn; what is right comes
back the same each time. Where the four disagree, four more are taken with the contrast evened out.
"""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

from locator.core.similarity import Similarity, turned_picture
from locator.core.types import Body, Keypoint, Pose, RGBArray
from locator.estimate import pose_landmarks
from locator.estimate.pose_model import PoseEstimator

LONGEST_PX = 768
"""Longer side of the picture that is looked at. The model works at 224 and 256 px; more costs time only."""

# A picture whose brightest percent is darker than the first is lifted until that reaches the second.
_DIM, _BRIGHT, _MOST_GAIN = 150.0, 220.0, 8.0

JOINTS = (Keypoint.LEFT_SHOULDER, Keypoint.RIGHT_SHOULDER, Keypoint.LEFT_HIP, Keypoint.RIGHT_HIP)
"""What tells where a torso is."""

_SAME_READING = 0.25  # torso lengths that any joint may differ between two looks that agree
_SAME_BODY = 0.6  # torso lengths between the centres of two readings of one body; legs have been read as a torso


def look(rgb: RGBArray, estimator: PoseEstimator) -> tuple[Body, ...]:
    """Every body that the looks agree on, the surest reading of each.

    Args:
        rgb: (h, w, 3) uint8, upright, already reduced to about ``LONGEST_PX``.

    Returns:
        Bodies with keypoints in pixels of ``rgb``.
    """
    rgb = brightened(rgb)
    poses = list(_turned_looks(rgb, estimator))
    bodies = _bodies(poses, looks=4)
    if bodies and all(body.seen >= 4 and not body.contradicted for body in bodies):
        return bodies
    return _bodies(poses + list(_turned_looks(_even_contrast(rgb), estimator)), looks=8)


def once(rgb: RGBArray, estimator: PoseEstimator, quarter_turns: int) -> tuple[Pose, ...]:
    """Everybody whom one look finds at a picture turned counter-clockwise; keypoints in pixels of ``rgb`` itself.

    ``rgb`` is as for :func:`look`, and :func:`brightened` already.
    """
    return tuple(_turned_look(rgb, estimator, quarter_turns))


def _turned_looks(rgb: RGBArray, estimator: PoseEstimator) -> Iterable[Pose]:
    for quarter_turns in range(4):
        yield from _turned_look(rgb, estimator, quarter_turns)


def _turned_look(rgb: RGBArray, estimator: PoseEstimator, quarter_turns: int) -> Iterable[Pose]:
    turned_back = Similarity.turning_back(quarter_turns, (rgb.shape[1], rgb.shape[0]))
    for pose in estimator.estimate(turned_picture(rgb, quarter_turns)):
        upright = Pose(turned_back.of_points(pose.xy_px), pose.z_px)
        if pose_landmarks.joints(upright).torso_px > 0:
            yield upright


def brightened(rgb: RGBArray) -> RGBArray:
    """A dim picture as bright as a good one: in the dark the model takes backs for fronts."""
    red, green, blue = cv2.split(np.ascontiguousarray(rgb[::8, ::8]))  # every eighth pixel tells as much
    lights = np.sort(cv2.max(cv2.max(red, green), blue), axis=None)
    brightest = float(lights[int(0.99 * lights.size)])
    if brightest >= _DIM:
        return rgb
    gain = min(_BRIGHT / max(brightest, 1.0), _MOST_GAIN)
    return np.asarray(cv2.convertScaleAbs(rgb, alpha=gain), dtype=np.uint8)


def _even_contrast(rgb: RGBArray) -> RGBArray:
    lab = cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB)
    lab[..., 0] = cv2.createCLAHE(clipLimit=3.0, tileGridSize=(8, 8)).apply(lab[..., 0])
    return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), dtype=np.uint8)


def _bodies(poses: list[Pose], looks: int) -> tuple[Body, ...]:
    """Group the readings by body, the best agreed first; a body's surest reading from behind goes before others."""
    bodies: list[Body] = []
    left = list(poses)
    while left:
        seed = max(left, key=lambda pose: len(_agreeing(pose, left)))
        here = [pose for pose in left if _distance(seed, pose) < _SAME_BODY]
        behind = [pose for pose in here if pose_landmarks.facing(pose) > 0]
        if behind:
            seed = max(behind, key=lambda pose: len(_agreeing(pose, behind)))
        agreeing = _agreeing(seed, here)
        median = Pose(
            np.median([pose.xy_px for pose in agreeing], axis=0),
            np.median([pose.z_px for pose in agreeing], axis=0),
        )
        others = [pose for pose in here if not any(pose is one for one in agreeing)]
        bodies.append(
            Body(
                pose=median,
                seen=len(agreeing),
                contradicted=sum(pose_landmarks.facing(pose) * pose_landmarks.facing(median) <= 0 for pose in others),
                looks=looks,
                spread=max(_difference(median, pose) for pose in agreeing),
            )
        )
        left = [pose for pose in left if not any(pose is one for one in here)]
    return tuple(bodies)


def _agreeing(seed: Pose, poses: list[Pose]) -> list[Pose]:
    return [pose for pose in poses if _difference(seed, pose) < _SAME_READING]


def _difference(seed: Pose, other: Pose) -> float:
    """Widest distance between the same joints of two poses, in torso lengths of the first."""
    rows = list(JOINTS)
    furthest = np.linalg.norm(seed.xy_px[rows] - other.xy_px[rows], axis=1).max()
    return float(furthest) / pose_landmarks.joints(seed).torso_px


def _distance(first: Pose, second: Pose) -> float:
    """Distance between the centres of two torsos, in torso lengths of the longer."""
    one, other = pose_landmarks.joints(first), pose_landmarks.joints(second)
    apart = (one.shoulder_midpoint + one.hip_midpoint - other.shoulder_midpoint - other.hip_midpoint) / 2
    return float(np.linalg.norm(apart)) / max(one.torso_px, other.torso_px)
