"""A bare back is found wherever it lies in a photo and however that is turned; places come back in its pixels."""

import dataclasses
import hashlib
import math
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locator.core import keypoints, resources, toml
from locator.core.body import Side
from locator.estimate import back_estimator, back_reading, fusion
from locator.estimate.witnesses import Witnesses
from locator.models import heatmap_network, registry
from locator.models.heatmap_network import OUTSIDE, HeatmapPrediction

TABLE = keypoints.of_back_networks()
NAMES = TABLE.names
DATA = toml.load(resources.path("models") / "back_layout.toml")
LAYOUT = np.array([DATA["keypoints"][name] for name in NAMES])
COARSE_PX, FINE_PX, WITNESS_PX = (DATA["side_px"][name] for name in ("coarse", "fine", "witness"))

# What is painted: a colour each, as a channel and a sign from grey; the two sides of a pair look alike, as on a back.
LEVELS = {"C7": (0, 1), "T9": (1, 1), "S2": (2, 1)}
PAIRS = {"BL-43/": (0, -1), "BL-52/": (1, -1), "hip_": (2, -1)}
PAINTED = [NAMES.index(name) for name in (*LEVELS, *(pair + side for pair in PAIRS for side in "LR"))]


class Body(NamedTuple):
    """A painted back: (24, 2) px its places, and the picture."""

    places: np.ndarray
    rgb: np.ndarray


def rotated(points, degrees):
    angle = math.radians(degrees)
    return points @ np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])


def paint(size=(600, 800), spine_px=260.0, degrees=0.0, at=(0.5, 0.5), seed=1, without=()):
    """A back that differs from the average, its sides from each other, on a grey photo of (width, height)."""
    shape = LAYOUT + np.random.default_rng(seed).uniform(-0.012, 0.012, LAYOUT.shape)
    places = spine_px * rotated(shape - LAYOUT[[0, 7]].mean(axis=0), degrees) + np.array(at) * size
    x, y = np.meshgrid(np.arange(size[0]), np.arange(size[1]))
    colour = np.zeros((size[1], size[0], 3))
    for row in PAINTED:
        name = NAMES[row]
        channel, sign = LEVELS.get(name) or PAIRS[name[:-1]]
        if name not in without:
            off = (x - places[row, 0]) ** 2 + (y - places[row, 1]) ** 2
            colour[:, :, channel] += sign * 125.0 * np.exp(-off / (2 * (0.025 * spine_px) ** 2))
    return Body(places, np.round(OUTSIDE + colour).clip(0, 255).astype(np.uint8))


def spots(rgb):
    """Name → px of what is painted, sides as one who sees the back from behind would name them."""
    if np.ptp(rgb, axis=2).max() < 20:
        return {}
    off = rgb.astype(np.float64) - OUTSIDE
    y, x = np.mgrid[: rgb.shape[0], : rgb.shape[1]]

    def centre(weight):
        return np.array([(weight * x).sum(), (weight * y).sum()]) / weight.sum() if weight.max() > 20 else None

    def weight(channel, sign):
        away = sign * off[:, :, channel]
        return np.where(away > 3, away, 0.0)

    found = {name: centre(weight(*colour)) for name, colour in LEVELS.items()}
    seen = [place for place in found.values() if place is not None]
    if len(seen) >= 2:
        down = seen[-1] - seen[0]
        rightwards = (x - seen[0][0]) * down[1] - (y - seen[0][1]) * down[0]
        for pair, colour in PAIRS.items():
            found[pair + "L"] = centre(weight(*colour) * (rightwards < 0))
            found[pair + "R"] = centre(weight(*colour) * (rightwards > 0))
    return {name: place for name, place in found.items() if place is not None}


