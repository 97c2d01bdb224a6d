"""The catalogue of points and everything that people read of them.

What is the same in every language comes from ``data/acupoints.toml``, the texts from a file for each language in
``data/texts/``. Levels and distances are worded from the same numbers that the marks are placed by.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from string import Formatter
from typing import Any, NoReturn, TypeVar

from locator.core import toml

ENGLISH = "en"
"""The language that is spoken where none is asked for."""


class CatalogueError(ValueError):
    """A data file is wrong; the message names the file, the entry and the field."""


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
        less_sure: said where the photo was not read without reserve.
        comma, semicolon, stop: between the entries of a list, of short ones and of long ones, and behind the last.
    """

    title: str
    title_of_some: str
    date: str
    notes: str
    routine: str
    minutes: str
    how: str
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
class _Find:
    c7: str
    count: str
    beside: str
    midline: str
    last: str


@dataclass(frozen=True)
class _Place:
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
    place: _Place
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
        said, whole = self.place.finger_numbers, halves // 2
        number = said[whole] if not halves % 2 and whole < len(said) else halved(halves / 2)
        return (self.place.one_finger if halves == 2 else self.place.fingers).format(number=number)


_CODE = re.compile(r"[A-Z]{2,3}-[1-9]\d*")
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_VERTEBRAE = (
    *(f"C{n}" for n in range(1, 8)),
    *(f"T{n}" for n in range(1, 13)),
    *(f"L{n}" for n in range(1, 6)),
    *(f"S{n}" for n in range(1, 6)),
)
_MOST_OF_A_REGION = 12  # vertebrae
_PLACEHOLDERS = {"level", "ordinal", "region", "vertebra", "cun", "fingers", "count", "above_l4", "number"}


@cache
def languages() -> tuple[str, ...]:
    """The codes of all languages (BCP 47), English first."""
    others = sorted(set(toml.names("catalogue/texts")) - {ENGLISH})
    return (ENGLISH, *others)


@cache
def catalogue(language: str = ENGLISH) -> Catalogue:
    """Everything that is said in a language.

    Raises:
        LookupError: if the program does not speak it.
        CatalogueError: if a data file is wrong.
    """
    if language not in languages():
        raise LookupError(f"language: expected one of {', '.join(languages())}, got {language!r}")
    return read(toml.data("catalogue/acupoints"), toml.data(f"catalogue/texts/{language}"), f"texts/{language}.toml")


def acupoints(language: str = ENGLISH) -> tuple[Acupoint, ...]:
    """All points, from the neck down.

    Raises:
        LookupError: if the program does not speak the language.
        CatalogueError: if a data file is wrong.
    """
    return catalogue(language).acupoints


def acupoint(code: str, language: str = ENGLISH) -> Acupoint:
    """The point with this code.

    Raises:
        LookupError: if there is none.
    """
    return catalogue(language).acupoint(code)


def complaints(language: str = ENGLISH) -> tuple[Complaint, ...]:
    """What a visitor may choose points by, in the order to show."""
    return catalogue(language).complaints


def cautions(language: str = ENGLISH) -> Cautions:
    """What holds for all points."""
    return catalogue(language).cautions


def finger_widths(distance_cun: float, language: str = ENGLISH) -> str:
    """See :meth:`Catalogue.finger_widths`."""
    return catalogue(language).finger_widths(distance_cun)


def codes_for(complaint_codes: Collection[str]) -> frozenset[str]:
    """Codes of the points for any of these complaints; of all points if none is named.

    Raises:
        LookupError: on a complaint that the catalogue does not know.
    """
    known = [c.code for c in complaints()]
    for code in complaint_codes:
        if code not in known:
            raise LookupError(f"complaint: expected one of {', '.join(known)}, got {code!r}")
    chosen = set(complaint_codes) or set(known)
    return frozenset(a.code for a in acupoints() if chosen.intersection(a.complaints))


def halved(number: float) -> str:
    """A multiple of a half, as digits: ``"1½"``."""
    whole, half = divmod(round(number * 2), 2)
    return f"{whole or ''}½" if half else f"{whole}"


