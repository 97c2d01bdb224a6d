"""Measures, on pictures with truth, how the spine lies among the pose model's keypoints.

    python -m benchmarks.calibrate DIR... [--out FILE]

Writes ``locator/data/spine_from_pose.toml``. The bodies it is given must not be the ones that the accuracy
benchmark is run on.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import truth
from locator import acupoints, anatomy, api, images, models, native_log, placing, spine
from locator.pose import MediaPipePose
from locator.types import FloatArray, Pose, Refusal

_OUT = Path(__file__).resolve().parents[1] / "locator" / "data" / "spine_from_pose.toml"
_RIDGE = 0.1  # of the features' unit variance: steadies the weights of features that go together
_FOLDS = 10

_HEAD = """\
# How the spine lies among the pose model's keypoints. Written by benchmarks.calibrate, do not edit.
#
# Measured on {count} rendered bodies whose vertebrae are known, out of {given}: those that would be answered. Crops,
# arm poses, clothes, light and camera vary; the pictures of the accuracy benchmark are not among them.
#
# along, aside: knots in torso lengths from the shoulders' midpoint, as a constant and weights of the features (each
#   less its mean, over its sd), in the order of locator.spine.SYMMETRIC and ANTISYMMETRIC.
# cun_scale: one cun of a body whose shoulder breadth and torso length are 1; its spread was {cun_spread:.3f} of it.
# reading_radius: torso lengths that nine marks in ten stayed within, each body placed by a model that had not seen it.
"""


@dataclass(frozen=True, eq=False)
class Sample:
    """One picture that was read: the pose, the truth, and whether it was read without reservation."""

    pose: Pose
    known: truth.Truth
    steady: bool


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=_OUT)
    options = parser.parse_args()
    native_log.silence()
    known = [one for folder in options.folders for one in truth.read(folder)]
    samples = _read(known)
    text = _measure(samples, len(known))
    options.out.write_text(text, encoding="utf-8")
    print(text)


def _read(known: list[truth.Truth]) -> list[Sample]:
    estimator = MediaPipePose(models.load()[0])
    samples = []
    for one in known:
        reading = api.read_back(images.read(one.picture).rgb, estimator)
        if not isinstance(reading, Refusal):
            samples.append(Sample(reading.pose, one, reading.steady))
    return samples


def _measure(samples: list[Sample], given: int) -> str:
    values = [spine.features(sample.pose) for sample in samples]
    knots = np.array([_true_knots(sample) for sample in samples])
    cuns = np.array([_cun_scale(sample) for sample in samples])
    steady = np.array([sample.steady for sample in samples])
    fitted = _fit(values, knots, float(np.median(cuns)))
    errors = _errors_on_unseen(samples, values, knots, cuns)
    radius = {code: float(np.quantile(error[steady].ravel(), 0.9)) for code, error in errors.items()}
    in_radii = np.concatenate([error[~steady].ravel() / radius[code] for code, error in errors.items()])

    lines = [_HEAD.format(count=len(samples), given=given, cun_spread=float(cuns.std() / cuns.mean()))]
    lines += [f"cun_scale = {fitted.cun_scale:.5f}", ""]
    lines += ["# Times that radius, nine marks in ten of the bodies read with a reservation stayed within."]
    lines += [f"unsteadiness = {max(1.0, float(np.quantile(in_radii, 0.9))):.2f}", "", "[features]"]
    lines += [f"{name} = {{ mean = {fitted.mean[name]:.4f}, sd = {fitted.sd[name]:.4f} }}" for name in fitted.mean]
    for table, weights in (("along", fitted.along), ("aside", fitted.aside)):
        lines += ["", f"[{table}]"]
        lines += [f"{knot} = [{', '.join(f'{w:.5f}' for w in row)}]" for knot, row in weights.items()]
    lines += ["", "[reading_radius]", *(f"{code} = {value:.4f}" for code, value in radius.items())]
    return "\n".join(lines) + "\n"


def _true_knots(sample: Sample) -> FloatArray:
    frame = spine.torso_frame(spine.landmarks(sample.pose))
    return frame.from_px(np.array([sample.known.points[knot] for knot in spine.KNOTS]))


def _cun_scale(sample: Sample) -> float:
    joints = spine.landmarks(sample.pose)
    return sample.known.cun_px / anatomy.cun_px(joints.shoulders_px, joints.torso_px, 1.0)


def _fit(values: list[dict[str, float]], knots: FloatArray, cun_scale: float) -> spine.SpineModel:
    """The model without its radii, which are measured with it."""
    names = (*spine.SYMMETRIC, *spine.ANTISYMMETRIC)
    table = {name: np.array([value[name] for value in values]) for name in names}
    # A mirrored body is as likely as the body itself, so what is antisymmetric has mean 0 and no constant.
    mean = {name: float(table[name].mean()) if name in spine.SYMMETRIC else 0.0 for name in names}
    sd = {name: float(np.sqrt(np.mean((table[name] - mean[name]) ** 2))) for name in names}
    scaled = {name: np.clip((table[name] - mean[name]) / sd[name], -spine.FURTHEST, spine.FURTHEST) for name in names}
    down = np.stack([np.ones(len(values)), *(scaled[name] for name in spine.SYMMETRIC)], axis=1)
    right = np.stack([scaled[name] for name in spine.ANTISYMMETRIC], axis=1)
    along = {knot: _ridge(down, knots[:, i, 0], constant=True) for i, knot in enumerate(spine.KNOTS)}
    aside = {knot: _ridge(right, knots[:, i, 1], constant=False) for i, knot in enumerate(spine.KNOTS)}
    nothing_yet = dict.fromkeys((point.code for point in acupoints.acupoints()), 0.0)
    return spine.SpineModel(mean, sd, along, aside, cun_scale, nothing_yet, unsteadiness=1.0)


def _ridge(features: FloatArray, target: FloatArray, constant: bool) -> tuple[float, ...]:
    penalty = _RIDGE * len(target) * np.eye(features.shape[1])
    if constant:
        penalty[0, 0] = 0.0
    weights = np.linalg.solve(features.T @ features + penalty, features.T @ target)
    return tuple(float(weight) for weight in weights)


def _errors_on_unseen(
    samples: list[Sample], values: list[dict[str, float]], knots: FloatArray, cuns: FloatArray
) -> dict[str, FloatArray]:
    """For each acupoint (n, marks) errors in torso lengths; each body is placed by a model fitted without it."""
    fold = np.arange(len(samples)) % _FOLDS
    fitted = {
        held: _fit([values[i] for i in rest], knots[rest], float(np.median(cuns[rest])))
        for held in range(_FOLDS)
        for rest in [np.flatnonzero(fold != held)]
    }
    errors: dict[str, list[list[float]]] = {}
    for sample, held in zip(samples, fold, strict=True):
        location = placing.place(sample.pose, model=fitted[int(held)])
        for acupoint in acupoints.acupoints():
            errors.setdefault(acupoint.code, []).append(
                [
                    float(np.linalg.norm(sample.known.mark(point) - (point.x_px, point.y_px)))
                    / location.landmarks.torso_px
                    for point in location.points
                    if point.code == acupoint.code
                ]
            )
    return {code: np.array(rows) for code, rows in errors.items()}


if __name__ == "__main__":
    main()
