"""The group of the commands: what is wrong with a use of them is said without anything that a terminal would obey."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from typer.core import TyperGroup

from locator.cli import messages


@contextmanager
def _said_printably() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        if hasattr(error, "format_message"):  # a wrong use of the command, which may name a file
            text = messages.printable(error.format_message())
            error.format_message = lambda: text
        raise


class Group(TyperGroup):
    """Whose messages hold nothing that a terminal would obey."""

    def make_context(self, *args: Any, **options: Any) -> Any:
        """See the command line library."""
        with _said_printably():
            return super().make_context(*args, **options)

    def invoke(self, ctx: Any) -> Any:
        """See the command line library."""
        with _said_printably():
            return super().invoke(ctx)
