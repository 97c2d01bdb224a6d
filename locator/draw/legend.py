"""The legend: finger-width bars at the scale of the back, and what the signs mean. It lies off the body."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from locator.core.arrays import FloatArray
from locator.core.box import Box, Point
from locator.draw import body_region, fonts, label_layout
from locator.draw.content import Content, Room, number
from locator.draw.shapes import WHITE, Lines, Outline, Panel, Text
from locator.draw.sizes import TINIEST_TEXT, text_sizes
from locator.draw.style import Labels

_BARS_CUN = (1.5, 3.0)  # the distances beside the spine that points have
_OPACITY = 190 / 255


def placed(
    content: Content, labels: Labels, text_px: int, required: bool, marks: Sequence[Point], clearance: float
) -> Panel | None:
    """The largest legend that has room in the picture; None where none has.

    It lies off the body; where no place is, and there is no margin for it either, off the marks alone.

    Args:
        text_px: size of the labels' text.
        required: whether the labels need explaining: then a legend without bars is better than none.
        marks: (x, y) px that it keeps ``clearance`` px away from.
    """
    wanted = max(10, round(text_px * 0.78))
    sizes, off_body = text_sizes(wanted, TINIEST_TEXT), partial(_off_body, content)
    if content.room is not Room.INSIDE:  # a margin has room for what would be smaller
        sizes = [size for size in sizes if size >= 0.7 * wanted]
    places = (off_body, None) if content.room is Room.INSIDE else (off_body,)
    for is_free, bars, size in itertools.product(places, (True, False) if required else (True,), sizes):
        made = _panel(content, labels, size, bars)
        for free in (2 * clearance, clearance):
            box = label_layout.edge_place((made.box.width, made.box.height), marks, free, content.size, is_free)
            if box:
                return made.shifted((box.left, box.top))
    return None


def outside(content: Content, labels: Labels, text_px: int) -> Panel:
    """A legend on a margin below the photo, or on its right, whichever makes the picture less larger."""
    width, height = content.size
    choices: list[tuple[float, Panel, Box]] = []
    for size in text_sizes(max(12, round(text_px * 0.9)), TINIEST_TEXT):
        made = _panel(content, labels, size, bars=True)
        if made.box.width <= width:
            choices.append((width * made.box.height, made, Box(0, height, width, made.box.height)))
        if made.box.height <= height:
            choices.append((height * made.box.width, made, Box(width, 0, made.box.width, height)))
        if choices:
            break
    else:  # the photo is smaller than its legend
        choices.append((0.0, made, Box(0, height, max(width, made.box.width), made.box.height)))
    _, made, margin = min(choices, key=lambda choice: choice[0])
    corner = margin.left + (margin.width - made.box.width) // 2, margin.top + (margin.height - made.box.height) // 2
    return replace(made.shifted(corner), box=margin, corner=0.0, opacity=1.0)


def _off_body(content: Content, boxes: FloatArray) -> NDArray[np.bool_]:
    points = body_region.in_boxes(boxes + np.array([-1.0, -1.0, 1.0, 1.0]))  # as panels are moved to whole pixels
    return np.asarray(~body_region.on_body(content.location.landmarks, points).any(axis=1))


def _rows(content: Content, labels: Labels, bars: bool) -> Iterator[tuple[str, str | float]]:
    """Every text with its sign: a number, the length of a bar in cun, ``"ring"`` or ``"diamond"``."""
    words = content.words
    if labels == "numbers":
        yield from ((f"{code} {words.acupoint(code).label}", str(number(code))) for code in content.codes)
    if bars:
        for cun in _BARS_CUN:
            yield words.picture.finger_bar.format(fingers=words.finger_widths(cun), cun=f"{cun:g}"), cun
        yield words.picture.ring, "ring"
    if content.any_moved_by_hand:
        yield words.picture.moved, "diamond"


def _panel(content: Content, labels: Labels, size: int, bars: bool) -> Panel:
    """The legend with text of ``size`` px, its upper left corner at (0, 0)."""
    family, line, cun_px = content.words.font, content.sizes.line, content.location.cun_px
    rows = list(_rows(content, labels, bars))
    pad, row_height = size * 0.6, size * 1.45
    sign_width = _BARS_CUN[-1] * cun_px if bars else size * 1.0
    widest = max(fonts.length(text, size, family) for text, _ in rows)
    texts: list[Text] = []
    signs: list[Lines | Outline] = []
    for row, (text, sign) in enumerate(rows):
        middle = pad / 2 + (row + 0.5) * row_height
        baseline = middle + size * fonts.CAPITAL / 2
        texts.append(Text(text, (2 * pad + sign_width, baseline), size, family))
        if isinstance(sign, float):
            ends = [(pad + x, middle) for x in (0.0, sign * cun_px)]
            stops = [((x, y - row_height * 0.25), (x, y + row_height * 0.25)) for x, y in ends]
            signs.append(Lines(((ends[0], ends[1]), *stops), line, line, WHITE, WHITE))
        elif sign in ("ring", "diamond"):
            signs.append(Outline((pad + sign_width / 2, middle), row_height * 0.32, line, sign == "diamond"))
        else:
            left = pad + (sign_width - fonts.length(sign, size, family)) / 2
            texts.append(Text(sign, (left, baseline), size, family, content.colour(content.codes[row])))
    box = Box(0, 0, math.ceil(sign_width + widest + 3 * pad), math.ceil(len(rows) * row_height + pad))
    return Panel(box, pad, _OPACITY, None, tuple(texts), tuple(signs))
