"""How thoroughly to measure, and what several rounds gave: their median, and how far they spread."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Asked:
    """How thoroughly to measure.

    Attributes:
        rounds: of each measurement.
        most: megapixels of the largest photo.
    """

    rounds: int
    most: float

    def sizes(self, *megapixels: float) -> list[float]:
        """Each size once; in place of those that are too large the largest that may be."""
        return sorted({min(one, self.most) for one in megapixels})


@dataclass(frozen=True)
class Figure:
    """The values of all rounds, in their order."""

    values: tuple[float, ...]

    @classmethod
    def of(cls, *values: float) -> Figure:
        """Of some values."""
        return cls(values)

    @property
    def median(self) -> float:
        """Half of the rounds gave less."""
        return statistics.median(self.values)

    @property
    def spread(self) -> tuple[float, float]:
        """What one round in ten was below, and what one in ten was above."""
        low, high = np.quantile(self.values, (0.1, 0.9))
        return float(low), float(high)

    def times(self, factor: float) -> Figure:
        """In another unit."""
        return Figure(tuple(value * factor for value in self.values))

    def over(self, other: Figure) -> Figure:
        """The ratio of both in each round, so that what disturbs a round disturbs both sides of it."""
        return Figure(tuple(one / two for one, two in zip(self.values, other.values, strict=True)))

    def inverse(self, numerator: float) -> Figure:
        """So many in that time: a rate."""
        return Figure(tuple(numerator / value for value in self.values))


Report = dict[str, Figure]


def in_turn(rounds: int, *tasks: Callable[[], object]) -> list[Figure]:
    """Seconds that each task takes, called in turn so that a busy moment hits all.

    One round before does not count; a single round has none, as it only tells that the tasks run.
    """
    times: Sequence[list[float]] = [[] for _ in tasks]
    unheeded = int(rounds > 1)
    for turn in range(unheeded + rounds):
        for task, taken in zip(tasks, times, strict=True):
            start = time.perf_counter()
            task()
            if turn >= unheeded:
                taken.append(time.perf_counter() - start)
    return [Figure(tuple(taken)) for taken in times]


def compared(name: str, bare_name: str, ours_s: Figure, bare_s: Figure) -> Report:
    """Two times in milliseconds, and their ratio."""
    return {
        f"{name} (ms)": ours_s.times(1000),
        f"{bare_name} (ms)": bare_s.times(1000),
        f"{name.partition(':')[0]}: ratio": ours_s.over(bare_s),
    }