class Knowing:
    """A network that knows the painted back at any angle; what is hidden it works out, less surely.

    ``wrongly`` changes what it says of the picture with that number, counted from the first.
    """

    def __init__(self, side_px, wrongly=None):
        self.side_px, self.wrongly, self.batches, self.seen = side_px, wrongly or {}, [], 0

    def predict(self, pictures):
        self.batches.append(pictures)
        return [self._one(picture) for picture in pictures]

    def _one(self, picture):
        assert picture.shape == (self.side_px, self.side_px, 3)
        assert picture.dtype == np.uint8
        found = spots(picture)
        number, self.seen = self.seen, self.seen + 1
        if len(found) < 2:
            middle = np.full((len(NAMES), 2), (self.side_px - 1) / 2)
            return HeatmapPrediction(middle, np.full(len(NAMES), 50.0), 0.02)
        rows = [NAMES.index(name) for name in found]
        layout, there = LAYOUT[rows] @ [1, 1j], np.array(list(found.values())) @ [1, 1j]
        turn, shift = np.polyfit(layout, there, 1)
        fitted = turn * (LAYOUT @ [1, 1j]) + shift
        places, scale = np.stack([fitted.real, fitted.imag], axis=1), np.full(len(NAMES), 4.0)
        for row, place in zip(rows, found.values(), strict=True):
            places[row], scale[row] = place, 0.5
        return self.wrongly.get(number, lambda told: told)(HeatmapPrediction(places, scale, 0.98))


def says(change):
    """Changes only the places, by what is done to them about their middle."""

    def changed(told):
        middle = (told.keypoints[0] + told.keypoints[7]) / 2
        return dataclasses.replace(told, keypoints=change(told.keypoints - middle) + middle)

    return changed


upside_down = says(lambda places: -places)


def always(back):
    """Whether a reading needs a second witness."""
    return True


class Witness:
    """A network that has seen people, and says of all that it is shown what it is told to."""

    def __init__(self, says=0.0):
        self.side_px, self.says, self.shown = WITNESS_PX, says, []

    def logits(self, pictures):
        self.shown += pictures
        return [self.says] * len(pictures)


def reader(coarse=None, fine=None, witness=None, region_witness=None):
    return back_estimator.BackReader(
        coarse or Knowing(COARSE_PX),
        fine or Knowing(FINE_PX),
        Witnesses(witness or Witness(), region_witness or Witness()),
        TABLE,
        LAYOUT,
        np.zeros(len(TABLE)),
    )


def read_at(reading, name):
    return reading.keypoints[NAMES.index(name)]


def assert_found(reading, body, names=tuple(NAMES[row] for row in PAINTED), within_px=1.0):
    for name in names:
        off = np.linalg.norm(read_at(reading, name) - body.places[NAMES.index(name)])
        assert off <= within_px, f"{name} is {off:.2f} px off"


bodies = st.builds(
    paint,
    size=st.tuples(st.integers(320, 900), st.integers(320, 900)),
    spine_px=st.floats(110, 150),
    degrees=st.floats(-180, 180),
    at=st.tuples(st.floats(0.48, 0.52), st.floats(0.48, 0.52)),
    seed=st.integers(0, 1000),
)


@settings(deadline=None, max_examples=30)
@given(body=bodies)
def test_a_back_is_found_wherever_it_is_at_any_angle_and_size_with_the_subjects_sides(body):
    best = reader().read(body.rgb)[0]
    assert_found(best, body)
    assert best.n_views == 4
    assert best.spine_px == pytest.approx(np.linalg.norm(body.places[7] - body.places[0]), rel=0.02)


@settings(deadline=None, max_examples=20)
@given(
    degrees=st.floats(-180, 180),
    cut=st.sampled_from([("C7",), ("hip_L", "hip_R"), ("C7", "hip_L", "hip_R"), ("BL-43/L", "hip_R"), ("S2",)]),
)
def test_what_the_photo_does_not_show_does_not_move_what_it_shows(degrees, cut):
    body = paint(degrees=degrees, without=cut)
    shown = [NAMES[row] for row in PAINTED if NAMES[row] not in cut]
    best = reader().read(body.rgb)[0]
    assert_found(best, body, shown)
    assert_found(best, body, cut, within_px=0.05 * best.spine_px)


