"""Photos of several people, made of photos of one: with the truth of every back in them.

    python -m lab.data.groups OUT --backs DIR... [--fronts PHOTOS] [--each N] [--seed N]

DIR holds pictures of single backs with truth (``lab.data.truth``), heads in the picture; PHOTOS holds real photos and
an ``index.json`` (``lab.data.real_photos``). People are cut out by the pose model's mask and put before one of their
own rooms, made empty and out of focus. Each kind of :data:`KINDS` is made N times; ``groupNNN.jpg`` with a JSON
beside it: ``kind``, ``size``, and ``people`` from left to right (lying: from top to bottom), each with ``facing``
(``back`` or ``front``), ``torso_px``, and of a back ``px_per_mm`` and its true ``points``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from lab.data import real_photos, truth
from locator.core import native_log
from locator.core.arrays import FloatArray, RGBArray
from locator.core.similarity import PAPER, Similarity, turned_picture
from locator.models import registry
from locator.models.mediapipe_tasks import Landmarker
from locator.photo import sources

KINDS = (
    "couple", "sizes", "three", "front", "lying", "overlapping", "cut", "collage", "far", "above", "opposite",
)  # fmt: skip
"""Side by side; one much smaller; three; a back beside a front; lying; arms before arms; without heads; two photos;
with room for another between them; two photos one above the other; head to foot, standing or lying."""

_TORSO_PX = 230  # of the largest person, from the middle of the shoulders to that of the hips
_MASKED = 0.5


@dataclass(frozen=True, eq=False)
class Person:
    """One person cut out, upright, ``_TORSO_PX`` long from shoulders to hips.

    Attributes:
        rgb: (h, w, 3) the picture.
        alpha: (h, w) 0 to 1, where the person is.
        joints: (4, 2) px: the subject's left and right shoulder, then the hips.
        points, px_per_mm: of a back, as :class:`lab.data.truth.Truth` has them.
    """

    rgb: RGBArray
    alpha: FloatArray
    joints: FloatArray
    points: dict[str, FloatArray]
    px_per_mm: float

    @property
    def facing(self) -> str:
        """``"back"`` or ``"front"``."""
        return "back" if self.points else "front"

    @property
    def breadth_px(self) -> float:
        """Between the shoulders."""
        return float(np.linalg.norm(self.joints[0] - self.joints[1]))


class Cutter:
    """Cuts people out by the pose model's mask."""

    def __init__(self) -> None:
        self._landmarker = Landmarker("Pose", registry.bundle, output_segmentation_masks=True)

    def cut(
        self, rgb: RGBArray, joints: FloatArray, points: dict[str, FloatArray], px_per_mm: float = 0.0
    ) -> Person | None:
        """The person whose joints are at (4, 2) ``joints``; None where the mask misses what must be there."""
        shoulders, hips = joints[:2].mean(axis=0), joints[2:].mean(axis=0)
        height, width = rgb.shape[:2]
        corners = np.array([(0.0, 0.0), (width, 0.0), (0.0, height), (width, height)])
        upright = Similarity.taking(shoulders, hips, np.zeros(2), np.array([0.0, _TORSO_PX]))
        reach = upright.of_points(corners)
        least = np.maximum(np.floor(reach.min(axis=0)), -3.0 * _TORSO_PX)
        most = np.minimum(np.ceil(reach.max(axis=0)), 3.0 * _TORSO_PX)
        size = (int(most[0] - least[0]), int(most[1] - least[1]))
        move = Similarity(np.column_stack([upright.matrix[:, :2], upright.matrix[:, 2] - least]))
        picture = move.of_photo(rgb, size)
        inside = cv2.warpAffine(np.ones((height, width), np.float32), move.matrix, size)
        masks = self._landmarker.detect(picture).segmentation_masks
        if not masks:
            return None
        seen = masks[0].numpy_view().reshape(size[1], size[0])
        alpha = np.clip((seen - 0.3) / 0.4, 0, 1) * inside
        needed = np.vstack([move.of_points(joints), *(move.of(points[name]) for name in ("T4", "T9", "L2") if points)])
        x, y = np.round(needed).astype(int).T
        if x.min() < 0 or y.min() < 0 or x.max() >= size[0] or y.max() >= size[1] or alpha[y, x].min() < _MASKED:
            return None
        moved = {name: move.of(place) for name, place in points.items()}
        return Person(picture, np.asarray(alpha, np.float64), move.of_points(joints), moved, px_per_mm * move.scale)


