"""Points on the skin of a mesh: found from behind or along the skin, kept as a triangle with barycentric weights."""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SurfacePoint:
    """A point of the skin: three vertices, shape (3,), and their weights, shape (3,)."""

    vertices: NDArray[np.int64]
    weights: Floats

    def on(self, vertices: Floats) -> Floats:
        """Where it lies, shape (3,), on a mesh of shape (n, 3)."""
        return np.asarray(self.weights @ vertices[self.vertices])


@numba.njit(cache=True)
def rearmost(vertices: Floats, triangles: NDArray[np.int64], x: float, z: float) -> tuple[int, float, float, float]:
    """The rearmost triangle on the line along y at x, z (-1 for none), its y there and two corners' weights."""
    best, best_y, best_a, best_b = -1, -1e9, 0.0, 0.0
    for t in range(len(triangles)):
        p, q, r = vertices[triangles[t, 0]], vertices[triangles[t, 1]], vertices[triangles[t, 2]]
        if min(p[2], q[2], r[2]) > z or max(p[2], q[2], r[2]) < z:
            continue
        area = (q[0] - p[0]) * (r[2] - p[2]) - (r[0] - p[0]) * (q[2] - p[2])
        if area == 0.0:
            continue
        a = ((q[0] - x) * (r[2] - z) - (r[0] - x) * (q[2] - z)) / area
        b = ((r[0] - x) * (p[2] - z) - (p[0] - x) * (r[2] - z)) / area
        if a < -1e-9 or b < -1e-9 or a + b > 1 + 1e-9:
            continue
        y = a * p[1] + b * q[1] + (1 - a - b) * r[1]
        if y > best_y:
            best, best_y, best_a, best_b = t, y, a, b
    return best, best_y, best_a, best_b


@numba.njit(cache=True)
def geodesic_points(
    vertices: Floats, triangles: NDArray[np.int64], start: Floats, step: float, wanted: Floats
) -> list[tuple[int, float, float]]:
    """Goes sideways over the skin at the height of ``start``: the spots after each way of ``wanted`` (rising)."""
    z = start[2]
    near = np.empty(len(triangles), np.int64)
    count = 0
    for t in range(len(triangles)):
        p, q, r = vertices[triangles[t, 0]], vertices[triangles[t, 1]], vertices[triangles[t, 2]]
        if min(p[2], q[2], r[2]) <= z <= max(p[2], q[2], r[2]):
            near[count] = t
            count += 1
    cut = triangles[near[:count]]
    found = [(0, 0.0, 0.0)]
    x, last_y, way = start[0], start[1], 0.0
    for target in wanted:
        while True:
            t, y, a, b = rearmost(vertices, cut, x + step, z)
            stride = np.hypot(step, y - last_y)
            if way + stride >= target or t < 0:
                break
            x, last_y, way = x + step, y, way + stride
        t, y, a, b = rearmost(vertices, cut, x + step * (target - way) / stride, z)
        found.append((near[t], a, b))
    return found[1:]


def surface_point(triangle: NDArray[np.int64], a: float, b: float) -> SurfacePoint:
    """The point of a triangle, (3,) vertices, with the weights of its first two corners."""
    return SurfacePoint(triangle, np.array([a, b, 1 - a - b]))
