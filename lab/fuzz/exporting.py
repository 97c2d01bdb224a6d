"""Does any export take long, or much memory? ``python -m lab.fuzz.exporting``.

Locates the largest photo that the service takes, in a process of its own, exports it in every format, and prints what
each took. Ends with status 1 if one took too much. The tests ask the same.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from lab.fuzz.memory import forget_peak, peak_megabytes
from locator.core import resources
from locator.photo import encoding, sources

SECONDS, MEGABYTES = 2.0, 700.0
_TRIES = 3  # where one takes too long, since whatever else the machine does slows it down


class Export(NamedTuple):
    """What one export took: seconds of the processor, and at most so much memory of the whole process."""

    format: str
    seconds: float
    megabytes: float


def largest() -> bytes:
    """A JPEG of as many pixels as the service takes, with grain."""
    from locator.serve.application import Limits

    rgb = sources.read(resources.path("sample_images") / "standing.jpg").rgb
    factor = (Limits().max_pixels / (rgb.shape[0] * rgb.shape[1])) ** 0.5
    size = int(rgb.shape[1] * factor), int(rgb.shape[0] * factor)
    large = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_CUBIC), np.uint8)
    grain = np.random.default_rng(0).normal(0, 3, (512, 512, 1))
    for top in range(0, large.shape[0], 512):
        for left in range(0, large.shape[1], 512):
            part = large[top : top + 512, left : left + 512]
            part[:] = np.clip(part + grain[: part.shape[0], : part.shape[1]], 0, 255)
    return encoding.encode(large, "jpeg", 80)


def exports(photo: bytes) -> list[Export]:
    """What every format takes of a photo, measured in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "photo"
        file.write_bytes(photo)
        command = [sys.executable, "-m", "lab.fuzz.exporting", str(file)]
        done = subprocess.run(command, capture_output=True, check=True, text=True, cwd=resources.path("."))
        return [Export(*export) for export in json.loads(done.stdout)]


def _measured(file: str) -> list[Export]:
    from locator import Locator
    from locator.formats import FORMATS
    from locator.formats.export import export

    photo, result = Locator().read(file)
    assert photo is not None
    taken = []
    for name in FORMATS:
        forget_peak()
        tries: list[float] = []
        while not tries or (min(tries) > SECONDS and len(tries) < _TRIES):
            start = time.process_time()
            export(name, photo.rgb, result)
            tries.append(time.process_time() - start)
        taken.append(Export(name, min(tries), peak_megabytes()))
    return taken


def main() -> int:
    """The table, or of the child what it measured."""
    if len(sys.argv) > 1:
        print(json.dumps(_measured(sys.argv[1])))
        return 0
    photo = largest()
    print(f"of a photo of {len(photo) / 1e6:.1f} MB")
    taken = exports(photo)
    for one in taken:
        print(f"{one.format:12} {one.seconds:6.2f} s {one.megabytes:6.0f} MB")
    return 0 if all(one.seconds <= SECONDS and one.megabytes <= MEGABYTES for one in taken) else 1


if __name__ == "__main__":
    sys.exit(main())
