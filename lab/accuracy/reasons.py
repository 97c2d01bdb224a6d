"""Whether the reason that is told is the true one: photos that are answered are spoilt more and more until refused.

    python -m lab.accuracy.reasons DIR... [--most N] [--json FILE]

DIR holds photos. To each that is answered every cause of :data:`CAUSES` is applied in growing strength; of the first
refusal it is counted what was told. Since the photo without the cause is answered, the cause is the true reason. A code
that names something else, such as a front, is *false*; one that names nothing, as that no back was made out, is *open*.

The reverse: photos that are refused as they are, of fronts or of nobody, are spoilt as well. A cause that is told of
them is counted as *told in vain*: with it removed, they are refused all the same.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from locator import Location, Locator
from locator.core import native_log
from locator.core.arrays import FloatArray, RGBArray
from locator.core.reasons import RefusalCode
from locator.core.similarity import quarter_turns_to_upright, turned_picture
from locator.photo import sources

Spine = tuple[FloatArray, FloatArray]
"""(2,) px of C7 and S2."""

Spoil = Callable[[RGBArray, float, Spine], RGBArray]


@dataclass(frozen=True)
class Cause:
    """Something that spoils a photo.

    Attributes:
        spoil: the (h, w, 3) photo, how much, and the spine of the back in it → the photo spoilt.
        strengths: growing.
        told: the codes that name it.
    """

    spoil: Spoil
    strengths: Sequence[float]
    told: frozenset[RefusalCode] = frozenset()


OPEN = frozenset({RefusalCode.NOBODY_FOUND, RefusalCode.UNSURE_FACING, RefusalCode.TWO_READINGS})
"""Codes that name no cause."""


def _clipped(picture: np.ndarray) -> RGBArray:
    return np.asarray(np.clip(np.round(picture), 0, 255), dtype=np.uint8)


def _noise(shape: tuple[int, ...], sd: float) -> np.ndarray:
    return np.random.default_rng(0).normal(0, sd, shape)


def _dark(rgb: RGBArray, gain: float, spine: Spine) -> RGBArray:
    return _clipped(rgb * gain + _noise(rgb.shape, 1.5))


def _overexposed(rgb: RGBArray, gain: float, spine: Spine) -> RGBArray:
    return _clipped(rgb * gain)


def _blurred(rgb: RGBArray, share: float, spine: Spine) -> RGBArray:
    return np.asarray(cv2.GaussianBlur(rgb, (0, 0), share * max(rgb.shape)), np.uint8)


def _noisy(rgb: RGBArray, sd: float, spine: Spine) -> RGBArray:
    return _clipped(rgb + _noise(rgb.shape, sd))


def _far_away(rgb: RGBArray, factor: float, spine: Spine) -> RGBArray:
    """The photo shrunk, on a ground of its own size and mean colour."""
    height, width = rgb.shape[:2]
    size = max(1, round(width * factor)), max(1, round(height * factor))
    ground: RGBArray = np.full_like(rgb, rgb[:: max(1, height - 1)].mean(axis=(0, 1)).astype(np.uint8))
    left, top = (width - size[0]) // 2, (height - size[1]) // 2
    ground[top : top + size[1], left : left + size[0]] = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    return ground


def _cropped(rgb: RGBArray, share: float, spine: Spine) -> RGBArray:
    """Without what lies beyond a share of the way from S2 up to C7."""
    c7, s2 = spine
    at = s2 + share * (c7 - s2)
    axis = int(abs(s2 - c7)[1] >= abs(s2 - c7)[0])
    kept = round(float(at[axis]))
    low = s2[axis] > c7[axis]
    part = slice(0, max(64, kept)) if low else slice(min(kept, rgb.shape[1 - axis] - 64), None)
    return np.ascontiguousarray(rgb[part] if axis else rgb[:, part])


def _sideways(rgb: RGBArray, factor: float, spine: Spine) -> RGBArray:
    """As narrow as a body is that is turned away."""
    c7, s2 = spine
    upright = abs(s2 - c7)[1] >= abs(s2 - c7)[0]
    height, width = rgb.shape[:2]
    size = (max(64, round(width * factor)), height) if upright else (width, max(64, round(height * factor)))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)


def _from_below(rgb: RGBArray, factor: float, spine: Spine) -> RGBArray:
    """As a camera near the feet sees it: the head's end of the photo as narrow as ``factor``, the whole as short."""
    turns = quarter_turns_to_upright(spine[0] - spine[1])
    upright = turned_picture(rgb, turns)
    height, width = upright.shape[:2]
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    inset = (1 - factor) / 2 * width
    shown = np.array([(inset, 0), (width - inset, 0), (width, height * factor), (0, height * factor)], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, shown)
    size = width, max(64, round(height * factor))
    warped = cv2.warpPerspective(upright, matrix, size, borderMode=cv2.BORDER_REPLICATE)
    return np.ascontiguousarray(turned_picture(np.asarray(warped, np.uint8), -turns % 4))


def _side_light(rgb: RGBArray, depth: float, spine: Spine) -> RGBArray:
    """One side of the spine in shadow."""
    c7, s2 = spine
    x, y = np.meshgrid(np.arange(rgb.shape[1]), np.arange(rgb.shape[0]))
    down = (s2 - c7) / np.linalg.norm(s2 - c7)
    beside = (x - c7[0]) * down[1] - (y - c7[1]) * down[0]
    light = 1 - depth / (1 + np.exp(-beside / (0.05 * np.linalg.norm(s2 - c7))))
    return _clipped(rgb * light[:, :, None])


