"""The command ``locator``. Heavy libraries load inside the commands that need them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from locator.cli import messages, options, progress, readers, targets
from locator.cli.group import Group
from locator.cli.messages import INTERRUPTED, MISUSE, REFUSED, UNAVAILABLE, UNREADABLE
from locator.cli.options import (
    AnchorsOption,
    BlurHeadOption,
    Engine,
    JobsOption,
    Labels,
    LabelsOption,
    LanguageOption,
    Model,
    ModelOption,
    Paper,
    Photos,
    Saved,
    SizeOption,
)
from locator.core import native_log

if TYPE_CHECKING:
    from locator.draw.style import Style
    from locator.jobs.results import Summary
    from locator.live.recording import FilmSummary


app = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    epilog="Exit status: 0 all located, 3 some refused, 4 some unreadable, 2 misuse, 5 no pose model, 130 stopped, "
    "1 failed.",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        messages.out(version("back-acupoint-locator"))
        raise typer.Exit


@app.callback()
def locator(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version.")
    ] = False,
) -> None:
    """Marks six traditional pressure points on a photo of a person's back. Photos never leave this computer."""


@app.command()
def annotate(
    photos: Photos,
    out: Annotated[str, typer.Option("--out", "-o", help="A file for one photo and one format, or a folder.")],
    format: Annotated[
        list[Saved] | None,
        typer.Option(
            "--format", help="May be given several times. Otherwise the file's ending tells; in a folder, jpeg."
        ),
    ] = None,
    labels: LabelsOption = Labels.BOTH,
    language: LanguageOption = "en",
    size: SizeOption = 1.0,
    paper: Annotated[Paper, typer.Option("--paper", help="Of the sheet.")] = Paper.A4,
    date: Annotated[str, typer.Option("--date", metavar="YYYY-MM-DD", help="On the sheet; today if not given.")] = "",
    blur_head: BlurHeadOption = False,
    blur: Annotated[
        list[str] | None,
        typer.Option(
            "--blur", metavar="X,Y,W,H", help="Make a part unrecognisable, in px of the upright photo; for one photo."
        ),
    ] = None,
    model: ModelOption = Model.FULL,
    anchors: AnchorsOption = "",
) -> None:
    """Write each photo with its marks, a page to print, or the marks as data."""
    day = options.day(date)
    regions = options.regions(blur or [], photos)
    style = options.style(labels, language, size)
    outputs = targets.of_photos(photos, out, [one.value for one in format or []], inputs=[*photos, anchors])
    with readers.of_photos(model, anchors, photos) as read:
        from locator.core.types import Location
        from locator.formats.export import export

        worst = 0
        for photo, outputs_of_photo in zip(photos, outputs, strict=True):
            picture, result = read(photo)
            outcome = result.outcome
            if picture is None or not isinstance(outcome, Location):
                worst = max(worst, messages.exit_status(result))
                messages.say_reason(photo, result)
                continue
            options.check_regions(regions, picture.rgb)
            shown = options.blurred(picture.rgb, outcome, blur_head, regions)
            for name, target in outputs_of_photo:
                targets.write(target, export(name, shown, result, style, paper=paper.value, date=day))
            messages.say_issues(photo, outcome)
            messages.say(f"{photo}: marked in {', '.join(str(target) for _, target in outputs_of_photo)}")
    raise typer.Exit(worst)


