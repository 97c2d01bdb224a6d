"""The command ``locator``. Heavy libraries load inside the commands that need them."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from locator import files, native_log

if TYPE_CHECKING:
    from locator.api import Locator
    from locator.models import Progress

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
) -> None:
    """Write each photo with its marks."""
    targets = _targets(photos, out)
    with _ready(model) as locator:
        from locator import images
        from locator.types import Location

        worst = 0
        for photo, target in zip(photos, targets, strict=True):
            annotation = locator.annotate(photo)
            outcome = annotation.result.outcome
            if annotation.rgb is None or not isinstance(outcome, Location):
                worst = max(worst, _status(annotation.result.status))
                _say(f"{photo}: {outcome.message} {outcome.remedy}")  # type: ignore[union-attr]
                continue
            marked = images.encode(annotation.rgb, "png" if target.suffix.lower() == ".png" else "jpeg")
            try:
                files.write_whole(target, marked)
            except OSError as error:
                raise typer.BadParameter(f"{target} cannot be written: {error.strerror}", param_hint="--out") from error
            for issue in outcome.issues:
                _say(f"{photo}: {issue.message} {issue.remedy}")
            _say(f"{photo}: marked in {target}")
    raise typer.Exit(worst)


@app.command()
def locate(photos: Photos, model: ModelOption = Model.FULL) -> None:
    """Print where the points are, one JSON document a line."""
    with _ready(model) as locator:
        from locator.export import to_dict

        worst = 0
        for photo in photos:
            result = locator.locate(photo)
            worst = max(worst, _status(result.status))
            print(json.dumps(to_dict(result), allow_nan=False), flush=True)
    raise typer.Exit(worst)


@app.command()
def setup(model: ModelOption = Model.FULL) -> None:
    """Fetch the pose model and check it."""
    from locator import models

    with _told(), _progress() as progress:
        file = models.setup(model.value, progress)
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
def _ready(model: Model) -> Iterator[Locator]:
    """The locator, after fetching its model where that is still to be done."""
    with _told():
        from locator.api import Locator

        with _progress() as progress:
            locator = Locator(model.value, progress)
        yield locator


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
