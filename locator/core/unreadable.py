"""Every reason why a file cannot be read as a photo: one row a code, as in :mod:`locator.core.reasons`."""

from __future__ import annotations

from dataclasses import dataclass

from locator.core.reasons import Drawing, Reason, Row
from locator.core.types import Unreadable


@dataclass(frozen=True)
class _UnreadableRow(Row):
    drawing: Drawing = Drawing.OTHER_FILE


class UnreadableCode(Reason):
    """Why a file cannot be read as a photo; ``{kind}`` in a message is what the file is instead.

    Attributes:
        drawing: beside it on the page.
    """

    drawing: Drawing

    NOT_FOUND = _UnreadableRow(
        "not_found",
        "There is no file with this name.",
        "Check the name and the folder, and try again.",
    )
    NOT_A_FILE = _UnreadableRow(
        "not_a_file",
        "This is a folder or a device, not a photo file.",
        "Choose one photo file; to read a whole folder, name its files, as in `locator locate folder/*.jpg`.",
    )
    NO_PERMISSION = _UnreadableRow(
        "no_permission",
        "This file may not be opened by this user.",
        "Copy the photo to a folder of your own, or ask its owner for access.",
    )
    READ_FAILED = _UnreadableRow(
        "read_failed",
        "The file is there, but reading it from the disk failed.",
        "Copy the photo to this computer again, and try the copy.",
    )
    EMPTY_FILE = _UnreadableRow(
        "empty_file",
        "This file is empty.",
        "The copy or download probably broke off: fetch the photo again.",
    )
    TOO_MANY_BYTES = _UnreadableRow(
        "too_many_bytes",
        "This file is larger than 64 megabytes.",
        "Save the photo as a JPEG, which is much smaller, and choose that file.",
    )
    NOT_AN_IMAGE = _UnreadableRow(
        "not_an_image",
        "This is {kind}, not a photo.",
        "Choose a photo in JPEG, PNG, WebP, HEIC or AVIF format.",
    )
    UNSUPPORTED_FORMAT = _UnreadableRow(
        "unsupported_format",
        "This is {kind}, which cannot be read here.",
        "Open it in a photo program, save it as JPEG or PNG, and choose that file.",
    )
    TOO_MANY_PIXELS = _UnreadableRow(
        "too_many_pixels",
        "This picture has more pixels than can be handled here.",
        "Save it smaller: 4000 pixels on the longer side are plenty.",
    )
    TOO_FEW_PIXELS = _UnreadableRow(
        "too_few_pixels",
        "This picture is too small: its shorter side has fewer than 64 pixels.",
        "Choose the original photo rather than a thumbnail; 600 pixels or more work best.",
    )
    TOO_COMPLEX = _UnreadableRow(
        "too_complex",
        "This picture is stored in a way that would take too long to open.",
        "Open it in a photo program, save it as a new JPEG, and choose that file.",
    )
    DAMAGED = _UnreadableRow(
        "damaged",
        "This file is damaged or incomplete.",
        "Copy or download the photo again, or open it in a photo program and save it as a new JPEG.",
    )
    READER_ENDED = _UnreadableRow(
        "reader_ended",
        "The process that read this photo ended again and again: the photo is broken, or memory ran out.",
        "Open it in a photo program, save it smaller and as a new JPEG, and try again.",
    )
    READER_TOO_SLOW = _UnreadableRow(
        "reader_too_slow",
        "Reading this photo took longer than a minute again and again: the photo is broken, or this computer is busy.",
        "Open it in a photo program, save it smaller and as a new JPEG, and try again.",
    )


def unreadable(code: UnreadableCode, kind: str = "") -> Unreadable:
    """The reason with this code, in English.

    Args:
        kind: what the file is instead of a photo, such as ``"a PDF document"``.
    """
    return Unreadable(code.value, code.message.format(kind=kind), code.remedy)
