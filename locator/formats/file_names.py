"""Names of files as text that every reader of JSON and CSV takes, and back.

A name is bytes, and may be no UTF-8; Python then holds it with lone surrogates, at which other programs refuse the
whole file. Here each such byte 0xNN becomes the character U+F7NN, of those that Unicode leaves to private use. So that
nothing is lost, characters from U+F780 to U+F7FF in a name are written byte by byte too. All others stay as they are.
"""

from __future__ import annotations

import os
import re

_BASE = 0xF700
_NOT_WRITTEN = re.compile("[\ud800-\udfff\uf780-\uf7ff]")
_BYTES = re.compile("[\uf780-\uf7ff]+")


def to_text(name: str) -> str:
    """The name, or path, without lone surrogates."""
    return _NOT_WRITTEN.sub(lambda found: "".join(chr(_BASE + byte) for byte in _bytes(found[0])), name)


def from_text(text: str) -> str:
    """What :func:`to_text` was given, as this system's functions on files take it."""
    return _BYTES.sub(lambda found: os.fsdecode(bytes(ord(character) - _BASE for character in found[0])), text)


def _bytes(character: str) -> bytes:
    try:
        return os.fsencode(character)
    except UnicodeEncodeError:  # a name that no file here can have
        return character.encode("utf-8", "surrogatepass")
