"""A result as a file: a marked picture, a page to print, or data for other programs.

Every format shows the same marks. None carries metadata, the photo's name or its path, but that COCO's has the name, by
which programs find the photo. A new format is a row of :data:`FORMATS` and a module with its writer; the command, the
service and the page take it from here.
"""

from __future__ import annotations

import os
import pkgutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from locator.formats.marked import MarkedPhoto


_LONGEST_STEM = 200  # bytes; every common file system takes 255 for a name, with all that is put behind it


def stem_for_files(of_photo: str) -> str:
    """What the names of files that are made of a photo begin with.

    Args:
        of_photo: the stem of the photo's own name; empty if it has none.
    """
    stem = of_photo or "back"
    while len(os.fsencode(stem)) > _LONGEST_STEM:
        stem = stem[:-1]
    return stem


@dataclass(frozen=True)
class Format:
    """What a result can be saved as.

    Attributes:
        name: what the command and the service call it.
        suffix: of the file, such as ``".jpg"``.
        media_type: such as ``"image/jpeg"``.
        stem: put behind a file's name in a folder, so that no two formats write the same file.
        label: what the page and the documentation call it.
        writer: the module of this package and the function in it that make the file, such as ``"picture:jpeg"``.
    """

    name: str
    suffix: str
    media_type: str
    stem: str
    label: str
    writer: str

    def write(self, marked: MarkedPhoto) -> bytes:
        """The file. Its writer is imported on first use, so that ``locator --help`` need not load what draws."""
        writer = pkgutil.resolve_name(f"{__name__}.{self.writer}")
        data: bytes = writer(marked)
        return data


_SVG, _PDF, _JSON = "image/svg+xml", "application/pdf", "application/json"

FORMATS = {
    row.name: row
    for row in (
        Format("jpeg", ".jpg", "image/jpeg", "", "JPEG picture", "picture:jpeg"),
        Format("png", ".png", "image/png", "", "PNG picture", "picture:png"),
        Format("webp", ".webp", "image/webp", "", "WebP picture", "picture:webp"),
        Format("svg", ".svg", _SVG, "", "SVG, the photo with the marks as vectors", "svg:write"),
        Format("pdf", ".pdf", _PDF, "", "PDF, the photo with the marks as vectors", "pdf:write"),
        Format("overlay-png", ".png", "image/png", "-overlay", "PNG, the marks alone", "overlay:png"),
        Format("overlay-svg", ".svg", _SVG, "-overlay", "SVG, the marks alone", "overlay:svg"),
        Format("json", ".json", _JSON, "", "JSON record", "record:write"),
        Format("csv", ".csv", "text/csv", "", "CSV table", "csv_table:write"),
        Format("coco", ".json", _JSON, "-coco", "COCO keypoints", "coco:write"),
        Format("sheet", ".pdf", _PDF, "-sheet", "Sheet to print", "sheet:write"),
    )
}
"""Every format by its name; the first with a suffix is what the suffix alone means."""


def name_of(suffix: str) -> str:
    """Name of the format that files with this ending are in; empty if there is none."""
    wanted = {".jpeg": ".jpg"}.get(suffix.lower(), suffix.lower())
    return next((name for name, one in FORMATS.items() if one.suffix == wanted), "")


def endings() -> str:
    """The endings of files that are written, for a message."""
    return ", ".join(dict.fromkeys(one.suffix for one in FORMATS.values()))


DERIVED = {"table": (".csv", ".parquet"), "coco": (".json",)}
"""What can be made of many photos together, and the endings of the files."""
