"""Draws an answer on a copy of the photo. RGB in, RGB out; never draws on its argument."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from locator import layout
from locator.acupoints import acupoint, acupoints
from locator.geometry import turned
from locator.types import LocatedPoint, Location, RGBArray, Side, check_rgb

Colour = tuple[int, int, int]

# Okabe and Ito's palette (2008), told apart by the colour-blind too; one colour a point, in catalogue order.
_PALETTE: tuple[Colour, ...] = (
    (230, 159, 0),
    (86, 180, 233),
    (0, 158, 115),
    (240, 228, 66),
    (213, 94, 0),
    (204, 121, 167),
)
_WHITE: Colour = (255, 255, 255)
_DARK: Colour = (24, 24, 28)
_SUBPIXEL_BITS = 4  # OpenCV takes fractions of a pixel as shifted integers


@dataclass(frozen=True)
class _Level:
    """A level on the spine: where it lies, and the unit vector across it to the subject's right."""

    name: str
    place: layout.Point
    across: layout.Point


@dataclass(frozen=True)
class _Sizes:
    """Every size on the picture, in pixels, from the length of the torso."""

    line: int
    mark: float
    text: int
    small_text: int
    level_text: int
    tick: float

    @classmethod
    def of(cls, torso_px: float, picture: tuple[int, int]) -> _Sizes:
        # Readable on a body that fills the picture, on one that is small in it, and on a phone's screen.
        text = max(11, round(0.04 * torso_px), round(0.019 * max(picture)))
        return cls(
            line=max(1, round(torso_px / 260)),
            mark=max(2.5, 0.0125 * torso_px),
            text=text,
            small_text=max(10, round(text * 0.78)),
            level_text=max(9, round(0.036 * torso_px)),
            tick=0.018 * torso_px,
        )


def draw(rgb: RGBArray, location: Location, codes: Collection[str] | None = None) -> RGBArray:
    """The photo with its marks, as a new array.

    Args:
        rgb: (h, w, 3) uint8, the upright photo that ``location`` was found in.
        codes: acupoints to draw; None for all.

    Raises:
        TypeError, ValueError: on what is no such array.
        LookupError: on an acupoint that the catalogue does not know.
    """
    check_rgb(rgb)
    wanted = {acupoint(code).code for code in codes} if codes is not None else None
    points = [point for point in location.points if wanted is None or point.code in wanted]
    canvas = rgb.copy()
    size = (rgb.shape[1], rgb.shape[0])
    sizes = _Sizes.of(location.landmarks.torso_px, size)
    levels = _levels(location)
    named = {levels[0].name, levels[-1].name, *(point.level for point in location.points)}
    _rings(canvas, points, sizes)
    _spine(canvas, levels, sizes)
    _offsets(canvas, levels, points, sizes)
    level_names = _level_names([level for level in levels if level.name in named], points, sizes)
    for tile, box in level_names:
        _paste(canvas, tile, box)
    for point in points:
        shape = _diamond if point.moved_by_hand else _disc
        shape(canvas, (point.x_px, point.y_px), sizes, colour(point.code))
    _labels(canvas, location, points, sizes, levels, taken=[box for _, box in level_names])
    return canvas


def _levels(location: Location) -> list[_Level]:
    line = np.array([(level.x_px, level.y_px) for level in location.levels])
    tangents = np.gradient(line, axis=0)
    across = turned(tangents / np.linalg.norm(tangents, axis=1, keepdims=True))
    return [
        _Level(level.level, (level.x_px, level.y_px), (float(x), float(y)))
        for level, (x, y) in zip(location.levels, across, strict=True)
    ]


def colour(code: str) -> Colour:
    """The colour that an acupoint is drawn in, as (red, green, blue)."""
    order = [one.code for one in acupoints()]
    return _PALETTE[order.index(code) % len(_PALETTE)]


def _rings(canvas: RGBArray, points: Sequence[LocatedPoint], sizes: _Sizes) -> None:
    """Faint, so that the skin below stays visible: blended in over the part of the picture that they touch."""
    if not points:
        return
    reach = [(p.x_px - p.radius_px, p.y_px - p.radius_px, p.x_px + p.radius_px, p.y_px + p.radius_px) for p in points]
    edge = 2 * sizes.line
    left, top = (max(0, int(min(box[i] for box in reach)) - edge) for i in (0, 1))
    right, bottom = (int(max(box[i] for box in reach)) + edge + 1 for i in (2, 3))
    region = canvas[top:bottom, left:right]
    ringed = region.copy()
    for point in points:
        centre = (point.x_px - left, point.y_px - top)
        for paint, thickness in ((_DARK, sizes.line * 2 + 1), (colour(point.code), sizes.line * 2)):
            cv2.circle(ringed, _fixed(centre), _fixed_length(point.radius_px), paint, thickness,
                       cv2.LINE_AA, _SUBPIXEL_BITS)  # fmt: skip
    cv2.addWeighted(ringed, 0.5, region, 0.5, 0, dst=region)