def read(points: Mapping[str, Any], texts: Mapping[str, Any], name: str = "the texts") -> Catalogue:
    """The catalogue in two parsed data files, every entry checked.

    Args:
        points: ``acupoints.toml``.
        texts: one of ``texts/``, called ``name`` in errors.

    Raises:
        CatalogueError: naming the file, the entry and the field that is wrong.
    """
    file = _File("acupoints.toml")
    file.fields("the file", points, {"complaints", "sources", "routine", "acupoint"})
    kinds = file.texts("the file", points, "complaints", at_least=1)
    entries = points["acupoint"]
    if not isinstance(entries, list) or not entries or not all(isinstance(e, Mapping) for e in entries):
        file.fail("the file", "acupoint", "one or more [[acupoint]] entries", entries)
    for number, entry in enumerate(entries, 1):
        _check_acupoint(file, f"acupoint {entry.get('code', f'number {number}')}", entry, kinds)
    codes = [entry["code"] for entry in entries]
    for field in ("code", "colour"):
        taken = set()
        for entry in entries:
            if entry[field] in taken:
                file.fail(f"acupoint {entry['code']}", field, f"a {field} of its own", entry[field])
            taken.add(entry[field])
    for kind in kinds:
        if not any(kind in entry["complaints"] for entry in entries):
            file.fail("the file", "complaints", "complaints that a point names", kind)

    text = _File(name)
    parts = {"complaints", "place", "find", "points", "cautions", "picture", "routine", "sheet"}
    text.fields("the file", texts, {"language", "script", "font", "label", "numbers"} | parts)
    if texts["label"] not in ("pinyin", "name"):
        text.fail("the file", "label", '"pinyin" or "name"', texts["label"])
    text.fields("complaints", texts["complaints"], set(kinds))
    text.fields("points", texts["points"], set(codes))
    numbers = text.texts("the file", texts, "numbers", at_least=len(_VERTEBRAE[7:21]) + 1)
    place = text.build(_Place, "place", texts["place"])
    text.texts("place", texts["place"], "ordinals", at_least=_MOST_OF_A_REGION)
    find = text.build(_Find, "find", texts["find"])
    text.fields("routine", texts["routine"], {"begin", "end"})
    file.fields("routine", points["routine"], {"begin_minutes", "end_minutes"})
    cautions = text.build(Cautions, "cautions", texts["cautions"])
    language = Catalogue(
        language=text.text("the file", texts, "language"),
        font=text.text("the file", texts, "font"),
        acupoints=(),
        complaints=tuple(Complaint(kind, text.text("complaints", texts["complaints"], kind)) for kind in kinds),
        cautions=cautions,
        picture=text.build(PictureWords, "picture", texts["picture"]),
        sheet=text.build(SheetWords, "sheet", texts["sheet"]),
        routine=Routine(
            text.text("routine", texts["routine"], "begin"),
            text.text("routine", texts["routine"], "end"),
            file.number("routine", points["routine"], "begin_minutes"),
            file.number("routine", points["routine"], "end_minutes"),
        ),
        find_first=find.c7,
        find_last=find.last,
        sources=file.texts("the file", points, "sources", at_least=1),
        place=place,
        numbers=numbers,
    )
    made = tuple(_acupoint(text, entry, texts, language, find) for entry in entries)
    return replace(language, acupoints=made)


def _check_acupoint(file: _File, name: str, entry: Mapping[str, Any], kinds: Sequence[str]) -> None:
    file.fields(
        name, entry,
        {"code", "pinyin", "hanzi", "aliases", "level", "lateral_cun", "paired", "minutes", "complaints", "colour"},
    )  # fmt: skip
    file.text(name, entry, "code")
    if not _CODE.fullmatch(entry["code"]):
        file.fail(name, "code", 'a code such as "BL-18"', entry["code"])
    file.text(name, entry, "pinyin")
    file.fields(f"{name}, hanzi", entry["hanzi"], {"Hans", "Hant"})
    for script in ("Hans", "Hant"):
        file.text(f"{name}, hanzi", entry["hanzi"], script)
    file.texts(name, entry, "aliases")
    file.text(name, entry, "level")
    if entry["level"] not in _VERTEBRAE[7:]:
        file.fail(name, "level", "a vertebra from T1 to S5", entry["level"])
    lateral = file.number(name, entry, "lateral_cun")
    if not isinstance(entry["paired"], bool):
        file.fail(name, "paired", "true or false", entry["paired"])
    if entry["paired"] and lateral == 0:
        file.fail(name, "paired", "false for a point on the midline", True)
    file.number(name, entry, "minutes")
    file.texts(name, entry, "complaints", at_least=1)
    for code in entry["complaints"]:
        if code not in kinds:
            file.fail(name, "complaints", f"one of {', '.join(kinds)}", code)
    if not isinstance(entry["colour"], str) or not _COLOUR.fullmatch(entry["colour"]):
        file.fail(name, "colour", 'a colour such as "#e69f00"', entry["colour"])