@app.command()
def compare(
    first: Annotated[str, typer.Argument(metavar="FIRST", help="The photo on the left.")],
    second: Annotated[str, typer.Argument(metavar="SECOND", help="The photo on the right.")],
    out: Annotated[str, typer.Option("--out", "-o", help="A .jpg, .png or .webp file.")],
    labels: LabelsOption = Labels.CODES,
    language: LanguageOption = "en",
    size: SizeOption = 1.0,
    blur_head: BlurHeadOption = False,
    model: ModelOption = Model.FULL,
) -> None:
    """Write two marked photos of one person side by side, aligned on the spine."""
    style = options.style(labels, language, size)
    target = targets.resolved(out)
    name = {".jpg": "jpeg", ".jpeg": "jpeg", ".png": "png", ".webp": "webp"}.get(target.suffix.lower())
    if name is None:
        raise typer.BadParameter(f"expected .jpg, .png or .webp, got {target.suffix!r}", param_hint="--out")
    targets.check_not_input(target, [first, second])
    with readers.of_photos(model, "", [first, second]) as read:
        from locator.core.types import Location
        from locator.draw.compare import side_by_side
        from locator.photo import encoding

        worst, backs = 0, []
        for photo in (first, second):
            picture, result = read(photo)
            if picture is None or not isinstance(result.outcome, Location):
                worst = max(worst, messages.exit_status(result))
                messages.say_reason(photo, result)
            else:
                messages.say_issues(photo, result.outcome)
                backs.append((options.blurred(picture.rgb, result.outcome, blur_head, []), result.outcome))
        if len(backs) == 2:
            targets.write(target, encoding.encode(side_by_side(backs[0], backs[1], style), name))
            messages.say(f"{first} and {second}: side by side in {target}")
    raise typer.Exit(worst)


@app.command()
def locate(photos: Photos, model: ModelOption = Model.FULL, anchors: AnchorsOption = "") -> None:
    """Print where the points are, one JSON document a line."""
    with readers.of_photos(model, anchors, photos, drawn=False) as read:
        from locator.formats.record import to_dict

        worst = 0
        for photo in photos:
            _, result = read(photo)
            worst = max(worst, messages.exit_status(result))
            messages.out(json.dumps(to_dict(result), allow_nan=False))
    raise typer.Exit(worst)


