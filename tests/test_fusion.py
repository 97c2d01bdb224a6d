"""One answer from two readings of a photo: which is believed, when neither is, and what is said then."""

import dataclasses
import math

import numpy as np
import pytest
from conftest import make_pose, moved

from locator import api
from locator.catalogue import acupoints
from locator.core import keypoints
from locator.core.body import Pose, PoseKeypoint, Side
from locator.core.reasons import IssueCode, RefusalCode, issue, refusal
from locator.core.types import Location, Refusal
from locator.estimate import back_reading, checks, fusion, placing, pose_landmarks
from locator.estimate.back_reading import BackReading
from locator.estimate.fusion import PoseReading
from locator.photo import light

GOOD_LIGHT = light.Light(luma=128, white=0, edge_width=8)
TABLE = keypoints.of_back_networks()
LATERAL = {point.code: point.lateral_cun for point in acupoints.acupoints()}


def read_back(pose=None, off_px=0.0, **changes) -> BackReading:
    """What networks say that are sure of the back of ``pose``, each place ``off_px`` or so from the pose model's."""
    location = placing.from_pose(pose or make_pose())
    body = location.landmarks
    levels = {level.level: (level.x_px, level.y_px) for level in location.levels}
    marks = {(one.code, one.side): (one.x_px, one.y_px) for one in location.points}
    acromia = {Side.LEFT: body.subject_left_shoulder, Side.RIGHT: body.subject_right_shoulder}
    found = np.array(
        [
            getattr(body, one.landmark)
            if one.landmark
            else levels.get(one.level, marks.get((one.acupoint, one.side), acromia.get(one.side)))
            for one in TABLE.keypoints
        ]
    )
    found += np.random.default_rng(1).normal(0, off_px, found.shape)
    spine_px = float(np.linalg.norm(found[7] - found[0]))
    sure = BackReading(
        table=TABLE,
        keypoints=found,
        error_scale_px=np.full(len(TABLE), fusion._MOST_UNCERTAINTY / 2 * spine_px),
        back_probability=1.0,
        n_views=4,
        flip_disagreement=0.0,
        s2_visible=1.0,
    )
    return dataclasses.replace(sure, **changes)


def as_certain_as(certainty) -> BackReading:
    """A reading that the networks are so certain of."""
    back = read_back()
    logit = certainty + back_reading._LOGITS_PER_UNCERTAINTY * back.relative_uncertainty
    return dataclasses.replace(back, back_probability=1 / (1 + math.exp(-logit)))


def read_pose(pose=None, refused=None, **changes) -> PoseReading:
    """What the pose model makes of it: a back, or the refusal with this code."""
    why = refusal(RefusalCode(refused)) if refused else None
    found = None if refused == "nobody_found" else pose or make_pose()
    return PoseReading(**{"refusal": why, "pose": found, "reliable": why is None, **changes})


def decide(pose, back, seen=GOOD_LIGHT):
    return fusion.decide(pose, (back,), seen)


def vague(reading, by=3.0):
    return dataclasses.replace(reading, error_scale_px=reading.error_scale_px * by)


UNSURE = {
    "vague": vague(read_back()),
    "two fine views differ": read_back(flip_disagreement=2 * fusion._MOST_UNCERTAINTY),
    "perhaps none": read_back(back_probability=(fusion._BACK_PROBABILITY + fusion._NO_BACK_PROBABILITY) / 2),
}
unsure = pytest.mark.parametrize("back", UNSURE.values(), ids=UNSURE.keys())


def codes(outcome):
    return [issue.code for issue in outcome.issues]


