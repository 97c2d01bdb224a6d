"""MediaPipe's tasks, held so that they are safe to keep: the only home of mediapipe."""

from __future__ import annotations

import ctypes
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from locator.core import native_log
from locator.core.arrays import FloatArray, RGBArray, check_rgb

Model = Callable[[], Path]
"""Verifies a model, and gives the file that it is in."""

# Creating a task makes the vendor's library report usage over https, and it offers no switch for it. It
# obeys the proxy variables, so they are pointed at a port where nothing listens, before the library loads.
_NOWHERE = "http://127.0.0.1:9"


# What the library loads though nothing here asks for it: drawings, and its tasks for sound, which open the machine's
# sound system, and for text. They take half the time of its start.
_UNUSED = (
    "matplotlib",
    "matplotlib.pyplot",
    *(f"mediapipe.tasks.python.{task}" for task in ("audio", "decision", "retrieval", "text")),
)


@contextmanager
def _without_the_unused() -> Iterator[None]:
    """Keep out what the library would load for nothing; whoever loads it afterwards gets it."""
    absent = [name for name in _UNUSED if name not in sys.modules and name.partition(".")[0] not in sys.modules]
    sys.modules.update({name: ModuleType(name) for name in absent})
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


def check_picture(rgb: RGBArray) -> None:
    """Refuse anything but a picture with something in it.

    Raises:
        TypeError, ValueError: on anything but a non-empty (h, w, 3) uint8 array.
    """
    check_rgb(rgb)
    if 0 in rgb.shape:
        raise ValueError(f"rgb: expected at least one pixel, got {rgb.shape}")


def _asset(model: Path) -> dict[str, Any]:
    """The library's options for a model: its path, for then the file is mapped and no copy of it is kept.

    On Windows the library looks for whatever path beside its own files (google-ai-edge/mediapipe, issue 5343).
    """
    return {"model_asset_buffer": model.read_bytes()} if os.name == "nt" else {"model_asset_path": str(model)}


class _Task:
    """One of MediaPipe's tasks for pictures, on the CPU. Safe to share between threads.

    To keep the library's usage reports in, the process's ``https_proxy`` is pointed at a closed port for good: a
    program that needs https of its own runs this in another process.

    Args:
        kind: what the library calls it, as in ``"PoseLandmarker"``.
        verb: what the library calls what it does, as in ``"detect"``.
        model: asked whenever it is loaded.
        video: whether the pictures follow one another, so that one is searched where the last one had something.
        options: further options of the library's ``<kind>Options``.
    """

    def __init__(self, kind: str, verb: str, model: Model, video: bool = False, **options: Any) -> None:
        self._kind, self._verb, self._model, self._video, self._options = kind, verb, model, video, options
        self._last_ms = 0
        self._lock = threading.Lock()
        self._task: Any = None

    def load(self) -> None:
        """Load the model now; otherwise the first picture does."""
        with self._lock:
            self._create()

    def close(self) -> None:
        """Free the model; a later picture loads it again."""
        with self._lock:
            self._drop()

    def _create(self) -> None:
        if self._task is not None:
            return
        for name in ("https_proxy", "HTTPS_PROXY"):
            os.environ[name] = _NOWHERE
        for name in ("no_proxy", "NO_PROXY"):
            os.environ.pop(name, None)
        self._has_spoken = False
        with native_log.hushed(), _without_the_unused():
            from mediapipe.tasks.python import BaseOptions, vision

            options = getattr(vision, f"{self._kind}Options")(
                base_options=BaseOptions(**_asset(self._model()), delegate=BaseOptions.Delegate.CPU),
                running_mode=vision.RunningMode.VIDEO if self._video else vision.RunningMode.IMAGE,
                **self._options,
            )
            self._task = getattr(vision, self._kind).create_from_options(options)
        # Its finalizer needs threads that are gone when the interpreter ends, and would print a traceback then.
        # One reference too many keeps it from running; close() still frees the native memory.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._task))

    def _drop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.close()

    def _answer(self, rgb: RGBArray) -> Any:
        """The library's own result for ``rgb``.

        Raises:
            TypeError, ValueError: on anything but a non-empty (h, w, 3) uint8 array; the native library would abort.
        """
        check_picture(rgb)
        import mediapipe

        with self._lock:
            self._create()
            image = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(rgb))
            try:
                # Each of its parts says something once, the last when it first finds what it looks for.
                with nullcontext() if self._has_spoken else native_log.hushed():
                    found = self._ask(image)
                self._has_spoken |= self._is_found(found)
            except Exception:
                self._drop()  # after one failure every later call of the same task fails too
                raise
        return found

    def _ask(self, image: Any) -> Any:
        if not self._video:
            return getattr(self._task, self._verb)(image)
        self._last_ms = max(self._last_ms + 1, round(time.monotonic() * 1000))  # it must rise from call to call
        return getattr(self._task, f"{self._verb}_for_video")(image, self._last_ms)

    def _is_found(self, answer: Any) -> bool:
        """Whether every part of the task has had something to do."""
        raise NotImplementedError


class Landmarker(_Task):
    """One of MediaPipe's landmarkers; threads, the network and failures as in :class:`_Task`.

    Args:
        kind: what it finds, as the library names it: ``"Pose"`` or ``"Hand"``.
        bundle: a ``.task`` file; asked whenever it is loaded.
        video, options: as of :class:`_Task`.
    """

    def __init__(self, kind: str, bundle: Model, video: bool = False, **options: Any) -> None:
        super().__init__(f"{kind}Landmarker", "detect", bundle, video, **options)
        self._found = f"{kind.lower()}_landmarks"
        self.load()

    def detect(self, rgb: RGBArray) -> Any:
        """The library's own result for ``rgb``; positions in it are shares of the picture's width and height.

        Raises:
            TypeError, ValueError: on anything but a non-empty (h, w, 3) uint8 array; the native library would abort.
        """
        return self._answer(rgb)

    def _is_found(self, answer: Any) -> bool:
        return bool(getattr(answer, self._found))


class Network(_Task):
    """Any network that takes a picture and gives vectors; threads, the network and failures as in :class:`_Task`.

    MediaPipe calls such vectors embeddings. So networks of our own run where the pose model runs.

    Args:
        weights: a TensorFlow Lite file; asked whenever it is loaded.
    """

    def __init__(self, weights: Model) -> None:
        super().__init__("ImageEmbedder", "embed", weights)

    def outputs(self, rgb: RGBArray) -> list[FloatArray]:
        """(n,) of each of its outputs, for a picture of the size that it takes.

        Raises:
            TypeError, ValueError: on anything but a non-empty (h, w, 3) uint8 array; the native library would abort.
        """
        return [np.asarray(one.embedding, dtype=np.float64) for one in self._answer(rgb).embeddings]

    def _is_found(self, answer: Any) -> bool:
        return True
