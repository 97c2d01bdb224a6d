"""Does locating any kind of the largest photo take long, or much memory? ``python -m lab.fuzz.locating``.

Makes the largest photo of each kind that the service takes, flat and noisy, locates it in a process of its own,
networks and all, and prints what each took. Ends with status 1 if one took too much. The tests ask the same, of
the memory only.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from lab.fuzz import hardening
from lab.fuzz.memory import forget_peak, peak_megabytes
from locator.core import resources

_TRIES = 3  # where one takes too long, since whatever else the machine does slows it down


def locating(name: str, photo: bytes) -> hardening.Reading:
    """What became of a photo and what that took, measured in a process of its own with the service's limits.

    Raises:
        RuntimeError: if it was not even read.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "photo"
        file.write_bytes(photo)
        command = [sys.executable, "-m", "lab.fuzz.locating", str(file)]
        done = subprocess.run(command, capture_output=True, check=True, text=True, env=hardening.environment())
    reading = hardening.Reading(name, *json.loads(done.stdout))
    if reading.outcome == "unreadable":
        raise RuntimeError(f"{name} is over a limit")
    return reading


def _measured(file: str) -> tuple[str, float, float]:
    from locator.serve.worker import PhotoReader

    locator = PhotoReader(*hardening.served())._locator
    for sample in ("standing.jpg", "from_the_front.jpg"):  # so that all is loaded, the witnesses too
        locator.locate(resources.path("sample_images") / sample)
    forget_peak()
    tries: list[float] = []
    while not tries or (min(tries) > hardening.SECONDS and len(tries) < _TRIES):
        start = time.process_time()
        status = locator.locate(file).status
        tries.append(time.process_time() - start)
    return status, min(tries), peak_megabytes()


def main() -> int:
    """The table, or of the child what it measured."""
    if len(sys.argv) > 1:
        print(json.dumps(_measured(sys.argv[1])))
        return 0
    made = hardening.largest(*hardening.served())
    fits = [hardening.report(f"locating {name}", [locating(name, make())]) for name, make in made.items()]
    return 0 if all(fits) else 1


if __name__ == "__main__":
    sys.exit(main())
