"""Texts of a language, filled up from the English ones and given their types."""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from typing import Any, get_args, get_type_hints

from locator.catalogue.data_file import DataFile


def filled(file: DataFile, entry: str, texts: Mapping[str, Any], english: Mapping[str, Any]) -> dict[str, Any]:
    """The texts with what they lack in English; none asks for more to be filled in than the English one."""
    file.table(entry, texts, english)
    whole: dict[str, Any] = {}
    for field, text in english.items():
        if isinstance(text, Mapping):
            whole[field] = filled(file, f"{entry}.{field}", texts.get(field, {}), text)
        else:
            placeholders = {name for _, name, _, _ in Formatter().parse(text) if name}
            whole[field] = file.text(entry, {field: texts.get(field, text)}, field, placeholders)
    return whole


def typed(file: DataFile, entry: str, kind: Any, value: Any) -> Any:
    """A text, a table of the kind's values, or a dataclass, all of which is there."""
    if kind is str:
        return value
    if not isinstance(kind, type):
        return {name: typed(file, f"{entry}.{name}", get_args(kind)[1], one) for name, one in value.items()}
    hints = get_type_hints(kind)
    file.fields(entry, value, set(hints))
    return kind(**{name: typed(file, f"{entry}.{name}", hint, value[name]) for name, hint in hints.items()})