def _acupoint(
    text: _File, entry: Mapping[str, Any], texts: Mapping[str, Any], language: Catalogue, find: _Find
) -> Acupoint:
    code, level, lateral = entry["code"], entry["level"], float(entry["lateral_cun"])
    name = f"points.{code}"
    said = texts["points"][code]
    text.fields(name, said, {"name", "tradition", "hint", "press", "avoid"})
    place = language.place
    above_l4 = _VERTEBRAE.index("L4") - _VERTEBRAE.index(level)
    filled = {
        "level": level,
        "ordinal": place.ordinals[int(level[1:]) - 1],
        "region": place.regions[level[0]],
        "cun": f"{lateral:g}",
        "fingers": language.finger_widths(lateral) if lateral else "",
        "count": language.numbers[min(_VERTEBRAE.index(level) - _VERTEBRAE.index("C7"), len(language.numbers) - 1)],
        "above_l4": language.numbers[above_l4] if 0 < above_l4 < len(language.numbers) else "",
    }
    filled["vertebra"] = place.vertebra.format(**filled)
    where = place.paired if entry["paired"] else place.single
    own = {field: text.text(name, said, field).format(**filled) for field in said}
    count = joined(s.format(**filled) for s in (find.count, find.beside if lateral else find.midline))
    script = text.text("the file", texts, "script")
    text.fields("script", {script: ""}, {script} & {"Hans", "Hant"})
    return Acupoint(
        code=code,
        name=own["name"],
        label=own["name"] if texts["label"] == "name" else entry["pinyin"],
        pinyin=entry["pinyin"],
        hanzi=entry["hanzi"][script],
        aliases=tuple(entry["aliases"]),
        level=level,
        lateral_cun=lateral,
        paired=entry["paired"],
        minutes=float(entry["minutes"]),
        complaints=tuple(entry["complaints"]),
        colour=_rgb(entry["colour"]),
        where=(where if lateral else place.midline).format(**filled),
        tradition=own["tradition"],
        count=count,
        hint=own["hint"],
        find=joined((find.c7, count, own["hint"], find.last)),
        press=own["press"],
        caution=own["avoid"],
        avoid=joined((own["avoid"], language.cautions.every_point)),
    )


def _rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue


def joined(sentences: Iterable[str]) -> str:
    """One text of several; Chinese puts no space between them."""
    return re.sub(r"(?<=[。；、]) ", "", " ".join(sentences))


_Words = TypeVar("_Words")


@dataclass(frozen=True)
class _File:
    """A data file being checked."""

    name: str

    def fail(self, entry: str, field: str, expected: str, got: object) -> NoReturn:
        raise CatalogueError(f"{self.name}: {entry}: field {field!r}: expected {expected}, got {got!r}")

    def fields(self, entry: str, value: object, expected: set[str]) -> None:
        """Fail unless ``value`` is a table of exactly the expected fields."""
        if not isinstance(value, Mapping):
            raise CatalogueError(f"{self.name}: {entry}: expected a table, got {value!r}")
        for field in sorted(expected - set(value)):
            raise CatalogueError(f"{self.name}: {entry}: field {field!r} is missing")
        for field in sorted(set(value) - expected):
            known = ", ".join(sorted(expected))
            raise CatalogueError(f"{self.name}: {entry}: field {field!r} is unknown; expected {known}")

    def text(self, entry: str, table: Mapping[str, Any], field: str) -> str:
        value = table[field]
        if not isinstance(value, str) or not value.strip():
            self.fail(entry, field, "some text", value)
        self._placeholders(entry, field, value)
        return str(value).strip()

    def _placeholders(self, entry: str, field: str, text: str) -> None:
        try:
            parts = [(name, f"{form}{conversion or ''}") for _, name, form, conversion in Formatter().parse(text)]
        except ValueError:
            self.fail(entry, field, "a closing brace for every opening one", text)
        for name, form in parts:
            if name is not None and (name not in _PLACEHOLDERS or form):
                self.fail(entry, field, f"no other {{...}} than {', '.join(sorted(_PLACEHOLDERS))}", name)

    def texts(self, entry: str, table: Mapping[str, Any], field: str, at_least: int = 0) -> tuple[str, ...]:
        values = table[field]
        if (
            not isinstance(values, list)
            or len(values) < at_least
            or not all(isinstance(v, str) and v.strip() for v in values)
        ):
            self.fail(entry, field, f"a list of {at_least} or more texts", values)
        for value in values:
            self._placeholders(entry, field, value)
        return tuple(str(v).strip() for v in values)

    def number(self, entry: str, table: Mapping[str, Any], field: str) -> float:
        value = table[field]
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 10:
            self.fail(entry, field, "a number from 0 to 10", value)
        return float(value)

    def build(self, kind: type[_Words], entry: str, table: object) -> _Words:
        """A dataclass of texts, lists of texts and tables of texts from the table with its fields."""
        self.fields(entry, table, {f.name for f in fields(kind)})  # type: ignore[arg-type]
        assert isinstance(table, Mapping)
        values: dict[str, Any] = {}
        for field in fields(kind):  # type: ignore[arg-type]
            if field.type == "str":
                values[field.name] = self.text(entry, table, field.name)
            elif field.type == "tuple[str, ...]":
                values[field.name] = self.texts(entry, table, field.name, at_least=1)
            else:
                name, regions = f"{entry}.{field.name}", table[field.name]
                self.fields(name, regions, {"C", "T", "L", "S"})
                values[field.name] = {region: self.text(name, regions, region) for region in regions}
        return kind(**values)
