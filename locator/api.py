"""One photo's way: bytes → picture → looks → pose → marks, or a refusal."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cache
from typing import Union

from locator import images, looks, models, placing, quality, render
from locator.pose import MediaPipePose, PoseEstimator
from locator.types import Issue, Location, Photo, Pose, Refusal, Result, RGBArray

PhotoSource = Union[str, "os.PathLike[str]", bytes, RGBArray]
"""A file's path, a file's bytes, or an upright (h, w, 3) uint8 RGB array."""


@dataclass(frozen=True, eq=False)
class Annotation:
    """A result and the picture that shows it.

    Attributes:
        rgb: (height, width, 3) uint8 marked photo at full resolution; None unless located.
    """

    result: Result
    rgb: RGBArray | None = field(repr=False)


class Locator:
    """Locates points on photos with one loaded model. Safe to share between threads.

    Args:
        model: name in the manifest, ``"full"`` or ``"heavy"``.
        progress: told how set-up goes when the model has to be fetched first.

    Raises:
        models.ModelUnavailable: if the model is not on this machine and cannot be fetched.
    """

    def __init__(self, model: str = models.DEFAULT, progress: models.Progress = lambda share, step: None) -> None:
        bundle, self.model = models.obtain(model, progress)
        self._measured = model == models.DEFAULT  # the placing and its radii were measured on that one
        self._pose: PoseEstimator = MediaPipePose(bundle)

    def locate(self, photo: PhotoSource) -> Result:
        """Every mark on the back in ``photo``, or why not. Never raises for what is in a photo."""
        return self.read(photo)[1]

    def annotate(self, photo: PhotoSource, codes: Collection[str] | None = None) -> Annotation:
        """Locate, and draw the marks of the acupoints in ``codes`` (None: all) on a copy of the photo."""
        picture, result = self.read(photo)
        if picture is None or not isinstance(result.outcome, Location):
            return Annotation(result, None)
        return Annotation(result, render.draw(picture.rgb, result.outcome, codes))

    def read(self, photo: PhotoSource) -> tuple[Photo | None, Result]:
        """The decoded photo (None if unreadable) and its result."""
        try:
            picture = images.read(photo)
        except images.UnreadableImage as error:
            return None, Result(error.info, error.outcome)
        return picture, Result(picture.info, self._locate(picture.rgb), self.model)

    def _locate(self, rgb: RGBArray) -> Location | Refusal:
        reading = read_back(rgb, self._pose)
        if isinstance(reading, Refusal):
            return reading
        issues = reading.issues if self._measured else (*reading.issues, quality.issue("other_model"))
        location = placing.place(reading.pose, issues, reading.steady)
        return quality.check_marks(location, (rgb.shape[1], rgb.shape[0])) or location


@dataclass(frozen=True, eq=False)
class Reading:
    """The back that was read in a photo.

    Attributes:
        pose: in pixels of the photo.
        issues: what is to be said beside an answer.
        steady: see :func:`locator.quality.steady`.
    """

    pose: Pose
    issues: tuple[Issue, ...]
    steady: bool


def read_back(rgb: RGBArray, estimator: PoseEstimator) -> Reading | Refusal:
    """The largest back in an (h, w, 3) uint8 photo, or why there is none to be marked."""
    small, shrunk = images.shrink(rgb, looks.LONGEST_PX)
    size, photo_per_look = (small.shape[1], small.shape[0]), 1 / shrunk
    seen = quality.light(small)
    bodies = looks.look(small, estimator)
    body = quality.choose(bodies, seen)
    if isinstance(body, Refusal):
        return body
    refused = quality.check_body(body, size, photo_per_look)
    if refused:
        return refused
    issues = quality.reservations(body, bodies, seen, size, photo_per_look)
    return Reading(Pose(body.pose.xy_px / shrunk, body.pose.z_px / shrunk), issues, quality.steady(body))


@cache
def default_locator() -> Locator:
    """The locator behind :func:`locate` and :func:`annotate`, loaded once in a process."""
    return Locator()


def locate(photo: PhotoSource) -> Result:
    """Every mark on the back in ``photo`` (path, bytes or RGB array), or why not.

    Raises:
        models.ModelUnavailable: if the pose model is missing and cannot be fetched.
        TypeError, ValueError: if ``photo`` is none of the three.
    """
    return default_locator().locate(photo)


def annotate(photo: PhotoSource, codes: Collection[str] | None = None) -> Annotation:
    """Like :func:`locate`, with the marked picture; ``codes`` names the acupoints to draw (None: all)."""
    return default_locator().annotate(photo, codes)
