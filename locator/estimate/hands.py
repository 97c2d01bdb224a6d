"""Hands in a picture, and the line across their four fingers that measures three cun."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from locator.core.arrays import FloatArray, RGBArray
from locator.core.body import Landmarks
from locator.core.geometry import turned
from locator.core.similarity import Similarity, from_shares, resized, turned_picture
from locator.estimate import midline
from locator.models.mediapipe_tasks import Landmarker, Model, check_picture
from locator.photo import resizing

MAX_HANDS = 4
"""The most that are found in one view."""

LONGEST_PX = 1024
"""Longer side of the picture that is predicted. The models work at 192 and 224 px; more costs time only."""

# A hand on skin is often missed where it is small in the picture, and legs and whole backs have been read as hands,
# but seldom twice in the same place or with as much confidence as real ones.
_PRESENCE = 0.8
_SEEN = 4
_SAME_HAND = 0.3  # share of a hand's length that its landmarks may lie apart between two views

# Rows of MediaPipe's 21 landmarks of a hand, from the index finger to the little finger.
_KNUCKLES, _MIDDLE_JOINTS, _TIPS = [5, 9, 13, 17], [6, 10, 14, 18], [8, 12, 16, 20]
_WRIST, _MIDDLE_KNUCKLE = 0, 9
_LANDMARKS = 21
_SPACING = np.array([-0.3, -0.1, 0.1, 0.3])  # least-squares slope of four equally spaced values

# Fingers that lie straight and flat are about as long as the palm from the wrist to the knuckles; four together are
# 0.9 as broad as they are long. People and readings vary by a fifth; more is a bent, tilted or spread hand.
_FINGERS_TO_PALM = (0.7, 1.3)
_BREADTH_TO_FINGERS = (0.7, 1.06)
_TIPS_TO_JOINTS = 1.05  # fingers taper: side by side their tips are no further apart than their middle joints
_BREADTHS = (0.6, 1.5)  # four fingers over those of the body's proportions: a child's hand on a man, and the reverse
_UNEVEN = 0.6  # widest less narrowest gap between neighbouring joints, in finger breadths


@dataclass(frozen=True, eq=False)
class FourFingers:
    """The line across the four fingers of one hand, at the middle joints.

    Attributes:
        ends_px: (2, 2) its ends at the outer edges of the index and the little finger, in that order.
        seen: number of views that saw this hand.
        together: whether the fingers lie straight, side by side and flat to the camera, so that the line may be taken
            for three cun. Gaps of less than a fifth of a finger and tilts of less than 30° do not show.
    """

    ends_px: FloatArray
    seen: int
    together: bool


class HandFinder:
    """Finds hands with MediaPipe's HandLandmarker; threads, the network and failures as in :class:`Landmarker`.

    Args:
        bundle: a ``.task`` file, as ``registry.bundle(registry.HAND)`` gives it; asked whenever it is loaded.
    """

    def __init__(self, bundle: Model) -> None:
        self._landmarker = Landmarker("Hand", bundle, num_hands=MAX_HANDS, min_hand_presence_confidence=_PRESENCE)

    def close(self) -> None:
        """Free the model; a later :meth:`find` loads it again."""
        self._landmarker.close()

    def find(self, rgb: RGBArray) -> tuple[FourFingers, ...]:
        """Every hand in ``rgb`` that several views agree on: those together first, then the most seen.

        Whose hand it is, and whether it lies on the back, is not known: the arms of the person in the picture end in
        hands too. A hand shorter than a twelfth of the picture's longer side may be missed; a part of the picture may
        be given instead.

        Args:
            rgb: (h, w, 3) uint8, upright.

        Returns:
            Lines in pixels of ``rgb``.

        Raises:
            TypeError, ValueError: on anything but a non-empty (h, w, 3) uint8 array.
        """
        check_picture(rgb)
        small, shrunk = resizing.shrink(rgb, LONGEST_PX)
        found = [four_fingers(resized(hand, 1 / shrunk), seen) for hand, seen in _agreed(self._readings(small))]
        return tuple(sorted(found, key=lambda hand: (hand.together, hand.seen), reverse=True))

    def _readings(self, rgb: RGBArray) -> Iterator[FloatArray]:
        """(21, 2) landmarks in pixels of ``rgb``, of every hand in every quarter turn of every window."""
        for left, top, window in _windows(rgb):
            for quarter_turns in range(4):
                view = turned_picture(window, quarter_turns)
                to_window = Similarity.turning_back(quarter_turns, (window.shape[1], window.shape[0]))
                for hand in self._landmarker.detect(view).hand_landmarks:
                    shares = np.array([(point.x, point.y) for point in hand])
                    yield to_window.of_points(from_shares(shares, (view.shape[1], view.shape[0]))) + (left, top)


def _agreed(readings: Iterable[FloatArray]) -> list[tuple[FloatArray, int]]:
    """The median of the readings of each hand that enough views saw, and their number."""
    hands: list[list[FloatArray]] = []
    for reading in readings:
        same = next((hand for hand in hands if _is_same(np.median(hand, axis=0), reading)), None)
        if same is None:
            hands.append([reading])
        else:
            same.append(reading)
    return [(np.median(hand, axis=0), len(hand)) for hand in hands if len(hand) >= _SEEN]


def _is_same(hand: FloatArray, other: FloatArray) -> bool:
    length = np.linalg.norm(np.ptp(hand, axis=0))
    return bool(np.linalg.norm(hand - other, axis=1).mean() < _SAME_HAND * length)


def _windows(rgb: RGBArray) -> Iterator[tuple[int, int, RGBArray]]:
    """(left, top, part): the whole picture, then overlapping squares of half its longer side."""
    yield 0, 0, rgb
    height, width = rgb.shape[:2]
    side = (max(height, width) + 1) // 2
    for top in _starts(height, side):
        for left in _starts(width, side):
            yield left, top, rgb[top : top + side, left : left + side]


def _starts(length: int, side: int) -> list[int]:
    """Where windows of ``side`` begin that cover ``length`` and overlap by at least a half."""
    spare = max(length - side, 0)
    steps = -(-2 * spare // side)
    return [spare * step // steps for step in range(steps + 1)] if steps else [0]


def four_fingers(landmarks: FloatArray, seen: int) -> FourFingers:
    """The line across the fingers of one hand.

    The centres of the four middle joints (PIP) span three finger breadths when the fingers lie side by side; half a
    finger more at each end makes four. The line runs straight across the fingers, not from joint to joint: the little
    finger's joint lies lower, and a line to it is some 4 % longer than the fingers are broad. On rendered hands with
    known edges the line was 0.97 of the truth in the median of 16, 0.83 to 1.09 at the most.

    Args:
        landmarks: (21, 2) px, numbered as by MediaPipe.
        seen: number of views that saw them.

    Raises:
        ValueError: on another shape.
    """
    if landmarks.shape != (_LANDMARKS, 2):
        raise ValueError(f"landmarks: expected shape ({_LANDMARKS}, 2), got {landmarks.shape}")
    joints = landmarks[_MIDDLE_JOINTS]
    fingers = landmarks[_TIPS] - landmarks[_KNUCKLES]
    length = float(np.linalg.norm(fingers, axis=1).mean())
    palm = float(np.linalg.norm(landmarks[_MIDDLE_KNUCKLE] - landmarks[_WRIST]))
    along = fingers.sum(axis=0)
    across = turned(along / max(float(np.linalg.norm(along)), 1e-9))
    if (joints[-1] - joints[0]) @ across < 0:
        across = -across
    breadth = float(joints @ across @ _SPACING)
    gaps = np.diff(joints @ across)
    reach = 2 * breadth * across
    together = (
        breadth > 0
        and _within(length, palm, _FINGERS_TO_PALM)
        and _within(4 * breadth, length, _BREADTH_TO_FINGERS)
        and float(landmarks[_TIPS] @ across @ _SPACING) <= _TIPS_TO_JOINTS * breadth
        and float(np.ptp(gaps)) <= _UNEVEN * breadth
    )
    middle = joints.mean(axis=0)
    return FourFingers(np.stack([middle - reach, middle + reach]), seen, together)


def on_back(hands: Iterable[FourFingers], landmarks: Landmarks) -> FourFingers | None:
    """The hand that measures the cun of a back: fingers together, on the back, as broad as fingers of that size are.

    The subject's own hands hang beside the back; a hand that is much too broad or narrow is another thing misread.
    """
    frame = midline.frame(landmarks)
    usual_px = 3 * midline.model().cun_px(landmarks)
    for hand in hands:
        along, aside = frame.from_px(hand.ends_px.mean(axis=0))
        breadth_px = float(np.linalg.norm(hand.ends_px[1] - hand.ends_px[0]))
        beside_spine = landmarks.shoulders_px / 2 / frame.length_px
        if hand.together and 0 < along < 1 and abs(aside) < beside_spine and _within(breadth_px, usual_px, _BREADTHS):
            return hand
    return None


def _within(value: float, unit: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] * unit <= value <= bounds[1] * unit
