"""A photo is called overexposed where its subject is, not for the white around it."""

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