def assert_where_read(location, back):
    """Every level lies where the networks put it, and every mark on their line across the back, at its cun."""
    assert isinstance(location, Location)
    levels = {level.level: level for level in location.levels}
    for name, place in back.levels.items():
        np.testing.assert_allclose([levels[name].x_px, levels[name].y_px], place, atol=1e-6)
    for point in location.points:
        found = np.array([point.x_px, point.y_px])
        if point.side is Side.MIDLINE:
            np.testing.assert_allclose(found, back.marks[point.code, point.side], atol=1e-6)
            continue
        left, right = (back.marks[point.code, side] for side in (Side.LEFT, Side.RIGHT))
        across = (right - left) / np.linalg.norm(right - left)
        away = found - left
        assert abs(away[0] * across[1] - away[1] * across[0]) < 1e-6, "off the line between both"
    for code in {point.code for point in location.points if point.side is not Side.MIDLINE}:
        left, right = (
            [point.x_px, point.y_px]
            for side in (Side.LEFT, Side.RIGHT)
            for point in location.points
            if (point.code, point.side) == (code, side)
        )
        assert math.dist(left, right) / (2 * location.cun_px) == pytest.approx(LATERAL[code], rel=0.03)
    for name, row in TABLE.landmarks.items():
        np.testing.assert_allclose(getattr(location.landmarks, name), back.keypoints[row])


# 1. Both find the same back.


def test_where_both_find_the_back_the_networks_say_where_its_marks_are():
    back = read_back(off_px=3.0)
    location = decide(read_pose(), back)
    assert location.method == "pose+back"
    assert_where_read(location, back)


@pytest.fixture
def measured(monkeypatch):
    """Rings as if two witnesses had been measured to be better than one, and a whole spine than a cut one."""
    monkeypatch.setattr(fusion, "_calibration", lambda: {"pose+back": 3.0, "back": 3.5, "cut": 4.0})


def test_rings_are_never_narrower_for_a_back_of_which_less_is_known():
    factors = fusion._calibration()
    assert factors["pose+back"] <= factors["back"] <= factors["cut"]


def test_two_witnesses_are_believed_to_within_narrower_rings_than_one(measured):
    back = read_back(off_px=3.0)
    two, one = decide(read_pose(), back), decide(read_pose(refused="nobody_found"), back)
    for with_pose, alone in zip(two.points, one.points, strict=True):
        assert with_pose.reading_radius_px < alone.reading_radius_px
        assert with_pose.radius_px < alone.radius_px


def test_what_the_pose_model_has_to_say_of_the_photo_is_passed_on():
    crowded = read_pose(issues=(issue(IssueCode.SEVERAL_PEOPLE),))
    assert codes(decide(crowded, read_back())) == ["several_people"]


@pytest.mark.parametrize(("scale", "turn"), [(0.5, 0.0), (3.0, 90.0), (1.0, 180.0), (2.0, -57.0)])
def test_the_same_back_is_the_same_at_any_size_and_angle(scale, turn):
    pose = moved(make_pose(), scale, turn, (300.0, 200.0))
    location = decide(read_pose(pose), read_back(pose, off_px=2.0 * scale))
    assert location.method == "pose+back"


WHOLE_PX = (600, 900)  # a picture that holds all of make_pose()


PICTURE = np.zeros((WHOLE_PX[1], WHOLE_PX[0], 3), np.uint8)


class Views:
    """A pose model that finds these poses, however the picture is turned."""

    def __init__(self, *poses):
        self.poses, self.turns = poses, None

    def predict_view(self, rgb, estimator, quarter_turns):
        self.turns = quarter_turns
        return self.poses


@pytest.fixture
def confirmed(monkeypatch):
    def ask(back, *poses):
        views = Views(*poses)
        monkeypatch.setattr(api.pose_ensemble, "predict_view", views.predict_view)
        return api.confirmed(back, PICTURE, None), views.turns

    return ask


def test_one_view_of_the_pose_model_is_enough_where_it_finds_the_same_back(confirmed):
    assert confirmed(read_back(), make_pose())[0]


def test_the_view_is_predicted_with_the_head_up(confirmed):
    turned = moved(make_pose(), turn_deg=90.0, shift=(600.0, 0.0))
    back = read_back(turned)
    _, turns = confirmed(back, turned)
    down = back.levels["S2"] - back.levels["C7"]
    for _ in range(turns):
        down = np.array([down[1], -down[0]])  # as a picture's points go when it is turned counter-clockwise
    assert down[1] > abs(down[0])


