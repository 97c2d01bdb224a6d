"""Renders scenes to train on.

    python -m lab.training.render OUT --first SEED --bodies N [--views 6] [--others SHARE] [--parts SHARE] [--skins DIR]

One shard for each 50 bodies, named by its first seed: ``.npy`` with the pictures (uint8, RGB and coverage), ``.npz``
with ``points``, ``px_per_mm``, ``reach`` and ``view`` (0 a back, 1 a front, 2 a side,
3 another part of a body).
Shards that are there already are left.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import Any

# Read once, when the libraries are loaded.
for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

import numpy as np  # noqa: E402

from lab.training.bodies import Anatomy  # noqa: E402
from lab.training.rendering.cameras import SIZE  # noqa: E402
from lab.training.rendering.renderer import Renderer, on_one_thread  # noqa: E402

SHARD = 50
"""Bodies in a shard."""
OTHER_VIEWS = 1 / 6
"""Share of pictures from the front or the side."""


def shard(
    anatomy: Anatomy, renderer: Renderer, first: int, bodies: int, views: int, others: float, parts: float, out: Path
) -> int:
    """Renders and writes one shard; how many pictures it has."""
    pictures = np.zeros((bodies * views, SIZE, SIZE, 4), np.uint8)
    rows: list[tuple[Any, ...]] = []
    for seed in range(first, first + bodies):
        rng = np.random.default_rng(seed)
        subject = anatomy.subject(rng)
        for _ in range(views):
            kind = rng.random()
            view = 3 if kind < parts else int(rng.integers(1, 3)) if kind < parts + others else 0
            scene = renderer.scene(subject, view, rng)
            pictures[len(rows)] = scene.picture
            rows.append((scene.keypoints, scene.px_per_mm, scene.reach, view))
    points, px_per_mm, reach, kinds = (np.array(column) for column in zip(*rows, strict=True))
    name = f"{first:07d}"
    with (out / f"{name}.npz.part").open("wb") as file:
        np.savez(
            file,
            points=points.astype(np.float32),
            px_per_mm=px_per_mm.astype(np.float32),
            reach=reach.astype(np.float32),
            view=kinds.astype(np.uint8),
        )
    with (out / f"{name}.npy.part").open("wb") as file:
        np.save(file, pictures)
    (out / f"{name}.npz.part").replace(out / f"{name}.npz")
    (out / f"{name}.npy.part").replace(out / f"{name}.npy")
    return len(rows)


def main() -> None:
    """Reads the command line and renders."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--first", type=int, required=True, help="seed of the first body")
    parser.add_argument("--bodies", type=int, required=True)
    parser.add_argument("--views", type=int, default=6)
    parser.add_argument("--others", type=float, default=OTHER_VIEWS, help="share of front and side views")
    parser.add_argument("--parts", type=float, default=0.0, help="share of views of bellies, buttocks, legs and others")
    parser.add_argument("--skins", type=Path, help="folder of skin textures")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    anatomy, renderer = on_one_thread(args.skins)
    for first in range(args.first, args.first + args.bodies, SHARD):
        bodies = min(SHARD, args.first + args.bodies - first)
        if (args.out / f"{first:07d}.npy").exists():
            continue
        start = time.perf_counter()
        made = shard(anatomy, renderer, first, bodies, args.views, args.others, args.parts, args.out)
        print(f"{first:07d}: {made} pictures, {made / (time.perf_counter() - start):.1f} a second", flush=True)


if __name__ == "__main__":
    main()
