"""The command ``locator``. Heavy libraries load inside the commands that need them."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from locator import files, native_log

if TYPE_CHECKING:
    from locator.models import Progress
    from locator.types import Photo, Result

MISUSE, REFUSED, UNREADABLE, UNAVAILABLE = 2, 3, 4, 5

_WRITTEN = {".jpg", ".jpeg", ".png"}
_PICTURES = _WRITTEN | {".webp", ".heic", ".heif", ".avif", ".gif", ".bmp", ".tif", ".tiff", ".svg", ".pdf"}

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    epilog="Exit status: 0 all located, 3 some refused, 4 some unreadable, 2 misuse, 5 no pose model.",
)


class Model(str, Enum):
    """The pose models of the manifest."""

    FULL = "full"
    HEAVY = "heavy"


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
    out: Annotated[str, typer.Option("--out", "-o", help="A .jpg or .png file for one photo; a folder for several.")],
    model: ModelOption = Model.FULL,
    anchors: AnchorsOption = "",
) -> None:
    """Write each photo with its marks."""
    targets = _targets(photos, out)
    with _reader(model, anchors, photos) as read:
        from locator import images, render
        from locator.types import Location

        worst = 0
        for photo, target in zip(photos, targets, strict=True):
            picture, result = read(photo)
            outcome = result.outcome
            if picture is None or not isinstance(outcome, Location):
                worst = max(worst, _status(result.status))
                _say(f"{photo}: {outcome.message} {outcome.remedy}")  # type: ignore[union-attr]
                continue
            marked = images.encode(
                render.draw(picture.rgb, outcome), "png" if target.suffix.lower() == ".png" else "jpeg"
            )
            try:
                files.write_whole(target, marked)
            except OSError as error:
                raise typer.BadParameter(f"{target} cannot be written: {error.strerror}", param_hint="--out") from error
            for issue in outcome.issues:
                _say(f"{photo}: {issue.message} {issue.remedy}")
            _say(f"{photo}: marked in {target}")
    raise typer.Exit(worst)


@app.command()
def locate(photos: Photos, model: ModelOption = Model.FULL, anchors: AnchorsOption = "") -> None:
    """Print where the points are, one JSON document a line."""
    with _reader(model, anchors, photos) as read:
        from locator.export import to_dict

        worst = 0
        for photo in photos:
            _, result = read(photo)
            worst = max(worst, _status(result.status))
            print(json.dumps(to_dict(result), allow_nan=False), flush=True)
    raise typer.Exit(worst)


@app.command()
def setup(model: ModelOption = Model.FULL) -> None:
    """Fetch the pose model and the hand model, and check them."""
    from locator import models

    with _told(), _progress() as progress:
        file = models.setup(model.value, progress)
        models.setup(models.HAND, progress)
    _say(f"The pose model is ready: {file}")


@app.command()
def doctor() -> None:
    """Say what is missing on this machine, and the command that mends it."""
    from locator import doctor as checks

    findings = checks.examine()
    for finding in findings:
        print(f"{'ok     ' if finding.good else 'MISSING'}  {finding.what}")
        if not finding.good:
            print(f"         mend it with: {finding.remedy}")
    raise typer.Exit(0 if all(finding.good for finding in findings) else 1)


@app.command("app")
def page() -> None:
    """Start the page; its address is printed."""
    import subprocess

    from locator import resources

    file = resources.path("app.py")
    # Streamlit reads its settings from the folder it is started in.
    raise typer.Exit(
        subprocess.call([sys.executable, "-m", "streamlit", "run", str(file)], cwd=file.parent, stderr=sys.stderr)
    )


def _targets(photos: list[str], out: str) -> list[Path]:
    """Where each marked photo goes: ``out`` itself when it names a picture, else a file in the folder ``out``.

    Raises:
        typer.BadParameter: if one file is named for several photos, its format is none of ours, or a photo would be
            overwritten.
    """
    path = Path(out)
    suffix = path.suffix.lower()
    is_folder = path.is_dir() or out.endswith(("/", os.sep)) or suffix not in _PICTURES
    if not is_folder and suffix not in _WRITTEN:
        raise typer.BadParameter(f"expected .jpg or .png, got {suffix}", param_hint="--out")
    if not is_folder and len(photos) > 1:
        raise typer.BadParameter("several photos need a folder, not one file", param_hint="--out")
    targets = [path]
    if is_folder:
        # Several photos of one name, from different folders, must not overwrite each other.
        names: Counter[str] = Counter()
        targets = []
        for photo in photos:
            stem = Path(photo).stem + "-points"
            names[stem] += 1
            targets.append(path / f"{stem}{'' if names[stem] == 1 else f'-{names[stem]}'}.jpg")
    for target in targets:
        if any(target.exists() and Path(photo).exists() and target.samefile(photo) for photo in photos):
            raise typer.BadParameter(f"{target} is one of the photos and would be overwritten", param_hint="--out")
    return targets


@contextmanager
def _reader(model: Model, anchors: str, photos: list[str]) -> Iterator[Callable[[str], tuple[Photo | None, Result]]]:
    """What reads a photo: the pose model, fetched where that is still to be done, or a file of anchors."""
    if anchors and len(photos) > 1:
        raise typer.BadParameter("the handles of one photo fit no other; give one photo", param_hint="--anchors")
    if anchors and model is not Model.FULL:
        raise typer.BadParameter("with handles no pose model is asked; leave --model out", param_hint="--model")
    with _told():
        from locator.anchors_file import AnchorsError
        from locator.api import Locator, read_anchored

        if not anchors:
            with _progress() as progress:
                locator = Locator(model.value, progress)
            yield locator.read
            return
        try:
            yield lambda photo: read_anchored(photo, anchors)
        except AnchorsError as error:
            raise typer.BadParameter(str(error), param_hint="--anchors") from error


@contextmanager
def _told() -> Iterator[None]:
    """Turn a missing model or library into a sentence."""
    from locator.models import ModelUnavailable

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


def _status(status: str) -> int:
    return {"located": 0, "refused": REFUSED, "unreadable": UNREADABLE}[status]


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
