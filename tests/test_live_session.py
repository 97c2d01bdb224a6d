"""Before a camera: the marks come, keep still on a still back, go along with one that moves, and never stay behind."""

import dataclasses

import cv2
import numpy as np
import pytest

from locator.core.types import Location
from locator.draw.overlay import View
from locator.draw.style import Style
from locator.estimate import fusion
from locator.live.session import Live
from locator.photo import sources

RATE = 30
SIZE = (640, 480)
GREY = np.full((SIZE[1], SIZE[0], 3), 120, np.uint8)


@pytest.fixture
def live(locator):
    opened = Live(locator)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def seen(samples):
    """A sample as a camera of 640 x 480 has it in the middle of its picture."""

    def seen(name, size=SIZE):
        rgb = sources.read(samples[name]).rgb
        scale = size[1] / rgb.shape[0]
        move = np.array([[scale, 0, (size[0] - scale * rgb.shape[1]) / 2], [0, scale, 0]])
        small = cv2.warpAffine(rgb, move, size, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(small)

    return seen


class Camera:
    """Shows pictures to a session at thirty frames a second, each with a grain of its own."""

    def __init__(self, live):
        self.live, self.time_s, self.rng = live, 0.0, np.random.default_rng(1)

    def show(self, *pictures):
        """What the frames came to."""
        return [self._one(picture) for picture in pictures]

    def _one(self, picture):
        self.time_s += 1 / RATE
        grain = self.rng.normal(0, 4, picture.shape)
        return self.live.show(np.clip(picture + grain, 0, 255).astype(np.uint8), self.time_s)


def shifted(picture, x):
    return cv2.warpAffine(picture, np.array([[1.0, 0, x], [0, 1, 0]]), SIZE, borderMode=cv2.BORDER_REPLICATE)


def lowered(picture, y):
    return cv2.warpAffine(picture, np.array([[1.0, 0, 0], [0, 1, y]]), SIZE, borderMode=cv2.BORDER_REPLICATE)


def rings(shown):
    return np.array([point.reading_radius_px for point in shown.location.points])


def places(shown):
    return np.array([(point.x_px, point.y_px) for point in shown.location.points])


def difference(one, other):
    return np.abs(one.astype(int) - other).max(axis=2)


def test_the_marks_come_within_half_a_second_where_a_photo_has_them(live, seen, locator):
    still = seen("standing")
    shown = Camera(live).show(*[still] * 15)[-1]
    photo = locator.locate(still).outcome
    assert shown.strength == 1.0
    assert shown.location.method == photo.method == "pose+back"
    there = np.array([(point.x_px, point.y_px) for point in photo.points])
    assert np.linalg.norm(places(shown) - there, axis=1).max() < 0.05 * photo.landmarks.back_px
    assert (difference(shown.rgb, still)[there[:, 1].astype(int), there[:, 0].astype(int)] > 30).all()


@pytest.mark.slow
def test_they_keep_still_on_a_still_back_and_nothing_is_said(live, seen):
    still = seen("standing")
    camera = Camera(live)
    camera.show(*[still] * 30)
    after = camera.show(*[still] * 60)
    assert [one.advice for one in after[30:]] == [None] * 30
    found = np.array([places(shown) for shown in after[:45]])
    tremble_px = np.sqrt(((found - found.mean(axis=0)) ** 2).sum(axis=2).mean(axis=0))
    shoulders_px = live.latest.location.landmarks.shoulders_px
    assert tremble_px.max() / shoulders_px < 2 / 300  # 2 mm where shoulder joints are 30 cm apart


@pytest.mark.slow
def test_they_go_along_with_a_back_that_moves(live, seen):
    still = seen("standing")
    camera = Camera(live)
    before = camera.show(*[still] * 20)[-1]
    after = camera.show(*[shifted(still, 3 * step) for step in range(30)], *[shifted(still, 87)] * 10)
    assert all(shown.strength == 1.0 for shown in after)
    np.testing.assert_allclose(places(after[-1]) - places(before), [[87, 0]] * 11, atol=3.0)
    late_px = 87 - 3 * 8 - (places(after[21]) - places(before))[:, 0]  # while it still moves, 3 px a frame
    assert late_px.max() < 9


def test_lost_marks_are_held_for_a_moment_then_fade_and_are_gone(live, seen):
    camera = Camera(live)
    camera.show(*[seen("standing")] * 15)
    after = camera.show(*[GREY] * 30)
    strengths = [shown.strength for shown in after]
    assert strengths[0] == 1.0
    assert strengths == sorted(strengths, reverse=True)
    assert any(0 < strength < 1 for strength in strengths)
    assert after[-1].location is None
    assert strengths[-1] == 0.0


def test_one_who_turns_round_is_not_marked_on_the_front(live, seen):
    camera = Camera(live)
    camera.show(*[seen("standing")] * 15)
    front = seen("from_the_front")
    assert camera.show(*[front] * 40)[-1].location is None
    assert camera.show(*[front] * 20)[-1].advice.code == "turn_around"


WIDER_WHERE_CUT = {"pose+back": 3.0, "back": 3.0, "cut": 3.6}  # as if it had been measured so


@pytest.fixture(scope="module")
def leaving(locator, seen):
    """The rings of a film in which S2 leaves the picture, frame by frame, and its last frame."""
    session = Live(locator)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fusion, "_calibration", lambda: WIDER_WHERE_CUT)
        widths_and_last = _leaving(Camera(session), seen("standing"))
    session.close()
    return widths_and_last


