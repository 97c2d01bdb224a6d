"""Arrays of numbers and of pixels, and what is refused as such."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
RGBArray = NDArray[np.uint8]


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


def freeze(owner: object, name: str, shape: tuple[int, ...]) -> None:
    """Make a frozen dataclass's field a read-only float64 array of its own.

    Raises:
        ValueError: on another shape, or a number that is not finite.
    """
    value = np.array(getattr(owner, name), dtype=np.float64)
    if value.shape != shape:
        raise ValueError(f"{name}: expected shape {shape}, got {value.shape}")
    if not np.isfinite(value).all():
        raise ValueError(f"{name}: expected finite numbers")
    value.setflags(write=False)
    object.__setattr__(owner, name, value)
