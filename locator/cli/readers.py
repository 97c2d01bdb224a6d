"""What reads photos for a command: the pose model, a file of handles, or the machines of a batch."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from locator.cli import messages, progress
from locator.cli.language import translated
from locator.cli.options import Engine, Model

if TYPE_CHECKING:
    from locator.core.types import Photo, Result
    from locator.jobs.readers import Engine as MakeReaders


@contextmanager
def of_photos(
    model: Model,
    anchors: str,
    photos: list[str],
    drawn: bool = True,
    mirrored: bool = False,
    person: int | None = None,
    each: bool = False,
) -> Iterator[Callable[[str | bytes], tuple[Photo | None, list[Result]]]]:
    """What reads a photo: the pose model, fetched where that is still to be done, or a file of anchors.

    What is not to be ``drawn`` need not be decoded in whole.

    Args:
        person: which back of several.
        each: whether there is to be a result for every back.
    """
    if person and each:
        raise typer.BadParameter("it names one back, and --all means each; leave one out", param_hint="--person")
    if anchors and (person or each):
        raise typer.BadParameter("with handles nobody is looked for; leave --person and --all out",
                                 param_hint="--anchors")  # fmt: skip
    if anchors and len(photos) > 1:
        raise typer.BadParameter("the handles of one photo fit no other; give one photo", param_hint="--anchors")
    if anchors and model is not Model.FULL:
        raise typer.BadParameter("with handles no pose model is asked; leave --model out", param_hint="--model")
    with messages.missing_parts_explained():
        from locator.core import memory

        memory.give_back()  # or what loading leaves behind would stay with the command
        from locator.api import Locator, read_anchored
        from locator.core.anchors import AnchorsError

        if not anchors:
            have_model(model.value)
            locator = Locator(model.value)

            def read(photo: str | bytes) -> tuple[Photo | None, list[Result]]:
                if drawn:
                    picture, result = locator.read(photo, mirrored, person)
                else:
                    picture, result = None, locator.locate(photo, mirrored, person)
                return picture, list(result.each()) if each else [result]

            yield read
            return

        def read_with_handles(photo: str | bytes) -> tuple[Photo | None, list[Result]]:
            picture, result = read_anchored(photo, anchors, mirrored)
            return picture, [result]

        try:
            yield read_with_handles
        except AnchorsError as error:
            raise typer.BadParameter(str(error), param_hint="--anchors") from error


@contextmanager
def of_batch(engine: Engine, address: str) -> Iterator[tuple[int, MakeReaders]]:
    """How many cores there are, and what makes readers of photos on them."""
    if engine is Engine.LOCAL:
        from locator.jobs.readers import ThisMachine

        yield usable_cores(), ThisMachine
        return
    from locator.jobs.cluster import Cluster, ClusterFailed, connected

    try:
        # Ray prints what it notices, such as the loss of a machine, where the summary goes.
        with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere), connected(address) as cores:
            yield cores, Cluster
    except ClusterFailed as error:
        messages.say(translated(str(error)))
        raise typer.Exit(messages.UNAVAILABLE) from error


def have_model(key: str) -> None:
    """Fetch a model that is not on this machine, once the user agrees.

    Raises:
        models.ModelUnavailable: if it cannot be fetched, nobody is there to agree, or they do not.
    """
    from locator.models import registry

    if registry.is_ready(key):
        return
    question = f"The pose model is not on this machine yet. Fetch it now ({registry.megabytes(key)} MB)?"
    if not (sys.stdin.isatty() and sys.stderr.isatty() and typer.confirm(translated(question), default=True, err=True)):
        registry.load(key)
    with progress.of_setup() as report:
        registry.setup(key, report)


def usable_cores() -> int:
    """The processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
