"""The command ``locator``. Heavy libraries load inside the commands that need them."""

from __future__ import annotations

import datetime
import json
import os
import re
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from locator.catalogue.languages import languages
from locator.core import files, native_log

if TYPE_CHECKING:
    from locator.core.box import Box
    from locator.core.types import Location, Photo, Result, RGBArray
    from locator.draw.scene import Style
    from locator.jobs.batch import Engine as MakeReaders
    from locator.jobs.batch import Progress as Read
    from locator.jobs.batch import Summary
    from locator.live.recording import Watched
    from locator.models.registry import Progress

MISUSE, REFUSED, UNREADABLE, UNAVAILABLE, INTERRUPTED = 2, 3, 4, 5, 130

# What has one of these endings is meant as a file, not as a folder.
_FILES = {
    *(".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".avif", ".gif", ".bmp", ".tif", ".tiff"),
    *(".svg", ".pdf", ".json", ".csv"),
}

_ENDING = re.compile(r"\.[a-z]{2,5}")  # a folder may well be called "version 1.0"
_NUMBERED = re.compile(r"back-points-(\d{1,9})\b")
_PIXELS = re.compile(r"\s*\d{1,6}\s*", re.ASCII)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    epilog="Exit status: 0 all located, 3 some refused, 4 some unreadable, 2 misuse, 5 no pose model, 130 stopped.",
)


class Model(StrEnum):
    """The pose models of the manifest."""

    FULL = "full"
    HEAVY = "heavy"


class Engine(StrEnum):
    """Where the photos of a batch are read."""

    LOCAL = "local"
    RAY = "ray"