@pytest.mark.parametrize("turns", range(4))
def test_a_part_of_a_photo_reads_like_the_whole_of_it(turns):
    body = paint(size=(500, 700), spine_px=300.0, degrees=12.0)
    top, left = round(body.places[0, 1] + 24), 60  # below C7
    part = np.rot90(body.rgb[top:655, left:], turns)
    best = reader().read(part)[0]
    width, height = part.shape[1], part.shape[0]
    x, y = best.keypoints.T
    x, y = ((x, y), (height - 1 - y, x), (width - 1 - x, height - 1 - y), (y, width - 1 - x))[turns]
    whole = dataclasses.replace(best, keypoints=np.stack([x + left, y + top], axis=1))
    assert_found(whole, body, [NAMES[row] for row in PAINTED if NAMES[row] != "C7"])


@pytest.mark.parametrize("size", [(1003, 1607), (1607, 1003), (1207, 1211)])
def test_in_a_large_photo_of_odd_pixels_nothing_is_shifted(size):
    body = paint(size=size, spine_px=0.4 * min(size), degrees=25.0, at=(0.7, 0.65))
    best = reader().read(body.rgb)[0]
    assert_found(best, body, within_px=0.003 * best.spine_px)  # a third of a pixel of what the network sees


def test_a_mirrored_photo_exchanges_the_sides():
    body = paint(degrees=20.0)
    here = reader().read(body.rgb)[0]
    there = reader().read(np.ascontiguousarray(body.rgb[:, ::-1]))[0]
    for pair in PAIRS:
        for side, other in ("LR", "RL"):
            mirrored = [body.rgb.shape[1] - 1, 0] + read_at(here, pair + side) * [-1, 1]
            np.testing.assert_allclose(read_at(there, pair + other), mirrored, atol=1.0)


@pytest.mark.parametrize("cut", [False, True])
def test_it_is_known_whether_the_photo_goes_down_to_the_end_of_the_spine(cut):
    body = paint()
    end = round(body.places[NAMES.index("S2")][1])
    best = reader().read(body.rgb[: end - 15 if cut else None])[0]
    assert best.s2_visible == (0.0 if cut else 1.0)


# Four coarse views.


def test_a_view_that_takes_the_back_upside_down_is_outvoted():
    body = paint(degrees=-35.0)
    for lying in range(4):
        readings = reader(coarse=Knowing(COARSE_PX, {lying: upside_down})).read(body.rgb)
        assert_found(readings[0], body)
        assert readings[0].n_views == 3
        assert [other.n_views for other in readings[1:]] == [1]


def test_views_that_differ_a_little_mean_one_back():
    nudged = {k: says(lambda p, k=k: 1.03 * rotated(p, 4 * k - 6)) for k in range(4)}
    body = paint()
    readings = reader(coarse=Knowing(COARSE_PX, nudged)).read(body.rgb)
    assert [one.n_views for one in readings] == [4]
    assert_found(readings[0], body)


def test_of_views_that_all_differ_each_is_told_and_none_has_company():
    apart = {k: says(lambda p, k=k: rotated(p, 80 * k)) for k in range(4)}
    readings = reader(coarse=Knowing(COARSE_PX, apart)).read(paint().rgb)
    assert [one.n_views for one in readings] == [1, 1, 1, 1]


# Fine views.


def test_the_fine_views_are_taken_upright_where_the_first_of_them_said_the_back_is():
    aside = np.array([5.0, 5.0])  # px of the coarse picture, turned counter-clockwise along with it
    astray = {k: says(lambda p, k=k: 1.15 * rotated(p, 14) + rotated(aside, -90 * k)) for k in range(4)}
    fine = Knowing(FINE_PX)
    body = paint(degrees=110.0)
    best = reader(coarse=Knowing(COARSE_PX, astray), fine=fine).read(body.rgb)[0]
    first, *more = fine.batches
    assert len(first) == 1
    assert 1 <= len(more) <= 3
    last = more[-1]

    def off_centre(picture):
        seen = spots(picture)
        middle = (seen["C7"] + seen["S2"]) / 2
        return float(np.linalg.norm(middle - (FINE_PX - 1) / 2)), seen["S2"] - seen["C7"]

    assert off_centre(first[0])[0] > 8.0
    for picture in last:
        off, down = off_centre(picture)
        assert off < 3.0
        assert abs(down[0]) < 0.05 * down[1]
        assert down[1] == pytest.approx(0.55 * FINE_PX, rel=0.04)
    np.testing.assert_array_equal(last[1], last[0][:, ::-1])
    assert_found(best, body)


