"""One picture of a body: camera, light, skin, hair and clothes at random, with the true places in its pixels.

What is painted on a body is painted in the coordinates of the unposed average body ("rest", metres, as in ``bodies``),
which every body and pose shares through its vertices.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from lab.training import raster
from lab.training.bodies import Anatomy, Subject
from lab.training.keypoints import NAMES

Floats = NDArray[np.float32]
Mask = NDArray[np.float32]

SIZE = 384
SUBPIXELS = 2
"""Subpixels of the z-buffer along each side of a pixel."""
VIEWS = ("back", "front", "side", "part")
HAIR_STYLES = ("none", "short", "bun", "ponytail", "long")
UPPER_SHARES = {"any": 0.12, "modest": 0.4, "bare": 0.0}
"""How a body may be dressed, and how often it wears something above the waist: ``any`` from behind, ``modest`` from
elsewhere, ``bare`` with nothing on the back at all."""

SHEET_LEFT, SHEET_TOP, SHEET_CELL, SHEET_SHAPE = -0.32, 0.62, 0.002, (460, 320)
"""The sheet that marks on the torso are drawn on: the frontal plane at rest, seen from behind with +x to the right."""

TONES = np.array(
    [(240, 208, 190), (228, 186, 160), (208, 158, 126), (178, 124, 92), (140, 92, 66), (98, 62, 45), (62, 41, 33)]
)
"""Skin from fair to dark, sRGB; our own estimate."""
HAIR_TONES = np.array(
    [(18, 15, 14), (38, 27, 21), (70, 46, 30), (110, 72, 42), (168, 128, 80), (128, 56, 28), (150, 148, 145)]
)


@dataclass(frozen=True)
class Scene:
    """A picture and its truth.

    Attributes:
        picture: shape (384, 384, 4), straight RGB and coverage by the body.
        points: shape (24, 2), pixels; places as in ``NAMES``.
        px_per_mm: scale across the line of sight at T9.
        reach: pixels that the widest lens shows from there.
        view: index in ``VIEWS``.
    """

    picture: NDArray[np.uint8]
    points: Floats
    px_per_mm: float
    reach: float
    view: int


@dataclass(frozen=True)
class Drawing:
    """A picture of shape (h, w, 4), straight RGB and coverage by the body, and what the body wears in it."""

    picture: NDArray[np.uint8]
    wear: str
    hair: str


@dataclass(frozen=True)
class Camera:
    """A pinhole; ``axes`` are its right, down and forward, shape (3, 3)."""

    position: NDArray[np.float64]
    axes: NDArray[np.float64]
    focal: float
    centre: NDArray[np.float64]

    def project(self, points: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Pixels of shape (n, 2) and depths of shape (n,) of points of shape (n, 3)."""
        seen = (points - self.position) @ self.axes.T
        return self.focal * seen[:, :2] / seen[:, 2:] + self.centre, seen[:, 2]


@dataclass(frozen=True)
class Mesh:
    """Something to draw: vertices (n, 3), triangles (m, 3) and what is interpolated over them (n, ``ATTRIBUTES``)."""

    vertices: Floats
    triangles: NDArray[np.int32]
    attributes: Floats


X, Y, Z, ARM, LEG, HEAD, ALONG, KIND = range(8)
"""Columns of the attributes: place at rest, following arms, legs, head; metres along the arm; kind of thing."""
BODY, HAIR, CLOTH = 0.0, 1.0, 2.0


def _step(value: NDArray[Any], soft: float) -> Mask:
    """0 below zero to 1 above, over a width of ``soft``."""
    return np.clip(value / np.float32(max(soft, 1e-5)) + np.float32(0.5), 0, 1).astype(np.float32)


def _colour(rng: np.random.Generator) -> Floats:
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
        self.first, self.second = _colour(rng), _colour(rng)
        self.pitch = np.float32(rng.uniform(0.012, 0.08))
        self.share = rng.uniform(0.2, 0.6)
        self.frequency = np.full(3, rng.uniform(15, 120), np.float32)
        self.shift = rng.uniform(0, 64, 3).astype(np.float32)

    def colours(self, rest: Floats, volume: Floats) -> Floats:
        """sRGB of shape (n, 3) at places at rest of shape (n, 3)."""
        if self.kind == "plain":
            return np.broadcast_to(self.first, (len(rest), 3))
        if self.kind == "noise":
            value = raster.noise(volume, rest, self.frequency, self.shift)[:, 0]
            mix = _step(value, 0.6)
        else:
            down = (rest[:, Z] / self.pitch % 1 < self.share).astype(np.float32)
            across = ((rest[:, X] + 0.5 * rest[:, Y]) / self.pitch % 1 < self.share).astype(np.float32)
            mix = {"stripes": across, "across": down, "checks": (across + down) / 2}[self.kind]
        return np.asarray(self.first + (self.second - self.first) * mix[:, None], np.float32)


class Outfit:
    """What a body wears below and above the waist, from formulas over its places at rest."""

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
        self.lower_cloth, self.upper_cloth, self.band_colour = Pattern(rng), Pattern(rng), _colour(rng)
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
        """How far the lower garment, its waistband and the upper garment cover each place, shape (n,), 0 to 1."""
        x, y, z = attributes[:, X], attributes[:, Y], attributes[:, Z]
        torso = (attributes[:, ARM] < 0.5) & (np.abs(x) < 0.31)
        none = np.zeros(len(x), np.float32)
        lower, band, upper = none, none, none
        if self.lower != "none":
            line = self.waist + self.tilt[0] * x + self.tilt[1] * (y - 0.06)
            if self.wobble > 0.002:
                rest = np.ascontiguousarray(attributes[:, : Z + 1])
                line = line + self.wobble * raster.noise(volume, rest, self.frequency, self.shift)[:, 0]
            lower = _step(line - z, self.soft) * torso
            if self.lower == "briefs":
                lower = lower * _step(z - self.leg_cut[0] - self.leg_cut[1] * np.abs(x), 0.004)
            else:
                lower = lower * _step(z - self.hem, 0.004)
            if self.band:
                band = lower * _step(z - line + self.band, 0.002)
        if self.upper != "none":
            width, drop = self.neck
            collar = np.hypot(x / width, (z - self.c7 - 0.01) / np.where(y > 0, drop, 0.07)) - 1
            upper = _step(collar, 0.05) * _step(self.c7 + 0.02 - z, 0.002) * _step(z - self.upper_hem, 0.004)
            upper = upper * (attributes[:, HEAD] < 0.5)
            if self.upper == "tank":
                limit = self.armhole[0] + 0.6 * np.clip(self.armhole[1] - z, 0, None)
                upper = upper * _step(limit - np.abs(x), 0.004) * (attributes[:, ARM] < 0.5)
            else:
                upper = upper * np.where(attributes[:, ARM] > 0.3, _step(self.sleeve - attributes[:, ALONG], 0.004), 1)
        return lower.astype(np.float32), band.astype(np.float32), upper.astype(np.float32)


