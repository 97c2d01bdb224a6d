"""What many photos cost and how many machines they need: measures the figures of docs/scale.md and writes them there.

    python -m lab.speed.scale [--rounds N] [--files N] [--on-cluster N]

All times are processor times, which other programs disturb less than the time on the clock; still, they count only from
a machine that does nothing else. Photos are the samples, enlarged. What the first machine does is measured with a
reader that answers at once, with a real record. Needs the extra ``ray``.
"""

from __future__ import annotations

import argparse
import os
import secrets
import statistics
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from lab.data import documents
from lab.speed.photos import HEADLESS, SMALL, STANDING, USUAL, enlarged
from lab.speed.stand_ins import AtOnce, Managed, Spent, Watched, manage, managing, settings
from locator.core import files, resources
from locator.jobs.cluster import Cluster, connected
from locator.jobs.journal import Document, line
from locator.jobs.recorder import Recorded
from locator.jobs.workers import Workers

_DOCUMENT = resources.path("docs") / "scale.md"
_FRONT = STANDING.with_name("from_the_front.jpg")
_LIMIT_S = 3600.0
_COPIES = 8  # times that one photo's bytes are compared

# What is planned for: photos, machines, their cores, how often a photo's bytes are fetched, since a cluster compares
# them before it reads; and what a core-hour costs, which is an assumption.
_PLANS = (
    (10_000, "a laptop, 4 cores", 4, 1),
    (100_000, "a server, 16 cores", 16, 1),
    (1_000_000, "a server, 64 cores", 64, 1),
    (10_000_000, "a cluster, 4 × 64 cores", 256, 2),
)
_CORE_HOUR_USD = 0.04


