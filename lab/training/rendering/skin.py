"""The colours of skin: photographed textures or plain tones, mottled, blushed, freckled, marked."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from lab.training import raster
from lab.training.bodies import Anatomy, Subject
from lab.training.rendering import skin_marks
from lab.training.rendering.fragments import Fragments
from lab.training.rendering.mesh import ARM, HEAD, KIND, X, Y, Z
from lab.training.rendering.procedural import NIPPLE, Floats, map_coordinates, noise_shift, ramp

TONES = np.array(
    [(240, 208, 190), (228, 186, 160), (208, 158, 126), (178, 124, 92), (140, 92, 66), (98, 62, 45), (62, 41, 33)]
)
"""Skin from fair to dark, sRGB; our own estimate."""


class Skin:
    """Colours the skin of one anatomy's bodies.

    Args:
        volume: noise as ``raster.noise`` takes it.
        textures: folder with photographed skin textures (JPEG) in the model's texture coordinates, or None.
    """

    def __init__(self, anatomy: Anatomy, volume: Floats, textures: Path | None) -> None:
        self.heights = anatomy.heights
        self.volume = volume
        self.uv = anatomy.model.texture_coordinates.numpy().astype(np.float32)
        self.uv_triangles = anatomy.model.face_texture_coordinate_indices.numpy().astype(np.int32)
        self.textures = []
        for file in sorted(textures.glob("*.jpg")) if textures else []:
            read = cv2.imread(str(file))
            small = cv2.resize(read, (1024, 1024), interpolation=cv2.INTER_AREA)
            self.textures.append((np.ascontiguousarray(small[:, :, ::-1]), "female" in file.name))

    def colour(self, fragments: Fragments, subject: Subject, rng: np.random.Generator) -> Floats:
        """sRGB, shape (n, 3), of one body's fragments."""
        rest = fragments.rest
        apart = rng.spawn(1)[0]  # so that what came later leaves the scenes of a seed as they are
        if self.textures and rng.random() < 0.6:
            colour = self._photographed(fragments, subject, rng)
            strength = rng.uniform(0, 0.5)
        else:
            colour = np.broadcast_to(_tone(rng), (len(rest), 3))
            strength = rng.uniform(0.3, 1)
        colour = self._uneven(np.ascontiguousarray(rest[:, : Z + 1]), colour, strength, rng)
        front = (rest[:, Y] < -0.04) & (rest[:, ARM] < 0.5) & (rest[:, HEAD] < 0.5) & (rest[:, KIND] < 0.5)
        if front.any():
            dark = self._front_details(rest, rng) * front
            colour = colour * (1 - dark[:, None] * np.array([0.6, 0.9, 0.9], np.float32))
        if subject.female < 0.5:
            colour = colour * (1 - self._hair(rest, apart)[:, None] * np.array([0.75, 0.85, 0.95], np.float32))
        on = (rest[:, ARM] < 0.6) & (rest[:, HEAD] < 0.5) & (rest[:, KIND] < 0.5)
        sides = on & (rest[:, Y] > 0), on & (rest[:, Y] <= 0)
        for tint, side in zip(skin_marks.tint_maps(self.heights, rng), sides, strict=True):
            marks = raster.texture(tint, *map_coordinates(rest)) / np.float32(255)
            colour = colour * np.where(side[:, None], marks, 1)
        return np.asarray(colour, np.float32)

    def _photographed(self, fragments: Fragments, subject: Subject, rng: np.random.Generator) -> Floats:
        """A photographed skin of the body's sex, if there is one, a little darker, lighter or of another hue."""
        fitting = [image for image, female in self.textures if female == (subject.female > 0.5)]
        image = fitting[rng.integers(len(fitting))] if fitting else self.textures[rng.integers(len(self.textures))][0]
        faces, corner_a, corner_b = fragments.corners
        faces = np.where(faces < len(self.uv_triangles), faces, 0).astype(np.int32)
        uv = raster.interpolate(self.uv_triangles, faces, corner_a, corner_b, self.uv)
        side = np.float32(image.shape[0])
        colour = raster.texture(image, uv[:, 0] * side, (1 - uv[:, 1]) * side) / np.float32(255)
        tint = rng.uniform(0.72, 1.12) * (1 + rng.normal(0, 0.025, 3))
        return np.clip(colour, 0, 1) ** np.float32(rng.uniform(0.8, 1.3)) * tint.astype(np.float32)

    def _uneven(self, at_rest: Floats, colour: Floats, strength: float, rng: np.random.Generator) -> Floats:
        """Mottled, blushed, now and then freckled or burnt, at points at rest of shape (n, 3)."""

        def noise(frequency: float) -> Floats:
            return raster.noise(self.volume, at_rest, np.full(3, frequency, np.float32), noise_shift(rng))

        for frequency, most in ((7, 0.1), (25, 0.08), (90, 0.08), (300, 0.06)):
            mottle = noise(frequency * rng.uniform(0.7, 1.4))
            colour = colour * (1 + np.float32(strength * rng.uniform(0, most)) * mottle)
        blush = noise(rng.uniform(8, 30))[:, 0]
        red = np.clip(blush, -0.5, 2) * np.float32(rng.uniform(0, 0.12) ** 1.5 * 2)
        colour = colour * (1 + red[:, None] * np.array([0.4, -1, -0.8], np.float32))
        if rng.random() < 0.2:
            spots = noise(rng.uniform(140, 330))[:, 0]
            where = noise(9)[:, 0]
            dark = ramp(spots - rng.uniform(0.7, 1.2), 0.3) * np.clip(where + 0.4, 0, 1) * rng.uniform(0.08, 0.4)
            colour = colour * (1 - dark[:, None] * np.array([0.6, 0.9, 1], np.float32))
        if rng.random() < 0.15:  # sunburn, an eczema or what a massage leaves
            patches = noise(rng.uniform(4, 16))[:, 0]
            burnt = ramp(patches - rng.uniform(-0.3, 1.0), rng.uniform(0.1, 1.5)) * np.float32(rng.uniform(0.1, 0.5))
            colour = colour * (1 - burnt[:, None] * np.array([0.15, 1, 0.9], np.float32))
        return colour

    def _front_details(self, rest: Floats, rng: np.random.Generator) -> Floats:
        """How far navel and nipples darken each fragment, shape (n,)."""
        navel = np.hypot(rest[:, X], rest[:, Z] - self.heights["L4"]) / np.float32(rng.uniform(0.006, 0.011))
        dark = np.exp(-(navel**2)) * np.float32(rng.uniform(0.2, 0.8))
        for side in (-1, 1):
            away = np.hypot(rest[:, X] - side * NIPPLE[0], rest[:, Z] - NIPPLE[1]) / np.float32(
                rng.uniform(0.01, 0.018)
            )
            dark = np.maximum(dark, ramp(1 - away, 0.3) * np.float32(rng.uniform(0.1, 0.5)))
        return np.asarray(dark)

    def _hair(self, rest: Floats, rng: np.random.Generator) -> Floats:
        """How far hair darkens the skin of a man's chest, belly or back, shape (n,)."""
        h = self.heights
        x, z = np.abs(rest[:, X]), rest[:, Z]
        trunk = (rest[:, KIND] < 0.5) & (rest[:, HEAD] < 0.5) & (rest[:, ARM] < 0.6)
        in_front = rest[:, Y] < -0.02
        wide = rng.uniform(0.05, 0.14)
        chest = ramp(wide - x, 0.05) * ramp(z - h["T10"], 0.04) * ramp(h["T2"] - z, 0.04)
        trail = ramp(rng.uniform(0.008, 0.05) - x, 0.02) * ramp(h["T9"] - z, 0.04)
        shoulders = ramp(x - rng.uniform(0, 0.08), 0.06) * ramp(z - rng.uniform(h["T9"], h["T3"]), 0.06)
        loins = ramp(rng.uniform(0.03, 0.1) - x, 0.04) * ramp(rng.uniform(h["L4"], h["L1"]) - z, 0.05)
        hairy = np.zeros(len(rest), np.float32)
        for area, side, chance in (
            (chest, in_front, 0.35),
            (trail, in_front, 0.35),
            (shoulders, ~in_front, 0.12),
            (loins, ~in_front, 0.12),
        ):
            density = np.float32(rng.uniform(0.1, 0.75))
            if rng.random() < chance:
                hairy = np.maximum(hairy, area * (trunk & side) * density)
        if not hairy.any():
            return hairy
        at_rest = np.ascontiguousarray(rest[:, : Z + 1])
        fine = rng.uniform((200, 200, 80), (420, 420, 200)).astype(np.float32)
        strands = raster.noise(self.volume, at_rest, fine, noise_shift(rng))[:, 0]
        coarse = np.full(3, rng.uniform(15, 50), np.float32)
        tufts = raster.noise(self.volume, at_rest, coarse, noise_shift(rng))[:, 0]
        return np.asarray(hairy * ramp(strands + 0.3 * tufts + rng.uniform(-1.3, -0.3), 0.9), np.float32)


def _tone(rng: np.random.Generator) -> Floats:
    """A plain skin colour, sRGB, shape (3,)."""
    tone = rng.uniform(0, len(TONES) - 1)
    low = int(tone)
    base = TONES[low] + (TONES[min(low + 1, len(TONES) - 1)] - TONES[low]) * (tone - low)
    base = base / 255 * (1 + rng.normal(0, 0.06) + rng.normal(0, 0.02, 3))
    return np.asarray(base, np.float32)
