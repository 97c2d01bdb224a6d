"""The languages that the program speaks: one file of texts each."""

from __future__ import annotations

from functools import cache
from typing import Any

from locator.core import toml

ENGLISH = "en"
"""The language that is spoken where none is asked for."""

# The script of what does not name it, as CLDR's likely subtags have it.
_LIKELY = {"zh": "zh-hans", "zh-tw": "zh-hant", "zh-hk": "zh-hant", "zh-mo": "zh-hant", "yue": "zh-hant"}


@cache
def languages() -> tuple[str, ...]:
    """The codes of all languages (BCP 47), English first."""
    others = sorted(set(toml.names("catalogue/texts")) - {ENGLISH})
    return (ENGLISH, *others)


def nearest(tag: str | None) -> str:
    """The language that fits best what is asked for by a BCP 47 tag such as ``"zh-TW"``; English where none does."""
    known = {code.casefold(): code for code in languages()}
    parts = (tag or "").casefold().replace("_", "-").split("-")
    for length in range(len(parts), 0, -1):
        start = "-".join(parts[:length])
        code = known.get(start) or known.get(_LIKELY.get(start, ""))
        if code:
            return code
    return ENGLISH


def catalogue_texts(language: str) -> dict[str, Any]:
    """What cards, pictures and the sheet say in a language, as it stands in its file.

    Raises:
        LookupError: if the program does not speak it.
    """
    return {name: value for name, value in _texts(language).items() if name != "program"}


def program_texts(language: str) -> dict[str, Any]:
    """What the program itself says in a language, as it stands in its file; some of it may be missing.

    Raises:
        LookupError: if the program does not speak it.
    """
    texts: dict[str, Any] = _texts(language).get("program", {})
    return texts


def _texts(language: str) -> dict[str, Any]:
    if language not in languages():
        raise LookupError(f"language: expected one of {', '.join(languages())}, got {language!r}")
    return toml.data(f"catalogue/texts/{language}")


def file_name(language: str) -> str:
    """What errors call the file of a language."""
    return f"texts/{language}.toml"
