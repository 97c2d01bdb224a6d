"""What a back network places: a table that ships with its weights. No code reads meaning out of a keypoint's name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path

from locator.core import resources, toml
from locator.core.body import LANDMARKS, OTHER_SIDE, Side


class Kind(StrEnum):
    """What a keypoint is."""

    LEVEL = "level"
    """The lower border of a spinous process, on the skin of the midline."""

    MARK = "mark"
    """An acupoint beside the midline."""

    JOINT = "joint"


@dataclass(frozen=True)
class BackKeypoint:
    """One row of the table.

    Attributes:
        mirror: name of the keypoint that this one becomes in a mirror image; its own on the midline.
        level: the vertebra that a level is.
        acupoint: code of the mark that lies there.
        landmark: which of :data:`~locator.core.body.LANDMARKS` it is.
        always_in_view: whether any photo that shows a back shows it.
    """

    name: str
    kind: Kind
    side: Side
    mirror: str
    level: str | None = None
    acupoint: str | None = None
    landmark: str | None = None
    always_in_view: bool = False


@dataclass(frozen=True)
class KeypointTable:
    """The keypoints of one back network, in the order of its outputs; rows are numbers in that order.

    Raises:
        ValueError: if a name is there twice, a mirror does not lead back to the other side, a landmark or one of the
            levels C7 and S2 is missing, or no keypoint is always in view.
    """

    keypoints: tuple[BackKeypoint, ...]

    def __post_init__(self) -> None:
        by_name = {one.name: one for one in self.keypoints}
        if len(by_name) < len(self.keypoints):
            raise ValueError("keypoints: expected each name once")
        for one in self.keypoints:
            other = by_name.get(one.mirror)
            if other is None or (other.mirror, other.kind, other.side) != (one.name, one.kind, OTHER_SIDE[one.side]):
                raise ValueError(f"{one.name}: expected a mirror on the other side, got {one.mirror!r}")
        missing = [*(set(LANDMARKS) - self.landmarks.keys()), *({"C7", "S2"} - self.levels.keys())]
        if missing:
            raise ValueError(f"keypoints: expected also {', '.join(sorted(missing))}")
        if not self.always_in_view:
            raise ValueError("keypoints: expected some that are always in view")

    def __len__(self) -> int:
        return len(self.keypoints)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The name of each row."""
        return tuple(one.name for one in self.keypoints)

    def row(self, name: str) -> int:
        """The row of a name.

        Raises:
            ValueError: if there is none.
        """
        return self.names.index(name)

    @cached_property
    def mirrored(self) -> tuple[int, ...]:
        """For each row the one that it becomes in a mirror image."""
        return tuple(self.row(one.mirror) for one in self.keypoints)

    @cached_property
    def levels(self) -> Mapping[str, int]:
        """Vertebra → row, from top to bottom as the table has them."""
        return {one.level: row for row, one in enumerate(self.keypoints) if one.level}

    @cached_property
    def marks(self) -> Mapping[tuple[str, Side], int]:
        """(code of the acupoint, side) → row."""
        return {(one.acupoint, one.side): row for row, one in enumerate(self.keypoints) if one.acupoint}

    @cached_property
    def landmarks(self) -> Mapping[str, int]:
        """Landmark → row."""
        return {one.landmark: row for row, one in enumerate(self.keypoints) if one.landmark}

    @cached_property
    def spine(self) -> tuple[int, ...]:
        """The rows of the levels."""
        return tuple(self.levels.values())

    @cached_property
    def always_in_view(self) -> tuple[int, ...]:
        """The rows that any photo that shows a back shows."""
        return tuple(row for row, one in enumerate(self.keypoints) if one.always_in_view)


def load(file: Path) -> KeypointTable:
    """The table in a TOML file.

    Raises:
        FileNotFoundError: if it is missing.
        KeyError, TypeError, ValueError: if it is no such table.
    """
    rows = toml.load(file)["keypoint"]
    return KeypointTable(
        tuple(BackKeypoint(**{**row, "kind": Kind(row["kind"]), "side": Side(row["side"])}) for row in rows)
    )


@cache
def of_back_networks() -> KeypointTable:
    """The table of the networks that come with the program: ``models/back_keypoints.toml``."""
    return load(resources.path("models") / "back_keypoints.toml")
