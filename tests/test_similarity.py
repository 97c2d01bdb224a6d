"""One pixel convention: a photo and its turned or mirrored copies are marked on the same pixels, exactly."""

from types import SimpleNamespace

import numpy as np
import pytest
from conftest import make_pose

from locator.core import similarity
from locator.core.body import LANDMARKS, POSE_KEYPOINTS, Pose, Side
from locator.core.similarity import Similarity
from locator.estimate import handles, hands, placing, pose_ensemble, pose_model
from locator.models import registry
from locator.photo import crops, sources

TURNS = pytest.mark.parametrize("quarter_turns", [0, 1, 2, 3])
SIZE = (600, 800)  # as the poses of make_pose are made for


def random_picture(size=SIZE):
    return np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), np.uint8)


@TURNS
def test_a_pixel_goes_where_its_picture_is_turned(quarter_turns):
    picture = random_picture((4, 7))
    turned = similarity.turned_picture(picture, quarter_turns)
    np.testing.assert_array_equal(turned, np.rot90(picture, quarter_turns))
    there, back = Similarity.turning(quarter_turns, (4, 7)), Similarity.turning_back(quarter_turns, (4, 7))
    for x in range(4):
        for y in range(7):
            column, row = there.of(np.array([x, y])).astype(int)
            np.testing.assert_array_equal(turned[row, column], picture[y, x])
            np.testing.assert_array_equal(back.of(np.array([column, row])), [x, y])


def test_a_pixel_goes_where_its_picture_is_mirrored():
    picture = random_picture((5, 3))
    mirrored = similarity.mirrored_picture(picture)
    for x in range(5):
        column, row = Similarity.mirroring(5).of(np.array([x, 1])).astype(int)
        np.testing.assert_array_equal(mirrored[row, column], picture[1, x])


def test_the_middle_of_a_pixel_goes_to_the_middle_of_those_that_it_becomes():
    np.testing.assert_allclose(similarity.resized(np.array([[0.0, 1.0]]), 3), [[1.0, 4.0]])
    np.testing.assert_allclose(Similarity.resizing(3).of(np.array([0.0, 1.0])), [1.0, 4.0])
    np.testing.assert_allclose(
        similarity.from_shares(np.array([[0.0, 1.0], [0.5, 0.5]]), (4, 2)), [[-0.5, 1.5], [1.5, 0.5]]
    )


def test_in_a_mirror_sides_are_exchanged_and_twice_mirrored_is_as_before():
    location = placing.from_pose(make_pose())
    mirror = Similarity.mirroring(SIZE[0])
    mirrored = mirror.of_location(location)
    left = {one.code: one for one in location.points if one.side is Side.LEFT}
    for one in mirrored.points:
        if one.side is Side.RIGHT:
            assert one.x_px == SIZE[0] - 1 - left[one.code].x_px
    np.testing.assert_array_equal(mirrored.landmarks.subject_right_hip, mirror.of(location.landmarks.subject_left_hip))
    again = mirror.of_location(mirrored)
    assert [(one.code, one.side) for one in again.points] == [(one.code, one.side) for one in location.points]
    np.testing.assert_allclose([one.x_px for one in again.points], [one.x_px for one in location.points])


@pytest.fixture(scope="module")
def pose():
    registry.setup()
    return pose_model.MediaPipePose(registry.bundle)


class Painted:
    """Finds the one person whose keypoints are painted: each is a pixel whose red is its number."""

    def estimate(self, rgb):
        xy_px = np.zeros((POSE_KEYPOINTS, 2))
        for y, x in np.argwhere(rgb[..., 1] == 0):
            xy_px[rgb[y, x, 0]] = x, y
        return (Pose(xy_px, np.zeros(POSE_KEYPOINTS)),)


@TURNS
def test_views_of_a_turned_picture_are_read_on_the_same_pixels(quarter_turns):
    picture = np.full((SIZE[1], SIZE[0], 3), 200, np.uint8)
    painted = np.round(make_pose().xy_px).astype(int)
    known = np.flatnonzero(painted.any(axis=1))
    for number in known:
        picture[painted[number, 1], painted[number, 0]] = number, 0, 0
    turned = similarity.turned_picture(picture, quarter_turns)
    (body,) = pose_ensemble.predict(turned, Painted())
    there = Similarity.turning(quarter_turns, SIZE)
    np.testing.assert_array_equal(body.pose.xy_px[known], there.of_points(painted[known]))


