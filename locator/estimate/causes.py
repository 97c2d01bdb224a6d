"""Why a photo is refused: what in the photo itself is the cause, where that is certain. Pure.

What the models say of a refusal is often no more than that they are unsure, and a photo that is spoilt misleads them:
on a back that is overexposed they see a front. What spoils the photo is told in their place where it can be measured:
too much light, light from one side, a back of a shape that is not seen from straight behind, or one that is cut off or
too small. ``lab.accuracy.reasons`` measures how often that is true.
"""

from __future__ import annotations

from collections.abc import Sequence

from locator.catalogue.acupoints import acupoints
from locator.core.arrays import RGBArray
from locator.core.reasons import RefusalCode, refusal
from locator.core.types import Refusal, in_picture
from locator.estimate import checks, fusion, midline, pose_landmarks
from locator.estimate.back_reading import BackReading
from locator.estimate.fusion import PoseReading
from locator.photo import light
from locator.photo.light import Light

OPEN = {RefusalCode.NOBODY_FOUND, RefusalCode.UNSURE_FACING, RefusalCode.TWO_READINGS}
"""Codes that name no cause."""

_OF_THE_BODY = {RefusalCode.FRONT_VIEW, RefusalCode.SIDEWAYS, RefusalCode.BENT}
"""Codes of how somebody stands, for which shoulders and hips must be seen."""

_MISLED = _OF_THE_BODY | {RefusalCode.HEAD_MISSING, RefusalCode.TOO_BLURRED}
"""Codes that mean nothing where no more than the outline of somebody is left."""

_UNLIKE_ANY = 6.0
"""Standard deviations of a back's breadth: beyond, it is seen from the side, or from above or below."""


def told(
    refused: Refusal, pose: PoseReading, backs: Sequence[BackReading], seen: Light, rgb: RGBArray, shrunk: float
) -> Refusal:
    """The refusal with the reason that is told.

    Args:
        refused: as the models say.
        pose: of the pose model, in pixels of the photo.
        backs: as read by the networks, likewise; one at least.
        seen: how the photo is lit.
        rgb: (h, w, 3) uint8, the photo as it is looked at.
        shrunk: its size over the photo's.
    """
    code, size_px = RefusalCode(refused.code), (round(rgb.shape[1] / shrunk), round(rgb.shape[0] / shrunk))
    if seen.burnt_out and code in OPEN | _MISLED:
        return refusal(RefusalCode.TOO_BRIGHT)
    if code == RefusalCode.SIDEWAYS and _half_in_shadow(pose, rgb, shrunk):
        return refusal(RefusalCode.UNSURE_FACING)  # of somebody of whom one side is seen
    if code in _OF_THE_BODY and _hips_outside(pose, size_px):  # of somebody of whom the pose model sees too little
        code = _of_flaws(seen)
        refused = refusal(code)
    if code not in OPEN | {RefusalCode.HEAD_MISSING, RefusalCode.TOO_SMALL}:
        return refused
    back = max(backs, key=lambda one: one.certainty)
    found = _of_light(back, rgb, shrunk) or _of_shape(back)
    if not found and code in OPEN:
        found = _of_place(back, size_px)
    return refusal(found) if found else refused


def _half_in_shadow(pose: PoseReading, rgb: RGBArray, shrunk: float) -> bool:
    if pose.pose is None:
        return False
    body = pose_landmarks.landmarks(pose.pose)
    return light.is_uneven(rgb, shrunk * body.c7, shrunk * body.hip_midpoint)


def _hips_outside(pose: PoseReading, size_px: tuple[int, int]) -> bool:
    if pose.pose is None:
        return False
    x_px, y_px = pose.pose.joints.hip_midpoint
    return not in_picture(x_px, y_px, size_px)


def _of_flaws(seen: Light) -> RefusalCode:
    """What keeps somebody from being made out better, if it can be measured."""
    if seen.dark:
        return RefusalCode.TOO_DARK
    return RefusalCode.TOO_BLURRED if seen.blurred else RefusalCode.UNSURE_FACING


def _of_light(back: BackReading, rgb: RGBArray, shrunk: float) -> RefusalCode | None:
    if not fusion.shared(back):
        return None
    small = back.enlarged(shrunk)
    uneven = light.is_uneven(rgb, small.levels["C7"], small.levels["S2"])
    return RefusalCode.UNEVEN_LIGHT if uneven else None


def _of_shape(back: BackReading) -> RefusalCode | None:
    """A back that is surely one, and as narrow or as broad as none is from straight behind."""
    if not fusion.all_but_sure(back) or back.landmarks.back_px == 0.0:
        return None
    proportion, distance = midline.model().unusual(back.landmarks)
    if not proportion.endswith("_breadth") or abs(distance) < _UNLIKE_ANY:
        return None
    return RefusalCode.SIDEWAYS if distance < 0 else RefusalCode.BENT


def _of_place(back: BackReading, size_px: tuple[int, int]) -> RefusalCode | None:
    """A back that would not be marked either if it were believed."""
    if not fusion.sure(back):
        return None
    if checks.is_small(back.landmarks.back_px):
        return RefusalCode.TOO_SMALL
    levels = (back.levels[one.level] for one in acupoints() if one.level in back.levels)
    return None if all(in_picture(level[0], level[1], size_px) for level in levels) else RefusalCode.CROPPED
