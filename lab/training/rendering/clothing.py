"""What a body wears: garments from formulas over its positions at rest, straps, a towel laid over it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lab.training import raster
from lab.training.bodies import Subject
from lab.training.rendering.mesh import (
    ALONG,
    ARM,
    CLOTH,
    HEAD,
    Mesh,
    X,
    Y,
    Z,
    grid_mesh,
    height_field_cells,
)
from lab.training.rendering.procedural import MAP_CELL, MAP_SHAPE, Floats, Mask, map_pixels, ramp

UPPER_SHARES = {"any": 0.12, "modest": 0.4, "bare": 0.0}
"""How a body may be dressed, and how often it wears something above the waist: ``any`` from behind, ``modest`` from
elsewhere, ``bare`` with nothing on the back at all."""


def cloth_colour(rng: np.random.Generator) -> Floats:
    """Of cloth, sRGB 0 to 1: often dull, sometimes vivid, black or white."""
    kind = rng.random()
    if kind < 0.2:
        return np.full(3, rng.uniform(0.03, 0.15), np.float32)
    if kind < 0.35:
        return (rng.uniform(0.75, 0.97) + rng.normal(0, 0.02, 3)).clip(0, 1).astype(np.float32)
    grey, vivid = rng.uniform(0.1, 0.85), rng.uniform(0.05, 1.0)
    return np.asarray((grey + vivid * (rng.uniform(0, 1, 3) - 0.5)).clip(0.02, 0.98), np.float32)


class Pattern:
    """The colours of one piece of cloth."""

    def __init__(self, rng: np.random.Generator):
        self.kind = str(rng.choice(["plain", "stripes", "across", "checks", "noise"], p=[0.6, 0.1, 0.08, 0.1, 0.12]))
        self.first, self.second = cloth_colour(rng), cloth_colour(rng)
        self.pitch = np.float32(rng.uniform(0.012, 0.08))
        self.share = rng.uniform(0.2, 0.6)
        self.frequency = np.full(3, rng.uniform(15, 120), np.float32)
        self.shift = rng.uniform(0, 64, 3).astype(np.float32)

    def colours(self, rest: Floats, volume: Floats) -> Floats:
        """sRGB of shape (n, 3) at points at rest of shape (n, 3)."""
        if self.kind == "plain":
            return np.broadcast_to(self.first, (len(rest), 3))
        if self.kind == "noise":
            value = raster.noise(volume, rest, self.frequency, self.shift)[:, 0]
            mix = ramp(value, 0.6)
        else:
            down = (rest[:, Z] / self.pitch % 1 < self.share).astype(np.float32)
            across = ((rest[:, X] + 0.5 * rest[:, Y]) / self.pitch % 1 < self.share).astype(np.float32)
            mix = {"stripes": across, "across": down, "checks": (across + down) / 2}[self.kind]
        return np.asarray(self.first + (self.second - self.first) * mix[:, None], np.float32)


class Outfit:
    """What a body wears below and above the waist, from formulas over its points at rest."""

    def __init__(self, rng: np.random.Generator, heights: dict[str, float], dress: str):
        self.bare = dress == "bare"
        c7, s2 = heights["C7"], heights["S2"]
        kinds = ["none", "briefs", "shorts", "trousers", "towel"]
        self.lower = str(
            rng.choice(kinds, p=[0, 0, 0.45, 0.45, 0.1] if dress == "modest" else [0.06, 0.2, 0.27, 0.37, 0.1])
        )
        # A waistband tells nothing of the spine: people wear it anywhere from the gluteal cleft to the waist.
        self.waist = float(
            rng.triangular(s2 - 0.08, s2 - 0.02, s2 + 0.01)
            if dress == "bare"
            else rng.uniform(s2 - 0.07, heights["L2"] + 0.01)
        )
        self.squeeze = rng.uniform(0, 0.7) if rng.random() < 0.5 else 0.0
        self.tilt = rng.normal(0, 0.06), rng.normal(0, 0.25)
        self.wobble = rng.uniform(0, 0.008)
        self.soft = float(rng.choice([0.001, 0.004, 0.012]))
        self.hem = {"shorts": rng.uniform(-0.42, -0.16), "towel": rng.uniform(-0.6, -0.2)}.get(self.lower, -2.0)
        self.leg_cut = rng.uniform(-0.1, -0.05), rng.uniform(0.3, 1.1)
        self.band = float(rng.uniform(0.015, 0.055)) if rng.random() < 0.55 else 0.0
        self.lower_cloth, self.upper_cloth, self.band_colour = Pattern(rng), Pattern(rng), cloth_colour(rng)
        upper = rng.random()
        self.upper = (
            "none"
            if upper > UPPER_SHARES[dress]
            else str(rng.choice(["shirt", "tank", "long sleeves"], p=[0.5, 0.35, 0.15]))
        )
        # One in three is short or pulled up.
        self.upper_hem = rng.uniform(heights["L3"], heights["T6"]) if rng.random() < 0.33 else rng.uniform(-0.12, 0.08)
        self.neck = rng.uniform(0.06, 0.11), rng.uniform(0.01, 0.05) if self.upper != "tank" else rng.uniform(0.03, 0.2)
        self.sleeve = {"shirt": rng.uniform(0.06, 0.22), "long sleeves": 0.6}.get(self.upper, 0.0)
        self.armhole = rng.uniform(0.1, 0.15), rng.uniform(heights["T8"], heights["T4"])
        self.thickness = rng.uniform(0.001, 0.014), rng.uniform(0.003, 0.012)
        self.frequency = rng.uniform((10, 10, 6), (30, 30, 16)).astype(np.float32)
        self.shift = rng.uniform(0, 64, 3).astype(np.float32)
        self.c7 = c7

    def masks(self, attributes: Floats, volume: Floats) -> tuple[Mask, Mask, Mask]:
        """How far the lower garment, its waistband and the upper garment cover each sample, shape (n,), 0 to 1."""
        x, y, z = attributes[:, X], attributes[:, Y], attributes[:, Z]
        torso = (attributes[:, ARM] < 0.5) & (np.abs(x) < 0.31)
        none = np.zeros(len(x), np.float32)
        lower, band, upper = none, none, none
        if self.lower != "none":
            line = self.waistline(attributes)
            if self.wobble > 0.002:
                rest = np.ascontiguousarray(attributes[:, : Z + 1])
                line = line + self.wobble * raster.noise(volume, rest, self.frequency, self.shift)[:, 0]
            lower = ramp(line - z, self.soft) * torso
            if self.lower == "briefs":
                lower = lower * ramp(z - self.leg_cut[0] - self.leg_cut[1] * np.abs(x), 0.004)
            else:
                lower = lower * ramp(z - self.hem, 0.004)
            if self.band:
                band = lower * ramp(z - line + self.band, 0.002)
        if self.upper != "none":
            width, drop = self.neck
            collar = np.hypot(x / width, (z - self.c7 - 0.01) / np.where(y > 0, drop, 0.07)) - 1
            upper = ramp(collar, 0.05) * ramp(self.c7 + 0.02 - z, 0.002) * ramp(z - self.upper_hem, 0.004)
            upper = upper * (attributes[:, HEAD] < 0.5)
            if self.upper == "tank":
                limit = self.armhole[0] + 0.6 * np.clip(self.armhole[1] - z, 0, None)
                upper = upper * ramp(limit - np.abs(x), 0.004) * (attributes[:, ARM] < 0.5)
            else:
                upper = upper * np.where(attributes[:, ARM] > 0.3, ramp(self.sleeve - attributes[:, ALONG], 0.004), 1)
        return lower.astype(np.float32), band.astype(np.float32), upper.astype(np.float32)

    def thickened(self, vertices: Floats, normals: Floats, attributes: Floats, volume: Floats) -> Floats:
        """A body's vertices, (n, 3), with the thickness and the folds of the cloth that covers them."""
        if self.lower == "none" and self.upper == "none":
            return vertices
        lower, _, upper = self.masks(attributes, volume)
        thick = np.maximum(lower * self.thickness[0], upper * self.thickness[1])
        at_rest = np.ascontiguousarray(attributes[:, : Z + 1])
        folds = raster.noise(volume, at_rest, self.frequency, self.shift)[:, 0]
        thick = thick * np.clip(1 + 0.8 * folds, 0.1, 2.5)
        return np.asarray(vertices + normals * thick[:, None].astype(np.float32))

    def waistline(self, attributes: Floats) -> Floats:
        """Height of the lower garment's upper edge at each sample, metres, shape (n,)."""
        return np.asarray(self.waist + self.tilt[0] * attributes[:, X] + self.tilt[1] * (attributes[:, Y] - 0.06))


