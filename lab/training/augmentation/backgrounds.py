"""Backgrounds: walls, floors, sheets, rooms, and soft things that could be taken for a body."""

from __future__ import annotations

import math

import cv2
import numpy as np

from lab.training.augmentation.colours import random_colour, skin_colour, smooth_noise
from lab.training.augmentation.stored_scenes import Bytes

_CLOTHS = ((18, 60, 130), (40, 100, 170), (10, 12, 16), (0, 0, 0), (25, 110, 80), (70, 130, 190), (235, 235, 235))


def background(side: int, rng: np.random.Generator) -> Bytes:
    """A wall, a floor, a sheet, a room: anything but a person; mostly a little out of focus."""
    if rng.random() < 0.7:
        small = _sharp_background(side // 2, rng)
        return np.asarray(cv2.resize(small, (side, side), interpolation=cv2.INTER_LINEAR), np.uint8)
    return _sharp_background(side, rng)


def _sharp_background(side: int, rng: np.random.Generator) -> Bytes:
    kind = rng.integers(6)
    base = np.empty((side, side, 3), np.uint8)
    base[:] = random_colour(rng)
    if kind == 0 and rng.random() < 0.5:  # the plain cloth behind a patient
        base[:] = _CLOTHS[rng.integers(len(_CLOTHS))]
    if kind == 1:
        step = rng.uniform(3, side / 3)
        angle = rng.uniform(0, math.pi)
        y, x = np.mgrid[:side, :side]
        wave = (x * math.cos(angle) + y * math.sin(angle)) / step
        if rng.random() < 0.4:
            wave = np.floor(wave) + np.floor((-x * math.sin(angle) + y * math.cos(angle)) / step)
        base[(wave % 2) < rng.uniform(0.3, 1.4)] = random_colour(rng)
    elif kind == 2:  # a room: furniture, frames, doors
        for _ in range(rng.integers(3, 14)):
            corner = rng.uniform(-0.2, 1, 2) * side
            size = np.exp(rng.uniform(math.log(0.05), math.log(0.9), 2)) * side
            angle = float(rng.choice([0, 0, 90, rng.uniform(0, 180)]))
            corners = cv2.boxPoints(((float(corner[0]), float(corner[1])), (float(size[0]), float(size[1])), angle))
            cv2.fillConvexPoly(base, np.round(corners).astype(np.int32), random_colour(rng), cv2.LINE_AA)
    elif kind == 3:  # a sheet with folds
        folds = smooth_noise(side, int(rng.integers(3, 12)), rng) * rng.uniform(5, 30)
        base = np.clip(base + folds[..., None], 0, 255).astype(np.uint8)
    elif kind == 4:  # something like skin: another body, a hand, wood
        base[:] = skin_colour(rng)
    if rng.random() < 0.6:
        slope = np.linspace(-1, 1, side)[None, :, None] * rng.normal(0, 30) + np.linspace(-1, 1, side)[
            :, None, None
        ] * rng.normal(0, 30)
        base = np.clip(base + slope, 0, 255).astype(np.uint8)
    if rng.random() < 0.5:
        speckle = smooth_noise(side, int(rng.integers(6, side // 2)), rng)[..., None] * rng.uniform(3, 30)
        base = np.clip(base + speckle, 0, 255).astype(np.uint8)
    return base


def soft_shapes(side: int, rng: np.random.Generator) -> Bytes:
    """Soft things that are lit from somewhere: pillows, cloth, bellies, limbs; often of the colour of skin."""
    y, x = np.mgrid[:side, :side].astype(np.float32) / side - 0.5
    height = smooth_noise(side, int(rng.integers(2, 6)), rng) * np.float32(rng.uniform(0, 0.12))
    cover = np.zeros((side, side), np.float32)
    for _ in range(int(rng.integers(1, 5))):
        turn, centre = rng.uniform(0, math.pi), rng.uniform(-0.35, 0.35, 2)
        u = (x - centre[0]) * math.cos(turn) + (y - centre[1]) * math.sin(turn)
        v = (y - centre[1]) * math.cos(turn) - (x - centre[0]) * math.sin(turn)
        power = rng.uniform(2, 6)
        size = rng.uniform((0.12, 0.15), (0.4, 0.8))
        inside = np.clip(1 - np.abs(u / size[0]) ** power - np.abs(v / size[1]) ** power, 0, 1)
        height += np.float32(rng.uniform(0.1, 0.4)) * np.sqrt(inside)
        cover = np.maximum(cover, (inside > 0).astype(np.float32))
    if rng.random() < 0.25:  # two limbs side by side, and what is dark between them
        turn, gap = rng.uniform(0, math.pi), rng.uniform(-0.02, 0.08)
        u = x * math.cos(turn) + y * math.sin(turn) - rng.normal(0, 0.05)
        v = y * math.cos(turn) - x * math.sin(turn)
        wide = rng.uniform(0.15, 0.4) * (1 + rng.uniform(-0.6, 0.6) * v)
        height = (
            np.sqrt(np.clip(1 - ((np.abs(u) - wide / 2 - gap / 2) / (wide / 2)) ** 2, 0, 1)) * wide / 2 + 0.3 * height
        )
        cover = (height > 0.02).astype(np.float32)
    for _ in range(int(rng.integers(0, 4))):  # creases, or the gap between two limbs
        turn, off = rng.uniform(0, math.pi), rng.uniform(-0.3, 0.3)
        line = x * math.cos(turn) + y * math.sin(turn) - off + rng.uniform(-1, 1) * (x * x + y * y)
        height -= np.float32(rng.uniform(0.01, 0.08)) * np.exp(-((line / rng.uniform(0.01, 0.06)) ** 2))
    height = cv2.GaussianBlur(height, (0, 0), rng.uniform(0.5, 3)) * side * 0.5
    down, across = np.gradient(height)
    normal = np.stack([-across, -down, np.ones_like(height)], -1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    lamp = np.array([rng.normal(0, 0.6), rng.normal(-0.3, 0.6), 1.0])
    shade = np.clip(normal @ (lamp / np.linalg.norm(lamp)), 0, 1) * rng.uniform(0.5, 1) + rng.uniform(0.05, 0.4)
    colour = np.array(skin_colour(rng) if rng.random() < 0.7 else random_colour(rng), np.float32)
    shapes = np.clip(colour * shade[..., None], 0, 255)
    if rng.random() < 0.5:
        return shapes.astype(np.uint8)
    mask = cv2.GaussianBlur(cover, (0, 0), 0.8)[..., None]
    return np.clip(shapes * mask + background(side, rng) * (1 - mask), 0, 255).astype(np.uint8)
