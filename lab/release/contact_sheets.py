"""Show every format at three sizes, the styles and marked photos, as pictures to be looked at under ``docs/``.

    python -m lab.release.contact_sheets

Needs chromium and pdftoppm, which show the files as a reader would see them.
"""

from __future__ import annotations

import dataclasses
import datetime
import io
import subprocess
import tempfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from PIL import Image, ImageDraw

from locator import Locator
from locator.catalogue.languages import languages
from locator.core import resources
from locator.core.arrays import RGBArray
from locator.core.similarity import Similarity
from locator.core.types import Location, Result
from locator.draw import compare, fonts
from locator.draw.style import Style
from locator.formats import FORMATS
from locator.formats.export import export
from locator.photo import sources

_DOCS = Path(__file__).resolve().parents[2] / "docs"
_TILE = (360, 480)
_CAPTION_PX = 30
_SIZES = {"small": 320, "medium": 1280, "large": 4032}
_SHEET_COLOURS = 128
_DAY = datetime.date(2026, 1, 31)


def main() -> None:
    locator = Locator()
    rgb, result = _read(locator, "standing")
    for name, longest in _SIZES.items():
        scaled = _scaled(rgb, result, longest)
        _save(f"formats-{name}", [(_shown(one, *scaled), one) for one in FORMATS] + [_compared(locator, longest)], 4)
    _save("styles", _styles(locator), 4)
    for name, sample in {"marked": "upright", "headless": "without_the_head"}.items():
        (_DOCS / f"{name}.jpg").write_bytes(export("jpeg", *_read(locator, sample)))
    sheet = _shown("sheet", *_scaled(rgb, result, 4032))
    sheet = sheet.resize((sheet.width * 1100 // sheet.height, 1100), Image.Resampling.LANCZOS)
    sheet.quantize(_SHEET_COLOURS, dither=Image.Dither.FLOYDSTEINBERG).save(_DOCS / "sheet.png", optimize=True)


def _read(locator: Locator, name: str) -> tuple[RGBArray, Result]:
    photo, result = locator.read(resources.path("sample_images") / f"{name}.jpg")
    assert photo is not None
    return photo.rgb, result


def _scaled(rgb: RGBArray, result: Result, longest: int) -> tuple[RGBArray, Result]:
    """The photo and its result at another size, as if it had been taken so."""
    factor = longest / max(rgb.shape)
    size = (round(rgb.shape[1] * factor), round(rgb.shape[0] * factor))
    larger = np.asarray(Image.fromarray(rgb).resize(size, Image.Resampling.LANCZOS))
    assert isinstance(result.outcome, Location)
    image = dataclasses.replace(result.image, width_px=size[0], height_px=size[1])
    return larger, Result(image, Similarity.resizing(factor).of_location(result.outcome))


def _shown(name: str, rgb: RGBArray, result: Result) -> Image.Image:
    """A format as a reader sees it; data as its first lines, what is transparent on a chequered ground."""
    data = export(name, rgb, result, date=_DAY)
    suffix, media_type = FORMATS[name].suffix, FORMATS[name].media_type
    if media_type.startswith("text/") or media_type == "application/json":
        return _page_of_text(data.decode("utf-8"))
    with tempfile.TemporaryDirectory() as scratch:
        file, shown = Path(scratch) / f"file{suffix}", Path(scratch) / "shown.png"
        file.write_bytes(data)
        if suffix == ".pdf":
            command = ["pdftoppm", "-png", "-singlefile", "-scale-to", "1600", file, shown.with_suffix("")]
        elif suffix == ".svg":
            root = ElementTree.fromstring(data)
            size = f"--window-size={root.get('width')},{root.get('height')}"
            command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", size,
                       "--default-background-color=00000000", f"--screenshot={shown}", file.as_uri()]  # fmt: skip
        else:
            shown, command = file, []
        if command:
            subprocess.run(list(map(str, command)), check=True, capture_output=True)
        with Image.open(shown) as picture:
            return _on_chequers(picture.convert("RGBA"))


def _on_chequers(picture: Image.Image) -> Image.Image:
    cell = max(4, picture.width // 36)
    y, x = np.mgrid[: picture.height, : picture.width] // cell
    ground = Image.fromarray(np.where((x + y) % 2 == 0, 196, 164).astype(np.uint8)).convert("RGBA")
    ground.alpha_composite(picture)
    return ground.convert("RGB")


def _page_of_text(text: str) -> Image.Image:
    page = Image.new("RGB", (_TILE[0] * 2, _TILE[1] * 2), "white")
    pen = ImageDraw.Draw(page)
    for row, line in enumerate(text.splitlines()[:34]):
        pen.text((16, 12 + row * 28), line[:64], fill="black", font=fonts.font("NotoSansSC", 20))
    return page


def _compared(locator: Locator, longest: int) -> tuple[Image.Image, str]:
    backs = []
    for name in ("standing", "lying_down"):
        rgb, result = _scaled(*_read(locator, name), longest)
        assert isinstance(result.outcome, Location)
        backs.append((rgb, result.outcome))
    return Image.fromarray(compare.side_by_side(backs[0], backs[1], Style("codes"))), "compare"


def _styles(locator: Locator) -> list[tuple[Image.Image, str]]:
    """Labels, languages and sizes over light and dark skin and cloth."""
    samples = ["standing", "lying_down", "in_a_shirt", "close_up"]
    shown = []
    styles = [
        *(Style(labels) for labels in ("codes", "names", "both", "numbers")),
        *(Style("both", language) for language in languages()[1:]),
        Style("numbers", "zh-Hans", 1.5),
        Style("names", "zh-Hant", 0.7),
    ]
    for at, style in enumerate(styles):
        rgb, result = _scaled(*_read(locator, samples[at % len(samples)]), 1280)
        if at % 2:  # as dark as skin can be
            rgb = (rgb * 0.32).astype(np.uint8)
        picture = sources.read(export("png", rgb, result, style)).rgb
        shown.append((Image.fromarray(picture), f"{style.labels}, {style.language}, size {style.size:g}"))
    return shown


def _save(name: str, tiles: list[tuple[Image.Image, str]], columns: int) -> None:
    rows = -(-len(tiles) // columns)
    width, height = _TILE[0] + 12, _TILE[1] + _CAPTION_PX + 12
    whole = Image.new("RGB", (columns * width, rows * height), "white")
    pen = ImageDraw.Draw(whole)
    for at, (tile, caption) in enumerate(tiles):
        left, top = at % columns * width + 6, at // columns * height + 6
        small = tile.copy()
        small.thumbnail(_TILE, Image.Resampling.LANCZOS)
        whole.paste(small, (left + (_TILE[0] - small.width) // 2, top + (_TILE[1] - small.height) // 2))
        pen.text((left + 4, top + _TILE[1] + 3), caption, fill="black", font=fonts.font("NotoSansSC", 18))
    out = io.BytesIO()
    whole.save(out, "jpeg", quality=82)
    (_DOCS / f"{name}.jpg").write_bytes(out.getvalue())


if __name__ == "__main__":
    main()
