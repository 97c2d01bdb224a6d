"""Profiles of three curves and a matrix give the colours that LittleCMS gives, or are left to it."""

import io
import struct

import hostile
import numpy as np
import pytest
from PIL import Image, ImageCms

from locator.photo import colour

ADOBE, P3, PROPHOTO = (
    ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457)),
    ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407)),
    ((0.79767, 0.28803, 0.0), (0.13519, 0.71187, 0.0), (0.03134, 0.00009, 0.82491)),
)


def fixed(*numbers):
    return b"".join(struct.pack(">i", round(number * 65536)) for number in numbers)


def para(kind, *parameters):
    return b"para\0\0\0\0" + struct.pack(">Hxx", kind) + fixed(*parameters)


def curv(*values):
    return b"curv\0\0\0\0" + struct.pack(f">I{len(values)}H", len(values), *values)


def profile(columns, *curves):
    """In colours whose XYZ under D50 are these, each raised by its curve."""
    tags = {b"wtpt": b"XYZ \0\0\0\0" + fixed(0.9642, 1, 0.8249)}
    for name, column, curve in zip(b"rgb", columns, 3 * curves if len(curves) == 1 else curves, strict=True):
        tags |= {b"%cXYZ" % name: b"XYZ \0\0\0\0" + fixed(*column), b"%cTRC" % name: curve}
    return colour._icc(b"XYZ ", tags)


SRGB = para(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
PROFILES = {
    "P3": hostile.display_p3(),
    "gamma": profile(P3, para(0, 2.2)),
    "gamma and black": profile(P3, para(1, 2.2, 1.1, -0.1)),
    "gamma above black": profile(P3, para(2, 2.0, 0.8, 0.1, 0.05)),
    "each its own": profile(P3, SRGB, para(0, 1.8), curv(563)),
    "Adobe RGB": profile(ADOBE, curv(563)),
    "ProPhoto": profile(PROPHOTO, curv(461)),
    "light itself": profile(P3, curv()),
    "table": profile(P3, curv(*(round(65535 * (step / 1023) ** 2.2) for step in range(1024)))),
    "short table": profile(ADOBE, curv(0, 8000, 30000, 65535)),
    "all parameters": profile(P3, para(4, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045, 0.01, 0.01)),
}


@pytest.mark.parametrize("name", PROFILES)
def test_colours_are_those_of_littlecms_to_a_level(name):
    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (120, 160, 3), np.uint8))
    convert = colour.to_srgb(colour.Meaning(profile=PROFILES[name]), "RGB")
    finely = ImageCms.Flags.HIGHRESPRECALC
    source = ImageCms.ImageCmsProfile(io.BytesIO(PROFILES[name]))
    intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
    transform = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), "RGB", "RGB", intent, finely)
    expected = np.asarray(ImageCms.applyTransform(image, transform)).astype(int)
    assert np.abs(np.asarray(convert(image)).astype(int) - expected).max() <= 1


def test_a_profile_whose_curves_are_missing_leaves_the_colours_as_they_are():
    broken = PROFILES["P3"].replace(b"gTRC", b"none")
    assert colour.to_srgb(colour.Meaning(profile=broken), "RGB") is None
