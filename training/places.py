"""What the networks read: the names of the places, their order, and what each network's picture looks like."""

from __future__ import annotations

from dataclasses import dataclass

LEVELS = ("C7", "T4", "T7", "T9", "T12", "L2", "L4", "S2")
"""Lower border of the spinous process, on the skin of the midline. GV-9 is T7."""

PAIRED = ("BL-43", "BL-18", "BL-21", "BL-23", "BL-52", "shoulder", "hip", "acromion")

NAMES = (
    *LEVELS,
    *(f"{name}/{side}" for name in PAIRED[:5] for side in "LR"),
    *(f"{name}_{side}" for name in PAIRED[5:] for side in "LR"),
)
"""The 24 places, sides the subject's."""

MIRRORED = tuple(
    NAMES.index(name[:-1] + {"L": "R", "R": "L"}[name[-1]]) if name[-2] in "/_" else index
    for index, name in enumerate(NAMES)
)
"""For each place the one that it becomes in a mirror."""

MARKS = tuple(index for index, name in enumerate(NAMES) if name == "T7" or "/" in name)
"""The eleven marks."""


@dataclass(frozen=True)
class Pass:
    """One of the two looks at a photo.

    Attributes:
        side_px: of the square picture that the network takes.
        widths: channels of the network at 1/2, 1/4, 1/8, 1/16 and 1/32 of that.
    """

    name: str
    side_px: int
    widths: tuple[int, int, int, int, int]


COARSE = Pass("coarse", 160, (16, 24, 40, 56, 80))
"""The whole photo, its longer side :data:`PHOTO_SHARE` of the square."""

FINE = Pass("fine", 192, (24, 32, 64, 96, 128))
"""The back alone, upright: C7 to S2 straight down in the middle, :data:`SPINE_SHARE` of the square long."""

PASSES = {one.name: one for one in (COARSE, FINE)}

PHOTO_SHARE = 0.8
SPINE_SHARE = 0.55
"""Leaves room for the shoulder joints at the sides and the hips below, on nearly all bodies."""