def test_what_the_pose_model_says_in_shares_is_told_in_middles_of_pixels(monkeypatch):
    corner = SimpleNamespace(x=0.5 / 40, y=19.5 / 20, z=0.1)
    found = SimpleNamespace(pose_landmarks=[[corner] * POSE_KEYPOINTS])
    monkeypatch.setattr(pose_model, "Landmarker", lambda *_, **__: SimpleNamespace(detect=lambda rgb: found))
    (pose,) = pose_model.MediaPipePose(registry.bundle).estimate(np.zeros((20, 40, 3), np.uint8))
    np.testing.assert_allclose(pose.xy_px, [(0, 19)] * POSE_KEYPOINTS, atol=1e-12)


@TURNS
def test_a_hand_in_a_turned_picture_is_found_on_the_same_pixels(quarter_turns, monkeypatch):
    picture = np.full((90, 60, 3), 200, np.uint8)
    painted = np.column_stack([10 + 2 * np.arange(21), 20 + np.arange(21) * 7 % 50])
    for number, (x, y) in enumerate(painted):
        picture[y, x] = number, 0, 0

    def detect(rgb):
        height, width = rgb.shape[:2]
        there = {rgb[y, x, 0]: (x, y) for y, x in np.argwhere(rgb[..., 1] == 0)}
        if len(there) < len(painted):
            return SimpleNamespace(hand_landmarks=[])
        hand = [
            SimpleNamespace(x=(there[number][0] + 0.5) / width, y=(there[number][1] + 0.5) / height)
            for number in range(len(painted))
        ]
        return SimpleNamespace(hand_landmarks=[hand])

    monkeypatch.setattr(hands, "Landmarker", lambda *_, **__: SimpleNamespace(detect=detect))
    upright = hands.HandFinder(b"").find(picture)[0].ends_px
    turned = hands.HandFinder(b"").find(similarity.turned_picture(picture, quarter_turns))[0].ends_px
    np.testing.assert_allclose(turned, Similarity.turning(quarter_turns, (60, 90)).of_points(upright), atol=1e-9)


@TURNS
def test_unset_handles_lie_on_the_same_pixels_of_the_screen_however_the_photo_is_turned(quarter_turns):
    shown = handles.unset(SIZE).landmarks
    photo_size = SIZE if quarter_turns % 2 == 0 else SIZE[::-1]
    to_shown = Similarity.turning(-quarter_turns, photo_size)  # it is shown turned clockwise
    landmarks = handles.unset(photo_size, quarter_turns).landmarks
    for name in LANDMARKS:
        np.testing.assert_allclose(to_shown.of(getattr(landmarks, name)), getattr(shown, name), atol=1e-9)


@TURNS
def test_a_back_is_cut_out_upright_with_its_marks_on_the_same_pixels(quarter_turns):
    picture, location = random_picture(), placing.from_pose(make_pose())
    cut, upright = crops.upright(picture, location)
    turned = Similarity.turning(quarter_turns, SIZE).of_location(location)
    other_cut, other_upright = crops.upright(similarity.turned_picture(picture, quarter_turns), turned)
    np.testing.assert_array_equal(other_cut, cut)
    for one, other in zip(upright.points, other_upright.points, strict=True):
        np.testing.assert_allclose((other.x_px, other.y_px), (one.x_px, one.y_px), atol=1e-9)
    x, y = round(location.points[0].x_px), round(location.points[0].y_px)
    shift = (round(upright.points[0].x_px), round(upright.points[0].y_px))
    np.testing.assert_array_equal(cut[shift[1], shift[0]], picture[y, x])


@TURNS
@pytest.mark.parametrize("name", ["standing", "lying_down"])
def test_a_photo_held_any_way_is_read_by_the_pose_model_on_the_same_pixels(name, quarter_turns, pose, samples):
    rgb = sources.read(samples[name]).rgb
    size = rgb.shape[1], rgb.shape[0]
    upright, turned = (
        max(pose_ensemble.predict(one, pose), key=lambda body: body.n_agreeing).pose
        for one in (rgb, similarity.turned_picture(rgb, quarter_turns))
    )
    there = Similarity.turning(quarter_turns, size)
    np.testing.assert_allclose(turned.xy_px, there.of_points(upright.xy_px), atol=1e-6)
