"""Putting landmarks right by hand: what each drag does to the anchors. Pure; a page or a program calls it.

What a hand has set stays. What was read in the photo stays too, but for a spine's middle that only follows from C7 and
the hips; and what nobody knows yet goes along with what is known.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from locator.catalogue.acupoints import acupoint
from locator.core.anchors import Anchors, FingersInPhoto, MovedMark, OwnHand, SetBy
from locator.core.arrays import FloatArray
from locator.core.body import LANDMARKS, Landmarks, Side
from locator.core.geometry import TorsoFrame
from locator.core.similarity import Similarity
from locator.core.types import Location
from locator.estimate import combining, midline

_HEIGHT, _WIDTH = 0.6, 0.75  # most of the picture that the back and the shoulders of unset handles take
_STRETCH = (0.4, 2.5)  # least and most that unset handles are drawn together or apart
_REMEMBERED = 200  # steps that can be undone


def read(location: Location) -> Anchors:
    """The handles of a back that was read in the photo."""
    reserved = tuple(issue.code for issue in location.issues)
    by = dict.fromkeys(LANDMARKS, SetBy.PHOTO)
    return Anchors(location.landmarks, by, reserved=reserved, detail=location.detail, read=location.landmarks)


def unset(size_px: tuple[int, int], quarter_turns: int = 0, reserved: tuple[str, ...] = ()) -> Anchors:
    """Handles to be dragged into place: an average back, upright in a picture of (width, height) ``size_px``.

    Args:
        quarter_turns: clockwise, by which the picture is turned for looking at it.
        reserved: why the photo itself was refused.
    """
    width, height = size_px if quarter_turns % 2 == 0 else size_px[::-1]
    breadth = midline.model().proportions["shoulders_breadth"][0]
    length = min(_HEIGHT * height, _WIDTH * width / breadth)
    middle = (np.array([width, height]) - 1) / 2
    down = np.array([0.0, length / 2])
    body = _average(TorsoFrame.between(middle - down, middle + down))
    to_photo = Similarity.turning(quarter_turns, (width, height))  # it is shown turned clockwise
    return guessed(Landmarks(**{name: to_photo.of(getattr(body, name)) for name in LANDMARKS}), reserved)


def guessed(landmarks: Landmarks, reserved: tuple[str, ...] = ()) -> Anchors:
    """Handles to be dragged into place, from a body that was made out but not surely."""
    return Anchors(landmarks, dict.fromkeys(LANDMARKS, SetBy.DEFAULT), reserved=reserved)


def _average(frame: TorsoFrame) -> Landmarks:
    """The average back in a frame from C7 to the middle of the hips."""
    model = midline.model()
    mean = {name: share for name, (share, _) in model.proportions.items()}
    shoulders, hips = mean["shoulders_breadth"] / 2, mean["hips_breadth"] / 2
    points = {
        "c7": (0.0, 0.0),
        "subject_left_shoulder": (mean["shoulders_along"], -shoulders),
        "subject_right_shoulder": (mean["shoulders_along"], shoulders),
        "spine_middle": (mean["middle_along"], 0.0),
        "subject_left_hip": (1.0, -hips),
        "subject_right_hip": (1.0, hips),
    }
    return Landmarks(**{name: frame.to_px(np.array(point)) for name, point in points.items()})


def drag(anchors: Anchors, name: str, to: FloatArray, start: Landmarks) -> Anchors:
    """The anchors after a hand has put one of :data:`~locator.core.body.LANDMARKS` at ``to``, (2,) px.

    Args:
        start: where the handles were before the first drag; the unset ones keep that shape.

    Raises:
        LookupError: on another name.
    """
    if name not in LANDMARKS:
        raise LookupError(f"{name!r}: expected one of {', '.join(LANDMARKS)}")
    before = anchors.landmarks
    set_by = {**anchors.set_by, name: SetBy.HAND}
    after = dataclasses.replace(before, **{name: to})
    after = _with_unset_carried(after, set_by, start)
    if after.back_px == 0.0:
        return anchors  # C7 on the hips: no back, and nothing that could follow
    put = dataclasses.replace(anchors, landmarks=after, set_by=set_by)
    return dataclasses.replace(put, landmarks=dataclasses.replace(after, spine_middle=_middle(put, before)))


def _middle(anchors: Anchors, before: Landmarks) -> FloatArray:
    """(2,) px: where T9 goes, now that another handle has been dragged from the landmarks ``before``."""
    landmarks, by = anchors.landmarks, anchors.set_by["spine_middle"]
    if by is SetBy.HAND:
        return landmarks.spine_middle
    both = combining.combine(anchors, midline.model())
    if by is SetBy.PHOTO and both and anchors.read:
        # The networks read it by itself, so it stays, unless the other handles tell that they have read another back.
        read = anchors.read
        along = carried(read.spine_middle, read, landmarks) - read.spine_middle
        stays: FloatArray = read.spine_middle + (1.0 - 1.0 / both.doubt**2) * along
        return stays
    if by is SetBy.PHOTO and before.back_px > 0.0:
        return carried(before.spine_middle, before, landmarks)
    return midline.model().usual_middle(landmarks.c7, landmarks.hip_midpoint)


def carried(point: FloatArray, before: Landmarks, after: Landmarks) -> FloatArray:
    """Where a (2,) point goes that is fixed to C7 and the middle of the hips."""
    there: FloatArray = midline.frame(after).to_px(midline.frame(before).from_px(point))
    return there


def _with_unset_carried(landmarks: Landmarks, set_by: Mapping[str, SetBy], start: Landmarks) -> Landmarks:
    """The landmarks with the unset ones shifted, turned and enlarged from ``start`` as those that are set were."""
    unset_names = [name for name in LANDMARKS if set_by[name] is SetBy.DEFAULT]
    set_names = [name for name in LANDMARKS if name not in unset_names]
    before = np.array([getattr(start, name) for name in set_names])
    after = np.array([getattr(landmarks, name) for name in set_names])
    # Two handles put close together must not draw the others into a heap, nor throw them out of the picture.
    fitted = Similarity.fitting(before, after, scales=_STRETCH)
    return dataclasses.replace(landmarks, **{name: fitted.of(getattr(start, name)) for name in unset_names})


def drag_mark(anchors: Anchors, location: Location, code: str, side: Side, to: FloatArray, both: bool) -> Anchors:
    """The anchors after a hand has put one mark of ``location`` at ``to``, (2,) px.

    Args:
        both: whether the mark of the other side goes along, as in a mirror at the spine, from where it is.

    Raises:
        LookupError: on a mark that the catalogue does not know.
    """
    point = acupoint(code)
    if (side is Side.MIDLINE) == point.paired:
        raise LookupError(f"{code} has no mark at {side.value}")
    moved = {(mark.code, mark.side): mark for mark in anchors.moved}
    moved[code, side] = MovedMark(code, side, float(to[0]), float(to[1]))
    if both and point.paired:
        other = Side.RIGHT if side is Side.LEFT else Side.LEFT
        here = {mark.side: np.array([mark.x_px, mark.y_px]) for mark in location.points if mark.code == code}
        # A reading does not put the two at the same distance, and the first touch of one must not make the other jump.
        x, y = here[other] + _mirrored(to - here[side], midline.model().across(anchors.landmarks, point.level))
        moved[code, other] = MovedMark(code, other, float(x), float(y))
    return dataclasses.replace(anchors, moved=tuple(moved.values()))


def _mirrored(way: FloatArray, rightwards: FloatArray) -> FloatArray:
    """A (2,) way as in a mirror that the unit vector ``rightwards`` stands upright on."""
    mirrored: FloatArray = way - 2 * (way @ rightwards) * rightwards
    return mirrored


def measure(anchors: Anchors, fingers: FingersInPhoto | OwnHand | None) -> Anchors:
    """The anchors with the finger-widths measured otherwise."""
    return dataclasses.replace(anchors, fingers=fingers)


def ends_to_drag(landmarks: Landmarks, cun_px: float | None = None) -> FloatArray:
    """(2, 2) px: where the ends of a measure start, four fingers apart across the small of the back.

    Args:
        cun_px: one cun of this back; None for that of its proportions.
    """
    frame = midline.frame(landmarks)
    half = 1.5 * (cun_px or midline.model().cun_px(landmarks)) / frame.length_px
    ends: FloatArray = frame.to_px(np.array([[0.8, -half], [0.8, half]]))
    return ends


@dataclass(frozen=True, eq=False)
class History:
    """One photo's corrections, step by step.

    Attributes:
        start: what "reset" goes back to.
        now: what holds.
        undone: what can be done again, the next one last.
    """

    start: Anchors
    now: Anchors
    past: tuple[Anchors, ...] = ()
    undone: tuple[Anchors, ...] = ()

    @classmethod
    def of(cls, start: Anchors) -> History:
        """Nothing done yet."""
        return cls(start, start)

    def do(self, anchors: Anchors) -> History:
        """One step on."""
        if anchors is self.now:
            return self
        return History(self.start, anchors, (*self.past, self.now)[-_REMEMBERED:])

    def undo(self) -> History:
        """One step back, if any."""
        if not self.past:
            return self
        return History(self.start, self.past[-1], self.past[:-1], (*self.undone, self.now))

    def redo(self) -> History:
        """One undone step on, if any."""
        if not self.undone:
            return self
        return History(self.start, self.undone[-1], (*self.past, self.now), self.undone[:-1])

    def reset(self) -> History:
        """Back to the start; a step like any other, so it can be undone."""
        return self.do(self.start)
