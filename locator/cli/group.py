"""The group of the commands: what is wrong with a use of them is said without anything that a terminal would obey."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from typer.core import TyperGroup

from locator.cli import language, messages


@contextmanager
def _said_printably() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        if hasattr(error, "format_message"):  # a wrong use of the command, which may name a file
            text = messages.printable(error.format_message())
            error.format_message = lambda: text
            _translate(error)
        raise


def _translate(error: Any) -> None:
    """Let what the library shows of a wrong use be in the language that was asked for."""
    show = error.show

    def show_translated(file: IO[str] | None = None) -> None:
        shown = io.StringIO()
        show(shown)
        for line in shown.getvalue().splitlines():
            print(language.translated(line), file=file or sys.stderr)

    if not language.is_english():
        error.show = show_translated


class Group(TyperGroup):
    """Whose messages are in the language asked for, and hold nothing that a terminal would obey."""

    def make_context(self, info_name: str | None, args: list[str], *others: Any, **options: Any) -> Any:
        """See the command line library."""
        language.listen(args)
        with _said_printably():
            return super().make_context(info_name, args, *others, **options)

    def invoke(self, ctx: Any) -> Any:
        """See the command line library."""
        with _said_printably():
            return super().invoke(ctx)