def test_a_back_that_is_where_it_was_looked_for_is_not_looked_at_again():
    fine = Knowing(FINE_PX)
    reader(fine=fine).read(paint().rgb)
    assert [len(batch) for batch in fine.batches] == [1, 2]


def test_what_the_first_fine_view_rules_out_is_not_looked_at_again_nor_shown_to_the_witness():
    def ruled_out(told):
        return dataclasses.replace(told, back_probability=1e-9)

    fine, witness = Knowing(FINE_PX, {0: ruled_out}), Witness()
    one = reader(fine=fine, witness=witness)
    told = one.witnessed(paint().rgb, one.read(paint().rgb), always)
    assert [len(batch) for batch in fine.batches] == [1]
    assert witness.shown == []
    assert not any(fusion.sure(back) for back in told)


def test_joints_that_lie_further_from_a_near_camera_than_the_spine_do_not_shift_the_region():
    def nearer(told):
        joints = [row for row, one in enumerate(TABLE.keypoints) if one.kind is keypoints.Kind.JOINT]
        places = told.keypoints.copy()
        places[joints] += 0.3 * (places.mean(axis=0) - places[joints])
        return dataclasses.replace(told, keypoints=places)

    fine = Knowing(FINE_PX, dict.fromkeys(range(7), nearer))
    reader(fine=fine).read(paint().rgb)
    shown = spots(fine.batches[-1][0])
    assert (shown["S2"] - shown["C7"])[1] == pytest.approx(0.55 * FINE_PX, rel=0.01)


def test_a_network_that_is_drawn_towards_where_it_was_told_to_look_finds_the_back_all_the_same():
    expected = (FINE_PX - 1) / 2 + 0.55 * FINE_PX * (LAYOUT - [0.0, 0.5])
    # A third of the way, as on photos of people in clothes; bare backs are read where they are.
    drawn = dict.fromkeys(
        range(7), lambda told: dataclasses.replace(told, keypoints=(2 * told.keypoints + expected) / 3)
    )
    aside = np.array([6.0, 6.0])
    astray = {k: says(lambda p, k=k: 1.15 * rotated(p, 14) + rotated(aside, -90 * k)) for k in range(4)}
    body = paint(degrees=110.0)
    best = reader(coarse=Knowing(COARSE_PX, astray), fine=Knowing(FINE_PX, drawn)).read(body.rgb)[0]
    off = (best.keypoints - body.places)[list(TABLE.always_in_view)].mean(axis=0)
    assert np.linalg.norm(off) < 0.1 * np.hypot(6, 6) * 800 / (0.8 * COARSE_PX)


def test_both_ways_round_the_fine_views_say_the_same_of_a_back_that_differs_from_side_to_side():
    best = reader().read(paint(seed=5).rgb)[0]
    assert best.flip_disagreement < 0.003


def test_what_the_fine_views_differ_by_makes_a_reading_less_certain():
    body = paint()
    surely = reader().read(body.rgb)[0]
    aside = says(lambda p: p + (6.0, 0.0))
    swaying = reader(fine=Knowing(FINE_PX, dict.fromkeys((2, 4, 6), aside))).read(body.rgb)[0]
    # Six pixels to the right in the mirror are six to the left: three either way from the mean.
    assert swaying.flip_disagreement == pytest.approx(3.0 / (0.55 * FINE_PX), rel=0.1)
    assert swaying.relative_uncertainty > surely.relative_uncertainty + 0.8 * swaying.flip_disagreement
    shift = (swaying.keypoints - surely.keypoints)[PAINTED].mean(axis=0)
    assert shift[0] == pytest.approx(-3.0 * surely.spine_px / (0.55 * FINE_PX), rel=0.15)


