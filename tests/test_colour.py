"""Colours come out as they are meant, which is as Chromium shows the same file."""

import base64
import io
import struct
import zlib

import hostile
import numpy as np
import pytest
from PIL import Image

from lab.speed import browsing
from locator.photo import decoding, sources

WIDTH, HEIGHT = 160, 128
P3 = (0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06)
BT709 = (0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)


def ramps():
    """From black to full: a grey, a pure green and a skin tone, as (h, w, 3) uint16."""
    x = np.linspace(0, 65535, WIDTH)
    tones = np.array([(1, 1, 1), (0, 1, 0), (1, 0.75, 0.6), (1, 0.75, 0.6)])
    return (x[None, :, None] * tones.repeat(HEIGHT // 4, axis=0)[:, None]).astype(np.uint16)


def eight_bits():
    return Image.fromarray((ramps() >> 8).astype(np.uint8))


def png(*chunks):
    rows = b"".join(b"\0" + row.tobytes() for row in ramps().astype(">u2"))
    return hostile.png((WIDTH, HEIGHT), 16, 2, rows, *chunks)


def cicp(primaries, transfer):
    return hostile.chunk(b"cICP", bytes((primaries, transfer, 0, 1)))


def gamma(value):
    return hostile.chunk(b"gAMA", struct.pack(">I", round(value * 1e5)))


def chromaticities(xy):
    return hostile.chunk(b"cHRM", struct.pack(">8I", *(round(each * 1e5) for each in xy)))


def of_numbers(format, primaries, transfer):
    options = {"AVIF": {"quality": 100, "subsampling": "4:4:4"}, "HEIF": {"quality": 95, "chroma": 444}}[format]
    return hostile.claiming(
        hostile.encoded(eight_bits(), format, **options), b"nclx", 0, struct.pack(">HH", primaries, transfer)
    )


def cmyk_profile():
    """Of inks that are less pure than Pillow's, on paper that is less white.

    Another table, of darker ones, is for measuring colours, not for viewing them.
    """
    grid = 9
    c, m, y, k = np.meshgrid(*[np.linspace(0, 1, grid)] * 4, indexing="ij")
    light = (1 - 0.75 * k) * (1 - 0.45 * c) * (1 - 0.5 * m) * (1 - 0.08 * y)
    lab = np.stack([light * 0.96, 0.5 + (0.3 * m - 0.15 * c) * (1 - k), 0.5 + (0.35 * y - 0.2 * c) * (1 - k)], axis=-1)
    straight = bytes(range(256))
    identity = struct.pack(">9i", *(65536 * (number % 4 == 0) for number in range(9)))
    head = b"mft1\0\0\0\0" + bytes((4, 3, grid, 0)) + identity + 4 * straight
    tables = [head + np.round(each * 255).astype(np.uint8).tobytes() + 3 * straight for each in (lab, 0.8 * lab)]
    white = b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061)
    viewed, measured = (table.ljust(-(-len(table) // 4) * 4, b"\0") for table in tables)
    entries = {b"A2B0": viewed, b"A2B1": measured, b"wtpt": white}
    start = 132 + 12 * len(entries)
    listed, body = struct.pack(">I", len(entries)), b""
    for tag, value in entries.items():
        listed += tag + struct.pack(">II", start + len(body), len(value))
        body += value
    header = struct.pack(">I4sI", start + len(body), b"none", 0x2100000) + b"prtrCMYKLab "
    header = (header.ljust(36, b"\0") + b"acsp").ljust(68, b"\0") + white[8:]
    return header.ljust(128, b"\0") + listed + body


def grey_profile():
    curve = b"curv\0\0\0\0" + struct.pack(">IHH", 1, 256, 0)  # light itself, no power of it
    white = b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061)
    listed = struct.pack(">I4sII4sII", 2, b"kTRC", 156, 16, b"wtpt", 172, 20)
    header = struct.pack(">I4sI", 192, b"none", 0x2100000) + b"mntrGRAYXYZ "
    header = (header.ljust(36, b"\0") + b"acsp").ljust(68, b"\0") + white[8:]
    return header.ljust(128, b"\0") + listed + curve + white


def misnamed():
    return hostile.display_p3().replace(b"Display P3\0", b"sRGB wide!\0")


def colours_in_words(profile):
    """A profile in a PNG of 16 bits."""
    return hostile.chunk(b"iCCP", b"a\0\0" + zlib.compress(profile))


# name → file, and how far from Chromium's it may be: in the mean, and of 99 in 100 pixels
FILES = {
    **{f"PNG, code points {p} {t}": (png(cicp(p, t)), 0.1, 1) for p in (1, 9, 12) for t in (1, 4, 8, 13)},
    **{f"PNG, code points {p} {t}": (png(cicp(p, t)), 0.1, 1) for p, t in ((8, 8), (1, 7), (1, 11), (11, 17))},
    **{
        f"PNG, code points that say nothing, {p} {t}": (png(cicp(p, t)), 0.1, 1)
        for p, t in ((9, 2), (2, 16), (10, 10))
    },
    "PNG, code points that say nothing before a profile": (
        png(cicp(2, 2), colours_in_words(hostile.display_p3())), 0.1, 1,
    ),
    "PNG, code points of a narrow range": (png(hostile.chunk(b"cICP", bytes((12, 13, 0, 0)))), 0.1, 1),
    "PNG, a broken profile before a gamma": (png(colours_in_words(b"no profile"), gamma(1.0)), 0.1, 1),
    "PNG, gamma 0.45 and usual chromaticities": (png(gamma(0.45), chromaticities(BT709)), 0.1, 1),
    **{f"PNG, PQ, primaries {p}": (png(cicp(p, 16)), 0.5, 4) for p in (1, 9, 12)},
    **{f"PNG, HLG, primaries {p}": (png(cicp(p, 18)), 0.6, 3) for p in (1, 9, 12)},
    "PNG, code points before a profile": (png(cicp(12, 13), colours_in_words(hostile.display_p3())), 0.1, 1),
    "PNG, a profile that is misnamed": (png(colours_in_words(misnamed())), 0.1, 1),
    "PNG, a profile before a gamma": (png(gamma(1.0), colours_in_words(hostile.display_p3())), 0.1, 1),
    **{
        f"PNG, gamma {value}": (png(gamma(value)), 0.1, 1)
        for value in (0.3, 0.43, 0.44, 0.45, 0.45455, 0.47, 0.48, 0.55556, 1.0)
    },
    "PNG, gamma and chromaticities": (png(gamma(0.45455), chromaticities(P3)), 0.1, 1),
    "PNG, gamma and usual chromaticities": (png(gamma(0.45455), chromaticities(BT709)), 0.1, 1),
    "PNG, chromaticities alone": (png(chromaticities(P3)), 0.1, 1),
    "PNG, sRGB in words, and a gamma": (png(hostile.chunk(b"sRGB", b"\0"), gamma(1.0)), 0.1, 1),
    "PNG, grey with a gamma": (
        hostile.before_pixels(hostile.encoded(eight_bits().convert("L"), "PNG"), gamma(1.0)), 0.1, 1,
    ),
    "JPEG, grey with a profile": (
        # A level of dark light is thirteen on a screen.
        hostile.encoded(eight_bits().convert("L"), "JPEG", quality=98, icc_profile=grey_profile()), 0.3, 7,
    ),
    "JPEG, CMYK": (hostile.encoded(eight_bits().convert("CMYK"), "JPEG", quality=98), 0.5, 2),
    "JPEG, CMYK with a profile": (
        hostile.encoded(eight_bits().convert("CMYK"), "JPEG", quality=98, icc_profile=cmyk_profile()), 4, 16,
    ),
    **{
        f"AVIF, code points {p} {t}": (of_numbers("AVIF", p, t), 0.1, 1)
        for p, t in ((1, 1), (1, 4), (1, 8), (2, 2), (5, 4), (9, 13), (9, 14), (12, 13))
    },
    "AVIF, PQ": (of_numbers("AVIF", 9, 16), 0.5, 4),
    "AVIF, HLG": (of_numbers("AVIF", 9, 18), 0.6, 3),
}  # fmt: skip


# What Chromium 156 shows, at every twentieth column of the grey and of the skin tone.
SHOWN = {
    (1, 13): ([0, 32, 64, 96, 128, 161, 193, 225], [(64, 48, 38), (128, 96, 77), (193, 144, 115)]),
    (12, 13): ([0, 32, 64, 96, 128, 161, 193, 225], [(67, 47, 36), (134, 94, 74), (202, 141, 110)]),
    (9, 16): ([0, 5, 30, 71, 133, 214, 255, 255], [(37, 13, 7), (160, 57, 36), (255, 74, 45)]),
    (9, 18): ([0, 14, 43, 71, 100, 136, 190, 229], [(47, 28, 21), (109, 69, 55), (210, 109, 90)]),
}


@pytest.mark.parametrize("numbers", SHOWN, ids=str)
@pytest.mark.parametrize("format", ["PNG", "AVIF", "HEIF"])
def test_code_points_say_what_colours_mean(format, numbers):
    rgb = sources.read(png(cicp(*numbers)) if format == "PNG" else of_numbers(format, *numbers)).rgb.astype(int)
    greys, skins = SHOWN[numbers]
    tolerance = (3 if format == "PNG" else 5) + 3 * (numbers[1] == 16)
    assert np.abs(rgb[5, ::20, 0] - greys).max() <= tolerance
    assert np.abs(rgb[110, 40:140:40] - skins).max() <= tolerance


def test_what_is_said_is_no_use_where_it_fits_no_picture_of_this_kind():
    for image, profile in (("RGB", cmyk_profile()), ("RGB", grey_profile()), ("CMYK", hostile.display_p3())):
        plain = hostile.encoded(eight_bits().convert(image), "JPEG")
        said = hostile.encoded(eight_bits().convert(image), "JPEG", icc_profile=profile)
        assert np.array_equal(sources.read(said).rgb, sources.read(plain).rgb)


@pytest.mark.parametrize(
    "chunk",
    [
        hostile.chunk(b"cICP", b"\1"),
        cicp(255, 255),
        gamma(0),
        hostile.chunk(b"gAMA", b"\1"),
        gamma(0.45455) + hostile.chunk(b"cHRM", bytes(9)),
        gamma(0.5) + chromaticities([0] * 8),
        gamma(0.00001),
    ],
)
def test_nonsense_about_colours_is_passed_over(chunk):
    assert np.array_equal(sources.read(png(chunk)).rgb, sources.read(png()).rgb)


@pytest.fixture(scope="module")
def shown(browsers):
    """Every file as Chromium shows it."""
    pictures = {}
    with browsing.launched(browsers, "--force-color-profile=srgb") as browser:
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        for name, (file, *_) in FILES.items():
            kind = f"image/{name.partition(',')[0].lower()}"
            page.set_content('<body style="margin: 0"><img style="display: block">')
            page.evaluate(
                "async url => { const img = document.querySelector('img'); img.src = url; await img.decode() }",
                f"data:{kind};base64,{base64.b64encode(file).decode()}",
            )
            pictures[name] = np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB")).astype(int)
    return pictures


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_colours_are_those_that_chromium_shows(name, shown):
    file, mean, most = FILES[name]
    apart = np.abs(sources.read(file).rgb - shown[name])
    assert apart.mean() <= mean
    assert np.percentile(apart, 99) <= most


@pytest.mark.parametrize("data", [of_numbers("HEIF", 9, 18), of_numbers("AVIF", 9, 16), png(cicp(9, 16))])
def test_brighter_colours_than_white_take_longer_and_are_taken_of_smaller_photos_only(data, monkeypatch):
    assert sources.read(data)
    monkeypatch.setitem(decoding.MAX_PIXELS_OF, "HDR", WIDTH * HEIGHT - 1)
    with pytest.raises(sources.UnreadableImage) as refused:
        sources.read(data)
    assert refused.value.outcome.code == "too_many_pixels"
    assert sources.read(hostile.encoded(eight_bits(), "PNG"))