@pytest.mark.parametrize(
    "poses",
    [(), (make_pose(), moved(make_pose(), 0.5)), (moved(make_pose(), shift=(0.0, 100.0)),)],
    ids=["nobody", "two people", "another place"],
)
def test_one_view_that_finds_anything_else_is_not_enough(poses, confirmed):
    assert not confirmed(read_back(), *poses)[0]


def test_one_view_that_sees_no_head_is_not_enough(confirmed):
    ears_y = make_pose()[PoseKeypoint.LEFT_EAR][1]
    headless = moved(make_pose(), shift=(0.0, -ears_y))
    assert not confirmed(read_back(headless), headless)[0]


@unsure
def test_networks_that_are_unsure_are_not_helped_by_one_view(back, confirmed):
    assert not confirmed(back, make_pose())[0]


# 2. Only the networks find one.


@pytest.mark.parametrize(
    ("refused", "told"),
    [("nobody_found", "unsure_facing"), ("head_missing", "head_missing"), ("unsure_facing", "unsure_facing")],
)
def test_alone_the_networks_must_be_surer(refused, told):
    back = as_certain_as(fusion.solo_threshold(front=False) - 0.1)
    assert isinstance(decide(read_pose(), back), Location)
    refusal = decide(read_pose(refused=refused), back)
    assert isinstance(refusal, Refusal)
    assert refusal.code == told


@pytest.mark.parametrize("front", [False, True])
def test_networks_that_are_not_sure_enough_are_believed_where_the_witness_of_the_region_is_sure_too(front):
    back = as_certain_as(fusion.solo_threshold(front=False) - 2.0)
    enough = (fusion.seconded_threshold(front) - back.certainty) / back_reading._WITNESS_WEIGHT
    refused = read_pose(refused="front_view" if front else "nobody_found")
    surer, less = (dataclasses.replace(back, region_witness_logit=enough + more) for more in (0.1, -0.1))
    assert isinstance(decide(refused, surer), Location)
    assert isinstance(decide(refused, less), Refusal)


@pytest.mark.parametrize("front", [False, True])
def test_the_witness_of_the_region_is_asked_wherever_its_word_decides(front):
    back = as_certain_as(fusion.solo_threshold(front) - 0.1)
    assert not fusion.believed_alone(back, front)
    assert fusion.believed_alone(dataclasses.replace(back, region_witness_logit=50.0), front)
    assert fusion.in_doubt(back)


@unsure
def test_the_witness_of_the_region_is_not_asked_of_what_it_could_make_nobody_believe(back):
    assert not fusion.believed_alone(dataclasses.replace(back, region_witness_logit=50.0))
    assert not fusion.in_doubt(back)


def test_the_witness_of_the_region_is_not_asked_of_what_is_certain_without_it():
    assert not fusion.in_doubt(as_certain_as(fusion.solo_threshold(front=True) + 0.1))


def test_the_witness_of_the_region_hinders_nobody():
    back = dataclasses.replace(as_certain_as(fusion.solo_threshold(front=False) + 0.1), region_witness_logit=-9.0)
    assert isinstance(decide(read_pose(refused="nobody_found"), back), Location)


@pytest.fixture
def headless():
    """The pose of a back whose head the picture does not show."""
    return moved(make_pose(), shift=(0.0, -make_pose()[PoseKeypoint.LEFT_EAR][1]))


def test_networks_that_are_certain_need_nobody_to_confirm_a_back_that_one_view_does_not_find(headless):
    back = as_certain_as(fusion.solo_threshold(front=True) + 0.1)
    assert fusion.by_one_view((), back, WHOLE_PX) == "back"
    there = dataclasses.replace(back, keypoints=back.keypoints - (0.0, make_pose()[PoseKeypoint.LEFT_EAR][1]))
    assert fusion.by_one_view((headless,), there, WHOLE_PX) == "back"
    assert fusion.by_one_view((make_pose(),), back, WHOLE_PX) == "pose+back"