def test_how_far_off_a_place_may_be_is_told_in_pixels_of_the_photo_for_its_own_side():
    def unsure_at_left(told):
        scale = told.error_scale_px.copy()
        scale[NAMES.index("hip_L")] = 3.0
        return dataclasses.replace(told, error_scale_px=scale)

    def unsure_at_right(told):  # as the same side looks in the mirror
        scale = told.error_scale_px.copy()
        scale[NAMES.index("hip_R")] = 3.0
        return dataclasses.replace(told, error_scale_px=scale)

    fine = Knowing(FINE_PX, {1: unsure_at_left, 2: unsure_at_right})
    best = reader(fine=fine).read(paint(spine_px=300.0).rgb)[0]
    per_px = best.spine_px / (0.55 * FINE_PX)
    assert best.error_scale_px[NAMES.index("hip_L")] == pytest.approx(3.0 * per_px, rel=0.05)
    assert best.error_scale_px[NAMES.index("hip_R")] == pytest.approx(0.5 * per_px, rel=0.05)


def test_either_networks_doubt_is_heard_as_much_as_the_others():
    def doubting(told):
        return dataclasses.replace(told, back_probability=0.2)

    def believed(coarse, fine):
        return reader(Knowing(COARSE_PX, coarse), Knowing(FINE_PX, fine)).read(paint().rgb)[0].back_probability

    neither = believed({}, {})
    coarse = believed(dict.fromkeys(range(4), doubting), {})
    fine = believed({}, {1: doubting, 2: doubting})
    both = believed(dict.fromkeys(range(4), doubting), {1: doubting, 2: doubting})
    assert both < coarse < neither
    assert fine == pytest.approx(coarse)


# What lies outside of a photo, and photos of nothing.


def test_what_lies_outside_of_the_photo_is_grey():
    coarse, fine = Knowing(COARSE_PX), Knowing(FINE_PX)
    white = np.full((300, 500, 3), 255, np.uint8)
    reader(coarse, fine).read(white)
    for picture in (*coarse.batches[0], *(one for batch in fine.batches for one in batch)):
        assert set(np.unique(picture)) >= {255}
    for turns, picture in enumerate(coarse.batches[0]):
        upright = np.rot90(picture, -turns)
        rows, columns = np.nonzero((upright == 255).all(axis=2))
        assert (np.ptp(columns) + 1, np.ptp(rows) + 1) == (0.8 * COARSE_PX, round(0.8 * COARSE_PX * 300 / 500))
        assert (upright[upright.min(axis=2) < 255] == OUTSIDE).all()

    at_the_edge = paint(size=(400, 400), spine_px=300.0, at=(0.5, 0.5))
    fine = Knowing(FINE_PX)
    reader(fine=fine).read(at_the_edge.rgb)
    assert all((picture[0] == OUTSIDE).all() for batch in fine.batches for picture in batch)


class Blind:
    """Says the same of every picture."""

    def __init__(self, side_px, places, scale=1.0):
        self.side_px, self.told = side_px, HeatmapPrediction(places, np.full(len(NAMES), scale), 0.9)

    def predict(self, pictures):
        return [self.told for _ in pictures]


PICTURES = [
    pytest.param(np.full(shape + (3,), grey, np.uint8), id=f"{shape[1]}x{shape[0]} {grey}")
    for shape in ((1, 1), (2000, 3), (3, 2000), (1, 700), (2, 2), (480, 640))
    for grey in (0, 200)
]


@pytest.mark.parametrize("rgb", PICTURES)
def test_a_photo_of_nothing_is_read_too(rgb):
    for one in reader().read(rgb):
        assert np.isfinite(one.keypoints).all()
        assert one.back_probability < 0.5


@pytest.mark.parametrize("rgb", PICTURES)
@pytest.mark.parametrize("scale", [0.05, 150.0])
@pytest.mark.parametrize("middle", [79.5, 0.0])
def test_places_that_all_fall_together_are_no_sure_back_and_no_error(rgb, scale, middle):
    together = np.full((len(NAMES), 2), middle)
    readings = reader(Blind(COARSE_PX, together, scale), Blind(FINE_PX, together, scale)).read(rgb)
    for one in readings:
        assert np.isfinite(one.keypoints).all()
        assert one.relative_uncertainty > 1.0


