"""The outline of the trunk: its waist put where people have theirs, its shoulders and armpits where they may be."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lab.training.keypoints import C7, S2

# In spine lengths: rows between these levels below C7, so far apart, to so far from the midline, where arms begin; one
# row's outline lies at most so far from the next one's.
_TOP, _BOTTOM, _STEP, _WIDEST, _EVEN = 0.5, 1.05, 0.0125, 0.5, 0.03
_AT_END = 3  # rows: a waist lies at neither end
_SMOOTH = np.ones(5) / 5

# Shares of C7 to S2, straight. On rendered bodies the trunk is narrowest at .71, by L1, in the median. On people the
# natural waist lies between the tenth rib and the iliac crest: from L2 (.748), where the tenth rib ends, to L3 (.80),
# midway between both.
_RENDERED, _PEOPLE, _PEOPLE_SD = 0.71, 0.772, 0.035
_FROM, _TO = 0.4, 1.02  # what lies between moves: not the shoulder blades, not the pelvis's dimples
_LOWEST, _FURTHEST = 0.87, 0.13

# How much flanks are pinched at the waist and bulge below it, in shares; how far below and over what length, in spine
# lengths. By hand, from photographs of people at large.
_FLANKS_SD, _MOST_FLANKS, _FLANKS_BELOW, _FLANKS_WIDE = (0.06, 0.05), (0.15, 0.12), 0.12, 0.07
_ARMS = 0.68

# How far shoulders, and armpits and shoulder blades once more, lie from where rendered bodies have them; in spine
# lengths along the spine. Chosen by hand: people carry their shoulders high or low, blades end at T8.2, SD 1.05 levels,
# and muscle and fat move the folds of the armpits besides.
_GIRDLE_SD, _MOST_GIRDLE = (0.035, 0.04), (0.07, 0.08)
_SHOULDERS, _GIRDLE_END = 0.12, 0.55  # levels: above, the shoulders move as one; below, nothing does
_ARMPITS, _ARMPITS_WIDE = 0.28, 0.17  # the level around which armpits and blades lie
_GIRDLE_FROM, _GIRDLE_TO = 0.07, 0.19  # from the midline: the spine between stays; all of what is farther out moves


def level_of_waist(cover: NDArray[np.uint8], keypoints: NDArray[np.floating]) -> float | None:
    """Where the trunk is narrowest, in spine lengths below C7; None where arms or the photo's end hide it.

    Args:
        cover: (s, s) 0 to 255, of a body seen from behind.
    """
    down = (keypoints[S2] - keypoints[C7]).astype(np.float64)
    across = np.array([-down[1], down[0]])
    rows, columns = round((_BOTTOM - _TOP) / _STEP), round(_WIDEST / _STEP * 2)
    origin = keypoints[C7] + _TOP * down
    halves = []
    for sign in (-1, 1):
        to_scene = np.stack([sign * across * _STEP / 2, down * _STEP, origin], axis=1)
        seen = cv2.warpAffine(cover, to_scene, (columns, rows), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
        beside = seen < 128
        halves.append(np.where(beside.any(axis=1), beside.argmax(axis=1), columns) * _STEP / 2)
    wide = np.convolve(halves[0] + halves[1], _SMOOTH, "valid")
    row = round(float(np.flatnonzero(wide < wide.min() + _STEP / 4).mean()))
    if not _AT_END <= row < len(wide) - _AT_END:
        return None
    row += len(_SMOOTH) // 2
    near = [half[row - 3 : row + 4] for half in halves]
    arms = min(float(half.min()) for half in near) == 0.0 or max(float(half.max()) for half in near) >= _WIDEST
    return None if arms or max(float(np.abs(np.diff(half)).max()) for half in near) > _EVEN else _TOP + row * _STEP


@dataclass(frozen=True)
class Reshaping:
    """How a body's outline is changed; lengths in spine lengths.

    Attributes:
        at: the level of its waist.
        down: how far down that is moved.
        pinch: share by which the trunk is made narrower there.
        bulge: share by which it is made wider below, where flanks bulge above the pelvis.
        shoulders: how far down the shoulders are moved.
        armpits: how far down armpits and shoulder blades are moved besides.
    """

    at: float
    down: float
    pinch: float
    bulge: float
    shoulders: float
    armpits: float

    @classmethod
    def random(
        cls, cover: NDArray[np.uint8] | None, keypoints: NDArray[np.floating], rng: np.random.Generator
    ) -> Reshaping:
        """One for a body as people are shaped.

        Args:
            cover: see :func:`level_of_waist`; None where the body is not seen from behind.
        """
        found = None if cover is None else level_of_waist(cover, keypoints)
        at = _RENDERED if found is None else found
        wanted = min(rng.normal(_PEOPLE, _PEOPLE_SD), _LOWEST)
        # What lies lower than that is the outline of a garment.
        down = 0.0 if at > _LOWEST else float(np.clip(wanted - at, -_FURTHEST, _FURTHEST))
        flanks = np.minimum(np.abs(rng.normal(0, _FLANKS_SD)), _MOST_FLANKS)
        girdle = np.clip(rng.normal(0, _GIRDLE_SD), -np.array(_MOST_GIRDLE), _MOST_GIRDLE)
        return cls(at, down, *flanks.tolist(), *girdle.tolist())

    def applied(self, rgba: NDArray[np.uint8], c7: NDArray[np.floating], s2: NDArray[np.floating]) -> NDArray[np.uint8]:
        """A picture, (h, w, channels), of the body with that outline; the vertebrae stay."""
        height, width = rgba.shape[:2]
        spine = s2 - c7
        length2 = float(spine @ spine)
        x, y = np.arange(width, dtype=np.float32) - c7[0], (np.arange(height, dtype=np.float32) - c7[1])[:, None]
        row = ((x * spine[0] + y * spine[1]) / length2 - _FROM) / _STEP
        row = np.clip(row, 0, round((_TO - _FROM) / _STEP)).astype(np.int32)
        across = (x * -spine[1] + y * spine[0]) / length2
        level = np.arange(_FROM, _TO + _STEP, _STEP)
        waist = self.at + self.down
        from_waist = np.where(level < waist, (level - waist) / (waist - _FROM), (level - waist) / (_TO - waist))
        moved = self.down * np.cos(np.clip(from_waist, -1, 1) * math.pi / 2) ** 2
        wider = -self.pinch * _bump(level - waist) + self.bulge * _bump(level - waist - _FLANKS_BELOW)
        up = moved.astype(np.float32)[row] + self._girdle((x * spine[0] + y * spine[1]) / length2, across)
        flank = np.sign(across) * np.minimum(np.abs(across), np.maximum(_ARMS - np.abs(across), 0))  # arms stay
        aside = (1 / (1 + wider) - 1).astype(np.float32)[row] * flank
        from_x = x + c7[0] - up * spine[0] - aside * spine[1]
        from_y = y + c7[1] - up * spine[1] + aside * spine[0]
        return np.asarray(
            cv2.remap(rgba, from_x.astype(np.float32), from_y.astype(np.float32), cv2.INTER_LINEAR), np.uint8
        )

    def joints(
        self, joints: NDArray[np.floating], c7: NDArray[np.floating], s2: NDArray[np.floating]
    ) -> NDArray[np.floating]:
        """Where (n, 2) joints of the shoulders are in that picture."""
        spine = s2 - c7
        moved = joints
        for _ in range(2):  # a picture is moved by what holds where it comes to lie
            x, y = (moved - c7).T
            along, across = (x * spine[0] + y * spine[1], x * -spine[1] + y * spine[0]) / (spine @ spine)
            moved = joints + self._girdle(along, across)[:, None] * spine
        return moved

    def _girdle(self, level: NDArray[np.floating], across: NDArray[np.floating]) -> NDArray[np.floating]:
        """How far down what lies there is moved with the shoulders."""
        fall = np.clip((level - _SHOULDERS) / (_GIRDLE_END - _SHOULDERS), 0, 1)
        whole = self.shoulders * np.cos(fall * math.pi / 2) ** 2
        whole += self.armpits * np.exp(-(((level - _ARMPITS) / _ARMPITS_WIDE) ** 2))
        aside = np.clip((np.abs(across) - _GIRDLE_FROM) / (_GIRDLE_TO - _GIRDLE_FROM), 0, 1)
        return whole * aside**2 * (3 - 2 * aside)


def _bump(away: NDArray[np.floating]) -> NDArray[np.floating]:
    """1 at 0, and falling off."""
    return np.exp(-((away / _FLANKS_WIDE) ** 2))
