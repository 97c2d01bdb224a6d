"""How measured people are shaped, from ANSUR II, and people drawn at random from that.

python -m lab.training.survey SURVEY [--to FILE]

SURVEY holds the public CSV files of ANSUR II (US Army anthropometric survey, 2012). What is written is, for men and
women, the mean and the covariance of the logarithms of body mass index and of :data:`RATIOS`: lengths over the
person's own height from the iliac crest to the cervicale. Soldiers are slim, so a share of the people drawn is
heavier; the rest of their proportions follow from the index as they do among soldiers.
"""

from __future__ import annotations

import argparse
import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FILE = Path(__file__).with_name("proportions.toml")
SEXES = {"men": "ANSUR_II_MALE_Public.csv", "women": "ANSUR_II_FEMALE_Public.csv"}
RATIOS = {
    "biacromial_breadth": ("biacromialbreadth",),
    "chest_breadth": ("chestbreadth",),
    "waist_breadth": ("waistbreadth",),
    "hip_breadth": ("hipbreadth",),
    "bideltoid_breadth": ("bideltoidbreadth",),
    "neck_breadth": ("neckcircumference",),
    "head_breadth": ("headbreadth",),
    "vertex_above_cervicale": ("stature", "-cervicaleheight"),
    "crest_above_trochanter": ("iliocristaleheight", "-trochanterionheight"),
    "crest_above_crotch": ("iliocristaleheight", "-crotchheight"),
    "trochanter_height": ("trochanterionheight",),
    "arm_length": ("acromionradialelength", "radialestylionlength"),
    "hand_breadth": ("handbreadth",),
    "waist_depth": ("waistdepth",),
}
"""Sums of the survey's columns, those with a minus taken off; the neck's is its circumference over pi."""

INDEX = "body_mass_index"
HEAVY, HEAVY_SHARE = (30.0, 40.0), 1 / 3
"""Body mass indices of those who are heavier than the survey's, and how many of all they are."""

_HEAD = """\
# How measured people are shaped: mean and covariance of natural logarithms.
# Written by lab.training.survey from the public files of ANSUR II (2012), do not edit.
# body_mass_index in kg/m2, all else over the height from the iliac crest to the cervicale.
"""


@dataclass(frozen=True, eq=False)
class Shapes:
    """Normal distribution of the logarithms of ``names``: mean (n,) and covariance (n, n)."""

    names: tuple[str, ...]
    mean: Floats
    covariance: Floats

    def drawn(self, rng: np.random.Generator) -> dict[str, float]:
        """One person's index and ratios."""
        index = self.names.index(INDEX)
        others = [row for row in range(len(self.names)) if row != index]
        spread = float(np.sqrt(self.covariance[index, index]))
        deviation = float(np.clip(rng.normal(), -2.2, 2.2)) * spread
        if rng.random() < HEAVY_SHARE:
            deviation = float(np.log(rng.uniform(*HEAVY)) - self.mean[index])
        slope = self.covariance[others, index] / spread**2
        left = self.covariance[np.ix_(others, others)] - np.outer(slope, slope) * spread**2
        values = self.mean[others] + slope * deviation
        own = np.sqrt(left.diagonal())
        values = values + own * np.clip(rng.multivariate_normal(np.zeros(len(own)), left) / own, -2.5, 2.5)
        person = dict(zip([self.names[row] for row in others], np.exp(values).tolist(), strict=True))
        return {INDEX: float(np.exp(self.mean[index] + deviation)), **person}


@cache
def shapes() -> Mapping[str, Shapes]:
    """The distributions of ``men`` and ``women``."""
    data = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {
        sex: Shapes(tuple(data["names"]), np.array(data[sex]["mean"]), np.array(data[sex]["covariance"]))
        for sex in SEXES
    }


def ratios(file: Path) -> Floats:
    """(n, k) logarithms: index and ratios of everybody in one of the survey's files."""
    with file.open(encoding="latin-1", newline="") as lines:
        people = list(csv.DictReader(lines))
    column = lambda name: np.array([float(one[name]) for one in people])  # noqa: E731
    length = column("cervicaleheight") - column("iliocristaleheight")
    columns = [np.log(column("weightkg") / 10 / (column("stature") / 1000) ** 2)]
    for name, parts in RATIOS.items():
        total = sum(-column(one[1:]) if one.startswith("-") else column(one) for one in parts)
        columns.append(np.log(total / length / (np.pi if name == "neck_breadth" else 1)))
    return np.stack(columns, axis=1)


def main() -> None:
    """Command line; see the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("survey", type=Path)
    parser.add_argument("--to", type=Path, default=FILE)
    options = parser.parse_args()
    names = (INDEX, *RATIOS)
    row = lambda values: "[" + ", ".join(f"{value:.6f}" for value in values) + "]"  # noqa: E731
    text = [_HEAD, "names = [" + ", ".join(f'"{name}"' for name in names) + "]"]
    for sex, file in SEXES.items():
        logs = ratios(options.survey / file)
        text += ["", f"[{sex}]", f"people = {len(logs)}", f"mean = {row(logs.mean(0))}", "covariance = ["]
        text += [f"    {row(line)}," for line in np.cov(logs, rowvar=False)] + ["]"]
    options.to.write_text("\n".join(text) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
