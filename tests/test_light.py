"""A photo is called overexposed where its subject is, not for the white around it."""

import cv2
import numpy as np

from locator.photo import light, sources


def test_a_back_cut_out_on_white_is_not_overexposed(samples):
    back = sources.read(samples["standing"]).rgb
    paper = np.full((back.shape[0], 3 * back.shape[1], 3), 255, np.uint8)
    paper[:, back.shape[1] : 2 * back.shape[1]] = back
    assert not light.measure(paper).bright


def test_a_back_that_is_burnt_out_is_overexposed_on_white_too(samples):
    burnt = np.clip(sources.read(samples["standing"]).rgb * 3.0, 0, 255).astype(np.uint8)
    paper = np.full((burnt.shape[0], 3 * burnt.shape[1], 3), 255, np.uint8)
    paper[:, burnt.shape[1] : 2 * burnt.shape[1]] = burnt
    assert light.measure(burnt).bright
    assert light.measure(paper).bright


def test_paper_alone_is_bright():
    assert light.measure(np.full((80, 60, 3), 255, np.uint8)).bright


def lit_from_the_side(rgb):
    across = np.linspace(0, 1, rgb.shape[1])[None, :, None]
    return np.clip(rgb * 1.3 / (1 + np.exp(-(across - 0.5) / 0.04)), 0, 255).astype(np.uint8)


def test_hard_light_from_the_side_is_neither_blur_nor_darkness(samples):
    for name in ("standing", "close_up", "without_the_head"):
        seen = light.measure(lit_from_the_side(sources.read(samples[name]).rgb))
        assert not seen.blurred, name
        assert not seen.dark, name


def test_what_is_out_of_focus_is_blurred_under_any_light(samples):
    for name in ("standing", "close_up", "in_a_shirt"):
        blurred = cv2.GaussianBlur(sources.read(samples[name]).rgb, (0, 0), 10)
        assert light.measure(blurred).blurred, name
        assert light.measure(lit_from_the_side(blurred)).blurred, name


def test_a_back_cut_out_on_black_is_not_dark(samples):
    back = sources.read(samples["standing"]).rgb
    black = np.zeros((back.shape[0], 3 * back.shape[1], 3), np.uint8)
    black[:, back.shape[1] : 2 * back.shape[1]] = back
    assert not light.measure(black).dark


def test_a_small_photo_is_as_sharp_as_a_large_one(back_rgb):
    for longer in (96, 200, 720):
        size = (round(back_rgb.shape[1] * longer / back_rgb.shape[0]), longer)
        assert not light.measure(cv2.resize(back_rgb, size, interpolation=cv2.INTER_AREA)).blurred


def test_a_dark_photo_of_an_empty_room_is_not_refused_for_its_darkness(locator):
    rng = np.random.default_rng(1)
    wall = cv2.GaussianBlur(rng.uniform(0, 255, (720, 540, 3)).astype(np.uint8), (0, 0), 20)
    cv2.rectangle(wall, (50, 300), (200, 600), (90, 60, 40), -1)
    assert locator.locate(wall).outcome.code == "nobody_found"
    assert locator.locate((wall * 0.3).astype(np.uint8)).outcome.code == "nobody_found"


def test_a_back_too_blurred_to_be_marked_is_told_to_be_so(locator, back_rgb):
    assert locator.locate(cv2.GaussianBlur(back_rgb, (0, 0), 24)).outcome.code == "too_blurred"


def test_a_back_that_is_marked_is_called_overexposed_blurred_or_dark_for_no_light_from_the_side_and_no_cutting_out(
    locator, samples
):
    rgb = sources.read(samples["standing"]).rgb
    white = np.full((rgb.shape[0], 3 * rgb.shape[1], 3), 255, np.uint8)
    white[:, rgb.shape[1] : 2 * rgb.shape[1]] = rgb
    for photo in (white, lit_from_the_side(rgb)):
        outcome = locator.locate(photo).outcome
        assert not {"bright", "blurred", "dark"} & {issue.code for issue in getattr(outcome, "issues", ())}
        assert getattr(outcome, "code", "") not in {"too_dark", "too_blurred"}


def test_a_plain_back_is_not_called_a_front(locator, samples):
    """Smooth skin and grey light, on which nothing but the outline is left to tell the sides of a body by."""
    for name in ("standing", "without_the_head"):
        plain = cv2.bilateralFilter(np.array(sources.read(samples[name]).rgb), 15, 60, 9)
        grey = cv2.cvtColor(cv2.cvtColor(plain, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
        for photo in (plain, grey):
            assert getattr(locator.locate(photo).outcome, "code", "") != "front_view", name
