"""Reads photos: from a path, bytes, pixels or a Pillow picture, in whole or only as finely as they are looked at."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Union

import numpy as np
from PIL import Image

from locator.core.arrays import RGBArray, check_rgb
from locator.core.types import ImageInfo, Photo, Unreadable
from locator.core.unreadable import UnreadableCode
from locator.photo.decoding import (
    JPEG_START,
    MAX_CODE_BYTES,
    MAX_PIXELS,
    START_BYTES,
    Rejected,
    check_size,
    decode,
    format_of,
    of_pillow,
)
from locator.photo.resizing import shrink

MAX_BYTES = 64 * 1024 * 1024


class UnreadableImage(Exception):
    """A file that cannot be read as a photo: what is known of it, and why."""

    def __init__(self, info: ImageInfo, outcome: Unreadable) -> None:
        super().__init__(info, outcome)
        self.info = info
        self.outcome = outcome

    def __str__(self) -> str:
        return f"{self.outcome.message} {self.outcome.remedy}"


Readable = Union[str, "os.PathLike[str]", bytes, RGBArray, Image.Image]
"""Path or encoded bytes of a JPEG, PNG, WebP, HEIC/HEIF or AVIF; an upright (h, w, 3) uint8 RGB array; or a Pillow
picture, turned and in the colours as it says itself."""


@dataclass(frozen=True, eq=False)
class Small:
    """A photo as it is looked at.

    Attributes:
        rgb: (h, w, 3) uint8, upright.
        shrunk: factor from lengths in the photo to lengths in it, 1 at most.
        size: (width, height) of the photo, px.
        info: of the photo.
    """

    rgb: RGBArray = field(repr=False)
    shrunk: float
    size: tuple[int, int]
    info: ImageInfo


class Source:
    """A photo that is yet to be decoded: in whole, or only as finely as it is looked at.

    Args:
        source: what holds it; an array is copied.
        most_pixels: of a picture that is decoded; no more than :data:`MAX_PIXELS` in any case.
        most_code_bytes: of a HEIC or AVIF; no more than :data:`MAX_CODE_BYTES` in any case.

    Raises:
        UnreadableImage: when this is no file that can be read.
        TypeError, ValueError: when ``source`` is nothing that may hold a photo.
    """

    def __init__(self, source: Readable, most_pixels: int = MAX_PIXELS, most_code_bytes: int = MAX_CODE_BYTES) -> None:
        self._path: str | None = None
        self._sha256: str | None = None
        self._data = b""
        self._most_pixels, self._most_code_bytes = most_pixels, most_code_bytes
        self._whole: Photo | None = None
        with self._refusing():
            if isinstance(source, (np.ndarray, Image.Image)):
                rgb = _pixels(source, min(most_pixels, MAX_PIXELS))
                self._sha256 = hashlib.sha256(rgb.data).hexdigest()
                self._whole = Photo(rgb, self._info((rgb.shape[1], rgb.shape[0])))
                return
            if isinstance(source, bytes):
                self._data = source
            elif isinstance(source, (str, os.PathLike)):
                self._path = os.fsdecode(source)
                self._data = _bytes_of_file(self._path)
            else:
                got = type(source).__name__
                raise TypeError(
                    f"source: expected a path, bytes, a (h, w, 3) uint8 array or a Pillow picture, got {got}"
                )
            if len(self._data) > MAX_BYTES:
                raise Rejected(UnreadableCode.TOO_MANY_BYTES)
            self._sha256 = hashlib.sha256(self._data).hexdigest()

    def whole(self) -> Photo:
        """Every pixel.

        Raises:
            UnreadableImage: when this is no photo that can be read.
        """
        if self._whole is None:
            with self._refusing():
                rgb, size = decode(self._data, self._most_pixels, self._most_code_bytes)
            self._whole = Photo(rgb, self._info(size))
        return self._whole

    def small(self, longest_px: int) -> Small:
        """The photo with its longer side ``longest_px``, or as it is where it is no longer than that.

        A JPEG whose sides allow it is decoded no finer than needed, be it decoded in whole before or not.

        Raises:
            UnreadableImage: when this is no photo that can be read.
        """
        if self._data.startswith(JPEG_START):
            with self._refusing():
                rgb, size = decode(self._data, self._most_pixels, self._most_code_bytes, longest_px)
            info = self._info(size)
            if rgb.shape[1::-1] == size:
                self._whole = Photo(rgb, info)
        else:
            rgb, info = self.whole().rgb, self.whole().info
            size = rgb.shape[1], rgb.shape[0]
        small, shrunk = shrink(rgb, longest_px)
        return Small(small, shrunk * max(rgb.shape[:2]) / max(size), size, info)

    def _info(self, size: tuple[int, int]) -> ImageInfo:
        return ImageInfo(self._path, *size, self._sha256)

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        try:
            yield
        except Rejected as reason:
            raise UnreadableImage(ImageInfo(self._path, None, None, self._sha256), reason.outcome) from reason


def read(source: Readable, most_pixels: int = MAX_PIXELS, most_code_bytes: int = MAX_CODE_BYTES) -> Photo:
    """Read every pixel of a photo; see :class:`Source`.

    Raises:
        UnreadableImage: when this is no photo that can be read.
        TypeError, ValueError: when ``source`` is nothing that may hold a photo.
    """
    return Source(source, most_pixels, most_code_bytes).whole()


def _pixels(source: RGBArray | Image.Image, most_pixels: int) -> RGBArray:
    """A copy of the pixels, upright."""
    if isinstance(source, Image.Image):
        check_size(*source.size, most_pixels)
        return of_pillow(source)
    check_rgb(source)
    check_size(source.shape[1], source.shape[0], most_pixels)
    return np.array(source, order="C")


def is_photo(source: str | os.PathLike[str] | bytes) -> bool:
    """Whether a file is a photo of a kind that is read, as its first bytes tell, whatever its name; damaged or not.

    A folder, a pipe or a device is none.

    Raises:
        OSError: when it cannot be opened.
    """
    if not isinstance(source, bytes):
        path = Path(source)
        if not stat.S_ISREG(path.stat().st_mode):  # asked first: opening a pipe waits for its writer
            return False
        with path.open("rb") as file:
            source = file.read(START_BYTES)
    try:
        format_of(source)
    except Rejected:
        return False
    return True


def _bytes_of_file(path: str) -> bytes:
    """Return at most one byte more than allowed."""
    try:
        if not stat.S_ISREG(Path(path).stat().st_mode):  # asked first: opening a pipe waits for its writer
            raise Rejected(UnreadableCode.NOT_A_FILE)
        with Path(path).open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:  # a name with a zero byte in it
        raise Rejected(UnreadableCode.NOT_FOUND) from error
    except PermissionError as error:
        raise Rejected(UnreadableCode.NO_PERMISSION) from error
    except OSError as error:
        raise Rejected(UnreadableCode.READ_FAILED) from error
