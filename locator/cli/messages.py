"""What the command says on standard error, and its exit status."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from locator.core.types import Location, Result
    from locator.jobs.results import Summary

MISUSE, REFUSED, UNREADABLE, UNAVAILABLE, INTERRUPTED = 2, 3, 4, 5, 130

_STATUSES = {"located": 0, "refused": REFUSED, "unreadable": UNREADABLE}


def say(text: str) -> None:
    """A line on standard error; standard output is for data."""
    print(text, file=sys.stderr)


def exit_status(result: Result) -> int:
    """What the command ends with for one photo; the worst of all photos counts."""
    return _STATUSES[result.status]


def say_reason(photo: str, result: Result) -> None:
    """Why there is nothing to mark, and what to do instead."""
    outcome = result.outcome
    say(f"{photo}: {outcome.message} {outcome.remedy}")  # type: ignore[union-attr]


def say_issues(photo: str, location: Location) -> None:
    """What is doubtful about the marks of a photo."""
    for issue in location.issues:
        say(f"{photo}: {issue.message} {issue.remedy}")


@contextmanager
def missing_parts_explained() -> Iterator[None]:
    """Turn a missing model or library into a sentence."""
    from locator.models.registry import ModelUnavailable

    try:
        yield
    except ModelUnavailable as error:
        say(f"{error.message} {error.remedy}")
        raise typer.Exit(UNAVAILABLE) from error
    except ImportError as error:
        say(f"A library of this machine is missing ({error}). Run: locator doctor")
        raise typer.Exit(UNAVAILABLE) from error


def counts(summary: Summary) -> Iterator[str]:
    """The summary of a batch, line by line."""
    yield f"{summary.photos:>8}  photos"
    yield f"{summary.located:>8}  located"
    for status, reasons in (("refused", summary.refused), ("unreadable", summary.unreadable)):
        for code, count in reasons.items():
            yield f"{count:>8}  {status}: {code.replace('_', ' ')}"
