"""The keypoints that the networks read, in their order, and the two stages of reading with their input sizes."""

from __future__ import annotations

from dataclasses import dataclass

from locator.network import PLACES

NAMES = PLACES
"""The 24 keypoints, sides the subject's."""

MARKS = tuple(index for index, name in enumerate(NAMES) if name == "T7" or "/" in name)
"""The eleven marks."""


@dataclass(frozen=True)
class Stage:
    """One of the two networks.

    Attributes:
        side_px: of the square input.
        widths: channels at strides 2, 4, 8, 16 and 32.
        depth: residual blocks at stride 32, where they cost the least time.
    """

    name: str
    side_px: int
    widths: tuple[int, int, int, int, int]
    depth: int


COARSE = Stage("coarse", 160, (16, 24, 40, 64, 128), 3)
"""Detects the back in the whole photo, letterboxed to :data:`~locator.network.PHOTO_SHARE` of the input."""

FINE = Stage("fine", 192, (24, 32, 64, 96, 128), 5)
"""Reads the keypoints in the region of interest, upright: C7 to S2 straight down the middle,
:data:`~locator.network.SPINE_SHARE` of the input."""

STAGES = {one.name: one for one in (COARSE, FINE)}
