"""The commands that start a server: the page, and the service for other programs."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Annotated

import typer

from locator.cli import messages, options, readers
from locator.cli.language import translated
from locator.cli.messages import INTERRUPTED, UNAVAILABLE
from locator.cli.options import JobsOption, LanguageOption


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
    language: LanguageOption = "en",
) -> None:
    """Answer other programs over HTTP, if installed with the extra "serve"."""
    try:
        from locator.serve import server
        from locator.serve.application import Limits
    except ModuleNotFoundError as error:
        install = messages.command(sys.executable, "-m", "pip", "install", "back-acupoint-locator[serve]")
        messages.say(translated(f"The service needs {error.name}. Run: {install}"))
        raise typer.Exit(UNAVAILABLE) from error
    limits = Limits(jobs or readers.usable_cores(), queue, seconds, megabytes * 1_000_000, megapixels * 1_000_000,
                    hosts=options.hosts(names or [], host))  # fmt: skip
    with messages.missing_parts_explained():
        from locator.models import registry

        readers.have_model(registry.DEFAULT)
    try:
        listening = server.listen(host, port)
    except OSError as error:
        raise _cannot_listen(host, port, error) from error
    from locator.catalogue.words import words

    messages.say(words(options.spoken(language)).command.listening.format(address=server.address(listening)))
    try:
        server.run(listening, limits)
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None


def page(
    port: Annotated[
        int | None,
        typer.Option("--port", min=0, max=65535, help="0 for any that is free.", show_default="8501 or one after it"),
    ] = None,
    address: Annotated[
        str,
        typer.Option(
            "--address", help="Of this computer, to be reached from others at.", show_default="this computer alone"
        ),
    ] = "",
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the address.")] = False,
) -> None:
    """Start the page and open it in the browser."""
    from locator.core import resources
    from locator.web import opening

    file = resources.path("app.py")
    command = [sys.executable, "-m", "streamlit", "run", str(file)]
    if address:
        command += [f"--server.address={address}"]
    if port is not None:
        command += [f"--server.port={_free(address or 'localhost', port)}"]
    environment = dict(os.environ)
    if not no_browser and opening.has_screen():
        environment[opening.ASKED] = "1"
    # Streamlit reads its settings from the folder it is started in.
    with subprocess.Popen(command, cwd=file.parent, env=environment, stderr=sys.stderr) as server:
        try:
            status = server.wait()
        except KeyboardInterrupt:
            server.kill()
            raise typer.Exit(INTERRUPTED) from None
        finally:
            server.terminate()  # or the page would go on where the command is told to end
    raise typer.Exit(status if status >= 0 else 128 - status)


def _free(host: str, port: int) -> int:
    """The port, once it is known that it can be listened at.

    Raises:
        typer.BadParameter: if it cannot.
    """
    import socket  # help does not wait for it

    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.create_server((host, port), family=family) as tried:
            free: int = tried.getsockname()[1]
            return free
    except OSError as error:
        raise _cannot_listen(host, port, error) from error


def _cannot_listen(host: str, port: int, error: OSError) -> typer.BadParameter:
    why = str(error.strerror).partition(" (")[0]
    return typer.BadParameter(f"{host}:{port} cannot be listened at: {why}; choose another", param_hint="--port")
