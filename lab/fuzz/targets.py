"""What each kind of input promises: an answer, or a refusal of the documented kind. Anything else is a finding."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeVar

import numpy as np

from lab.fuzz import seeds
from locator import api
from locator.catalogue import loading, words
from locator.catalogue.data_file import CatalogueError
from locator.catalogue.languages import ENGLISH, program_texts
from locator.core import toml
from locator.core.anchors import AnchorsError
from locator.core.arrays import RGBArray
from locator.core.types import ImageInfo, Location, Refusal
from locator.core.unreadable import UnreadableCode
from locator.estimate import anchors_file
from locator.jobs import results
from locator.jobs.journal import Journal
from locator.photo import decoding, sources

_LONGEST_PX = 40  # so that even the seeds, which are small, are reduced while they are decoded
PHOTO = ImageInfo(None, seeds.PHOTO_PX[0], seeds.PHOTO_PX[1], None)


@cache
def _good() -> tuple[bytes, RGBArray]:
    data = seeds.good_photo()
    return data, sources.read(data).rgb


_Read = TypeVar("_Read")


def _outcome(read: Callable[[], _Read]) -> _Read | str:
    """What was read, or the code of the reason why not."""
    try:
        return read()
    except sources.UnreadableImage as error:
        return error.outcome.code


def photo(data: bytes) -> None:
    """A photo, whole and small, or a reason; and the next good photo is read as if nothing had been."""
    good, expected = _good()
    small, whole = _outcome(lambda: sources.Source(data).small(_LONGEST_PX)), _outcome(lambda: sources.read(data))
    if isinstance(small, str) or isinstance(whole, str):
        assert small == whole, (small, whole)
        assert whole in set(UnreadableCode), whole
    else:
        rgb = whole.rgb
        assert small.info == whole.info
        assert small.size == (rgb.shape[1], rgb.shape[0])
        assert max(small.rgb.shape) == min(_LONGEST_PX, max(small.size))
        assert rgb.dtype == np.uint8
        assert rgb.flags.c_contiguous
        assert decoding.MIN_SIDE_PX <= min(rgb.shape[:2]) <= max(rgb.shape[:2]) <= decoding.MAX_SIDE_PX
        assert rgb.shape[0] * rgb.shape[1] <= decoding.MAX_PIXELS
    assert np.array_equal(sources.read(good).rgb, expected)


def anchors(data: bytes) -> None:
    """Handles from which marks or a refusal follow, and which a file of theirs gives again; or a named mistake."""
    try:
        read = anchors_file.read(data, PHOTO)
    except AnchorsError as error:
        assert str(error).encode()  # can be printed
        return
    assert isinstance(api.locate_anchors(read, seeds.PHOTO_PX), Location | Refusal)
    written = anchors_file.write(read, PHOTO)
    assert anchors_file.write(anchors_file.read(written, PHOTO), PHOTO) == written


def catalogue(data: bytes) -> None:
    """A catalogue that speaks, or a named mistake: for a file of points or one of texts."""
    try:
        parsed = toml.parse(data.decode())
    except (ValueError, RecursionError):  # no TOML
        return
    points, texts = seeds.points(), seeds.texts()
    try:
        words.read(parsed.pop("program", {}), program_texts(ENGLISH))
        read = loading.read(parsed, texts) if "acupoint" in parsed else loading.read(points, parsed)
    except CatalogueError as error:
        assert str(error)
        return
    for point in read.acupoints:
        assert point.find
        assert point.avoid


def settings(data: bytes) -> None:
    """The settings that a batch left behind: gone on with, or refused."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        (out / results.SETTINGS).write_bytes(data)
        try:
            results.prepare(out, seeds.SETTINGS, resume=True)
        except results.BatchRefused as error:
            assert str(error).encode()  # can be printed


def records(data: bytes) -> None:
    """The records that a batch left behind: every whole one is found again, and new ones can be added."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "journal.jsonl"
        file.write_bytes(data)
        with Journal(file, Path(folder) / results.RECORDS) as journal:
            position = journal.add([seeds.RECORD])
            assert journal.documents(position) == [seeds.RECORD]
        with Journal(file, Path(folder) / results.RECORDS) as journal:
            image = seeds.RECORD["image"]
            found = journal.find(image["path"], image["sha256"])
            assert found
            assert journal.documents(found) == [seeds.RECORD]


TARGETS: dict[str, Callable[[bytes], None]] = {
    "photo": photo,
    "anchors": anchors,
    "catalogue": catalogue,
    "settings": settings,
    "records": records,
}
