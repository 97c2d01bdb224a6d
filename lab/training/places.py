"""What the networks read: the names of the places, their order, and what each network's picture looks like."""

from __future__ import annotations

from dataclasses import dataclass

from locator.core import keypoints

TABLE = keypoints.of_back_networks()

NAMES = TABLE.names
"""The 24 places, sides the subject's."""

MIRRORED = list(TABLE.mirrored)
"""For each place the one that it becomes in a mirror."""

MARKS = tuple(TABLE.marks.values())
"""The eleven marks."""


@dataclass(frozen=True)
class Pass:
    """One of the two looks at a photo.

    Attributes:
        side_px: of the square picture that the network takes.
        widths: channels of the network at 1/2, 1/4, 1/8, 1/16 and 1/32 of that.
        depth: residual blocks at 1/32, where they cost the least time.
    """

    name: str
    side_px: int
    widths: tuple[int, int, int, int, int]
    depth: int


COARSE = Pass("coarse", 160, (16, 24, 40, 64, 128), 3)
"""The whole photo, its longer side :data:`~locator.models.heatmap_network.PHOTO_SHARE` of the square."""

FINE = Pass("fine", 192, (24, 32, 64, 96, 128), 5)
"""The back alone, upright: C7 to S2 straight down the middle, ``SPINE_SHARE`` of the square."""

PASSES = {one.name: one for one in (COARSE, FINE)}
