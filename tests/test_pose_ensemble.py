"""Four views of a photo: what they agree on is believed, what they contradict is not."""

import numpy as np
import pytest
from conftest import make_pose, moved

from locator.core.body import Pose, PoseKeypoint
from locator.core.reasons import IssueCode, RefusalCode
from locator.core.types import Refusal
from locator.estimate import checks, pose_ensemble, pose_landmarks
from locator.photo import light

BRIGHT_AND_SHARP = light.Light(luma=128, white=0, edge_width=8)
PICTURE = np.zeros((800, 600, 3), np.uint8)


class Scripted:
    """Answers each view with the next entry: poses in the upright picture, turned as the view is."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = 0

    def estimate(self, rgb):
        quarter_turns = self.asked % 4
        poses = self.answers[self.asked] if self.asked < len(self.answers) else []
        self.asked += 1
        height, width = PICTURE.shape[:2]
        for _ in range(quarter_turns):  # counter-clockwise, as np.rot90
            poses = [Pose(np.stack([p.xy_px[:, 1], width - 1 - p.xy_px[:, 0]], axis=1), p.z_px) for p in poses]
            height, width = width, height
        assert rgb.shape[:2] == (height, width)
        return tuple(poses)


def from_the_front(pose):
    """The same joints, read as a person who faces the camera."""
    swap = list(range(33))
    for left, right in ((7, 8), (11, 12), (13, 14), (23, 24), (25, 26)):
        swap[left], swap[right] = right, left
    return Pose(pose.xy_px[swap], pose.z_px)


def read(*answers):
    estimator = Scripted(*answers)
    bodies = pose_ensemble.predict(PICTURE, estimator)
    return checks.choose(bodies, BRIGHT_AND_SHARP), bodies, estimator


def test_four_views_that_agree_are_enough():
    body, _, estimator = read(*[[make_pose()]] * 4)
    assert estimator.asked == 4
    assert (body.n_agreeing, body.n_contradicting) == (4, 0)
    np.testing.assert_allclose(body.pose.xy_px, make_pose().xy_px)


def test_the_median_of_the_views_is_taken():
    off = Pose(make_pose().xy_px + 20, make_pose().z_px)
    body, _, _ = read([make_pose()], [make_pose()], [make_pose()], [off])
    np.testing.assert_allclose(body.pose.xy_px, make_pose().xy_px)


def test_views_that_disagree_lead_to_four_more():
    back, front = [make_pose()], [from_the_front(make_pose())]
    body, _, estimator = read(back, back, front, [], back, back, back, front)
    assert estimator.asked == 8
    assert (body.n_agreeing, body.n_contradicting) == (5, 2)
    assert not checks.reliable(body)


def test_front_and_back_readings_in_balance_are_refused():
    back, front = [make_pose()], [from_the_front(make_pose())]
    outcome, _, _ = read(back, front, back, front, back, front, back, front)
    assert isinstance(outcome, Refusal)


def test_a_front_view_is_refused_and_told_so():
    outcome, _, _ = read(*[[from_the_front(make_pose())]] * 4)
    assert outcome.code == "front_view"
    assert "behind" in outcome.remedy


def test_a_narrow_body_that_is_read_both_ways_is_not_called_a_front():
    """As a back in clothes that is turned away; from straight behind, as many views would make a front of it."""
    for breadth, code in ((1.0, "front_view"), (0.45, "unsure_facing")):
        pose = Pose((make_pose().xy_px - [300, 0]) * [breadth, 1.0] + [300, 0], make_pose().z_px)
        outcome, _, _ = read([pose], *[[from_the_front(pose)]] * 4)
        assert outcome.code == code


@pytest.mark.parametrize(("length", "code"), [(1.0, "front_view"), (0.5, "unsure_facing")])
def test_a_body_that_is_foreshortened_is_not_called_a_front(length, code):
    pose = from_the_front(make_pose())
    outcome, _, _ = read(*[[Pose(pose.xy_px * [1.0, length] + [0, 300 * (1 - length)], pose.z_px)]] * 4)
    assert outcome.code == code


def test_nobody_found_is_told_so():
    outcome, _, _ = read()
    assert outcome.code == "nobody_found"


def test_a_reading_of_fewer_than_half_the_views_is_not_believed():
    back = [make_pose()]
    outcome, _, _ = read(back, back, [], [], back)
    assert isinstance(outcome, Refusal)


def test_a_disputed_reading_is_believed_on_a_usual_body_only():
    for pose, believed in ((make_pose(), True), (deviating(-5), False)):
        back, front = [pose], [from_the_front(pose)]
        body, _, _ = read(back, front, back, front, back, front, back, back)
        assert (body.n_agreeing, body.n_contradicting) == (5, 3)
        refused = checks.check_body(body, (600, 800), 1.0)
        assert (refused is None) is believed


def test_one_stray_view_is_not_believed():
    outcome, _, _ = read([make_pose()])
    assert isinstance(outcome, Refusal)


@pytest.mark.parametrize(
    ("light", "code"),
    [
        (light.Light(luma=15, white=0, edge_width=8), "too_dark"),
        (light.Light(luma=120, white=0, edge_width=60), "too_blurred"),
        (light.Light(luma=120, white=0, edge_width=float("nan")), "nobody_found"),
    ],
)
def test_when_nobody_is_found_the_likely_cause_is_named(light, code):
    assert checks.choose((), light).code == code


def test_of_two_people_the_larger_back_is_marked_and_said_so():
    large, small = make_pose(), moved(make_pose(), 0.5, shift=(380, 300))
    body, bodies, _ = read(*[[small, large]] * 4)
    assert body.pose.joints.torso_px == pytest.approx(200)
    issues = checks.reservations(body, bodies, BRIGHT_AND_SHARP, (600, 800), 1.0)
    assert "several_people" in {issue.code for issue in issues}


def test_a_back_is_marked_though_a_larger_person_faces_the_camera():
    front, back = from_the_front(make_pose()), moved(make_pose(), 0.5, shift=(380, 300))
    body, _, _ = read(*[[front, back]] * 4)
    assert body.pose.joints.torso_px == pytest.approx(100)


def as_broad(breadth):
    """The upright body, its shoulders ``breadth`` torso lengths wide and its hips in proportion."""
    pose = make_pose().xy_px.copy()
    share = breadth * 200 / 134
    for row in (PoseKeypoint.LEFT_SHOULDER, PoseKeypoint.RIGHT_SHOULDER, PoseKeypoint.LEFT_HIP, PoseKeypoint.RIGHT_HIP):
        pose[row, 0] = 300 + share * (pose[row, 0] - 300)
    return Pose(pose, make_pose().z_px)


def deviating(standard_deviations):
    """A body whose shoulders are so far from the breadth of those that the placing was measured on."""
    model = pose_landmarks.model()
    return as_broad(model.mean["shoulders_breadth"] + standard_deviations * model.sd["shoulders_breadth"])


@pytest.mark.parametrize("pose", [as_broad(0.25), deviating(-6.5)], ids=["from the side", "turned"])
def test_a_body_turned_aside_is_refused(pose):
    body, _, _ = read(*[[pose]] * 4)
    outcome = body if isinstance(body, Refusal) else checks.check_body(body, (600, 800), 1.0)
    assert outcome.code == "sideways"


def test_a_body_a_little_turned_is_unusual_but_not_refused():
    body, _, _ = read(*[[deviating(-5)]] * 4)
    assert checks.check_body(body, (600, 800), 1.0) is None
    assert not checks.usual(body)
    assert checks.usual(read(*[[make_pose()]] * 4)[0])


def test_a_back_seen_from_above_so_that_it_is_short_is_refused():
    body, _, _ = read(*[[deviating(8)]] * 4)
    assert checks.check_body(body, (600, 800), 1.0).code == "bent"


def test_a_back_without_its_head_in_the_picture_is_refused():
    above = moved(make_pose(), shift=(0, -125))  # the ears are at the upper edge
    body, _, _ = read(*[[above]] * 4)
    assert checks.check_body(body, (600, 800), 1.0).code == "head_missing"


def test_a_back_a_few_pixels_large_is_refused():
    body, _, _ = read(*[[make_pose()]] * 4)
    assert checks.check_body(body, (600, 800), 1.0) is None
    assert checks.check_body(body, (600, 800), 0.2).code == "too_small"


def test_every_message_says_what_to_do():
    for code in (*RefusalCode, *IssueCode):
        assert code.message.endswith(".")
        assert code.remedy.endswith(".")