def test_networks_that_are_less_certain_or_see_another_back_than_one_view_wait_for_the_others():
    certain, less = (as_certain_as(fusion.solo_threshold(front=True) + more) for more in (0.1, -0.1))
    elsewhere = moved(make_pose(), shift=(0.0, 100.0))
    assert fusion.by_one_view((), less, WHOLE_PX) is None
    assert fusion.by_one_view((elsewhere,), certain, WHOLE_PX) is None
    assert fusion.by_one_view((make_pose(), moved(make_pose(), 0.5)), certain, WHOLE_PX) is None


def test_a_vague_reading_must_be_surer_of_a_back_than_a_sharp_one():
    back = as_certain_as(fusion.solo_threshold(front=False) + 0.1)
    refused = read_pose(refused="nobody_found")
    assert isinstance(decide(refused, back), Location)
    assert isinstance(decide(refused, vague(back, 1.5)), Refusal)
    assert isinstance(decide(refused, vague(dataclasses.replace(back, back_probability=1.0), 1.5)), Location)


@pytest.mark.parametrize("refused", ["nobody_found", "head_missing", "unsure_facing"])
def test_a_back_without_a_head_is_marked_where_the_networks_read_it(refused):
    back = read_back(off_px=3.0)
    location = decide(read_pose(refused=refused), back)
    assert location.method == "back"
    assert_where_read(location, back)


def test_where_the_networks_answer_alone_the_photos_flaws_are_told_all_the_same():
    dark = light.Light(luma=20, white=0, edge_width=8)
    assert "dark" in codes(decide(read_pose(refused="head_missing"), read_back(), dark))
    tiny = read_back(moved(make_pose(), 0.2))
    assert "small" in codes(decide(read_pose(refused="head_missing"), tiny))


def test_the_less_certain_the_networks_are_the_wider_the_rings():
    sure, less = (decide(read_pose(), one) for one in (read_back(), vague(read_back(), 1.5)))
    for here, there in zip(sure.points, less.points, strict=True):
        assert there.reading_radius_px == pytest.approx(1.5 * here.reading_radius_px)


def test_where_the_spines_end_is_cut_off_the_rings_are_wider(measured):
    whole, cut = (decide(read_pose(refused="head_missing"), read_back(s2_visible=shows)) for shows in (1.0, 0.0))
    for here, there in zip(whole.points, cut.points, strict=True):
        assert there.reading_radius_px > here.reading_radius_px


def test_a_pairs_two_rings_are_as_wide_as_the_less_certain_of_its_marks_needs():
    back = read_back()
    back.error_scale_px[TABLE.marks["BL-18", Side.RIGHT]] *= 1.5
    rings = {(one.code, one.side): one.reading_radius_px for one in decide(read_pose(), back).points}
    assert rings["BL-18", Side.LEFT] == rings["BL-18", Side.RIGHT]
    assert rings["BL-18", Side.LEFT] == pytest.approx(1.5 * rings["BL-21", Side.LEFT])


# 3. Both find one, and not the same.


@pytest.mark.parametrize(
    "other",
    [
        moved(make_pose(), turn_deg=180.0, shift=(600.0, 600.0)),
        moved(make_pose(), turn_deg=90.0, shift=(600.0, 0.0)),
        moved(make_pose(), shift=(0.0, 100.0)),
        moved(make_pose(), 0.5, shift=(150.0, 150.0)),
    ],
    ids=["upside down", "across", "half a back lower", "half as large"],
)
def test_two_readings_that_contradict_each_other_are_no_answer(other):
    refusal = decide(read_pose(), read_back(other))
    assert isinstance(refusal, Refusal)
    assert refusal.code == "two_readings"
    assert refusal.remedy


# 4. A front, or no back.


def test_a_front_is_refused_though_the_networks_would_be_sure_enough_alone():
    between = (fusion.solo_threshold(front) for front in (False, True))
    back = as_certain_as(sum(between) / 2)
    assert isinstance(decide(read_pose(refused="nobody_found"), back), Location)
    assert isinstance(decide(read_pose(refused="front_view"), back), Refusal)


