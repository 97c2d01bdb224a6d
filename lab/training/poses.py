"""Poses at random: arms, legs, a bent spine, a turned head, as people have them while their backs are photographed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

Floats = NDArray[np.float64]

SPINE = ("spine05", "spine04", "spine03", "spine02", "spine01")
ARMS = ("down", "apart", "wide", "overhead", "folded", "hips", "one up")
_BENT_FAR = 0.15  # share of bodies that lean aside or forward, as people do on a chair or a bed


@dataclass(frozen=True)
class RestArm:
    """An unposed arm: its frame, the hinge of its elbow, shape (3,), and the elbow's flexion, radians."""

    frame: Rotation
    hinge: Floats
    flexion: float

    @classmethod
    def of(cls, shoulder: Floats, elbow: Floats, wrist: Floats) -> RestArm:
        """From the centres of the joints, shape (3,) each."""
        frame, hinge = _frame(elbow - shoulder, wrist - elbow)
        upper, lower = (v / np.linalg.norm(v) for v in (elbow - shoulder, wrist - elbow))
        return cls(frame, hinge, float(np.arccos(upper @ lower)))


def random_pose(rest_arms: Mapping[str, RestArm], rng: np.random.Generator) -> tuple[str, dict[str, Rotation]]:
    """One of ``ARMS``, and by bone how it turns about the body's axes, relative to the bone above.

    Args:
        rest_arms: of ``L`` and ``R``.
    """
    arms = str(rng.choice(ARMS, p=[0.4, 0.2, 0.08, 0.12, 0.07, 0.07, 0.06]))
    turns: dict[str, Rotation] = {}
    raised = rng.integers(2)
    shrug, rounded = rng.normal(0, 5), rng.normal(0, 6)
    kind = dict.fromkeys("LR", arms)
    if arms == "one up":
        kind = {"L": "overhead", "R": "down"} if raised else {"L": "down", "R": "overhead"}
    both = {name: _arm(rng, name) for name in dict.fromkeys(kind.values())}
    for side, sign in (("L", 1), ("R", -1)):
        upper, lower, flexion = both[kind[side]]
        mirror = np.array([sign, 1, 1])
        upper = upper * mirror + rng.normal(0, 0.05, 3)
        lower = lower * mirror + rng.normal(0, 0.05, 3)
        upper /= np.linalg.norm(upper)
        elevation = np.degrees(np.arccos(np.clip(-upper[2], -1, 1)))
        # Beyond some 50 degrees the shoulder girdle takes part in raising the arm.
        lift = 0.25 * max(0.0, elevation - 50) + rng.normal(0, 2)
        collar = _degrees(0, -sign * (shrug + 0.3 * lift), sign * (rounded + rng.normal(0, 2)))
        blade = _degrees(0, -sign * (0.7 * lift + rng.normal(0, 2)), sign * rng.normal(0, 3))
        rest = rest_arms[side]
        frame, _ = _frame(upper, lower)
        turns[f"clavicle.{side}"], turns[f"shoulder01.{side}"] = collar, blade
        turns[f"upperarm01.{side}"] = (collar * blade).inv() * frame * rest.frame.inv()
        turns[f"lowerarm01.{side}"] = Rotation.from_rotvec(rest.hinge * (flexion + rng.normal(0, 0.08) - rest.flexion))
        legs = rng.normal(0, 3), sign * rng.uniform(-4, 9), sign * rng.normal(0, 5)
        turns[f"upperleg01.{side}"] = _degrees(*legs)
    if rng.random() < 0.1:
        seat = -rng.uniform(40, 85)
        for side, sign in (("L", 1), ("R", -1)):
            turns[f"upperleg01.{side}"] = _degrees(seat, -sign * rng.uniform(0, 15), 0)
            turns[f"lowerleg01.{side}"] = _degrees(rng.uniform(40, 80), 0, 0)
    if rng.random() < _BENT_FAR:
        bend, flex, twist = rng.uniform(-34, 34), rng.uniform(-15, 40), rng.uniform(-18, 18)
    else:
        bend = np.clip(rng.normal(0, 5), -15, 15)
        flex, twist = np.clip(rng.normal(2, 8), -15, 28), np.clip(rng.normal(0, 6), -15, 15)
    shares = rng.dirichlet(np.full(len(SPINE), 6.0))
    for bone, share in zip(SPINE, shares, strict=True):
        turns[bone] = _degrees(flex * share, bend * share, twist * share)
    nod, lean, look = rng.normal(4, 14), rng.normal(0, 6), rng.normal(0, 18)
    for bone, share in (("neck01", 0.25), ("neck02", 0.2), ("neck03", 0.2), ("head", 0.35)):
        turns[bone] = _degrees(nod * share, lean * share, look * share)
    return arms, turns


def _degrees(x: float, y: float, z: float) -> Rotation:
    return Rotation.from_euler("xyz", (x, y, z), degrees=True)


def _frame(upper: Floats, lower: Floats) -> tuple[Rotation, Floats]:
    """The frame of an arm from the directions of upper arm and forearm, and the hinge of its elbow."""
    along = upper / np.linalg.norm(upper)
    hinge = np.cross(along, lower)
    hinge /= np.linalg.norm(hinge)
    return Rotation.from_matrix(np.stack([along, hinge, np.cross(along, hinge)], axis=1)), hinge


def _arm(rng: np.random.Generator, kind: str) -> tuple[Floats, Floats, float]:
    """Of a left arm: where the upper arm points, to which side the forearm bends, its flexion in radians."""

    def direction(outward: float, forward: float) -> Floats:
        """Degrees outward from straight down in the frontal plane, then forward."""
        a, b = np.radians(outward), np.radians(forward)
        return np.array([np.sin(a) * np.cos(b), -np.sin(b), -np.cos(a) * np.cos(b)])

    ahead = np.array([0.0, -1.0, -0.2])
    if kind == "down":
        return direction(rng.uniform(6, 20), rng.normal(0, 8)), ahead, np.radians(abs(rng.normal(12, 10)))
    if kind == "apart":
        return direction(rng.uniform(20, 55), rng.normal(0, 10)), ahead, np.radians(abs(rng.normal(18, 12)))
    if kind == "wide":
        flexion = rng.uniform(5, 30) if rng.random() < 0.6 else rng.uniform(70, 110)
        return direction(rng.uniform(60, 105), rng.normal(0, 15)), np.array([0.1, -0.5, 1.0]), np.radians(flexion)
    if kind == "overhead":
        flexion = rng.uniform(5, 40) if rng.random() < 0.6 else rng.uniform(60, 110)
        return direction(rng.uniform(125, 170), rng.normal(8, 12)), np.array([-1.0, -0.3, 0.4]), np.radians(flexion)
    if kind == "folded":
        return (
            direction(rng.uniform(8, 25), rng.uniform(15, 60)),
            np.array([-1.0, -0.6, 0.1]),
            np.radians(rng.uniform(70, 100)),
        )
    return (
        direction(rng.uniform(35, 55), -rng.uniform(0, 25)),
        np.array([-1.0, -0.4, -0.1]),
        np.radians(rng.uniform(75, 105)),
    )
