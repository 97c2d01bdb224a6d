"""What the writer of a format is given."""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass

import cv2
import numpy as np

from locator.core.arrays import RGBArray
from locator.core.similarity import Similarity
from locator.core.types import Location, Result
from locator.draw import scene
from locator.draw.content import Room
from locator.draw.scene import Scene
from locator.draw.style import Style

_SMALL_PX = 400  # longer side below which there is no room for readable marks
_SHOWN_PX, _MOST_TIMES = 720, 4


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
        """The marks as shapes in pixels of the photo; none lies outside of it."""
        return scene.build(self.location, (self.rgb.shape[1], self.rgb.shape[0]), self.style, rgb=self.rgb)

    def shown(self) -> tuple[RGBArray, Scene]:
        """The photo as it is shown, two to four times as large where it is small, and the marks on it.

        The legend stands on a margin where the photo has no room for it.
        """
        longest = max(self.rgb.shape[:2])
        small = longest < _SMALL_PX
        factor = min(_MOST_TIMES, math.ceil(_SHOWN_PX / longest)) if small else 1
        rgb = self.rgb
        if small:
            rgb = np.asarray(cv2.resize(rgb, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC), np.uint8)
        location = Similarity.resizing(factor).of_location(self.location) if small else self.location
        room = Room.OUTSIDE if small else Room.MARGIN
        return rgb, scene.build(location, (rgb.shape[1], rgb.shape[0]), self.style, rgb=rgb, room=room)