def test_places_strewn_about_are_no_error():
    rng = np.random.default_rng(3)
    for _ in range(20):
        strewn = [rng.uniform(-0.5, side, (len(NAMES), 2)) for side in (COARSE_PX, FINE_PX)]
        readings = reader(Blind(COARSE_PX, strewn[0]), Blind(FINE_PX, strewn[1])).read(paint().rgb)
        assert readings
        assert all(np.isfinite([*one.keypoints.ravel(), one.flip_disagreement]).all() for one in readings)


def test_the_photo_is_left_as_it_was():
    body = paint()
    before = body.rgb.copy()
    reader().read(body.rgb)
    np.testing.assert_array_equal(body.rgb, before)


def test_a_reading_in_a_reduced_picture_is_told_in_the_photos_pixels():
    best = reader().read(paint().rgb)[0]
    larger = best.enlarged(2.5)
    corner = np.array([-0.5, -0.5])  # of the photo, half a pixel from the middle of its first one
    np.testing.assert_allclose(larger.keypoints - corner, 2.5 * (best.keypoints - corner))
    assert larger.spine_px == pytest.approx(2.5 * best.spine_px)
    assert larger.relative_uncertainty == pytest.approx(best.relative_uncertainty)


# The networks themselves.


@pytest.fixture(scope="module")
def loaded():
    return back_estimator.load()


def test_the_networks_that_come_with_the_program_are_named_with_their_sums(loaded):
    assert [name.name for name in loaded[1]] == list(registry.OWN)
    sums = [hashlib.sha256(registry.own(key)[0].read_bytes()).hexdigest() for key in registry.OWN]
    assert [name.sha256 for name in loaded[1]] == sums


def test_a_network_goes_on_after_what_is_no_picture():
    one = heatmap_network.HeatmapNetwork(partial(registry.own_weights, "back_coarse"), COARSE_PX)
    grey = np.full((COARSE_PX, COARSE_PX, 3), OUTSIDE, np.uint8)
    before = one.predict([grey])[0]
    for none in (grey[:0], grey[..., 0], grey.astype(np.float32)):
        with pytest.raises((TypeError, ValueError)):
            one.predict([none])
    np.testing.assert_array_equal(one.predict([grey])[0].keypoints, before.keypoints)


def test_several_threads_may_ask_one_network():
    pictures = list(np.random.default_rng(4).integers(0, 256, (12, FINE_PX, FINE_PX, 3), dtype=np.uint8))
    one = heatmap_network.HeatmapNetwork(partial(registry.own_weights, "back_fine"), FINE_PX)
    alone = one.predict(pictures)
    with ThreadPoolExecutor(4) as threads:
        for told, expected in zip(threads.map(lambda picture: one.predict([picture])[0], pictures), alone, strict=True):
            np.testing.assert_array_equal(told.keypoints, expected.keypoints)


@pytest.mark.parametrize(("key", "side"), [("back_coarse", COARSE_PX), ("back_fine", FINE_PX)])
def test_a_network_says_the_same_of_a_picture_whatever_comes_beside_it(key, side):
    pictures = list(np.random.default_rng(2).integers(0, 256, (4, side, side, 3), dtype=np.uint8))
    one = heatmap_network.HeatmapNetwork(partial(registry.own_weights, key), side)
    together = one.predict(pictures)
    for picture, told in zip(pictures[::-1], together[::-1], strict=True):
        alone = one.predict([picture])[0]
        assert told.keypoints.shape == (len(NAMES), 2)
        assert told.error_scale_px.shape == (len(NAMES),)
        np.testing.assert_allclose(alone.keypoints, told.keypoints, atol=0.01)
        np.testing.assert_allclose(alone.error_scale_px, told.error_scale_px, rtol=1e-3)
        assert alone.back_probability == pytest.approx(told.back_probability, abs=1e-4)