def test_a_front_is_told_only_where_the_networks_see_no_back_there():
    seen, unseen = as_certain_as(fusion._DISPUTED + 0.1), as_certain_as(fusion._DISPUTED - 0.1)
    assert decide(read_pose(refused="front_view"), seen).code == "unsure_facing"
    assert decide(read_pose(refused="front_view"), unseen).code == "front_view"


def test_a_back_of_a_shape_that_is_seen_from_the_side_or_from_below_is_no_front():
    narrow = as_certain_as(fusion._DISPUTED + 0.1)
    narrow = dataclasses.replace(narrow, keypoints=narrow.keypoints * [0.4, 1.0])
    assert not fusion.sure(narrow)
    assert decide(read_pose(refused="front_view"), narrow).code == "unsure_facing"


@pytest.mark.parametrize(
    ("torso_px", "back_px", "probability", "told"),
    [(40, 40, 0.9, "too_small"), (40, 40, 0.1, "unsure_facing"), (60, 40, 0.9, "unsure_facing"),
     (40, 300, 0.9, "unsure_facing")],
)  # fmt: skip
def test_a_body_that_would_be_too_small_in_any_case_is_told_to_be_so_where_networks_see_a_small_back(
    torso_px, back_px, probability, told
):
    pose = make_pose()
    small = dataclasses.replace(pose, xy_px=pose.xy_px * torso_px / pose.joints.torso_px)
    back = vague(read_back(back_probability=probability))
    back = back.enlarged(back_px / back.landmarks.back_px)
    assert decide(read_pose(small, refused="unsure_facing"), back).code == told


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        (GOOD_LIGHT, "cropped"),
        (light.Light(luma=40, white=0, edge_width=8), "too_dark"),
        (light.Light(luma=128, white=0, edge_width=30), "too_blurred"),
    ],
)
def test_what_is_read_outside_of_a_photo_in_the_dark_or_out_of_focus_does_not_make_it_cropped(seen, told):
    location = decide(read_pose(), read_back(), seen)
    assert checks.within(location, (10, 10)).code == told


def test_nobody_is_told_only_where_the_networks_see_no_back_either():
    seen, unseen = as_certain_as(fusion._DISPUTED + 0.1), as_certain_as(fusion._DISPUTED - 0.1)
    assert decide(read_pose(refused="nobody_found"), seen).code == "unsure_facing"
    assert decide(read_pose(refused="nobody_found"), unseen).code == "nobody_found"


@pytest.mark.parametrize(
    ("refused", "slightly", "hopelessly"),
    [
        ("too_dark", light.Light(luma=40, white=0, edge_width=8), light.Light(luma=2, white=0, edge_width=8)),
        ("too_blurred", light.Light(luma=128, white=0, edge_width=30), light.Light(luma=128, white=0, edge_width=90)),
    ],
)
def test_light_and_sharpness_are_the_cause_only_where_somebody_shows_or_nobody_could(refused, slightly, hopelessly):
    reading = read_pose(refused=refused)
    empty, somebody = dataclasses.replace(reading, pose=None), dataclasses.replace(reading, pose=make_pose())
    nothing, perhaps = read_back(back_probability=0.01), as_certain_as(0.0)
    assert fusion.decide(empty, (nothing,), slightly).code == "nobody_found"
    assert fusion.decide(empty, (nothing,), hopelessly).code == refused
    assert fusion.decide(empty, (perhaps,), slightly).code == refused
    assert fusion.decide(somebody, (nothing,), slightly).code == refused


def test_networks_that_are_all_but_certain_of_a_back_are_believed_where_the_pose_model_sees_a_front():
    assert decide(read_pose(refused="front_view"), read_back(back_probability=1.0)).method == "back"


