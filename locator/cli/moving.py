"""The command for what moves: cameras and films. Heavy libraries load inside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from locator.cli import messages, options, progress, readers, targets
from locator.cli.language import translated
from locator.cli.messages import INTERRUPTED, REFUSED, UNREADABLE
from locator.cli.options import ForOption, Labels, LabelsOption, LanguageOption, PointsOption, SizeOption

if TYPE_CHECKING:
    from locator.draw.style import Style
    from locator.live.recording import FilmSummary


def live(
    camera: Annotated[int | None, typer.Option("--camera", min=0, help="Number of a camera; 0 is the first.")] = None,
    film: Annotated[str, typer.Option("--video", metavar="FILE", help="A film instead of a camera.")] = "",
    out: Annotated[str, typer.Option("--out", "-o", metavar="FILE", help="Write an .mp4 film.")] = "",
    sound: Annotated[bool, typer.Option("--sound", help="Keep the sound of --video in --out.")] = False,
    labels: LabelsOption = Labels.BOTH,
    language: LanguageOption = "en",
    size: SizeOption = 1.0,
    mirror: Annotated[bool, typer.Option("--mirror", help="Show the picture as in a mirror.")] = False,
    points: PointsOption = None,
    complaints: ForOption = None,
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
    codes = options.codes(points, complaints)
    with messages.missing_parts_explained():
        summary = _watch(camera, film, target, style, codes, mirror, sound)
    from locator.catalogue.words import words

    said = words(style.language).command
    counted = said.pictures_marked_in if target else said.pictures_marked
    messages.say(counted.format(marked=summary.marked, frames=summary.frames, file=target))
    if not summary.marked and summary.advice:
        messages.say(f"{summary.advice.say}: {summary.advice.why}")
    raise typer.Exit(0 if summary.marked else REFUSED)


def _watch(
    camera: int | None,
    film: str,
    target: Path | None,
    style: Style,
    codes: frozenset[str] | None,
    mirror: bool,
    sound: bool,
) -> FilmSummary:
    from locator.api import Locator
    from locator.draw.overlay import View
    from locator.live import recording
    from locator.live.video import VideoError
    from locator.models import registry

    readers.have_model(registry.DEFAULT)
    locator = Locator()
    view = View(codes, style=style, mirrored=mirror)
    try:
        if film:
            with progress.of_film() as watched:
                return recording.of_film(locator, view, film, target, watched, sound=sound)
        return recording.of_camera(locator, view, camera or 0, target)
    except VideoError as error:
        from locator.catalogue.words import words

        message, remedy = translated(error.message), translated(error.remedy)
        said = words(style.language).command.issue
        messages.say(said.format(photo=film or translated("camera"), message=message, remedy=remedy))
        raise typer.Exit(UNREADABLE) from error
    except KeyboardInterrupt:
        from locator.catalogue.words import words

        messages.say(words(style.language).command.stopped)
        raise typer.Exit(INTERRUPTED) from None
    except OSError as error:
        if not target:
            raise
        raise typer.BadParameter(f"{target} cannot be written: {error.strerror}", param_hint="--out") from error
