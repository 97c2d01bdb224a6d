"""The commands that start a server: the page, and the service for other programs."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from locator.cli import messages, options, progress, readers
from locator.cli.messages import INTERRUPTED, UNAVAILABLE
from locator.cli.options import JobsOption


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


def page() -> None:
    """Start the page; its address is printed."""
    import subprocess

    from locator.core import resources

    file = resources.path("app.py")
    # Streamlit reads its settings from the folder it is started in.
    raise typer.Exit(
        subprocess.call([sys.executable, "-m", "streamlit", "run", str(file)], cwd=file.parent, stderr=sys.stderr)
    )
