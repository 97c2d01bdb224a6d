"""The command ``locator``: what it is made of."""

from __future__ import annotations

from typing import Annotated

import typer

from locator.cli import messages
from locator.cli.group import Group
from locator.cli.many import batch
from locator.cli.moving import live
from locator.cli.photos import annotate, compare, locate
from locator.cli.serving import page, serve
from locator.cli.upkeep import doctor, setup
from locator.core import native_log

app = typer.Typer(
    cls=Group,
    rich_markup_mode=None,  # plain help: to draw frames around it takes as long again
    context_settings={"max_content_width": 120},
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


for _command in (annotate, compare, locate, batch, live, setup, doctor, serve):
    app.command()(_command)
app.command("app")(page)


def main() -> None:
    """Entry point of the command."""
    native_log.silence()
    messages.end_whole()
    with messages.failures_told():
        app()
