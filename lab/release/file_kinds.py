"""Measures how each kind of file is read beside Chromium and Pillow, and writes the tables of ``docs/file_kinds.md``.

Run as ``PYTHONPATH=tests python -m lab.release.file_kinds``; it needs Chromium.
"""

from __future__ import annotations

import base64
import importlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hostile
import numpy as np
from PIL import Image, ImageCms, ImageOps

from lab.data import documents
from lab.speed import browsing
from locator.core.arrays import RGBArray
from locator.live import video
from locator.photo import sources

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "file_kinds.md"
CASES = ROOT / "tests" / "data" / "cases"
_KINDS = {"jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp", "heic": "image/heic", "heif": "image/heic",
          "avif": "image/avif"}  # fmt: skip
_FILMS = {".mp4": "video/mp4", ".mov": "video/quicktime", ".mkv": "video/x-matroska", ".ts": "video/mp2t"}
_NOT_SHOWN, _NOT_READ = "not shown", "not read"


def main() -> None:
    """Measure, and put the tables in their place."""
    with browsing.chromium("--force-color-profile=srgb") as browser:
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        lines = [*_photos(page), "", *_turned(page), "", *_films(page)]
    documents.write_measured(DOCUMENT, "lab/release/file_kinds.py", lines)


def _photos(page: Page) -> Iterator[str]:
    of_colours: dict[str, tuple[bytes, float, float]] = importlib.import_module("test_colour").FILES
    kinds = {**hostile.in_every_format(hostile.corners()), **hostile.odd(), **hostile.grey()}
    kinds |= {f"{name.lower()}, Display P3 by a profile": data for name, data in hostile.profiled().items()}
    for name, (file, *_) in of_colours.items():
        kind, _, rest = name.partition(",")
        kinds[f"{kind.lower()},{rest}"] = file
    yield "| photo | read | beside Chromium | beside Pillow |"
    yield "|---|---|---|---|"
    for name, data in sorted(kinds.items(), key=lambda one: one[0].casefold()):
        if len(data) > 8_000_000:
            continue  # about what is in the file beside the picture
        rgb = sources.read(data).rgb
        shown = _shown_photo(page, data, name)
        yield f"| {name} | yes | {_said(_distance(rgb, shown))} | {_said(_distance(rgb, _pillow(data)), _NOT_READ)} |"


def _turned(page: Page) -> Iterator[str]:
    """One row for all eight orientations of a kind: the worst of them counts."""
    worst: dict[str, list[tuple[float, float]]] = {}
    for name, data in hostile.turned().items():
        kind = "".join(letter for letter in name if not letter.isdigit()).replace("  ", " ").replace(" ,", ",").strip()
        rgb = sources.read(data).rgb
        worst.setdefault(kind, []).append(
            (_distance(rgb, _shown_photo(page, data, name)), _distance(rgb, _pillow(data)))
        )
    yield "| eight orientations of | the worst beside Chromium | beside Pillow |"
    yield "|---|---|---|"
    for kind, found in sorted(worst.items()):
        chromium, pillow = (max(column) for column in zip(*found, strict=True))
        yield f"| {kind} | {_said(chromium)} | {_said(pillow, _NOT_READ)} |"


def _films(page: Page) -> Iterator[str]:
    yield "| film | first picture, px | beside Chromium |"
    yield "|---|---|---|"
    for file in sorted(CASES.iterdir()):
        if file.suffix in _FILMS:
            with video.opened(str(file)) as film:
                rgb = next(iter(film.frames)).rgb
            shown = _shown_film(page, file.read_bytes(), _FILMS[file.suffix])
            yield f"| {file.name} | {rgb.shape[1]} × {rgb.shape[0]} | {_said(_distance(rgb, shown))} |"


def _shown_photo(page: Page, data: bytes, name: str) -> RGBArray | None:
    return _shown(page, "img", data, _KINDS[name.partition(",")[0].split()[0].lower()], "await it.decode()")


def _shown_film(page: Page, data: bytes, kind: str) -> RGBArray | None:
    ready = "await new Promise((yes, no) => { it.onloadeddata = yes; it.onerror = no; setTimeout(no, 8000) })"
    return _shown(page, "video", data, kind, ready)


def _shown(page: Page, tag: str, data: bytes, kind: str, ready: str) -> RGBArray | None:
    """What Chromium makes of a file, in its own size; None where it does not show it."""
    page.set_content(f'<body style="margin: 0; background: #fff"><{tag} muted style="display: block">')
    url = f"data:{kind};base64,{base64.b64encode(data).decode()}"
    try:
        page.evaluate(f"async url => {{ const it = document.querySelector('{tag}'); it.src = url; {ready} }}", url)
    except Exception:  # of another kind in each version of the driver
        return None
    return np.asarray(Image.open(io.BytesIO(page.locator(tag).screenshot())).convert("RGB"))


def _pillow(data: bytes) -> RGBArray | None:
    """As a program with Pillow usually does it: turned, in sRGB by the profile if there is one, on white."""
    try:
        with Image.open(io.BytesIO(data)) as opened:
            image = ImageOps.exif_transpose(opened)
            profile = image.info.get("icc_profile")
            alpha = image.convert("RGBA").getchannel("A") if image.has_transparency_data else None
            if profile and image.mode in ("RGB", "CMYK", "L"):
                srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
                given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
                turned = ImageCms.profileToProfile(image, given, srgb, outputMode="RGB")
                image = turned if turned is not None else image
            rgb = image.convert("RGB")
            if alpha is not None:
                rgb = Image.composite(rgb, Image.new("RGB", rgb.size, "white"), alpha)
            return np.asarray(rgb)
    except Exception:  # what it cannot read, or a profile that is none
        return None


def _distance(ours: RGBArray, other: RGBArray | None) -> float:
    """Mean difference of 255; infinite where the sizes differ, no number where there is nothing to compare with."""
    if other is None:
        return float("nan")
    if ours.shape != other.shape:
        return float("inf")
    return float(np.abs(ours.astype(int) - other).mean())


def _said(distance: float, nothing: str = _NOT_SHOWN) -> str:
    if np.isnan(distance):
        return nothing
    return "another size" if np.isinf(distance) else f"{distance:.1f}"


if __name__ == "__main__":
    main()
