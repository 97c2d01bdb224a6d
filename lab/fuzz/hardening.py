"""Does any file keep the reader of photos long, or take much memory? ``python -m lab.fuzz.hardening``.

Reads the files of ``tests/hostile.py`` and the largest photos that are taken, every kind in a process of its own, and
prints what became of them. Ends with status 1 if one took too much. The tests ask the same, of the memory only.
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import hostile
import numpy as np
from PIL import Image

from lab.fuzz.memory import forget_peak, peak_megabytes
from locator.photo import decoding, sources

SECONDS, MEGABYTES = 2.0, 700.0
_TRIES = 3  # where one takes too long, since whatever else the machine does slows it down
_HDR = struct.pack(">HH", 9, 16)  # primaries of BT.2020 and the curve PQ (ITU-T H.273)
_HDR_CHUNK = hostile.chunk(b"cICP", bytes((9, 16, 0, 1)))

KINDS: tuple[Callable[[], dict[str, bytes]], ...] = (
    *(hostile.not_images, hostile.unsupported, hostile.too_small, hostile.damaged, hostile.cut),
    *(hostile.pixel_bombs, hostile.tile_bombs, hostile.work_bombs, hostile.frame_bombs),
    *(hostile.odd, hostile.turned, hostile.grey, hostile.profiled, hostile.polyglots),
)


class Reading(NamedTuple):
    """What became of one file: "read" or the reason why not, and what that took.

    The seconds are the processor's, of all threads together, since other programs may keep the machine busy; but never
    less than a tenth of the clock's, since a reader that waits is slow as well.
    """

    name: str
    outcome: str
    seconds: float
    megabytes: float


def readings(files: dict[str, bytes]) -> list[Reading]:
    """Read files one after the other in a new process, with a good photo after each.

    Raises:
        RuntimeError: if that process ended, said anything, or read the good photo in another way than before.
    """
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number, data in enumerate((hostile.encoded(hostile.corners(), "JPEG"), *files.values())):
            paths.append(Path(folder) / str(number))
            paths[-1].write_bytes(data)
        command = [sys.executable, "-W", "always", "-m", "lab.fuzz.hardening", *map(str, paths)]
        done = subprocess.run(command, capture_output=True, text=True, env=environment())
        if done.returncode or done.stderr:
            raise RuntimeError(f"status {done.returncode}: {done.stderr}")
        return [Reading(name, *reading) for name, reading in zip(files, json.loads(done.stdout), strict=True)]


def environment() -> dict[str, str]:
    """That of a process of its own, which finds this program and ``tests/hostile.py``."""
    there = [str(Path(__file__).parents[2]), str(Path(hostile.__file__).parent), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(there)}


def _read(good: str, *files: str) -> list[tuple[str, float, float]]:
    expected = sources.read(good).rgb.tobytes()
    readings = []
    for file in files:
        forget_peak()
        tries: list[float] = []
        while not tries or (min(tries) > SECONDS and len(tries) < _TRIES):
            outcome, seconds = _read_once(file)
            tries.append(seconds)
        readings.append((outcome, min(tries), peak_megabytes()))
        if sources.read(good).rgb.tobytes() != expected:
            raise RuntimeError(f"the good photo is read otherwise after {file}")
    return readings


def _read_once(file: str) -> tuple[str, float]:
    start, start_cpu = time.perf_counter(), time.process_time()
    try:
        sources.read(file)
        outcome = "read"
    except sources.UnreadableImage as error:
        outcome = error.outcome.code
    return outcome, max(time.process_time() - start_cpu, (time.perf_counter() - start) / 10)


def served() -> tuple[int, int]:
    """The most pixels of a photo, unless its format allows fewer, and bytes of its code that the service takes."""
    from locator.serve.application import Limits

    return Limits().max_pixels, Limits().max_code_bytes


def largest(
    most_pixels: int = decoding.MAX_PIXELS,
    most_code_bytes: int = decoding.MAX_CODE_BYTES,
    textures: tuple[str, ...] = ("flat", "noisy"),
) -> dict[str, Callable[[], bytes]]:
    """How to make the largest photos that are taken, of flat colour and of noise."""
    made: dict[str, Callable[[], bytes]] = {}
    for texture in textures:
        formats: dict[str, dict[str, object]] = {
            "JPEG": {"quality": 85},
            "JPEG, progressive": {"quality": 85, "progressive": True},
            "JPEG, turned": {"quality": 85, "exif": hostile.exif(6), "icc_profile": hostile.display_p3()},
            "PNG": {"compress_level": 1},
            "WEBP": {"quality": 50, "method": 0},
            "WEBP, lossless": {"lossless": True, "quality": 0, "method": 0},
            "HEIF": {"quality": 30, "enc_params": {"preset": "ultrafast"}},
            "HEIF, 4:4:4": {"quality": 30, "chroma": 444, "enc_params": {"preset": "ultrafast"}},
            "AVIF": {"speed": 10, "quality": 50, "subsampling": "4:4:4"},
        }
        for kind, options in formats.items():
            photo = partial(_pixels, kind, texture == "noisy", most_pixels)
            made[f"{kind}, {texture}"] = partial(_large, kind, photo, options, most_code_bytes)
        for kind in ("HEIF", "AVIF"):
            made[f"{kind}, HDR, {texture}"] = partial(_large_hdr, kind, texture == "noisy", most_pixels, formats[kind])
        made[f"PNG, 16 bits and alpha, {texture}"] = partial(_large_png, texture == "noisy", most_pixels)
        made[f"PNG, 16 bits and alpha, HDR, {texture}"] = partial(
            _large_png, texture == "noisy", most_pixels, _HDR_CHUNK
        )
    return made


def _pixels(kind: str, noisy: bool, most_pixels: int) -> Image.Image:
    height = 5000
    limits = decoding.MAX_PIXELS_OF
    most = min(most_pixels, limits.get(kind, limits.get(_format(kind), decoding.MAX_PIXELS)))
    if kind.endswith("HDR"):
        most = min(most, limits["HDR"])
    width = most // height
    if not noisy:
        return Image.new("RGB", (width, height), (200, 150, 130))
    block = np.random.default_rng(3).integers(100, 200, (250, 250, 3), np.uint8)
    return Image.fromarray(np.tile(block, (height // 250, width // 250, 1)))


def _format(kind: str) -> str:
    return kind.partition(",")[0]


def _large(kind: str, make: Callable[[], Image.Image], options: dict[str, object], most_code_bytes: int) -> bytes:
    """Of a HEIC or AVIF, with weaker noise where it would be coded in too many bytes."""
    photo, format = make(), _format(kind)
    if format in ("HEIF", "AVIF"):
        part, strength = photo.crop((0, 0, 1000, 1000)), 1.0
        most = most_code_bytes * part.width * part.height / (photo.width * photo.height)
        while len(hostile.encoded(_weaker(part, strength), format, **options)) > most:
            strength -= 0.01
        photo = _weaker(photo, strength)
    return hostile.encoded(photo, format, **options)


def _weaker(photo: Image.Image, strength: float) -> Image.Image:
    return photo.point([round(150 + strength * (value - 150)) for value in range(256)] * 3)


def _large_hdr(kind: str, noisy: bool, most_pixels: int, options: dict[str, object]) -> bytes:
    large = hostile.encoded(_pixels(f"{kind}, HDR", noisy, most_pixels), kind, **options)
    return hostile.claiming(large, b"nclx", 0, _HDR)


def _large_png(noisy: bool, most_pixels: int, *chunks: bytes) -> bytes:
    rgb = np.asarray(_pixels("PNG, HDR" if chunks else "PNG", noisy, most_pixels))
    rows = np.zeros((rgb.shape[0], 1 + 8 * rgb.shape[1]), np.uint8)
    samples = rows[:, 1:].reshape(*rgb.shape[:2], 4, 2)
    samples[..., :3, 0], samples[..., 3, 0] = rgb, 255
    return hostile.png((rgb.shape[1], rgb.shape[0]), 16, 6, rows.tobytes(), *chunks, packed=1)


def report(kind: str, taken: list[Reading]) -> bool:
    """Print one line of the table; whether the rule holds."""
    slow, large = max(taken, key=lambda one: one.seconds), max(taken, key=lambda one: one.megabytes)
    outcomes = ", ".join(f"{count} {outcome}" for outcome, count in Counter(one.outcome for one in taken).most_common())
    fits = slow.seconds <= SECONDS and large.megabytes <= MEGABYTES
    print(f"{kind:34} {len(taken):5} {slow.seconds:7.2f} s {large.megabytes:6.0f} MB  {outcomes}", flush=True)
    if not fits:
        print(f"    TOO MUCH: {slow.name}: {slow.seconds:.2f} s; {large.name}: {large.megabytes:.0f} MB")
    return fits


def main() -> int:
    if len(sys.argv) > 1:
        print(json.dumps(_read(*sys.argv[1:])))
        return 0
    print(f"{'files':34} {'':5} {'slowest':>9} {'most':>9}  outcomes")
    fits = [report(make.__name__, readings(make())) for make in KINDS]
    fits += [report(f"largest {name}", readings({name: make()})) for name, make in largest().items()]
    return 0 if all(fits) else 1


if __name__ == "__main__":
    sys.exit(main())
