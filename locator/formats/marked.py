"""What the writer of a format is given."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from locator.core.arrays import RGBArray
from locator.core.types import Location, Result
from locator.draw import scene
from locator.draw.scene import Scene
from locator.draw.style import Style


@dataclass(frozen=True, eq=False)
class MarkedPhoto:
    """A located photo, and how its marks are to be shown.

    Attributes:
        rgb: (h, w, 3) uint8, the upright photo, or what is to be shown in its place.
        result: with the location, and in it the points that are to be shown.
        paper: of the sheet, ``"a4"`` or ``"letter"``.
        date: printed on the sheet; None for a blank.
    """

    rgb: RGBArray
    result: Result
    location: Location
    style: Style
    paper: str
    date: datetime.date | None

    def scene(self) -> Scene:
        """The marks as shapes in pixels of the photo."""
        return scene.build(self.location, (self.rgb.shape[1], self.rgb.shape[0]), self.style, rgb=self.rgb)
