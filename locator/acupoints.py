"""The catalogue of points: names, place, and what a card says, all from ``data/acupoints.toml``."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from locator import toml


class CatalogueError(ValueError):
    """An entry of the catalogue is wrong; the message names the entry and the field."""


@dataclass(frozen=True)
class Complaint:
    """What a visitor may choose points by."""

    code: str
    label: str


@dataclass(frozen=True)
class Acupoint:
    """One point of the catalogue.

    Attributes:
        code: WHO code, such as ``"BL-18"``.
        aliases: other codes and names in use.
        level: vertebra whose spinous process gives the height.
        lateral_cun: distance beside the midline; 0 on the midline.
        paired: whether there is one on each side of the spine.
        complaints: codes of :func:`complaints`.
        tradition: what tradition uses it for.
        find: how to find it by hand.
        press: how to press.
        avoid: when not to.
    """

    code: str
    english: str
    pinyin: str
    hanzi: str
    aliases: tuple[str, ...]
    level: str
    lateral_cun: float
    paired: bool
    complaints: tuple[str, ...]
    tradition: str
    find: str
    press: str
    avoid: str


@dataclass(frozen=True)
class Cautions:
    """What holds for all points.

    Attributes:
        not_now: where and when not to press.
        ask_first: conditions in which a doctor is asked first.
        stop_at: feelings at which to stop.
        see_a_doctor: signs that a doctor should see soon.
        evidence: what is known of the uses, in a few sentences.
    """

    not_now: tuple[str, ...]
    ask_first: tuple[str, ...]
    stop_at: tuple[str, ...]
    see_a_doctor: tuple[str, ...]
    evidence: str


@dataclass(frozen=True)
class Catalogue:
    """Everything that the data file holds."""

    acupoints: tuple[Acupoint, ...]
    complaints: tuple[Complaint, ...]
    cautions: Cautions


_CODE = re.compile(r"[A-Z]{2,3}-[1-9]\d*")
_LEVEL = re.compile(r"C[1-7]|T(?:[1-9]|1[0-2])|L[1-5]|S[1-5]")
_REGIONS = {"C": "cervical", "T": "thoracic", "L": "lumbar", "S": "sacral"}
_ORDINALS = (
    *("first", "second", "third", "fourth", "fifth", "sixth"),
    *("seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth"),
)
_FINGERS = {0.75: "one finger-width", 1.5: "two finger-widths", 3.0: "four finger-widths"}


@cache
def _catalogue() -> Catalogue:
    return read(toml.data("acupoints"))


def acupoints() -> tuple[Acupoint, ...]:
    """All points, from the neck down.

    Raises:
        CatalogueError: if the data file is wrong.
    """
    return _catalogue().acupoints


def acupoint(code: str) -> Acupoint:
    """The point with this code.

    Raises:
        LookupError: if there is none.
    """
    for candidate in acupoints():
        if candidate.code == code:
            return candidate
    raise LookupError(f"code: expected one of {', '.join(a.code for a in acupoints())}, got {code!r}")


def complaints() -> tuple[Complaint, ...]:
    """What a visitor may choose points by, in the order to show."""
    return _catalogue().complaints


def cautions() -> Cautions:
    """What holds for all points."""
    return _catalogue().cautions


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


def where(point: Acupoint) -> str:
    """The point's level and distance in one sentence, worded from its data."""
    region = _REGIONS[point.level[0]]
    vertebra = f"{point.level}, the {_ORDINALS[int(point.level[1:]) - 1]} {region} vertebra"
    if point.lateral_cun == 0:
        return f"On the midline, in the hollow just below the spinous process of {vertebra}."
    fingers = _FINGERS.get(point.lateral_cun)
    distance = f"{point.lateral_cun:g} cun" + (f" ({fingers})" if fingers else "")
    sides = "to each side" if point.paired else "to one side"
    return f"Level with the lower edge of the spinous process of {vertebra}; {distance} {sides} of the spine."


def finger_widths(distance_cun: float) -> str:
    """A distance in the subject's own finger-widths, four of which make 3 cun; rounded up to a half.

    Raises:
        ValueError: on a distance that is not above zero.
    """
    if not distance_cun > 0:
        raise ValueError(f"distance_cun: expected more than 0, got {distance_cun}")
    halves = math.ceil(distance_cun / 0.75 * 2 - 1e-9)
    if halves == 1:
        return "half a finger-width"
    whole, half = divmod(halves, 2)
    number = f"{whole}½" if half else f"{whole}"
    return f"{number} finger-width" + ("" if halves == 2 else "s")


