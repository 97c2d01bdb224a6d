"""Colours brighter than white are brought down by tables for speed, and come out as the formulas say."""

import numpy as np
import pytest
from PIL import Image

from locator.photo import colour, tone_mapping

TO_SRGB = np.linalg.inv(colour._to_xyz(colour._BT709)) @ colour._to_xyz(colour._BT2020)


def colours():
    """Of all kinds, half of them dark, and greys."""
    rng = np.random.default_rng(1)
    rgb = rng.integers(0, 256, (300, 200, 3), np.uint8)
    rgb[100:200] = (rgb[100:200] * rng.random((100, 200, 1))).astype(np.uint8)
    rgb[200:] = rgb[200:, :, :1]
    return rgb


@pytest.mark.parametrize(("transfer", "most"), [(tone_mapping.PQ, 0.6), (tone_mapping.HLG, 1.2)])
def test_the_tables_give_what_the_formulas_give(transfer, most):
    rgb = colours()
    linear = np.clip(tone_mapping.dimmed(tone_mapping.light(rgb / 255, transfer)) @ TO_SRGB.T, 0, 1)
    expected = 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    assert np.abs(tone_mapping.converter(transfer, TO_SRGB)(rgb) - expected).max() <= most


def test_where_opencv_knows_no_such_tables_the_picture_is_the_same_to_the_eye(monkeypatch):
    picture = Image.fromarray(np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2))
    meaning = colour.Meaning(numbers=(9, tone_mapping.PQ))
    sooner = np.asarray(colour.to_srgb(meaning, "RGB")(picture)).astype(int)

    def too_old(*_):
        raise ValueError("LUT: the index has 8 bits")

    monkeypatch.setattr(tone_mapping, "converter", too_old)
    later = np.asarray(colour.to_srgb(meaning, "RGB")(picture)).astype(int)
    assert np.abs(later - sooner).max() <= 3
