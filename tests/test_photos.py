"""Real pictures through the real model: the right spots, or an honest refusal."""

import functools
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from conftest import truth_of

from lab.accuracy import naive
from lab.data.truth import read_pose
from locator import locate
from locator.core.body import Side
from locator.core.types import Location, Refusal
from locator.estimate import pose_ensemble
from locator.estimate.pose_model import MediaPipePose
from locator.formats.coco import to_coco
from locator.formats.record import to_dict
from locator.models import registry
from locator.photo import encoding, sources
from locator.web import choosing

GOLDEN = json.loads((Path(__file__).parent / "golden.json").read_text())
ANSWERED = sorted(GOLDEN)


def marks(result):
    return {(point.code, point.side.value): (point.x_px, point.y_px) for point in result.outcome.points}


def true_marks(truth):
    suffix = {Side.LEFT.value: "/L", Side.RIGHT.value: "/R", Side.MIDLINE.value: ""}
    return lambda code, side: np.array(truth["points"][code + suffix[side]])


def judged(result):
    """The marks of the points that the truth of the samples, and what they were marked as, know."""
    return {key: mark for key, mark in marks(result).items() if "/".join(key) in GOLDEN["standing"]}


def check_golden(result, name, scale=1):
    found = marks(result)
    for key, expected in GOLDEN[name].items():
        x, y = found[tuple(key.split("/"))]
        assert np.hypot(*np.subtract((x / scale, y / scale), expected)) < 4, key


@pytest.fixture(scope="module")
def located(locator, samples):
    """Name → what is said of a sample, which is located once."""
    return functools.cache(lambda name: locator.locate(samples[name]))


@pytest.fixture(scope="module")
def upright(locator, back_rgb):
    """The marks of a photo of a back."""
    return marks(locator.locate(back_rgb))


@pytest.mark.parametrize("name", ANSWERED)
def test_samples_are_marked_where_they_were(name, located):
    result = located(name)
    assert result.status == "located"
    check_golden(result, name)


@pytest.mark.parametrize("name", ["standing", "without_the_head"])
def test_where_the_networks_are_sure_of_an_upright_back_the_pose_model_looks_once(name, locator, samples, monkeypatch):
    estimate, asked = locator._pose.estimate, []
    monkeypatch.setattr(locator._pose, "estimate", lambda rgb: asked.append(rgb.shape) or estimate(rgb))
    assert locator.locate(samples[name]).status == "located"
    assert len(asked) == 1


@pytest.mark.parametrize(("name", "looks"), [("standing", 1), ("without_the_head", 4), ("lying_down", 4)])
def test_the_photo_is_looked_at_in_four_turns_only_where_the_pose_model_cannot_confirm_the_back_at_once(
    name, looks, locator, samples, monkeypatch
):
    predict, seen = locator.backs._coarse.predict, []

    def watched(pictures):
        seen.extend(picture.tobytes() for picture in pictures)
        return predict(pictures)

    monkeypatch.setattr(locator.backs._coarse, "predict", watched)
    assert locator.locate(samples[name]).status == "located"
    assert len(set(seen)) == len(seen) == looks


@pytest.mark.parametrize("name", ["from_the_front", "out_of_focus"])
def test_no_view_of_a_photo_is_predicted_twice(name, locator, samples, monkeypatch):
    estimate, asked = locator._pose.estimate, []
    monkeypatch.setattr(locator._pose, "estimate", lambda rgb: asked.append(rgb.tobytes()) or estimate(rgb))
    locator.locate(samples[name])
    assert len(asked) >= 4
    assert len(set(asked)) == len(asked)


# The trunk of one is narrowest a vertebra above where people's is, and is read 21 mm too high; the other, small in its
# picture and broad at the hips, 23 mm too low.
TOO_FAR_OFF = {"arms_apart": "a waist as no person has", "far_away": "small, and the networks take its hips for lower"}


