"""Where the search begins: small files of every kind that is read, good and bad, made anew at each call."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from locator.catalogue.languages import catalogue_texts
from locator.core import toml

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

import hostile  # noqa: E402

LARGEST_BYTES = 20_000
"""Longer ones slow the search down."""

PHOTO_PX = (600, 800)
SETTINGS = {"pictures": False, "model": "full"}
RECORD: dict[str, Any] = {
    "schema": 1,
    "image": {"path": "back.jpg", "width_px": 600, "height_px": 800, "sha256": "ab" * 32},
    "status": "refused",
    "refusal": {"code": "front_view", "message": "", "remedy": ""},
}


@cache
def points() -> dict[str, Any]:
    """The shipped points, parsed."""
    return toml.data("catalogue/acupoints")


@cache
def texts() -> dict[str, Any]:
    """The shipped English texts, parsed."""
    return catalogue_texts("en")


def good_photo() -> bytes:
    """A small photo as it should be."""
    return hostile.encoded(hostile.corners(80, 64), "JPEG")


def photo() -> dict[str, bytes]:
    """Photos as cameras and programs store them, and files made to harm."""
    small = hostile.corners(80, 64)
    files = {f"small {name}": data for name, data in hostile.in_every_format(small).items()}
    for make in (
        *(hostile.odd, hostile.turned, hostile.grey, hostile.profiled, hostile.polyglots),
        *(hostile.not_images, hostile.unsupported, hostile.too_small, hostile.pixel_bombs, hostile.tile_bombs),
    ):
        files |= {f"{make.__name__}, {name}": data for name, data in make().items()}
    files |= hostile.unusual()
    return {name: data for name, data in files.items() if len(data) <= LARGEST_BYTES}


def anchors() -> dict[str, bytes]:
    """Files of handles."""
    positions = {
        "c7": (300, 150),
        "subject_left_shoulder": (170, 210),
        "subject_right_shoulder": (430, 205),
        "spine_middle": (302, 380),
        "subject_left_hip": (225, 620),
        "subject_right_hip": (375, 622),
    }
    file = {
        "schema": 1,
        "image": {"width_px": PHOTO_PX[0], "height_px": PHOTO_PX[1], "sha256": None},
        "handles": {name: {"x_px": x, "y_px": y, "set_by": "hand"} for name, (x, y) in positions.items()},
    }
    ends = [[10.5, 20], [90, 25.25]]
    mark = {"code": "BL-23", "side": "subject_left"}
    detail = {
        "method": "back",
        "levels": [{"level": "C7", "along": 0.01, "right": -0.02}, {"level": "L2", "along": 0.0, "right": 0.03}],
        "marks": [{**mark, "along": 0.02, "right": 0.01}],
        "radii": {"BL-23": 0.1},
    }
    files = {
        "plain": file,
        "fingers": {**file, "fingers": {"source": "fingers-in-photo", "ends_px": ends}},
        "own hand": {
            **file,
            "fingers": {"source": "own-hand", "ends_px": ends, "length_mm": 297.0, "four_fingers_mm": 75.0},
        },
        "moved": {**file, "moved": [{**mark, "x_px": 260.0, "y_px": 500.0}], "reserved": ["front_view"]},
        "read": {**file, "detail": detail},
        "other photo": {**file, "image": {"width_px": 5, "height_px": 5, "sha256": "ab" * 32}},
        "empty": {},
    }
    return {name: json.dumps(content).encode() for name, content in files.items()}


def catalogue() -> dict[str, bytes]:
    """The data files of the points and of the texts."""
    folder = ROOT / "locator" / "catalogue"
    return {name: (folder / f"{name}.toml").read_bytes() for name in ("acupoints", "texts/en", "texts/zh-Hans")}


def settings() -> dict[str, bytes]:
    """Settings of batches."""
    return {
        "the same": json.dumps(SETTINGS, indent=1).encode(),
        "others": json.dumps({**SETTINGS, "model": "heavy", "numpy": None}).encode(),
        "list": b"[1, 2.5e3, null]",
        "cut off": b'{"pictures": fal',
        "nothing": b"",
        "text": b"my settings\xff",
    }


def records() -> dict[str, bytes]:
    """Journals of batches."""
    line = json.dumps(RECORD).encode() + b"\n"
    other = json.dumps({**RECORD, "image": {"path": "other.jpg"}}).encode() + b"\n"
    return {
        "none": b"",
        "one": line,
        "three": 3 * line,
        "cut off": line + line[:40],
        "cut off in another": line + other[:-9],
        "list": b"[1]\n" + line,
    }


SEEDS: dict[str, Callable[[], dict[str, bytes]]] = {
    "photo": photo,
    "anchors": anchors,
    "catalogue": catalogue,
    "settings": settings,
    "records": records,
}


def write(target: str, folder: Path) -> None:
    """Write a target's seeds to a folder, one file each."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(SEEDS[target]().values()):
        (folder / f"seed-{number:03}").write_bytes(data)
