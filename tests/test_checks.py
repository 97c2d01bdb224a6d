"""Light and sharpness are measured on the picture itself."""

import numpy as np
from PIL import Image, ImageFilter

from locator.photo import light, sources


def test_a_good_photo_is_neither_dark_nor_blurred(samples):
    for name, file in samples.items():
        if name == "out_of_focus":
            continue
        seen = light.measure(sources.read(file).rgb)
        assert not seen.dark, file.name
        assert not seen.blurred, file.name


def test_the_same_photo_in_the_dark_is_dark(back_rgb):
    assert light.measure((back_rgb * 0.12).astype(np.uint8)).dark


def test_the_same_photo_out_of_focus_is_blurred(back_rgb):
    out_of_focus = Image.fromarray(back_rgb).filter(ImageFilter.GaussianBlur(10))
    assert light.measure(np.asarray(out_of_focus)).blurred


def test_an_empty_wall_is_not_called_blurred():
    seen = light.measure(np.full((200, 200, 3), 120, np.uint8))
    assert not seen.blurred