@app.command()
def batch(
    folder: Annotated[Path, typer.Argument(metavar="DIR", exists=True, file_okay=False, help="A folder of photos.")],
    out: Annotated[str, typer.Option("--out", "-o", metavar="DIR", help="A folder for the results.")],
    jobs: JobsOption = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with what is in the folder of results.")] = False,
    pictures: Annotated[bool, typer.Option("--pictures", help="Write the marked photos too.")] = False,
    engine: Annotated[
        Engine, typer.Option("--engine", help="This machine, or a Ray cluster; that needs the extra [ray].")
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


@app.command()
def live(
    camera: Annotated[int | None, typer.Option("--camera", min=0, help="Number of a camera; 0 is the first.")] = None,
    film: Annotated[str, typer.Option("--video", metavar="FILE", help="A film instead of a camera.")] = "",
    out: Annotated[str, typer.Option("--out", "-o", metavar="FILE", help="Write an .mp4 film.")] = "",
    sound: Annotated[bool, typer.Option("--sound", help="Keep the sound of --video in --out.")] = False,
    labels: LabelsOption = Labels.BOTH,
    language: LanguageOption = "en",
    size: SizeOption = 1.0,
    mirror: Annotated[bool, typer.Option("--mirror", help="Show the picture as in a mirror.")] = False,
) -> None:
    """Mark the back before a camera, or in a film; in a window, or in another film. Ctrl-C ends it."""
    if film and camera is not None:
        raise typer.BadParameter("give a camera or a film, not both", param_hint="--video")
    if sound and not (film and out):
        raise typer.BadParameter("needs a film to take it from and one to write it to", param_hint="--sound")
    target = targets.resolved(out) if out else None
    if target and target.suffix.lower() != ".mp4":
        raise typer.BadParameter(f"expected a file ending in .mp4, got {target.name!r}", param_hint="--out")
    if target:
        targets.check_not_input(target, [film])
    style = options.style(labels, language, size)
    with messages.missing_parts_explained():
        summary = _watch(camera, film, target, style, mirror, sound)
    messages.say(f"{summary.marked} of {summary.frames} pictures were marked{f', in {target}' if target else ''}.")
    if not summary.marked and summary.advice:
        messages.say(f"{summary.advice.say}: {summary.advice.why}")
    raise typer.Exit(0 if summary.marked else REFUSED)


def _watch(camera: int | None, film: str, target: Path | None, style: Style, mirror: bool, sound: bool) -> FilmSummary:
    from locator.api import Locator
    from locator.draw.overlay import View
    from locator.live import recording
    from locator.live.video import VideoError
    from locator.models import registry

    readers.ask_for_model(registry.DEFAULT)
    with progress.of_setup() as report:
        locator = Locator(progress=report)
    view = View(style=style, mirrored=mirror)
    try:
        if film:
            with progress.of_film() as watched:
                return recording.of_film(locator, view, film, target, watched, sound=sound)
        return recording.of_camera(locator, view, camera or 0, target)
    except VideoError as error:
        messages.say(f"{film or 'camera'}: {error}")
        raise typer.Exit(UNREADABLE) from error
    except KeyboardInterrupt:
        messages.say("Stopped.")
        raise typer.Exit(INTERRUPTED) from None
    except OSError as error:
        if not target:
            raise
        raise typer.BadParameter(f"{target} cannot be written: {error.strerror}", param_hint="--out") from error


@app.command()
def setup(model: ModelOption = Model.FULL) -> None:
    """Fetch the pose model and the hand model, and check them."""
    from locator.models import registry

    with messages.missing_parts_explained(), progress.of_setup() as report:
        file = registry.setup(model.value, report)
        registry.setup(registry.HAND, report)
    messages.say(f"The pose model is ready: {file}")


@app.command()
def doctor() -> None:
    """Say what is missing on this machine, and the command that mends it."""
    from locator.cli import doctor as checks

    findings = checks.examine()
    for finding in findings:
        messages.out(f"{'ok     ' if finding.good else 'MISSING'}  {finding.what}")
        if not finding.good:
            messages.out(f"         mend it with: {finding.remedy}")
    raise typer.Exit(0 if all(finding.good for finding in findings) else 1)


@app.command()
def serve(
    host: Annotated[str, typer.Option("--host", help="Address to listen at; 0.0.0.0 for every one.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 for any that is free.")] = 8000,
    jobs: JobsOption = None,
    queue: Annotated[int, typer.Option("--queue", min=0, help="Photos beyond these that may arrive or wait.")] = 16,
    seconds: Annotated[
        float, typer.Option("--seconds", min=0.1, help="For a photo to arrive, to wait, and to be read, each.")
    ] = 20.0,
    megabytes: Annotated[int, typer.Option("--megabytes", min=1, max=64, help="Most of a photo.")] = 16,
    megapixels: Annotated[int, typer.Option("--megapixels", min=1, max=64, help="Most of a photo.")] = 50,
    names: Annotated[
        list[str] | None,
        typer.Option(
            "--name",
            help="A name that it may be asked by, beside its addresses; may be given several times.",
            show_default="localhost at 127.0.0.1, elsewhere any",
        ),
    ] = None,
) -> None:
    """Answer other programs over HTTP, if installed with the extra "serve"."""
    try:
        from locator.serve import server
        from locator.serve.application import Limits
    except ModuleNotFoundError as error:
        install = messages.command(sys.executable, "-m", "pip", "install", "back-acupoint-locator[serve]")
        messages.say(f"The service needs {error.name}. Run: {install}")
        raise typer.Exit(UNAVAILABLE) from error
    limits = Limits(jobs or readers.usable_cores(), queue, seconds, megabytes * 1_000_000, megapixels * 1_000_000,
                    options.hosts(names or [], host))  # fmt: skip
    with messages.missing_parts_explained():
        from locator.models import registry

        readers.ask_for_model(registry.DEFAULT)
        with progress.of_setup() as report:
            registry.obtain(registry.DEFAULT, report)
    try:
        listening = server.listen(host, port)
    except OSError as error:
        why = str(error.strerror).partition(" (")[0]
        raise typer.BadParameter(
            f"{host}:{port} cannot be listened at: {why}; choose another", param_hint="--port"
        ) from error
    messages.say(f"Listening at {server.address(listening)}; what it answers is described at /openapi.json.")
    try:
        server.run(listening, limits)
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None


@app.command("app")
def page() -> None:
    """Start the page; its address is printed."""
    import subprocess

    from locator.core import resources

    file = resources.path("app.py")
    # Streamlit reads its settings from the folder it is started in.
    raise typer.Exit(
        subprocess.call([sys.executable, "-m", "streamlit", "run", str(file)], cwd=file.parent, stderr=sys.stderr)
    )


def main() -> None:
    """Entry point of the command."""
    native_log.silence()
    with messages.failures_told():
        app()
