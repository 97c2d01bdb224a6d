"""The command for a whole folder of photos. Heavy libraries load inside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from locator.cli import messages, progress, readers, targets
from locator.cli.messages import INTERRUPTED, MISUSE, REFUSED, UNAVAILABLE, UNREADABLE
from locator.cli.options import Engine, JobsOption

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
) -> None:
    """Read every photo below a folder, several at a time."""
    target = targets.resolved(out)
    if address and engine is not Engine.RAY:
        raise typer.BadParameter("it is that of a cluster; add --engine ray", param_hint="--address")
    chosen = [f"--jobs={jobs}"] if jobs else []
    chosen += ["--pictures"] if pictures else []
    chosen += [f"--engine={engine.value}"] if engine is not Engine.LOCAL else []
    chosen += [f"--address={address}"] if address else []
    again = messages.command("locator", "batch", str(folder), "--out", out, *chosen, "--resume")
    try:
        with messages.missing_parts_explained():
            summary = _run_batch(folder, target, jobs, resume, pictures, engine, address)
    except KeyboardInterrupt:
        messages.say(f"Stopped; what was read is kept. To go on: {again}")
        raise typer.Exit(INTERRUPTED) from None
    except OSError as error:
        messages.say(f"{messages.told(error, target)} What was read is kept. Once that is mended, go on with: {again}")
        raise typer.Exit(MISUSE) from error
    for line in messages.counts(summary):
        messages.out(line)
    for closed in summary.closed:
        messages.say(f"{closed}: this folder could not be opened.")
    unreadable = bool(summary.unreadable or summary.closed)
    raise typer.Exit(UNREADABLE if unreadable else REFUSED if summary.refused else 0)


def _run_batch(
    folder: Path, target: Path, jobs: int | None, resume: bool, pictures: bool, engine: Engine, address: str
) -> Summary:
    from functools import partial

    from locator.jobs import results
    from locator.jobs.batch import run
    from locator.jobs.readers import PhotoReader
    from locator.jobs.workers import WorkersFailed
    from locator.models import registry

    readers.ask_for_model(registry.DEFAULT)
    with progress.of_setup() as report:
        _, model = registry.obtain(registry.DEFAULT, report)
    settings = results.settings(model, pictures)
    start = partial(PhotoReader, folder.absolute(), settings)
    try:
        with readers.of_batch(engine, address) as (cores, make_readers), progress.of_photos() as read:
            return run(folder, target, start, settings, jobs or cores, resume, read, make_readers)
    except results.BatchRefused as error:
        raise typer.BadParameter(str(error)) from error
    except WorkersFailed as error:
        messages.say(f"No process that reads photos could be started: {error}. Run: locator doctor")
        raise typer.Exit(UNAVAILABLE) from error
