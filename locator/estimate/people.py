"""Several backs in one photo: those beside one that was found, and those of a photo that was read between people.

The networks read one back in a picture. What is left of the photo beside, above and below a back that was found is a
picture of its own, and is looked at as such; so is what is left around a back that was found there, and each half of
what shows too many to be read. Where the whole photo gives none, each half of it is looked at: two people side by side
are read in the gap between them, where there is nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from locator.core.arrays import FloatArray, RGBArray
from locator.core.similarity import Similarity, quarter_turns_to_upright, turned_picture
from locator.estimate import fusion
from locator.estimate.back_estimator import BackNetworks
from locator.estimate.back_reading import BackReading

Spine = tuple[FloatArray, FloatArray]
"""(2,) px of C7 and S2, or of what stands for them."""

Believed = Callable[[BackReading], bool]
"""Whether a reading is sure enough to be a person's back."""

Box = tuple[int, int, int, int]
"""A part of a photo: left, top, right and bottom edge, px; the last two are outside."""

# Spine lengths: how far a trunk reaches beside its spine, and with the head above and the seat below it; the breadth
# of what is left of a photo below which no back of half the size has room in it, and the height below which no trunk
# and head of four fifths of it have, since there most photos show legs; and the breadth from which there is room for
# two. Chosen by hand on made photos of several people.
_HALF_TRUNK, _HEAD, _SEAT = 0.45, 0.45, 0.25
_ROOM, _ROOM_ALONG, _ROOM_FOR_TWO = 0.5, 1.4, 1.8

# How far the middles of two spines must be apart to be of two people, in lengths of the longer: wherever they are, and
# where one lies along the other and each was read in a half of the photo. Halves of one back, each read as a whole one,
# are 1.0 apart; between two backs one above the other there is a head or a seat.
_ELSEWHERE, _FOLLOWING = 0.6, 1.2

_MOST_PEOPLE = 8  # each costs a look, and a photo of more is no photo of a back


def beside(networks: BackNetworks, rgb: RGBArray, spine: Spine, believed: Believed) -> tuple[BackReading, ...]:
    """The other backs in an (h, w, 3) uint8 photo, in its pixels.

    Args:
        spine: of the back that was found.
    """
    turns = quarter_turns_to_upright(spine[0] - spine[1])
    size = (rgb.shape[1], rgb.shape[0])
    picture, back_again = turned_picture(rgb, turns), Similarity.turning_back(turns, size)
    turned = Similarity.turning(turns, size).of_points(np.array(spine))
    found, spines = list[BackReading](), [turned]
    gaps = list(_gaps((0, 0, picture.shape[1], picture.shape[0]), turned))
    while gaps and len(found) < _MOST_PEOPLE - 1:
        left, top, right, bottom = gaps.pop()
        gap = np.ascontiguousarray(picture[top:bottom, left:right])
        seen = networks.glance(gap)
        if seen is None:
            continue
        (seen,) = networks.witnessed(gap, (seen,), fusion.in_doubt)
        other = seen.moved(Similarity.shifting(left, top))
        ends = np.array(spine_of(other))
        if believed(seen) and all(_elsewhere(ends, one) for one in spines):
            found.append(other.moved(back_again))
            spines.append(ends)
            gaps += _gaps((left, top, right, bottom), ends)
        elif right - left > _ROOM_FOR_TWO * _length(turned):
            middle = (left + right) // 2
            gaps += [(left, top, middle, bottom), (middle, top, right, bottom)]
    return tuple(found)


def between(
    networks: BackNetworks, rgb: RGBArray, somebody: Spine | None, believed: Believed
) -> tuple[BackReading, ...]:
    """The backs in an (h, w, 3) uint8 photo of several people that was read as none, in its pixels.

    A photo of one person has none: there a half would show half a back.

    Args:
        somebody: (2,) px of the middles of the shoulders and the hips of a person that the pose model sees, if any.
    """
    seen = _in_halves(networks, rgb, believed, somebody is not None)
    if not seen:
        return ()
    for back in beside(networks, rgb, spine_of(seen[0]), believed):
        if all(of_two(spine_of(back), spine_of(one)) for one in seen):
            seen.append(back)
    several = len(seen) > 1 or (somebody is not None and of_two(spine_of(seen[0]), somebody))
    return tuple(seen) if several else ()


