"""Test-time augmentation of the pose model: several views of one photo, and what they agree on.

The pose model answers differently when the same picture is turned, its scores stay high when it is wrong, and it is
used to people who stand upright and face the camera. So it predicts every quarter turn; what is right comes back the
same each time. Where the four views disagree, four more are predicted with the contrast evened out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from locator.core.arrays import RGBArray
from locator.core.body import Pose, PoseKeypoint
from locator.core.similarity import Similarity, turned_picture
from locator.estimate.pose_model import PoseEstimator

LONGEST_PX = 768
"""Longer side of the picture that is predicted. The model works at 224 and 256 px; more costs time only."""

# A picture whose brightest percent (0 to 255) is darker than the first is lifted until that reaches the second, by the
# third at most. Chosen by hand on rendered bodies.
_DIM, _BRIGHT, _MOST_GAIN = 150.0, 220.0, 8.0

JOINTS = (PoseKeypoint.LEFT_SHOULDER, PoseKeypoint.RIGHT_SHOULDER, PoseKeypoint.LEFT_HIP, PoseKeypoint.RIGHT_HIP)
"""What tells where a torso is."""

# Torso lengths: what any joint may differ by between two views that agree, and the distance between the centres of two
# readings of one body (legs have been read as a torso). Chosen by hand on rendered bodies.
_SAME_READING = 0.25
_SAME_BODY = 0.6


@dataclass(frozen=True, eq=False)
class EnsemblePose:
    """One body in the photo, as several views show it.

    Attributes:
        pose: the median of the views that agree, in pixels of the photo.
        n_agreeing: number of views that read the body so.
        n_contradicting: number of views that read it the other way round, front for back.
        n_views: number of views that were predicted.
        disagreement: widest distance of a joint from the median among the views that agree, in torso lengths.
    """

    pose: Pose
    n_agreeing: int
    n_contradicting: int
    n_views: int
    disagreement: float


def predict(
    rgb: RGBArray, estimator: PoseEstimator, known: Mapping[int, tuple[Pose, ...]] | None = None
) -> tuple[EnsemblePose, ...]:
    """Every body that the views agree on, the surest reading of each.

    Args:
        rgb: (h, w, 3) uint8, upright, already reduced to about ``LONGEST_PX``.
        known: by quarter turns, what :func:`predict_view` has found already; it is not looked for again.

    Returns:
        Bodies with keypoints in pixels of ``rgb``.
    """
    rgb = brightened(rgb)
    poses = list(_turned_views(rgb, estimator, known or {}))
    bodies = _bodies(poses, n_views=4)
    if bodies and all(body.n_agreeing >= 4 and not body.n_contradicting for body in bodies):
        return bodies
    return _bodies(poses + list(_turned_views(_even_contrast(rgb), estimator, {})), n_views=8)


def predict_view(rgb: RGBArray, estimator: PoseEstimator, quarter_turns: int) -> tuple[Pose, ...]:
    """Everybody found in one view, turned counter-clockwise; keypoints in pixels of ``rgb`` itself.

    ``rgb`` is as for :func:`predict`, and :func:`brightened` already.
    """
    return tuple(_turned_view(rgb, estimator, quarter_turns))


def _turned_views(rgb: RGBArray, estimator: PoseEstimator, known: Mapping[int, tuple[Pose, ...]]) -> Iterable[Pose]:
    for quarter_turns in range(4):
        if quarter_turns in known:
            yield from known[quarter_turns]
        else:
            yield from _turned_view(rgb, estimator, quarter_turns)


def _turned_view(rgb: RGBArray, estimator: PoseEstimator, quarter_turns: int) -> Iterable[Pose]:
    turned_back = Similarity.turning_back(quarter_turns, (rgb.shape[1], rgb.shape[0]))
    for pose in estimator.estimate(turned_picture(rgb, quarter_turns)):
        upright = Pose(turned_back.of_points(pose.xy_px), pose.z_px)
        if upright.joints.torso_px > 0:
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


def _bodies(poses: list[Pose], n_views: int) -> tuple[EnsemblePose, ...]:
    """Group the readings by body, the best agreed first; a body's surest reading from behind goes before others."""
    bodies: list[EnsemblePose] = []
    left = list(poses)
    while left:
        seed = max(left, key=lambda pose: len(_agreeing(pose, left)))
        here = [pose for pose in left if _distance(seed, pose) < _SAME_BODY]
        behind = [pose for pose in here if pose.facing > 0]
        if behind:
            seed = max(behind, key=lambda pose: len(_agreeing(pose, behind)))
        agreeing = _agreeing(seed, here)
        median = Pose(
            np.median([pose.xy_px for pose in agreeing], axis=0),
            np.median([pose.z_px for pose in agreeing], axis=0),
        )
        others = [pose for pose in here if not any(pose is one for one in agreeing)]
        bodies.append(
            EnsemblePose(
                pose=median,
                n_agreeing=len(agreeing),
                n_contradicting=sum(pose.facing * median.facing <= 0 for pose in others),
                n_views=n_views,
                disagreement=max(_difference(median, pose) for pose in agreeing),
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
    return float(furthest) / seed.joints.torso_px


def _distance(first: Pose, second: Pose) -> float:
    """Distance between the centres of two torsos, in torso lengths of the longer."""
    one, other = first.joints, second.joints
    apart = (one.shoulder_midpoint + one.hip_midpoint - other.shoulder_midpoint - other.hip_midpoint) / 2
    return float(np.linalg.norm(apart)) / max(one.torso_px, other.torso_px)
