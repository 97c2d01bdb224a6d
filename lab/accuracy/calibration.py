"""Measures, on pictures with truth, how the spine lies among landmarks, and these among the pose model's keypoints.

    python -m lab.accuracy.calibration DIR... [--out DIR]

Writes ``midline.toml`` and ``spine_from_pose.toml`` in ``locator/estimate``. The bodies it is given must not be the
ones that the accuracy benchmark is run on.
"""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from lab.data import truth
from locator.catalogue import acupoints
from locator.core import anatomy, native_log, toml
from locator.core.anchors import Anchors, SetBy
from locator.core.arrays import FloatArray
from locator.core.body import LANDMARKS, Landmarks, Pose, PoseKeypoint
from locator.core.types import Location
from locator.estimate import handles, midline, placing, pose_landmarks
from locator.estimate.midline import Midline
from locator.estimate.pose_landmarks import SpineModel
from locator.estimate.pose_model import MediaPipePose
from locator.models import registry
from locator.photo import sources

T = TypeVar("T")
M = TypeVar("M")

_OUT = toml.PACKAGE / "estimate"
_RIDGE = 0.1  # of the features' unit variance: steadies the weights of features that go together
_FOLDS = 10

# How exactly a hand puts a landmark where the eye sees it: our own estimate of 6 mm in each direction, a third of a
# finger's breadth, on backs that measure 590 mm from C7 to the middle of the hips.
_HAND_SD = 0.010

_MIDLINE = """\
# How the spine's midline lies among landmarks. Written by lab.accuracy.calibration, do not edit.
#
# Measured on {given} rendered bodies whose vertebrae and joints are known. Crops, arm poses, clothes, light and camera
# vary; the pictures of the accuracy benchmark are not among them. Lengths are shares of the distance from C7 to the
# middle of the hips.
#
# weights: T4, L2 and S2 lie these shares of the ways to the middle of the hips and to T9 away from C7.
# cun_scale: one cun of a body whose shoulder breadth and torso length are 1; its spread was {cun_spread:.3f} of it.
# hand_sd: how exactly a hand puts a landmark, in each direction: an estimate (see lab.accuracy.calibration).
# by_hand: what nine marks in ten stayed within where a hand set all landmarks as exactly as that.
# not_by_hand: what a landmark adds to that, in quadrature, where it was read in the photo ({read} bodies) or is unset;
#   of those read, scaled so that all together make the radius of a photo that no hand has touched.
"""

_POSE = """\
# How the landmarks lie among the pose model's keypoints. Written by lab.accuracy.calibration, do not edit.
#
# Measured on {count} rendered bodies whose vertebrae are known, out of {given}: those that would be answered. Crops,
# arm poses, clothes, light and camera vary; the pictures of the accuracy benchmark are not among them.
#
# along, aside: C7, T9 and S2 in torso lengths from the shoulders' midpoint, as a constant and weights of the features
#   (each less its mean, over its sd), in the order of locator.estimate.pose_landmarks.SYMMETRIC and ANTISYMMETRIC.
# shoulders_along: how far below their keypoints the shoulder joints lie, in torso lengths.
# shoulders_breadth, hips_breadth: distance between the joints, over that between their keypoints.
# reading_radius: what nine marks in ten stayed within, as a share of the distance from C7 to the middle of the hips,
#   each body placed by a model that had not seen it.
"""


@dataclass(frozen=True, eq=False)
class Sample:
    """One picture that was read: the pose, the truth, and whether it was read without reservation."""

    pose: Pose
    known: truth.Truth
    reliable: bool


