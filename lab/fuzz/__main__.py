"""Search one target for a while: ``python -m lab.fuzz photo --minutes 30``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import atheris

HERE = Path(__file__).resolve().parent
MEGABYTES, SECONDS = 700, 10  # the rule is 2 seconds, without the slowness of being watched, on a free core

with atheris.instrument_imports(include=["locator", "PIL"]):
    from lab.fuzz import seeds, targets


def main() -> None:
    """Run the search; whatever breaks a promise is stored in ``lab/fuzz/found/TARGET`` and ends it."""
    parser = argparse.ArgumentParser(prog="python -m lab.fuzz", description=__doc__)
    parser.add_argument("target", choices=targets.TARGETS)
    parser.add_argument("--minutes", type=float, default=10.0)
    options = parser.parse_args()
    corpus, found = HERE / "corpus" / options.target, HERE / "found" / options.target
    seeds.write(options.target, corpus)
    found.mkdir(parents=True, exist_ok=True)
    words = HERE / f"{options.target}.dict"
    arguments = [
        str(corpus),
        f"-max_total_time={round(60 * options.minutes)}",
        f"-max_len={seeds.LARGEST_BYTES}",
        f"-rss_limit_mb={MEGABYTES}",
        f"-timeout={SECONDS}",
        f"-artifact_prefix={found}/",
        *([f"-dict={words}"] if words.exists() else []),
    ]
    atheris.Setup([sys.argv[0], *arguments], targets.TARGETS[options.target])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
