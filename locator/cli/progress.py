"""Progress bars on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from locator.jobs.batch import Progress as PhotosRead
    from locator.live.recording import Watched
    from locator.models.registry import Progress


@contextmanager
def of_setup() -> Iterator[Progress]:
    """A bar of the set-up, from the first step reported on."""
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
def of_photos() -> Iterator[PhotosRead]:
    """A bar of photos, with the rate and the time left."""
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
def of_film() -> Iterator[Watched]:
    """A bar of a film, with the time left."""
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    console = Console(file=sys.stderr)
    columns = (BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None)
        yield lambda done_s, length_s: bar.update(task, completed=done_s, total=length_s)
