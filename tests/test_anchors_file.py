"""Anchors saved and loaded: nothing changes on the way, and a wrong file is told where it is wrong."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path

import numpy as np
import pytest
from conftest import make_anchors
from hypothesis import given
from hypothesis import strategies as st
from readings import make_reading

from locator import api
from locator.core.anchors import Anchors, Detail, FingersInPhoto, MovedMark, OwnHand, SetBy
from locator.core.body import LANDMARKS, Landmarks, Side
from locator.core.types import ImageInfo
from locator.estimate import anchors_file, handles
from locator.estimate.anchors_file import AnchorsError

SIZE = (600, 800)
PHOTO = ImageInfo("back.jpg", *SIZE, "ab" * 32)
PUBLISHED = Path(__file__).parents[1] / "docs" / "anchors.schema.json"
ENDS = np.array([[1.25, 2.5], [90.125, 1 / 3]])


def document(**changes):
    return {**json.loads(anchors_file.write(make_anchors(), PHOTO)), **changes}


def wrong(content) -> str:
    if not isinstance(content, bytes):
        content = json.dumps(content).encode()
    with pytest.raises(AnchorsError) as error:
        anchors_file.read(content, PHOTO)
    return str(error.value)


def a_detail(method, along, right, radius, of_landmarks):
    mark = ("GV-9", Side.MIDLINE)
    levels = {"C7": (along, right), "L2": (right, along)}
    radii = dict.fromkeys(LANDMARKS, radius) if of_landmarks else {}
    return Detail(method, levels, {mark: (along, right)}, {"GV-9": radius}, radii)


places = st.floats(-1e6, 1e6)
shares = st.floats(-10, 10)
details = st.builds(
    a_detail, st.sampled_from(["back", "pose+back"]), shares, shares, st.floats(1e-9, 10), st.booleans()
)


@given(
    st.lists(st.tuples(places, places), min_size=6, max_size=6),
    st.lists(st.sampled_from(SetBy), min_size=6, max_size=6),
    st.sampled_from([None, FingersInPhoto(ENDS), OwnHand(ENDS, 300.0, 71.5)]),
    st.lists(
        st.tuples(st.sampled_from([("BL-18", Side.LEFT), ("GV-9", Side.MIDLINE)]), places, places),
        max_size=2,
        unique_by=lambda mark: mark[0],
    ),
    st.lists(st.sampled_from(["unsteady", "dark", "front_view"]), unique=True),
    st.none() | details,
    st.booleans(),
)
def test_a_round_trip_changes_nothing(at, by, fingers, moved, reserved, detail, was_read):
    anchors = Anchors(
        Landmarks(**dict(zip(LANDMARKS, map(np.array, at), strict=True))),
        dict(zip(LANDMARKS, by, strict=True)),
        fingers,
        tuple(MovedMark(code, side, x, y) for (code, side), x, y in moved),
        tuple(reserved),
        detail,
        Landmarks(**dict(zip(LANDMARKS, map(np.array, reversed(at)), strict=True))) if was_read else None,
    )
    content = anchors_file.write(anchors, PHOTO)
    again = anchors_file.read(content, PHOTO)
    for name in LANDMARKS:
        np.testing.assert_array_equal(getattr(again.landmarks, name), getattr(anchors.landmarks, name))
        if was_read:
            np.testing.assert_array_equal(getattr(again.read, name), getattr(anchors.read, name))
    assert bool(again.read) == was_read
    assert again.set_by == anchors.set_by
    assert again.moved == anchors.moved
    assert again.reserved == anchors.reserved
    assert (again.detail and dataclasses.asdict(again.detail)) == (detail and dataclasses.asdict(detail))
    assert anchors_file.write(again, PHOTO) == content


def test_from_a_saved_file_the_points_are_the_same():
    anchors = dataclasses.replace(make_anchors(), fingers=OwnHand(ENDS, 100.0, 75.0))
    again = anchors_file.read(anchors_file.write(anchors, PHOTO), PHOTO)
    assert api.locate_anchors(again, SIZE).points == api.locate_anchors(anchors, SIZE).points


def test_from_a_saved_file_a_read_back_is_the_same_back():
    reading = make_reading(method="pose+back")
    content = anchors_file.write(handles.read(reading), PHOTO)
    again = api.locate_anchors(anchors_file.read(content, PHOTO), SIZE)
    assert again.points == reading.points
    assert again.levels == reading.levels
    assert again.method == "pose+back"
    assert len(content) < anchors_file.LARGEST_BYTES / 10


def test_from_a_saved_file_a_corrected_back_is_the_same_back():
    anchors = handles.read(make_reading())
    for name in ("c7", "subject_left_hip"):
        anchors = handles.drag(anchors, name, getattr(anchors.landmarks, name) + (6.0, -9.0), anchors.landmarks)
    again = anchors_file.read(anchors_file.write(anchors, PHOTO), PHOTO)
    assert api.locate_anchors(again, SIZE).points == api.locate_anchors(anchors, SIZE).points


def test_handles_of_which_no_more_was_read_make_the_same_file_as_ever():
    assert "detail" not in document()
    assert anchors_file.read(json.dumps(document(detail=None)).encode(), PHOTO).detail is None


def test_a_file_written_by_hand_needs_five_handles_and_no_more():
    five = {name: {"x_px": 10.0 * i, "y_px": 5.0 * i} for i, name in enumerate(LANDMARKS) if name != "spine_middle"}
    content = json.dumps({"schema": 1, "image": {"width_px": 600, "height_px": 800}, "handles": five}).encode()
    anchors = anchors_file.read(content, PHOTO)
    assert {name for name, by in anchors.set_by.items() if by is SetBy.HAND} == set(five)
    assert anchors.set_by["spine_middle"] is SetBy.DEFAULT
    assert anchors.fingers is None


def changed(path, value):
    """A good document with one field changed."""
    whole = document()
    *way, last = path
    part = whole
    for step in way:
        part = part[step]
    part[last] = value
    return whole


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schema",), 2),
        (("schema",), "one"),
        (("image", "width_px"), 0),
        (("image", "height_px"), "tall"),
        (("image", "sha256"), "abc"),
        (("schema",), True),
        (("schema",), 1.0),
        (("handles", "c7", "x_px"), "450"),
        (("handles", "c7", "x_px"), True),
        (("handles", "c7"), None),
        (("handles", "c7", "x_px"), "left"),
        (("handles", "subject_left_hip", "y_px"), 1e300),
        (("handles", "spine_middle", "set_by"), "me"),
        (("handles", "knee"), {"x_px": 1, "y_px": 2}),
        (("fingers", "source"), "thumb"),
        (("moved",), "none"),
        (("comment",), "mine"),
    ],
    ids=lambda part: ".".join(part) if isinstance(part, tuple) else "",
)
def test_a_wrong_field_is_named(path, value):
    field = "fingers" if path[0] == "fingers" else ".".join(path)  # of a kind that does not exist nothing is known
    assert wrong(changed(path, value)).startswith(f"{field}: ")


@pytest.mark.parametrize(
    ("fingers", "named"),
    [
        ({"source": "own-hand", "ends_px": [[0, 0], [1, 1]], "length_mm": 0, "four_fingers_mm": 75}, "length_mm"),
        ({"source": "own-hand", "ends_px": [[0, 0], [1, 1]], "length_mm": 90, "four_fingers_mm": 7}, "four_fingers_mm"),
        ({"source": "own-hand", "ends_px": [[0, 0], [1, 1]], "length_mm": 90}, "four_fingers_mm"),
        ({"source": "fingers-in-photo"}, "ends_px"),
        ({"source": "fingers-in-photo", "ends_px": [[0, 0], [0, 0]]}, "ends_px"),
        ({"source": "fingers-in-photo", "ends_px": [[0, 0]]}, "ends_px"),
        ({"source": "fingers-in-photo", "ends_px": [[0, 0], [0, 5e-324]]}, "ends_px"),
    ],
)
def test_a_wrong_measure_is_named(fingers, named):
    message = wrong(document(fingers=fingers))
    assert message.startswith("fingers")
    assert named in message


@pytest.mark.parametrize(
    ("mark", "named"),
    [
        ({"code": "BL-99", "side": "midline", "x_px": 1, "y_px": 1}, "moved.0.code"),
        ({"code": "BL-18", "side": "midline", "x_px": 1, "y_px": 1}, "side"),
        ({"code": "GV-9", "side": "subject-left", "x_px": 1, "y_px": 1}, "side"),
        ({"code": "GV-9", "side": "left", "x_px": 1, "y_px": 1}, "moved.0.side"),
    ],
)
def test_a_mark_that_does_not_exist_is_named(mark, named):
    assert named in wrong(document(moved=[mark]))


READ = {
    "method": "back",
    "levels": [{"level": "C7", "along": 0, "right": 0.01}],
    "marks": [{"code": "GV-9", "side": "midline", "along": 0, "right": 0.01}],
    "radii": {"GV-9": 0.03},
}


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ({"method": "pose"}, "detail.method: expected 'back' or 'pose+back'"),
        ({"levels": []}, "detail.levels: expected at least one"),
        ({"levels": {}}, "detail.levels: expected a list"),
        (
            {"levels": [{**READ["levels"][0], "level": "T13"}]},
            "detail.levels.0.level: expected a vertebra from C7 to S2",
        ),
        ({"levels": [{**READ["levels"][0], "along": "0"}]}, "detail.levels.0.along: expected a number"),
        ({"levels": READ["levels"] * 2}, "detail: levels: expected each level once"),
        ({"marks": [{**READ["marks"][0], "along": 11}]}, "detail.marks.0.along: expected at most 10"),
        ({"marks": [{**READ["marks"][0], "code": "BL-99"}]}, "detail.marks.0.code: "),
        ({"marks": [{**READ["marks"][0], "side": "subject-left"}]}, "detail.marks.0: side: GV-9 has no mark at"),
        ({"marks": READ["marks"] * 2}, "detail: marks: expected each mark once"),
        ({"radii": {}}, "detail: radii: expected one for each acupoint of the marks"),
        ({"radii": []}, "detail.radii: expected an object in braces"),
        ({"radii": {"GV-9": 0}}, "detail.radii.GV-9: expected more than 0"),
        ({"radii": {"GV-9": 0.03, "BL-18": 0.03}}, "detail: radii: expected one for each acupoint of the marks"),
        ({"landmark_radii": {"c7": 0.03}}, "detail: landmark_radii: expected none, or one for each landmark"),
        ({"landmark_radii": {"c7": 0}}, "detail.landmark_radii.c7: expected more than 0"),
        ({"lens": 1}, "detail.lens: there is no such field"),
    ],
)
def test_a_wrong_detail_is_named(part, said):
    assert anchors_file.read(json.dumps(document(detail=READ)).encode(), PHOTO).detail
    assert wrong(document(detail={**READ, **part})).startswith(said)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b"\xff\xfe\x00", b"[" * 60_000, b'{"schema": NaN}', b" " * 200_000, b"\x89PNG\r\n"],
    ids=["empty", "cut off", "list", "null", "no text", "deep", "NaN", "huge", "a picture"],
)
def test_what_is_no_such_file_at_all_gets_a_sentence(content):
    message = wrong(content)
    assert 0 < len(message) < 200
    assert "\n" not in message
    assert not any(jargon in message for jargon in ("Input", "validation", "tag", "EOF"))


def test_a_file_for_a_photo_of_another_size_is_not_used():
    content = anchors_file.write(make_anchors(), ImageInfo(None, 601, 800, None))
    assert wrong(content) == "image: the file is for a photo of 601 × 800 pixels, this one has 600 × 800"


def test_a_file_for_another_photo_of_the_same_size_is_not_used():
    content = anchors_file.write(make_anchors(), ImageInfo(None, *SIZE, "cd" * 32))
    assert wrong(content) == "image.sha256: the handles were set on another photo of the same size"
    assert anchors_file.read(anchors_file.write(make_anchors(), ImageInfo(None, *SIZE, None)), PHOTO)


def test_what_is_given_twice_is_not_guessed_at():
    twice = anchors_file.write(make_anchors(), PHOTO).replace(b'"moved": []', b'"moved": [], "moved": []')
    assert wrong(twice) == "moved: the field is given twice"
    mark = {"code": "GV-9", "side": "midline", "x_px": 1, "y_px": 1}
    assert wrong(document(moved=[mark, mark])) == "moved: expected each mark once"


def test_a_file_from_an_editor_that_marks_its_encoding_is_read():
    assert anchors_file.read(b"\xef\xbb\xbf" + anchors_file.write(make_anchors(), PHOTO), PHOTO)


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(AnchorsError, match="cannot be read"):
        anchors_file.read_path(tmp_path / "none.json", PHOTO)


def test_the_published_schema_is_the_one_in_use():
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == anchors_file.schema()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no pipes")
def test_a_pipe_is_refused_without_waiting_for_who_writes_it(tmp_path):
    os.mkfifo(tmp_path / "pipe.json")
    with pytest.raises(AnchorsError, match="no regular file"):
        anchors_file.read_path(tmp_path / "pipe.json", PHOTO)