OFFERED = choosing.SAMPLES  # on the page


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            name, marks=pytest.mark.xfail(strict=True, reason=TOO_FAR_OFF[name]) if name in TOO_FAR_OFF else ()
        )
        for name in [*ANSWERED, *OFFERED]
    ],
)
def test_samples_are_marked_near_the_truth_on_the_right_sides(name, located, samples):
    truth = truth_of(samples[name])
    where = true_marks(truth)
    errors_mm = [np.hypot(*(where(*key) - mark)) / truth["px_per_mm"] for key, mark in judged(located(name)).items()]
    assert np.mean(errors_mm) < 20


def test_a_large_photo_is_marked_alike_whether_it_is_to_be_drawn_or_not_and_where_the_small_one_is(locator, samples):
    rgb = sources.read(samples["standing"]).rgb
    large = encoding.encode(
        cv2.resize(rgb, (rgb.shape[1] * 4, rgb.shape[0] * 4), interpolation=cv2.INTER_CUBIC), "jpeg"
    )
    located, (photo, read) = locator.locate(large), locator.read(large)
    assert to_dict(located) == to_dict(read)
    assert photo.rgb.shape[1::-1] == (read.image.width_px, read.image.height_px)
    check_golden(located, "standing", scale=4)


def test_a_photo_whose_every_pixel_became_sixteen_is_marked_on_exactly_the_same_spots(locator, samples):
    rgb = cv2.resize(sources.read(samples["standing"]).rgb, (576, pose_ensemble.LONGEST_PX))
    large = marks(locator.locate(rgb.repeat(4, axis=0).repeat(4, axis=1)))
    for key, (x, y) in marks(locator.locate(rgb)).items():
        np.testing.assert_allclose(large[key], [4 * x + 1.5, 4 * y + 1.5], atol=0.2)


@pytest.mark.slow
def test_equal_steps_from_shoulders_to_hips_are_five_times_worse(located, samples):
    estimator = MediaPipePose(registry.bundle)
    ours, theirs = [], []
    for name in set(ANSWERED) - {"without_the_head"}:  # where the pose model finds nobody to step along
        truth = truth_of(samples[name])
        where = true_marks(truth)
        result = located(name)
        steps = naive.estimate(read_pose(sources.read(samples[name]).rgb, estimator).pose.joints)
        ours += [np.hypot(*(where(*key) - mark)) / truth["px_per_mm"] for key, mark in judged(result).items()]
        theirs += [
            np.hypot(*(where(code, side.value) - mark)) / truth["px_per_mm"]
            for (code, side), mark in steps.items()
            if f"{code}/{side.value}" in GOLDEN[name]
        ]
    assert np.median(ours) < 15
    assert np.median(theirs) > 5 * np.median(ours)


def test_nine_marks_in_ten_lie_inside_the_readings_ring(locator, samples):
    inside = []
    for name in ANSWERED:
        where = true_marks(truth_of(samples[name]))
        for point in locator.locate(samples[name]).outcome.points:
            if f"{point.code}/{point.side.value}" not in GOLDEN[name]:
                continue
            away = np.hypot(*(where(point.code, point.side.value) - (point.x_px, point.y_px)))
            inside.append(away <= point.reading_radius_px)
    assert np.mean(inside) >= 0.85  # 88 marks; nine in ten, less what so few may scatter


@pytest.mark.parametrize("degrees", [30, 45, 135, 300])
def test_a_body_lying_aslant_is_marked_on_the_same_spots(degrees, locator, back_rgb):
    height, width = back_rgb.shape[:2]
    side = int(np.hypot(height, width))
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    turn[:, 2] += (side - width) / 2, (side - height) / 2
    aslant = cv2.warpAffine(back_rgb, turn, (side, side), borderMode=cv2.BORDER_REPLICATE)
    upright, turned = marks(locator.locate(back_rgb)), marks(locator.locate(aslant))
    torso = locator.locate(back_rgb).outcome.landmarks.torso_px
    for key, (x, y) in upright.items():
        assert np.hypot(*(turn @ (x, y, 1) - turned[key])) < 0.08 * torso, key


@pytest.mark.parametrize("quarter_turns", [1, 2, 3])
def test_a_photo_held_any_way_is_marked_on_the_same_spots(quarter_turns, upright, locator, back_rgb):
    turned = locator.locate(np.ascontiguousarray(np.rot90(back_rgb, quarter_turns)))
    height, width = back_rgb.shape[:2]
    for key, (x, y) in marks(turned).items():
        back = ((x, y), (width - 1 - y, x), (width - 1 - x, height - 1 - y), (y, height - 1 - x))[quarter_turns]
        assert np.hypot(*np.subtract(back, upright[key])) < 6, key


