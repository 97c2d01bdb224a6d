"""What the catalogue holds: the points and everything that people read of them, in one language."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Complaint:
    """What a visitor may choose points by."""

    code: str
    label: str


@dataclass(frozen=True)
class Acupoint:
    """One point of the catalogue, in one language.

    Attributes:
        code: WHO code, such as ``"BL-18"``.
        name: in the language.
        label: what a picture calls it beside the code.
        tones: the name in Latin letters with tone marks.
        hanzi: name in the characters of the language; in simplified ones for a language that is not written in any.
        aliases: other codes and names in use.
        level: vertebra whose spinous process gives the height.
        lateral_cun: distance beside the midline; 0 on the midline.
        paired: whether there is one on each side of the spine.
        minutes: its share of the ten-minute routine.
        complaints: codes of :func:`complaints`.
        colour: of its marks, as (red, green, blue) from 0 to 255.
        where: its level and distance in one sentence.
        tradition: what tradition uses it for.
        count, hint: of :attr:`find`, what no other point shares: the counting and the way out, and what else helps.
        find: how to find it by hand.
        press: how to press.
        caution: of :attr:`avoid`, what no other point shares.
        avoid: when not to.
    """

    code: str
    name: str
    label: str
    pinyin: str
    tones: str
    hanzi: str
    aliases: tuple[str, ...]
    level: str
    lateral_cun: float
    paired: bool
    minutes: float
    complaints: tuple[str, ...]
    colour: tuple[int, int, int]
    where: str
    tradition: str
    count: str
    hint: str
    find: str
    press: str
    caution: str
    avoid: str

    @property
    def title(self) -> str:
        """What it is called wherever it is named alone: on its card, in lists, on the picture, by the timer."""
        return f"{self.code} {self.label}"


@dataclass(frozen=True)
class Cautions:
    """What holds for all points.

    Attributes:
        every_point: what every point's own cautions end with.
        not_now: where and when not to press.
        ask_first: conditions in which a doctor is asked first.
        stop_at: feelings at which to stop.
        at_once: signs of an emergency.
        soon: signs that a doctor should see soon.
        uses: whose the uses on the cards are.
        evidence: what is known of pressing the points, in a few sentences.
        studies: what studies say of fatigue, ulcers and blood flow.

    The entries of a list begin small and end without a stop: they are shown below each other, or joined to a sentence.
    """

    every_point: str
    not_now: tuple[str, ...]
    ask_first: tuple[str, ...]
    stop_at: tuple[str, ...]
    at_once: tuple[str, ...]
    soon: tuple[str, ...]
    uses: str
    evidence: str
    studies: str


@dataclass(frozen=True)
class PictureWords:
    """The words of a picture's legend; ``finger_bar`` takes ``{fingers}`` and ``{cun}``."""

    finger_bar: str
    ring: str
    moved: str


@dataclass(frozen=True)
class SheetWords:
    """The words of the sheet; ``minutes`` takes ``{number}``, ``title`` and ``routine`` take ``{count}``.

    Attributes:
        title_of_some: its title where not all points are shown.
        chosen: what those were chosen for; takes ``{complaints}``.
        less_sure: said where the photo was not read without reserve.
        comma, semicolon, stop: between the entries of a list, of short ones and of long ones, and behind the last.
    """

    title: str
    title_of_some: str
    chosen: str
    date: str
    notes: str
    routine: str
    minutes: str
    how: str
    use: str
    find: str
    press: str
    avoid: str
    not_now: str
    ask_first: str
    stop_at: str
    at_once: str
    soon: str
    ring: str
    less_sure: str
    device: str
    comma: str
    semicolon: str
    stop: str


@dataclass(frozen=True)
class Routine:
    """What frames the points in the ten-minute routine."""

    begin: str
    end: str
    begin_minutes: float
    end_minutes: float

    def total_minutes(self, points: Sequence[Acupoint]) -> float:
        """How long it takes with ``points``."""
        return self.begin_minutes + sum(point.minutes for point in points) + self.end_minutes


@dataclass(frozen=True)
class Find:
    """The sentences that the finding of a point is made of; the placeholders stand in ``texts/en.toml``."""

    c7: str
    count: str
    beside: str
    midline: str
    last: str


@dataclass(frozen=True)
class About:
    """What the finding of every point rests on: whose levels these are, and how a cun is measured."""

    levels: str
    cun: str


@dataclass(frozen=True)
class Place:
    """The words that a point's level and distance are said with; the placeholders stand in ``texts/en.toml``."""

    vertebra: str
    ordinals: tuple[str, ...]
    regions: Mapping[str, str]
    midline: str
    paired: str
    single: str
    finger_numbers: tuple[str, ...]
    half_finger: str
    one_finger: str
    fingers: str


@dataclass(frozen=True)
class Catalogue:
    """Everything that is said in one language.

    Attributes:
        language: its own name for itself.
        font: the shipped font that has its characters.
        acupoints: from the neck down.
        complaints: what a visitor may choose points by, in the order to show.
        find_first, find_last: what the finding of every point begins and ends with.
        sources: where the evidence is told in full.
        study_sources: where what the studies say is.
    """

    language: str
    font: str
    acupoints: tuple[Acupoint, ...]
    complaints: tuple[Complaint, ...]
    cautions: Cautions
    picture: PictureWords
    sheet: SheetWords
    routine: Routine
    find_first: str
    find_last: str
    sources: tuple[str, ...]
    study_sources: tuple[str, ...]
    about: About
    place: Place
    numbers: tuple[str, ...]

    def acupoint(self, code: str) -> Acupoint:
        """The point with this code.

        Raises:
            LookupError: if there is none.
        """
        for candidate in self.acupoints:
            if candidate.code == code:
                return candidate
        raise LookupError(f"code: expected one of {', '.join(a.code for a in self.acupoints)}, got {code!r}")

    def counted(self, number: float) -> str:
        """A multiple of a half, a whole number as a word if the language has one for it."""
        return self.numbers[int(number)] if number in range(len(self.numbers)) else halved(number)

    def finger_widths(self, distance_cun: float) -> str:
        """A distance in the subject's own finger-widths, four of which make 3 cun; rounded up to a half.

        Raises:
            ValueError: on a distance that is not above zero.
        """
        if not distance_cun > 0:
            raise ValueError(f"distance_cun: expected more than 0, got {distance_cun}")
        halves = math.ceil(distance_cun / 0.75 * 2 - 1e-9)
        if halves == 1:
            return self.place.half_finger
        numbers, whole = self.place.finger_numbers, halves // 2
        number = numbers[whole] if not halves % 2 and whole < len(numbers) else halved(halves / 2)
        return (self.place.one_finger if halves == 2 else self.place.fingers).format(number=number)


def halved(number: float) -> str:
    """A multiple of a half, as digits: ``"1½"``."""
    whole, half = divmod(round(number * 2), 2)
    return f"{whole or ''}½" if half else f"{whole}"


def joined(sentences: Iterable[str]) -> str:
    """One text of several; Chinese puts no space between them."""
    return re.sub(r"(?<=[。；、]) ", "", " ".join(sentences))
