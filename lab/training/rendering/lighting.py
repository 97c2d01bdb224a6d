"""Light on a body: lamps, sun or flash, cast shadows, ambient occlusion."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from lab.training import raster
from lab.training.rendering.cameras import Camera
from lab.training.rendering.fragments import SUBPIXELS, Fragments
from lab.training.rendering.materials import Material
from lab.training.rendering.mesh import Mesh
from lab.training.rendering.procedural import Floats, Mask, ramp


def shade(
    fragments: Fragments,
    normals: Floats,
    material: Material,
    mesh: Mesh,
    camera: Camera,
    centre: NDArray[np.float64],
    rng: np.random.Generator,
) -> Floats:
    """Linear colours of shape (n, 3) of the fragments in light at random.

    Args:
        normals: shape (n, 3), unit vectors.
        mesh: what casts shadows.
        centre: shape (3,), metres, the middle of what is lit.
    """
    views = (camera.position - fragments.positions).astype(np.float32)
    views /= np.linalg.norm(views, axis=1, keepdims=True)
    # A surface seen edge-on can have its interpolated normal turned away.
    normals = np.where((normals * views).sum(1, keepdims=True) < -0.2, -normals, normals)
    lights = _lights(camera, rng)
    shares = np.ones((len(lights), len(normals)), np.float32)
    if rng.random() < 0.55:
        # A little above the skin, so that the coarse map does not shade it in bands.
        above = fragments.positions + np.float32(0.008) * normals
        shares[0] = _shadows(mesh, lights[0, :3], centre, above, rng)
    openness = _openness(fragments, camera, centre, rng)
    # A little of the same shade keeps the direct light from shining into folds.
    shares *= np.sqrt(openness)
    sky, ground = rng.uniform(0.05, 0.75) * _warmth(rng), rng.uniform(0.03, 0.5) * _warmth(rng)
    return raster.shade(
        material.albedo,
        np.ascontiguousarray(normals, np.float32),
        views,
        material.shine,
        material.gloss,
        material.softness,
        lights,
        shares,
        sky.astype(np.float32),
        ground.astype(np.float32),
        openness,
    )


def _openness(fragments: Fragments, camera: Camera, centre: NDArray[np.float64], rng: np.random.Generator) -> Mask:
    """Ambient occlusion in screen space, shape (n,): 1 in the open, less where the surroundings are nearer."""
    depth = fragments.zbuffer[::SUBPIXELS, ::SUBPIXELS]
    covered = (depth < raster.FAR).astype(np.float32)
    scale = camera.focal / np.linalg.norm(camera.position - centre)
    kernel = int(rng.uniform(0.03, 0.075) * scale) * 2 + 1
    blurred = cv2.blur(cv2.merge([np.where(covered > 0, depth, 0), covered]), (kernel, kernel))
    around = blurred[:, :, 0] / np.maximum(blurred[:, :, 1], 1e-3)
    rows, columns = fragments.rows, fragments.columns
    deeper = fragments.zbuffer[rows, columns] - around[rows // SUBPIXELS, columns // SUBPIXELS]
    return np.clip(1 - rng.uniform(2, 9) * np.clip(deeper - 0.003, 0, None), 0.35, 1).astype(np.float32)


def _warmth(rng: np.random.Generator) -> NDArray[np.float64]:
    """Colour of a light about white."""
    warm = rng.normal(0, 0.08)
    return np.array([1 + warm, 1 + rng.normal(0, 0.015), 1 - warm])


def _lights(camera: Camera, rng: np.random.Generator) -> Floats:
    """Lights of shape (k, 7): direction, colour, softness; the first is the strongest."""
    towards = -camera.axes[2]
    base = np.degrees(np.arctan2(towards[0], towards[1]))
    out = []
    for i in range(int(rng.integers(1, 4))):
        side = rng.choice([-1, 1]) * rng.uniform(60, 105) if rng.random() < 0.3 else rng.normal(0, 45)
        turn, height = np.radians(base + side), np.radians(np.clip(rng.normal(30, 25), -25, 85))
        direction = np.array([np.sin(turn) * np.cos(height), np.cos(turn) * np.cos(height), np.sin(height)])
        if i == 0 and rng.random() < 0.22:  # the camera's own flash
            direction = towards + rng.normal(0, 0.03, 3)
            direction /= np.linalg.norm(direction)
        power = rng.uniform(0.7, 1.3) if i == 0 else rng.uniform(0.15, 0.8)
        out.append(np.concatenate([direction, power * _warmth(rng), [rng.choice([0.0, 0.1, 0.3])]]))
    return np.array(out, np.float32)


def _shadows(mesh: Mesh, direction: Floats, centre: NDArray[Any], positions: Floats, rng: np.random.Generator) -> Mask:
    """Share of a light that passes the body itself and, now and then, bars or leaves, shape (n,)."""
    cell, size = 0.005, 300
    right = np.cross(direction, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right) + 1e-6
    axes = np.stack([right, np.cross(direction, right), -direction]).astype(np.float32)
    middle = np.array([size / 2, size / 2, 5.0 / cell], np.float32)

    def seen(points: Floats) -> Floats:
        return np.asarray((points - centre.astype(np.float32)) @ axes.T / np.float32(cell) + middle, np.float32)

    vertices = seen(mesh.vertices)
    buffer = np.full((size, size), raster.FAR, np.float32)
    raster.draw_depth(vertices[:, :2], np.ascontiguousarray(vertices[:, 2]), mesh.triangles, buffer)
    at = seen(positions)
    reach = raster.lit(buffer, at[:, 0], at[:, 1], at[:, 2], 0.014 / cell, float(rng.uniform(0.6, 2.5)))
    if rng.random() < 0.15:
        turn, pitch = rng.uniform(0, np.pi), rng.uniform(8, 50)
        wave = np.sin((at[:, 0] * np.cos(turn) + at[:, 1] * np.sin(turn)) / pitch * 2 * np.pi + rng.uniform(0, 6))
        reach = reach * (1 - rng.uniform(0.3, 0.9) * ramp(wave - rng.uniform(-0.3, 0.6), rng.uniform(0.1, 1)))
    return np.asarray(reach, np.float32)