class Studio:
    """Draws pictures of subjects.

    Args:
        anatomy: of the bodies.
        skins: folder with photographed skin textures (JPEG) in the model's texture coordinates, or None.
    """

    def __init__(self, anatomy: Anatomy, skins: Path | None = None):
        self.anatomy = anatomy
        self.triangles = anatomy.triangles.astype(np.int32)
        self.attributes = self._attributes()
        self.uv = anatomy.model.texture_coordinates.numpy().astype(np.float32)
        self.uv_triangles = anatomy.model.face_texture_coordinate_indices.numpy().astype(np.int32)
        self.volume, self.slopes = raster.noise_volumes(np.random.default_rng(7))
        self.relief = self._relief()
        self.skins = []
        for file in sorted(skins.glob("*.jpg")) if skins else []:
            read = cv2.imread(str(file))
            small = cv2.resize(read, (1024, 1024), interpolation=cv2.INTER_AREA)
            self.skins.append((np.ascontiguousarray(small[:, :, ::-1]), "female" in file.name))

    def scene(self, subject: Subject, view: int, rng: np.random.Generator) -> Scene:
        """A picture of ``subject`` from behind, in front, the side or of another part (index in ``VIEWS``).

        A part's two ends stand in for C7 and S2, and points between them for all else.
        """
        places = np.array([subject.places[name] for name in NAMES])
        dress = "any" if VIEWS[view] == "back" or rng.random() < 0.3 else "modest"
        if VIEWS[view] == "part":
            upper, lower, turn = _part(subject, rng)
            places = upper + (lower - upper) * np.linspace(0, 1, len(NAMES))[:, None]
            places[NAMES.index("C7")], places[NAMES.index("S2")] = upper, lower
            places[NAMES.index("T9")] = (upper + lower) / 2
            camera = _camera_on(upper, lower, (upper + lower) / 2, turn, rng)
            dress = str(rng.choice(["any", "modest", "bare"], p=[0.5, 0.2, 0.3]))
        else:
            camera = _camera(subject, view, rng)
        drawing = self.draw(subject, camera, (SIZE, SIZE), dress, rng)
        at, depths = camera.project(places)
        scale = camera.focal / depths[NAMES.index("T9")] * subject.mm
        reach = 2 * camera.focal * np.tan(np.radians(_LENS[1]) / 2)
        return Scene(drawing.picture, at.astype(np.float32), float(scale), float(reach), view)

    def draw(
        self, subject: Subject, camera: Camera, size: tuple[int, int], dress: str, rng: np.random.Generator
    ) -> Drawing:
        """``subject`` as ``camera`` sees it, otherwise at random, on ``size`` (width, height) pixels.

        Args:
            dress: a key of ``UPPER_SHARES``.
        """
        outfit = Outfit(rng, self.anatomy.heights, dress)
        style = str(
            rng.choice(HAIR_STYLES, p=[0.2, 0.8, 0, 0, 0] if dress == "bare" else [0.12, 0.44, 0.11, 0.13, 0.2])
        )
        mesh = self._dressed(subject, outfit, style, rng)
        normals = raster.vertex_normals(mesh.vertices, mesh.triangles)

        screen, depth = camera.project(mesh.vertices)
        screen = (screen * SUBPIXELS + (SUBPIXELS - 1) / 2).astype(np.float32)
        fine = (size[1] * SUBPIXELS, size[0] * SUBPIXELS)
        zbuffer, faces = np.full(fine, raster.FAR, np.float32), np.full(fine, -1, np.int32)
        corner_a, corner_b = np.zeros(fine, np.float32), np.zeros(fine, np.float32)
        raster.draw(screen, depth.astype(np.float32), mesh.triangles, zbuffer, faces, corner_a, corner_b)
        rows, columns, pixels, covered = raster.samples(zbuffer, 0.012)
        at = faces[rows, columns], corner_a[rows, columns], corner_b[rows, columns]
        values = np.concatenate([mesh.attributes, mesh.vertices, normals], axis=1)
        seen = raster.interpolate(mesh.triangles, *at, values)
        rest, places, normal = seen[:, :8], seen[:, 8:11], seen[:, 11:14]

        albedo, shine, cloth = self._painted(rest, at, outfit, style, subject, rng)
        normal = self._bumped(rest, normal, cloth, outfit, subject.index, rng)
        views = (camera.position - places).astype(np.float32)
        views /= np.linalg.norm(views, axis=1, keepdims=True)
        # A surface seen edge-on can have its interpolated normal turned away.
        normal = np.where((normal * views).sum(1, keepdims=True) < -0.2, -normal, normal)
        surface = places, normal, views, albedo
        colours = self._lit(subject, mesh, camera, zbuffer, (rows, columns), surface, shine, rng)
        picture = _developed(colours, pixels, covered, size[0], rng)
        return Drawing(picture, outfit.lower if outfit.upper == "none" else outfit.upper, style)

    def _attributes(self) -> Floats:
        anatomy = self.anatomy
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

    # ---- relief of the back ----

    def _relief(self) -> dict[str, Floats]:
        """Slopes along x and z, shape (460, 320, 2), largest 1, of what shapes a back under its skin."""
        h = self.anatomy.heights
        x = SHEET_LEFT + SHEET_CELL * np.arange(SHEET_SHAPE[1])[None, :]
        z = SHEET_TOP - SHEET_CELL * np.arange(SHEET_SHAPE[0])[:, None]

        def window(low: float, high: float, soft: float) -> NDArray[Any]:
            return 1 / (1 + np.exp(-(z - low) / soft)) / (1 + np.exp((z - high) / soft))

        def bump(cx: float, cz: float, rx: float, rz: float) -> NDArray[Any]:
            return np.asarray(np.exp(-(((x - cx) / rx) ** 2) - ((z - cz) / rz) ** 2))

        def polygon(corners: list[tuple[float, float]], blur_mm: float) -> NDArray[Any]:
            sheet = np.zeros(SHEET_SHAPE, np.float32)
            for sign in (1, -1):
                cv2.fillPoly(sheet, [_on_sheet([(sign * cx, cz) for cx, cz in corners])], 1.0)
            return cv2.GaussianBlur(sheet, (0, 0), blur_mm / 1000 / SHEET_CELL)

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
        heights = {
            "furrow": -np.exp(-((x / 0.011) ** 2)) * window(h["L5"], h["T4"], 0.03),
            "wide furrow": -np.exp(-((x / 0.022) ** 2)) * window(h["L5"], h["T7"], 0.03),
            "spines": sum(bump(0, h[n] + 0.008, 0.007, 0.009) for n in names) + np.zeros(SHEET_SHAPE),
            "neck bumps": bump(0, h["C7"] + 0.008, 0.012, 0.012) + 0.7 * bump(0, h["T1"] + 0.008, 0.011, 0.011),
            "long muscles": np.exp(-(((np.abs(x) - 0.035) / 0.02) ** 2)) * window(h["S1"], h["T8"], 0.03),
            "blades": polygon(blade, 7),
            "blades out": polygon(raised, 7),
            "blade spines": polygon(
                [(0.065, h["T3"]), (0.17, h["T1"] + 0.01), (0.17, h["T1"]), (0.065, h["T3"] - 0.012)], 6
            ),
            "trapezius": polygon([(0.0, h["T12"]), (0.05, h["T6"]), (0.16, h["T1"]), (0.0, h["T1"])], 6),
            "ribs": np.sin((z - 0.35 * np.abs(x)) / 0.029 * 2 * np.pi / 1.1)
            * window(h["L1"], h["T5"], 0.02)
            / (1 + np.exp(-(np.abs(x) - 0.075) / 0.012)),
            "dimples": -(bump(0.043, h["S2"], 0.011, 0.011) + bump(-0.043, h["S2"], 0.011, 0.011)),
            "deep furrow": -np.exp(-((np.abs(x) / 0.016) ** 1.6)) * window(h["L5"] + 0.01, h["T3"], 0.02),
            "lumbar furrow": -np.exp(-((x / 0.02) ** 2)) * window(h["S1"], h["T11"], 0.02),
            "erectors": np.exp(-(((np.abs(x) - 0.038) / 0.018) ** 2)) * window(h["S1"] + 0.01, h["T11"], 0.025),
            "triangle": -bump(0, h["S1"], 0.03, 0.022),
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
            * _step(np.abs(x) - 0.05, 0.04),
            "flanks": -np.exp(-(((z - h["L3"] - 0.3 * (np.abs(x) - 0.1)) / 0.01) ** 2)) * _step(np.abs(x) - 0.07, 0.04),
            "flanks high": -np.exp(-(((z - h["L1"] - 0.35 * (np.abs(x) - 0.1)) / 0.01) ** 2))
            * _step(np.abs(x) - 0.06, 0.04),
            "sides": np.exp(-(((np.abs(x) - 0.12) / 0.035) ** 2)) * window(h["L1"], h["T6"], 0.03),
            "roll low": np.exp(-(((z - h["L2"] + 0.1 * np.abs(x)) / 0.012) ** 2)) * -np.ones_like(x),
            "roll high": np.exp(-(((z - h["T9"] + 0.25 * np.abs(x)) / 0.012) ** 2)) * -_step(np.abs(x) - 0.06, 0.05),
        }
        out = {}
        for name, height in heights.items():
            down, across = np.gradient(np.asarray(height, np.float32) + np.zeros(SHEET_SHAPE, np.float32), SHEET_CELL)
            slope = np.stack([across, -down], axis=-1).astype(np.float32)
            out[name] = slope / np.abs(slope).max()
        return out

    def _relief_strengths(self, index: float, rng: np.random.Generator) -> dict[str, float]:
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

    def _bumped(
        self, rest: Floats, normal: Floats, cloth: Mask, outfit: Outfit, index: float, rng: np.random.Generator
    ) -> Floats:
        """Normals with the relief of bones and muscles, pores and folds; unit length."""
        out = normal.copy()
        place = np.ascontiguousarray(rest[:, : Z + 1])
        bare = (1 - cloth) * (rest[:, KIND] < 0.5)
        strengths = self._relief_strengths(index, rng)
        if strengths:
            slopes = np.zeros((*SHEET_SHAPE, 2), np.float32)
            # Blades and folds do not keep to the vertebrae: a blade's tip lies a level higher or lower, too.
            apart = np.round(rng.normal(0, [1.0, 6.0]) / np.array([1, 1])).astype(int)
            fold = int(np.clip(rng.normal(0, 8), -16, 16))
            for name, strength in strengths.items():
                sheet = self.relief[name]
                if name.startswith("blade"):
                    sheet = np.roll(sheet, int(np.clip(apart[1], -12, 12)), axis=0)
                elif name.startswith(("roll", "flanks")):
                    sheet = np.roll(sheet, fold, axis=0)
                slopes += np.float32(strength) * sheet
            felt = bare + 0.35 * cloth * (rest[:, KIND] < 0.5)
            weight = felt * _step(rest[:, Y] + 0.01, 0.04) * np.clip(1.2 - 1.5 * rest[:, ARM], 0, 1)
            slope = raster.texture(slopes, *_sheet_pixels(rest)) * weight[:, None]
            out[:, 0] -= slope[:, 0]
            out[:, 2] -= slope[:, 1]
        if outfit.lower != "none" and outfit.squeeze:
            # Flesh bulges above a tight waistband.
            line = outfit.waist + outfit.tilt[0] * rest[:, X] + outfit.tilt[1] * (rest[:, Y] - 0.06)
            above = (rest[:, Z] - line) / np.float32(0.012 + 0.01 * outfit.squeeze)
            trunk = bare * (rest[:, ARM] < 0.5)
            out[:, 2] -= np.float32(outfit.squeeze) * (1.2 - above) * np.exp(-((above - 1) ** 2)) * trunk
        front = (rest[:, Y] < -0.04) & (rest[:, ARM] < 0.5) & (rest[:, HEAD] < 0.5)
        if front.any():
            out += self._belly(rest, index, rng) * (bare * front)[:, None]
        scales = (
            (rng.uniform(12, 30), rng.uniform(0, 0.09)),
            (rng.uniform(50, 120), rng.uniform(0, 0.06)),
            (rng.uniform(200, 420), rng.uniform(0.01, 0.1)),
        )
        for frequency, strength in scales:
            grain = raster.noise(self.slopes, place, np.full(3, frequency, np.float32), _shift(rng))
            out -= grain * (np.float32(strength) * bare)[:, None]
        if cloth.max() > 0:
            for low, high, most in ((6, 25, 0.45), (30, 80, 0.15)):
                stretch = rng.uniform(low, high, 3).astype(np.float32)
                folds = raster.noise(self.slopes, place, stretch, _shift(rng))
                out -= folds * (np.float32(rng.uniform(0.05, most)) * cloth)[:, None]
        hair = np.flatnonzero(rest[:, KIND] == HAIR)
        if len(hair):
            strands = raster.noise(self.slopes, place[hair], np.array([260, 0, 9], np.float32), _shift(rng))
            out[hair, 0] -= 0.35 * strands[:, 0]
        return out / (np.linalg.norm(out, axis=1, keepdims=True) + np.float32(1e-6))

    def _belly(self, rest: Floats, index: float, rng: np.random.Generator) -> Floats:
        """What the navel and folds of the belly change in normals, shape (n, 3)."""
        h = self.anatomy.heights
        fat = float(np.clip((index - 22) / 14, 0, 1))
        x, z = rest[:, X], rest[:, Z]
        out = np.zeros((len(rest), 3), np.float32)

        def fold(at: float, bow: float, width: float, strength: float, half: float) -> None:
            off = (z - at + bow * x * x) / np.float32(width)
            pull = np.float32(strength) * off * np.exp(-(off**2)) * _step(half - np.abs(x), 0.05)
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
        out[:, 0] += line * _step(h["T9"] - z, 0.05)
        return out

    # ---- what is worn ----

    def _dressed(self, subject: Subject, outfit: Outfit, style: str, rng: np.random.Generator) -> Mesh:
        """The body with its clothes' thickness, and hair and cloth that hang from it."""
        vertices = subject.vertices
        lower, _, upper = outfit.masks(self.attributes, self.volume)
        if outfit.lower != "none" or outfit.upper != "none":
            thick = np.maximum(lower * outfit.thickness[0], upper * outfit.thickness[1])
            place = np.ascontiguousarray(self.attributes[:, : Z + 1])
            folds = raster.noise(self.volume, place, outfit.frequency, outfit.shift)[:, 0]
            thick = thick * np.clip(1 + 0.8 * folds, 0.1, 2.5)
            vertices = vertices + subject.normals * thick[:, None].astype(np.float32)
        parts = [Mesh(vertices, self.triangles, self.attributes)]
        behind = _backs(vertices, self.triangles)
        if style in ("bun", "ponytail", "long"):
            parts += self._hair(subject, style, behind, rng)
        if rng.random() < 0.09 and not outfit.bare:
            parts.append(_towel(subject, behind, rng))
        starts = np.cumsum([0] + [len(p.vertices) for p in parts])
        return Mesh(
            np.concatenate([p.vertices for p in parts]).astype(np.float32),
            np.concatenate([p.triangles + s for p, s in zip(parts, starts, strict=False)]).astype(np.int32),
            np.concatenate([p.attributes for p in parts]).astype(np.float32),
        )

    def _hair(self, subject: Subject, style: str, behind: Floats, rng: np.random.Generator) -> list[Mesh]:
        head = (self.attributes[:, HEAD] > 0.9) & (np.abs(self.attributes[:, X]) < 0.02)
        middle = np.flatnonzero(head & (self.attributes[:, Y] > 0) & (self.attributes[:, Z] > 0.62))
        wanted = rng.uniform(0.64, 0.74)
        knot = subject.vertices[middle[np.argmin(np.abs(self.attributes[middle, Z] - wanted))]]
        if style == "bun":
            radius = rng.uniform(0.028, 0.055)
            return [_ball(knot + np.array([0, radius * 0.6, 0]), radius * rng.uniform(0.8, 1.2, 3))]
        level = subject.places[f"T{rng.integers(2, 9)}"]
        length = max(0.12, knot[2] - level[2])
        sway = rng.normal(0, 0.04)
        if style == "ponytail":
            return [
                _ball(knot, np.full(3, 0.02)),
                _hanging(behind, knot, length, (0.012, rng.uniform(0.015, 0.035), 0.01), 0.02, sway, rng),
            ]
        top = subject.vertices[middle[np.argmax(self.attributes[middle, Z])]]
        start = np.array([knot[0], knot[1], (knot[2] + top[2]) / 2 - 0.02])
        widths = 0.06, rng.uniform(0.07, 0.11), rng.uniform(0.03, 0.1)
        return [_hanging(behind, start, start[2] - level[2], widths, 0.012, sway * 0.6, rng)]

    # ---- colours ----

    def _painted(
        self,
        rest: Floats,
        at: tuple[Any, Any, Any],
        outfit: Outfit,
        style: str,
        subject: Subject,
        rng: np.random.Generator,
    ) -> tuple[Floats, tuple[Mask, Mask, Floats], Mask]:
        """Linear colours (n, 3); shine, gloss and softness as ``raster.shade`` takes them; how far cloth covers."""
        place = np.ascontiguousarray(rest[:, : Z + 1])
        n = len(rest)
        body = rest[:, KIND] < 0.5
        skin = self._skin(rest, place, at, subject, rng)
        lower, band, upper = outfit.masks(rest, self.volume)
        trunk = body & (rest[:, ARM] < 0.5) & (rest[:, HEAD] < 0.5)
        straps = None if outfit.bare else _straps(self.anatomy.heights, subject.female, rng)
        strap = np.zeros(n, np.float32)
        if straps is not None:
            sheet, strap_colour = straps
            strap = raster.texture(sheet[:, :, None], *_sheet_pixels(rest))[:, 0] / 255 * trunk
            skin = skin + (strap_colour - skin) * strap[:, None]
        colour = skin
        for mask, cloth in ((lower, outfit.lower_cloth), (upper, outfit.upper_cloth)):
            mask = mask * body
            if mask.max() > 0:
                colour = colour + (cloth.colours(place, self.volume) - colour) * mask[:, None]
            if mask is not upper and band.max() > 0:
                colour = colour + (outfit.band_colour - colour) * (band * body)[:, None]
        covered = np.maximum(np.maximum(lower, upper), strap) * body

        towel = rest[:, KIND] > 1.5
        if towel.any():
            colour = np.where(towel[:, None], Pattern(rng).colours(place, self.volume), colour)
            covered = np.where(towel, 1, covered)
        tone = HAIR_TONES[rng.integers(len(HAIR_TONES))] / 255 * rng.uniform(0.7, 1.3)
        hair = self._hair_mask(rest, style, rng)
        if hair.max() > 0:
            strands = raster.noise(self.volume, place, np.array([230, 120, 14], np.float32), _shift(rng))[:, 0]
            lock = raster.noise(self.volume, place, np.array([45, 45, 8], np.float32), _shift(rng))[:, 0]
            contrast = rng.uniform(0.1, 0.35)
            dyed = tone * np.clip(1 + contrast * strands + 0.7 * contrast * lock, 0.3, 2)[:, None]
            colour = colour + (dyed - colour) * (hair * (1 - upper * body))[:, None]
        shine = np.where(covered > 0.5, rng.uniform(0, 0.05), rng.choice([0.03, 0.08, 0.2, 0.4]) * rng.uniform(0.4, 1))
        patches = raster.noise(self.volume, place, np.full(3, 14, np.float32), _shift(rng))[:, 0]
        shine = np.where(hair > 0.5, 0.12, shine * np.clip(1 + 0.6 * patches, 0.1, 2.5))
        gloss = np.where(hair > 0.5, 20, rng.uniform(6, 45))
        reach = np.array([rng.uniform(0.1, 0.3), 0.08, 0.04])
        soft = np.where((covered < 0.5)[:, None], reach, 0.02)
        linear = np.clip(colour, 0.004, 1) ** np.float32(2.2)
        packed = shine.astype(np.float32), gloss.astype(np.float32), np.asarray(soft, np.float32)
        return linear.astype(np.float32), packed, covered.astype(np.float32)

    def _hair_mask(self, rest: Floats, style: str, rng: np.random.Generator) -> Mask:
        if style == "none":
            return np.zeros(len(rest), np.float32)
        nape = rng.uniform(0.565, 0.625)
        line = nape + 1.05 * np.clip(0.03 - rest[:, Y], 0, None)
        fuzzy = raster.noise(
            self.volume, np.ascontiguousarray(rest[:, : Z + 1]), np.full(3, 90, np.float32), _shift(rng)
        )
        scalp = _step(rest[:, Z] - line + 0.006 * fuzzy[:, 0], rng.uniform(0.004, 0.03))
        scalp = scalp * (np.abs(rest[:, X]) < 0.079) * (rest[:, HEAD] > 0.2) * (rest[:, KIND] < 0.5)
        density = rng.uniform(0.75, 1) if style == "short" else 1.0
        return np.maximum(scalp * density, rest[:, KIND] == HAIR).astype(np.float32)

    def _skin(
        self, rest: Floats, place: Floats, at: tuple[Any, Any, Any], subject: Subject, rng: np.random.Generator
    ) -> Floats:
        """sRGB, shape (n, 3)."""
        if self.skins and rng.random() < 0.6:
            fitting = [image for image, female in self.skins if female == (subject.female > 0.5)]
            image = fitting[rng.integers(len(fitting))] if fitting else self.skins[rng.integers(len(self.skins))][0]
            faces = np.where(at[0] < len(self.uv_triangles), at[0], 0).astype(np.int32)
            uv = raster.interpolate(self.uv_triangles, faces, at[1], at[2], self.uv)
            side = np.float32(image.shape[0])
            colour = raster.texture(image, uv[:, 0] * side, (1 - uv[:, 1]) * side) / np.float32(255)
            tint = rng.uniform(0.72, 1.12) * (1 + rng.normal(0, 0.025, 3))
            colour = np.clip(colour, 0, 1) ** np.float32(rng.uniform(0.8, 1.3)) * tint.astype(np.float32)
            strength = rng.uniform(0, 0.5)
        else:
            tone = rng.uniform(0, len(TONES) - 1)
            low = int(tone)
            base = TONES[low] + (TONES[min(low + 1, len(TONES) - 1)] - TONES[low]) * (tone - low)
            base = base / 255 * (1 + rng.normal(0, 0.06) + rng.normal(0, 0.02, 3))
            colour = np.broadcast_to(base.astype(np.float32), (len(rest), 3))
            strength = rng.uniform(0.3, 1)
        for frequency, most in ((7, 0.1), (25, 0.08), (90, 0.08), (300, 0.06)):
            mottle = raster.noise(
                self.volume, place, np.full(3, frequency * rng.uniform(0.7, 1.4), np.float32), _shift(rng)
            )
            colour = colour * (1 + np.float32(strength * rng.uniform(0, most)) * mottle)
        blush = raster.noise(self.volume, place, np.full(3, rng.uniform(8, 30), np.float32), _shift(rng))[:, 0]
        red = np.clip(blush, -0.5, 2) * np.float32(rng.uniform(0, 0.12) ** 1.5 * 2)
        colour = colour * (1 + red[:, None] * np.array([0.4, -1, -0.8], np.float32))
        if rng.random() < 0.2:
            spots = raster.noise(self.volume, place, np.full(3, rng.uniform(140, 330), np.float32), _shift(rng))[:, 0]
            where = raster.noise(self.volume, place, np.full(3, 9, np.float32), _shift(rng))[:, 0]
            dark = _step(spots - rng.uniform(0.7, 1.2), 0.3) * np.clip(where + 0.4, 0, 1) * rng.uniform(0.08, 0.4)
            colour = colour * (1 - dark[:, None] * np.array([0.6, 0.9, 1], np.float32))
        if rng.random() < 0.15:  # sunburn, an eczema or what a massage leaves
            patches = raster.noise(self.volume, place, np.full(3, rng.uniform(4, 16), np.float32), _shift(rng))[:, 0]
            burnt = _step(patches - rng.uniform(-0.3, 1.0), rng.uniform(0.1, 1.5)) * np.float32(rng.uniform(0.1, 0.5))
            colour = colour * (1 - burnt[:, None] * np.array([0.15, 1, 0.9], np.float32))
        front = (rest[:, Y] < -0.04) & (rest[:, ARM] < 0.5) & (rest[:, HEAD] < 0.5) & (rest[:, KIND] < 0.5)
        if front.any():
            h = self.anatomy.heights
            navel = np.hypot(rest[:, X], rest[:, Z] - h["L4"]) / np.float32(rng.uniform(0.006, 0.011))
            dark = np.exp(-(navel**2)) * np.float32(rng.uniform(0.2, 0.8))
            for side in (-1, 1):
                away = np.hypot(rest[:, X] - side * 0.095, rest[:, Z] - h["T7"] + 0.01) / np.float32(
                    rng.uniform(0.01, 0.018)
                )
                dark = np.maximum(dark, (away < 1) * np.float32(rng.uniform(0.1, 0.5)))
            colour = colour * (1 - (dark * front)[:, None] * np.array([0.6, 0.9, 0.9], np.float32))
        sheet = _marks(self.anatomy.heights, rng)
        if sheet is not None:
            on = (rest[:, ARM] < 0.6) & (rest[:, HEAD] < 0.5) & (rest[:, KIND] < 0.5)
            marks = raster.texture(sheet, *_sheet_pixels(rest)) / np.float32(255)
            colour = colour * np.where(on[:, None], marks, 1)
        return np.asarray(colour, np.float32)

    # ---- light ----

    def _lit(
        self,
        subject: Subject,
        mesh: Mesh,
        camera: Camera,
        zbuffer: Floats,
        grid: tuple[Any, Any],
        surface: tuple[Floats, Floats, Floats, Floats],
        shine: tuple[Mask, Mask, Floats],
        rng: np.random.Generator,
    ) -> Floats:
        places, normal, views, albedo = surface
        lights = _lights(camera, rng)
        shares = np.ones((len(lights), len(places)), np.float32)
        if rng.random() < 0.55:
            # A little above the skin, so that the coarse map does not shade it in bands.
            above = places + np.float32(0.008) * normal
            shares[0] = _shadows(mesh, lights[0, :3], subject.places["T9"], above, rng)
        depth = zbuffer[::SUBPIXELS, ::SUBPIXELS]
        there = (depth < raster.FAR).astype(np.float32)
        scale = camera.focal / np.linalg.norm(camera.position - subject.places["T9"])
        kernel = int(rng.uniform(0.03, 0.075) * scale) * 2 + 1
        blurred = cv2.blur(cv2.merge([np.where(there > 0, depth, 0), there]), (kernel, kernel))
        around = blurred[:, :, 0] / np.maximum(blurred[:, :, 1], 1e-3)
        deeper = zbuffer[grid] - around[grid[0] // SUBPIXELS, grid[1] // SUBPIXELS]
        open_ = np.clip(1 - rng.uniform(2, 9) * np.clip(deeper - 0.003, 0, None), 0.35, 1).astype(np.float32)
        # A little of the same shade keeps the direct light from shining into folds.
        shares *= np.sqrt(open_)
        sky, ground = rng.uniform(0.05, 0.75) * _warmth(rng), rng.uniform(0.03, 0.5) * _warmth(rng)
        return raster.shade(
            albedo,
            np.ascontiguousarray(normal, np.float32),
            views,
            *shine,
            lights,
            shares,
            sky.astype(np.float32),
            ground.astype(np.float32),
            open_,
        )


def _shift(rng: np.random.Generator) -> Floats:
    return rng.uniform(0, 64, 3).astype(np.float32)


def _warmth(rng: np.random.Generator) -> NDArray[np.float64]:
    """Colour of a light about white."""
    warm = rng.normal(0, 0.08)
    return np.array([1 + warm, 1 + rng.normal(0, 0.015), 1 - warm])


def _on_sheet(points: list[tuple[float, float]]) -> NDArray[np.int32]:
    """Pixels of the sheet, (n, 2), of places (x, z) at rest."""
    at = [((x - SHEET_LEFT) / SHEET_CELL, (SHEET_TOP - z) / SHEET_CELL) for x, z in points]
    return np.round(at).astype(np.int32)


def _sheet_pixels(rest: Floats) -> tuple[Floats, Floats]:
    x = (rest[:, X] - np.float32(SHEET_LEFT)) / np.float32(SHEET_CELL)
    return x, (np.float32(SHEET_TOP) - rest[:, Z]) / np.float32(SHEET_CELL)


# A photo shows so many spine lengths along its longer side, by a lens of so many degrees: half of them skin alone, the
# others up to somebody far away. How near the camera is follows, and what bulges towards it looks larger.
_SEEN, _LENS = ((0.6, 1.2), (1.2, 4.0)), (25.0, 75.0)
_NEAREST = 0.25  # metres from T9 and from both ends of the spine, towards the camera


def _part(subject: Subject, rng: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Both ends of a part of the body that is no back, and degrees from straight behind that show it."""
    at, joints = subject.places, subject.joints
    side = str(rng.choice(["L", "R"]))
    hips = (at["hip_L"] + at["hip_R"]) / 2
    knees = (joints["lowerleg01.L"] + joints["lowerleg01.R"]) / 2
    feet = (joints["foot.L"] + joints["foot.R"]) / 2
    top = subject.vertices[np.argmax(subject.vertices @ (at["C7"] - at["T9"]).astype(np.float32))].astype(float)
    ahead, behind = 180 + float(rng.normal(0, 25)), float(rng.normal(0, 18))
    beside, any_ = float(rng.choice([-1, 1]) * rng.uniform(55, 125)), float(rng.uniform(-180, 180))
    chances = {"belly": 0.2, "chest": 0.12, "trunk": 0.18, "flank": 0.1, "buttocks": 0.15, "legs": 0.08, "calves": 0.03,
               "leg": 0.03, "nape": 0.04, "throat": 0.02, "arm": 0.03, "forearm": 0.02}  # fmt: skip
    kind = str(rng.choice(list(chances), p=list(chances.values())))
    ends = {
        "belly": (at[f"T{rng.integers(7, 12)}"], hips + rng.uniform(-0.1, 0.3) * (knees - hips), ahead),
        "chest": (at["C7"] + rng.uniform(0, 0.5) * (top - at["C7"]), at["T11"], ahead),
        "trunk": (at["C7"] + rng.uniform(-0.2, 0.7) * (top - at["C7"]), hips, ahead),
        "flank": (at[f"T{rng.integers(3, 9)}"], hips, beside),
        "buttocks": (
            at[str(rng.choice(["T12", "L1", "L2", "L3", "L5"]))],
            hips + rng.uniform(0.25, 0.9) * (knees - hips),
            behind,
        ),
        "legs": (hips + rng.uniform(0.2, 0.5) * (knees - hips), knees + rng.uniform(0, 1) * (feet - knees), behind),
        "calves": (knees + rng.uniform(-0.3, 0.3) * (feet - knees), feet, any_),
        "leg": (at[f"hip_{side}"], joints[f"lowerleg01.{side}"], any_),
        "nape": (top, at[str(rng.choice(["C7", "T1", "T2"]))], behind),
        "throat": (top, at["T2"], ahead),
        "arm": (joints[f"upperarm01.{side}"], joints[f"lowerarm01.{side}"], any_),
        "forearm": (joints[f"lowerarm01.{side}"], joints[f"wrist.{side}"], any_),
    }  # fmt: skip
    return ends[kind]


def _camera(subject: Subject, view: int, rng: np.random.Generator) -> Camera:
    """A camera as near as people take photos from, that holds C7 to S2 at 105 to 140 px with T9 near the centre."""

    def angle(spread: float) -> float:
        wide = rng.random() < 0.12
        return float(rng.uniform(-35, 35) if wide else np.clip(rng.normal(0, spread), -35, 35))

    if VIEWS[view] == "back":
        turn = angle(12)
    elif VIEWS[view] == "front":
        turn = 180 + rng.normal(0, 20)
    else:
        turn = float(rng.choice([-1, 1]) * rng.uniform(60, 120))
    return _camera_on(subject.places["C7"], subject.places["S2"], subject.places["T9"], turn, rng)


def _camera_on(
    upper: NDArray[np.float64],
    lower: NDArray[np.float64],
    middle: NDArray[np.float64],
    turn: float,
    rng: np.random.Generator,
) -> Camera:
    """A camera turned by ``turn`` degrees from straight behind, as near to two ends as people take photos from."""

    def angle(spread: float) -> float:
        wide = rng.random() < 0.12
        return float(rng.uniform(-35, 35) if wide else np.clip(rng.normal(0, spread), -35, 35))

    yaw, pitch, roll = np.radians(turn), np.radians(angle(12)), np.radians(rng.normal(0, 3))
    away = np.array([np.sin(yaw) * np.cos(pitch), np.cos(yaw) * np.cos(pitch), np.sin(pitch)])
    right = np.cross(-away, [0, 0, 1])
    right /= np.linalg.norm(right)
    down = np.cross(-away, right)
    right, down = np.cos(roll) * right + np.sin(roll) * down, np.cos(roll) * down - np.sin(roll) * right
    axes = np.stack([right, down, -away])
    ends = np.array([upper, lower])
    seen = np.exp(rng.uniform(*np.log(_SEEN[rng.integers(2)]))) * np.linalg.norm(ends[0] - ends[1])
    nearest = _NEAREST + max(0.0, float(((ends - middle) @ away).max()))
    distance = max(seen / 2 / np.tan(np.radians(rng.uniform(*_LENS)) / 2), nearest)
    position = middle + away * distance
    at, _ = Camera(position, axes, 1.0, np.zeros(2)).project(ends)
    focal = float(rng.uniform(105, 140) / np.linalg.norm(at[0] - at[1]))
    jitter = np.clip(rng.normal(0, 9, 2), -18, 18)
    return Camera(position, axes, focal, np.full(2, (SIZE - 1) / 2) + jitter)


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


def _shadows(mesh: Mesh, direction: Floats, centre: NDArray[Any], places: Floats, rng: np.random.Generator) -> Mask:
    """Share of a light that reaches places past the body itself and, now and then, past bars or leaves in its way."""
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
    at = seen(places)
    reach = raster.lit(buffer, at[:, 0], at[:, 1], at[:, 2], 0.014 / cell, float(rng.uniform(0.6, 2.5)))
    if rng.random() < 0.15:
        turn, pitch = rng.uniform(0, np.pi), rng.uniform(8, 50)
        wave = np.sin((at[:, 0] * np.cos(turn) + at[:, 1] * np.sin(turn)) / pitch * 2 * np.pi + rng.uniform(0, 6))
        reach = reach * (1 - rng.uniform(0.3, 0.9) * _step(wave - rng.uniform(-0.3, 0.6), rng.uniform(0.1, 1)))
    return np.asarray(reach, np.float32)


def _developed(
    colours: Floats, pixels: NDArray[Any], covered: NDArray[Any], width: int, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Exposes samples into the picture: shape (h, ``width``, 4), uint8."""
    light = colours @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    wanted = np.exp(rng.normal(np.log(0.27), 0.35))
    gain = (wanted / light.mean()) ** rng.uniform(0.55, 0.95)
    exposed = colours * np.float32(gain)
    if rng.random() < 0.6:
        exposed = exposed * (1 + exposed / 4) / (1 + exposed) * 1.25
    encoded = np.clip(exposed, 0, 1) ** np.float32(1 / 2.2)
    contrast = rng.uniform(-0.15, 0.35)
    encoded = encoded + np.float32(contrast) * (encoded * encoded * (3 - 2 * encoded) - encoded)
    grey = encoded.mean(axis=1, keepdims=True)
    encoded = np.clip(grey + (encoded - grey) * np.float32(rng.uniform(0.7, 1.25)), 0, 1)
    drawn = raster.average(encoded.astype(np.float32), pixels, covered, width)
    return np.round(drawn * 255).clip(0, 255).astype(np.uint8)


# ---- drawn on the sheet ----


def _straps(
    heights: dict[str, float], female: float, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], Floats] | None:
    """Coverage of the sheet by straps, strings and tapes, shape (460, 320), 0 to 255, and their colour, sRGB."""
    chance = 0.12 + 0.35 * female
    kind = rng.random()
    sheet: NDArray[np.uint8] = np.zeros(SHEET_SHAPE, np.uint8)

    def line(points: list[tuple[float, float]], width: float) -> None:
        thick = max(1, round(width / SHEET_CELL))
        cv2.polylines(sheet, [_on_sheet(points)], False, 255, thick, cv2.LINE_AA)

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
        return sheet, _colour(rng)
    if kind > 0.95:
        for _ in range(int(rng.integers(1, 4))):
            x, z = rng.uniform(-0.12, 0.12), rng.uniform(heights["L5"], heights["T1"])
            line([(x, z), (x + rng.normal(0, 0.06), z - rng.uniform(0.08, 0.25))], 0.05)
        return sheet, _colour(rng)
    return None


def _marks(heights: dict[str, float], rng: np.random.Generator) -> NDArray[np.uint8] | None:
    """What tints the skin of the torso: factors of shape (460, 320, 3), 255 for none."""
    sheet = np.full((*SHEET_SHAPE, 3), 255, np.uint8)
    top, low = heights["C7"], heights["S2"] - 0.05
    drawn = False

    def spot(
        x: float, z: float, radius: float, colour: Any, squash: float = 1.0, turn: float = 0.0, thick: int = -1
    ) -> None:
        centre = _on_sheet([(x, z)])[0]
        size = max(1, round(radius / SHEET_CELL)), max(1, round(radius * squash / SHEET_CELL))
        shade = tuple(float(v) for v in colour)
        cv2.ellipse(sheet, tuple(int(v) for v in centre), size, turn, 0, 360, shade, thick, cv2.LINE_AA)

    if rng.random() < 0.12:
        shade = 255 * (1 - rng.uniform(0.08, 0.3) * np.array([0.6, 0.9, 1]))
        sheet[:] = shade
        z = rng.uniform(heights["S2"] - 0.06, heights["L4"])
        cv2.rectangle(sheet, (0, int((SHEET_TOP - z) / SHEET_CELL)), (SHEET_SHAPE[1], SHEET_SHAPE[0]), (255,) * 3, -1)
        if rng.random() < 0.6:
            band = _on_sheet([(-0.32, rng.uniform(heights["T10"], heights["T6"])), (0.32, 0)])
            half = int(rng.integers(2, 14))
            cv2.rectangle(sheet, (0, band[0, 1] - half), (SHEET_SHAPE[1], band[0, 1] + half), (255,) * 3, -1)
            for sign in (-1, 1):
                ends = _on_sheet([(sign * 0.07, heights["T8"]), (sign * 0.09, 0.62)])
                cv2.line(sheet, ends[0].tolist(), ends[1].tolist(), (255,) * 3, max(2, half), cv2.LINE_AA)
        sheet = cv2.GaussianBlur(sheet, (0, 0), rng.uniform(0.7, 4))
        drawn = True
    if rng.random() < 0.7:
        for _ in range(int(rng.integers(1, 25))):
            depth = rng.uniform(0.15, 0.75)
            colour = 255 * (1 - depth * np.array([0.6, 0.85, 0.95]))
            spot(rng.uniform(-0.2, 0.2), rng.uniform(low, top), rng.uniform(0.001, 0.0045), colour, rng.uniform(0.6, 1))
        drawn = True
    if rng.random() < 0.08:
        colour = np.array([rng.uniform(170, 215), rng.uniform(80, 140), rng.uniform(90, 150)])
        for name in rng.choice(list(heights)[1:], int(rng.integers(2, 9)), replace=False):
            for sign in (-1, 1):
                if rng.random() < 0.9:
                    x, z = sign * rng.uniform(0.035, 0.09), heights[name] + rng.normal(0, 0.006)
                    radius = rng.uniform(0.016, 0.026)
                    spot(x, z, radius, colour + rng.normal(0, 12))
                    spot(x, z, radius, colour * 0.85, thick=2)
        sheet = cv2.GaussianBlur(sheet, (0, 0), 1.2)
        drawn = True
    if rng.random() < 0.15:
        for _ in range(int(rng.integers(1, 4))):
            ink = 255 * (1 - rng.uniform(0.5, 0.92) * rng.uniform(0.75, 1, 3))
            cx, cz, size = rng.uniform(-0.16, 0.16), rng.uniform(low, top), rng.uniform(0.015, 0.09)
            for _ in range(int(rng.integers(2, 22))):
                x, z = cx + rng.normal(0, size / 2), cz + rng.normal(0, size / 2)
                if rng.random() < 0.4:
                    spot(
                        x,
                        z,
                        rng.uniform(0.004, 0.5 * size + 0.005),
                        ink,
                        rng.uniform(0.2, 1),
                        rng.uniform(0, 180),
                        int(rng.choice([-1, 1, 2])),
                    )
                else:
                    way = _on_sheet(
                        [
                            (x + rng.normal(0, size / 2), z + rng.normal(0, size / 2))
                            for _ in range(int(rng.integers(2, 6)))
                        ]
                    )
                    cv2.polylines(
                        sheet, [way], bool(rng.integers(2)), tuple(ink.tolist()), int(rng.integers(1, 4)), cv2.LINE_AA
                    )
        drawn = True
    if rng.random() < 0.1:
        for _ in range(int(rng.integers(1, 6))):
            way = _on_sheet([(rng.uniform(-0.18, 0.18), rng.uniform(low, top)) for _ in range(2)])
            way[1] = way[0] + np.round(rng.normal(0, 30, 2)).astype(np.int32)
            red = 255 * (1 - rng.uniform(0.1, 0.4) * np.array([0.1, 0.9, 0.8]))
            cv2.polylines(sheet, [way], False, tuple(red.tolist()), int(rng.integers(1, 3)), cv2.LINE_AA)
        drawn = True
    return sheet if drawn else None


# ---- what hangs from the body ----

BACK_LEFT, BACK_TOP, BACK_CELL, BACK_SHAPE = -0.45, 1.05, 0.01, (190, 90)


def _backs(vertices: Floats, triangles: NDArray[np.int32]) -> Floats:
    """The rearmost y over the frontal plane, shape (190, 90), -1 where there is no body."""
    screen = np.stack([(vertices[:, 0] - BACK_LEFT), (BACK_TOP - vertices[:, 2])], axis=1) / np.float32(BACK_CELL)
    buffer = np.full(BACK_SHAPE, raster.FAR, np.float32)
    raster.draw_depth(screen.astype(np.float32), np.ascontiguousarray(-vertices[:, 1]), triangles, buffer)
    return np.where(buffer < raster.FAR, -buffer, -1).astype(np.float32)


def _grid(vertices: NDArray[Any], strands: NDArray[Any], kind: float) -> Mesh:
    """A surface from a grid of shape (rows, columns, 3), rows downwards and columns towards +x, seen from behind."""
    rows, columns = vertices.shape[:2]
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, :-1], index[1:, 1:]
    triangles = np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([b, d, c], -1).reshape(-1, 3)])
    attributes = np.zeros((rows * columns, 8), np.float32)
    attributes[:, : Z + 1] = strands.reshape(-1, 3)
    attributes[:, KIND] = kind
    return Mesh(vertices.reshape(-1, 3).astype(np.float32), triangles.astype(np.int32), attributes)


