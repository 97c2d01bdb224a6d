"""Reading a bare back with networks of our own: head or no head, at any angle.

A coarse look at the whole photo, turned four ways, finds where the back is and which way is up. Fine looks at that
region, upright, place the spine; where they land says where the region should have been, so they are taken again until
they say the same. What the looks disagree on tells, beside what the networks say of themselves, how much to believe.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

from locator import geometry, models, toml
from locator.network import LEVELS, MIRRORED, OUTSIDE, PHOTO_SHARE, PLACES, SPINE_SHARE, Network, Told
from locator.types import FloatArray, ModelId, RGBArray

INNER = [PLACES.index(name) for name in PLACES if name in ("T4", "T7", "T9", "T12", "L2") or "/" in name]
"""Rows of the places whose whereabouts in a photo that shows a back are sure: its spine and marks, not the joints."""

# From one fine look to the next the spine alone is followed, each of its levels alike, as looks were laid in training:
# to a near camera shoulders and hips lie further away, and by them a spine would seem shorter than it is.
_SPINE = [PLACES.index(name) for name in LEVELS]

TURNS = 4
"""Coarse looks at a photo, a quarter turn apart."""

_SAME_WAY = math.radians(30)  # angle, spine lengths and factor within which two coarse looks mean one back
_SAME_PLACE, _SAME_SIZE = 0.35, 1.5

# A fine look reads a back a little towards where it was told to look. So the next one looks that much further in the
# same direction, and one more is taken, up to so many, where what was read is not where it was looked by this much.
_FURTHER, _STILL, _MOST_LOOKS = 0.3, 0.01, 3  # share of the way, spine lengths

_SHORTEST_PX = 1.0  # spine of a frame at least; places that all fall together span none


@dataclass(frozen=True, eq=False)
class Frame:
    """Where a back lies: a similarity from the average upright back to the photo.

    The average back has C7 at (0, 0) and S2 at (0, 1), x to the subject's right.

    Attributes:
        matrix: (2, 3).
    """

    matrix: FloatArray

    @property
    def spine_px(self) -> float:
        """Distance from C7 to S2."""
        return float(np.hypot(*self.matrix[:, 1]))

    @property
    def angle(self) -> float:
        """Radians by which the back is turned in the photo; 0 with the head up."""
        return math.atan2(-self.matrix[0, 1], self.matrix[1, 1])

    @property
    def middle(self) -> FloatArray:
        """(2,) px halfway from C7 to S2."""
        return np.asarray(self.matrix @ [0.0, 0.5, 1.0])

    def same(self, other: Frame) -> bool:
        """Whether both mean one back, the same way up."""
        turn = abs((self.angle - other.angle + math.pi) % (2 * math.pi) - math.pi)
        apart = float(np.linalg.norm(self.middle - other.middle)) / max(self.spine_px, other.spine_px)
        factor = max(self.spine_px, other.spine_px) / max(min(self.spine_px, other.spine_px), 1e-6)
        return turn < _SAME_WAY and apart < _SAME_PLACE and factor < _SAME_SIZE

    def further(self, last: Frame) -> Frame:
        """This frame, and some of the way from the last one to it once more."""
        return Frame(self.matrix + _FURTHER * (self.matrix - last.matrix)) if self.same(last) else self


@dataclass(frozen=True, eq=False)
class BackReading:
    """A back as the networks read it, in pixels of the photo.

    Attributes:
        places: (24, 2): :data:`~locator.network.PLACES`.
        scale: (24,) how far off each may be, as the fine network says itself.
        back: how surely this is a back seen from behind, 0 to 1; see :func:`_together`.
        looks: how many of the four coarse looks meant this back, this way up; all four where it was given.
        spread: how far two fine looks, one of them mirrored, lie from their mean, in spine lengths.
        shows_s2: 1 where S2 lies in the picture, or else 0; in a video the running mean. The network knows its own
            error less where the spine's end is cut off.
    """

    places: FloatArray
    scale: FloatArray
    back: float
    looks: int
    spread: float
    shows_s2: float

    def enlarged(self, factor: float) -> BackReading:
        """The same in a picture that is ``factor`` times as large."""
        return dataclasses.replace(self, places=geometry.resized(self.places, factor), scale=self.scale * factor)

    @property
    def spine_px(self) -> float:
        """Distance from C7 to S2."""
        return float(np.linalg.norm(self.place("S2") - self.place("C7")))

    @property
    def quarter_turns(self) -> int:
        """How often the picture must be turned counter-clockwise for the back to be as good as upright."""
        return geometry.quarter_turns(self.place("C7") - self.place("S2"))

    @property
    def inner_px(self) -> FloatArray:
        """(15, 2) px: the spine and the marks, which a photo that shows a back shows all."""
        inner: FloatArray = self.places[INNER]
        return inner

    @property
    def vagueness(self) -> float:
        """How far off the marks may be, in spine lengths: what the network says, and what its looks differ by."""
        if self.spine_px == 0.0:
            return math.inf
        return float(np.mean(self.scale[INNER])) / self.spine_px + self.spread

    def place(self, name: str) -> FloatArray:
        """(2,) px of one of :data:`~locator.network.PLACES`."""
        found: FloatArray = self.places[PLACES.index(name)]
        return found


class BackNetworks(Protocol):
    """Anything that reads backs."""

    def read(self, rgb: RGBArray) -> tuple[BackReading, ...]:
        """The backs that a photo may show, the surest first."""

    def read_at(self, rgb: RGBArray, given: Mapping[str, FloatArray]) -> BackReading:
        """The back that others have found there."""

    def again(self, rgb: RGBArray, last: BackReading, mirrored: bool) -> BackReading:
        """The back of the last frame in the next one."""


class BackReader:
    """Reads backs with two loaded networks.

    Args:
        layout: (24, 2) the average upright back, C7 at (0, 0) and S2 at (0, 1).
    """

    def __init__(self, coarse: Network, fine: Network, layout: FloatArray) -> None:
        self._coarse, self._fine, self._layout = coarse, fine, layout

    def read(self, rgb: RGBArray) -> tuple[BackReading, ...]:
        """The backs that an (h, w, 3) uint8 photo may show, the surest first; how sure is for the caller to judge.

        There is always one, also where there is no back.
        """
        readings = [self._finely(rgb, *candidate) for candidate in self._candidates(rgb)]
        return tuple(sorted(readings, key=lambda reading: reading.vagueness / (reading.looks * reading.back + 1e-6)))

    def read_at(self, rgb: RGBArray, given: Mapping[str, FloatArray]) -> BackReading:
        """The back that others have found in an (h, w, 3) uint8 photo.

        Args:
            given: where they put some of :data:`~locator.network.PLACES`, (2,) px each.
        """
        rows = [PLACES.index(name) for name in given]
        places = np.zeros((len(PLACES), 2))
        places[rows] = list(given.values())
        return self._finely(rgb, self._frame(places, rows), looks=TURNS, back=None)

    def again(self, rgb: RGBArray, last: BackReading, mirrored: bool) -> BackReading:
        """The back of the last frame in the next (h, w, 3) uint8 one: one fine look, as it is or mirrored.

        ``back`` is what the fine network alone says; ``looks`` and ``spread`` are the last frame's.
        """
        told = self._fine_looks(rgb, self._frame(last.places, _SPINE), (mirrored,))[0]
        shows_s2 = float(_shows_s2(told.places, rgb))
        return dataclasses.replace(last, places=told.places, scale=told.scale, back=told.back, shows_s2=shows_s2)

    def _candidates(self, rgb: RGBArray) -> list[tuple[Frame, int, float]]:
        """Where a back may be, how many of the four coarse looks say so, and how surely."""
        told = self._coarse_looks(rgb)
        frames = [self._frame(one.places, INNER, one.scale) for one in told]
        groups: list[list[int]] = []
        left = list(range(len(frames)))
        while left:
            seed = max(left, key=lambda one: sum(frames[one].same(frames[other]) for other in left))
            group = [one for one in left if frames[seed].same(frames[one])]
            groups.append(group)
            left = [one for one in left if one not in group]
        found = []
        for group in groups:
            places = np.concatenate([told[one].places for one in group])
            scale = np.concatenate([told[one].scale for one in group])
            rows = [row + len(PLACES) * index for index in range(len(group)) for row in INNER]
            frame = self._frame(places, rows, scale)
            found.append((frame, len(group), float(np.mean([told[one].back for one in group]))))
        return found

    def _coarse_looks(self, rgb: RGBArray) -> list[Told]:
        """What the coarse network says of four quarter turns, in pixels of ``rgb``."""
        height, width = rgb.shape[:2]
        side = self._coarse.side_px
        scale = PHOTO_SHARE * side / max(height, width)
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
        left, top = (side - size[0]) // 2, (side - size[1]) // 2
        square: RGBArray = np.full((side, side, 3), OUTSIDE, np.uint8)
        square[top : top + size[1], left : left + size[0]] = small
        told = self._coarse.tell([np.ascontiguousarray(np.rot90(square, turns)) for turns in range(TURNS)])
        upright = []
        for turns, one in enumerate(told):
            x, y = one.places.T
            back = ((x, y), (side - 1 - y, x), (side - 1 - x, side - 1 - y), (y, side - 1 - x))[turns]
            in_small = np.stack(back, axis=1) - [left, top]
            places = geometry.resized(in_small, [width / size[0], height / size[1]])
            upright.append(Told(places, one.scale / scale, one.back))
        return upright

    def _finely(self, rgb: RGBArray, coarse: Frame, looks: int, back: float | None) -> BackReading:
        """Fine looks at one region, each where the one before says that the back is, until it says the same."""
        first = self._fine_looks(rgb, coarse, (False,))[0]
        looked, found = coarse, self._frame(first.places, _SPINE)
        for _ in range(_MOST_LOOKS):
            looked = found.further(looked)
            told = self._fine_looks(rgb, looked, (False, True))
            places = np.mean([one.places for one in told], axis=0)
            found = self._frame(places, _SPINE)
            if self._apart(looked, found) < _STILL:
                break
        apart = np.linalg.norm(told[0].places - told[1].places, axis=1)[INNER].mean() / 2
        return BackReading(
            places=places,
            scale=np.mean([one.scale for one in told], axis=0),
            back=_together(back, float(np.mean([one.back for one in told]))),
            looks=looks,
            spread=float(apart) / found.spine_px,
            shows_s2=float(_shows_s2(places, rgb)),
        )

    def _fine_looks(self, rgb: RGBArray, frame: Frame, mirrored: Sequence[bool]) -> list[Told]:
        """What the fine network says of one region, as it is and mirrored, in pixels of ``rgb``."""
        side = self._fine.side_px
        long = SPINE_SHARE * side
        middle = (side - 1) / 2
        to_square = np.array([[long, 0.0, middle], [0.0, long, middle - long / 2], [0.0, 0.0, 1.0]])
        from_photo = to_square @ np.linalg.inv(np.vstack([frame.matrix, [0.0, 0.0, 1.0]]))
        square = _region(rgb, from_photo[:2], side)
        told = self._fine.tell([np.ascontiguousarray(square[:, ::-1]) if flip else square for flip in mirrored])
        to_photo = np.linalg.inv(from_photo)[:2]
        scale = float(np.hypot(*to_photo[:, 0]))
        return [
            Told(_moved(_unmirrored(one.places, side) if flip else one.places, to_photo),
                 (one.scale[MIRRORED] if flip else one.scale) * scale, one.back)
            for one, flip in zip(told, mirrored, strict=True)
        ]  # fmt: skip

    def _apart(self, looked: Frame, found: Frame) -> float:
        """How far the average back's spine and marks lie apart in two frames, in the mean, in spine lengths."""
        moved = _moved(self._layout[INNER], found.matrix - looked.matrix)
        return float(np.linalg.norm(moved, axis=1).mean()) / found.spine_px

    def _frame(self, places: FloatArray, rows: list[int], scale: FloatArray | None = None) -> Frame:
        """The similarity that brings the average back nearest to places; with scales the surer ones count more."""
        layout = self._layout[[row % len(PLACES) for row in rows]] @ [1, 1j]
        found = places[rows] @ [1, 1j]
        weight = np.ones(len(rows)) if scale is None else 1.0 / np.square(scale[rows])
        weight = weight / weight.sum()
        centre_layout, centre_found = weight @ layout, weight @ found
        layout, found = layout - centre_layout, found - centre_found
        turn = (weight * layout.conj()) @ found / (weight @ np.abs(layout) ** 2)
        turn = turn if abs(turn) > _SHORTEST_PX else complex(_SHORTEST_PX)
        shift = centre_found - turn * centre_layout
        return Frame(np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]]))


