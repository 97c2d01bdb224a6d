"""Several people in one photo: each back is found, the largest is marked or the one asked for, nobody between them."""

import dataclasses
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from conftest import make_pose, moved
from test_fusion import read_back

from locator.core.types import Location
from locator.estimate import people
from locator.formats.record import to_dict
from locator.photo import blur, sources

GROUPS = sorted((Path(__file__).parent / "data").glob("group-*.jpg"))


def truth(picture):
    return json.loads(picture.with_suffix(".json").read_text())["people"]


def off_mm(location, person):
    """How far the spine of a location is from a person's, in the mean."""
    levels = {level.level: (level.x_px, level.y_px) for level in location.levels}
    away = [np.hypot(*np.subtract(levels[name], person["points"][name])) for name in ("T4", "T9", "L2")]
    return np.mean(away) / person["px_per_mm"]


def side_by_side(samples, *names):
    pictures = [sources.read(samples[name]).rgb for name in names]
    height = min(rgb.shape[0] for rgb in pictures)
    return np.hstack([cv2.resize(rgb, (round(rgb.shape[1] * height / rgb.shape[0]), height)) for rgb in pictures])


def issues(result):
    return {issue.code for issue in result.outcome.issues}


@pytest.mark.parametrize("picture", GROUPS, ids=lambda picture: picture.stem)
def test_each_back_of_several_people_is_found_in_order_and_nobody_between_them(picture, locator):
    people = truth(picture)
    result = locator.locate(picture)
    assert len(result.people) == len(people)
    for location, person in zip(result.people, people, strict=True):
        assert off_mm(location, person) < 50
    assert "several_people" in issues(result)
    sizes = [location.landmarks.back_px for location in result.people]
    assert result.person == 1 + sizes.index(max(sizes))
    assert result.outcome.points == result.people[result.person - 1].points


def test_any_of_several_backs_can_be_asked_for_by_its_number(locator):
    picture = GROUPS[0]
    every = locator.locate(picture).people
    for number, location in enumerate(every, start=1):
        chosen = locator.locate(picture, person=number)
        assert chosen.outcome.points == location.points
        assert "several_people" not in issues(chosen)
        assert (to_dict(chosen)["person"], to_dict(chosen)["people"]) == (number, len(every))


def test_a_number_beyond_the_last_back_is_refused_and_the_number_of_backs_told(locator, back):
    result = locator.locate(back, person=2)
    assert result.outcome.code == "no_such_person"
    document = to_dict(result)
    assert (document["people"], document["person"]) == (1, None)


def test_each_gives_a_result_for_every_back(locator):
    result = locator.locate(GROUPS[0])
    assert [one.outcome.points for one in result.each()] == [one.points for one in result.people]
    assert [one.person for one in result.each()] == [1, 2]


def test_a_lone_back_is_the_only_one_and_nobody_else_is_told_of(locator, samples):
    for name in ("standing", "far_away", "lying_down"):
        result = locator.locate(samples[name])
        assert (len(result.people), result.person) == (1, 1)
        assert "several_people" not in issues(result)


def test_a_photo_of_nobody_has_no_people(locator):
    grey = np.full((400, 300, 3), 128, np.uint8)
    result = locator.locate(grey)
    assert result.people == ()
    assert list(result.each()) == [result]


class HalvesOfAPhoto:
    """Networks that see a back in the upper half of a photo, one or none in the lower, and none in the whole."""

    def __init__(self, upper, lower, height):
        self.upper, self.lower, self.height = upper, lower, height
        self.seen = []

    def read(self, rgb):
        if rgb.shape[0] != self.height // 2:
            return ()
        self.seen.append(rgb)
        there = self.upper if len(self.seen) == 1 else self.lower
        return () if there is None else (there,)

    def witnessed(self, rgb, backs, in_doubt):
        return tuple(backs)

    def glance(self, rgb):
        return None


def in_halves(away):
    """The backs of a photo of 600 x 1600 whose halves show one each, the lower so many spines below the other."""
    upper = read_back(moved(make_pose(), shift=(0, 200)))
    below = np.array([0.0, away * upper.spine_px - 800])
    lower = dataclasses.replace(upper, keypoints=upper.keypoints + below)
    networks = HalvesOfAPhoto(upper, lower, 1600)
    return people.between(networks, np.zeros((1600, 600, 3), np.uint8), None, lambda back: True)


def test_two_people_one_above_the_other_are_found_in_the_halves_of_a_photo_that_was_read_as_none():
    first, second = in_halves(1.7)
    assert second.levels["C7"][1] - first.levels["C7"][1] == pytest.approx(1.7 * first.spine_px)


def test_the_halves_of_one_back_are_not_two_people():
    assert in_halves(1.0) == ()


@pytest.mark.parametrize(("away", "found"), [((0.0, 1.7), 1), ((0.8, 0.0), 1), ((0.0, 0.1), 0)])
def test_a_back_in_a_half_of_a_photo_is_marked_where_somebody_else_stands_above_below_or_beside(away, found):
    """Where nobody else is, half of a photo would show half a back."""
    back = read_back(moved(make_pose(), shift=(0, 200)))
    networks = HalvesOfAPhoto(back, None, 1600)
    somebody = tuple(end + np.multiply(away, back.spine_px) for end in people.spine_of(back))
    backs = people.between(networks, np.zeros((1600, 600, 3), np.uint8), somebody, lambda back: True)
    assert len(backs) == found


@pytest.mark.parametrize("names", [("standing", "from_the_front"), ("from_the_front", "standing")])
def test_a_back_beside_a_front_is_marked_and_the_front_is_not(names, locator, samples):
    photo = side_by_side(samples, *names)
    result = locator.locate(photo)
    assert isinstance(result.outcome, Location)
    assert len(result.people) == 1
    half = photo.shape[1] / 2
    on_the_left = [point.x_px < half for point in result.outcome.points]
    assert all(on_the_left) if names[0] == "standing" else not any(on_the_left)
    assert "several_people" in issues(result)


def test_heads_are_hidden_of_everybody_who_was_found(locator):
    result = locator.locate(GROUPS[0])
    assert len(blur.heads(result)) == len(result.people)
    assert blur.head(result.outcome) in blur.heads(result)