class Saved(StrEnum):
    """The formats of :data:`locator.formats.export.FORMATS`."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    SVG = "svg"
    PDF = "pdf"
    OVERLAY_PNG = "overlay-png"
    OVERLAY_SVG = "overlay-svg"
    JSON = "json"
    CSV = "csv"
    COCO = "coco"
    SHEET = "sheet"


class Labels(StrEnum):
    """What stands beside the marks."""

    CODES = "codes"
    NAMES = "names"
    BOTH = "both"
    NUMBERS = "numbers"


class Paper(StrEnum):
    """The papers of the sheet."""

    A4 = "a4"
    LETTER = "letter"


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(version("back-acupoint-locator"))
        raise typer.Exit


Photos = Annotated[list[str], typer.Argument(metavar="PHOTO", help="JPEG, PNG, WebP, HEIC or AVIF files.")]
AnchorsOption = Annotated[
    str,
    typer.Option(
        "--anchors", metavar="FILE", help="Handles put in place by hand, as the page saves them; for one photo."
    ),
]
LabelsOption = Annotated[Labels, typer.Option("--labels", help="Beside the marks; numbers have a legend.")]
LanguageOption = Annotated[str, typer.Option("--language", metavar="CODE", help=f"One of {', '.join(languages())}.")]
SizeOption = Annotated[float, typer.Option("--size", help="Factor on texts, marks and lines.", min=0.5, max=3.0)]
BlurHeadOption = Annotated[bool, typer.Option("--blur-head", help="Make the head unrecognisable.")]
ModelOption = Annotated[Model, typer.Option("--model", help="Pose model; heavy is slower.")]


@app.callback()
def options(
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
    day = _day(date)
    regions = _regions(blur or [], photos)
    style = _style(labels, language, size)
    targets = _targets(photos, out, [one.value for one in format or []], spared=[*photos, anchors])
    with _reader(model, anchors, photos) as read:
        from locator.core.types import Location
        from locator.formats.export import export

        worst = 0
        for photo, files_of_photo in zip(photos, targets, strict=True):
            picture, result = read(photo)
            outcome = result.outcome
            if picture is None or not isinstance(outcome, Location):
                worst = max(worst, _status(result.status))
                _say_why(photo, result)
                continue
            _check_regions(regions, picture.rgb)
            shown = _blurred(picture.rgb, outcome, blur_head, regions)
            for name, target in files_of_photo:
                _write(target, export(name, shown, result, style, paper=paper.value, date=day))
            for issue in outcome.issues:
                _say(f"{photo}: {issue.message} {issue.remedy}")
            _say(f"{photo}: marked in {', '.join(str(target) for _, target in files_of_photo)}")
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
    style = _style(labels, language, size)
    target = _resolved(out)
    name = {".jpg": "jpeg", ".jpeg": "jpeg", ".png": "png", ".webp": "webp"}.get(target.suffix.lower())
    if name is None:
        raise typer.BadParameter(f"expected .jpg, .png or .webp, got {target.suffix!r}", param_hint="--out")
    _spare([first, second], target)
    with _reader(model, "", [first, second]) as read:
        from locator.core.types import Location
        from locator.draw.compare import side_by_side
        from locator.photo import images

        worst, backs = 0, []
        for photo in (first, second):
            picture, result = read(photo)
            if picture is None or not isinstance(result.outcome, Location):
                worst = max(worst, _status(result.status))
                _say_why(photo, result)
            else:
                for issue in result.outcome.issues:
                    _say(f"{photo}: {issue.message} {issue.remedy}")
                backs.append((_blurred(picture.rgb, result.outcome, blur_head, []), result.outcome))
        if len(backs) == 2:
            _write(target, images.encode(side_by_side(backs[0], backs[1], style), name))
            _say(f"{first} and {second}: side by side in {target}")
    raise typer.Exit(worst)


@app.command()
def locate(photos: Photos, model: ModelOption = Model.FULL, anchors: AnchorsOption = "") -> None:
    """Print where the points are, one JSON document a line."""
    with _reader(model, anchors, photos, drawn=False) as read:
        from locator.formats.export import to_dict

        worst = 0
        for photo in photos:
            _, result = read(photo)
            worst = max(worst, _status(result.status))
            print(json.dumps(to_dict(result), allow_nan=False), flush=True)
    raise typer.Exit(worst)


@app.command()
def batch(
    folder: Annotated[Path, typer.Argument(metavar="DIR", exists=True, file_okay=False, help="A folder of photos.")],
    out: Annotated[str, typer.Option("--out", "-o", metavar="DIR", help="A folder for the results.")],
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", min=1, help="Photos read at a time.", show_default="number of processor cores"),
    ] = None,
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
    target = _resolved(out)
    if address and engine is not Engine.RAY:
        raise typer.BadParameter("it is that of a cluster; add --engine ray", param_hint="--address")
    try:
        with _told():
            from functools import partial

            from locator.jobs import batch as batches
            from locator.jobs.workers import WorkersFailed
            from locator.models import registry

            with _progress() as progress:
                _, model = registry.obtain(registry.DEFAULT, progress)
            settings = batches.settings(model, pictures)
            start = partial(batches.PhotoReader, folder.absolute(), settings)
            try:
                with _machines(engine, address) as (cores, readers), _counted() as read:
                    summary = batches.run(folder, target, start, settings, jobs or cores, resume, read, readers)
            except batches.BatchRefused as error:
                raise typer.BadParameter(str(error)) from error
            except WorkersFailed as error:
                _say(f"No process that reads photos could be started: {error}. Run: locator doctor")
                raise typer.Exit(UNAVAILABLE) from error
    except KeyboardInterrupt:
        options = [f"--jobs={jobs}"] if jobs else []
        options += ["--pictures"] if pictures else []
        options += [f"--engine={engine.value}"] if engine is not Engine.LOCAL else []
        options += [f"--address={address}"] if address else []
        again = shlex.join(["locator", "batch", str(folder), "--out", out, *options, "--resume"])
        _say(f"Stopped; what was read is kept. To go on: {again}")
        raise typer.Exit(INTERRUPTED) from None
    for line in _counts(summary):
        print(line)
    for closed in summary.closed:
        _say(f"{closed}: this folder could not be opened.")
    unreadable = bool(summary.unreadable or summary.closed)
    raise typer.Exit(UNREADABLE if unreadable else REFUSED if summary.refused else 0)


@app.command()
def live(
    camera: Annotated[int | None, typer.Option("--camera", min=0, help="Number of a camera; 0 is the first.")] = None,
    film: Annotated[str, typer.Option("--video", metavar="FILE", help="A film instead of a camera.")] = "",
    out: Annotated[str, typer.Option("--out", "-o", metavar="FILE", help="Write an .mp4 film, without sound.")] = "",
    labels: LabelsOption = Labels.BOTH,
    language: LanguageOption = "en",
    size: SizeOption = 1.0,
    mirror: Annotated[bool, typer.Option("--mirror", help="Show the picture as in a mirror.")] = False,
) -> None:
    """Mark the back before a camera, or in a film; in a window, or in another film. Ctrl-C ends it."""
    if film and camera is not None:
        raise typer.BadParameter("give a camera or a film, not both", param_hint="--video")
    target = _resolved(out) if out else None
    if target and target.suffix.lower() != ".mp4":
        raise typer.BadParameter(f"expected a file ending in .mp4, got {target.name!r}", param_hint="--out")
    if target:
        _spare([film], target)
    style = _style(labels, language, size)
    with _told():
        from locator.api import Locator
        from locator.draw.overlay import View
        from locator.live import recording
        from locator.live.video import VideoError

        with _progress() as progress:
            locator = Locator(progress=progress)
        view = View(style=style, mirrored=mirror)
        try:
            if film:
                with _timed() as watched:
                    summary = recording.of_film(locator, view, film, target, watched)
            else:
                summary = recording.of_camera(locator, view, camera or 0, target)
        except VideoError as error:
            _say(f"{film or 'camera'}: {error}")
            raise typer.Exit(UNREADABLE) from error
        except KeyboardInterrupt:
            _say("Stopped.")
            raise typer.Exit(INTERRUPTED) from None
        except OSError as error:
            raise typer.BadParameter(f"{target} cannot be written: {error.strerror}", param_hint="--out") from error
    _say(f"{summary.marked} of {summary.frames} pictures were marked{f', in {target}' if target else ''}.")
    if not summary.marked and summary.advice:
        _say(f"{summary.advice.say}: {summary.advice.why}")
    raise typer.Exit(0 if summary.marked else REFUSED)


@app.command()
def setup(model: ModelOption = Model.FULL) -> None:
    """Fetch the pose model and the hand model, and check them."""
    from locator.models import registry

    with _told(), _progress() as progress:
        file = registry.setup(model.value, progress)
        registry.setup(registry.HAND, progress)
    _say(f"The pose model is ready: {file}")


@app.command()
def doctor() -> None:
    """Say what is missing on this machine, and the command that mends it."""
    from locator.cli import doctor as checks

    findings = checks.examine()
    for finding in findings:
        print(f"{'ok     ' if finding.good else 'MISSING'}  {finding.what}")
        if not finding.good:
            print(f"         mend it with: {finding.remedy}")
    raise typer.Exit(0 if all(finding.good for finding in findings) else 1)


@app.command()
def serve(
    host: Annotated[str, typer.Option("--host", help="Address to listen at; 0.0.0.0 for every one.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 for any that is free.")] = 8000,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", min=1, help="Photos read at a time.", show_default="number of processor cores"),
    ] = None,
    queue: Annotated[int, typer.Option("--queue", min=0, help="Photos beyond these that may arrive or wait.")] = 16,
    seconds: Annotated[
        float, typer.Option("--seconds", min=0.1, help="For a photo to arrive, to wait, and to be read, each.")
    ] = 20.0,
    megabytes: Annotated[int, typer.Option("--megabytes", min=1, max=64, help="Most of a photo.")] = 16,
    megapixels: Annotated[int, typer.Option("--megapixels", min=1, max=64, help="Most of a photo.")] = 50,
) -> None:
    """Answer other programs over HTTP, if installed with the extra "serve"."""
    try:
        from locator.serve import server
        from locator.serve.application import Limits
    except ModuleNotFoundError as error:
        _say(f"The service needs {error.name}. Run: {sys.executable} -m pip install 'back-acupoint-locator[serve]'")
        raise typer.Exit(UNAVAILABLE) from error
    limits = Limits(jobs or _usable_cores(), queue, seconds, megabytes * 1_000_000, megapixels * 1_000_000)
    with _told():
        from locator.models import registry

        with _progress() as progress:
            registry.obtain(registry.DEFAULT, progress)
    try:
        listening = server.listen(host, port)
    except OSError as error:
        why = str(error.strerror).partition(" (")[0]
        raise typer.BadParameter(
            f"{host}:{port} cannot be listened at: {why}; choose another", param_hint="--port"
        ) from error
    _say(f"Listening at {server.address(listening)}; what it answers is described at /openapi.json.")
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


def _targets(photos: list[str], out: str, formats: list[str], spared: list[str]) -> list[list[tuple[str, Path]]]:
    """For each photo, the formats to write and their files: ``out`` itself, or files in the folder ``out``.

    In a folder, files are numbered in the order of the photos, after those that are there already; a photo's own name,
    which may tell who is on it, is not passed on.

    Args:
        spared: files that are not to be written over.

    Raises:
        typer.BadParameter: if one file is named for several photos or formats, its ending does not fit, or a spared
            file would be overwritten.
    """
    from locator.formats.export import FORMATS

    path = _resolved(out)
    suffix = ".jpg" if path.suffix.lower() == ".jpeg" else path.suffix.lower()
    formats = list(dict.fromkeys(formats))
    is_folder = path.is_dir() or out.endswith(("/", os.sep))
    if suffix not in _FILES and _ENDING.fullmatch(suffix) and not is_folder:
        raise typer.BadParameter(f"{suffix} is no ending that can be written; end a folder with /", param_hint="--out")
    if is_folder or suffix not in _FILES:
        first = 1 + max((int(match[1]) for file in path.glob("back-points-*") if (match := _NUMBERED.match(file.name))),
                        default=0)  # fmt: skip
        targets = [
            [
                (name, path / f"back-points-{n}{FORMATS[name].stem}{FORMATS[name].suffix}")
                for name in formats or ["jpeg"]
            ]
            for n in range(first, first + len(photos))
        ]
    elif len(photos) > 1 or len(formats) > 1:
        several = "photos" if len(photos) > 1 else "formats"
        raise typer.BadParameter(f"several {several} need a folder, not one file", param_hint="--out")
    else:
        known = {FORMATS[name].suffix: name for name in reversed(FORMATS)}
        name = formats[0] if formats else known.get(suffix, "")
        if not name or FORMATS[name].suffix != suffix:
            expected = FORMATS[name].suffix if name else ", ".join(known)
            raise typer.BadParameter(f"expected a file ending in {expected}, got {suffix}", param_hint="--out")
        targets = [[(name, path)]]
    for files_of_photo in targets:
        for _, target in files_of_photo:
            _spare(spared, target)
    return targets


def _resolved(out: str) -> Path:
    """What ``--out`` names once folders that do not exist yet do; ``new/../photo.jpg`` is the photo.

    Raises:
        typer.BadParameter: if it names nothing.
    """
    if out in ("", "-"):
        raise typer.BadParameter("expected a file or a folder", param_hint="--out")
    return Path(os.path.realpath(out)) if ".." in Path(out).parts else Path(out)


def _spare(spared: list[str], target: Path) -> None:
    """Refuse to write over a file that is read."""
    if any(file and target.exists() and Path(file).exists() and target.samefile(file) for file in spared):
        raise typer.BadParameter(f"{target} is read from and would be overwritten", param_hint="--out")


def _write(target: Path, data: bytes) -> None:
    try:
        files.write_whole(target, data)
    except OSError as error:
        why = "a part of its path is no folder" if isinstance(error, FileExistsError) else error.strerror
        raise typer.BadParameter(f"{target} cannot be written: {why}", param_hint="--out") from error


def _style(labels: Labels, language: str, size: float) -> Style:
    known = {code.casefold(): code for code in languages()}  # as in BCP 47, case tells nothing
    if language.casefold() not in known:
        raise typer.BadParameter(f"expected one of {', '.join(languages())}, got {language!r}", param_hint="--language")
    from locator.draw.scene import Style

    return Style(labels.value, known[language.casefold()], size)


def _day(date: str) -> datetime.date:
    try:
        # Newer Pythons take other writings of a day too, older ones do not.
        return datetime.datetime.strptime(date, "%Y-%m-%d").date() if date else datetime.date.today()
    except ValueError as error:
        raise typer.BadParameter(f"expected a day such as 2026-01-31, got {date!r}", param_hint="--date") from error


def _regions(texts: list[str], photos: list[str]) -> list[Box]:
    """The parts to be blurred."""
    if texts and len(photos) > 1:
        raise typer.BadParameter("the parts of one photo fit no other; give one photo", param_hint="--blur")
    from locator.core.box import Box

    regions = []
    for text in texts:
        numbers = text.split(",")
        if len(numbers) != 4 or not all(_PIXELS.fullmatch(number) for number in numbers):
            raise typer.BadParameter(f"expected four whole numbers X,Y,W,H, got {text[:80]!r}", param_hint="--blur")
        regions.append(Box(*(float(number) for number in numbers)))
        if not (regions[-1].width and regions[-1].height):
            raise typer.BadParameter(f"expected a width and a height above 0, got {text!r}", param_hint="--blur")
    return regions


def _check_regions(regions: list[Box], rgb: RGBArray) -> None:
    """Refuse a part that is not on the photo: what was to be hidden would be shown."""
    height, width = rgb.shape[:2]
    for region in regions:
        if region.left >= width or region.top >= height:
            raise typer.BadParameter(
                f"a part lies outside the photo, which is {width} pixels wide and {height} high when upright",
                param_hint="--blur",
            )


def _blurred(rgb: RGBArray, location: Location, head: bool, regions: list[Box]) -> RGBArray:
    """The photo, or a copy with the head and the regions made unrecognisable."""
    if not head and not regions:
        return rgb
    from locator.photo import blur

    return blur.blurred(rgb, [*([blur.head(location)] if head else []), *regions])


@contextmanager
def _reader(
    model: Model, anchors: str, photos: list[str], drawn: bool = True
) -> Iterator[Callable[[str], tuple[Photo | None, Result]]]:
    """What reads a photo: the pose model, fetched where that is still to be done, or a file of anchors.

    What is not to be ``drawn`` need not be decoded in whole.
    """
    if anchors and len(photos) > 1:
        raise typer.BadParameter("the handles of one photo fit no other; give one photo", param_hint="--anchors")
    if anchors and model is not Model.FULL:
        raise typer.BadParameter("with handles no pose model is asked; leave --model out", param_hint="--model")
    with _told():
        from locator.api import Locator, read_anchored
        from locator.estimate.anchors_file import AnchorsError

        if not anchors:
            with _progress() as progress:
                locator = Locator(model.value, progress)
            yield locator.read if drawn else lambda photo: (None, locator.locate(photo))
            return
        try:
            yield lambda photo: read_anchored(photo, anchors)
        except AnchorsError as error:
            raise typer.BadParameter(str(error), param_hint="--anchors") from error


@contextmanager
def _told() -> Iterator[None]:
    """Turn a missing model or library into a sentence."""
    from locator.models.registry import ModelUnavailable

    try:
        yield
    except ModelUnavailable as error:
        _say(f"{error.message} {error.remedy}")
        raise typer.Exit(UNAVAILABLE) from error
    except ImportError as error:
        _say(f"A library of this machine is missing ({error}). Run: locator doctor")
        raise typer.Exit(UNAVAILABLE) from error


@contextmanager
def _progress() -> Iterator[Progress]:
    """A progress bar on standard error, from the first step reported on."""
    from rich.console import Console
    from rich.progress import Progress as Bar

    bar = Bar(console=Console(file=sys.stderr), transient=True)
    task = bar.add_task("", total=1.0)

    def report(share: float, step: str) -> None:
        bar.start()
        bar.update(task, completed=share, description=step)

    try:
        yield report
    finally:
        if bar.live.is_started:  # else stopping would write an empty line
            bar.stop()


@contextmanager
def _machines(engine: Engine, address: str) -> Iterator[tuple[int, MakeReaders]]:
    """How many cores there are, and what makes readers of photos on them."""
    if engine is Engine.LOCAL:
        from locator.jobs.batch import ThisMachine

        yield _usable_cores(), ThisMachine
        return
    from locator.jobs.cluster import Cluster, ClusterFailed, connected

    try:
        # Ray prints what it notices, such as the loss of a machine, where the summary goes.
        with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere), connected(address) as cores:
            yield cores, Cluster
    except ClusterFailed as error:
        _say(str(error))
        raise typer.Exit(UNAVAILABLE) from error


@contextmanager
def _counted() -> Iterator[Read]:
    """A progress bar of photos on standard error, with the rate and the time left."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TimeRemainingColumn
    from rich.progress import Progress as Bar
    from rich.text import Text

    class Rate(ProgressColumn):
        """Photos a second."""

        def render(self, task: Task) -> Text:
            """Nothing as long as it is not known."""
            return Text(f"{task.speed:.1f} photos/s" if task.speed else "")

    columns = (BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn())
    console = Console(file=sys.stderr)
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def _timed() -> Iterator[Watched]:
    """A progress bar of a film on standard error, with the time left."""
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    console = Console(file=sys.stderr)
    columns = (BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None)
        yield lambda done_s, length_s: bar.update(task, completed=done_s, total=length_s)


def _counts(summary: Summary) -> Iterator[str]:
    """The summary of a batch, line by line."""
    yield f"{summary.photos:>8}  photos"
    yield f"{summary.located:>8}  located"
    for status, reasons in (("refused", summary.refused), ("unreadable", summary.unreadable)):
        for code, count in reasons.items():
            yield f"{count:>8}  {status}: {code.replace('_', ' ')}"


def _usable_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _status(status: str) -> int:
    return {"located": 0, "refused": REFUSED, "unreadable": UNREADABLE}[status]


def _say_why(photo: str, result: Result) -> None:
    """Why there is nothing to mark, and what to do instead."""
    outcome = result.outcome
    _say(f"{photo}: {outcome.message} {outcome.remedy}")  # type: ignore[union-attr]


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def main() -> None:
    """Entry point of the command."""
    native_log.silence()
    try:
        app()
    except BrokenPipeError:
        raise  # who reads has gone, as with `| head`; the command line library ends quietly
    except OSError as error:
        _say(f"The output cannot be written: {error.strerror}")
        sys.exit(MISUSE)
