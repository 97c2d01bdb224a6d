"""Networks that have seen people say whether what others have read is a back at all."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

from locator.core.arrays import RGBArray
from locator.estimate.back_reading import BackReading, Region
from locator.estimate.back_views import region_witness_logit, witness_logits
from locator.models.heatmap_network import WitnessNetwork


class Witnesses:
    """Two of them.

    Args:
        of_photo: is shown the whole photo.
        of_region: is shown the region of interest.
    """

    def __init__(self, of_photo: WitnessNetwork, of_region: WitnessNetwork) -> None:
        self._of_photo, self._of_region = of_photo, of_region

    def asked(
        self,
        rgb: RGBArray,
        backs: Sequence[BackReading],
        in_doubt: Callable[[BackReading], bool],
        region_of: Callable[[BackReading], Region],
    ) -> tuple[BackReading, ...]:
        """What is read in an (h, w, 3) uint8 photo, each with what they say, unless it is ruled out.

        Args:
            in_doubt: whether a reading needs a second witness.
            region_of: the region of interest of a reading.
        """
        ways = sorted({back.quarter_turns for back in backs if not back.ruled_out})
        by_photo = dict(zip(ways, witness_logits(self._of_photo, rgb, ways), strict=True)) if ways else {}

        def told(back: BackReading) -> BackReading:
            if back.ruled_out:
                return back
            back = dataclasses.replace(back, witness_logit=by_photo[back.quarter_turns])
            if not in_doubt(back):
                return back
            by_region = region_witness_logit(self._of_region, rgb, region_of(back))
            return dataclasses.replace(back, region_witness_logit=by_region)

        return tuple(map(told, backs))
