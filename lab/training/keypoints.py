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

GIRDLE = [row for row, name in enumerate(NAMES) if name.startswith(("shoulder", "acromion"))]
"""Those that move with the shoulders."""

MARKS = tuple(TABLE.marks.values())
"""The eleven marks."""


@dataclass(frozen=True)
class Stage:
    """One of the four networks.

    Attributes:
        side_px: of the square input.
        whole: whether it is shown the whole photo, letterboxed to ``PHOTO_SHARE`` of the input.
        widths: channels at strides 2, 4, 8, 16 and 32; none of a network that stands on another's trunk.
        depth: residual blocks at stride 32, where they cost the least time.
    """

    name: str
    side_px: int
    whole: bool
    widths: tuple[int, ...] = ()
    depth: int = 0

    @property
    def is_witness(self) -> bool:
        """Whether it says only if there is a back, and reads nothing."""
        return not self.widths


COARSE = Stage("coarse", 160, True, (16, 24, 40, 64, 128), 3)
"""Detects the back in the whole photo, any way up."""

FINE = Stage("fine", 192, False, (24, 32, 64, 96, 128), 5)
"""Reads the keypoints in the region of interest, upright: C7 to S2 straight down the middle,
:data:`~locator.models.heatmap_network.SPINE_SHARE` of the input."""

WITNESS = Stage("witness", 192, True)
"""Says whether the whole photo, as upright as quarter turns make it, shows a back. Its trunk has seen people."""

REGION_WITNESS = Stage("region_witness", 192, False)
"""Says the same of the region of interest; its trunk, too, has seen people."""

STAGES = {one.name: one for one in (COARSE, FINE, WITNESS, REGION_WITNESS)}
