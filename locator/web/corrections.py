"""What a visitor has put right on one photo: events of the editor in, the view to be shown out. Knows no Streamlit."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from locator import api
from locator.catalogue.acupoints import acupoint, catalogue
from locator.catalogue.entries import joined
from locator.catalogue.words import CorrectionWords, Words, words
from locator.core.anchors import Anchors, FingersInPhoto, OwnHand, SetBy
from locator.core.arrays import FloatArray
from locator.core.body import LANDMARKS, OTHER_SIDE, Side, other_landmark
from locator.core.types import ImageInfo, LocatedPoint, Location, Refusal, Result, lies_in
from locator.draw.labels import written
from locator.draw.style import Style
from locator.estimate import handles
from locator.estimate.handles import History

if TYPE_CHECKING:
    from locator.web.components.editor import Event, Handle, Mark, Measure, Other, Photo, View

Outcome = Location | Refusal
Position = tuple[float, float]

_REQUIRED = tuple(name for name in LANDMARKS if name != "spine_middle")  # which is worked out from the others
_STYLE = Style("codes")
_MARGIN_CUN = 2.5  # around the marks, in what the editor opens on
_NAMED_LEVELS = ("C7", "T4", "T7", "T9", "T12", "L2", "S2")


@dataclass(frozen=True, eq=False)
class Corrections:
    """One photo's corrections.

    Attributes:
        image: the photo.
        automatic: what the program itself made of the photo.
        history: the handles, step by step.
        laid_out: whether the handles started from an average back, for want of anything seen in the photo.
        dragged: the handles as they are in the middle of a drag; None at rest.
        both_sides: whether moving one mark of a pair moves the other.
        quarter_turns: clockwise, by which the photo is shown turned.
        answers: number of the last event that is taken in.
        mirrored: whether the photo is a mirror image. Handles and marks are kept as the picture shows them; what is
            said of them, and saved, has their true sides.
        hidden: two opposite corners, px, of each part to be made unrecognisable in what is taken away.
        by_hand: whether the visitor wants to place the points of a refused photo by hand.
    """

    image: ImageInfo
    automatic: Outcome
    history: History
    laid_out: bool = False
    dragged: Anchors | None = None
    both_sides: bool = True
    quarter_turns: int = 0
    answers: int = 0
    mirrored: bool = False
    hidden: tuple[tuple[Position, Position], ...] = ()
    by_hand: bool = False

    @classmethod
    def of(cls, result: Result) -> Corrections:
        """Nothing put right yet, for a photo that was located or refused."""
        outcome = result.outcome
        assert isinstance(outcome, (Location, Refusal))
        if isinstance(outcome, Location):
            return cls(result.image, outcome, History.of(handles.read(outcome)))
        if result.guess:
            return cls(result.image, outcome, History.of(handles.guessed(result.guess, (outcome.code,))))
        unset = handles.unset(_size_px(result.image), reserved=(outcome.code,))
        return cls(result.image, outcome, History.of(unset), laid_out=True)

    @property
    def anchors(self) -> Anchors:
        """The handles as they are now."""
        return self.dragged or self.history.now

    @property
    def touched(self) -> bool:
        """Whether anything differs from what the program itself made of the photo."""
        return self.anchors is not self.history.start

    @cached_property
    def outcome(self) -> Outcome:
        """The marks, or why there are none."""
        return api.locate_anchors(self.anchors, _size_px(self.image)) if self.touched else self.automatic

    @property
    def settled(self) -> Corrections:
        """The corrections without a drag that is under way."""
        return dataclasses.replace(self, dragged=None) if self.dragged else self

    @property
    def missing(self) -> Refusal | None:
        """What the handles lack for a back, if the photo has no answer."""
        if isinstance(self.outcome, Location):
            return None
        wrong = api.locate_anchors(self.anchors, _size_px(self.image))
        return wrong if isinstance(wrong, Refusal) else None

    def after(self, event: Event) -> Corrections:
        """The corrections after something that the visitor did; nonsense, and what was seen before, change nothing."""
        if event["seq"] <= self.answers:
            return self
        return dataclasses.replace(self._after(event), answers=event["seq"])

    def loaded(self, anchors: Anchors) -> Corrections:
        """The corrections with the handles of a file, as one step."""
        return self._done(anchors)

    def measured(self, fingers: FingersInPhoto | OwnHand | None) -> Corrections:
        """The corrections with the finger-widths measured otherwise, as one step."""
        return self._done(handles.measure(self.history.now, fingers))

    def hiding_one_more(self) -> Corrections:
        """The corrections with another part to hide, in the middle of the photo to begin with."""
        width, height = _size_px(self.image)
        part = ((0.42 * width, 0.42 * height), (0.58 * width, 0.58 * height))
        return dataclasses.replace(self, hidden=(*self.hidden, part))

    def hiding_nothing(self) -> Corrections:
        """The corrections without parts to hide."""
        return dataclasses.replace(self, hidden=())

    def _done(self, anchors: Anchors) -> Corrections:
        return dataclasses.replace(self, history=self.history.do(anchors), dragged=None)

    def _after(self, event: Event) -> Corrections:
        kind = event["kind"]
        if kind in ("select", "person"):
            return self  # of the visitor, not of the photo
        if kind == "turn":
            return self._turned()
        if kind == "symmetric":
            return dataclasses.replace(self, both_sides=not self.both_sides)
        if kind == "cancel":
            return dataclasses.replace(self, dragged=None)
        if kind in ("undo", "redo", "reset"):
            history: History = getattr(self.history, kind)()
            return dataclasses.replace(self, history=history, dragged=None)
        if kind == "part":
            return _part_dragged(self, event)
        anchors = self._dragged(event)
        if anchors is None:
            return self
        return self._done(anchors) if event["final"] else dataclasses.replace(self, dragged=anchors)

    def _turned(self) -> Corrections:
        """The photo turned by a quarter; handles that nothing is known of stay upright on the screen."""
        turned = dataclasses.replace(self, quarter_turns=(self.quarter_turns + 1) % 4)
        if self.history.past or self.history.undone or not self.laid_out:
            return turned
        unset = handles.unset(_size_px(self.image), turned.quarter_turns, self.history.start.reserved)
        return dataclasses.replace(turned, history=History.of(unset))

    def _dragged(self, event: Event) -> Anchors | None:
        """The handles after one thing was dragged; None if there is no such thing."""
        now, start = self.history.now, self.history.start.landmarks
        to, name = np.array([event["x_px"], event["y_px"]]), event["name"]
        try:
            if event["kind"] == "handle":
                return handles.drag(now, name, to, start)
            if event["kind"] == "measure":
                return _measure_dragged(now, int(name), to)
            code, _, side = name.partition("/")
            location = self._location_of_step()
            return handles.drag_mark(now, location, code, Side(side), to, self.both_sides) if location else None
        except (LookupError, ValueError):
            return None

    def _location_of_step(self) -> Location | None:
        """The marks before the drag."""
        outcome = self.settled.outcome
        return outcome if isinstance(outcome, Location) else None


def _part_dragged(corrections: Corrections, event: Event) -> Corrections:
    """The corrections with one corner of a hidden part elsewhere."""
    corners = {f"{i}/{k}": (i, k) for i in range(len(corrections.hidden)) for k in (0, 1)}
    if event["name"] not in corners or not event["final"]:
        return corrections  # on the way the editor shows the box by itself
    index, corner = corners[event["name"]]
    part = list(corrections.hidden[index])
    part[corner] = (event["x_px"], event["y_px"])
    hidden = (*corrections.hidden[:index], (part[0], part[1]), *corrections.hidden[index + 1 :])
    return dataclasses.replace(corrections, hidden=hidden)


def to_place(corrections: Corrections) -> tuple[str, ...]:
    """The handles that a refused photo still lacks, in the order in which the visitor is led through them."""
    if isinstance(corrections.outcome, Location):
        return ()
    return tuple(name for name in _REQUIRED if corrections.anchors.set_by[name] is not SetBy.HAND)


def _size_px(image: ImageInfo) -> tuple[int, int]:
    assert image.width_px is not None
    assert image.height_px is not None
    return image.width_px, image.height_px


def _measure_dragged(anchors: Anchors, index: int, to: FloatArray) -> Anchors | None:
    if anchors.fingers is None or index not in (0, 1):
        return None
    ends = anchors.fingers.ends_px.copy()
    ends[index] = to
    return handles.measure(anchors, dataclasses.replace(anchors.fingers, ends_px=ends))


def view(
    corrections: Corrections,
    photo: Photo,
    codes: Collection[str],
    style: Style = _STYLE,
    selected: str | None = None,
    others: Sequence[Other] = (),
) -> View:
    """What the editor shows: the handles, and the marks of the acupoints in ``codes``, one of them ``selected``.

    ``others`` are the other backs in the photo.

    Labels, language and size of marks are those of what is taken away.

    A refused photo has no handles until the visitor wants to place them; then it says which is next, and why.
    """
    texts = words(style.language)
    outcome, anchors, history = corrections.outcome, corrections.anchors, corrections.history
    location = outcome if isinstance(outcome, Location) else None
    placing = corrections.by_hand or corrections.touched
    return {
        "photo": photo,
        "turn": 90 * corrections.quarter_turns,
        "handles": _handles(corrections, texts) if location or placing else [],
        "marks": _marks(corrections, location, codes, style) if location else [],
        "spine": [(level.x_px, level.y_px) for level in location.levels] if location else [],
        "levels": [
            {"name": level.level, "x_px": level.x_px, "y_px": level.y_px}
            for level in (location.levels if location else ())
            if level.level in _NAMED_LEVELS
        ],
        "cun_px": location.cun_px if location else None,
        "size": style.size,
        "back": _back(location) if location else None,
        "others": list(others),
        "measure": _measure_line(anchors, texts.corrections),
        "parts": list(corrections.hidden),
        "message": _message(corrections, texts) if placing else None,
        "placing": placing and bool(to_place(corrections)),
        "selected": selected,
        "symmetric": corrections.both_sides,
        "can_undo": bool(history.past),
        "can_redo": bool(history.undone),
        "can_reset": corrections.touched,
        "answers": corrections.answers,
    }


def _message(corrections: Corrections, words: Words) -> str | None:
    """Which handle is the next to be placed, or what those that are all placed lack for a back."""
    lacking = to_place(corrections)
    if lacking:
        name = lacking[0]
        text = words.handles[other_landmark(name) if corrections.mirrored else name]
        step = len(_REQUIRED) - len(lacking) + 1
        return words.corrections.guide.format(
            step=step, steps=len(_REQUIRED), name=text.name, hint=text.hint, purpose=text.purpose
        )
    missing = corrections.missing
    if missing is None:
        return None
    reason = words.reason(missing)
    return f"{reason.message} {reason.remedy}"


def _handles(corrections: Corrections, words: Words) -> list[Handle]:
    shown: list[Handle] = []
    anchors = corrections.anchors
    for name in LANDMARKS:
        text = words.handles[other_landmark(name) if corrections.mirrored else name]
        x, y = getattr(anchors.landmarks, name)
        shown.append(
            {
                "name": name,
                "label": text.label,
                "hint": joined([text.hint, text.purpose]),
                "needed": name in _REQUIRED,
                "x_px": float(x),
                "y_px": float(y),
                "set_by": anchors.set_by[name].value,
            }
        )
    return shown


def _marks(corrections: Corrections, location: Location, codes: Collection[str], style: Style) -> list[Mark]:
    feet = {level.level: (level.x_px, level.y_px) for level in location.levels}
    size_px = _size_px(corrections.image)
    shown = [point for point in location.points if point.code in codes and lies_in(point, size_px)]
    return [_mark(point, location, feet, style, corrections.mirrored) for point in shown]


def _back(location: Location) -> tuple[float, float, float, float]:
    """What the marks take, with a margin: also of those that are not shown now, so that the picture stays."""
    places = np.array([(point.x_px, point.y_px) for point in location.points])
    margin = _MARGIN_CUN * location.cun_px
    (left, top), (right, bottom) = places.min(axis=0) - margin, places.max(axis=0) + margin
    return float(left), float(top), float(right), float(bottom)


def _mark(
    point: LocatedPoint, location: Location, feet: dict[str, tuple[float, float]], style: Style, mirrored: bool
) -> Mark:
    language = style.language
    known, texts = acupoint(point.code, language), words(language).corrections
    side = OTHER_SIDE[point.side] if mirrored else point.side
    label = texts.sides[side].format(mark=known.title)
    size = catalogue(language).finger_widths(point.radius_px / location.cun_px)
    spoken = [texts.spoken.format(mark=label, level=point.level, size=size), texts.moved if point.moved_by_hand else ""]
    red, green, blue = known.colour
    return {
        "id": f"{point.code}/{point.side.value}",
        "code": point.code,
        "title": known.title,
        "written": written(known, style.labels),
        "label": label,
        "spoken": joined(filter(None, spoken)),
        "x_px": point.x_px,
        "y_px": point.y_px,
        "radius_px": point.radius_px,
        "colour": f"#{red:02x}{green:02x}{blue:02x}",
        "moved": point.moved_by_hand,
        "foot": None if point.side is Side.MIDLINE else feet[point.level],
    }


def _measure_line(anchors: Anchors, words: CorrectionWords) -> Measure | None:
    fingers = anchors.fingers
    if fingers is None:
        return None
    label = words.four_fingers
    if isinstance(fingers, OwnHand):
        label = words.length.format(mm=f"{fingers.length_mm:g}")
    start, end = fingers.ends_px.tolist()
    return {"label": label, "ends": ((start[0], start[1]), (end[0], end[1]))}
