"""What is said of misuse and of what the machine lacks or fails, in the language that was asked for.

Such a sentence is known by its English, as with gettext: that stands where it is said, in the program or in a library.
``sentences`` of a language's file has the translations, and says by ``{names}`` what differs from case to case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextvars import ContextVar
from functools import cache
from string import Formatter

from locator.catalogue.languages import ENGLISH, nearest

_ASKED = ContextVar("asked", default=ENGLISH)

_OPTION = "--language"
_SENTENCES = ("problem", "why")  # what stands in a sentence and is one itself; all else is names and numbers


def listen(words: list[str]) -> None:
    """Take note of the language in the words of a command, before these are read: their misuse is told in it, too."""
    asked = ENGLISH
    for word, value in zip(words, [*words[1:], ""], strict=False):
        if word == _OPTION:
            asked = nearest(value)
        elif word.startswith(f"{_OPTION}="):
            asked = nearest(word.partition("=")[2])
    _ASKED.set(asked)


def is_english() -> bool:
    """Whether no other language was asked for."""
    return _ASKED.get() == ENGLISH


def translated(text: str) -> str:
    """A sentence in the language that was asked for; in English where it has no translation."""
    if is_english():
        return text
    try:
        sentences = _sentences(_ASKED.get())
    except (OSError, ValueError, MemoryError):  # what is to be told may be that the texts cannot be read
        return text
    for english, said in sentences:
        if found := english.fullmatch(text):
            parts = {name: translated(part) if name in _SENTENCES else part for name, part in found.groupdict().items()}
            return said.format(**parts)
    return text


def all_of(sentences: Iterable[str]) -> str:
    """Several sentences, one after the other."""
    from locator.catalogue.entries import joined

    return joined(map(translated, sentences))


@cache
def _sentences(language: str) -> list[tuple[re.Pattern[str], str]]:
    """What fits the English, and the translation; those first that say more before anything is open, then in all."""
    from locator.catalogue.words import words

    known = words(language).sentences
    texts = {english: [text for text, _, _, _ in Formatter().parse(english)] for english in known}
    ordered = sorted(known, key=lambda english: (len(texts[english][0]), sum(map(len, texts[english]))), reverse=True)
    return [(_pattern(english), known[english]) for english in ordered]


def _pattern(english: str) -> re.Pattern[str]:
    parts = (re.escape(text) + (f"(?P<{name}>.+)" if name else "") for text, name, _, _ in Formatter().parse(english))
    return re.compile("".join(parts), re.DOTALL)
