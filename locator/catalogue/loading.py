"""Reads the catalogue from its two data files: what all languages share, and the texts of one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from locator.catalogue.data_file import DataFile
from locator.catalogue.entries import (
    About,
    Acupoint,
    Catalogue,
    Cautions,
    Complaint,
    Find,
    PictureWords,
    Place,
    Routine,
    SheetWords,
    joined,
)

_CODE = re.compile(r"[A-Z]{2,3}-[1-9]\d*")
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_VERTEBRAE = (
    *(f"C{n}" for n in range(1, 8)),
    *(f"T{n}" for n in range(1, 13)),
    *(f"L{n}" for n in range(1, 6)),
    *(f"S{n}" for n in range(1, 6)),
)
_MOST_OF_A_REGION = 12  # vertebrae


def read(points: Mapping[str, Any], texts: Mapping[str, Any], name: str = "the texts") -> Catalogue:
    """The catalogue in two parsed data files, every entry checked.

    Args:
        points: ``acupoints.toml``.
        texts: one of ``texts/`` without what the program itself says, called ``name`` in errors.

    Raises:
        CatalogueError: naming the file, the entry and the field that is wrong.
    """
    file, text = DataFile("acupoints.toml"), DataFile(name)
    kinds, entries = _checked_points(file, points)
    parts = {"about", "complaints", "place", "find", "points", "cautions", "picture", "routine", "sheet"}
    text.fields("the file", texts, {"language", "script", "font", "label", "numbers"} | parts)
    if texts["label"] not in ("pinyin", "name"):
        text.fail("the file", "label", '"pinyin" or "name"', texts["label"])
    text.fields("complaints", texts["complaints"], set(kinds))
    text.fields("points", texts["points"], {entry["code"] for entry in entries})
    place = text.build(Place, "place", texts["place"])
    text.texts("place", texts["place"], "ordinals", at_least=_MOST_OF_A_REGION)
    find = text.build(Find, "find", texts["find"])
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
        study_sources=file.texts("the file", points, "study_sources", at_least=1),
        about=text.build(About, "about", texts["about"]),
        place=place,
        numbers=text.texts("the file", texts, "numbers", at_least=len(_VERTEBRAE[7:21]) + 1),
    )
    made = tuple(_acupoint(text, entry, texts, language, find) for entry in entries)
    return replace(language, acupoints=made)


def _checked_points(file: DataFile, points: Mapping[str, Any]) -> tuple[tuple[str, ...], Sequence[Mapping[str, Any]]]:
    """The complaints and the entries of ``acupoints.toml``."""
    file.fields("the file", points, {"complaints", "sources", "study_sources", "routine", "acupoint"})
    kinds = file.texts("the file", points, "complaints", at_least=1)
    entries = points["acupoint"]
    if not isinstance(entries, list) or not entries or not all(isinstance(e, Mapping) for e in entries):
        file.fail("the file", "acupoint", "one or more [[acupoint]] entries", entries)
    for number, entry in enumerate(entries, 1):
        _check_acupoint(file, f"acupoint {entry.get('code', f'number {number}')}", entry, kinds)
    for field in ("code", "colour"):
        taken = set()
        for entry in entries:
            if entry[field] in taken:
                file.fail(f"acupoint {entry['code']}", field, f"a {field} of its own", entry[field])
            taken.add(entry[field])
    for kind in kinds:
        if not any(kind in entry["complaints"] for entry in entries):
            file.fail("the file", "complaints", "complaints that a point names", kind)
    return kinds, entries


def _check_acupoint(file: DataFile, name: str, entry: Mapping[str, Any], kinds: Sequence[str]) -> None:
    file.fields(
        name, entry,
        {"code", "pinyin", "tones", "hanzi", "aliases", "level", "lateral_cun", "paired", "minutes", "complaints",
         "colour"},
    )  # fmt: skip
    file.text(name, entry, "code")
    if not _CODE.fullmatch(entry["code"]):
        file.fail(name, "code", 'a code such as "BL-18"', entry["code"])
    file.text(name, entry, "pinyin")
    file.text(name, entry, "tones")
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
    text: DataFile, entry: Mapping[str, Any], texts: Mapping[str, Any], language: Catalogue, find: Find
) -> Acupoint:
    code, level, lateral = entry["code"], entry["level"], float(entry["lateral_cun"])
    name = f"points.{code}"
    own_texts = texts["points"][code]
    text.fields(name, own_texts, {"name", "tradition", "hint", "press", "avoid"})
    place = language.place
    above_l4 = _VERTEBRAE.index("L4") - _VERTEBRAE.index(level)
    bumps = _VERTEBRAE.index(level) - _VERTEBRAE.index("C7")
    if bumps >= len(language.numbers):
        text.fail("the file", "numbers", f"numbers up to {bumps}, the bumps down to {level}", list(language.numbers))
    filled = {
        "level": level,
        "ordinal": place.ordinals[int(level[1:]) - 1],
        "region": place.regions[level[0]],
        "cun": f"{lateral:g}",
        "fingers": language.finger_widths(lateral) if lateral else "",
        "count": language.numbers[bumps],
        "above_l4": language.numbers[above_l4] if 0 < above_l4 < len(language.numbers) else "",
    }
    filled["vertebra"] = place.vertebra.format(**filled)
    where = place.paired if entry["paired"] else place.single
    own = {field: text.text(name, own_texts, field).format(**filled) for field in own_texts}
    count = joined(s.format(**filled) for s in (find.count, find.beside if lateral else find.midline))
    script = text.text("the file", texts, "script")
    text.fields("script", {script: ""}, {script} & {"Hans", "Hant"})
    return Acupoint(
        code=code,
        name=own["name"],
        label=own["name"] if texts["label"] == "name" else entry["pinyin"],
        pinyin=entry["pinyin"],
        tones=entry["tones"],
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
