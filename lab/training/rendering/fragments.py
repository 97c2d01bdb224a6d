"""Rasterization: which points of a mesh a camera sees, and what is interpolated there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lab.training import raster
from lab.training.rendering.cameras import Camera
from lab.training.rendering.mesh import Mesh

Floats = NDArray[np.float32]

SUBPIXELS = 2
"""Subpixels of the z-buffer along each side of a pixel."""


@dataclass(frozen=True, eq=False)
class Fragments:
    """The samples to shade, n of them, of a picture of shape (h, w).

    Attributes:
        rest: shape (n, 8), attributes as in ``lab.training.rendering.mesh``.
        positions: shape (n, 3), metres.
        normals: shape (n, 3), interpolated, not of unit length.
        corners: triangle and weights of its first and second corner, shape (n,) each.
        rows, columns: shape (n,), in the z-buffer.
        pixels: shape (n,), index of the picture's pixel (row * width + column).
        covered: shape (h * w,), how many of each pixel's subpixels are covered.
        zbuffer: shape (h * SUBPIXELS, w * SUBPIXELS), metres along the line of sight.
    """

    rest: Floats
    positions: Floats
    normals: Floats
    corners: tuple[NDArray[np.int32], Floats, Floats]
    rows: NDArray[np.int32]
    columns: NDArray[np.int32]
    pixels: NDArray[Any]
    covered: NDArray[Any]
    zbuffer: Floats


def rasterize(mesh: Mesh, camera: Camera, size: tuple[int, int]) -> Fragments:
    """What ``camera`` sees of ``mesh`` on ``size`` (width, height) pixels."""
    normals = raster.vertex_normals(mesh.vertices, mesh.triangles)
    screen, depth = camera.project(mesh.vertices)
    screen = (screen * SUBPIXELS + (SUBPIXELS - 1) / 2).astype(np.float32)
    fine = (size[1] * SUBPIXELS, size[0] * SUBPIXELS)
    zbuffer, faces = np.full(fine, raster.FAR, np.float32), np.full(fine, -1, np.int32)
    corner_a, corner_b = np.zeros(fine, np.float32), np.zeros(fine, np.float32)
    raster.draw(screen, depth.astype(np.float32), mesh.triangles, zbuffer, faces, corner_a, corner_b)
    rows, columns, pixels, covered = raster.samples(zbuffer, 0.012)
    corners = faces[rows, columns], corner_a[rows, columns], corner_b[rows, columns]
    values = np.concatenate([mesh.attributes, mesh.vertices, normals], axis=1)
    seen = raster.interpolate(mesh.triangles, *corners, values)
    return Fragments(
        rest=seen[:, :8],
        positions=seen[:, 8:11],
        normals=seen[:, 11:14],
        corners=corners,
        rows=rows,
        columns=columns,
        pixels=pixels,
        covered=covered,
        zbuffer=zbuffer,
    )
