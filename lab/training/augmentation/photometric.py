"""Photometric augmentation: uneven light, blotches, and what lens, sensor and file do to colours."""

from __future__ import annotations

import math

import cv2
import numpy as np

from lab.training.augmentation.colours import smooth_noise
from lab.training.augmentation.stored_scenes import Bytes


def uneven_light(picture: Bytes, rng: np.random.Generator) -> Bytes:
    """Light that falls unevenly: smooth fields, darker towards the rim, the spot of a flash or a lamp."""
    side = picture.shape[0]
    few = 48
    light = np.zeros((few, few), np.float32)
    if rng.random() < 0.5:
        for cells in (2, 3, 5):
            light += smooth_noise(few, cells, rng) * np.float32(abs(rng.normal(0, 0.16)))
    x = (np.arange(few, dtype=np.float32) / few - 0.5)[None, :]
    y = x.T
    if rng.random() < 0.3:
        centre = rng.normal(0, 0.2, 2)
        light -= rng.uniform(0.3, 1.6) * ((x - centre[0]) ** 2 + (y - centre[1]) ** 2)
    if rng.random() < 0.3:
        centre, width = rng.normal(0, 0.25, 2), rng.uniform(0.08, 0.35, 2)
        light += rng.uniform(0.1, 0.6) * np.exp(
            -(((x - centre[0]) / width[0]) ** 2) - ((y - centre[1]) / width[1]) ** 2
        )
    if rng.random() < 0.3:
        turn = rng.uniform(0, 2 * math.pi)
        light += rng.uniform(0.2, 1.2) * (x * math.cos(turn) + y * math.sin(turn))
    if not light.any():
        return picture
    gain = np.exp(np.clip(light, -1.6, 1.0))[..., None] ** (1 + rng.normal(0, 0.06, 3)).astype(np.float32)
    gain = cv2.resize(gain, (side, side), interpolation=cv2.INTER_CUBIC)
    return np.asarray(cv2.multiply(picture, gain, dtype=cv2.CV_8U), np.uint8)


def random_texture(picture: Bytes, rng: np.random.Generator) -> Bytes:
    """Two times in five the picture mixed with a random convolution of itself: the same shapes in other textures.

    What the colours and textures of a renderer tell cannot be relied on then (RandConv: Xu et al. 2021, Robust and
    generalizable visual representation learning via random convolutions).
    """
    if rng.random() > 0.4:
        return picture
    size = int(rng.choice([1, 3, 5, 7], p=[0.4, 0.3, 0.15, 0.15]))
    kernels = rng.normal(0, 1 / math.sqrt(3 * size * size), (3, 3, size, size)).astype(np.float32)
    own = picture.astype(np.float32)
    planes = cv2.split(own)
    changed = np.stack(
        [np.sum([cv2.filter2D(plane, -1, one) for plane, one in zip(planes, row, strict=True)], 0) for row in kernels],
        axis=2,
    )
    (mean, deviation), (from_mean, from_deviation) = cv2.meanStdDev(own), cv2.meanStdDev(changed)
    changed = (changed - from_mean.ravel()) * (deviation / (from_deviation + 1e-3)).ravel() + mean.ravel()
    share = rng.uniform(0, 0.9)
    return np.clip(own * (1 - share) + changed * share, 0, 255).astype(np.uint8)


def blotches(picture: Bytes, cover: Bytes, rng: np.random.Generator) -> Bytes:
    """Now and then patches of another colour on the skin, some with hard edges: redness, a tan, pale or dark spots."""
    if rng.random() > 0.2:
        return picture
    side = picture.shape[0]
    field = smooth_noise(side, int(rng.integers(3, 22)), rng) + 0.5 * smooth_noise(side, int(rng.integers(8, 40)), rng)
    mask = np.clip((field - rng.uniform(-0.3, 1.3)) / rng.uniform(0.05, 1.2) + 0.5, 0, 1) * (cover / np.float32(255))
    tint = np.array([(1.05, 0.7, 0.7), (0.85, 0.65, 0.65), (0.7, 0.6, 0.55), (1.25, 1.2, 1.2), (0.9, 0.75, 0.9)])
    change = tint[rng.integers(len(tint))] * rng.uniform(0.85, 1.1, 3) - 1
    gain = 1 + mask[..., None] * (change * rng.uniform(0.3, 1.2)).astype(np.float32)
    return np.asarray(cv2.multiply(picture, gain.astype(np.float32), dtype=cv2.CV_8U), np.uint8)


def develop(picture: Bytes, rng: np.random.Generator) -> Bytes:
    """What lens, sensor, exposure and file do to a picture."""
    side = picture.shape[0]
    if rng.random() < 0.3:
        smaller = round(side * rng.uniform(0.35, 0.9))
        small = cv2.resize(picture, (smaller, smaller), interpolation=cv2.INTER_AREA)
        picture = np.asarray(cv2.resize(small, (side, side), interpolation=cv2.INTER_LINEAR), np.uint8)
    if rng.random() < 0.25:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.3, 1.6)), np.uint8)
    levels = np.arange(256, dtype=np.float32) / 255
    brightest = float(np.percentile(picture[::4, ::4], 97)) / 255 + 0.02
    gain = rng.uniform(0.6, 1.25) / brightest  # cameras expose for what they see
    if rng.random() < 0.12:
        gain *= rng.uniform(0.15, 0.5)  # but not in a dim room
    gamma = math.exp(rng.normal(0, 0.25))
    tint = np.exp(rng.normal(0, 0.07, 3)) * gain
    lift = rng.normal(0, 0.03)
    table = np.clip(levels[:, None] ** gamma * tint + lift, 0, 1) * 255
    picture = np.asarray(cv2.LUT(picture, table.astype(np.uint8)[:, None, :]), np.uint8)
    if rng.random() < 0.12:
        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
        picture = cv2.merge([grey] * 3)
    elif rng.random() < 0.3:
        grey = cv2.merge([cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)] * 3)
        share = rng.uniform(-0.4, 0.7)
        picture = np.asarray(cv2.addWeighted(picture, 1 - share, grey, share, 0), np.uint8)
    if rng.random() < 0.6:
        noise = np.empty(picture.shape, np.int16)
        cv2.randn(noise, 0, rng.uniform(1, 12))
        picture = np.clip(picture + noise, 0, 255).astype(np.uint8)
    if rng.random() < 0.35:
        _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 92))])
        picture = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return picture
