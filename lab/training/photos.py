"""Whole photos to test on: ``python -m lab.training.photos OUT --first SEED --count N [--skins DIR]``.

``bodyNNNN.jpg``, longer side 720 px, with ``bodyNNNN.json``: ``size`` [width, height] px, ``px_per_mm`` at T9,
``cun_mm``, ``config`` (crop, arms, wear, hair, scene, roll in degrees clockwise) and ``points``, each [x, y] px: every
level, the eleven marks, the joints and the acromia.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from lab.training.augmentation import outline
from lab.training.bodies import Subject
from lab.training.keypoints import C7, NAMES, S2
from lab.training.rendering.cameras import Camera
from lab.training.rendering.renderer import Renderer, on_one_thread

LONGER_PX = 720
CROPS = ("full", "knee", "thigh", "torso", "tight", "bare")
SCENES = ("gradient", "wall", "stripes", "room", "sheet")

Floats = NDArray[np.float32]


def frame(subject: Subject, crop: str, rng: np.random.Generator) -> tuple[float, float, float]:
    """Lowest and highest z that a crop keeps and the least width, metres."""
    keypoints, z = subject.keypoints, subject.vertices[:, 2]
    hips = (keypoints["hip_L"][2] + keypoints["hip_R"][2]) / 2
    c7, top = keypoints["C7"][2], float(z.max())
    jitter = rng.normal(0, 0.02, 2)
    low, high, width = {
        "full": (float(z.min()) - 0.08, top + 0.1, 0.7),
        "knee": (hips - 0.5, top + 0.08, 0.6),
        "thigh": (hips - 0.22, top + 0.06, 0.6),
        "torso": (hips - 0.1, c7 + 0.1, 0.55),
        "tight": (hips + 0.015, c7 + 0.03, 0.36),
        "bare": (keypoints["L3"][2] + 0.02, keypoints["T2"][2] - 0.02, 0.2),
    }[crop]
    return low + jitter[0], high + jitter[1], width


@dataclass(frozen=True, eq=False)
class Body:
    """A body without a background: RGBA of shape (h, w, 4), its keypoints, px, and what else its JSON says."""

    picture: NDArray[np.uint8]
    keypoints: dict[str, NDArray[np.float64]]
    px_per_mm: float
    cun_mm: float
    config: dict[str, Any]

    def truth(self, scene: str) -> dict[str, Any]:
        """What its JSON says."""
        return {
            "size": list(self.picture.shape[1::-1]),
            "px_per_mm": self.px_per_mm,
            "cun_mm": self.cun_mm,
            "config": {**self.config, "scene": scene},
            "points": {name: np.round(at, 2).tolist() for name, at in self.keypoints.items()},
        }


def photograph(renderer: Renderer, subject: Subject, rng: np.random.Generator) -> tuple[Any, ...]:
    """A photo of shape (h, w, 3), BGR, and what its JSON says."""
    taken = body(renderer, subject, rng)
    scene = str(rng.choice(SCENES))
    shaped = _with_waist(taken.picture, taken.keypoints, rng.spawn(1)[0])
    behind = _background(scene, taken.picture.shape[1::-1], rng)
    return _composed(shaped, behind, rng), taken.truth(scene)


def body(
    renderer: Renderer,
    subject: Subject,
    rng: np.random.Generator,
    longer_px: int = LONGER_PX,
    crops: Sequence[str] = CROPS,
    roll_deg: float | None = None,
) -> Body:
    """``subject`` as a camera somewhere behind it sees it.

    Args:
        longer_px: longer side of the picture.
        crops: as many as ``CROPS``, and as likely.
        roll_deg: how far the picture is turned, clockwise; at random unless given.
    """
    crop = str(rng.choice(crops, p=[0.1, 0.18, 0.22, 0.22, 0.16, 0.12]))
    low, high, width = frame(subject, crop, rng)
    shape = float(rng.choice([3 / 4, 1, 9 / 16, 4 / 3])) if crop in ("torso", "tight") else 3 / 4
    quarter = int(rng.choice([0, 90, 180, 270], p=[0.64, 0.13, 0.1, 0.13]))
    roll = float(rng.uniform(0, 360) if rng.random() < 1 / 3 else quarter + rng.normal(0, 8))
    upright = (round(longer_px * shape), longer_px) if shape <= 1 else (longer_px, round(longer_px / shape))
    roll = roll if roll_deg is None else roll_deg
    size = upright if round(roll / 90) % 2 == 0 else upright[::-1]

    yaw, pitch = np.radians(np.clip(rng.normal(0, (9, 8)), -25, 25))
    away = np.array([np.sin(yaw) * np.cos(pitch), np.cos(yaw) * np.cos(pitch), np.sin(pitch)])
    right = np.cross(-away, [0, 0, 1])
    right /= np.linalg.norm(right)
    down = np.cross(-away, right)
    turn = np.radians(roll)
    # Turning the camera anticlockwise turns the picture clockwise.
    across, below = np.cos(turn) * right - np.sin(turn) * down, np.sin(turn) * right + np.cos(turn) * down
    height = max(high - low, width * upright[1] / upright[0])
    view = np.radians(rng.uniform(28, 65))
    focal = upright[1] / 2 / np.tan(view / 2)
    t9 = subject.keypoints["T9"]
    target = np.array([t9[0] + rng.normal(0, 0.02), t9[1], (low + high) / 2])
    position = target + away * height / 2 / np.tan(view / 2)
    centre = (np.array(size) - 1) / 2
    camera = Camera(position, np.stack([across, below, -away]), focal, centre)

    rendered = renderer.render(subject, camera, size, "bare" if crop == "bare" else "any", rng)
    at, depths = camera.project(np.array(list(subject.keypoints.values())))
    return Body(
        rendered.picture,
        dict(zip(subject.keypoints, at, strict=True)),
        px_per_mm=round(float(focal / depths[list(subject.keypoints).index("T9")] * subject.mm), 5),
        cun_mm=round(subject.cun / subject.mm, 2),
        config={
            "crop": crop, "arms": subject.arms, "wear": rendered.garment, "hair": rendered.hair, "roll": round(roll, 2),
        },
    )  # fmt: skip


def _with_waist(
    rgba: NDArray[np.uint8], at: dict[str, NDArray[np.float64]], rng: np.random.Generator
) -> NDArray[np.uint8]:
    """The rendered body with its waist where people have it, as samples have it."""
    keypoints = np.array([at[name] for name in NAMES], np.float32)
    return outline.Reshaping.random(rgba[..., 3], keypoints, rng).applied(rgba, keypoints[C7], keypoints[S2])


def noise(size: tuple[int, int], cell: float, rng: np.random.Generator) -> Floats:
    """Smooth noise, shape (h, w), SD about 1, with bumps of ``cell`` pixels."""
    grid = rng.normal(0, 1, (max(2, int(size[1] / cell) + 2), max(2, int(size[0] / cell) + 2))).astype(np.float32)
    return np.asarray(cv2.resize(grid, size, interpolation=cv2.INTER_CUBIC), np.float32)


def _background(scene: str, size: tuple[int, int], rng: np.random.Generator) -> Floats:
    """Shape (h, w, 3), 0 to 1."""
    width, height = size
    y, x = np.mgrid[:height, :width].astype(np.float32) / LONGER_PX
    first, second = rng.uniform(0.08, 0.92, 3), rng.uniform(0.08, 0.92, 3)
    turn = rng.uniform(0, 2 * np.pi)
    slope = x * np.cos(turn) + y * np.sin(turn)
    slope = (slope - slope.min()) / np.ptp(slope)
    out = first + (second - first) * rng.uniform(0.1, 1) * slope[:, :, None]
    if scene == "stripes":
        stripes = np.sin(slope * rng.uniform(10, 150)) > rng.uniform(-0.7, 0.7)
        out = np.where(stripes[:, :, None], out, rng.uniform(0.05, 0.95, 3))
    if scene in ("wall", "room"):
        for cell in (180, 45, 9):
            out = out + rng.uniform(0, 0.06) * noise(size, cell, rng)[:, :, None]
    if scene == "room":
        for _ in range(int(rng.integers(3, 12))):
            box = (rng.uniform(0, size), rng.uniform(10, 260, 2)), float(rng.uniform(0, 90) * (rng.random() < 0.3))
            corners = cv2.boxPoints((tuple(map(float, box[0][0])), tuple(map(float, box[0][1])), box[1]))
            colour = tuple(float(v) for v in rng.uniform(0.03, 0.97, 3))
            out = np.ascontiguousarray(out, np.float32)
            cv2.fillPoly(out, [corners.astype(np.int32)], colour, cv2.LINE_AA)
    if scene == "sheet":
        bend = noise(size, rng.uniform(80, 250), rng)
        folds = np.sin(slope * rng.uniform(15, 60) + rng.uniform(0.5, 3) * bend) + 0.7 * noise(size, 60, rng)
        out = out * (1 + rng.uniform(0.03, 0.16) * cv2.GaussianBlur(folds, (0, 0), 2))[:, :, None]
    return np.clip(out, 0, 1).astype(np.float32)


def _composed(picture: NDArray[np.uint8], behind: Floats, rng: np.random.Generator) -> NDArray[np.uint8]:
    """The body before its background, with its shadow there, and what a camera adds."""
    body, alpha = picture[:, :, 2::-1].astype(np.float32) / 255, picture[:, :, 3:].astype(np.float32) / 255
    if rng.random() < 0.6:
        shift = np.float32([[1, 0, rng.normal(0, 30)], [0, 1, rng.normal(10, 25)]])
        cast = cv2.warpAffine(cv2.GaussianBlur(alpha, (0, 0), rng.uniform(5, 35)), shift, alpha.shape[1::-1])
        behind = behind * (1 - rng.uniform(0.15, 0.65) * cast[:, :, None])
    if rng.random() < 0.4:
        behind = cv2.GaussianBlur(behind, (0, 0), rng.uniform(0.7, 5))
    out = body * alpha + behind * (1 - alpha)
    out = out * (rng.uniform(0.7, 1.2) * (1 + rng.normal(0, 0.04, 3))).astype(np.float32)
    if rng.random() < 0.5:
        out = cv2.GaussianBlur(out, (0, 0), rng.uniform(0.3, 2))
    out = out + rng.normal(0, rng.uniform(0, 0.035), out.shape)
    return np.asarray(np.round(np.clip(out, 0, 1) * 255), np.uint8)


def main() -> None:
    """Reads the command line and takes the photos."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--first", type=int, required=True, help="seed of the first body, and its number")
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--skins", type=Path, help="folder of skin textures")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    anatomy, renderer = on_one_thread(args.skins)
    for seed in range(args.first, args.first + args.count):
        rng = np.random.default_rng(seed)
        picture, truth = photograph(renderer, anatomy.subject(rng), rng)
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(50, 96))]
        cv2.imwrite(str(args.out / f"body{seed:04d}.jpg"), picture, quality)
        (args.out / f"body{seed:04d}.json").write_text(json.dumps({"seed": seed, **truth}), encoding="utf-8")


if __name__ == "__main__":
    main()
