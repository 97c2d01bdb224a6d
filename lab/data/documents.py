"""Tables in the documents that a measurement writes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

_END = "<!-- end -->"


def write_measured(document: Path, by: str, lines: Iterable[str]) -> None:
    """Put lines in the place of those that the module ``by`` has measured before."""
    begin = f"<!-- measured by {by} -->"
    before, found, rest = document.read_text(encoding="utf-8").partition(begin)
    if not found:
        raise ValueError(f"{document}: expected a line {begin}")
    after = rest.partition(_END)[2]
    document.write_text(f"{before}{begin}\n" + "\n".join(lines) + f"\n{_END}{after}", encoding="utf-8")
