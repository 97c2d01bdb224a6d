"""The marks on the frames of a video: as on a photo, but quick, and with labels that keep their places.

Where labels go is worked out anew only when the back has come nearer or turned; in between they go along with their
marks, and what is written is drawn once.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from locator.catalogue.acupoints import catalogue
from locator.catalogue.languages import ENGLISH
from locator.core.arrays import RGBArray
from locator.core.box import Box
from locator.core.similarity import Similarity
from locator.core.types import Location, lies_in
from locator.draw import fonts, raster, scene
from locator.draw.scene import Scene
from locator.draw.shapes import Lines, Panel, Text
from locator.draw.style import Style

_NEARER, _TURNED = 1.15, math.radians(8)  # by which the back may have changed before labels are laid out anew
_PICKED, _UNPICKED = 1.7, 0.6  # factors on the size of the picked point, and of all others
_BANNER = 0.052  # size of the letters of an advice in shares of the frame's longer side
_KEPT = 64  # written things that are kept


@dataclass(frozen=True)
class View:
    """What somebody wants to see.

    Attributes:
        codes: acupoints to draw; None for all.
        picked: the one that is drawn large, and the others small.
        mirrored: whether the picture is shown as in a mirror.

    Raises:
        LookupError: on an acupoint that the catalogue does not know.
    """

    codes: frozenset[str] | None = None
    picked: str | None = None
    style: Style = Style()
    mirrored: bool = False

    def __post_init__(self) -> None:
        for code in (*(self.codes or ()), *([self.picked] if self.picked else [])):
            catalogue(self.style.language).acupoint(code)


class Overlay:
    """Draws on the frames of one video."""

    def __init__(self) -> None:
        self._layers: list[Scene] = []
        self._laid_out: tuple[View, Location, tuple[int, int]] | None = None
        self._sprites: dict[tuple[object, ...], _Sprite] = {}

    def draw(self, rgb: RGBArray, location: Location, view: View) -> RGBArray:
        """The frame with its marks, as a new array.

        Args:
            rgb: (h, w, 3) uint8; mirrored already where the view is.
            location: in the frame as it came in.
        """
        size = rgb.shape[1], rgb.shape[0]
        if view.mirrored:
            location = Similarity.mirroring(size[0]).of_location(location)
        if self._laid_out is None or not _alike(self._laid_out, (view, location, size)):
            self._laid_out = view, location, size
            self._layers = [scene.build(location, size, *layer, rgb, legend=False) for layer in _layers(view)]
            for number, layer in enumerate(self._layers[:-1]):
                self._layers[number] = _wordless(layer)
        canvas = rgb.copy()
        for layer in self._layers:
            drawing = layer.moved(location)
            raster.draw_shapes(canvas, drawing)
            self._write(canvas, (shape for shape in drawing.shapes if isinstance(shape, (Text, Panel))))
        return canvas

    def say(self, canvas: RGBArray, words: str, language: str = ENGLISH) -> None:
        """Write a line in a language on the lower edge of an (h, w, 3) uint8 frame itself."""
        height, width = canvas.shape[:2]
        self._write(canvas, [_banner(words, width, height, catalogue(language).font)])

    def _write(self, canvas: RGBArray, shapes: Iterable[Text | Panel]) -> None:
        for shape in shapes:
            what, place = _apart(shape)
            if what not in self._sprites:
                while len(self._sprites) >= _KEPT:
                    del self._sprites[next(iter(self._sprites))]
                self._sprites[what] = _Sprite.of(shape, place)
            self._sprites[what].lay(canvas, place)


def _layers(view: View) -> list[tuple[Style, frozenset[str] | None]]:
    """What is drawn how, from below."""
    if view.picked is None:
        return [(view.style, view.codes)]
    known = {one.code for one in catalogue().acupoints} if view.codes is None else view.codes
    small = max(0.5, view.style.size * _UNPICKED)
    large = min(3.0, view.style.size * _PICKED)
    return [
        (dataclasses.replace(view.style, size=small), frozenset(known - {view.picked})),
        (dataclasses.replace(view.style, size=large), frozenset({view.picked})),
    ]


def _wordless(drawing: Scene) -> Scene:
    """Without what is written, and the lines that lead there."""
    shapes = (
        shape
        for shape in drawing.shapes
        if not isinstance(shape, (Text, Panel)) and not (isinstance(shape, Lines) and shape.leader_of)
    )
    return dataclasses.replace(drawing, shapes=tuple(shapes))


def _alike(one: tuple[View, Location, tuple[int, int]], other: tuple[View, Location, tuple[int, int]]) -> bool:
    """Whether labels may stay where they are."""
    if one[0] != other[0] or one[2] != other[2]:
        return False
    before, after = ([lies_in(point, size) for point in location.points] for _, location, size in (one, other))
    if before != after:
        return False
    ways = [location.landmarks.hip_midpoint - location.landmarks.c7 for _, location, _ in (one, other)]
    change = complex(*ways[1]) / complex(*ways[0])
    return 1 / _NEARER < abs(change) < _NEARER and abs(math.atan2(change.imag, change.real)) < _TURNED


def _banner(words: str, width: int, height: int, family: str) -> Panel:
    """A line in a dark box, in the middle of the lower edge."""
    size = max(12, round(_BANNER * max(width, height)))
    size = max(8, min(size, int(size * (0.94 * width - 1.2 * size) / fonts.length(words, size, family))))
    wide, high = round(fonts.length(words, size, family) + 1.2 * size), round(1.8 * size)
    left, top = (width - wide) // 2, height - high - round(0.5 * size)
    start = (left + 0.6 * size, top + high / 2 + size * fonts.CAPITAL / 2)
    return Panel(Box(left, top, wide, high), high / 3, 225 / 255, None, (Text(words, start, size, family),))


def _apart(shape: Text | Panel) -> tuple[tuple[object, ...], tuple[int, int]]:
    """What is written, and on which pixel it begins."""
    if isinstance(shape, Text):
        return (shape.text, shape.size, shape.family, shape.rim), (round(shape.start[0]), round(shape.start[1]))
    texts = tuple((text.text, text.size) for text in shape.texts)
    return (texts, shape.box.width, shape.edge), (round(shape.box.left), round(shape.box.top))


@dataclass(frozen=True, eq=False)
class _Sprite:
    """A small picture to be laid over a larger one.

    Attributes:
        colour: (h, w, 3) times how opaque it is.
        through: (h, w, 3) how much of the ground shows through, 0 to 255.
        corner: px of its upper left corner from the place that it is laid on.
    """

    colour: NDArray[np.uint8]
    through: NDArray[np.uint8]
    corner: tuple[int, int]

    @classmethod
    def of(cls, shape: Text | Panel, place: tuple[int, int]) -> _Sprite:
        tile = raster.written(shape)
        rgba = np.asarray(tile.picture)
        opaque = np.repeat(rgba[..., 3:], 3, axis=2)
        colour = cv2.multiply(rgba[..., :3], opaque, scale=1 / 255)
        return cls(
            np.asarray(colour, np.uint8), 255 - opaque,
            (round(tile.box.left) - place[0], round(tile.box.top) - place[1]),
        )  # fmt: skip

    def lay(self, canvas: RGBArray, place: tuple[int, int]) -> None:
        """Blend it in; what lies outside the picture is cut off."""
        left, top = place[0] + self.corner[0], place[1] + self.corner[1]
        right, bottom = left + self.colour.shape[1], top + self.colour.shape[0]
        ground = canvas[max(0, top) : max(0, bottom), max(0, left) : max(0, right)]
        if not ground.size:
            return
        rows = slice(max(0, -top), max(0, -top) + ground.shape[0])
        columns = slice(max(0, -left), max(0, -left) + ground.shape[1])
        below = cv2.multiply(ground, self.through[rows, columns], scale=1 / 255)
        ground[:] = cv2.add(self.colour[rows, columns], below)
