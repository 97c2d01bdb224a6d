"""A back network is an adapter, weights and a table: whatever the table says is what the program reads."""

import dataclasses

import numpy as np
import pytest
from conftest import make_pose

from locator.core import keypoints
from locator.core.body import LANDMARKS, Side
from locator.core.keypoints import BackKeypoint, KeypointTable, Kind
from locator.estimate import fusion, placing
from locator.estimate.back_reading import BackReading
from locator.photo import light

OURS = keypoints.of_back_networks()
GOOD_LIGHT = light.Light(luma=128, white=0, edge_width=8)


def joint(landmark, side, mirror):
    return BackKeypoint(landmark, Kind.JOINT, side, mirror, landmark=landmark, always_in_view=True)


ANOTHER = KeypointTable(
    (
        *(joint(f"subject_left_{one}", Side.LEFT, f"subject_right_{one}") for one in ("hip", "shoulder")),
        BackKeypoint("17", Kind.LEVEL, Side.MIDLINE, "17", level="S2"),
        BackKeypoint("3", Kind.LEVEL, Side.MIDLINE, "3", level="T9", landmark="spine_middle", always_in_view=True),
        BackKeypoint("C 7", Kind.LEVEL, Side.MIDLINE, "C 7", level="C7", landmark="c7"),
        BackKeypoint("a", Kind.MARK, Side.RIGHT, "b", acupoint="BL-18", always_in_view=True),
        BackKeypoint("b", Kind.MARK, Side.LEFT, "a", acupoint="BL-18", always_in_view=True),
        *(joint(f"subject_right_{one}", Side.RIGHT, f"subject_left_{one}") for one in ("hip", "shoulder")),
    )
)
"""Other keypoints in another order, with names that say nothing or something else."""


def read_by(table):
    """What a network with this table reads of a back, and where that is."""
    location = placing.from_pose(make_pose())
    levels = {one.level: (one.x_px + 3, one.y_px) for one in location.levels}
    marks = {(one.code, one.side): (one.x_px + 3, one.y_px) for one in location.points}

    def where(one):
        if one.landmark:
            return getattr(location.landmarks, one.landmark) + (3, 0)
        return levels.get(one.level, marks.get((one.acupoint, one.side), (0, 0)))

    points = np.array([where(one) for one in table.keypoints])
    return BackReading(table, points, np.full(len(table), 2.0), 1.0, 4, 0.0, 1.0), location


@pytest.mark.parametrize("table", [OURS, ANOTHER], ids=["ours", "another"])
def test_whatever_the_table_says_is_read_where_the_network_puts_it(table):
    back, location = read_by(table)
    assert set(back.landmarks.__dataclass_fields__) == set(LANDMARKS)
    assert fusion.sure(back)
    marked = fusion.marked(back, "back", GOOD_LIGHT)
    there = {(one.code, one.side): (one.x_px, one.y_px) for one in marked.points}
    assert len(there) == len(location.points)
    for mark, point in back.marks.items():
        np.testing.assert_allclose(there[mark], point, atol=1e-6)
    levels = {one.level: (one.x_px, one.y_px) for one in marked.levels}
    for level, point in back.levels.items():
        np.testing.assert_allclose(levels[level], point, atol=1e-6)
    for one in location.points:
        away = np.linalg.norm(np.subtract(there[one.code, one.side], (one.x_px + 3, one.y_px)))
        assert away < 0.05 * location.landmarks.back_px


def test_a_mirror_leads_back_and_to_the_other_side():
    for one, other in zip(OURS.keypoints, OURS.mirrored, strict=True):
        assert OURS.keypoints[other].mirror == one.name
        assert (OURS.keypoints[other].side is one.side) == (one.side is Side.MIDLINE)


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("hip_L", {"mirror": "hip_L"}, "hip_L: expected a mirror on the other side"),
        ("hip_L", {"mirror": "nowhere"}, "hip_L: expected a mirror on the other side, got 'nowhere'"),
        ("hip_L", {"landmark": None}, "expected also subject_left_hip"),
        ("S2", {"level": None}, "expected also S2"),
        ("T4", {"name": "T7", "mirror": "T7"}, "expected each name once"),
    ],
)
def test_a_table_that_does_not_hold_together_is_refused(name, change, said):
    rows = [dataclasses.replace(one, **change) if one.name == name else one for one in OURS.keypoints]
    with pytest.raises(ValueError, match=said):
        KeypointTable(tuple(rows))
