"""Where the vertebrae lie along a back, how much people differ, and how long a cun is. Pure; data beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

from locator.core import toml

NINETY_PERCENT = 1.645
"""Standard deviations that hold nine in ten of a normal spread, to both sides."""


@dataclass(frozen=True)
class SpinousProcess:
    """One spinous process.

    Attributes:
        name: vertebra, such as ``"T9"``.
        fraction: its lower border's share of the skin line from the tip of C7 (0) to S2 (1).
        sd: standard deviation of that share between people.
    """

    name: str
    fraction: float
    sd: float


@cache
def _data() -> dict[str, Any]:
    return toml.data("core/anatomy")


@cache
def levels() -> dict[str, SpinousProcess]:
    """Every level from C7 to S2, from top to bottom. Sources: ``anatomy.toml``."""
    return {name: SpinousProcess(name, **entry) for name, entry in _data()["levels"].items()}


def level_spread_px(level: str, spine_px: float) -> float:
    """Radius that holds nine in ten people's level, for a spine of ``spine_px`` pixels from C7 to S2.

    Two spreads between people add up: of the levels between C7 and S2, and of S2 above the hips, from which it is
    inferred. Sources: ``anatomy.toml``.
    """
    known = levels()[level]
    sd = math.hypot(known.sd, known.fraction * _data()["s2_from_hips"]["sd"])
    return NINETY_PERCENT * sd * spine_px


def cun_px(shoulders_px: float, torso_px: float, scale: float) -> float:
    """One cun from a body's proportions, in pixels.

    Args:
        shoulders_px: distance between the shoulder joints.
        torso_px: distance from the shoulders' midpoint to the hips'.
        scale: cun of a body for which both distances are 1; the model's, from ``estimate/midline.toml``.

    Source of the exponents: ANSUR II, fitted to hand breadth (``anatomy.toml``).
    """
    exponents = _data()["cun"]
    share: float = scale * shoulders_px ** exponents["shoulder_exponent"] * torso_px ** exponents["torso_exponent"]
    return share