def _leaving(camera, still):
    levels = {level.level: level for level in camera.show(*[still] * 15)[-1].location.levels}
    to_edge = SIZE[1] - levels["S2"].y_px
    before = rings(camera.show(*[lowered(still, to_edge - 12)] * 30)[-1])
    moving = [lowered(still, to_edge + past) for past in range(-12, 12)]
    widths = np.array([before, *map(rings, camera.show(*moving, *moving[-1:] * 40))])
    return widths, moving[-1]


@pytest.mark.slow
def test_rings_widen_by_and_by_where_the_end_of_the_spine_leaves_the_picture(leaving):
    widths, _ = leaving
    assert (widths[1:] / widths[:-1]).max() < 1.1
    assert (widths[-1] > widths[0]).all()


@pytest.mark.slow
def test_rings_end_as_wide_as_those_of_a_photo(locator, leaving, monkeypatch):
    monkeypatch.setattr(fusion, "_calibration", lambda: WIDER_WHERE_CUT)
    widths, last = leaving
    photo = np.array([point.reading_radius_px for point in locator.locate(last).outcome.points])
    # In a film how far mirrored looks differ is that of the frame that was found first.
    np.testing.assert_allclose(widths[-1], photo, rtol=0.1)


def test_a_back_without_a_head_is_followed_too(live, seen):
    shown = Camera(live).show(*[seen("without_the_head")] * 15)[-1]
    assert shown.location.method == "back"


def test_clothes_that_the_networks_cannot_read_are_followed_by_the_pose(locator, live, seen, monkeypatch):
    read, refine, first_look = locator.backs.read, locator.backs.refine, locator.backs.first_look

    def unsure(back):
        return dataclasses.replace(back, flip_disagreement=1.0)

    def unsure_look(rgb):
        look = first_look(rgb)
        return dataclasses.replace(look, back=look.back and unsure(look.back))

    monkeypatch.setattr(locator.backs, "first_look", unsure_look)
    monkeypatch.setattr(locator.backs, "read", lambda *photo: tuple(map(unsure, read(*photo))))
    monkeypatch.setattr(locator.backs, "refine", lambda rgb, landmarks: unsure(refine(rgb, landmarks)))
    camera = Camera(live)
    shirt = seen("in_a_shirt")
    shown = camera.show(*[shirt] * 20)[-1]
    assert shown.location.method == "pose"
    assert "unsteady" in [issue.code for issue in shown.location.issues]
    assert camera.show(*[GREY] * 40)[-1].location is None


def test_looks_that_keep_contradicting_each_other_are_believed_no_longer(locator, live, seen, monkeypatch):
    camera, still = Camera(live), seen("standing")
    assert camera.show(*[still] * 15)[-1].location
    read, track, searches = locator.backs.read, locator.backs.track, []

    def aside(rgb, last, mirrored):
        back = track(rgb, last, mirrored)
        return dataclasses.replace(back, keypoints=back.keypoints + [0.14 * back.spine_px * mirrored, 0.0])

    monkeypatch.setattr(locator.backs, "track", aside)
    monkeypatch.setattr(locator.backs, "read", lambda rgb: searches.append(rgb) or read(rgb))
    camera.show(*[still] * 60)
    assert searches


def test_a_camera_that_is_turned_or_changes_its_size_finds_the_back_again(live, seen):
    still = seen("standing")
    camera = Camera(live)
    for picture in (still, np.ascontiguousarray(np.rot90(still)), cv2.resize(still, (320, 240)), still):
        shown = camera.show(*[picture] * 15)[-1]
        assert shown.strength == 1.0
        assert shown.rgb.shape == picture.shape
        points = {(point.code, point.side.value): point for point in shown.location.points}
        left, right = (points["BL-23", f"subject-{side}"] for side in ("left", "right"))
        if picture.shape[0] > picture.shape[1]:  # turned by a quarter: the head is at the left, so its left is below
            assert left.y_px > right.y_px
        else:
            assert left.x_px < right.x_px