def backs(folders: Sequence[Path], cutter: Cutter) -> Iterator[Person]:
    """Everybody of the pictures with truth whose head is in the picture."""
    for folder in folders:
        for known in truth.read(folder):
            if known.config["crop"] in truth.HEAD_IN_FRAME and known.span_in_view:
                joints = np.array([known.points[name] for name in ("shoulder_L", "shoulder_R", "hip_L", "hip_R")])
                person = cutter.cut(sources.read(known.picture).rgb, joints, known.points, known.px_per_mm)
                if person:
                    yield person


def fronts(folder: Path, cutter: Cutter) -> Iterator[Person]:
    """Everybody who stands about upright among the real photos of fronts."""
    names = ("left_shoulder", "right_shoulder", "left_hip", "right_hip")
    for entry in real_photos.index(folder):
        if entry["read_as"] == "front":
            joints = np.array([entry["landmarks"][name][:2] for name in names])
            down = joints[2:].mean(axis=0) - joints[:2].mean(axis=0)
            if down[1] > 90 and abs(down[0]) < 0.25 * down[1]:
                person = cutter.cut(sources.read(folder / entry["file"]).rgb, joints, {})
                if person:
                    yield person


def _room(person: Person, size: tuple[int, int]) -> RGBArray:
    """The room that a person stood in, without them and out of focus."""
    small = cv2.resize(person.rgb, (96, 96), interpolation=cv2.INTER_AREA)
    there = cv2.resize(person.alpha, (96, 96), interpolation=cv2.INTER_AREA) > 0.02
    outside = (small == PAPER).all(axis=2)
    unknown = cv2.dilate((there | outside).astype(np.uint8), np.ones((7, 7), np.uint8))
    empty = cv2.inpaint(small, unknown, 5, cv2.INPAINT_TELEA)
    return np.asarray(cv2.GaussianBlur(cv2.resize(empty, size, interpolation=cv2.INTER_CUBIC), (0, 0), 9), np.uint8)


def _side_by_side(
    people: Sequence[Person], scales: Sequence[float], spread: float, cut_heads: bool, rng: np.random.Generator
) -> tuple[RGBArray, list[dict[str, Any]]]:
    """People on one ground; ``spread`` is the distance of neighbours in the mean of their breadths of shoulders."""
    breadths = [one.breadth_px * scale for one, scale in zip(people, scales, strict=True)]
    steps = [spread * (a + b) / 2 for a, b in zip(breadths[:-1], breadths[1:], strict=True)]
    xs = np.cumsum([1.15 * breadths[0], *steps])
    width = round(xs[-1] + 1.15 * breadths[-1])
    ys = rng.uniform(-0.15, 0.15, len(people)) * _TORSO_PX  # the shoulders' heights
    lowest = []
    moves = []
    for one, scale, x, y in zip(people, scales, xs, ys, strict=True):
        start = one.joints[:2].mean(axis=0)
        move = np.array([[scale, 0.0, x - scale * start[0]], [0.0, scale, y - scale * start[1]]])
        moves.append(move)
        rows = np.flatnonzero(one.alpha.max(axis=1) > _MASKED)
        lowest.append(scale * rows[-1] + move[1, 2])
    hips = max(y + scale * _TORSO_PX for y, scale in zip(ys, scales, strict=True))
    bottom = max(min(lowest) - 4, hips + 0.12 * _TORSO_PX)
    top = float(ys.min()) - 0.12 * _TORSO_PX if cut_heads else -0.8 * _TORSO_PX
    size = (width, round(min(bottom, 2.2 * _TORSO_PX) - top))
    shown = _room(people[0], size).astype(np.float64)
    records = []
    for one, move, scale in zip(people, moves, scales, strict=True):
        matrix = move + np.array([[0, 0, 0], [0, 0, -top]])
        smooth = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        alpha = cv2.warpAffine(one.alpha, matrix, size, flags=smooth)[:, :, None]
        shown = shown * (1 - alpha) + alpha * cv2.warpAffine(one.rgb, matrix, size, flags=smooth)
        records.append(_record(one, Similarity(matrix)))
    return np.asarray(shown.round(), np.uint8), records


def _record(person: Person, move: Similarity) -> dict[str, Any]:
    """What is written of one person."""
    known: dict[str, Any] = {"facing": person.facing, "torso_px": round(_TORSO_PX * move.scale, 1)}
    if person.points:
        known["px_per_mm"] = person.px_per_mm * move.scale
        known["points"] = {name: move.of(place).round(2).tolist() for name, place in person.points.items()}
    return known


