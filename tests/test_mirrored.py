"""A photo that is a mirror image: the same marks, with the subject's true sides."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from conftest import make_anchors

from locator import api
from locator.core.body import OTHER_SIDE, Side
from locator.core.types import ImageInfo, Result
from locator.draw import scene
from locator.estimate import placing
from locator.formats.export import export
from locator.photo import encoding
from locator.web.corrections import Corrections, view

CODES = ("BL-18", "GV-9")


@pytest.fixture(scope="module")
def selfie(back_rgb):
    """The back, as a mirror shows it."""
    return np.ascontiguousarray(back_rgb[:, ::-1])


@pytest.fixture(scope="module")
def location():
    return placing.from_anchors(make_anchors())


def sides(location):
    """Acupoint and side → x, px."""
    return {(point.code, point.side): point.x_px for point in location.points}


def test_a_mirrored_photo_has_the_true_sides_where_it_is_said_that_it_is_one(locator, back_rgb, selfie):
    true, said = locator.locate(back_rgb).outcome, locator.locate(selfie, mirrored=True).outcome
    width = selfie.shape[1]
    for mark, x in sides(true).items():
        assert sides(said)[mark] == pytest.approx(width - 1 - x, abs=8)
    left, right = true.landmarks.subject_left_hip, said.landmarks.subject_left_hip
    assert right[0] == pytest.approx(width - 1 - left[0], abs=8)


def test_places_and_levels_stay_and_the_picture_is_the_photo_as_it_was_given(locator, selfie):
    plain, said = locator.annotate(selfie), locator.annotate(selfie, mirrored=True)
    assert said.result.outcome.levels == plain.result.outcome.levels
    assert sides(said.result.outcome) == {
        (code, OTHER_SIDE[side]): x for (code, side), x in sides(plain.result.outcome).items()
    }
    np.testing.assert_array_equal(said.rgb, plain.rgb)


def test_labels_keep_their_places(location):
    size = (600, 800)
    plain, said = (scene.build(one, size) for one in (location, location.with_sides_exchanged()))
    assert [(label.box, label.texts) for label in said.labels] == [(label.box, label.texts) for label in plain.labels]


def test_data_have_the_true_sides(locator, selfie):
    photo, result = locator.read(selfie, mirrored=True)
    named = json.loads(export("coco", photo.rgb, result))
    keypoints = dict(zip(named["categories"][0]["keypoints"], named["annotations"][0]["keypoints"][::3], strict=True))
    assert keypoints["left_BL-52"] > keypoints["right_BL-52"]  # in a mirror the left is where the right was


def test_handles_name_the_sides_that_the_picture_shows(selfie):
    anchors = make_anchors()
    plain, said = (api.locate(selfie, anchors, mirrored) for mirrored in (False, True))
    assert said.outcome.points == plain.of_mirrored_photo().outcome.points
    assert said.outcome.points[0].side is OTHER_SIDE[plain.outcome.points[0].side]


def test_a_refusal_stays_what_it_is(locator, samples):
    said = locator.locate(samples["from_the_front"], mirrored=True)
    assert said.outcome == locator.locate(samples["from_the_front"]).outcome


def test_on_the_page_the_words_change_sides_and_nothing_moves(location):
    plain = Corrections.of(Result(ImageInfo(None, 600, 800, "0" * 64), location))
    photo = {"id": "photo", "width_px": 600, "height_px": 800, "jpeg": b""}
    one, other = (view(dataclasses.replace(plain, mirrored=on), photo, CODES) for on in (False, True))

    def places(shown, kind):
        return [(mark["x_px"], mark["y_px"]) for mark in shown[kind]]

    assert places(one, "marks") == places(other, "marks")
    assert places(one, "handles") == places(other, "handles")
    for before, after in zip(one["marks"], other["marks"], strict=True):
        assert before["label"].replace("left", "right") == after["label"].replace("left", "right")
        assert (before["label"] == after["label"]) == before["id"].endswith(Side.MIDLINE)
    assert [handle["label"] for handle in other["handles"]] == [
        "C7", "R shoulder", "L shoulder", "T9", "R hip", "L hip",
    ]  # fmt: skip


def test_the_command_takes_it_as_an_option(run, selfie, tmp_path):
    file = tmp_path / "selfie.png"
    file.write_bytes(encoding.encode(selfie, "png"))
    said = json.loads(run("locate", "--mirrored", file).stdout)
    marks = {(point["code"], point["side"]): point["x_px"] for point in said["points"]}
    assert marks["BL-52", "subject-left"] > marks["BL-52", "subject-right"]