def _shows_s2(places: FloatArray, rgb: RGBArray) -> bool:
    x, y = places[PLACES.index("S2")]
    return bool(0 <= x < rgb.shape[1] and 0 <= y < rgb.shape[0])


def _together(coarse: float | None, fine: float) -> float:
    """What both networks say of front and back: the sum of their logits; the fine one's alone without the other's.

    Of the weighted sums that were tried the plain one tells rendered backs best from real fronts.
    """
    if coarse is None:
        return fine
    return 1.0 / (1.0 + math.exp(-(logit(coarse) + logit(fine))))


def logit(share: float) -> float:
    """The logarithm of a probability's odds, a million millionth from 0 and 1 at least."""
    share = min(max(share, 1e-12), 1 - 1e-12)
    return math.log(share / (1 - share))


def _region(rgb: RGBArray, from_photo: FloatArray, side: int) -> RGBArray:
    """A square of the photo; grey outside of it."""
    matrix = from_photo.copy()
    while np.hypot(*matrix[:, 0]) < 0.6:  # or what is left out between the pixels would flicker
        height, width = rgb.shape[:2]
        if min(height, width) < 2:
            break
        size = (width // 2, height // 2)
        factor = np.array([width / size[0], height / size[1]])  # more than 2 where there is an odd pixel
        rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        shift = matrix[:, :2] @ (factor - 1) / 2 + matrix[:, 2]
        matrix = np.hstack([matrix[:, :2] * factor, shift[:, None]])
    return np.asarray(cv2.warpAffine(rgb, matrix, (side, side), borderValue=(OUTSIDE,) * 3), dtype=np.uint8)


def _moved(points: FloatArray, by: FloatArray) -> FloatArray:
    return np.asarray(points @ by[:, :2].T + by[:, 2])


def _unmirrored(places: FloatArray, side: int) -> FloatArray:
    return np.asarray(places[MIRRORED] * [-1, 1] + [side - 1, 0])


def load() -> tuple[BackReader, tuple[ModelId, ...]]:
    """The reader that comes with the program, and the names of its networks.

    Raises:
        models.ModelUnavailable: if a file of weights is missing or altered.
    """
    data = toml.data("back_layout")
    layout = np.array([data["places"][name] for name in PLACES], dtype=np.float64)
    networks, names = [], []
    for key in (models.COARSE, models.FINE):
        weights, name = models.own(key)
        networks.append(Network(weights, data["side_px"][key.removeprefix("back_")]))
        names.append(name)
    return BackReader(networks[0], networks[1], layout), tuple(names)
