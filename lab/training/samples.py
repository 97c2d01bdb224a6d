"""The pictures that the page offers to try: ``python -m lab.training.samples OUT --skins DIR``.

Bodies of the renderer, with photographed skin, before a wall or on a bed as people have them at home. Which bodies,
and in what light, was chosen by eye among 44. Their flanks are as the mesh has them: the photos to measure on have them
reshaped, which shows in pictures of this size.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lab.training import photos
from lab.training.bodies import Anatomy
from lab.training.photos import Body, Floats
from lab.training.rendering.renderer import Renderer, on_one_thread

_LONGER_PX, _QUALITY = 1280, 86
_CROPS = ("thigh", "tight", "torso", "tight", "torso", "tight")  # in the place of each of photos.CROPS
_SCALE_PX = 1200  # what colours of the background change along

Colour = tuple[float, float, float]


@dataclass(frozen=True)
class Sample:
    """One picture.

    Attributes:
        seed: of the body and all that is at random.
        roll_deg: how far the picture is turned, clockwise; None for what the seed gives.
        scene: "wall" or "bed".
        dark, light: RGB of the background, 0 to 1, on its darker and its lighter side.
        balance: factors on red, green and blue, as a camera's white balance and exposure are.
        kept_px: the columns that are kept, from the first to the one behind the last; None for all.
    """

    seed: int
    roll_deg: float | None
    scene: str
    dark: Colour
    light: Colour
    balance: Colour
    kept_px: tuple[int, int] | None = None


_WOOD, _BLUE = ((0.62, 0.55, 0.48), (0.83, 0.77, 0.70)), ((0.58, 0.64, 0.70), (0.80, 0.84, 0.87))
_SHEET = ((0.80, 0.80, 0.79), (0.95, 0.95, 0.94))
SAMPLES = {
    "upright": Sample(620030, 2.0, "wall", *_BLUE, balance=(1.0506, 0.9991, 1.03), kept_px=(282, 1002)),
    "neck_to_hips": Sample(620004, 3.0, "wall", *_WOOD, balance=(1.1554, 1.0123, 1.0176)),
    "on_a_bed": Sample(620025, None, "bed", *_SHEET, balance=(0.9405, 0.93575, 0.95)),
}


def taken(sample: Sample, anatomy: Anatomy, renderer: Renderer) -> tuple[NDArray[np.uint8], dict[str, object]]:
    """A sample of shape (h, w, 3), RGB, and what its JSON says."""
    rng = np.random.default_rng(sample.seed)
    body = photos.body(renderer, anatomy.subject(rng), rng, _LONGER_PX, _CROPS, sample.roll_deg)
    picture = np.round(np.clip(_composed(body, sample) * sample.balance, 0, 255)).astype(np.uint8)
    truth = {"seed": sample.seed, **body.truth(sample.scene)}
    if sample.kept_px:
        left, end = sample.kept_px
        picture = picture[:, left:end]
        truth["points"] = {name: [round(x - left, 2), y] for name, (x, y) in truth["points"].items()}
        truth["size"] = [end - left, picture.shape[0]]
    return picture, truth


def _background(sample: Sample, size: tuple[int, int]) -> Floats:
    """Shape (h, w, 3), RGB, 0 to 1."""
    rng = np.random.default_rng(sample.seed)
    y, x = np.mgrid[: size[1], : size[0]].astype(np.float32) / _SCALE_PX
    turn = rng.uniform(-0.6, 0.6)
    slope = x * np.cos(turn) - y * np.sin(turn)
    slope = ((slope - slope.min()) / np.ptp(slope))[:, :, None]
    dark, light = np.array(sample.dark), np.array(sample.light)
    out = dark + (light - dark) * (0.35 + 0.65 * slope)
    out = _with_folds(out, size, rng) if sample.scene == "bed" else _with_door(out, size, x, slope, rng)
    return np.clip(out, 0, 1).astype(np.float32)


def _with_folds(out: Floats, size: tuple[int, int], rng: np.random.Generator) -> Floats:
    """A sheet, lit from a side."""
    for cell, strength in ((520, 0.05), (240, 0.05), (110, 0.03)):
        bumps, turn = photos.noise(size, cell, rng), rng.uniform(0, 3.1)
        across, along = np.gradient(cv2.GaussianBlur(bumps, (0, 0), cell / 12))
        slopes = across * np.sin(turn) + along * np.cos(turn)
        out = out * (1 + strength * np.clip(slopes / slopes.std(), -2.5, 2.5))[:, :, None]
    return out + 0.012 * photos.noise(size, 2, rng)[:, :, None]


def _with_door(out: Floats, size: tuple[int, int], x: Floats, slope: Floats, rng: np.random.Generator) -> Floats:
    """A door's frame at one side, out of focus, and the dark behind it."""
    edge = rng.choice([0.04, 0.9]) * size[0] / _SCALE_PX
    beyond = x < edge if edge < 0.3 else x > edge + 0.05
    frame = cv2.GaussianBlur(((x > edge) & (x < edge + 0.05)).astype(np.float32), (0, 0), 7)[:, :, None]
    out = out * (1 - frame) + frame * np.array([0.93, 0.92, 0.9]) * (0.8 + 0.2 * slope)
    out = out * (1 - 0.45 * cv2.GaussianBlur(beyond.astype(np.float32), (0, 0), 8)[:, :, None])
    return out + 0.008 * photos.noise(size, 60, rng)[:, :, None] + 0.006 * photos.noise(size, 3, rng)[:, :, None]


def _composed(body: Body, sample: Sample) -> Floats:
    """The body before its background, RGB, 0 to 255, with its shadow there and a camera's blur and noise."""
    height, width = body.picture.shape[:2]
    colours, alpha = body.picture[:, :, :3].astype(np.float32) / 255, body.picture[:, :, 3].astype(np.float32) / 255
    behind, rng = _background(sample, (width, height)), np.random.default_rng(sample.seed + 1)
    soft, right, down, strength = (12, 10, 8, 0.5) if sample.scene == "bed" else (45, 45, 30, 0.28)
    shift = np.array([[1, 0, right], [0, 1, down]], np.float32)
    blurred = cv2.GaussianBlur(alpha, (0, 0), soft)
    shadow = cv2.warpAffine(blurred, shift, (width, height), borderMode=cv2.BORDER_REPLICATE)
    behind = behind * (1 - strength * shadow[:, :, None])
    if sample.scene == "wall":
        behind = cv2.GaussianBlur(behind, (0, 0), 2.5)
    cover = cv2.GaussianBlur(alpha, (0, 0), 0.8)[:, :, None]
    out = cv2.GaussianBlur(colours * cover + behind * (1 - cover), (0, 0), 0.7)
    out = out[:, :, ::-1] + rng.normal(0, 0.01, out.shape)
    return np.round(np.clip(out[:, :, ::-1], 0, 1) * 255).astype(np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--skins", type=Path, required=True, help="folder of skin textures")
    parser.add_argument("--only", choices=sorted(SAMPLES), help="one of them")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    anatomy, renderer = on_one_thread(args.skins)
    for name, sample in SAMPLES.items():
        if args.only in (None, name):
            picture, truth = taken(sample, anatomy, renderer)
            Image.fromarray(picture).save(args.out / f"{name}.jpg", quality=_QUALITY, optimize=True, progressive=True)
            (args.out / f"{name}.json").write_text(json.dumps(truth), encoding="utf-8")


if __name__ == "__main__":
    main()
