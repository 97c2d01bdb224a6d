"""What is drawn on a photo, as an ordered list of shapes in its pixels: the same for every format.

The first shape lies lowest, and what is written above all else. :mod:`raster`, :mod:`svg` and :mod:`pdf` draw it;
nothing is placed anywhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from locator.core.arrays import RGBArray
from locator.core.box import Point
from locator.core.types import LocatedLevel, LocatedPoint, Location
from locator.draw import labels as labelling
from locator.draw import layers
from locator.draw.content import Content, Room, key
from locator.draw.shapes import Lines, Mark, Panel, Shape, Text
from locator.draw.style import Style


@dataclass(frozen=True)
class Scene:
    """Everything on top of a photo.

    Attributes:
        size: (width, height) of the photo in px.
        labels: the panels that name marks, of :attr:`shapes`.
        legend: the panel that explains them; None without room. It may lie on a margin below the photo or on its right.
    """

    size: tuple[int, int]
    shapes: tuple[Shape, ...]
    labels: tuple[Panel, ...]
    legend: Panel | None
    _content: Content = field(repr=False, compare=False)

    @property
    def whole(self) -> tuple[int, int]:
        """(width, height) px of the photo with its margin, if it has one."""
        if self.legend is None:
            return self.size
        return max(self.size[0], round(self.legend.box.right)), max(self.size[1], round(self.legend.box.bottom))

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The marks alone."""
        return tuple(shape for shape in self.shapes if isinstance(shape, Mark))

    def moved(self, location: Location) -> Scene:
        """The same for a location that has changed a little: what names a mark or a level goes along with it.

        Every size, colour and side of a label is kept; the legend is left out.
        """
        before, after = self._content, self._content.moved_to(location)
        mark_shifts = _shifts(before.points, after.points, key)
        level_shifts = _shifts(before.location.levels, location.levels, lambda level: level.level)
        leaders, texts, labels = [], [], []
        for shape in self.shapes:
            if isinstance(shape, Lines) and shape.leader_of:
                leaders.append(shape.shifted(mark_shifts[shape.leader_of]))
            elif isinstance(shape, Text):
                texts.append(shape.shifted(level_shifts[shape.text]))
            elif isinstance(shape, Panel) and shape.label_of:
                labels.append(shape.shifted(mark_shifts[shape.label_of]))
        return _assembled(after, leaders, texts, labels, None)


def build(
    location: Location,
    size: tuple[int, int],
    style: Style = Style(),  # noqa: B008 - frozen
    codes: Collection[str] | None = None,
    rgb: RGBArray | None = None,
    legend: bool = True,
    room: Room = Room.INSIDE,
) -> Scene:
    """The marks of a location on a photo.

    Args:
        size: (width, height) of the photo in px.
        codes: acupoints to draw, as far as they lie in the photo; None for all.
        rgb: (h, w, 3) uint8, the photo, by whose brightness outlines are chosen; None for a bright one.
        legend: whether to explain the signs.
        room: where that, and labels, may go.

    Raises:
        LookupError: on an acupoint that the catalogue does not know.
    """
    content = Content.of(location, size, style, codes, rgb, room)
    level_names = list(layers.level_names(content))
    found = labelling.lay_out(content, [box for _, box in level_names], legend)
    panels = [panel.box for panel in found.panels]
    texts = [text for text, box in level_names if not any(map(box.meets, panels))]
    return _assembled(content, found.leaders, texts, found.labels, found.legend)


def _assembled(
    content: Content, leaders: Sequence[Lines], texts: Sequence[Text], labels: Sequence[Panel], legend: Panel | None
) -> Scene:
    """The scene of its layers, from below."""
    shapes: list[Shape] = [*layers.rings(content), *layers.spine(content), *leaders, *layers.marks(content)]
    shapes += [*texts, *labels, *([legend] if legend else [])]
    return Scene(content.size, tuple(shapes), tuple(labels), legend, content)


_Named = TypeVar("_Named", LocatedPoint, LocatedLevel)
_Key = TypeVar("_Key", bound=Hashable)


def _shifts(before: Sequence[_Named], after: Sequence[_Named], key: Callable[[_Named], _Key]) -> dict[_Key, Point]:
    """How far each has moved, (x, y) px."""
    there = {key(one): one for one in after}
    return {key(one): (there[key(one)].x_px - one.x_px, there[key(one)].y_px - one.y_px) for one in before}
