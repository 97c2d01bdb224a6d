"""One photo's way: bytes → picture → pose and back networks → marks, or a refusal."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Literal, Union

from locator.core.anchors import Anchors
from locator.core.arrays import FloatArray, RGBArray
from locator.core.body import Pose
from locator.core.reasons import IssueCode, RefusalCode, issue, refusal
from locator.core.similarity import Similarity, resized
from locator.core.types import Location, Photo, Refusal, Result
from locator.estimate import back_estimator, causes, checks, fusion, middle, people, placing, pose_ensemble
from locator.estimate.back_estimator import BackNetworks
from locator.estimate.back_reading import BackReading
from locator.estimate.fusion import PoseReading
from locator.estimate.pose_model import MediaPipePose, PoseEstimator
from locator.formats.photo_result import PhotoResult, in_html
from locator.models import registry
from locator.photo import decoding, light, sources
from locator.photo.light import Light

AnchorsSource = Union[Anchors, str, "os.PathLike[str]"]
"""Handles put in place by hand, or the path of a file of them."""


@dataclass(frozen=True, eq=False)
class Annotation:
    """A result and the picture that shows it.

    Attributes:
        rgb: (height, width, 3) uint8 marked photo at full resolution; None unless located.
    """

    result: PhotoResult
    rgb: RGBArray | None = field(repr=False)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return self.result._repr_html_() if self.rgb is None else in_html(self.rgb, repr(self.result))


@dataclass(frozen=True, eq=False)
class Prediction:
    """What pose model and back networks make of a picture.

    Attributes:
        pose: what the pose model made of it; None where one view of it was enough.
        backs: what the back networks read, the surest first.
        seen: how the picture is lit.
    """

    outcome: Location | Refusal
    pose: PoseReading | None
    backs: tuple[BackReading, ...]
    seen: Light

    @property
    def somebody_px(self) -> tuple[FloatArray, FloatArray] | None:
        """Of the picture: where somebody surely is, as :attr:`.PoseReading.seen_px`."""
        return self.pose.seen_px if self.pose else None


class Locator:
    """Locates points on photos with one loaded model. Safe to share between threads.

    Args:
        model: name in the manifest, ``"full"`` or ``"heavy"``.
        most_pixels: of a photo; a larger one is unreadable.
        most_code_bytes: that a HEIC or AVIF is coded in; one of more is unreadable, since decoding takes as long.

    Raises:
        models.ModelUnavailable: if the model is not on this machine; ``locator setup`` fetches it, nothing else does.
    """

    def __init__(
        self,
        model: str = registry.DEFAULT,
        most_pixels: int = decoding.MAX_PIXELS,
        most_code_bytes: int = decoding.MAX_CODE_BYTES,
    ) -> None:
        self._source = partial(sources.Source, most_pixels=most_pixels, most_code_bytes=most_code_bytes)
        self.model = registry.load(model)[1]
        self._bundle = partial(registry.bundle, model)
        self._measured = model == registry.DEFAULT  # the placing and its radii were measured on that one
        self.backs: BackNetworks
        with ThreadPoolExecutor(1) as beside:
            pose = beside.submit(MediaPipePose, self._bundle)
            self.backs, self.networks = back_estimator.load()
            self._pose: PoseEstimator = pose.result()

    def locate(self, photo: sources.Readable, mirrored: bool = False, person: int | None = None) -> PhotoResult:
        """Every mark on the back in ``photo``, or why not. Never raises for what is in a photo.

        Args:
            mirrored: whether the photo is a mirror image, as selfies often are: sides are exchanged. The orientation
                that a file states is followed in any case.
            person: which back of several, as :attr:`Result.people` counts them; the largest if not told.
        """
        try:
            result = self._mark(self._source(photo).small(pose_ensemble.LONGEST_PX), person)
        except sources.UnreadableImage as error:
            result = Result(error.info, error.outcome)
        return _with_photo(result, photo, mirrored)

    def annotate(
        self,
        photo: sources.Readable,
        codes: Collection[str] | None = None,
        mirrored: bool = False,
        person: int | None = None,
    ) -> Annotation:
        """Locate, and draw the marks of the acupoints in ``codes`` (None: all) on a copy of the photo."""
        return _drawn(*self.read(photo, mirrored, person), codes)

    def read(
        self, photo: sources.Readable, mirrored: bool = False, person: int | None = None
    ) -> tuple[Photo | None, PhotoResult]:
        """The decoded photo (None if unreadable) as it is, and its result, as :meth:`locate` gives it."""
        try:
            source = self._source(photo)
            small = source.small(pose_ensemble.LONGEST_PX)
            with ThreadPoolExecutor(1) as beside:  # decoding a large photo takes as long as reading a small one
                whole = beside.submit(source.whole)
                result = self._mark(small, person)
                return whole.result(), _with_photo(result, photo, mirrored)
        except sources.UnreadableImage as error:
            return None, _with_photo(Result(error.info, error.outcome), photo)

    def video_pose(self) -> MediaPipePose:
        """A pose model for the frames of one video; whoever asks for it closes it.

        Raises:
            models.ModelUnavailable: if the model is no longer on this machine.
        """
        return MediaPipePose(self._bundle, video=True)

    def predict(self, small: RGBArray, seen: Light | None = None, shrunk: float = 1.0) -> Prediction:
        """What pose model and back networks make of a photo or a frame, in its pixels; marks may lie outside of it.

        Args:
            small: (h, w, 3) uint8, the photo reduced to ``pose_ensemble.LONGEST_PX`` or less.
            seen: how it is lit, where that is known.
            shrunk: its size over the photo's.
        """
        bright = pose_ensemble.brightened(small)
        with ThreadPoolExecutor(1) as beside:  # each works on one core, and most photos are upright
            upright = beside.submit(pose_ensemble.predict_view, bright, self._pose, 0)
            first = self.backs.first_look(bright)
            backs = () if first.back else self.backs.read(bright, first)
            seen = seen or light.measure(small)
            views = {0: upright.result()}
        size = bright.shape[1], bright.shape[0]
        if first.back and _confirmed_upright(first.back, views[0], size):
            return _at_once((first.back,), "pose+back", seen, shrunk)
        backs = backs or self.backs.read(bright, first)
        sure, turns = fusion.sure(backs[0]), backs[0].quarter_turns
        if sure and turns not in views:
            views[turns] = pose_ensemble.predict_view(bright, self._pose, turns)
        if not (sure and fusion.confirms(views[turns], backs[0], size)):
            backs = self.backs.witnessed(bright, backs, fusion.in_doubt)
        method = fusion.by_one_view(views[turns], backs[0], size) if sure else None
        if method:
            return _at_once(backs, method, seen, shrunk)
        pose = read_pose(small, seen, self._pose, shrunk, views)
        if pose.landmarks:
            backs = (self.backs.refine(bright, Similarity.resizing(shrunk).of_landmarks(pose.landmarks)), *backs)
        backs = tuple(back.enlarged(1 / shrunk) for back in backs)
        outcome = fusion.decide(pose, backs, seen)
        if isinstance(outcome, Refusal):
            outcome = causes.told(outcome, pose, backs, seen, small, shrunk)
        return Prediction(outcome, pose, backs, seen)

    def _mark(self, photo: sources.Small, person: int | None) -> Result:
        """The marks of a photo; or why there are none, and where the landmarks may be."""
        predicted = self.predict(photo.rgb, shrunk=photo.shrunk)
        outcomes = [self._final(one, photo) for one in (predicted.outcome, *_others(self.backs, photo, predicted))]
        found = [one for one in outcomes if isinstance(one, Location)]
        result = Result(photo.info, outcomes[0], self.model, self.networks)
        if not found:
            return self._explained(result, photo, predicted)
        somebody = predicted.somebody_px
        told = somebody is not None and people.of_two(found[0].spine_px, somebody)
        return _of_people(result, found, told, person)

    def _explained(self, result: Result, photo: sources.Small, predicted: Prediction) -> Result:
        """The result of a refused photo, with where the landmarks may be; a back that is far away is told to be so.

        Whatever the models say of a photo from afar: cut to its middle it would be answered.
        """
        if isinstance(result.outcome, Refusal) and result.outcome.code != RefusalCode.CROPPED:
            bright = pose_ensemble.brightened(photo.rgb)
            far = middle.far_back(self.backs, bright, partial(fusion.believed_alone, front=True))
            if far is not None:
                guess = far.enlarged(1 / photo.shrunk).landmarks
                return dataclasses.replace(result, outcome=refusal(RefusalCode.TOO_SMALL), guess=guess)
        return dataclasses.replace(result, guess=fusion.guess(predicted.pose, predicted.backs))

    def _final(self, outcome: Location | Refusal, photo: sources.Small) -> Location | Refusal:
        """The outcome with what is to be said of the model that was used, and of what lies outside of the photo."""
        if isinstance(outcome, Refusal):
            return outcome
        if not self._measured:
            outcome = dataclasses.replace(outcome, issues=(*outcome.issues, issue(IssueCode.OTHER_MODEL)))
        return checks.within(outcome, photo.size)


def _others(networks: BackNetworks, photo: sources.Small, predicted: Prediction) -> list[Location]:
    """The other backs in a photo, or those of one whose whole was read as none."""
    bright, to_small = pose_ensemble.brightened(photo.rgb), Similarity.resizing(photo.shrunk)
    if isinstance(predicted.outcome, Location):
        c7, s2 = (to_small.of(end) for end in predicted.outcome.spine_px)
        backs = people.beside(networks, bright, (c7, s2), fusion.believed_alone)
    else:
        ends = (somebody := predicted.somebody_px) and (to_small.of(somebody[0]), to_small.of(somebody[1]))
        backs = people.between(networks, bright, ends, fusion.believed_alone)
    return [fusion.marked(back.enlarged(1 / photo.shrunk), "back", predicted.seen) for back in backs]


def _at_once(
    backs: tuple[BackReading, ...], method: Literal["back", "pose+back"], seen: Light, shrunk: float
) -> Prediction:
    """What is predicted where the first back is to be marked and nobody else need be asked."""
    backs = tuple(back.enlarged(1 / shrunk) for back in backs)
    return Prediction(fusion.marked(backs[0], method, seen), None, backs, seen)


def _of_people(result: Result, found: list[Location], told: bool, person: int | None) -> Result:
    """The result of a photo in which backs were found, for one of them: the largest, or the one that is asked for.

    Args:
        told: whether there is anybody else, too.
    """
    places = [(c7 + s2) / 2 for c7, s2 in (location.spine_px for location in found)]
    several = issue(IssueCode.SEVERAL_PEOPLE)
    told |= len(found) > 1 or any(several in location.issues for location in found)
    backs = [
        dataclasses.replace(found[at], issues=tuple(one for one in found[at].issues if one != several))
        for at in people.in_order(places)
    ]
    number = person or 1 + max(range(len(backs)), key=lambda at: backs[at].landmarks.back_px)
    result = dataclasses.replace(result, people=tuple(backs))
    if number > len(backs):
        return dataclasses.replace(result, outcome=refusal(RefusalCode.NO_SUCH_PERSON))
    chosen = backs[number - 1]
    if told and person is None:
        chosen = dataclasses.replace(chosen, issues=(several, *chosen.issues))
    return dataclasses.replace(result, outcome=chosen, person=number)


def confirmed(back: BackReading, rgb: RGBArray, estimator: PoseEstimator) -> bool:
    """Whether the networks are sure of a back, and one view of the pose model finds that one and nobody else.

    Args:
        rgb: (h, w, 3) uint8, the picture that the back was read in.
    """
    if not fusion.sure(back):
        return False
    poses = pose_ensemble.predict_view(rgb, estimator, back.quarter_turns)
    return fusion.confirms(poses, back, (rgb.shape[1], rgb.shape[0]))


def _confirmed_upright(back: BackReading, poses: Sequence[Pose], size_px: tuple[int, int]) -> bool:
    """Whether one look of the networks and one of the pose model at a photo as it stands are enough to mark it."""
    return back.quarter_turns == 0 and fusion.sure(back) and fusion.confirms(poses, back, size_px)


def read_pose(
    small: RGBArray,
    seen: Light,
    estimator: PoseEstimator,
    shrunk: float,
    known: Mapping[int, tuple[Pose, ...]] | None = None,
) -> PoseReading:
    """What the pose model makes of the largest back in a photo, in the photo's pixels.

    Args:
        small: (h, w, 3) uint8, the photo reduced to ``pose_ensemble.LONGEST_PX``.
        seen: how it is lit.
        shrunk: its size over the photo's.
        known: views that have been predicted already, see :func:`.pose_ensemble.predict`.
    """
    size, photo_scale = (small.shape[1], small.shape[0]), 1 / shrunk
    bodies = pose_ensemble.predict(small, estimator, known)
    body = checks.choose(bodies, seen)
    if isinstance(body, Refusal):
        best = max(bodies, key=lambda one: (one.n_agreeing, one.pose.joints.torso_px), default=None)
        return PoseReading(body, _enlarged(best.pose, shrunk) if best else None)
    pose = _enlarged(body.pose, shrunk)
    refused = checks.check_body(body, size, photo_scale)
    if refused:
        return PoseReading(refused, pose)
    issues = checks.reservations(body, bodies, seen, size, photo_scale)
    return PoseReading(None, pose, issues, checks.usual(body), checks.reliable(body))


def _enlarged(pose: Pose, shrunk: float) -> Pose:
    return Pose(resized(pose.xy_px, 1 / shrunk), pose.z_px / shrunk)


@cache
def default_locator() -> Locator:
    """The locator behind :func:`locate` and :func:`annotate`, loaded once in a process."""
    return Locator()


def locate(
    photo: sources.Readable, anchors: AnchorsSource | None = None, mirrored: bool = False, person: int | None = None
) -> PhotoResult:
    """Every mark on the back in ``photo`` (path, bytes, RGB array or Pillow picture), or why not.

    Args:
        anchors: handles put in place by hand, or a file of them; the pose model is not asked then.
        mirrored: whether the photo is a mirror image, as selfies often are: the sides of what is seen are exchanged.
        person: which back of several, counted as in :attr:`Result.people`; the largest if not told.

    Raises:
        models.ModelUnavailable: if the pose model is not on this machine.
        AnchorsError: if a file of anchors is wrong, or belongs to a photo of another size.
        TypeError, ValueError: if ``photo`` is none of these.
    """
    if anchors is None:
        return default_locator().locate(photo, mirrored, person)
    return read_anchored(photo, anchors, mirrored)[1]


def annotate(
    photo: sources.Readable,
    codes: Collection[str] | None = None,
    anchors: AnchorsSource | None = None,
    mirrored: bool = False,
    person: int | None = None,
) -> Annotation:
    """Like :func:`locate`, with the marked picture; ``codes`` names the acupoints to draw (None: all)."""
    if anchors is None:
        return default_locator().annotate(photo, codes, mirrored, person)
    picture, result = read_anchored(photo, anchors, mirrored)
    return _drawn(picture, result, codes)


def read_anchored(
    photo: sources.Readable, anchors: AnchorsSource, mirrored: bool = False
) -> tuple[Photo | None, PhotoResult]:
    """The decoded photo (None if unreadable), and its result from handles put in place by hand.

    Handles are named by the sides that the picture shows, be it mirrored or not.

    Raises:
        AnchorsError: if a file of anchors is wrong, or belongs to a photo of another size.
    """
    try:
        picture = sources.read(photo)
    except sources.UnreadableImage as error:
        return None, _with_photo(Result(error.info, error.outcome), photo)
    size = (picture.rgb.shape[1], picture.rgb.shape[0])
    if not isinstance(anchors, Anchors):
        from locator.estimate import anchors_file  # checking files takes longer to load than all the rest

        anchors = anchors_file.read_path(Path(anchors), picture.info)
    result = Result(picture.info, locate_anchors(anchors, size))
    return picture, _with_photo(result, photo, mirrored)


def locate_anchors(anchors: Anchors, size_px: tuple[int, int]) -> Location | Refusal:
    """Every mark on the back between handles, in a photo of (width, height) ``size_px``, or why not."""
    refused = checks.check_anchors(anchors)
    if refused:
        return refused
    location = placing.from_anchors(anchors)
    unmoved = placing.from_anchors(dataclasses.replace(anchors, moved=())) if anchors.moved else location
    location = dataclasses.replace(location, issues=checks.reservations_of_anchors(anchors, unmoved))
    return checks.within(location, size_px)


def _with_photo(result: Result, photo: sources.Readable, mirrored: bool = False) -> PhotoResult:
    """The result as it is given out: with the true sides of a mirrored photo, and the way back to the photo."""
    given = Path(photo).absolute() if isinstance(photo, (str, os.PathLike)) else photo
    return PhotoResult.of(result.of_mirrored_photo() if mirrored else result, partial(sources.read, given))


def _drawn(picture: Photo | None, result: PhotoResult, codes: Collection[str] | None) -> Annotation:
    if picture is None or not isinstance(result.outcome, Location):
        return Annotation(result, None)
    from locator.draw import raster  # whoever asks for numbers alone does not wait for it

    return Annotation(result, raster.draw(picture.rgb, result.outcome, codes))