def _covered(rgb: RGBArray, share: float, spine: Spine) -> RGBArray:
    """The middle of the spine and what is beside it behind something flat."""
    c7, s2 = spine
    middle, reach = (c7 + s2) / 2, share * np.linalg.norm(s2 - c7)
    covered = rgb.copy()
    low, high = (middle - reach).astype(int).clip(0), (middle + reach).astype(int).clip(0)
    covered[low[1] : high[1], low[0] : high[0]] = (70, 90, 120)
    return covered


CAUSES = {
    "dark": Cause(_dark, (0.4, 0.2, 0.1, 0.05, 0.025), frozenset({RefusalCode.TOO_DARK})),
    "blurred": Cause(_blurred, (0.01, 0.02, 0.035, 0.06, 0.1), frozenset({RefusalCode.TOO_BLURRED})),
    "far away": Cause(_far_away, (0.4, 0.2, 0.12, 0.07), frozenset({RefusalCode.TOO_SMALL})),
    "cropped": Cause(_cropped, (0.1, 0.3, 0.5, 0.7), frozenset({RefusalCode.CROPPED, RefusalCode.HEAD_MISSING})),
    "sideways": Cause(_sideways, (0.7, 0.5, 0.35, 0.25), frozenset({RefusalCode.SIDEWAYS})),
    "from below": Cause(_from_below, (0.75, 0.55, 0.4, 0.28), frozenset({RefusalCode.BENT})),
    "overexposed": Cause(_overexposed, (2.0, 4.0, 8.0, 16.0), frozenset({RefusalCode.TOO_BRIGHT})),
    "side light": Cause(_side_light, (0.7, 0.9, 1.0), frozenset({RefusalCode.UNEVEN_LIGHT})),
    "noisy": Cause(_noisy, (30.0, 60.0, 120.0)),
    "covered": Cause(_covered, (0.2, 0.4, 0.6)),
}
"""Those without codes of their own have none that names them: all that may be told of them is open."""


def first_refusal(cause: Cause, rgb: RGBArray, spine: Spine, locator: Locator) -> tuple[str, float] | None:
    """The code that is told first, and at which strength; None if every one is answered."""
    for strength in cause.strengths:
        outcome = locator.locate(cause.spoil(rgb, strength, spine)).outcome
        if not isinstance(outcome, Location):
            return outcome.code, strength
    return None


def in_vain(cause: Cause, rgb: RGBArray, before: str, locator: Locator) -> tuple[str, float] | None:
    """The cause's own code and at which strength, where it is told of a photo that was refused for another reason."""
    height, width = rgb.shape[:2]
    spine = np.array([width / 2, 0.2 * height]), np.array([width / 2, 0.7 * height])
    for strength in cause.strengths:
        outcome = locator.locate(cause.spoil(rgb, strength, spine)).outcome
        if not isinstance(outcome, Location) and outcome.code != before and outcome.code in cause.told:
            return outcome.code, strength
    return None


def judged(cause: Cause, code: str) -> str:
    """``"true"``, ``"open"`` or ``"false"``."""
    return "true" if code in cause.told else "open" if code in OPEN else "false"


def main() -> None:
    """Command line; see the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--most", type=int, default=20, help="photos of each folder")
    parser.add_argument("--json", type=Path, default=Path("lab/out/reasons.json"))
    options = parser.parse_args()
    native_log.silence()
    locator, console = Locator(), Console(stderr=True)
    pictures = [file for folder in options.folders for file in sorted(folder.glob("*.jpg"))[: options.most]]
    rows: list[dict[str, object]] = []
    vain: list[dict[str, object]] = []
    for picture in track(pictures, "Reading", console=console, transient=True):
        rgb = sources.read(picture).rgb
        seen = locator.locate(rgb).outcome
        for name, cause in CAUSES.items():
            row: dict[str, object] = {"picture": picture.name, "cause": name}
            if isinstance(seen, Location):
                told = first_refusal(cause, rgb, seen.spine_px, locator)
                rows.append(row | {"told": told, "judged": told and judged(cause, told[0])})
            else:
                vain.append(row | {"before": seen.code, "told": in_vain(cause, rgb, seen.code, locator)})
    Console(width=160).print(_of_answered(rows))
    if vain:
        Console(width=160).print(_of_refused(vain))
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps({"answered": rows, "refused": vain}, indent=1) + "\n", encoding="utf-8")
    print(f"figures in {options.json}")


def _of_answered(rows: Sequence[dict[str, object]]) -> Table:
    codes = sorted({str(row["told"][0]) for row in rows if isinstance(row["told"], tuple)})
    table = Table(title="Told of photos that are spoilt")
    for column in ("", "answered", *codes, "true", "open", "false"):
        table.add_column(column.replace("_", " "), justify="right" if column else "left")
    for name in CAUSES:
        mine = [row for row in rows if row["cause"] == name]
        codes_told = Counter(row["told"][0] if isinstance(row["told"], tuple) else "" for row in mine)
        judgements = Counter(row["judged"] for row in mine)
        counts = [
            codes_told[""],
            *(codes_told[code] for code in codes),
            *(judgements[one] for one in ("true", "open", "false")),
        ]
        table.add_row(name, *(str(count) for count in counts))
    return table


def _of_refused(rows: Sequence[dict[str, object]]) -> Table:
    table = Table(title="Told of photos that are refused without it as well")
    for column in ("", "photos", "told in vain"):
        table.add_column(column, justify="right" if column else "left")
    for name in CAUSES:
        mine = [row for row in rows if row["cause"] == name]
        table.add_row(name, str(len(mine)), str(sum(row["told"] is not None for row in mine)))
    return table


if __name__ == "__main__":
    main()