def test_dropped_frames_do_no_harm(live, seen):
    camera = Camera(live)
    camera.show(*[seen("standing")] * 15)
    camera.time_s += 3.0
    moved = shifted(seen("standing"), 60)
    assert camera.show(*[moved] * 2)[-1].strength == 1.0


def test_two_viewers_get_each_their_own(locator, live, seen):
    other = Live(locator)
    cameras = Camera(live), Camera(other)
    pictures = seen("standing"), shifted(seen("standing"), 80)
    for _ in range(15):
        first, second = (camera.show(picture)[0] for camera, picture in zip(cameras, pictures, strict=True))
    other.close()
    np.testing.assert_allclose(places(second) - places(first), [[80, 0]] * 11, atol=4.0)


def test_in_a_mirror_the_picture_is_mirrored_and_the_words_are_not(locator, live, seen):
    still = seen("standing")
    Camera(live).show(*[still] * 15)
    live.view = View(mirrored=True)
    shown = live.show(still, 1.0)
    plain = Live(locator)
    as_it_is = Camera(plain).show(*[still] * 15)[-1]
    plain.close()
    np.testing.assert_allclose(places(shown), places(as_it_is), atol=3.0)  # of the frame as it came in
    drawn = np.argwhere(difference(shown.rgb, still[:, ::-1]) > 60)
    for x, y in places(shown):
        assert np.abs(drawn - [y, SIZE[0] - 1 - x]).max(axis=1).min() < 3
    assert not np.array_equal(difference(shown.rgb[:, ::-1], still) > 60, difference(as_it_is.rgb, still) > 60)


def test_a_picked_point_is_drawn_large_and_only_it_has_a_name(live, seen):
    still = seen("standing")
    camera = Camera(live)
    plain = camera.show(*[still] * 15)[-1]
    live.view = View(picked="BL-23")
    picked = camera.show(still)[0]

    def discs(shown, code):
        near = [(point.x_px, point.y_px) for point in shown.location.points if point.code == code]
        changed = difference(shown.rgb, still) > 40
        return sum(changed[int(y) - 6 : int(y) + 7, int(x) - 6 : int(x) + 7].sum() for x, y in near)

    assert discs(picked, "BL-23") > discs(plain, "BL-23")
    assert discs(picked, "BL-43") < discs(plain, "BL-43")


def test_only_the_points_that_are_asked_for_are_drawn(live, seen):
    still = seen("standing")
    live.view = View(codes=frozenset({"BL-18"}), style=Style(labels="codes"))
    shown = Camera(live).show(*[still] * 15)[-1]
    changed = difference(shown.rgb, still) > 40
    for point in shown.location.points:
        around = changed[int(point.y_px) - 2 : int(point.y_px) + 3, int(point.x_px) - 2 : int(point.x_px) + 3]
        if point.code == "BL-18":
            assert around.mean() > 0.9
        elif point.code == "BL-52":  # away from the spine's own line
            assert around.mean() < 0.1


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda still: still // 12, "more_light"),
        (lambda still: GREY, "show_back"),
        (lambda still: cv2.resize(still[:275], (1116, 480))[:, 238:878], "show_waist"),
        (lambda still: cv2.copyMakeBorder(cv2.resize(still, (160, 120)), 180, 180, 240, 240, cv2.BORDER_REPLICATE),
         "come_closer"),
    ],
    ids=["dark", "nobody", "cut at the waist", "far away"],
)  # fmt: skip
def test_it_says_what_to_change(live, seen, change, expected):
    picture = np.ascontiguousarray(change(seen("standing")))
    shown = Camera(live).show(*[picture] * 60)[-1]
    assert shown.advice.code == expected
    assert difference(shown.rgb, picture)[-80:].max() > 60  # it stands on the picture


def test_what_is_no_picture_is_refused_and_the_next_one_is_shown(live, seen):
    camera, still = Camera(live), seen("standing")
    for wrong in (None, np.zeros((4, 4)), np.zeros((0, 5, 3), np.uint8), np.zeros((5, 5, 3))):
        with pytest.raises((TypeError, ValueError)):
            live.show(wrong, camera.time_s)
        assert camera.show(still)[-1].rgb.shape == still.shape
    assert isinstance(camera.show(*[still] * 15)[-1].location, Location)


@pytest.mark.parametrize("size", [(1, 1), (16, 16), (2000, 3)])
def test_tiny_and_narrow_pictures_are_shown_without_marks(live, size):
    picture = np.full((size[1], size[0], 3), 90, np.uint8)
    for shown in Camera(live).show(*[picture] * 20):
        assert shown.rgb.shape == picture.shape
        assert shown.location is None


def test_closed_and_opened_again_nothing_of_the_last_picture_is_kept(locator, seen):
    session = Live(locator)
    Camera(session).show(*[seen("standing")] * 3)
    session.close()
    assert session.latest is None
