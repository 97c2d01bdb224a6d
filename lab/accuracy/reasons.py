"""Whether the reason that is told is the true one: photos that are answered are spoilt more and more until refused.

    python -m lab.accuracy.reasons DIR... [--most N] [--json FILE] [--out FILE]

DIR holds photos. To each that is answered every cause of :data:`CAUSES` is applied in growing strength; of the first
refusal it is counted what was told. Since the photo without the cause is answered, the cause is the true reason. A code
that names something else, such as a front, is *false*; one that names nothing, as that no back was made out, is *open*.

The reverse: of each code that names a cause, how often it was told where that is the cause, so that the photo without
it is answered. It is not where something else has spoilt the photo, nor where the photo is refused without it as well:
photos that are refused as they are, of fronts or of nobody, are spoilt, too.

Writes both tables into ``docs/reasons.md``.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
from rich.console import Console
from rich.progress import track

from lab.data import documents
from locator import Location, Locator
from locator.core import native_log, resources
from locator.core.arrays import FloatArray, RGBArray
from locator.core.reasons import RefusalCode
from locator.core.similarity import quarter_turns_to_upright, turned_picture
from locator.estimate.causes import OPEN
from locator.photo import sources

_OUT = resources.path("docs") / "reasons.md"

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


MOST_REFUSALS = 2
"""Of one photo that is spoilt more and more, how many are counted."""


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


@dataclass(frozen=True)
class Told:
    """What was told of one photo that one cause has spoilt.

    Attributes:
        picture: the file's name.
        cause: of :data:`CAUSES`.
        before: why the photo is refused without it; None if it is answered.
        codes: of its refusals, the least spoilt first, with the strength of the cause.
    """

    picture: str
    cause: str
    before: str | None
    codes: tuple[tuple[str, float], ...]


def refusals(cause: Cause, rgb: RGBArray, spine: Spine, locator: Locator) -> tuple[tuple[str, float], ...]:
    """The codes that are told first, and at which strength; none if every one is answered."""
    told: list[tuple[str, float]] = []
    for strength in cause.strengths:
        outcome = locator.locate(cause.spoil(rgb, strength, spine)).outcome
        if not isinstance(outcome, Location):
            told.append((outcome.code, strength))
        if len(told) == MOST_REFUSALS:
            break
    return tuple(told)


def in_vain(cause: Cause, rgb: RGBArray, before: str, locator: Locator) -> tuple[tuple[str, float], ...]:
    """The cause's own code and at which strength, where it is told of a photo that was refused for another reason."""
    height, width = rgb.shape[:2]
    spine = np.array([width / 2, 0.2 * height]), np.array([width / 2, 0.7 * height])
    for strength in cause.strengths if cause.told else ():
        outcome = locator.locate(cause.spoil(rgb, strength, spine)).outcome
        if not isinstance(outcome, Location) and outcome.code != before and outcome.code in cause.told:
            return ((outcome.code, strength),)
    return ()


def judged(cause: Cause, code: str) -> str:
    """``"true"``, ``"open"`` or ``"false"``."""
    return "true" if code in cause.told else "open" if code in OPEN else "false"


def main() -> None:
    """Command line; see the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--most", type=int, default=20, help="photos of each folder, evenly chosen")
    parser.add_argument("--json", type=Path, default=Path("lab/out/reasons.json"))
    parser.add_argument("--out", type=Path, default=_OUT)
    options = parser.parse_args()
    native_log.silence()
    locator = Locator()
    pictures = [picture for folder in options.folders for picture in _chosen(folder, options.most)]
    told: list[Told] = []
    for picture in track(pictures, "Reading", console=Console(stderr=True), transient=True):
        told += _of_picture(picture, locator)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps([asdict(one) for one in told], indent=1) + "\n", encoding="utf-8")
    lines = [*_counted(told), "", *_by_cause(told), "", *_by_code(told)]
    documents.write_measured(options.out, "lab/accuracy/reasons.py", lines)
    print(*lines, f"each in {options.json}", sep="\n")


def _chosen(folder: Path, most: int) -> list[Path]:
    pictures = sorted(folder.glob("*.jpg"))
    return pictures if len(pictures) <= most else [pictures[one * len(pictures) // most] for one in range(most)]


def _of_picture(picture: Path, locator: Locator) -> list[Told]:
    rgb = sources.read(picture).rgb
    seen = locator.locate(rgb).outcome
    if isinstance(seen, Location):
        spine = seen.spine_px
        return [Told(picture.name, name, None, refusals(cause, rgb, spine, locator)) for name, cause in CAUSES.items()]
    return [
        Told(picture.name, name, seen.code, in_vain(cause, rgb, seen.code, locator)) for name, cause in CAUSES.items()
    ]


def _counted(told: Sequence[Told]) -> list[str]:
    answered, refused = (
        {one.picture for one in told if (one.before is None) is is_answered} for is_answered in (True, False)
    )
    return [f"Of {len(answered)} photos that are answered and {len(refused)} that are not:"]


def _by_cause(told: Sequence[Told]) -> Iterator[str]:
    """What is told first of photos that are answered without the cause."""
    yield "| what spoils the photo | answered all the same | refused | true reason | none named | wrong reason |"
    yield "|---|---|---|---|---|---|"
    total = Counter[str]()
    for name, cause in CAUSES.items():
        mine = [one for one in told if one.cause == name and one.before is None]
        counts = Counter(judged(cause, one.codes[0][0]) if one.codes else "answered" for one in mine)
        total += counts
        yield _row(name, counts)
    yield _row("all", total)


def _row(name: str, counts: Counter[str]) -> str:
    refused = counts.total() - counts["answered"]
    numbers = (counts["answered"], refused, counts["true"], counts["open"], counts["false"])
    return f"| {name} | {' | '.join(map(str, numbers))} |"


def _by_code(told: Sequence[Told]) -> Iterator[str]:
    """Of each code that names a cause, whether it is the cause wherever it was told."""
    yield "| reason told | times | is the cause | something else spoilt it | refused without it, too |"
    yield "|---|---|---|---|---|"
    of_cause = sorted({code for cause in CAUSES.values() for code in cause.told})
    others = sorted({code for one in told for code, _ in one.codes} - OPEN - set(of_cause))
    for code in (*of_cause, *others):
        mine = [one for one in told for seen, _ in one.codes if seen == code]
        vain = sum(one.before is not None for one in mine)
        true = sum(one.before is None and code in CAUSES[one.cause].told for one in mine)
        yield f"| `{code}` | {len(mine)} | {true} | {len(mine) - true - vain} | {vain} |"


if __name__ == "__main__":
    main()
