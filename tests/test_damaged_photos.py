"""Corrupt data is refused; a file that lacks nothing but its end marker is read."""

import hostile
import numpy as np
import pytest
from PIL import Image

from locator.photo import sources

SECTOR = 512


def sectors_zeroed(jpeg):
    """Copies, in each of which one sector of the pixels' code is lost."""
    first = -(-jpeg.index(b"\xff\xda") // SECTOR) * SECTOR
    for start in range(first, len(jpeg) - SECTOR, SECTOR):
        yield jpeg[:start] + bytes(SECTOR) + jpeg[start + SECTOR :]


def is_damaged(read):
    try:
        read()
    except sources.UnreadableImage as error:
        return error.outcome.code == "damaged"
    return False


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_rows": 1}], ids=str)
def test_a_photo_that_lost_a_sector_is_refused_read_whole_or_small(options, samples):
    with Image.open(samples["standing"]) as photo:
        copies = list(sectors_zeroed(hostile.encoded(photo, "JPEG", quality=90, **options)))
    taken = [copy for copy in copies if not is_damaged(lambda copy=copy: sources.read(copy))]
    small = [copy for copy in copies if not is_damaged(lambda copy=copy: sources.Source(copy).small(200))]
    assert small == taken
    assert len(copies) > 50
    assert len(taken) <= 0.03 * len(copies)  # zeros that happen to be code of as many pixels, which no decoder can tell


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_so_is_one_without_or_with_more_colours(mode):
    for copy in sectors_zeroed(hostile.encoded(hostile.grain().convert(mode), "JPEG", quality=90)):
        assert is_damaged(lambda copy=copy: sources.read(copy))


@pytest.mark.parametrize("missing", [1, 2])
@pytest.mark.parametrize("options", [{}, {"progressive": True}], ids=str)
def test_a_jpeg_without_its_end_marker_is_read(missing, options):
    jpeg = hostile.encoded(hostile.grain(), "JPEG", **options)
    assert np.array_equal(sources.read(jpeg[:-missing]).rgb, sources.read(jpeg).rgb)


@pytest.mark.parametrize("missing", [1, 4, 8, 11, 12])
def test_a_png_without_its_end_marker_is_read(missing):
    png = hostile.encoded(hostile.grain(), "PNG")
    assert np.array_equal(sources.read(png[:-missing]).rgb, np.asarray(hostile.grain()))


@pytest.mark.parametrize("kept", [1, 3])
def test_a_png_that_lacks_pixels_too_is_refused(kept):
    """Whole chunks of them, so that nothing is cut off."""
    image = hostile.grain()
    rows = b"".join(b"\0" + row.tobytes() for row in np.asarray(image))
    whole = hostile.png(image.size, 8, 2, rows, packed=0)
    at = whole.index(b"IDAT") - 4
    packed = whole[at + 8 : -16]
    parts = [hostile.chunk(b"IDAT", packed[start : start + 60_000]) for start in range(0, len(packed), 60_000)]
    assert np.array_equal(sources.read(whole[:at] + b"".join(parts)).rgb, np.asarray(image))
    assert is_damaged(lambda: sources.read(whole[:at] + b"".join(parts[:kept])))


@pytest.mark.parametrize("padding", [b"\0", b"\x4b\0\x4b"])
def test_what_a_camera_fills_a_jpeg_up_with_is_no_damage(padding):
    jpeg = hostile.encoded(hostile.grain(), "JPEG")
    assert np.array_equal(sources.read(jpeg[:-2] + padding + jpeg[-2:]).rgb, sources.read(jpeg).rgb)


@pytest.mark.parametrize("sampling", [0x31, 0x13])
def test_colours_that_are_stored_in_an_unusual_way_are_read(sampling):
    """As one of three columns or rows. All code of this grey is zeros, however many blocks there are."""
    jpeg = bytearray(
        hostile.encoded(Image.new("RGB", (160, 128), (128, 128, 128)), "JPEG", subsampling=0, optimize=True)
    )
    jpeg[jpeg.index(b"\xff\xc0") + 11] = sampling
    assert (sources.read(bytes(jpeg)).rgb == 128).all()
