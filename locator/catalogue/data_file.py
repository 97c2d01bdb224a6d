"""A data file being checked: whatever is wrong is named by its file, entry and field."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from string import Formatter
from typing import Any, NoReturn, TypeVar

_PLACEHOLDERS = {
    "level",
    "ordinal",
    "region",
    "vertebra",
    "cun",
    "fingers",
    "count",
    "above_l4",
    "number",
    "complaints",
}


class CatalogueError(ValueError):
    """A data file is wrong; the message names the file, the entry and the field."""


_Words = TypeVar("_Words")


@dataclass(frozen=True)
class DataFile:
    """A data file being checked."""

    name: str

    def fail(self, entry: str, field: str, expected: str, got: object) -> NoReturn:
        """Say what is wrong with a field."""
        raise CatalogueError(f"{self.name}: {entry}: field {field!r}: expected {expected}, got {got!r}")

    def table(self, entry: str, value: object, known: Collection[str]) -> None:
        """Fail unless ``value`` is a table of known fields."""
        if not isinstance(value, Mapping):
            raise CatalogueError(f"{self.name}: {entry}: expected a table, got {value!r}")
        for field in sorted(set(value) - set(known)):
            names = ", ".join(sorted(known))
            raise CatalogueError(f"{self.name}: {entry}: field {field!r} is unknown; expected {names}")

    def fields(self, entry: str, value: object, expected: set[str]) -> None:
        """Fail unless ``value`` is a table of exactly the expected fields."""
        for field in sorted(expected - set(value) if isinstance(value, Mapping) else ()):
            raise CatalogueError(f"{self.name}: {entry}: field {field!r} is missing")
        self.table(entry, value, expected)

    def text(
        self, entry: str, table: Mapping[str, Any], field: str, placeholders: Collection[str] = _PLACEHOLDERS
    ) -> str:
        """The text in a field, with no other ``{placeholders}`` than these."""
        value = table[field]
        if not isinstance(value, str) or not value.strip():
            self.fail(entry, field, "some text", value)
        self._check_placeholders(entry, field, value, placeholders)
        return str(value).strip()

    def _check_placeholders(self, entry: str, field: str, text: str, known: Collection[str]) -> None:
        try:
            parts = [(name, f"{form}{conversion or ''}") for _, name, form, conversion in Formatter().parse(text)]
        except ValueError:
            self.fail(entry, field, "a closing brace for every opening one", text)
        for name, form in parts:
            if name is not None and (name not in known or form):
                self.fail(entry, field, f"no other {{...}} than {', '.join(sorted(known))}", name)

    def texts(self, entry: str, table: Mapping[str, Any], field: str, at_least: int = 0) -> tuple[str, ...]:
        """The texts in a field."""
        values = table[field]
        if (
            not isinstance(values, list)
            or len(values) < at_least
            or not all(isinstance(v, str) and v.strip() for v in values)
        ):
            self.fail(entry, field, f"a list of {at_least} or more texts", values)
        for value in values:
            self._check_placeholders(entry, field, value, _PLACEHOLDERS)
        return tuple(str(v).strip() for v in values)

    def number(self, entry: str, table: Mapping[str, Any], field: str) -> float:
        """The number in a field, from 0 to 10."""
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