def main() -> None:
    """Command line; see the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=6, help="readings of each photo")
    parser.add_argument("--files", type=int, default=100_000, help="of the batches that are answered at once")
    parser.add_argument("--on-cluster", type=int, default=10_000, help="of the same on a cluster")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        photos = _photos(folder / "photos")
        plain, drawn = (_read(folder / "photos", list(photos), options.rounds, pictures) for pictures in (False, True))
        digest_s = _comparing_s(folder / "photos" / "usual.jpg")
        record = plain["usual.jpg"][0].record
        few, many = (_named(folder / str(count), count) for count in (options.on_cluster, options.files))
        new, again = (_alone(many, folder / "out", record, resume) for resume in (False, True))
        fewer = _alone(few, folder / "fewer", record, False)
        with _cluster() as engine:
            cluster = manage(few, folder / "on-cluster", record, False, engine)
    apart = max(cluster.reading - fewer.reading, 0.0) / options.on_cluster
    costs = {path: statistics.median(one.seconds for one in spent) for path, spent in plain.items()}
    drawn_s = statistics.median(one.seconds for one in drawn["usual.jpg"])
    _write("one photo", _of_photos(costs, drawn_s, digest_s, photos))
    _write("memory and disk", _of_needs(plain, drawn))
    _write("first machine", _of_managing(new, again, apart, options.files))
    per_photo = new.all / options.files
    grown_kb = max(new.grown_mb, again.grown_mb) * 1000 / options.files
    stored = len(line(record))
    _write("plan", _plan(costs["usual.jpg"], photos["usual.jpg"], grown_kb, stored))
    _write("limits", _limits(costs, photos["usual.jpg"], per_photo + apart, grown_kb, again.ending / options.files))


def _photos(folder: Path) -> dict[str, int]:
    """Photos of each kind in a folder: name → bytes."""
    folder.mkdir()
    made = {
        "usual.jpg": enlarged(STANDING, USUAL),
        "small.jpg": enlarged(STANDING, SMALL),
        "headless.jpg": enlarged(HEADLESS, SMALL),
        "front.jpg": enlarged(_FRONT, SMALL),
    }
    for name, photo in made.items():
        (folder / name).write_bytes(photo)
    return {name: len(photo) for name, photo in made.items()}


def _read(folder: Path, paths: list[str], rounds: int, pictures: bool) -> dict[str, list[Spent]]:
    """What each photo takes one process, so many times; once before does not count."""
    spent: dict[str, list[Spent]] = {}
    with Workers(1, partial(Watched, folder, settings(pictures)), _LIMIT_S) as workers:
        for path, one in workers.answers([path for path in paths for _ in range(1 + rounds)]):
            if not isinstance(one, Spent):
                raise SystemExit(f"{path}: {one}")
            spent.setdefault(path, []).append(one)
    return {path: readings[1:] for path, readings in spent.items()}


def _comparing_s(photo: Path) -> float:
    """Seconds to compare a megabyte with others."""
    start_s = time.process_time()
    for _ in range(_COPIES):
        files.sha256(photo, photo.stat().st_size)
    return (time.process_time() - start_s) / (_COPIES * photo.stat().st_size / 1e6)


def _named(folder: Path, count: int) -> Path:
    """A folder of so many files that hold their own names."""
    folder.mkdir()
    for number in range(count):
        name = f"{number:08}.jpg"
        (folder / name).write_text(name)
    return folder


def _alone(folder: Path, out: Path, record: Document, resume: bool) -> Managed:
    """A batch in a process of its own."""
    with Workers(1, managing, _LIMIT_S) as workers:
        ((_, managed),) = workers.answers([(folder, out, record, resume, AtOnce)])
    if not isinstance(managed, Managed):
        raise SystemExit(f"{folder}: {managed}")
    return managed


@contextmanager
def _cluster() -> Iterator[type[Cluster[str, Recorded]]]:
    """The engine of a cluster of two workers on this machine, which answers to nobody else."""
    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    from ray.cluster_utils import Cluster as LocalCluster  # reads the environment

    head = {"num_cpus": 2, "object_store_memory": 80 << 20, "include_dashboard": False}
    local = LocalCluster(initialize_head=True, head_node_args=head)  # type: ignore[no-untyped-call, unused-ignore]
    try:
        with connected(local.address):
            yield Cluster
    finally:
        local.shutdown()  # type: ignore[no-untyped-call, unused-ignore]


def _of_photos(costs: dict[str, float], drawn_s: float, digest_s: float, photos: dict[str, int]) -> list[str]:
    rows = {
        f"{USUAL} megapixels, {photos['usual.jpg'] / 1e6:.1f} MB": costs["usual.jpg"],
        "the same, with `--pictures`": drawn_s,
        f"{SMALL} megapixels, {photos['small.jpg'] / 1e6:.2f} MB, clear at the first look": costs["small.jpg"],
        "the same size, without a head": costs["headless.jpg"],
        "the same size, after every look, refused (a front)": costs["front.jpg"],
    }
    head = ["| one photo | processor time | photos a second and core | core-hours a million |", "|---|---|---|---|"]
    costly = [f"| {name} | {_two(one)} s | {_two(1 / one)} | {_two(one / 3.6e-3)} |" for name, one in rows.items()]
    compared = f"| comparing its bytes with the others', for each MB | {_two(digest_s * 1000)} ms | | "
    return [*head, *costly, f"{compared}{_two(digest_s / 3.6e-3)} |"]


def _of_needs(plain: dict[str, list[Spent]], drawn: dict[str, list[Spent]]) -> list[str]:
    usual, front = plain["usual.jpg"][0], plain["front.jpg"][-1]
    most_mb = max(one.peak_mb for spent in drawn.values() for one in spent)
    return [
        "| needs | much |",
        "|---|---|",
        f"| memory of a process that reads | {_two(front.peak_mb / 1000)} GB, up to {_two(most_mb / 1000)} GB while it"
        f" draws on {USUAL} megapixels |",
        f"| a record in `records.jsonl` | {len(line(usual.record)) / 1000:.1f} kB located,"
        f" {len(line(front.record)) / 1000:.1f} kB refused |",
        f"| a marked picture of {USUAL} megapixels | {drawn['usual.jpg'][0].picture_bytes / 1e6:.1f} MB |",
        f"| starting a process that reads, and its first photo | {_two(usual.before_s)} s of processor time |",
    ]


def _of_managing(new: Managed, again: Managed, apart: float, count: int) -> list[str]:
    steps = {
        "list and sort": (new.listing, again.listing),
        "compare, look up, keep in the journal": (new.reading, again.reading),
        "put records and summary together": (new.ending, again.ending),
        "everything": (new.all, again.all),
    }
    rows = [
        f"| {name} | {_two(one * 1e6 / count)} µs | {_two(two * 1e6 / count)} µs |"
        for name, (one, two) in steps.items()
    ]
    return [
        f"| step, of {count:,} files | new batch | gone on with |",
        "|---|---|---|",
        *rows,
        f"| on a cluster besides | {_two(apart * 1e6)} µs | |",
        f"| memory that grows | {_two(new.grown_mb * 1000 / count)} kB | {_two(again.grown_mb * 1000 / count)} kB |",
    ]


def _plan(photo_s: float, photo_bytes: int, grown_kb: float, stored_bytes: int) -> list[str]:
    rows = []
    for photos, machines, cores, fetched in _PLANS:
        seconds, hours = photos * photo_s / cores, photos * photo_s / 3600
        taken = f"{_two(seconds / 60)} min" if seconds < 3600 else f"{_two(seconds / 3600)} h"
        rows.append(
            f"| {photos:,} | {machines} | {taken} | {_two(hours)} | {_two(hours * _CORE_HOUR_USD)} $ |"
            f" {_two(cores / photo_s * fetched * photo_bytes / 1e9)} GB/s |"
            f" {_two(photos * grown_kb / 1e6)} GB, {_two(2 * photos * stored_bytes / 1e9)} GB |"
        )
    cost = f"cost, {_CORE_HOUR_USD} $ an hour"
    head = f"| photos | machines | time | core-hours | {cost} | storage has to give | first machine: memory, disk |"
    return [head, "|---|---|---|---|---|---|---|", *rows]


def _limits(costs: dict[str, float], photo_bytes: int, managed_s: float, grown_kb: float, ending_s: float) -> list[str]:
    usual, small = costs["usual.jpg"], costs["small.jpg"]
    return [
        "| limit | where it is |",
        "|---|---|",
        f"| what storage gives | a core takes in {_two(photo_bytes / usual / 1e6)} MB/s; 10 Gbit/s feed"
        f" {_two(1.25e9 / (photo_bytes / usual))} cores, half of them on a cluster |",
        f"| the first machine's one core, on a cluster | {_two(1 / managed_s)} photos a second:"
        f" {_two(usual / managed_s)} cores with photos of {USUAL} megapixels,"
        f" {_two(small / managed_s)} with small ones |",
        f"| the first machine's memory | {_two(grown_kb)} GB for each million photos |",
        f"| the end | {_two(ending_s * 1e6)} s for each million photos, on one core |",
    ]


def _two(value: float) -> str:
    """With two digits that count."""
    return f"{float(f'{value:.2g}'):,.10g}"


def _write(table: str, lines: Iterable[str]) -> None:
    documents.write_measured(_DOCUMENT, f"lab/speed/scale.py, {table}", lines)


if __name__ == "__main__":
    main()
