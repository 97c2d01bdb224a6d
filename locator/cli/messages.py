"""What the command says on standard error, and its exit status."""

from __future__ import annotations

import errno
import os
import shlex
import signal
import subprocess
import sys
import tomllib
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from locator.cli.language import all_of, translated

if TYPE_CHECKING:
    from locator.core.types import Issue, Location, Result
    from locator.jobs.results import Summary

FAILED, MISUSE, REFUSED, UNREADABLE, UNAVAILABLE, INTERRUPTED = 1, 2, 3, 4, 5, 130

NO_MEMORY = "Memory ran out. Close other programs, or save the photo smaller, and try again."

_STATUSES = {"located": 0, "refused": REFUSED, "unreadable": UNREADABLE}


class OutputError(OSError):
    """Standard output cannot be written."""


def say(text: str) -> None:
    """A line on standard error; standard output is for data."""
    print(printable(text), file=sys.stderr)


def out(text: str) -> None:
    """A line on standard output.

    Raises:
        BrokenPipeError: if nobody reads it any more.
        OutputError: if it cannot be written.
    """
    if sys.stdout is None:  # it was closed before the program began
        raise OutputError(errno.EBADF, os.strerror(errno.EBADF))
    try:
        print(printable(text), flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(error.errno, error.strerror) from error


def printable(text: str) -> str:
    """``text`` with everything escaped that a terminal would obey rather than show; file names may hold that."""
    if text.isprintable():
        return text
    shown = (one if one.isprintable() or unicodedata.category(one) == "Zs" else None for one in text)
    return "".join(one or ascii(text[at])[1:-1] for at, one in enumerate(shown))


def told(error: OSError, written: Path | None = None) -> str:
    """What the system could not do, as it says it.

    Args:
        written: what was being written, if anything.
    """
    if error.errno == errno.ENOMEM:
        return translated(NO_MEMORY)
    why = error.strerror or str(error)
    if not error.filename:
        return translated(f"{why}.")
    file = Path(os.fsdecode(error.filename))
    if written and (file.is_relative_to(written) or written.is_relative_to(file)):
        return translated(f"{file} cannot be written: {why}.")
    return translated(f"{file}: {why}.")


def command(*words: str) -> str:
    """A command to be typed; words with blanks are quoted as this system's shell wants it."""
    return subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)


def exit_status(result: Result) -> int:
    """What the command ends with for one photo; the worst of all photos counts."""
    return _STATUSES[result.status]


def say_reason(photo: str, result: Result, language: str) -> None:
    """Why there is nothing to mark, and what to do instead."""
    say_issue(photo, result.outcome, language)  # type: ignore[arg-type]


def say_issues(photo: str, location: Location, language: str) -> None:
    """What is doubtful about the marks of a photo."""
    for issue in location.issues:
        say_issue(photo, issue, language)


def say_issue(photo: str, issue: Issue, language: str) -> None:
    """What is wrong with a photo, and what to do."""
    from locator.catalogue.words import words

    said = words(language)
    reason = said.reason(issue)
    say(said.command.issue.format(photo=photo, message=reason.message, remedy=reason.remedy))


def say_people(photo: str, result: Result, language: str) -> None:
    """Which of several backs is marked."""
    from locator.catalogue.words import words

    if len(result.people) > 1:
        said = words(language).command.people
        say(said.format(photo=photo, person=result.person, people=len(result.people)))


@contextmanager
def missing_parts_explained() -> Iterator[None]:
    """Turn a missing model or library into a sentence."""
    from locator.models.registry import ModelUnavailable

    try:
        yield
    except ModelUnavailable as error:
        say(all_of((error.message, error.remedy)))
        raise typer.Exit(UNAVAILABLE) from error
    except ImportError as error:
        say(translated(f"A library of this machine is missing ({error}). Run: locator doctor"))
        raise typer.Exit(UNAVAILABLE) from error


def end_whole() -> None:
    """Let the program end as by an exception when it is told to, so that no half of a file is left behind."""

    def end(number: int, _: object) -> None:
        sys.exit(128 + number)

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # not every system knows each
        if number and signal.getsignal(number) == signal.SIG_DFL:  # with `nohup` it is to be passed over
            signal.signal(number, end)


@contextmanager
def failures_told() -> Iterator[None]:
    """End the program with a sentence where the machine fails it."""
    try:
        yield
    except BrokenPipeError:
        raise  # who reads has gone, as with `| head`; the command line library ends quietly
    except OutputError as error:
        say(translated(f"The output cannot be written: {error.strerror}"))
        sys.exit(MISUSE)
    except OSError as error:
        say(told(error))
        sys.exit(FAILED)
    except MemoryError:
        say(translated(NO_MEMORY))
        sys.exit(FAILED)
    except tomllib.TOMLDecodeError as error:
        say(translated(f"A file of the program is damaged: {error}. Install the program anew."))
        sys.exit(FAILED)


def counts(summary: Summary, language: str = "en") -> Iterator[str]:
    """The summary of a batch, line by line."""
    from locator.catalogue.words import words

    reasons, said = words(language).reasons, words(language).batch

    def why(code: str) -> str:
        return reasons[code].message if code in reasons else code.replace("_", " ")

    yield f"{summary.photos:>8}  {said.photos}"
    yield f"{summary.located:>8}  {said.located}"
    for status, of_status in ((said.refused, summary.refused), (said.unreadable, summary.unreadable)):
        for code, count in of_status.items():
            yield f"{count:>8}  {status.format(reason=why(code))}"
    if summary.several:
        yield f"{summary.several:>8}  {said.each if summary.backs > summary.located else said.largest}"
    if summary.skipped:
        yield f"{summary.skipped:>8}  {said.skipped}"
