"""Every reason why a photo is not answered, or not without reserve: one row a code.

A new reason is a row here and nothing else. The codes are stable: programs may rely on them. The English texts stand
here; other languages translate them by code in ``catalogue/texts/``.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Self

from locator.core.types import Issue, Refusal


class Drawing(StrEnum):
    """The drawings in ``catalogue/svg/`` of how to take a better photo."""

    CAMERA_LEVEL = "camera_level"
    GOOD_PHOTO = "good_photo"
    HANDLES = "handles"
    HOLD_STILL = "hold_still"
    MORE_LIGHT = "more_light"
    OTHER_FILE = "other_file"
    STEP_BACK = "step_back"
    STEP_CLOSER = "step_closer"
    STRAIGHT_BEHIND = "straight_behind"
    TURN_AROUND = "turn_around"
    WHOLE_BACK = "whole_back"


class AdviceCode(StrEnum):
    """What is asked of somebody before a camera; the words are in ``catalogue/texts/``."""

    SHOW_BACK = "show_back"
    TURN_AROUND = "turn_around"
    STRAIGHT_BEHIND = "straight_behind"
    STEP_BACK = "step_back"
    SHOW_NECK = "show_neck"
    SHOW_WAIST = "show_waist"
    COME_CLOSER = "come_closer"
    MORE_LIGHT = "more_light"
    LESS_LIGHT = "less_light"
    EVEN_LIGHT = "even_light"
    HOLD_STILL = "hold_still"
    LEVEL_CAMERA = "level_camera"


@dataclass(frozen=True)
class Row:
    """What is wrong, and what to do."""

    code: str
    message: str
    remedy: str


@dataclass(frozen=True)
class _RefusalRow(Row):
    drawing: Drawing = Drawing.GOOD_PHOTO
    advice: AdviceCode = AdviceCode.SHOW_BACK
    unmended: IssueCode | None = None


class Reason(StrEnum):
    """Codes, each with what its row says."""

    message: str
    remedy: str

    def __new__(cls, row: Any) -> Self:
        """Make a member of a row; it is looked up by the row's code."""
        member = str.__new__(cls, row.code)
        member._value_ = row.code
        for field in fields(row):
            if field.name != "code":
                setattr(member, field.name, getattr(row, field.name))
        return member


class IssueCode(Reason):
    """Reservations that an answer is given with."""

    UNUSUAL_FINGERS = Row(
        "unusual_fingers",
        "The measured fingers are wider or narrower than this body's are likely to be.",
        "Check the two ends and the lengths; a finger-width is meant to be that of the person on the photo.",
    )
    HAND_DISAGREES = Row(
        "hand_disagrees",
        "A handle lies further from where the program reads it than the two should differ. The points follow your "
        "hand, and the rings allow for the doubt.",
        "Check that handle. If it is right, put the others right too; T9 does most.",
    )
    MOVED_FAR = Row(
        "moved_far",
        "A mark was moved far from where the proportions of the back put it.",
        "Check that it was not moved by accident.",
    )
    MAYBE_FRONT = Row(
        "maybe_front",
        "The program could not tell this for a back; on a front the sides come out exchanged and no point is right.",
        "Make sure that the photo shows a back, not mirrored.",
    )
    MAYBE_TURNED = Row(
        "maybe_turned",
        "The body is turned or bent on this photo, so the marks are less sure.",
        "A photo from straight behind, of a straight back, makes them surer.",
    )
    UNUSUAL_HANDLES = Row(
        "unusual_handles",
        "The back between these handles is shaped unlike most, so the marks are less sure.",
        "Check that each handle is where its name says, and that the photo was taken from straight behind.",
    )
    SEVERAL_PEOPLE = Row(
        "several_people",
        "There is more than one person in the photo; the largest back was marked.",
        "Check that it is the right one, or take the photo with one person only.",
    )
    NEAR_EDGE = Row(
        "near_edge",
        "The shoulders or hips reach past the edge of the photo, so the marks are less sure.",
        "Step back until the whole back, from the neck to below the hips, is in the picture.",
    )
    MARKS_OUTSIDE = Row(
        "marks_outside",
        "Some points lie outside of this photo; the others are marked.",
        "Step back until the back is in the picture from side to side.",
    )
    UNSTEADY = Row(
        "unsteady",
        "The photo is hard to read, so the marks are less sure.",
        "Even light, a plain background, and the head in the picture make it surer.",
    )
    OTHER_MODEL = Row(
        "other_model",
        "The rings were measured with the default pose model, not with this one.",
        "Use the default model if the size of the rings matters.",
    )
    SMALL = Row(
        "small",
        "The back is small in this photo, so the marks are less sure.",
        "Go closer, so that the back fills about half of the picture.",
    )
    DARK = Row(
        "dark",
        "The photo is dark.",
        "More light makes the marks surer.",
    )
    BRIGHT = Row(
        "bright",
        "Much of the photo is overexposed.",
        "Less or softer light shows the back better.",
    )
    BLURRED = Row(
        "blurred",
        "The photo is blurred.",
        "Hold the camera still and tap the back to focus.",
    )


