"""Hair on the head and down the back."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from lab.training import raster
from lab.training.bodies import Subject
from lab.training.rendering.mesh import (
    HAIR,
    HEAD,
    KIND,
    Mesh,
    X,
    Y,
    Z,
    grid_mesh,
    height_field_cells,
)
from lab.training.rendering.procedural import Floats, Mask, noise_shift, ramp

STYLES = ("none", "short", "bun", "ponytail", "long")
TONES = np.array(
    [(18, 15, 14), (38, 27, 21), (70, 46, 30), (110, 72, 42), (168, 128, 80), (128, 56, 28), (150, 148, 145)]
)
"""sRGB; our own estimate."""


def random_style(dress: str, rng: np.random.Generator) -> str:
    """One of ``STYLES``; over a back that must stay bare none that hangs down."""
    return str(rng.choice(STYLES, p=[0.2, 0.8, 0, 0, 0] if dress == "bare" else [0.12, 0.44, 0.11, 0.13, 0.2]))


def meshes(subject: Subject, attributes: Floats, style: str, back: Floats, rng: np.random.Generator) -> list[Mesh]:
    """What stands off the head: nothing, a bun, a ponytail or long hair; ``back`` is the height field of the body."""
    if style not in ("bun", "ponytail", "long"):
        return []
    head = (attributes[:, HEAD] > 0.9) & (np.abs(attributes[:, X]) < 0.02)
    middle = np.flatnonzero(head & (attributes[:, Y] > 0) & (attributes[:, Z] > 0.62))
    wanted = rng.uniform(0.64, 0.74)
    knot = subject.vertices[middle[np.argmin(np.abs(attributes[middle, Z] - wanted))]]
    if style == "bun":
        radius = rng.uniform(0.028, 0.055)
        return [_bun(knot + np.array([0, radius * 0.6, 0]), radius * rng.uniform(0.8, 1.2, 3))]
    level = subject.keypoints[f"T{rng.integers(2, 9)}"]
    length = max(0.12, knot[2] - level[2])
    sway = rng.normal(0, 0.04)
    if style == "ponytail":
        return [
            _bun(knot, np.full(3, 0.02)),
            _fall(back, knot, length, (0.012, rng.uniform(0.015, 0.035), 0.01), 0.02, sway, rng),
        ]
    top = subject.vertices[middle[np.argmax(attributes[middle, Z])]]
    start = np.array([knot[0], knot[1], (knot[2] + top[2]) / 2 - 0.02])
    widths = 0.06, rng.uniform(0.07, 0.11), rng.uniform(0.03, 0.1)
    return [_fall(back, start, start[2] - level[2], widths, 0.012, sway * 0.6, rng)]


def mask(rest: Floats, style: str, volume: Floats, rng: np.random.Generator) -> Mask:
    """How far hair covers each sample, shape (n,), 0 to 1."""
    if style == "none":
        return np.zeros(len(rest), np.float32)
    nape = rng.uniform(0.565, 0.625)
    line = nape + 1.05 * np.clip(0.03 - rest[:, Y], 0, None)
    fuzzy = raster.noise(volume, np.ascontiguousarray(rest[:, : Z + 1]), np.full(3, 90, np.float32), noise_shift(rng))
    scalp = ramp(rest[:, Z] - line + 0.006 * fuzzy[:, 0], rng.uniform(0.004, 0.03))
    scalp = scalp * (np.abs(rest[:, X]) < 0.079) * (rest[:, HEAD] > 0.2) * (rest[:, KIND] < 0.5)
    density = rng.uniform(0.75, 1) if style == "short" else 1.0
    return np.maximum(scalp * density, rest[:, KIND] == HAIR).astype(np.float32)


def _bun(centre: NDArray[Any], radii: NDArray[Any]) -> Mesh:
    """A bun of hair."""
    turn, height = np.linspace(0, 2 * np.pi, 21)[None, :], np.linspace(np.pi / 2, -np.pi / 2, 13)[:, None]
    unit = np.stack(
        np.broadcast_arrays(np.cos(height) * np.sin(turn), -np.cos(height) * np.cos(turn), np.sin(height)), -1
    )
    strands = np.stack(np.broadcast_arrays(height * 0.03, 0 * turn, turn * 0.03), -1)
    return grid_mesh(centre + unit * radii, strands, HAIR)


def _fall(
    back: Floats,
    start: NDArray[Any],
    length: float,
    widths: tuple[float, float, float],
    bulge: float,
    sway: float,
    rng: np.random.Generator,
) -> Mesh:
    """Hair that falls from ``start`` over neck and back for ``length``; half its width at top, middle and end."""
    rows, columns = max(8, int(length / 0.01)), 17
    down, across = np.linspace(0, 1, rows)[:, None], np.linspace(-1, 1, columns)[None, :]
    half = np.interp(down[:, 0], [0, 0.45, 1], widths)[:, None]
    ragged = 1 + rng.normal(0, 0.03, columns)[None, :] - 0.06 * rng.random() * across**2
    waves = 0.006 * rng.random() * np.sin(down * length / rng.uniform(0.03, 0.1) * 2 * np.pi + across * 3)
    x = start[0] + sway * down**1.5 + half * across + waves
    z = start[2] - down * length * (1 + (ragged - 1) * down)
    smooth = cv2.blur(cv2.dilate(back, np.ones((3, 3), np.uint8)), (3, 3))
    skin = smooth[height_field_cells(x, z)].astype(float)
    y = np.empty_like(skin)
    # Hair bridges hollows: it comes forward no faster than 0.6 of its way down.
    y[0] = np.maximum(skin[0], start[1] - 0.35 * np.abs(across[0]) ** 3 * half[0] * 2)
    fall = 0.6 * length / rows
    for row in range(1, rows):
        y[row] = np.maximum(skin[row], y[row - 1] - fall)
    y = y + 0.008 + bulge * np.sqrt(np.clip(1 - across**2, 0, 1)) * np.clip(4 * down, 0.2, 1)
    strands = np.stack(np.broadcast_arrays(half * across, 0 * down, down * length), -1)
    return grid_mesh(np.stack([x, y, z], -1), strands, HAIR)


def dyed(rest: Floats, volume: Floats, tone: Floats, rng: np.random.Generator) -> Floats:
    """sRGB of shape (n, 3) of strands and locks about a tone."""
    strands = raster.noise(volume, rest, np.array([230, 120, 14], np.float32), noise_shift(rng))[:, 0]
    lock = raster.noise(volume, rest, np.array([45, 45, 8], np.float32), noise_shift(rng))[:, 0]
    contrast = rng.uniform(0.1, 0.35)
    return np.asarray(tone * np.clip(1 + contrast * strands + 0.7 * contrast * lock, 0.3, 2)[:, None])
