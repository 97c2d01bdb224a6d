"""Cut the shipped fonts anew, after the texts have changed: the Noto fonts with only the characters that are used.

    python -m lab.release.build_fonts

Needs npm, which fetches the fonts, and the package skia-pathops. Where they are from stands beside them.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.ttLib.removeOverlaps import removeOverlaps
from fontTools.ttLib.tables._g_l_y_f import flagOverlapSimple

from locator.draw import fonts

_VERSION = "0.4.3"
_PACKAGES = {"NotoSansSC": "noto-sans-sc", "NotoSansTC": "noto-sans-tc"}
_WEIGHTS = {fonts.Weight.REGULAR: "400Regular", fonts.Weight.BOLD: "700Bold"}

# Western European letters and common signs, so that a language written in them needs no new fonts.
_ALWAYS = {*map(chr, range(0x20, 0x7F)), *map(chr, range(0xA0, 0x180)), *"–—‘’“”…•·½×≈→"}


def main() -> None:
    folder = fonts.FOLDER
    used = fonts.characters()
    with tempfile.TemporaryDirectory() as scratch:
        for family, package in _PACKAGES.items():
            packed = _fetch(f"@expo-google-fonts/{package}@{_VERSION}", Path(scratch))
            for weight, name in _WEIGHTS.items():
                whole = _member(packed, f"package/{name}/{family}_{name}.ttf")
                (folder / f"{family}-{weight.value}.ttf").write_bytes(_cut(whole, used[family] | _ALWAYS))
            (folder / "OFL.txt").write_bytes(_member(packed, "package/LICENSE_FONT"))


def _fetch(package: str, folder: Path) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("npm is missing")
    done = subprocess.run([npm, "pack", "--silent", package], cwd=folder, check=True, capture_output=True, text=True)
    return folder / done.stdout.strip().splitlines()[-1]


def _member(packed: Path, name: str) -> bytes:
    with tarfile.open(packed) as archive:
        file = archive.extractfile(name)
        assert file is not None
        return file.read()


def _cut(font: bytes, characters: set[str]) -> bytes:
    """The font with these characters only, and without what places one letter by another: widths simply add up."""
    options = subset.Options()
    options.layout_features = []
    options.hinting = False
    options.notdef_outline = True
    options.recalc_timestamp = False
    options.drop_tables += ["BASE", "GDEF", "GPOS", "GSUB", "STAT", "vhea", "vmtx"]
    whole = TTFont(io.BytesIO(font), recalcTimestamp=False)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[ord(character) for character in characters])
    cutter.subset(whole)
    # FreeType draws letters of overlapping pieces sixteen times finer, and so a good deal slower.
    removeOverlaps(whole)
    for name in whole.getGlyphOrder():
        glyph = whole["glyf"][name]
        if glyph.numberOfContours > 0:
            glyph.flags[0] &= ~flagOverlapSimple
    out = io.BytesIO()
    whole.save(out)
    return out.getvalue()


if __name__ == "__main__":
    main()