Errors = dict[str, list[list[float]]]
"""For each acupoint, for each body, the error of each mark, as a share of the distance from C7 to the hips."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=_OUT)
    options = parser.parse_args()
    native_log.silence()
    known = [one for folder in options.folders for one in truth.read(folder)]
    samples = _read(known)
    errors = _pose_errors(samples)
    radius = _radii(_of(errors, samples, reliable=True))
    for name, text in (
        ("midline", _midline_text(known, samples, radius)),
        ("spine_from_pose", _pose_text(known, samples, errors, radius)),
    ):
        (options.out / f"{name}.toml").write_text(text, encoding="utf-8")
        print(text)


def _read(known: list[truth.Truth]) -> list[Sample]:
    estimator = MediaPipePose(registry.bundle)
    samples = []
    for one in known:
        reading = truth.read_pose(sources.read(one.picture).rgb, estimator)
        if reading.pose and not reading.refusal:
            samples.append(Sample(reading.pose, one, reading.reliable))
    return samples


# From landmarks to the midline.


def _midline_text(known: list[truth.Truth], samples: list[Sample], untouched: Mapping[str, float]) -> str:
    fitted = _fit_midline(known)
    cuns = np.array([_cun_scale(one) for one in known])
    lines = [_MIDLINE.format(given=len(known), cun_spread=float(cuns.std() / cuns.mean()), read=len(samples))]
    lines += [f"cun_scale = {fitted.cun_scale:.5f}", f"hand_sd = {fitted.hand_sd:.3f}", "", "[weights]"]
    lines += [f"{knot} = {{ hips = {w[0]:.4f}, middle = {w[1]:.4f} }}" for knot, w in fitted.weights.items()]
    lines += ["", "[proportions]"]
    lines += [f"{name} = {{ mean = {m:.4f}, sd = {sd:.4f} }}" for name, (m, sd) in fitted.proportions.items()]
    by_hand = _radii(_by_hand_errors(known))
    lines += ["", "[by_hand]", *(f"{code} = {value:.4f}" for code, value in by_hand.items())]
    none = _radii(_errors_of_read(samples, group=None, by=SetBy.HAND))
    read = {group: _added(_radii(_errors_of_read(samples, group, SetBy.PHOTO)), none) for group in midline.GROUPS}
    for code, whole in untouched.items():
        scale = np.sqrt((whole**2 - by_hand[code] ** 2) / sum(added[code] ** 2 for added in read.values()))
        for added in read.values():
            added[code] *= scale
    for group, added in read.items():
        lines += ["", f"[not_by_hand.{group}.photo]", *(f"{code} = {value:.4f}" for code, value in added.items())]
    usual = _added(_radii(_errors_of_read(samples, "middle", SetBy.DEFAULT)), none)
    lines += ["", "[not_by_hand.middle.default]", *(f"{code} = {value:.4f}" for code, value in usual.items())]
    return "\n".join(lines) + "\n"


def _fit_midline(known: Sequence[truth.Truth]) -> Midline:
    """The model without its radii, which are measured with it."""
    bodies = [one.landmarks() for one in known]
    frames = [midline.frame(body) for body in bodies]
    middles = np.array([axes.from_px(body.spine_middle) for axes, body in zip(frames, bodies, strict=True)])
    hips = np.tile([1.0, 0.0], (len(bodies), 1))
    ways = np.stack([hips.ravel(), middles.ravel()], axis=1)
    weights = {}
    for knot in ("T4", "L2", "S2"):
        points = np.array([axes.from_px(one.points[knot]) for axes, one in zip(frames, known, strict=True)])
        to_hips, to_middle = np.linalg.lstsq(ways, points.ravel(), rcond=None)[0]
        weights[knot] = (float(to_hips), float(to_middle))
    values = {name: np.array([midline.proportions(body)[name] for body in bodies]) for name in
              midline.proportions(bodies[0])}  # fmt: skip
    proportions = {name: _symmetric(name, column) for name, column in values.items()}
    cun_scale = float(np.median([_cun_scale(one) for one in known]))
    return Midline(weights, cun_scale, _HAND_SD, proportions, by_hand={}, not_by_hand={})


def _symmetric(name: str, values: FloatArray) -> tuple[float, float]:
    """Mean and sd; a mirrored body is as likely as the body itself, so what lies aside has mean 0."""
    mean = 0.0 if name.endswith("aside") else float(values.mean())
    return mean, float(np.sqrt(np.mean((values - mean) ** 2)))


def _cun_scale(known: truth.Truth) -> float:
    body = known.landmarks()
    return known.cun_px / anatomy.cun_px(body.shoulders_px, body.torso_px, 1.0)


def _by_hand_errors(known: list[truth.Truth]) -> Errors:
    rng = np.random.default_rng(0)
    errors: Errors = {}
    for one, fitted in _unseen(known, _fit_midline):
        _note(errors, _from(_shaken(one.landmarks(), rng), fitted), one)
    return errors


def _added(radii: Mapping[str, float], to: Mapping[str, float]) -> dict[str, float]:
    """What makes ``radii`` of the radii ``to``, in quadrature."""
    return {code: float(np.sqrt(max(0.0, radius**2 - to[code] ** 2))) for code, radius in radii.items()}


def _errors_of_read(samples: list[Sample], group: str | None, by: SetBy) -> Errors:
    """Errors where a hand set all but a group of landmarks, on the bodies that were read."""
    rng = np.random.default_rng(0)
    errors: Errors = {}
    for sample, (on, model) in _unseen(samples, _fit_both):
        by_hand, read = _shaken(sample.known.landmarks(), rng), model.landmarks(sample.pose, on)
        names = midline.GROUPS[group] if group else ()
        start = dataclasses.replace(by_hand, **{name: getattr(read, name) for name in names})
        if by is SetBy.DEFAULT:
            start = dataclasses.replace(start, spine_middle=on.usual_middle(start.c7, start.hip_midpoint))
        elif group == "middle":
            start = dataclasses.replace(start, spine_middle=handles.carried(read.spine_middle, read, by_hand))
        _note(errors, _from(start, on), sample.known)
    return errors


def _shaken(body: Landmarks, rng: np.random.Generator) -> Landmarks:
    """Landmarks as a hand would set them."""
    return dataclasses.replace(
        body, **{name: getattr(body, name) + rng.normal(0, _HAND_SD * body.back_px, 2) for name in LANDMARKS}
    )


def _from(body: Landmarks, on: Midline) -> Location:
    nothing = {group: {by.value: _no_radii() for by in SetBy} for group in midline.GROUPS}
    trial = dataclasses.replace(on, by_hand=_no_radii(), not_by_hand=nothing)
    return placing.from_anchors(Anchors(body, dict.fromkeys(LANDMARKS, SetBy.HAND)), on=trial)


# From keypoints to landmarks.


def _pose_errors(samples: list[Sample]) -> Errors:
    errors: Errors = {}
    for sample, (on, model) in _unseen(samples, _fit_both):
        _note(errors, placing.from_pose(sample.pose, model=model, on=on), sample.known)
    return errors


def _of(errors: Errors, samples: list[Sample], reliable: bool) -> Errors:
    """The errors of the samples that were read with or without reservation."""
    return {
        code: [row for row, sample in zip(rows, samples, strict=True) if sample.reliable == reliable]
        for code, rows in errors.items()
    }


def _pose_text(known: list[truth.Truth], samples: list[Sample], errors: Errors, radius: Mapping[str, float]) -> str:
    fitted = _fit_pose(samples)
    unreliable = _of(errors, samples, reliable=False)
    in_radii = np.concatenate([np.array(rows).ravel() / radius[code] for code, rows in unreliable.items()])
    lines = [_POSE.format(count=len(samples), given=len(known))]
    lines += [f"{name} = {getattr(fitted, name):.4f}" for name in
              ("shoulders_along", "shoulders_breadth", "hips_breadth")]  # fmt: skip
    lines += ["", "# Times that radius, nine marks in ten of the bodies read with a reservation stayed within."]
    lines += [f"unreliable_factor = {max(1.0, float(np.quantile(in_radii, 0.9))):.2f}", "", "[features]"]
    lines += [f"{name} = {{ mean = {fitted.mean[name]:.4f}, sd = {fitted.sd[name]:.4f} }}" for name in fitted.mean]
    for table, weights in (("along", fitted.along), ("aside", fitted.aside)):
        lines += ["", f"[{table}]"]
        lines += [f"{knot} = [{', '.join(f'{w:.5f}' for w in row)}]" for knot, row in weights.items()]
    lines += ["", "[reading_radius]", *(f"{code} = {value:.4f}" for code, value in radius.items())]
    return "\n".join(lines) + "\n"


def _fit_both(samples: Sequence[Sample]) -> tuple[Midline, SpineModel]:
    return _fit_midline([sample.known for sample in samples]), _fit_pose(samples)


def _fit_pose(samples: Sequence[Sample]) -> SpineModel:
    """The model without its radii, which are measured with it."""
    values = [pose_landmarks.features(sample.pose) for sample in samples]
    placed = np.array([_in_torso(sample, *pose_landmarks.PLACED) for sample in samples])
    names = (*pose_landmarks.SYMMETRIC, *pose_landmarks.ANTISYMMETRIC)
    table = {name: np.array([value[name] for value in values]) for name in names}
    # A mirrored body is as likely as the body itself, so what is antisymmetric has mean 0 and no constant.
    mean = {name: float(table[name].mean()) if name in pose_landmarks.SYMMETRIC else 0.0 for name in names}
    sd = {name: float(np.sqrt(np.mean((table[name] - mean[name]) ** 2))) for name in names}
    scaled = {
        name: np.clip((table[name] - mean[name]) / sd[name], -pose_landmarks.FURTHEST, pose_landmarks.FURTHEST)
        for name in names
    }
    down = np.stack([np.ones(len(values)), *(scaled[name] for name in pose_landmarks.SYMMETRIC)], axis=1)
    right = np.stack([scaled[name] for name in pose_landmarks.ANTISYMMETRIC], axis=1)
    shoulders = np.array([_in_torso(sample, "shoulder_L", "shoulder_R").mean(axis=0) for sample in samples])
    return SpineModel(
        mean=mean,
        sd=sd,
        along={knot: _ridge(down, placed[:, i, 0], constant=True) for i, knot in enumerate(pose_landmarks.PLACED)},
        aside={knot: _ridge(right, placed[:, i, 1], constant=False) for i, knot in enumerate(pose_landmarks.PLACED)},
        shoulders_along=float(np.median(shoulders[:, 0])),
        shoulders_breadth=_breadth(samples, "shoulder", PoseKeypoint.LEFT_SHOULDER, PoseKeypoint.RIGHT_SHOULDER),
        hips_breadth=_breadth(samples, "hip", PoseKeypoint.LEFT_HIP, PoseKeypoint.RIGHT_HIP),
        reading_radius=_no_radii(),
        unreliable_factor=1.0,
    )


def _in_torso(sample: Sample, *names: str) -> FloatArray:
    """(n, 2) true positions in the frame of the keypoints."""
    return sample.pose.torso_frame.from_px(np.array([sample.known.points[name] for name in names]))


def _breadth(samples: Sequence[Sample], joint: str, left: PoseKeypoint, right: PoseKeypoint) -> float:
    """Distance between two joints, over that between their keypoints."""
    shares = [
        np.linalg.norm(sample.known.points[f"{joint}_R"] - sample.known.points[f"{joint}_L"])
        / np.linalg.norm(sample.pose[right] - sample.pose[left])
        for sample in samples
    ]
    return float(np.median(shares))


def _ridge(features: FloatArray, target: FloatArray, constant: bool) -> tuple[float, ...]:
    penalty = _RIDGE * len(target) * np.eye(features.shape[1])
    if constant:
        penalty[0, 0] = 0.0
    weights = np.linalg.solve(features.T @ features + penalty, features.T @ target)
    return tuple(float(weight) for weight in weights)


# What both share.


def _unseen(bodies: Sequence[T], fit: Callable[[Sequence[T]], M]) -> Iterable[tuple[T, M]]:
    """Each body with a model fitted without it."""
    fitted = [fit([body for i, body in enumerate(bodies) if i % _FOLDS != held]) for held in range(_FOLDS)]
    return [(body, fitted[i % _FOLDS]) for i, body in enumerate(bodies)]


def _no_radii() -> dict[str, float]:
    return dict.fromkeys((point.code for point in acupoints.acupoints()), 0.0)


def _note(errors: Errors, location: Location, known: truth.Truth) -> None:
    """Add the errors of one location."""
    for code in _no_radii():
        errors.setdefault(code, []).append(
            [
                float(np.linalg.norm(known.mark(point) - (point.x_px, point.y_px))) / location.landmarks.back_px
                for point in location.points
                if point.code == code
            ]
        )


def _radii(errors: Errors) -> dict[str, float]:
    """What nine marks in ten stay within."""
    return {code: float(np.quantile(np.array(rows).ravel(), 0.9)) for code, rows in errors.items()}


if __name__ == "__main__":
    main()
