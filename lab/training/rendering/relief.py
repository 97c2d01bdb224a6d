"""The relief of the back and the belly, as changes of the normals: bones, muscles, folds, pores, creases of cloth."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from lab.training import raster
from lab.training.rendering.clothing import Outfit
from lab.training.rendering.fragments import Fragments
from lab.training.rendering.mesh import ARM, HAIR, HEAD, KIND, X, Y, Z
from lab.training.rendering.procedural import (
    MAP_CELL,
    MAP_LEFT,
    MAP_SHAPE,
    MAP_TOP,
    NIPPLE,
    Floats,
    Mask,
    map_coordinates,
    map_pixels,
    noise_shift,
    ramp,
)


class Relief:
    """Changes the normals of one anatomy's bodies.

    Args:
        heights: of the levels at rest, metres.
        slopes: of noise, as ``raster.noise`` takes them.
    """

    def __init__(self, heights: dict[str, float], slopes: Floats) -> None:
        self.heights = heights
        self.slopes = slopes
        self.maps = _slope_maps(_heights_behind(heights))
        self.maps_in_front = _slope_maps(_heights_in_front(heights))

    def normals(
        self, fragments: Fragments, cloth: Mask, outfit: Outfit, index: float, rng: np.random.Generator
    ) -> Floats:
        """Of the fragments, shape (n, 3), unit length, with the relief of bones and muscles, pores and folds.

        Args:
            cloth: shape (n,), how far cloth covers each fragment, 0 to 1.
            index: body mass index.
        """
        rest, out = fragments.rest, fragments.normals.copy()
        apart = rng.spawn(1)[0]  # so that what came later leaves the scenes of a seed as they are
        bare = (1 - cloth) * (rest[:, KIND] < 0.5)
        self._add_back(out, rest, cloth, bare, index, rng)
        if outfit.lower != "none" and outfit.squeeze:
            # Flesh bulges above a tight waistband.
            above = (rest[:, Z] - outfit.waistline(rest)) / np.float32(0.012 + 0.01 * outfit.squeeze)
            trunk = bare * (rest[:, ARM] < 0.5)
            out[:, 2] -= np.float32(outfit.squeeze) * (1.2 - above) * np.exp(-((above - 1) ** 2)) * trunk
        front = (rest[:, Y] < -0.04) & (rest[:, ARM] < 0.5) & (rest[:, HEAD] < 0.5)
        if front.any():
            out += _belly(rest, self.heights, index, rng) * (bare * front)[:, None]
            self._add_chest(out, rest, bare * front, index, apart)
        self._add_texture(out, rest, cloth, bare, rng)
        return out / (np.linalg.norm(out, axis=1, keepdims=True) + np.float32(1e-6))

    def _add_back(
        self, out: Floats, rest: Floats, cloth: Mask, bare: Mask, index: float, rng: np.random.Generator
    ) -> None:
        """Bones, muscles and folds of the back."""
        strengths = _strengths(index, rng)
        if not strengths:
            return
        slopes = np.zeros((*MAP_SHAPE, 2), np.float32)
        # Blades and folds do not keep to the vertebrae: a blade's tip lies a level higher or lower, too.
        # One number more than is needed is drawn, so that scenes of a seed stay as they are.
        _, apart = np.round(rng.normal(0, [1.0, 6.0]))
        fold = int(np.clip(rng.normal(0, 8), -16, 16))
        for name, strength in strengths.items():
            slope_map = self.maps[name]
            if name.startswith("blade"):
                slope_map = np.roll(slope_map, int(np.clip(apart, -12, 12)), axis=0)
            elif name.startswith(("roll", "flanks")):
                slope_map = np.roll(slope_map, fold, axis=0)
            slopes += np.float32(strength) * slope_map
        felt = bare + 0.35 * cloth * (rest[:, KIND] < 0.5)
        weight = felt * ramp(rest[:, Y] + 0.01, 0.04) * np.clip(1.2 - 1.5 * rest[:, ARM], 0, 1)
        slope = raster.texture(slopes, *map_coordinates(rest)) * weight[:, None]
        out[:, 0] -= slope[:, 0]
        out[:, 2] -= slope[:, 1]

    def _add_chest(self, out: Floats, rest: Floats, weight: Mask, index: float, rng: np.random.Generator) -> None:
        """Muscles, ribs and collar bones of chest and belly."""
        slopes = np.zeros((*MAP_SHAPE, 2), np.float32)
        for name, strength in strengths_in_front(index, rng).items():
            slopes += np.float32(strength) * self.maps_in_front[name]
        slope = raster.texture(slopes, *map_coordinates(rest)) * weight[:, None]
        out[:, 0] -= slope[:, 0]
        out[:, 2] -= slope[:, 1]

    def _add_texture(self, out: Floats, rest: Floats, cloth: Mask, bare: Mask, rng: np.random.Generator) -> None:
        """Pores of skin, creases of cloth, strands of hair."""
        at_rest = np.ascontiguousarray(rest[:, : Z + 1])
        scales = (
            (rng.uniform(12, 30), rng.uniform(0, 0.09)),
            (rng.uniform(50, 120), rng.uniform(0, 0.06)),
            (rng.uniform(200, 420), rng.uniform(0.01, 0.1)),
        )
        for frequency, strength in scales:
            grain = raster.noise(self.slopes, at_rest, np.full(3, frequency, np.float32), noise_shift(rng))
            out -= grain * (np.float32(strength) * bare)[:, None]
        if cloth.max() > 0:
            for low, high, most in ((6, 25, 0.45), (30, 80, 0.15)):
                stretch = rng.uniform(low, high, 3).astype(np.float32)
                folds = raster.noise(self.slopes, at_rest, stretch, noise_shift(rng))
                out -= folds * (np.float32(rng.uniform(0.05, most)) * cloth)[:, None]
        hair = np.flatnonzero(rest[:, KIND] == HAIR)
        if len(hair):
            strands = raster.noise(self.slopes, at_rest[hair], np.array([260, 0, 9], np.float32), noise_shift(rng))
            out[hair, 0] -= 0.35 * strands[:, 0]


_X = MAP_LEFT + MAP_CELL * np.arange(MAP_SHAPE[1])[None, :]
_Z = MAP_TOP - MAP_CELL * np.arange(MAP_SHAPE[0])[:, None]


def _window(low: float, high: float, soft: float) -> NDArray[Any]:
    return 1 / (1 + np.exp(-(_Z - low) / soft)) / (1 + np.exp((_Z - high) / soft))


def _bump(cx: float, cz: float, rx: float, rz: float) -> NDArray[Any]:
    return np.asarray(np.exp(-(((_X - cx) / rx) ** 2) - ((_Z - cz) / rz) ** 2))


def _polygon(corners: list[tuple[float, float]], blur_mm: float) -> NDArray[Any]:
    """The inside of corners (x, z) and of their mirror image, with soft edges."""
    filled = np.zeros(MAP_SHAPE, np.float32)
    for sign in (1, -1):
        cv2.fillPoly(filled, [map_pixels([(sign * cx, cz) for cx, cz in corners])], 1.0)
    return cv2.GaussianBlur(filled, (0, 0), blur_mm / 1000 / MAP_CELL)


def _line(corners: list[tuple[float, float]], width_mm: float) -> NDArray[Any]:
    """A furrow along corners (x, z) and along their mirror image."""
    drawn = np.zeros(MAP_SHAPE, np.float32)
    for sign in (1, -1):
        way = map_pixels([(sign * cx, cz) for cx, cz in corners])
        cv2.polylines(drawn, [way], False, 1.0, 2, cv2.LINE_AA)
    return -cv2.GaussianBlur(drawn, (0, 0), width_mm / 1000 / MAP_CELL)


def _heights_behind(h: dict[str, float]) -> dict[str, NDArray[Any]]:
    """What shapes a back under its skin, shape (460, 320) each, in any unit.

    Args:
        h: heights of the levels at rest, metres.
    """
    x, z = _X, _Z
    names = [n for n in h if n[0] in "TL"]
    blade = [
        (0.065, h["T2"]),
        (0.062, h["T4"]),
        (0.072, h["T7"]),
        (0.09, h["T8"]),
        (0.15, h["T3"]),
        (0.12, h["T2"]),
    ]
    raised = [
        (0.075, h["T2"]),
        (0.085, h["T4"]),
        (0.115, h["T7"]),
        (0.14, h["T7"]),
        (0.17, h["T2"]),
        (0.12, h["T1"]),
    ]
    return {
        "furrow": -np.exp(-((x / 0.011) ** 2)) * _window(h["L5"], h["T4"], 0.03),
        "wide furrow": -np.exp(-((x / 0.022) ** 2)) * _window(h["L5"], h["T7"], 0.03),
        "spines": sum(_bump(0, h[n] + 0.008, 0.007, 0.009) for n in names) + np.zeros(MAP_SHAPE),
        "neck bumps": _bump(0, h["C7"] + 0.008, 0.012, 0.012) + 0.7 * _bump(0, h["T1"] + 0.008, 0.011, 0.011),
        "long muscles": np.exp(-(((np.abs(x) - 0.035) / 0.02) ** 2)) * _window(h["S1"], h["T8"], 0.03),
        "blades": _polygon(blade, 7),
        "blades out": _polygon(raised, 7),
        "blade spines": _polygon(
            [(0.065, h["T3"]), (0.17, h["T1"] + 0.01), (0.17, h["T1"]), (0.065, h["T3"] - 0.012)], 6
        ),
        "trapezius": _polygon([(0.0, h["T12"]), (0.05, h["T6"]), (0.16, h["T1"]), (0.0, h["T1"])], 6),
        "ribs": np.sin((z - 0.35 * np.abs(x)) / 0.029 * 2 * np.pi / 1.1)
        * _window(h["L1"], h["T5"], 0.02)
        / (1 + np.exp(-(np.abs(x) - 0.075) / 0.012)),
        "dimples": -(_bump(0.043, h["S2"], 0.011, 0.011) + _bump(-0.043, h["S2"], 0.011, 0.011)),
        "deep furrow": -np.exp(-((np.abs(x) / 0.016) ** 1.6)) * _window(h["L5"] + 0.01, h["T3"], 0.02),
        "lumbar furrow": -np.exp(-((x / 0.02) ** 2)) * _window(h["S1"], h["T11"], 0.02),
        "erectors": np.exp(-(((np.abs(x) - 0.038) / 0.018) ** 2)) * _window(h["S1"] + 0.01, h["T11"], 0.025),
        "triangle": -_bump(0, h["S1"], 0.03, 0.022),
        "crests": np.exp(
            -(
                (
                    (
                        z
                        - h["L4"]
                        + 1.6 * np.clip(np.abs(x) - 0.09, 0, 1) ** 1.2
                        + 0.45 * np.clip(0.09 - np.abs(x), 0, 1)
                    )
                    / 0.011
                )
                ** 2
            )
        )
        * ramp(np.abs(x) - 0.05, 0.04),
        "flanks": -np.exp(-(((z - h["L3"] - 0.3 * (np.abs(x) - 0.1)) / 0.01) ** 2)) * ramp(np.abs(x) - 0.07, 0.04),
        "flanks high": -np.exp(-(((z - h["L1"] - 0.35 * (np.abs(x) - 0.1)) / 0.01) ** 2))
        * ramp(np.abs(x) - 0.06, 0.04),
        "sides": np.exp(-(((np.abs(x) - 0.12) / 0.035) ** 2)) * _window(h["L1"], h["T6"], 0.03),
        "roll low": np.exp(-(((z - h["L2"] + 0.1 * np.abs(x)) / 0.012) ** 2)) * -np.ones_like(x),
        "roll high": np.exp(-(((z - h["T9"] + 0.25 * np.abs(x)) / 0.012) ** 2)) * -ramp(np.abs(x) - 0.06, 0.05),
    }


def _heights_in_front(h: dict[str, float]) -> dict[str, NDArray[Any]]:
    """The same of what shapes chest and belly."""
    x, z = _X, _Z
    chest = [
        (0.008, h["T3"]),
        (0.01, h["T8"]),
        (0.05, h["T9"] - 0.005),
        (0.1, h["T9"] + 0.01),
        (0.14, h["T6"]),
        (0.16, h["T3"]),
        (0.1, h["T1"] - 0.01),
    ]
    arch = [(0.0, h["T9"]), (0.035, h["T10"]), (0.07, h["T12"]), (0.11, h["L2"])]
    straight = [(0.058, h["T10"]), (0.066, h["L1"]), (0.06, h["L4"]), (0.035, h["S2"] - 0.04)]
    across = sum(
        _line([(0.004, at), (0.035, at + 0.004), (0.062, at + 0.012)], 3.5)
        for at in (h["T11"], h["L1"] - 0.005, h["L3"] - 0.004)
    )
    serratus = [
        (0.105, h["T8"]),
        (0.125, h["T9"]),
        (0.11, h["T9"] - 0.006),
        (0.13, h["T11"]),
        (0.112, h["T11"] - 0.006),
        (0.13, h["L1"]),
    ]
    return {
        "chest muscles": _polygon(chest, 6),
        "breastbone": -np.exp(-((x / 0.009) ** 2)) * _window(h["T9"], h["T2"], 0.015),
        "white line": -np.exp(-((x / 0.007) ** 2)) * _window(h["L4"], h["T9"], 0.015),
        "straight muscles": _line(straight, 5) + 0 * z,
        "across": np.asarray(across),
        "rib arch": _line(arch, 5),
        "ribs": np.sin((z + 0.5 * np.abs(x)) / 0.026 * 2 * np.pi / 1.1) * _window(h["T12"], h["T7"], 0.02)
        * ramp(np.abs(x) - 0.07, 0.03),
        "serratus": _line(serratus, 4),
        "groin": _line([(0.14, h["L5"]), (0.1, h["S2"] - 0.02), (0.05, h["S2"] - 0.08)], 6),
        "collar bones": -_line([(0.012, h["T2"] - 0.004), (0.07, h["T1"]), (0.15, h["C7"] - 0.01)], 6),
        "throat": -_bump(0.0, h["T1"] - 0.006, 0.014, 0.012),
        "nipples": _bump(NIPPLE[0], NIPPLE[1], 0.005, 0.005) + _bump(-NIPPLE[0], NIPPLE[1], 0.005, 0.005),
    }  # fmt: skip


def _slope_maps(heights: dict[str, NDArray[Any]]) -> dict[str, Floats]:
    """Slopes along x and z, shape (460, 320, 2), largest 1."""
    out = {}
    for name, height in heights.items():
        down, across = np.gradient(np.asarray(height, np.float32) + np.zeros(MAP_SHAPE, np.float32), MAP_CELL)
        slope = np.stack([across, -down], axis=-1).astype(np.float32)
        out[name] = slope / np.abs(slope).max()
    return out


def _strengths(index: float, rng: np.random.Generator) -> dict[str, float]:
    """How marked each relief is by body mass index: bones and muscles on the lean, folds on others."""
    out: dict[str, float] = {}
    fat = float(np.clip((index - 22) / 14, 0, 1))
    if rng.random() < 0.12:
        return out
    lean = rng.random() * (1 - 0.7 * fat)
    furrow = str(rng.choice(["furrow", "wide furrow", "deep furrow", "lumbar furrow"], p=[0.3, 0.25, 0.3, 0.15]))
    out[furrow] = rng.uniform(0.1, 0.85) * (1 - 0.5 * fat)
    out["blades" if rng.random() < 0.6 else "blades out"] = rng.uniform(0, 0.85) * lean
    for name, most, chance in (
        ("spines", 0.45, 0.5),
        ("neck bumps", 0.5, 0.65),
        ("long muscles", 0.35, 0.5),
        ("erectors", 0.5, 0.5),
        ("blade spines", 0.35, 0.5),
        ("trapezius", 0.3, 0.5),
        ("ribs", 0.25, 0.3),
        ("dimples", 0.7, 0.55),
        ("triangle", 0.4, 0.35),
        ("crests", 0.4, 0.4),
        ("sides", 0.3, 0.4),
    ):
        if rng.random() < chance:
            out[name] = rng.uniform(0, most) * (0.4 + 0.6 * lean)
    for name, most in (("roll low", 0.7), ("roll high", 0.6), ("flanks", 0.8), ("flanks high", 0.7)):
        if rng.random() < 0.1 + 0.45 * fat:
            out[name] = rng.uniform(0.1, most)
    return out


def strengths_in_front(index: float, rng: np.random.Generator) -> dict[str, float]:
    """The same of chest and belly."""
    fat = float(np.clip((index - 20) / 12, 0, 1))
    lean = rng.random() * (1 - 0.8 * fat)
    if rng.random() < 0.3 * (1 - fat):  # trained
        lean = rng.uniform(0.8, 2.0)
    out = {"nipples": rng.uniform(0, 0.8)}
    for name, most, chance in (
        ("chest muscles", 0.9, 0.7),
        ("breastbone", 0.5, 0.6),
        ("white line", 0.6, 0.7),
        ("straight muscles", 0.6, 0.6),
        ("across", 0.7, 0.5),
        ("rib arch", 0.6, 0.6),
        ("ribs", 0.3, 0.4),
        ("serratus", 0.5, 0.4),
        ("groin", 0.7, 0.6),
        ("collar bones", 0.7, 0.8),
        ("throat", 0.6, 0.7),
    ):
        if rng.random() < chance:
            out[name] = rng.uniform(0.15, 1.2) * most * (0.15 + 0.85 * lean)
    return out


def _belly(rest: Floats, h: dict[str, float], index: float, rng: np.random.Generator) -> Floats:
    """What the navel and folds of the belly change in normals, shape (n, 3)."""
    fat = float(np.clip((index - 22) / 14, 0, 1))
    x, z = rest[:, X], rest[:, Z]
    out = np.zeros((len(rest), 3), np.float32)

    def fold(at: float, bow: float, width: float, strength: float, half: float) -> None:
        off = (z - at + bow * x * x) / np.float32(width)
        pull = np.float32(strength) * off * np.exp(-(off**2)) * ramp(half - np.abs(x), 0.05)
        out[:, 2] += pull

    navel = h["L4"] + rng.normal(0, 0.012)
    dx, dz = x / 0.011, (z - navel) / np.float32(rng.uniform(0.006, 0.013))
    deep = np.float32(rng.uniform(0.4, 1.6)) * np.exp(-(dx**2) - dz**2)
    out[:, 0] += deep * dx
    out[:, 2] += deep * dz
    if rng.random() < 0.3 + 0.4 * fat:
        for _ in range(int(rng.integers(1, 4))):
            fold(
                navel + rng.normal(0.01, 0.05),
                rng.uniform(-1, 3),
                rng.uniform(0.004, 0.014),
                rng.uniform(0.3, 2),
                rng.uniform(0.08, 0.2),
            )
    line = np.float32(rng.uniform(0, 0.7) * (1 - fat)) * (x / 0.012) * np.exp(-((x / 0.012) ** 2))
    out[:, 0] += line * ramp(h["T9"] - z, 0.05)
    return out