@pytest.mark.parametrize("key", ["back_witness", "back_region_witness"])
def test_a_witness_says_the_same_of_a_picture_whatever_comes_beside_it(key):
    pictures = list(np.random.default_rng(3).integers(0, 256, (4, WITNESS_PX, WITNESS_PX, 3), dtype=np.uint8))
    witness = heatmap_network.WitnessNetwork(partial(registry.own_weights, key), WITNESS_PX)
    alone = [witness.logits([picture])[0] for picture in pictures]
    np.testing.assert_allclose(witness.logits(pictures), alone, atol=1e-3)


@pytest.mark.parametrize("turns", range(4))
def test_the_witness_is_shown_the_whole_photo_once_with_the_back_upright_and_its_word_counts(turns):
    witness = Witness(says=3.0)
    body = paint(degrees=90.0 * turns)
    read = reader(witness=witness).read(body.rgb)
    told = reader(witness=witness).witnessed(body.rgb, (read[0], read[0]), always)
    (shown,) = witness.shown
    assert shown.shape == (WITNESS_PX, WITNESS_PX, 3)
    found = spots(shown)
    assert found["S2"][1] - found["C7"][1] > 3 * abs(found["S2"][0] - found["C7"][0])
    for before, after in zip((read[0], read[0]), told, strict=True):
        assert after.certainty == pytest.approx(before.certainty + 3.0 * back_reading._WITNESS_WEIGHT)
        np.testing.assert_array_equal(after.keypoints, before.keypoints)


def test_the_regions_witness_is_asked_only_of_what_is_still_in_doubt():
    witness, body = Witness(says=3.0), paint()
    back = reader().read(body.rgb)[0]
    enough = back.certainty + 2.9 * back_reading._WITNESS_WEIGHT
    (told,) = reader(witness=Witness(3.0), region_witness=witness).witnessed(
        body.rgb, (back,), lambda seen: seen.certainty <= enough
    )
    assert told.certainty > enough
    assert not witness.shown


@pytest.mark.parametrize("degrees", [0.0, 90.0, 200.0])
def test_the_regions_witness_is_shown_the_back_upright_as_it_is_and_mirrored_and_its_word_counts(degrees):
    witness = Witness(says=3.0)
    body = paint(degrees=degrees)
    before = reader().read(body.rgb)[0]
    assert before.seconded_certainty == -math.inf
    (after,) = reader(region_witness=witness).witnessed(body.rgb, (before,), always)
    for shown in witness.shown:
        assert shown.shape == (WITNESS_PX, WITNESS_PX, 3)
        found = spots(shown)
        assert found["S2"][1] - found["C7"][1] > 10 * abs(found["S2"][0] - found["C7"][0])
    as_it_is, mirrored = witness.shown
    np.testing.assert_array_equal(as_it_is, mirrored[:, ::-1])
    assert after.certainty == pytest.approx(before.certainty)
    assert after.seconded_certainty == pytest.approx(before.certainty + 3.0 * back_reading._WITNESS_WEIGHT)
    np.testing.assert_array_equal(after.keypoints, before.keypoints)


@pytest.mark.parametrize("rgb", PICTURES)
def test_the_networks_that_come_with_the_program_read_a_photo_of_nothing_too(loaded, rgb):
    for one in loaded[0].read(rgb):
        assert np.isfinite(one.keypoints).all()
        assert not fusion.sure(one)


def test_the_marks_are_without_the_networks_bias_and_the_next_view_is_led_by_what_it_read():
    body = paint(degrees=20.0)
    low = np.where(np.isin(np.arange(len(TABLE)), list(TABLE.spine)), 0.02, 0.0)
    plain = reader().read(body.rgb)[0]
    corrected = dataclasses.replace(plain, bias=low)
    np.testing.assert_array_equal(corrected.keypoints, plain.keypoints)
    up = plain.levels["C7"] - plain.levels["S2"]
    for name, point in corrected.levels.items():
        np.testing.assert_allclose(point, plain.levels[name] + 0.02 * up, atol=1e-9)
    for mark, point in corrected.marks.items():
        if mark[1] is not Side.MIDLINE:
            np.testing.assert_allclose(point, plain.marks[mark], atol=1e-9)