def _in_halves(networks: BackNetworks, rgb: RGBArray, believed: Believed, one_is_enough: bool) -> list[BackReading]:
    """The surest back of each half that has one, the surest first: halves side by side, or else above each other.

    Unless ``one_is_enough``, a second half is looked at only where the first has one: most photos that are refused show
    no back at all, and each half costs as much as a photo.
    """
    height, width = rgb.shape[:2]
    sideways = [(0, 0, width // 2, height), (width // 2, 0, width, height)]
    upright = [(0, 0, width, height // 2), (0, height // 2, width, height)]
    for halves in (sideways, upright):
        found: list[BackReading] = []
        for left, top, right, bottom in halves:
            if (left or top) and not (found or one_is_enough):
                break
            half = np.ascontiguousarray(rgb[top:bottom, left:right])
            read = networks.witnessed(half, networks.read(half), fusion.in_doubt) if half.size else ()
            read = tuple(one for one in read if believed(one))
            found += [one.moved(Similarity.shifting(left, top)) for one in read[:1]]
        found.sort(key=lambda one: -one.certainty)
        if len(found) == 2 and not of_two(spine_of(found[0]), spine_of(found[1])):
            found.pop()
        if found:
            return found
    return []


def spine_of(back: BackReading) -> Spine:
    """Its ends."""
    return back.levels["C7"], back.levels["S2"]


def in_order(places: Sequence[FloatArray]) -> list[int]:
    """The numbers of (2,) px places from left to right, or from top to bottom where they lie one below the other."""
    spread = np.ptp(np.array(places), axis=0) if places else np.zeros(2)
    axis = int(spread[1] > spread[0])
    return sorted(range(len(places)), key=lambda one: float(places[one][axis]))


def of_two(one: Spine, other: Spine) -> bool:
    """Whether two spines that were each read for themselves are of two people: side by side, or one after the other."""
    sideways, along = _away(one, other)
    return sideways > _HALF_TRUNK or along > _FOLLOWING


def _away(one: Spine, other: Spine) -> tuple[float, float]:
    """How far the middle of another spine lies beside and along one, in lengths of the longer."""
    (c7, s2), middle = one, (other[0] + other[1]) / 2
    down, length = s2 - c7, _length(one)
    if length == 0.0:
        return 0.0, 0.0
    off = middle - (c7 + s2) / 2
    unit = length * max(length, _length(other))
    return abs(float(down[0] * off[1] - down[1] * off[0])) / unit, abs(float(down @ off)) / unit


def _gaps(around: Box, spine: FloatArray) -> Iterator[Box]:
    """What is left of a box beside, above and below a (2, 2) upright spine in it, as far as another back has room."""
    length = _length(spine)
    left, top, right, bottom = around
    beside, low = _HALF_TRUNK * length, spine.min(axis=0)
    far_left, far_right = int(low[0] - beside), int(np.ceil(spine[:, 0].max() + beside))
    far_up, far_down = int(low[1] - _HEAD * length), int(np.ceil(spine[:, 1].max() + _SEAT * length))
    for box in (
        (left, top, right, min(far_up, bottom)),
        (left, max(far_down, top), right, bottom),
        (left, top, min(far_left, right), bottom),
        (max(far_right, left), top, right, bottom),
    ):
        across = box[0] > left or box[2] < right
        wide, high = (_ROOM, 0.0) if across else (_ROOM, _ROOM_ALONG)
        if box[2] - box[0] >= max(wide * length, 1.0) and box[3] - box[1] >= max(high * length, 1.0):
            yield box


def _length(spine: Spine | FloatArray) -> float:
    return float(np.linalg.norm(spine[1] - spine[0]))


def _elsewhere(one: FloatArray, other: FloatArray) -> bool:
    """Whether two (2, 2) spines are of two people, wherever these are."""
    off = float(np.linalg.norm(one.mean(axis=0) - other.mean(axis=0)))
    return off > _ELSEWHERE * max(_length(one), _length(other))
