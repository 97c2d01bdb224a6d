"""Meshes to render, and what is interpolated over them.

What is painted on a body is painted in the coordinates of the unposed average body ("rest", metres, as in
``lab.training.bodies``), which every body and pose shares through its vertices.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lab.training import raster
from lab.training.bodies import Anatomy

Floats = NDArray[np.float32]

X, Y, Z, ARM, LEG, HEAD, ALONG, KIND = range(8)
"""Columns of the attributes: position at rest, following arms, legs, head; metres along the arm; kind of surface."""
BODY, HAIR, CLOTH = 0.0, 1.0, 2.0

BACK_LEFT, BACK_TOP, BACK_CELL, BACK_SHAPE = -0.45, 1.05, 0.01, (190, 90)
"""The height field of the back, metres: the frontal plane of the posed body, seen from behind."""


@dataclass(frozen=True)
class Mesh:
    """Vertices (n, 3), triangles (m, 3) and attributes (n, 8), columns ``X`` to ``KIND``, interpolated over them."""

    vertices: Floats
    triangles: NDArray[np.int32]
    attributes: Floats


def body_attributes(anatomy: Anatomy) -> Floats:
    """Of each vertex of the body, shape (n, 8)."""
    out = np.zeros((len(anatomy.rest), 8), np.float32)
    out[:, : Z + 1] = anatomy.rest
    out[:, ARM] = anatomy.bone_weights("upperarm", "lowerarm", "wrist", "finger", "metacarpal")
    out[:, LEG] = anatomy.bone_weights("upperleg", "lowerleg", "foot", "toe")
    out[:, HEAD] = anatomy.bone_weights("head", "neck03", "eye")
    for side, sign in (("L", 1), ("R", -1)):
        start, end = anatomy.joint(f"upperarm01.{side}"), anatomy.joint(f"lowerarm01.{side}")
        along = (anatomy.rest - start) @ (end - start) / np.linalg.norm(end - start)
        mine = anatomy.rest[:, 0] * sign > 0
        out[mine, ALONG] = along[mine]
    return out


def back_surface(vertices: Floats, triangles: NDArray[np.int32]) -> Floats:
    """The rearmost y over the frontal plane, shape (190, 90), -1 where there is no body."""
    screen = np.stack([(vertices[:, 0] - BACK_LEFT), (BACK_TOP - vertices[:, 2])], axis=1) / np.float32(BACK_CELL)
    buffer = np.full(BACK_SHAPE, raster.FAR, np.float32)
    raster.draw_depth(screen.astype(np.float32), np.ascontiguousarray(-vertices[:, 1]), triangles, buffer)
    return np.where(buffer < raster.FAR, -buffer, -1).astype(np.float32)


def grid_mesh(vertices: NDArray[Any], strands: NDArray[Any], kind: float) -> Mesh:
    """A surface from a grid of shape (rows, columns, 3), rows downwards and columns towards +x, seen from behind."""
    rows, columns = vertices.shape[:2]
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, :-1], index[1:, 1:]
    triangles = np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([b, d, c], -1).reshape(-1, 3)])
    attributes = np.zeros((rows * columns, 8), np.float32)
    attributes[:, : Z + 1] = strands.reshape(-1, 3)
    attributes[:, KIND] = kind
    return Mesh(vertices.reshape(-1, 3).astype(np.float32), triangles.astype(np.int32), attributes)


def height_field_cells(x: NDArray[Any], z: NDArray[Any]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of the cells of the height field that hold points, whatever their shape."""
    columns = np.clip(np.round((x - BACK_LEFT) / BACK_CELL), 0, BACK_SHAPE[1] - 1).astype(int)
    rows = np.clip(np.round((BACK_TOP - z) / BACK_CELL), 0, BACK_SHAPE[0] - 1).astype(int)
    return rows, columns


def joined(meshes: list[Mesh]) -> Mesh:
    """All of them as one."""
    starts = np.cumsum([0] + [len(mesh.vertices) for mesh in meshes])
    return Mesh(
        np.concatenate([mesh.vertices for mesh in meshes]).astype(np.float32),
        np.concatenate([mesh.triangles + start for mesh, start in zip(meshes, starts, strict=False)]).astype(np.int32),
        np.concatenate([mesh.attributes for mesh in meshes]).astype(np.float32),
    )