def test_what_the_networks_take_for_no_back_is_refused_though_the_pose_model_sees_one():
    refusal = decide(read_pose(), read_back(back_probability=fusion._NO_BACK_PROBABILITY / 2))
    assert isinstance(refusal, Refusal)
    assert refusal.code == "unsure_facing"


def test_what_the_networks_take_for_none_by_themselves_is_none_though_it_passes_where_the_pose_model_sees_a_back():
    there, own = UNSURE["vague"], vague(read_back(back_probability=fusion._NO_BACK_PROBABILITY / 2), 3.0)
    refusal = fusion.decide(read_pose(), (there, own), GOOD_LIGHT)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "unsure_facing"


def test_what_the_networks_rather_take_for_none_is_none_where_the_pose_model_alone_sees_a_back():
    own = UNSURE["perhaps none"]
    refusal = fusion.decide(read_pose(), (own, own), GOOD_LIGHT)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "unsure_facing"
    assert fusion.decide(read_pose(), (UNSURE["vague"], own), GOOD_LIGHT).method == "pose"


@unsure
@pytest.mark.parametrize("refused", ["nobody_found", "head_missing", "front_view", "too_dark"])
def test_where_neither_is_sure_the_pose_model_says_why(refused, back):
    back = dataclasses.replace(back, back_probability=min(back.back_probability, 0.9))  # or it were a back for all that
    refusal = decide(read_pose(refused=refused), back)
    assert isinstance(refusal, Refusal)
    assert refusal.code == refused


# 5. The networks are unsure.


@pytest.mark.parametrize("back", [UNSURE["vague"], UNSURE["two fine views differ"]])
def test_where_the_networks_are_unsure_the_pose_models_back_is_marked_with_a_reservation(back):
    location = decide(read_pose(), back)
    plain = placing.from_pose(make_pose(), reliable=False)
    assert location.method == "pose"
    assert codes(location) == ["unsteady"]
    assert location.points == plain.points
    reliable = placing.from_pose(make_pose())
    for wide, narrow in zip(location.points, reliable.points, strict=True):
        assert wide.reading_radius_px > narrow.reading_radius_px


@unsure
def test_where_the_networks_are_unsure_a_turned_or_bent_body_is_not_marked(back):
    refused = decide(dataclasses.replace(read_pose(), usual=False), back)
    assert isinstance(refused, Refusal)
    assert refused.code == "unsure_facing"


def test_where_both_find_the_same_back_it_is_marked_turned_or_not():
    turned = dataclasses.replace(read_pose(), usual=False)
    assert decide(turned, read_back()).method == "pose+back"


def test_a_reservation_is_made_once():
    said = read_pose(issues=(issue(IssueCode.UNSTEADY), issue(IssueCode.DARK)), reliable=False)
    assert codes(decide(said, UNSURE["vague"])) == ["unsteady", "dark"]


# A catalogue that grew since.


def test_a_mark_that_the_networks_do_not_know_gets_its_place_from_its_level(monkeypatch):
    known = acupoints.acupoints()
    another = dataclasses.replace(known[0], code="BL-22", level="L1", lateral_cun=1.5)
    middle = dataclasses.replace(known[0], code="GV-6", level="T11", lateral_cun=0.0, paired=False)
    back = read_back()
    before = decide(read_pose(), back)
    for module in (fusion, placing):
        monkeypatch.setattr(module, "acupoints", lambda: (*known, another, middle))
    after = decide(read_pose(), back)
    marks = {(one.code, one.side): one for one in after.points}
    levels = {level.level: np.array([level.x_px, level.y_px]) for level in after.levels}
    assert len(marks) == len(before.points) + 3
    for side in (Side.LEFT, Side.RIGHT):
        mark = marks["BL-22", side]
        away = np.linalg.norm([mark.x_px, mark.y_px] - levels["L1"])
        assert away == pytest.approx(1.5 * after.cun_px, rel=0.05)
        assert mark.reading_radius_px == max(one.reading_radius_px for one in before.points)
    on_the_spine = marks["GV-6", Side.MIDLINE]
    np.testing.assert_allclose([on_the_spine.x_px, on_the_spine.y_px], levels["T11"], atol=1e-6)
    for one in before.points:
        assert marks[one.code, one.side] == one