def read(document: Mapping[str, Any]) -> Catalogue:
    """The catalogue in a parsed data file, every entry checked.

    Raises:
        CatalogueError: naming the entry and the field that is wrong.
    """
    _fields("the file", document, {"complaint", "acupoint", "cautions"})
    kinds = tuple(_complaint(i, e) for i, e in enumerate(_entries(document, "complaint"), 1))
    points = tuple(_acupoint(i, e) for i, e in enumerate(_entries(document, "acupoint"), 1))
    _unique("complaint", [k.code for k in kinds])
    _unique("acupoint", [p.code for p in points])
    known = [k.code for k in kinds]
    for point in points:
        for code in point.complaints:
            if code not in known:
                _fail(f"acupoint {point.code}", "complaints", f"one of {', '.join(known)}", code)
    used = {code for point in points for code in point.complaints}
    for kind in kinds:
        if kind.code not in used:
            raise CatalogueError(f"complaint {kind.code}: expected at least one acupoint that names it")
    return Catalogue(points, kinds, _cautions(document["cautions"]))


def _acupoint(number: int, entry: Mapping[str, Any]) -> Acupoint:
    name = f"acupoint {entry.get('code', f'number {number}')}"
    _fields(name, entry, set(Acupoint.__dataclass_fields__))
    if not _CODE.fullmatch(_text(name, entry, "code")):
        _fail(name, "code", 'a code such as "BL-18"', entry["code"])
    if not _LEVEL.fullmatch(_text(name, entry, "level")):
        _fail(name, "level", "a vertebra from C1 to S5", entry["level"])
    lateral, paired = entry["lateral_cun"], entry["paired"]
    if isinstance(lateral, bool) or not isinstance(lateral, (int, float)) or not 0 <= lateral < 10:
        _fail(name, "lateral_cun", "a number from 0 to 10", lateral)
    if not isinstance(paired, bool):
        _fail(name, "paired", "true or false", paired)
    if paired and lateral == 0:
        _fail(name, "paired", "false for a point on the midline", paired)
    return Acupoint(
        code=entry["code"],
        english=_text(name, entry, "english"),
        pinyin=_text(name, entry, "pinyin"),
        hanzi=_text(name, entry, "hanzi"),
        aliases=_texts(name, entry, "aliases"),
        level=entry["level"],
        lateral_cun=float(lateral),
        paired=paired,
        complaints=_texts(name, entry, "complaints", at_least=1),
        tradition=_text(name, entry, "tradition"),
        find=_text(name, entry, "find"),
        press=_text(name, entry, "press"),
        avoid=_text(name, entry, "avoid"),
    )


def _complaint(number: int, entry: Mapping[str, Any]) -> Complaint:
    name = f"complaint {entry.get('code', f'number {number}')}"
    _fields(name, entry, set(Complaint.__dataclass_fields__))
    return Complaint(_text(name, entry, "code"), _text(name, entry, "label"))


def _cautions(entry: Mapping[str, Any]) -> Cautions:
    _fields("cautions", entry, set(Cautions.__dataclass_fields__))
    return Cautions(
        not_now=_texts("cautions", entry, "not_now", at_least=1),
        ask_first=_texts("cautions", entry, "ask_first", at_least=1),
        stop_at=_texts("cautions", entry, "stop_at", at_least=1),
        see_a_doctor=_texts("cautions", entry, "see_a_doctor", at_least=1),
        evidence=_text("cautions", entry, "evidence"),
    )


def _entries(document: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    entries = document[key]
    if not isinstance(entries, list) or not entries or not all(isinstance(e, Mapping) for e in entries):
        _fail("the file", key, f"one or more [[{key}]] entries", entries)
    checked: list[Mapping[str, Any]] = entries
    return checked


def _fields(name: str, entry: object, expected: set[str]) -> None:
    if not isinstance(entry, Mapping):
        raise CatalogueError(f"{name}: expected a table, got {entry!r}")
    for field in sorted(expected - set(entry)):
        raise CatalogueError(f"{name}: field {field!r} is missing")
    for field in sorted(set(entry) - expected):
        raise CatalogueError(f"{name}: field {field!r} is unknown; expected {', '.join(sorted(expected))}")


def _text(name: str, entry: Mapping[str, Any], field: str) -> str:
    value = entry[field]
    if not isinstance(value, str) or not value.strip():
        _fail(name, field, "some text", value)
    return str(value).strip()


def _texts(name: str, entry: Mapping[str, Any], field: str, at_least: int = 0) -> tuple[str, ...]:
    values = entry[field]
    if (
        not isinstance(values, list)
        or len(values) < at_least
        or not all(isinstance(v, str) and v.strip() for v in values)
    ):
        _fail(name, field, f"a list of {at_least} or more texts", values)
    return tuple(str(v).strip() for v in values)


def _unique(kind: str, codes: list[str]) -> None:
    for code in codes:
        if codes.count(code) > 1:
            raise CatalogueError(f"{kind} {code}: field 'code' is used twice")


def _fail(name: str, field: str, expected: str, got: object) -> None:
    raise CatalogueError(f"{name}: field {field!r}: expected {expected}, got {got!r}")
