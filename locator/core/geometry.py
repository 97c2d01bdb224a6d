"""Frames and curves on (n, 2) float64 arrays in pixels, y down. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from locator.core.arrays import FloatArray


def turned(vector: FloatArray) -> FloatArray:
    """(..., 2) vectors turned by 90° so that down (0, 1) becomes right (1, 0)."""
    return np.asarray(vector[..., ::-1] * (1.0, -1.0))


@dataclass(frozen=True, eq=False)
class TorsoFrame:
    """A back's own axes: the origin between the shoulders, one unit down to the hips.

    Attributes:
        origin: (2,) px, the shoulders' midpoint.
        down: (2,) unit vector towards the hips' midpoint.
        length_px: distance between the two midpoints.
    """

    origin: FloatArray
    down: FloatArray
    length_px: float

    @classmethod
    def between(cls, shoulders: FloatArray, hips: FloatArray) -> TorsoFrame:
        """The frame between two (2,) midpoints.

        Raises:
            ValueError: if they coincide.
        """
        length = math.dist(hips, shoulders)
        if length == 0.0:
            raise ValueError("shoulders and hips: expected two different points")
        return cls(shoulders, (hips - shoulders) / length, length)

    @property
    def right(self) -> FloatArray:
        """(2,) unit vector to the subject's right, seen from behind."""
        return turned(self.down)

    def from_px(self, points: FloatArray) -> FloatArray:
        """(..., 2) pixels → (along, to the subject's right), in torso lengths."""
        shifted = (points - self.origin) / self.length_px
        return np.asarray(shifted @ np.column_stack([self.down, self.right]))

    def to_px(self, points: FloatArray) -> FloatArray:
        """(..., 2) of (along, to the subject's right) in torso lengths → pixels."""
        return self.origin + self.length_px * (points[..., :1] * self.down + points[..., 1:] * self.right)


class Curve:
    """The smooth plane curve (a polynomial) through given points at given parameters."""

    def __init__(self, parameters: Sequence[float], points: FloatArray) -> None:
        self._coefficients: FloatArray = np.linalg.solve(np.vander(parameters, increasing=True), points)

    def at(self, parameters: FloatArray) -> FloatArray:
        """(n, 2) points at (n,) parameters."""
        values = np.polynomial.polynomial.polyval(parameters, self._coefficients).T
        return np.asarray(values, dtype=np.float64)

    def rightwards(self, parameters: FloatArray) -> FloatArray:
        """(n, 2) unit normals at (n,) parameters, to the right of who looks along the curve upside up."""
        derivative = np.polynomial.polynomial.polyder(self._coefficients)
        tangents = np.polynomial.polynomial.polyval(parameters, derivative).T
        normals: FloatArray = turned(tangents / np.linalg.norm(tangents, axis=-1, keepdims=True))
        return normals

    def length(self, start: float, end: float) -> float:
        """Length of the curve between two parameters."""
        samples = self.at(np.linspace(start, end, 101))
        return float(np.linalg.norm(np.diff(samples, axis=0), axis=1).sum())
