"""What each fragment is made of: its colour, how it shines, whether cloth covers it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lab.training import raster
from lab.training.bodies import Anatomy, Subject
from lab.training.rendering import clothing, hair
from lab.training.rendering.clothing import Outfit, Pattern
from lab.training.rendering.fragments import Fragments
from lab.training.rendering.mesh import ARM, HEAD, KIND, Z
from lab.training.rendering.procedural import Floats, Mask, map_coordinates, noise_shift
from lab.training.rendering.skin import Skin


@dataclass(frozen=True, eq=False)
class Material:
    """Of n fragments, as ``raster.shade`` takes it.

    Attributes:
        albedo: shape (n, 3), linear RGB.
        shine, gloss: shape (n,), strength and exponent of the highlights.
        softness: shape (n, 3), how far light reaches around an edge, by colour.
        cloth: shape (n,), how far cloth covers, 0 to 1.
    """

    albedo: Floats
    shine: Mask
    gloss: Mask
    softness: Floats
    cloth: Mask


class Materials:
    """Dresses and paints fragments of one anatomy's bodies.

    Args:
        volume: noise as ``raster.noise`` takes it.
        textures: folder of skin textures, or None.
    """

    def __init__(self, anatomy: Anatomy, volume: Floats, textures: Path | None) -> None:
        self.heights = anatomy.heights
        self.volume = volume
        self.skin = Skin(anatomy, volume, textures)

    def of(
        self, fragments: Fragments, outfit: Outfit, style: str, subject: Subject, rng: np.random.Generator
    ) -> Material:
        """The material of a body's fragments, in its outfit and with hair of one style."""
        rest = fragments.rest
        at_rest = np.ascontiguousarray(rest[:, : Z + 1])
        body = rest[:, KIND] < 0.5
        skin = self.skin.colour(fragments, subject, rng)
        colour, covered, upper = self._dressed(rest, at_rest, skin, outfit, subject, rng)
        tone = hair.TONES[rng.integers(len(hair.TONES))] / 255 * rng.uniform(0.7, 1.3)
        hairy = hair.mask(rest, style, self.volume, rng)
        if hairy.max() > 0:
            dyed = hair.dyed(at_rest, self.volume, tone, rng)
            colour = colour + (dyed - colour) * (hairy * (1 - upper * body))[:, None]
        shine = np.where(covered > 0.5, rng.uniform(0, 0.05), rng.choice([0.03, 0.08, 0.2, 0.4]) * rng.uniform(0.4, 1))
        patches = raster.noise(self.volume, at_rest, np.full(3, 14, np.float32), noise_shift(rng))[:, 0]
        shine = np.where(hairy > 0.5, 0.12, shine * np.clip(1 + 0.6 * patches, 0.1, 2.5))
        gloss = np.where(hairy > 0.5, 20, rng.uniform(6, 45))
        reach = np.array([rng.uniform(0.1, 0.3), 0.08, 0.04])
        softness = np.where((covered < 0.5)[:, None], reach, 0.02)
        linear = np.clip(colour, 0.004, 1) ** np.float32(2.2)
        return Material(
            albedo=linear.astype(np.float32),
            shine=shine.astype(np.float32),
            gloss=gloss.astype(np.float32),
            softness=np.asarray(softness, np.float32),
            cloth=covered.astype(np.float32),
        )

    def _dressed(
        self, rest: Floats, at_rest: Floats, skin: Floats, outfit: Outfit, subject: Subject, rng: np.random.Generator
    ) -> tuple[Floats, Mask, Mask]:
        """sRGB with straps, clothes and a towel over the skin; how far cloth and how far the upper garment cover."""
        body = rest[:, KIND] < 0.5
        lower, band, upper = outfit.masks(rest, self.volume)
        trunk = body & (rest[:, ARM] < 0.5) & (rest[:, HEAD] < 0.5)
        straps = None if outfit.bare else clothing.straps(self.heights, subject.female, rng)
        strap = np.zeros(len(rest), np.float32)
        if straps is not None:
            coverage, strap_colour = straps
            strap = raster.texture(coverage[:, :, None], *map_coordinates(rest))[:, 0] / 255 * trunk
            skin = skin + (strap_colour - skin) * strap[:, None]
        colour = skin
        for garment, cloth in ((lower, outfit.lower_cloth), (upper, outfit.upper_cloth)):
            mask = garment * body
            if mask.max() > 0:
                colour = colour + (cloth.colours(at_rest, self.volume) - colour) * mask[:, None]
            if band.max() > 0:  # a waistband shows over an upper garment, too
                colour = colour + (outfit.band_colour - colour) * (band * body)[:, None]
        covered = np.maximum(np.maximum(lower, upper), strap) * body
        towel = rest[:, KIND] > 1.5
        if towel.any():
            colour = np.where(towel[:, None], Pattern(rng).colours(at_rest, self.volume), colour)
            covered = np.where(towel, 1, covered)
        return colour, covered, upper