def _ball(centre: NDArray[Any], radii: NDArray[Any]) -> Mesh:
    """A bun of hair."""
    turn, height = np.linspace(0, 2 * np.pi, 21)[None, :], np.linspace(np.pi / 2, -np.pi / 2, 13)[:, None]
    unit = np.stack(
        np.broadcast_arrays(np.cos(height) * np.sin(turn), -np.cos(height) * np.cos(turn), np.sin(height)), -1
    )
    strands = np.stack(np.broadcast_arrays(height * 0.03, 0 * turn, turn * 0.03), -1)
    return _grid(centre + unit * radii, strands, HAIR)


def _hanging(
    behind: Floats,
    start: NDArray[Any],
    length: float,
    widths: tuple[float, float, float],
    bulge: float,
    sway: float,
    rng: np.random.Generator,
) -> Mesh:
    """Hair that falls from ``start`` over neck and back for ``length``; half its width at top, middle and end."""
    rows, columns = max(8, int(length / 0.01)), 17
    down, across = np.linspace(0, 1, rows)[:, None], np.linspace(-1, 1, columns)[None, :]
    half = np.interp(down[:, 0], [0, 0.45, 1], widths)[:, None]
    ragged = 1 + rng.normal(0, 0.03, columns)[None, :] - 0.06 * rng.random() * across**2
    waves = 0.006 * rng.random() * np.sin(down * length / rng.uniform(0.03, 0.1) * 2 * np.pi + across * 3)
    x = start[0] + sway * down**1.5 + half * across + waves
    z = start[2] - down * length * (1 + (ragged - 1) * down)
    ix = np.clip(np.round((x - BACK_LEFT) / BACK_CELL), 0, BACK_SHAPE[1] - 1).astype(int)
    iz = np.clip(np.round((BACK_TOP - z) / BACK_CELL), 0, BACK_SHAPE[0] - 1).astype(int)
    smooth = cv2.blur(cv2.dilate(behind, np.ones((3, 3), np.uint8)), (3, 3))
    skin = smooth[iz, ix].astype(float)
    y = np.empty_like(skin)
    # Hair bridges hollows: it comes forward no faster than 0.6 of its way down.
    y[0] = np.maximum(skin[0], start[1] - 0.35 * np.abs(across[0]) ** 3 * half[0] * 2)
    fall = 0.6 * length / rows
    for row in range(1, rows):
        y[row] = np.maximum(skin[row], y[row - 1] - fall)
    y = y + 0.008 + bulge * np.sqrt(np.clip(1 - across**2, 0, 1)) * np.clip(4 * down, 0.2, 1)
    strands = np.stack(np.broadcast_arrays(half * across, 0 * down, down * length), -1)
    return _grid(np.stack([x, y, z], -1), strands, HAIR)


