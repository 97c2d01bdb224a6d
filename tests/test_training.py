"""What the networks are trained on shows what it is said to show, and means what the program takes it for."""

import dataclasses
import math

import numpy as np
import pytest

from lab.training import augment
from lab.training.places import COARSE, FINE, NAMES, PASSES, TABLE
from locator.core import keypoints, resources, toml
from locator.core.body import OTHER_SIDE, Side

LAYOUT = toml.load(resources.path("models") / "back_layout.toml")


@pytest.fixture(scope="module")
def scene():
    """A body of white dots, one at each place: what is learned from it can be read off the picture."""
    layout = np.array([LAYOUT["keypoints"][name] for name in NAMES])
    places = np.array([192.0, 132.0]) + layout * 120.0
    rgba = np.zeros((384, 384, 4), np.uint8)
    y, x = np.mgrid[:384, :384]
    for px, py in places:
        rgba[(x - px) ** 2 + (y - py) ** 2 < 9] = 255
    return augment.Scene(rgba, places.astype(np.float32), 0.25, np.ones(len(NAMES), np.float32), math.inf, True, False)


def test_program_and_training_mean_the_same_places():
    assert keypoints.of_back_networks().names == NAMES
    assert LAYOUT["side_px"] == {name: one.side_px for name, one in PASSES.items()}


def test_a_mirror_exchanges_left_and_right_and_nothing_else():
    for one, index in zip(TABLE.keypoints, TABLE.mirrored, strict=True):
        other = TABLE.keypoints[index]
        assert other.side is OTHER_SIDE[one.side]
        assert (other.kind, other.level, other.acupoint) == (one.kind, one.level, one.acupoint)
        assert (other is one) == (one.side is Side.MIDLINE)
        assert other.name[:-1] == one.name[:-1]


@pytest.mark.parametrize("of", [COARSE, FINE], ids=lambda of: of.name)
def test_places_stay_where_the_body_shows_them_whatever_the_photo_is_like(scene, of, monkeypatch):
    monkeypatch.setattr(augment, "_things_in_front", lambda picture, *_: picture)
    monkeypatch.setattr(augment, "_camera", lambda picture, _: picture)
    monkeypatch.setattr(augment, "_background", lambda side, _: np.zeros((side, side, 3), np.uint8))
    rng = np.random.default_rng(3)
    found = 0
    for _ in range(40):
        look = augment.look(scene, of, rng)
        spine_px = np.linalg.norm(look.places[7] - look.places[0])
        if spine_px < 60:
            continue  # the dots run into each other
        for x, y in look.places[look.weight > 0]:
            spot = look.picture[round(float(y)), round(float(x))]
            if (spot != augment.OUTSIDE).any():
                assert spot.min() > 100, "a place without its dot"
                found += 1
    assert found > 200


@pytest.mark.parametrize("of", [COARSE, FINE], ids=lambda of: of.name)
def test_the_subjects_right_is_to_the_right_of_the_spine_in_mirrored_looks_too(scene, of):
    rng = np.random.default_rng(7)
    right = [row for row, one in enumerate(TABLE.keypoints) if one.side is Side.RIGHT]
    left = [TABLE.mirrored[row] for row in right]
    for _ in range(30):
        places = augment.look(scene, of, rng).places
        down = places[NAMES.index("S2")] - places[NAMES.index("C7")]
        assert ((places[right] - places[left]) @ [down[1], -down[0]] > 0).all()


@pytest.mark.parametrize("of", [COARSE, FINE], ids=lambda of: of.name)
def test_a_camera_that_is_near_holds_no_more_than_a_lens_does(scene, of):
    rng = np.random.default_rng(6)
    spine_px = float(np.linalg.norm(scene.places[NAMES.index("S2")] - scene.places[NAMES.index("C7")]))
    nothing_but_skin = {}
    for reach in (0.9, 1.5, math.inf):
        near = dataclasses.replace(scene, reach=reach * spine_px)
        photos = [augment._photo(scene.places, spine_px, near, of, rng) for _ in range(60)]
        for _, (left_top, right_top, _, left_bottom) in photos:
            assert np.linalg.norm(right_top - left_top) <= reach * spine_px
            assert np.linalg.norm(left_bottom - left_top) <= reach * spine_px
        nothing_but_skin[reach] = np.mean([bare for bare, _ in photos])
    assert nothing_but_skin[0.9] > 0.5 > nothing_but_skin[math.inf] > 0.0


def test_fronts_and_sides_are_cut_to_nothing_but_skin_more_often_since_there_they_look_most_like_backs(scene):
    rng = np.random.default_rng(7)
    spine_px = float(np.linalg.norm(scene.places[NAMES.index("S2")] - scene.places[NAMES.index("C7")]))
    front = dataclasses.replace(scene, back=False)
    of_backs, of_fronts = (
        np.mean([augment._photo(one.places, spine_px, one, FINE, rng)[0] for _ in range(300)]) for one in (scene, front)
    )
    assert of_fronts > 1.5 * of_backs


def test_the_fine_look_shows_the_back_upright(scene):
    rng = np.random.default_rng(4)
    for _ in range(30):
        look = augment.look(scene, FINE, rng)
        down = look.places[NAMES.index("S2")] - look.places[NAMES.index("C7")]
        assert abs(np.degrees(np.arctan2(down[0], down[1]))) < 40
        assert 0.3 * FINE.side_px < np.linalg.norm(down) < 0.95 * FINE.side_px


def test_the_coarse_look_shows_the_back_at_every_angle(scene):
    rng = np.random.default_rng(5)
    looks = [augment.look(scene, COARSE, rng) for _ in range(60)]
    downs = [look.places[NAMES.index("S2")] - look.places[NAMES.index("C7")] for look in looks]
    quarters = {round(np.degrees(np.arctan2(down[0], down[1])) / 90) % 4 for down in downs}
    assert quarters == {0, 1, 2, 3}


@pytest.mark.parametrize("of", [COARSE, FINE], ids=lambda of: of.name)
def test_what_is_no_back_teaches_no_places(scene, of):
    rng = np.random.default_rng(6)
    front = augment.Scene(scene.rgba, scene.places, scene.px_per_mm, scene.weight, math.inf, False, False)
    for look in (augment.look(front, of, rng), augment.nothing(of, rng)):
        assert not look.back
        assert not look.weight.any()
        assert look.picture.shape == (of.side_px, of.side_px, 3)
