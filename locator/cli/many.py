"""The command for a whole folder of photos. Heavy libraries load inside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from locator.cli import messages, options, progress, readers, targets
from locator.cli.language import translated
from locator.cli.messages import INTERRUPTED, MISUSE, REFUSED, UNAVAILABLE, UNREADABLE
from locator.cli.options import AllOption, Engine, ForOption, JobsOption, LanguageOption, MirroredOption, PointsOption

if TYPE_CHECKING:
    from locator.jobs.results import Summary


def batch(
    folder: Annotated[Path, typer.Argument(metavar="DIR", exists=True, file_okay=False, help="A folder of photos.")],
    out: Annotated[str, typer.Option("--out", "-o", metavar="DIR", help="A folder for the results.")],
    jobs: JobsOption = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with what is in the folder of results.")] = False,
    pictures: Annotated[bool, typer.Option("--pictures", help="Write the marked photos too.")] = False,
    engine: Annotated[
        Engine, typer.Option("--engine", help='This machine, or a Ray cluster; that needs the extra "ray".')
    ] = Engine.LOCAL,
    address: Annotated[
        str,
        typer.Option("--address", metavar="HOST:PORT", help="Of the cluster; if not given, the one of this machine."),
    ] = "",
    points: PointsOption = None,
    complaints: ForOption = None,
    table: Annotated[
        str, typer.Option("--table", metavar="FILE", help="Write a table too, a row a mark; .csv or .parquet.")
    ] = "",
    coco: Annotated[
        str, typer.Option("--coco", metavar="FILE", help="Write all marks as COCO keypoints too; .json.")
    ] = "",
    mirrored: MirroredOption = False,
    all: AllOption = False,
    language: LanguageOption = "en",
) -> None:
    """Read every photo below a folder, several at a time."""
    language = options.spoken(language)
    target = targets.resolved(out)
    codes = options.codes(points, complaints)
    derived = _derived(table, coco, target)
    if address and engine is not Engine.RAY:
        raise typer.BadParameter("it is that of a cluster; add --engine ray", param_hint="--address")
    chosen = [f"--jobs={jobs}"] if jobs else []
    chosen += ["--pictures"] if pictures else []
    chosen += [f"--engine={engine.value}"] if engine is not Engine.LOCAL else []
    chosen += [f"--address={address}"] if address else []
    chosen += [f"--points={','.join(sorted(codes))}"] if codes else []
    chosen += ["--mirrored"] if mirrored else []
    chosen += ["--all"] if all else []
    chosen += [f"--language={language}"] if language != "en" else []
    chosen += [f"--{name}={file}" for name, file in derived.items()]
    again = messages.command("locator", "batch", str(folder), "--out", out, *chosen, "--resume")
    from locator.catalogue.words import words

    said = words(language).batch
    try:
        with messages.missing_parts_explained():
            summary = _run_batch(folder, target, jobs, resume, pictures, engine, address, codes, all, mirrored)
            _write_derived(target, derived)
    except KeyboardInterrupt:
        messages.say(said.stopped.format(command=again))
        raise typer.Exit(INTERRUPTED) from None
    except OSError as error:
        messages.say(said.failed.format(problem=messages.told(error, target), command=again))
        raise typer.Exit(MISUSE) from error
    for line in messages.counts(summary, language):
        messages.out(line)
    for closed in summary.closed:
        messages.say(said.closed.format(folder=closed))
    unreadable = bool(summary.unreadable or summary.closed)
    raise typer.Exit(UNREADABLE if unreadable else REFUSED if summary.refused else 0)


def _derived(table: str, coco: str, out: Path) -> dict[str, Path]:
    """What else is to be made of the records: option and file. Photos may take hours, so all is checked before.

    Raises:
        typer.BadParameter: if a file has another ending than its kind, is one of the batch's own in ``out``, or
            cannot be written.
    """
    from locator.formats import DERIVED
    from locator.jobs.results import is_own

    files = {}
    for name, file in (("table", table), ("coco", coco)):
        if file:
            files[name] = targets.resolved(file, f"--{name}")
            if files[name].suffix.lower() not in DERIVED[name]:
                expected = " or ".join(DERIVED[name])
                raise typer.BadParameter(f"expected a file ending in {expected}, got {file!r}", param_hint=f"--{name}")
            if is_own(out, files[name]):
                raise typer.BadParameter(f"{file} is a file of the batch itself", param_hint=f"--{name}")
            targets.check_writable(files[name], f"--{name}")
    return files


def _write_derived(folder: Path, derived: dict[str, Path]) -> None:
    """Make the files of :func:`_derived` of a finished batch.

    Raises:
        OSError: if one cannot be written.
    """
    from locator.jobs import derived as writers
    from locator.jobs.results import RECORDS

    for name, file in derived.items():
        write = writers.write_table if name == "table" else writers.write_coco
        try:
            write(folder / RECORDS, file)
        except OSError as error:  # it may name a file that is not there any more
            raise OSError(error.errno, error.strerror, str(file)) from error


def _run_batch(
    folder: Path,
    target: Path,
    jobs: int | None,
    resume: bool,
    pictures: bool,
    engine: Engine,
    address: str,
    codes: frozenset[str] | None,
    each: bool,
    mirrored: bool,
) -> Summary:
    from functools import partial

    from locator.jobs import results
    from locator.jobs.batch import run
    from locator.jobs.readers import PhotoReader
    from locator.jobs.workers import WorkersFailed
    from locator.models import registry

    readers.have_model(registry.DEFAULT)
    _, model = registry.load(registry.DEFAULT)
    settings = results.settings(model, pictures, codes, each, mirrored)
    start = partial(PhotoReader, folder.absolute(), settings)
    try:
        with readers.of_batch(engine, address) as (cores, make_readers), progress.of_photos() as read:
            return run(folder, target, start, settings, jobs or cores, resume, read, make_readers)
    except results.BatchRefused as error:
        raise typer.BadParameter(str(error)) from error
    except WorkersFailed as error:
        messages.say(translated(f"No process that reads photos could be started: {error}. Run: locator doctor"))
        raise typer.Exit(UNAVAILABLE) from error