def _towel(subject: Subject, behind: Floats, rng: np.random.Generator) -> Mesh:
    """Cloth laid over seat and legs, from somewhere below L3 down."""
    hips = (subject.places["hip_L"] + subject.places["hip_R"]) / 2
    top = rng.uniform(hips[2] - 0.05, subject.places["L3"][2])
    hips_apart = abs(subject.places["hip_L"][0] - subject.places["hip_R"][0])
    width = hips_apart * (rng.uniform(0.75, 0.95) if rng.random() < 0.5 else rng.uniform(0.95, 1.6))
    down, across = np.linspace(0, 1, 60)[:, None], np.linspace(-1, 1, 41)[None, :]
    x = hips[0] + width * across + 0 * down
    z = top - down * rng.uniform(0.25, 0.75) + rng.normal(0, 0.05) * across
    filled = np.where(behind > -0.9, behind, -0.12).astype(np.float32)
    filled = cv2.GaussianBlur(cv2.dilate(filled, np.ones((5, 5), np.uint8)), (0, 0), 1.5)
    ix = np.clip(np.round((x - BACK_LEFT) / BACK_CELL), 0, BACK_SHAPE[1] - 1).astype(int)
    iz = np.clip(np.round((BACK_TOP - z) / BACK_CELL), 0, BACK_SHAPE[0] - 1).astype(int)
    y = filled[iz, ix] + 0.012
    rest = np.stack(np.broadcast_arrays(x, 0 * x, z), -1)
    return _grid(np.stack([x, y, z], -1), rest, CLOTH)