def _spine(canvas: RGBArray, levels: Sequence[_Level], sizes: _Sizes) -> None:
    pieces = [
        (_moved(level.place, level.across, -sizes.tick), _moved(level.place, level.across, sizes.tick))
        for level in levels
    ]
    pieces += pairwise(level.place for level in levels)
    for thickness, paint in ((sizes.line * 2 + 1, _DARK), (sizes.line, _WHITE)):
        for start, end in pieces:
            _line(canvas, start, end, paint, thickness)


def _offsets(canvas: RGBArray, levels: Sequence[_Level], points: Sequence[LocatedPoint], sizes: _Sizes) -> None:
    """A thin line from the spine to each mark beside it: the finger-widths."""
    places = {level.name: level.place for level in levels}
    for point in points:
        if point.side is not Side.MIDLINE:
            end = (point.x_px, point.y_px)
            _line(canvas, places[point.level], end, _DARK, sizes.line * 2)
            _line(canvas, places[point.level], end, _WHITE, sizes.line)


def _level_names(
    levels: Sequence[_Level], points: Sequence[LocatedPoint], sizes: _Sizes
) -> list[tuple[RGBArray, layout.Box]]:
    """A tile with the name of each level, for beside the spine; none where it would touch a mark."""
    names = []
    for level in levels:
        tile = _outlined(level.name, sizes.level_text)
        width, height = tile.shape[1], tile.shape[0]
        across = level.across
        extent = abs(across[0]) * width + abs(across[1]) * height
        # Just above the line to the marks, on the subject's left, so that neither hides the other.
        upwards = (across[1], -across[0])
        lift = (abs(upwards[0]) * width + abs(upwards[1]) * height) / 2 + sizes.line
        beside = _moved(level.place, across, -(sizes.tick * 1.2 + extent / 2))
        box = layout.Box.around(_moved(beside, upwards, lift), (width, height))
        if all(box.distance((p.x_px, p.y_px)) > sizes.mark for p in points):
            names.append((tile, box))
    return names


def _labels(
    canvas: RGBArray,
    location: Location,
    points: Sequence[LocatedPoint],
    sizes: _Sizes,
    levels: Sequence[_Level],
    taken: Sequence[layout.Box],
) -> None:
    size = (canvas.shape[1], canvas.shape[0])
    marks = [(point.x_px, point.y_px) for point in points]
    clearance = sizes.mark * 1.7
    legend = _legend(location, sizes)
    legend_box = layout.corner((legend.shape[1], legend.shape[0]), marks, clearance * 2, size)
    codes = list(dict.fromkeys(point.code for point in points))
    tiles = [[_pill(text, sizes, colour(code)) for text in (f"{code} {acupoint(code).pinyin}", code)] for code in codes]
    wishes = [
        layout.Wish(
            sizes=[(tile.shape[1], tile.shape[0]) for tile in choices],
            targets=_targets([point for point in points if point.code == code], levels, turn=index),
        )
        for index, (code, choices) in enumerate(zip(codes, tiles, strict=True))
    ]
    placed = layout.arrange(wishes, marks, clearance, size, [*taken, legend_box] if legend_box else taken)
    for code, choices, place in zip(codes, tiles, placed, strict=True):
        if place:
            end = place.box.nearest(place.target)
            away = math.dist(end, place.target)
            if away > sizes.mark:
                start = _moved(
                    place.target,
                    ((end[0] - place.target[0]) / away, (end[1] - place.target[1]) / away),
                    sizes.mark,
                )
                _line(canvas, start, end, _DARK, sizes.line * 2 + 1)
                _line(canvas, start, end, colour(code), sizes.line)
            _paste(canvas, choices[place.choice], place.box)
    if legend_box:
        _paste(canvas, legend, legend_box)


def _targets(
    marks: Sequence[LocatedPoint], levels: Sequence[_Level], turn: int
) -> list[tuple[layout.Point, layout.Point]]:
    """The marks that a label may point at, with the way out; the sides take turns at being preferred."""
    across = {level.name: level.across for level in levels}
    targets = []
    for mark in marks:
        rightwards = across[mark.level]
        leftwards = (-rightwards[0], -rightwards[1])
        ways = {Side.LEFT: [leftwards], Side.RIGHT: [rightwards], Side.MIDLINE: [leftwards, rightwards]}[mark.side]
        targets += [((mark.x_px, mark.y_px), way) for way in ways]
    return targets if turn % 2 else targets[::-1]


def _moved(point: layout.Point, direction: layout.Point, by: float) -> layout.Point:
    return point[0] + direction[0] * by, point[1] + direction[1] * by


def _disc(canvas: RGBArray, centre: layout.Point, sizes: _Sizes, paint: Colour) -> None:
    for radius, fill in _rims(sizes, paint):
        cv2.circle(canvas, _fixed(centre), _fixed_length(radius), fill, -1, cv2.LINE_AA, _SUBPIXEL_BITS)


def _diamond(canvas: RGBArray, centre: layout.Point, sizes: _Sizes, paint: Colour) -> None:
    """A mark that a hand has put there."""
    for radius, fill in _rims(sizes, paint):
        reach = 1.25 * radius  # as much paint as the disc has
        corners = [_fixed(_moved(centre, way, reach)) for way in ((1, 0), (0, 1), (-1, 0), (0, -1))]
        cv2.fillConvexPoly(canvas, np.array(corners, np.int32), fill, cv2.LINE_AA, _SUBPIXEL_BITS)


