"""Does any export take long, or much memory? ``python -m lab.fuzz.exporting``.

Locates the largest photo that the service takes, in a process of its own, exports it in every format, and prints what
each took: memory, and processor time as a share of what Pillow takes to write the bare photo as a WebP. Ends with
status 1 if one took too much. The tests ask the same.
"""

from __future__ import annotations

import functools
import io
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image

from lab.fuzz.memory import forget_peak, peak_megabytes
from locator.core import resources
from locator.photo import encoding, sources

SHARE, MEGABYTES = 0.6, 700.0
_TRIES = 3  # where one takes too long, since whatever else the machine does slows it down


class Export(NamedTuple):
    """What one export took.

    Attributes:
        share: its processor time over that of Pillow writing the bare photo as a WebP, with its defaults.
        megabytes: the highest memory of the whole process.
    """

    format: str
    share: float
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
    peer = _processor_time(lambda: Image.fromarray(photo.rgb).save(io.BytesIO(), "webp"))
    taken = []
    for name in FORMATS:
        forget_peak()
        shares: list[float] = []
        while not shares or (min(shares) > SHARE and len(shares) < _TRIES):
            shares.append(_processor_time(functools.partial(export, name, photo.rgb, result)) / peer)
        taken.append(Export(name, min(shares), peak_megabytes()))
    return taken


def _processor_time(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> int:
    """The table, or of the child what it measured."""
    if len(sys.argv) > 1:
        print(json.dumps(_measured(sys.argv[1])))
        return 0
    photo = largest()
    print(f"of a photo of {len(photo) / 1e6:.1f} MB")
    taken = exports(photo)
    for one in taken:
        print(f"{one.format:12} {one.share:6.2f} {one.megabytes:6.0f} MB")
    return 0 if all(one.share <= SHARE and one.megabytes <= MEGABYTES for one in taken) else 1


if __name__ == "__main__":
    sys.exit(main())
