"""Is the wheel whole? Build it, install it beside nothing of the checkout, and use it from another folder.

    python -m lab.release.check_wheel [--own-environment]

Marks a sample, asks the doctor, opens the page, and sends the service a photo. What the wheel depends on is what this
environment has; with ``--own-environment`` a new one is made, as ``requirements/`` says, which takes minutes.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_START_S = 300.0


class Installed:
    """The program as the wheel installs it, run in a folder of its own."""

    def __init__(self, python: Path, library: Path, folder: Path) -> None:
        self.python, self.library, self.folder = python, library, folder
        self.sample = library / "locator" / "checkout" / "sample_images" / "standing.jpg"
        self._env = {**os.environ, "PYTHONPATH": str(library)}

    def run(self, *args: str) -> None:
        """Run the command to its end.

        Raises:
            subprocess.CalledProcessError: if it fails.
        """
        subprocess.run([self.python, "-m", "locator", *args], cwd=self.folder, env=self._env, check=True)

    def origin(self) -> Path:
        """Where the package is loaded from."""
        code = "import locator; print(locator.__file__)"
        done = subprocess.run(
            [self.python, "-c", code], cwd=self.folder, env=self._env, check=True, capture_output=True, text=True
        )
        return Path(done.stdout.strip())

    @contextmanager
    def serving(self, *args: str, path: str, **env: str) -> Iterator[None]:
        """A command that serves, once ``path`` of it answers."""
        server = subprocess.Popen(
            [str(self.python), "-m", "locator", *args],
            cwd=self.folder,
            env={**self._env, **env},
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # so that what the command starts ends with it
        )
        try:
            end = time.monotonic() + _START_S
            while not _answers(path):
                assert server.poll() is None, f"{args[0]} ended"
                assert time.monotonic() < end, f"{args[0]} did not answer within {_START_S:g} s"
                time.sleep(0.2)
            yield
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--own-environment", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        check(_installed(Path(scratch), asked.own_environment))


def check(program: Installed) -> None:
    """Use every way into the program once.

    Raises:
        AssertionError, subprocess.CalledProcessError: if one does not work.
    """
    assert program.origin().is_relative_to(program.library), f"the program came from {program.origin()}"
    program.run("annotate", str(program.sample), "--out", "marked.jpg")
    assert (program.folder / "marked.jpg").stat().st_size > 10_000
    program.run("doctor")
    page = f"http://localhost:{_free_port()}"
    port = page.rpartition(":")[2]
    with program.serving("app", "--no-browser", path=f"{page}/_stcore/health", STREAMLIT_SERVER_PORT=port):
        print("the page answers")
    service = f"http://127.0.0.1:{_free_port()}"
    port = service.rpartition(":")[2]
    with program.serving("serve", "--port", port, "--jobs", "1", path=f"{service}/readyz"):
        request = urllib.request.Request(f"{service}/v1/locate", program.sample.read_bytes(), method="POST")
        with urllib.request.urlopen(request, timeout=_START_S) as answer:
            assert b'"status": "located"' in answer.read()
        print("the service answers")


def _installed(scratch: Path, in_own_environment: bool) -> Installed:
    python = Path(sys.executable)
    _pip(python, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(scratch), str(ROOT))
    (wheel,) = scratch.glob("*.whl")
    (scratch / "elsewhere").mkdir()
    if not in_own_environment:
        _pip(python, "install", "--no-deps", "--target", str(scratch / "library"), str(wheel))
        return Installed(python, scratch / "library", scratch / "elsewhere")
    venv.create(scratch / "venv", with_pip=True)
    python = scratch / "venv" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    _pip(python, "install", "--require-hashes", "-r", str(ROOT / "requirements" / "serve.txt"))
    _pip(python, "install", "--no-deps", str(wheel))
    (library,) = (scratch / "venv").glob("[Ll]ib/**/site-packages")
    return Installed(python, library, scratch / "elsewhere")


def _pip(python: Path, *args: str) -> None:
    subprocess.run([python, "-m", "pip", "--quiet", "--disable-pip-version-check", *args], check=True)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=1).close()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main()