def _collage(people: Sequence[Person], kind: str) -> tuple[RGBArray, list[dict[str, Any]]]:
    """Two whole pictures beside or above each other, or the second the other way up."""
    height, width = round(2.4 * _TORSO_PX), round(1.7 * _TORSO_PX)
    pictures, records = [], []
    for number, one in enumerate(people):
        middle = one.joints[:2].mean(axis=0)
        shift = np.array([[1.0, 0.0, width / 2 - middle[0]], [0.0, 1.0, 0.75 * _TORSO_PX - middle[1]]])
        if kind == "opposite" and number:
            shift = np.array([[-1.0, 0.0, width - 1.0], [0.0, -1.0, height - 1.0]]) - shift * [[0, 0, 1], [0, 0, 1]]
        pictures.append(cv2.warpAffine(one.rgb, shift, (width, height), borderValue=PAPER))
        place = [[0, 0, 0], [0, 0, number * height]] if kind == "above" else [[0, 0, number * width], [0, 0, 0]]
        records.append(_record(one, Similarity(shift + np.array(place))))
    return (np.vstack if kind == "above" else np.hstack)(pictures), records


def _turned(rgb: RGBArray, people: list[dict[str, Any]], turns: int) -> tuple[RGBArray, list[dict[str, Any]]]:
    move = Similarity.turning(turns, (rgb.shape[1], rgb.shape[0]))
    turned = [
        {**one, "points": {name: move.of(np.array(xy)).tolist() for name, xy in one["points"].items()}}
        for one in people
    ]
    return turned_picture(rgb, turns), turned[::-1] if turns == 1 else turned  # from top to bottom


def make(
    kind: str, pick: Callable[[], Person], pick_front: Callable[[], Person], rng: np.random.Generator
) -> tuple[RGBArray, list[dict[str, Any]]]:
    """A picture (h, w, 3), and its people in order."""
    people, scales = [pick(), pick()], [1.0, float(rng.uniform(0.88, 1.0))]
    if kind in ("collage", "above", "opposite"):
        rgb, records = _collage(people, kind)
        return _turned(rgb, records, int(rng.choice([0, 1]))) if kind == "opposite" else (rgb, records)
    if kind == "three":
        people, scales = [*people, pick()], [1.0, *rng.uniform(0.85, 1.0, 2).tolist()]
    elif kind == "front":
        people = [people[0], pick_front()]
    elif kind == "sizes":
        scales = [1.0, float(rng.uniform(0.5, 0.75))]
    order = rng.permutation(len(people))
    people, scales = [people[k] for k in order], [scales[k] for k in order]
    spread = rng.uniform(*{"overlapping": (1.25, 1.4), "far": (3.0, 4.0)}.get(kind, (1.55, 1.95)))
    rgb, records = _side_by_side(people, scales, spread, kind == "cut", rng)
    return _turned(rgb, records, int(rng.choice([1, 3]))) if kind == "lying" else (rgb, records)


def _picker(people: Sequence[Person], rng: np.random.Generator) -> Callable[[], Person]:
    """Everybody once, in any order, and then again."""
    order: list[int] = []

    def pick() -> Person:
        if not order:
            order.extend(rng.permutation(len(people)).tolist())
        return people[order.pop()]

    return pick


def main() -> None:
    """Command line; see the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--backs", type=Path, nargs="+", required=True)
    parser.add_argument("--fronts", type=Path)
    parser.add_argument("--each", type=int, default=6)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    native_log.silence()
    options.out.mkdir(parents=True, exist_ok=True)
    rng, cutter = np.random.default_rng(options.seed), Cutter()
    pick = _picker(list(backs(options.backs, cutter)), rng)
    others = list(fronts(options.fronts, cutter)) if options.fronts else []
    kinds = [kind for kind in KINDS if others or kind != "front"]
    for number, kind in enumerate(np.repeat(kinds, options.each).tolist()):
        rgb, people = make(kind, pick, _picker(others, rng), rng)
        file = options.out / f"group{number:03d}.jpg"
        cv2.imwrite(str(file), rgb[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])
        known = {"kind": kind, "size": [rgb.shape[1], rgb.shape[0]], "people": people}
        file.with_suffix(".json").write_text(json.dumps(known) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