def straps(
    heights: dict[str, float], female: float, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], Floats] | None:
    """Coverage of the torso map by straps, strings and tapes, shape (460, 320), 0 to 255, and their colour, sRGB."""
    chance = 0.12 + 0.35 * female
    kind = rng.random()
    coverage: NDArray[np.uint8] = np.zeros(MAP_SHAPE, np.uint8)

    def line(points: list[tuple[float, float]], width: float) -> None:
        thick = max(1, round(width / MAP_CELL))
        cv2.polylines(coverage, [map_pixels(points)], False, 255, thick, cv2.LINE_AA)

    if kind < chance:
        z = float(rng.uniform(heights["T10"], heights["T6"]))
        string = rng.random() < 0.35
        width = rng.uniform(0.003, 0.007) if string else rng.uniform(0.01, 0.06)
        sag = rng.normal(0, 0.012)
        line([(-0.32, z + sag), (-0.1, z + sag * 0.3), (0, z), (0.1, z + sag * 0.3), (0.32, z + sag)], width)
        if string and rng.random() < 0.7:
            for dx in (-1, 1):
                line([(0, z), (dx * rng.uniform(0.01, 0.03), z - rng.uniform(0.04, 0.12))], width)
        style = rng.choice(["straight", "crossed", "racer", "halter", "none"], p=[0.45, 0.13, 0.15, 0.15, 0.12])
        strap = rng.uniform(0.003, 0.007) if string else rng.uniform(0.006, 0.028)
        low, high = rng.uniform(0.05, 0.1), rng.uniform(0.07, 0.11)
        for sign in (-1, 1):
            if style == "straight":
                line([(sign * low, z), (sign * high, heights["T1"]), (sign * high, 0.62)], strap)
            elif style == "crossed":
                line([(-sign * low, z), (sign * high, heights["T1"]), (sign * high, 0.62)], strap)
            elif style == "racer":
                line(
                    [(sign * low, z), (0, heights["T4"]), (sign * high, heights["C7"]), (sign * high, 0.62)],
                    strap * 1.5,
                )
        if style == "halter":
            line([(-0.1, 0.5), (0, heights["C7"] + rng.uniform(-0.02, 0.03)), (0.1, 0.5)], strap)
        return coverage, cloth_colour(rng)
    if kind > 0.95:
        for _ in range(int(rng.integers(1, 4))):
            x, z = rng.uniform(-0.12, 0.12), rng.uniform(heights["L5"], heights["T1"])
            line([(x, z), (x + rng.normal(0, 0.06), z - rng.uniform(0.08, 0.25))], 0.05)
        return coverage, cloth_colour(rng)
    return None