# Where handles are put on a photo that is refused.


def test_on_a_refused_photo_the_handles_start_where_the_networks_see_a_back():
    back = vague(read_back(off_px=3.0))
    guess = fusion.guess(read_pose(moved(make_pose(), shift=(50.0, 50.0)), "head_missing"), (back,))
    np.testing.assert_allclose(guess.c7, back.landmarks.c7)
    np.testing.assert_allclose(guess.subject_right_hip, back.landmarks.subject_right_hip)


def together(reading):
    return dataclasses.replace(reading, keypoints=np.full_like(reading.keypoints, 100.0))


@pytest.mark.parametrize(
    "back", [read_back(back_probability=0.0), together(read_back())], ids=["no back", "no plausible one"]
)
def test_or_else_where_the_pose_model_made_out_a_body(back):
    guess = fusion.guess(read_pose(refused="unsure_facing"), (back,))
    usual = pose_landmarks.landmarks(make_pose())
    np.testing.assert_allclose(guess.c7, usual.c7)
    assert fusion.guess(read_pose(refused="nobody_found"), (back,)) is None


def turned(reading, degrees, middle=(300.0, 400.0)):
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return dataclasses.replace(reading, keypoints=(reading.keypoints - middle) @ turn.T + middle)


@pytest.mark.parametrize("degrees", [90, -90, 180])
def test_networks_that_read_a_back_the_other_way_round_into_a_body_are_not_followed(degrees):
    guess = fusion.guess(read_pose(refused="front_view"), (turned(read_back(), degrees),))
    np.testing.assert_allclose(guess.c7, pose_landmarks.landmarks(make_pose()).c7)


def test_nor_are_single_views_of_theirs_where_nobody_was_made_out():
    nobody = PoseReading(refusal(RefusalCode.NOBODY_FOUND), None)
    assert fusion.guess(nobody, (dataclasses.replace(read_back(), n_views=1),)) is None
    assert fusion.guess(nobody, (read_back(),)) is not None


def test_a_body_with_the_head_down_needs_a_second_witness():
    body = read_pose(moved(make_pose(), turn_deg=180.0, shift=(600.0, 800.0)), "bent")
    assert fusion.guess(body, (dataclasses.replace(read_back(), back_probability=0.0),)) is None
    assert fusion.guess(body, (turned(read_back(), 180),)) is not None


def test_handles_on_what_was_taken_for_a_front_have_the_sides_of_a_back():
    swap = list(range(33))
    for left, right in ((7, 8), (11, 12), (13, 14), (23, 24), (25, 26)):
        swap[left], swap[right] = right, left
    front = Pose(make_pose().xy_px[swap], make_pose().z_px)
    assert front[PoseKeypoint.LEFT_SHOULDER][0] > front[PoseKeypoint.RIGHT_SHOULDER][0]
    guess = fusion.guess(read_pose(front, "front_view"), (read_back(back_probability=0.0),))
    assert guess.subject_left_shoulder[0] < guess.subject_right_shoulder[0]
    assert guess.subject_left_hip[0] < guess.subject_right_hip[0]


@pytest.mark.parametrize("wider", [0.8, 1.15, 1.4])
def test_broad_shoulders_do_not_pull_the_upper_marks_out(wider):
    back = read_back()
    points = back.keypoints.copy()
    level = back.levels["T4"]
    for side in (Side.LEFT, Side.RIGHT):
        points[TABLE.marks["BL-43", side]] = level + wider * (back.marks["BL-43", side] - level)
    location = decide(read_pose(), dataclasses.replace(back, keypoints=points))
    left, right = ((one.x_px, one.y_px) for one in location.points if one.code == "BL-43")
    assert math.dist(left, right) / (2 * location.cun_px) == pytest.approx(3.0, rel=0.03)
    assert_where_read(location, dataclasses.replace(back, keypoints=points))
