"""Whether the reason that is told is the true one: photos that are answered are spoilt more and more until refused.

    python -m lab.accuracy.reasons DIR... [--most N] [--json FILE]

DIR holds photos of backs. To each that is answered every cause of :data:`CAUSES` is applied in growing strength; of the
first refusal it is counted what was told. Since the photo without the cause is answered, the cause is the true reason.
A code that names something else, such as a front, is *false*; one that names nothing, as that no back was made out, is
*open*.
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
from locator.core.arrays import RGBArray
from locator.core.reasons import RefusalCode
from locator.photo import sources

Spoil = Callable[[RGBArray, float, Location], RGBArray]


@dataclass(frozen=True)
class Cause:
    """Something that spoils a photo.

    Attributes:
        spoil: the (h, w, 3) photo, how much, and what is marked in it → the photo spoilt.
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


def _dark(rgb: RGBArray, gain: float, seen: Location) -> RGBArray:
    return _clipped(rgb * gain + _noise(rgb.shape, 1.5))


def _overexposed(rgb: RGBArray, gain: float, seen: Location) -> RGBArray:
    return _clipped(rgb * gain)


def _blurred(rgb: RGBArray, share: float, seen: Location) -> RGBArray:
    return np.asarray(cv2.GaussianBlur(rgb, (0, 0), share * max(rgb.shape)), np.uint8)


def _noisy(rgb: RGBArray, sd: float, seen: Location) -> RGBArray:
    return _clipped(rgb + _noise(rgb.shape, sd))


def _far_away(rgb: RGBArray, factor: float, seen: Location) -> RGBArray:
    """The photo shrunk, on a ground of its own size and mean colour."""
    height, width = rgb.shape[:2]
    size = max(1, round(width * factor)), max(1, round(height * factor))
    ground: RGBArray = np.full_like(rgb, rgb[:: max(1, height - 1)].mean(axis=(0, 1)).astype(np.uint8))
    left, top = (width - size[0]) // 2, (height - size[1]) // 2
    ground[top : top + size[1], left : left + size[0]] = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    return ground


def _cropped(rgb: RGBArray, share: float, seen: Location) -> RGBArray:
    """Without what lies beyond a share of the way from S2 up to C7."""
    c7, s2 = seen.spine_px
    at = s2 + share * (c7 - s2)
    axis = int(abs(s2 - c7)[1] >= abs(s2 - c7)[0])
    kept = round(float(at[axis]))
    low = s2[axis] > c7[axis]
    part = slice(0, max(64, kept)) if low else slice(min(kept, rgb.shape[1 - axis] - 64), None)
    return np.ascontiguousarray(rgb[part] if axis else rgb[:, part])


def _sideways(rgb: RGBArray, factor: float, seen: Location) -> RGBArray:
    """As narrow as a body is that is turned away."""
    c7, s2 = seen.spine_px
    upright = abs(s2 - c7)[1] >= abs(s2 - c7)[0]
    height, width = rgb.shape[:2]
    size = (max(64, round(width * factor)), height) if upright else (width, max(64, round(height * factor)))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)


def _from_below(rgb: RGBArray, factor: float, seen: Location) -> RGBArray:
    """As a camera near the floor sees it: the top of the photo as narrow as ``factor``, and what is near it short."""
    height, width = rgb.shape[:2]
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    inset = (1 - factor) / 2 * width
    shown = np.array([(inset, 0), (width - inset, 0), (width, height * factor), (0, height * factor)], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, shown)
    size = width, max(64, round(height * factor))
    return np.asarray(cv2.warpPerspective(rgb, matrix, size, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _side_light(rgb: RGBArray, depth: float, seen: Location) -> RGBArray:
    """One side of the spine in shadow."""
    c7, s2 = seen.spine_px
    x, y = np.meshgrid(np.arange(rgb.shape[1]), np.arange(rgb.shape[0]))
    down = (s2 - c7) / np.linalg.norm(s2 - c7)
    beside = (x - c7[0]) * down[1] - (y - c7[1]) * down[0]
    light = 1 - depth / (1 + np.exp(-beside / (0.05 * np.linalg.norm(s2 - c7))))
    return _clipped(rgb * light[:, :, None])


def _covered(rgb: RGBArray, share: float, seen: Location) -> RGBArray:
    """The middle of the spine and what is beside it behind something flat."""
    c7, s2 = seen.spine_px
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
    "overexposed": Cause(_overexposed, (2.0, 4.0, 8.0, 16.0)),
    "side light": Cause(_side_light, (0.7, 0.9, 1.0)),
    "noisy": Cause(_noisy, (30.0, 60.0, 120.0)),
    "covered": Cause(_covered, (0.2, 0.4, 0.6)),
}
"""Those without codes of their own have none that names them: all that may be told of them is open."""


def first_refusal(cause: Cause, rgb: RGBArray, seen: Location, locator: Locator) -> tuple[str, float] | None:
    """The code that is told first, and at which strength; None if every one is answered."""
    for strength in cause.strengths:
        outcome = locator.locate(cause.spoil(rgb, strength, seen)).outcome
        if not isinstance(outcome, Location):
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
    for picture in track(pictures, "Reading", console=console, transient=True):
        rgb = sources.read(picture).rgb
        seen = locator.locate(rgb).outcome
        if not isinstance(seen, Location):
            continue
        for name, cause in CAUSES.items():
            told = first_refusal(cause, rgb, seen, locator)
            rows.append(
                {"picture": picture.name, "cause": name, "told": told, "judged": told and judged(cause, told[0])}
            )
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
    Console(width=160).print(table)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    print(f"figures in {options.json}")


if __name__ == "__main__":
    main()