def test_a_phone_photo_stored_sideways_is_marked_upright(locator, upright, back_rgb, tmp_path):
    from PIL import Image

    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90° clockwise to see it upright
    photo = tmp_path / "phone.jpg"
    Image.fromarray(np.rot90(back_rgb)).save(photo, exif=exif, quality=95)
    result = locator.locate(photo)
    assert (result.image.width_px, result.image.height_px) == (back_rgb.shape[1], back_rgb.shape[0])
    for key, mark in marks(result).items():
        assert np.hypot(*np.subtract(mark, upright[key])) < 6, key


def bow(line):
    """How far the middle of a line of points lies off the line between its ends, as a share of that."""
    ends = line[-1] - line[0]
    return float((line[len(line) // 2] - line[0]) @ np.array([ends[1], -ends[0]])) / float(ends @ ends)


def test_a_back_bent_aside_is_followed(located, samples):
    truth = truth_of(samples["bending_aside"])["points"]
    location = located("bending_aside").outcome
    found = np.array([(level.x_px, level.y_px) for level in location.levels if level.level in truth])
    true = np.array([truth[level.level] for level in location.levels if level.level in truth])
    assert abs(bow(true)) > 0.05
    assert 0.4 < bow(found) / bow(true) < 1.5  # so bent are few that the networks saw, and they straighten them


def test_a_front_view_is_refused(located):
    result = located("from_the_front")
    assert isinstance(result.outcome, Refusal)
    assert result.outcome.code == "front_view"


@pytest.mark.parametrize("share", [0.15, 0.3, 0.45, 0.6])
def test_a_front_view_cut_anywhere_above_is_never_marked(share, locator, samples):
    rgb = sources.read(samples["from_the_front"]).rgb
    assert isinstance(locator.locate(np.ascontiguousarray(rgb[int(share * rgb.shape[0]) :])).outcome, Refusal)


def test_a_headless_back_is_marked_too(located):
    outcome = located("without_the_head").outcome
    assert isinstance(outcome, Location)
    assert outcome.method == "back"


@pytest.mark.parametrize("quarter_turns", [1, 2, 3])
def test_a_headless_back_is_marked_on_the_same_spots_however_the_photo_is_held(
    quarter_turns, located, locator, samples
):
    rgb = sources.read(samples["without_the_head"]).rgb
    height, width = rgb.shape[:2]
    upright = marks(located("without_the_head"))
    turned = marks(locator.locate(np.ascontiguousarray(np.rot90(rgb, quarter_turns))))
    for key, (x, y) in turned.items():
        back = ((x, y), (width - 1 - y, x), (width - 1 - x, height - 1 - y), (y, height - 1 - x))[quarter_turns]
        assert np.hypot(*np.subtract(back, upright[key])) < 10, key


def test_a_back_too_small_to_tell_a_finger_is_refused_as_its_handles_would_be(locator, samples):
    rgb = cv2.resize(sources.read(samples["standing"]).rgb, (64, 85), interpolation=cv2.INTER_AREA)
    assert locator.locate(rgb).outcome.code == "too_small"


def test_a_back_that_cannot_be_judged_is_refused_with_what_to_do(located):
    outcome = located("out_of_focus").outcome
    assert isinstance(outcome, Refusal)
    assert "focus" in outcome.remedy


@pytest.mark.parametrize("picture", ["black", "grey", "noise", "stripes"])
def test_a_picture_of_nobody_is_refused(picture, locator):
    rng = np.random.default_rng(0)
    rgb = {
        "black": np.zeros((480, 640, 3), np.uint8),
        "grey": np.full((480, 640, 3), 128, np.uint8),
        "noise": rng.integers(0, 256, (480, 640, 3), dtype=np.uint8),
        "stripes": np.tile(np.repeat(np.array([30, 220], np.uint8), 20)[None, :, None], (480, 16, 3)),
    }[picture]
    assert isinstance(locator.locate(rgb).outcome, Refusal)


def test_a_black_photo_asks_for_light(locator):
    assert locator.locate(np.zeros((480, 640, 3), np.uint8)).outcome.code == "too_dark"


@pytest.mark.parametrize("share", [0.5, 0.25, 0.12])
def test_a_dim_photo_of_a_back_is_still_marked(share, locator, upright, back_rgb):
    dim = locator.locate((back_rgb * share).astype(np.uint8))
    assert dim.status == "located"
    shift = [np.hypot(*np.subtract(mark, upright[key])) for key, mark in marks(dim).items()]
    assert np.mean(shift) < 15


def test_of_two_backs_the_larger_is_marked_and_said_so(locator, samples):
    large, small = sources.read(samples["standing"]).rgb, sources.read(samples["far_away"]).rgb
    height = max(large.shape[0], small.shape[0])
    wide = np.full((height, large.shape[1] + small.shape[1], 3), 180, np.uint8)
    wide[: large.shape[0], : large.shape[1]] = large
    wide[: small.shape[0], large.shape[1] :] = small
    outcome = locator.locate(wide).outcome
    assert isinstance(outcome, Location)
    assert "several_people" in {issue.code for issue in outcome.issues}
    assert all(point.x_px < large.shape[1] for point in outcome.points)


def test_a_back_cut_off_at_the_waist_is_not_guessed(locator, samples):
    rgb = sources.read(samples["standing"]).rgb
    truth = truth_of(samples["standing"])
    cut = rgb[: int(truth["points"]["T12"][1])]
    assert isinstance(locator.locate(np.ascontiguousarray(cut)).outcome, Refusal)


def test_the_same_photo_gives_the_same_answer(locator, back):
    assert marks(locator.locate(back)) == marks(locator.locate(back))


def test_path_bytes_and_pixels_give_the_same_answer(locator, back, back_rgb):
    assert marks(locate(back)) == marks(locate(back.read_bytes())) == marks(locate(back_rgb))


def test_a_bad_photo_does_not_disturb_the_next(locator, back):
    before = marks(locator.locate(back))
    for bad in (b"", b"\xff\xd8\xff\xe0 broken", np.zeros((64, 64, 3), np.uint8)):
        locator.locate(bad)
    assert marks(locator.locate(back)) == before


@pytest.mark.slow
def test_ten_threads_share_one_locator(locator, located, samples):
    from concurrent.futures import ThreadPoolExecutor

    names = ["standing", "lying_down"] * 5
    with ThreadPoolExecutor(10) as pool:
        found = [marks(result) for result in pool.map(locator.locate, [samples[name] for name in names])]
    assert found == [marks(located(name)) for name in names]


def test_a_photo_cut_beside_the_spine_is_answered_with_the_marks_that_are_in_it(locator, back_rgb):
    whole = {(p.code, p.side.value): p for p in locator.locate(back_rgb).outcome.points}
    cut = int(whole["BL-52", "subject-left"].x_px) + 6
    photo = np.ascontiguousarray(back_rgb[:, cut:])
    marked = locator.annotate(photo)
    assert [issue.code for issue in marked.result.outcome.issues] == ["marks_outside"]
    inside = set()
    for point in marked.result.outcome.points:
        there = whole[point.code, point.side.value]
        off = np.hypot(point.x_px + cut - there.x_px, point.y_px - there.y_px)
        assert off < 0.03 * marked.result.outcome.landmarks.back_px
        if point.x_px >= 0:
            inside.add((point.code, point.side.value))
    assert {key for key, point in whole.items() if point.x_px > cut + 20} <= inside < whole.keys()
    coco = json.loads(to_coco(marked.result))["annotations"][0]
    assert coco["num_keypoints"] == len(inside)


def test_a_photo_that_ends_above_the_lowest_marks_is_refused(locator, back_rgb):
    lowest = max(locator.locate(back_rgb).outcome.points, key=lambda point: point.y_px)
    photo = np.ascontiguousarray(back_rgb[: int(lowest.y_px - 1.5 * lowest.reading_radius_px)])
    assert locator.locate(photo).outcome.code == "cropped"