def towel(subject: Subject, back: Floats, rng: np.random.Generator) -> Mesh:
    """Cloth laid over seat and legs, from somewhere below L3 down; ``back`` is the height field of the body."""
    hips = (subject.keypoints["hip_L"] + subject.keypoints["hip_R"]) / 2
    top = rng.uniform(hips[2] - 0.05, subject.keypoints["L3"][2])
    hips_apart = abs(subject.keypoints["hip_L"][0] - subject.keypoints["hip_R"][0])
    width = hips_apart * (rng.uniform(0.75, 0.95) if rng.random() < 0.5 else rng.uniform(0.95, 1.6))
    down, across = np.linspace(0, 1, 60)[:, None], np.linspace(-1, 1, 41)[None, :]
    x = hips[0] + width * across + 0 * down
    z = top - down * rng.uniform(0.25, 0.75) + rng.normal(0, 0.05) * across
    filled = np.where(back > -0.9, back, -0.12).astype(np.float32)
    filled = cv2.GaussianBlur(cv2.dilate(filled, np.ones((5, 5), np.uint8)), (0, 0), 1.5)
    y = filled[height_field_cells(x, z)] + 0.012
    rest = np.stack(np.broadcast_arrays(x, 0 * x, z), -1)
    return grid_mesh(np.stack([x, y, z], -1), rest, CLOTH)
