"""Several backs in one photo: those beside one that was found, and those of a photo that was read between people.

The networks read one back in a picture. Beside a back that was found, what is left of the photo is a picture of its
own, and is looked at as such; so is what lies beside a back that was found there. Where the whole photo gives none,
each half of it is looked at: two people side by side are read in the gap between them, where there is nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from locator.core.arrays import FloatArray, RGBArray
from locator.core.similarity import Similarity, quarter_turns_to_upright, turned_picture
from locator.estimate.back_estimator import BackNetworks
from locator.estimate.back_reading import BackReading

Spine = tuple[FloatArray, FloatArray]
"""(2,) px of C7 and S2, or of what stands for them."""

Believed = Callable[[BackReading], bool]
"""Whether a reading is sure enough to be a person's back."""

# Spine lengths: how far a trunk reaches beside its spine, and the breadth of what is left of a photo below which no
# back of half the size has room in it. Chosen by hand on made photos of several people.
_HALF_TRUNK, _ROOM = 0.45, 0.5

_MOST_PEOPLE = 8  # each costs a look, and a photo of more is no photo of a back


def beside(networks: BackNetworks, rgb: RGBArray, spine: Spine, believed: Believed) -> tuple[BackReading, ...]:
    """The other backs in an (h, w, 3) uint8 photo, about the same way up, in its pixels.

    Args:
        spine: of the back that was found.
    """
    turns = quarter_turns_to_upright(spine[0] - spine[1])
    size = (rgb.shape[1], rgb.shape[0])
    picture, back_again = turned_picture(rgb, turns), Similarity.turning_back(turns, size)
    turned = Similarity.turning(turns, size).of_points(np.array(spine))
    found: list[BackReading] = []
    gaps = list(_gaps((0, picture.shape[1]), turned, float(np.linalg.norm(spine[1] - spine[0]))))
    while gaps and len(found) < _MOST_PEOPLE - 1:
        left, right = gaps.pop()
        gap = np.ascontiguousarray(picture[:, left:right])
        seen = networks.glance(gap)
        if seen is None:
            continue
        (seen,) = networks.witnessed(gap, (seen,))
        if not believed(seen):
            continue
        other = seen.moved(_shift(left, 0))
        found.append(other.moved(back_again))
        ends = np.array([other.levels["C7"], other.levels["S2"]])
        gaps += _gaps((left, right), ends, other.spine_px)
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
        if all(apart(spine_of(back), spine_of(one)) for one in seen):
            seen.append(back)
    several = len(seen) > 1 or (somebody is not None and apart(spine_of(seen[0]), somebody))
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
            read = networks.witnessed(half, networks.read(half)) if half.size else ()
            read = tuple(one for one in read if believed(one))
            found += [one.moved(_shift(left, top)) for one in read[:1]]
        found.sort(key=lambda one: -one.certainty)
        if len(found) == 2 and not apart(spine_of(found[0]), spine_of(found[1])):
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


def apart(one: Spine, other: Spine) -> bool:
    """Whether two spines are of two people: side by side rather than along each other."""
    (c7, s2), middle = one, (other[0] + other[1]) / 2
    down = s2 - c7
    length = float(np.linalg.norm(down))
    if length == 0.0:
        return False
    off = middle - (c7 + s2) / 2
    sideways = abs(float(down[0] * off[1] - down[1] * off[0])) / length
    return sideways > _HALF_TRUNK * max(length, float(np.linalg.norm(other[1] - other[0])))


def _gaps(between: tuple[int, int], spine: FloatArray, spine_px: float) -> Iterator[tuple[int, int]]:
    """What is left of a range of columns on both sides of a (2, 2) spine in it, as far as another back has room."""
    reach = _HALF_TRUNK * spine_px
    left, right = int(spine[:, 0].min() - reach), int(np.ceil(spine[:, 0].max() + reach))
    for gap in ((between[0], left), (right, between[1])):
        if gap[1] - gap[0] >= max(_ROOM * spine_px, 1.0):
            yield gap


def _shift(x: int, y: int) -> Similarity:
    return Similarity(np.array([[1.0, 0.0, float(x)], [0.0, 1.0, float(y)]]))
