"""One picture of a body: camera, light, skin, hair and clothes at random, with the true keypoints in its pixels."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from lab.training import raster
from lab.training.bodies import Anatomy, Subject
from lab.training.keypoints import NAMES
from lab.training.rendering import cameras, clothing, hair, lighting
from lab.training.rendering.cameras import SIZE, VIEWS, Camera
from lab.training.rendering.clothing import Outfit
from lab.training.rendering.exposure import expose
from lab.training.rendering.fragments import rasterize
from lab.training.rendering.materials import Materials
from lab.training.rendering.mesh import Mesh, back_surface, body_attributes, joined
from lab.training.rendering.relief import Relief

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class RenderedScene:
    """A picture and its truth.

    Attributes:
        picture: shape (384, 384, 4), straight RGB and coverage by the body.
        keypoints: shape (24, 2), pixels; in the order of ``NAMES``.
        px_per_mm: scale across the line of sight at T9.
        reach: pixels that the widest lens shows from there.
        view: index in ``VIEWS``.
    """

    picture: NDArray[np.uint8]
    keypoints: Floats
    px_per_mm: float
    reach: float
    view: int


@dataclass(frozen=True, eq=False)
class RenderedBody:
    """A picture of shape (h, w, 4), straight RGB and coverage by the body, and what the body wears in it."""

    picture: NDArray[np.uint8]
    garment: str
    hair: str


class Renderer:
    """Renders pictures of subjects.

    Args:
        anatomy: of the bodies.
        textures: folder with photographed skin textures (JPEG) in the model's texture coordinates, or None.
    """

    def __init__(self, anatomy: Anatomy, textures: Path | None = None) -> None:
        self.heights = anatomy.heights
        self.triangles = anatomy.triangles.astype(np.int32)
        self.attributes = body_attributes(anatomy)
        self.volume, slopes = raster.noise_volumes(np.random.default_rng(7))
        self.relief = Relief(anatomy.heights, slopes)
        self.materials = Materials(anatomy, self.volume, textures)

    def scene(self, subject: Subject, view: int, rng: np.random.Generator) -> RenderedScene:
        """A picture of ``subject`` from behind, in front, the side or of another part (index in ``VIEWS``).

        A part's two ends stand in for C7 and S2, and points between them for all else.
        """
        keypoints = np.array([subject.keypoints[name] for name in NAMES])
        dress = "any" if VIEWS[view] == "back" or rng.random() < 0.3 else "modest"
        if VIEWS[view] == "part":
            upper, lower, turn = cameras.body_part(subject, rng)
            keypoints = upper + (lower - upper) * np.linspace(0, 1, len(NAMES))[:, None]
            keypoints[NAMES.index("C7")], keypoints[NAMES.index("S2")] = upper, lower
            keypoints[NAMES.index("T9")] = (upper + lower) / 2
            camera = cameras.aimed_at(upper, lower, (upper + lower) / 2, turn, rng)
            dress = str(rng.choice(["any", "modest", "bare"], p=[0.5, 0.2, 0.3]))
        else:
            camera = cameras.aimed_at_trunk(subject, view, rng)
        rendered = self.render(subject, camera, (SIZE, SIZE), dress, rng)
        at, depths = camera.project(keypoints)
        scale = camera.focal / depths[NAMES.index("T9")] * subject.mm
        return RenderedScene(rendered.picture, at.astype(np.float32), float(scale), camera.reach, view)

    def render(
        self, subject: Subject, camera: Camera, size: tuple[int, int], dress: str, rng: np.random.Generator
    ) -> RenderedBody:
        """``subject`` as ``camera`` sees it, otherwise at random, on ``size`` (width, height) pixels.

        Args:
            dress: a key of ``UPPER_SHARES``.
        """
        outfit = Outfit(rng, self.heights, dress)
        style = hair.random_style(dress, rng)
        mesh = self._dressed(subject, outfit, style, rng)
        fragments = rasterize(mesh, camera, size)
        material = self.materials.of(fragments, outfit, style, subject, rng)
        normals = self.relief.normals(fragments, material.cloth, outfit, subject.index, rng)
        colours = lighting.shade(fragments, normals, material, mesh, camera, subject.keypoints["T9"], rng)
        picture = expose(colours, fragments.pixels, fragments.covered, size[0], rng)
        return RenderedBody(picture, outfit.lower if outfit.upper == "none" else outfit.upper, style)

    def _dressed(self, subject: Subject, outfit: Outfit, style: str, rng: np.random.Generator) -> Mesh:
        """The body with its clothes' thickness, and hair and cloth that hang from it."""
        vertices = outfit.thickened(subject.vertices, subject.normals, self.attributes, self.volume)
        parts = [Mesh(vertices, self.triangles, self.attributes)]
        back = back_surface(vertices, self.triangles)
        parts += hair.meshes(subject, self.attributes, style, back, rng)
        if rng.random() < 0.09 and not outfit.bare:
            parts.append(clothing.towel(subject, back, rng))
        return joined(parts)


def on_one_thread(textures: Path | None) -> tuple[Anatomy, Renderer]:
    """The bodies, and what renders them, where each process has one thread: several share a machine."""
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    anatomy = Anatomy()
    return anatomy, Renderer(anatomy, textures)
