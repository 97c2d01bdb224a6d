"""The keypoints that the networks read, in their order, and the two stages of reading with their input sizes."""

from __future__ import annotations

from dataclasses import dataclass

from locator.core import keypoints

TABLE = keypoints.of_back_networks()

NAMES = TABLE.names
"""The 24 keypoints, sides the subject's."""

MIRRORED = list(TABLE.mirrored)
"""For each keypoint the one that it becomes in a mirror."""

C7, S2 = NAMES.index("C7"), NAMES.index("S2")
"""The two ends of the spine."""

MARKS = tuple(TABLE.marks.values())
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
"""Detects the back in the whole photo, letterboxed to ``PHOTO_SHARE`` of the input."""

FINE = Stage("fine", 192, (24, 32, 64, 96, 128), 5)
"""Reads the keypoints in the region of interest, upright: C7 to S2 straight down the middle,
:data:`~locator.models.heatmap_network.SPINE_SHARE` of the input."""

STAGES = {one.name: one for one in (COARSE, FINE)}
