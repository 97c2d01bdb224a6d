"""One look at a picture by MediaPipe's PoseLandmarker: the only module that imports mediapipe."""

from __future__ import annotations

import ctypes
import os
import threading
from contextlib import nullcontext
from typing import Any, Protocol

import numpy as np

from locator import native_log
from locator.types import Pose, RGBArray, check_rgb

MAX_PEOPLE = 4

# Creating a landmarker makes the vendor's library report usage over https, and it offers no switch for it. It
# obeys the proxy variables, so they are pointed at a port where nothing listens, before the library loads.
_NOWHERE = "http://127.0.0.1:9"


class PoseEstimator(Protocol):
    """Anything that finds people in a picture."""

    def estimate(self, rgb: RGBArray) -> tuple[Pose, ...]:
        """Everybody found; keypoints in pixels of ``rgb``, an (h, w, 3) uint8 RGB array."""


class MediaPipePose:
    """MediaPipe's PoseLandmarker on the CPU, for still pictures. Safe to share between threads.

    To keep the library's usage reports in, the process's ``https_proxy`` is pointed at a closed port for good: a
    program that needs https of its own runs this in another process.

    Args:
        bundle: bytes of a verified ``.task`` file.
    """

    def __init__(self, bundle: bytes) -> None:
        self._bundle = bundle
        self._lock = threading.Lock()
        self._landmarker: Any = None
        self._create()

    def _create(self) -> None:
        for name in ("https_proxy", "HTTPS_PROXY"):
            os.environ[name] = _NOWHERE
        for name in ("no_proxy", "NO_PROXY"):
            os.environ.pop(name, None)
        self._has_spoken = False
        with native_log.hushed():
            from mediapipe.tasks.python import BaseOptions, vision

            options = vision.PoseLandmarkerOptions(
                base_options=BaseOptions(model_asset_buffer=self._bundle, delegate=BaseOptions.Delegate.CPU),
                num_poses=MAX_PEOPLE,
            )
            self._landmarker = vision.PoseLandmarker.create_from_options(options)
        # Its finalizer needs threads that are gone when the interpreter ends, and would print a traceback then.
        # One reference too many keeps it from running; close() still frees the native memory.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._landmarker))

    def close(self) -> None:
        """Free the model; a later :meth:`estimate` loads it again."""
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        landmarker, self._landmarker = self._landmarker, None
        if landmarker is not None:
            landmarker.close()

    def estimate(self, rgb: RGBArray) -> tuple[Pose, ...]:
        """Everybody found in ``rgb``.

        Raises:
            TypeError, ValueError: on anything but a non-empty (h, w, 3) uint8 array; the native library would abort.
        """
        check_rgb(rgb)
        if 0 in rgb.shape:
            raise ValueError(f"rgb: expected at least one pixel, got {rgb.shape}")
        import mediapipe

        with self._lock:
            if self._landmarker is None:
                self._create()
            image = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(rgb))
            try:
                # Each of its parts says something once, the last when it first sees a person.
                with nullcontext() if self._has_spoken else native_log.hushed():
                    found = self._landmarker.detect(image)
                self._has_spoken |= bool(found.pose_landmarks)
            except Exception:
                self._drop()  # after one failure every later call of the same landmarker fails too
                raise
        height, width = rgb.shape[:2]
        return tuple(
            Pose(
                xy_px=np.array([(point.x * width, point.y * height) for point in person]),
                z_px=np.array([point.z * width for point in person]),
            )
            for person in found.pose_landmarks
        )