def _rims(sizes: _Sizes, paint: Colour) -> tuple[tuple[float, Colour], ...]:
    """Radii and colours of a mark, from its rim to its middle."""
    return (
        (sizes.mark + 1.6 * sizes.line, _DARK),
        (sizes.mark + 0.6 * sizes.line, _WHITE),
        (sizes.mark - 0.6 * sizes.line, paint),
    )


def _line(canvas: RGBArray, start: layout.Point, end: layout.Point, paint: Colour, thickness: int) -> None:
    cv2.line(canvas, _fixed(start), _fixed(end), paint, thickness, cv2.LINE_AA, _SUBPIXEL_BITS)


def _fixed(point: layout.Point) -> tuple[int, int]:
    return _fixed_length(point[0]), _fixed_length(point[1])


def _fixed_length(value: float) -> int:
    return round(value * (1 << _SUBPIXEL_BITS))


@lru_cache(maxsize=64)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)  # the font inside Pillow: the same picture on every machine


def _outlined(text: str, size: int) -> RGBArray:
    """(h, w, 4) white text with a dark rim, readable on light and dark skin."""
    font = _font(size)
    rim = max(1, round(size / 9))
    left, top, right, bottom = font.getbbox(text, stroke_width=rim)
    image = Image.new("RGBA", (math.ceil(right - left), math.ceil(bottom - top)))
    pen = ImageDraw.Draw(image)
    pen.text((-left, -top), text, fill=(*_WHITE, 255), font=font, stroke_width=rim, stroke_fill=(*_DARK, 255))
    return np.asarray(image)


def _pill(text: str, sizes: _Sizes, paint: Colour) -> RGBArray:
    """(h, w, 4) label: dark, rounded, edged in the colour of its mark."""
    font = _font(sizes.text)
    left, top, right, bottom = font.getbbox(text)
    ascent, descent = font.getmetrics() if isinstance(font, ImageFont.FreeTypeFont) else (bottom, 0)
    pad = sizes.text * 0.35
    width, height = math.ceil(right - left + 2 * pad), math.ceil(ascent + descent + pad)
    image = Image.new("RGBA", (width, height))
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle(
        (0, 0, width - 1, height - 1),
        radius=height / 3,
        fill=(*_DARK, 215),
        outline=(*paint, 255),
        width=sizes.line,
    )
    pen.text((pad - left, pad / 2), text, fill=(*_WHITE, 255), font=font)
    return np.asarray(image)


def _legend(location: Location, sizes: _Sizes) -> RGBArray:
    """(h, w, 4) box with the two finger-width bars at the scale of this back."""
    rows = [(1.5, "2 fingers = 1.5 cun"), (3.0, "4 fingers = 3 cun"), (0.0, "ring: 9 in 10 lie inside")]
    diamond = "diamond: moved by hand"
    if any(point.moved_by_hand for point in location.points):
        rows.append((0.0, diamond))
    font = _font(sizes.small_text)
    pad = sizes.small_text * 0.6
    widest = max(font.getlength(text) for _, text in rows)
    bar = 3.0 * location.cun_px
    height_each = sizes.small_text * 1.45
    width, height = math.ceil(bar + widest + 3 * pad), math.ceil(len(rows) * height_each + pad)
    image = Image.new("RGBA", (width, height))
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((0, 0, width - 1, height - 1), radius=pad, fill=(*_DARK, 190))
    for row, (cun, text) in enumerate(rows):
        middle = pad / 2 + (row + 0.5) * height_each
        if cun:
            length = cun * location.cun_px
            pen.line((pad, middle, pad + length, middle), fill=(*_WHITE, 255), width=sizes.line)
            for x in (pad, pad + length):
                pen.line((x, middle - height_each * 0.25, x, middle + height_each * 0.25), fill=(*_WHITE, 255),
                         width=sizes.line)  # fmt: skip
        else:
            # A polygon of four corners is the diamond, one of many the ring.
            outline = (pad + bar / 2, middle, height_each * 0.32)
            pen.regular_polygon(outline, 4 if text == diamond else 40, rotation=45 if text == diamond else 0,
                                outline=(*_WHITE, 255), width=sizes.line)  # fmt: skip
        pen.text((2 * pad + bar, middle), text, fill=(*_WHITE, 255), font=font, anchor="lm")
    return np.asarray(image)


def _paste(canvas: RGBArray, tile: RGBArray, box: layout.Box) -> None:
    """Blend an (h, w, 4) tile in at the box's corner; what lies outside the picture is cut off."""
    left, top = round(box.left), round(box.top)
    region = canvas[max(0, top) : max(0, top + tile.shape[0]), max(0, left) : max(0, left + tile.shape[1])]
    inside = tile[max(0, -top) :, max(0, -left) :][: region.shape[0], : region.shape[1]]
    alpha = inside[..., 3:].astype(np.float32) / 255
    region[:] = np.rint(region * (1 - alpha) + inside[..., :3] * alpha).astype(np.uint8)