class RefusalCode(Reason):
    """Why a photo that can be read is not answered.

    Attributes:
        drawing: beside it on the page.
        advice: what it asks of somebody before a camera.
        unmended: what is said of an answer from handles on a photo that was refused so; None where handles mend it.
    """

    drawing: Drawing
    advice: AdviceCode
    unmended: IssueCode | None

    NOBODY_FOUND = _RefusalRow(
        "nobody_found",
        "No back could be made out in this photo.",
        "Show the whole back from the neck to below the hips, from straight behind, in even light, without cloth "
        "over it.",
        drawing=Drawing.WHOLE_BACK,
    )
    TOO_DARK = _RefusalRow(
        "too_dark",
        "The photo is too dark to make out a back.",
        "Turn on more light, from the side of the camera, and take the photo again.",
        drawing=Drawing.MORE_LIGHT,
        advice=AdviceCode.MORE_LIGHT,
    )
    TOO_BRIGHT = _RefusalRow(
        "too_bright",
        "The photo is too overexposed to make out a back.",
        "Take it with less or softer light; on a phone tap the back first, so that the camera measures its light.",
        advice=AdviceCode.LESS_LIGHT,
    )
    UNEVEN_LIGHT = _RefusalRow(
        "uneven_light",
        "One side of the back lies in deep shadow.",
        "Let the light come from behind the camera, or from both sides, and take the photo again.",
        drawing=Drawing.MORE_LIGHT,
        advice=AdviceCode.EVEN_LIGHT,
    )
    TOO_BLURRED = _RefusalRow(
        "too_blurred",
        "The photo is too blurred to make out a back.",
        "Hold the camera still, tap the back to focus, and take the photo again.",
        drawing=Drawing.HOLD_STILL,
        advice=AdviceCode.HOLD_STILL,
    )
    TOO_SMALL = _RefusalRow(
        "too_small",
        "The back is too small in this photo to be marked exactly.",
        "Go closer, or cut the photo to the person, so that the back fills about half of it.",
        drawing=Drawing.STEP_CLOSER,
        advice=AdviceCode.COME_CLOSER,
    )
    FRONT_VIEW = _RefusalRow(
        "front_view",
        "This looks like the front of a person; the points are on the back.",
        "Take the photo from behind. If it does show a back, use more even light; the head in the picture helps too.",
        drawing=Drawing.TURN_AROUND,
        advice=AdviceCode.TURN_AROUND,
        unmended=IssueCode.MAYBE_FRONT,
    )
    UNSURE_FACING = _RefusalRow(
        "unsure_facing",
        "It is not certain from this photo which side of the body it shows, or where the shoulders and hips are.",
        "Take it from straight behind with the neck and the hips in the picture, in even light; the head helps too.",
        unmended=IssueCode.MAYBE_FRONT,
    )
    HEAD_MISSING = _RefusalRow(
        "head_missing",
        "The head is not in this photo, and what there is does not show for sure where the spine lies.",
        "Show the bare back from the neck to below the hips, in even light, or step back until the head is in the "
        "picture too.",
        drawing=Drawing.WHOLE_BACK,
    )
    TWO_READINGS = _RefusalRow(
        "two_readings",
        "The program reads this photo in two ways, and the two do not agree on where the back is.",
        "Take it from straight behind, with the back filling about half of the picture, in even light.",
        drawing=Drawing.STRAIGHT_BEHIND,
        advice=AdviceCode.STRAIGHT_BEHIND,
    )
    SIDEWAYS = _RefusalRow(
        "sideways",
        "The body is turned too far to the side.",
        "Stand straight behind the back, so that both shoulder blades show equally.",
        drawing=Drawing.STRAIGHT_BEHIND,
        advice=AdviceCode.STRAIGHT_BEHIND,
        unmended=IssueCode.MAYBE_TURNED,
    )
    BENT = _RefusalRow(
        "bent",
        "The back is bent, twisted, or seen too much from above or below.",
        "Hold the camera straight behind the back and level with its middle, and let the person stand or lie straight.",
        drawing=Drawing.CAMERA_LEVEL,
        advice=AdviceCode.LEVEL_CAMERA,
        unmended=IssueCode.MAYBE_TURNED,
    )
    CROPPED = _RefusalRow(
        "cropped",
        "Part of the back lies outside the photo.",
        "Step back until everything from the neck to the hips is in the picture.",
        drawing=Drawing.STEP_BACK,
    )
    NO_SUCH_PERSON = _RefusalRow(
        "no_such_person",
        "There are fewer backs in this photo than the number that was asked for.",
        "Leave the number out: the largest back is marked then, and it is said how many there are.",
    )
    HANDLES_UNSET = _RefusalRow(
        "handles_unset",
        "Not all handles are in place yet.",
        "Put C7, both shoulders and both hips where they are on this back; the points then appear.",
        drawing=Drawing.HANDLES,
    )
    HANDLES_CROSSED = _RefusalRow(
        "handles_crossed",
        "The left and right handles are exchanged, or C7 is below the hips.",
        "Left and right are the person's own. Seen from behind with the head up, the left is at the left.",
        drawing=Drawing.HANDLES,
    )
    HANDLES_ODD = _RefusalRow(
        "handles_odd",
        "No back is shaped like these handles.",
        "Check each handle: C7 at the base of the neck, the shoulder joints, T9 on the spine, the hip joints.",
        drawing=Drawing.HANDLES,
    )
    HANDLES_SMALL = _RefusalRow(
        "handles_small",
        "The handles are too close together to be marked exactly.",
        "Put C7 at the base of the neck and the hips at the hip joints, or take a photo from nearer.",
        drawing=Drawing.HANDLES,
    )
    FINGERS_ODD = _RefusalRow(
        "fingers_odd",
        "The measured fingers are far wider or narrower than this body's can be.",
        "Check that the two ends lie where they should, and the lengths in millimetres; or take the body's "
        "proportions.",
        drawing=Drawing.HANDLES,
    )
    MARK_OUTSIDE = _RefusalRow(
        "mark_outside",
        "A mark was moved out of the photo.",
        "Undo, or move it back.",
        drawing=Drawing.HANDLES,
    )


def refusal(code: RefusalCode) -> Refusal:
    """The refusal with this code, in English."""
    return Refusal(code.value, code.message, code.remedy)


def issue(code: IssueCode) -> Issue:
    """The issue with this code, in English."""
    return Issue(code.value, code.message, code.remedy)
