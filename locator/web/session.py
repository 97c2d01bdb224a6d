"""What the page keeps of one visitor between two of its runs: in memory, and nowhere else."""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import streamlit as st

from locator.catalogue import acupoints
from locator.catalogue.entries import Catalogue
from locator.catalogue.languages import ENGLISH
from locator.catalogue.words import Words
from locator.catalogue.words import words as words_in
from locator.core.types import Photo, Result
from locator.web.corrections import Corrections
from locator.web.keeping import Keeper
from locator.web.photos import Photos

if TYPE_CHECKING:  # what speaks WebRTC takes half a second to load, and most visitors come with a photo
    from locator.web.stream import Stream

T = TypeVar("T")

Reading = tuple[Photo | None, Result]
"""A decoded photo, None if it is unreadable, and its result."""


@dataclass
class Kept(Generic[T]):
    """What has been made of one photo, kept until it is asked for of another one."""

    _made: tuple[str, T] | None = None

    def of(self, digest: str, make: Callable[[], T]) -> T:
        """What ``make`` gives for the photo with this sha256; it is called once."""
        if self._made is None or self._made[0] != digest:
            self._made = (digest, make())
        return self._made[1]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is kept."""
        return self._made is None

    def clear(self) -> None:
        """Forget it."""
        self._made = None


@dataclass
class Belongings:
    """What a visitor finds again after a visit to another page, and after the tab was loaded again.

    Attributes:
        photos: that were chosen, and which of them is on the page.
        corrections: what has been put right, by the sha256 of the photo.
        people: which of several backs is marked, where the visitor has chosen one, by the sha256 of the photo.
        selected_point: code of the acupoint that picture, card and timer show, on both pages; None while none is.
        chosen: what has been chosen from lists, by their names: style, paper, format.
    """

    photos: Photos = field(default_factory=Photos)
    corrections: dict[str, Corrections] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)
    selected_point: str | None = None
    chosen: dict[str, Any] = field(default_factory=dict)

    @property
    def size_bytes(self) -> int:
        """Of the photos; the rest is small."""
        return self.photos.size_bytes


@dataclass
class Session:
    """One visitor's.

    Attributes:
        name: tells it from the one that the same visitor had before the server was started anew or forgot it.
        language: that the page speaks; None before its first run.
        belongings: what is found again.
        key: under which the tab finds it.
        model_ready: whether the model has been found on this machine.
        uploads: how many times files have come in.
        camera: whether the visitor wants to take a photo with the browser's camera.
        read_sha256: of the photo that was read last; None before.
        reading: the photo on the page and its result.
        compared: the photo of another day and its result.
        shown: the photo as the editor shows it, a JPEG.
        shown_with: what the page beside the picture went by when it was last run; None before.
        handles_problem: what is wrong with the last file of handles, if anything.
        still_is_new: whether the photo page has yet to show what was frozen on the live page.
        stream: this visitor's frames; None before the live page was opened.
    """

    name: str = field(default_factory=lambda: secrets.token_hex(8))
    language: str | None = None
    belongings: Belongings = field(default_factory=Belongings)
    key: str = field(default_factory=Keeper.new_key)
    model_ready: bool = False
    uploads: int = 0
    camera: bool = False
    read_sha256: str | None = None
    reading: Kept[Reading] = field(default_factory=Kept)
    compared: Kept[Reading] = field(default_factory=Kept)
    shown: Kept[bytes] = field(default_factory=Kept)
    shown_with: tuple[object, ...] | None = None
    handles_problem: str | None = None
    still_is_new: bool = False
    stream: Stream | None = None

    @property
    def photos(self) -> Photos:
        """The visitor's photos."""
        return self.belongings.photos

    @property
    def photo_sha256(self) -> str | None:
        """Of the photo on the page; None without one."""
        return self.photos.sha256

    @property
    def corrections(self) -> dict[str, Corrections]:
        """What has been put right, by the sha256 of the photo."""
        return self.belongings.corrections

    @property
    def people(self) -> dict[str, int]:
        """Which of several backs is marked, where the visitor has chosen one, by the sha256 of the photo."""
        return self.belongings.people

    @property
    def chosen(self) -> dict[str, Any]:
        """What has been chosen from lists, by their names."""
        return self.belongings.chosen

    @property
    def selected_point(self) -> str | None:
        """Code of the acupoint that picture, card and timer show; None while none is selected."""
        return self.belongings.selected_point

    @selected_point.setter
    def selected_point(self, code: str | None) -> None:
        self.belongings.selected_point = code

    def forget_readings(self) -> None:
        """Drop all that was made of the last photo; where its handles were is kept, for when it comes back."""
        self.read_sha256 = self.shown_with = self.handles_problem = None
        for kept in (self.reading, self.compared, self.shown):
            kept.clear()


_KEY = "visitor"


def session() -> Session:
    """The session of the visitor whom this run is for."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = Session()
    found: Session = st.session_state[_KEY]
    return found


def language() -> str:
    """The visitor's language."""
    return session().language or ENGLISH


def today() -> Callable[[], datetime.date]:
    """What tells the day where the visitor is, whenever it is asked; this computer's where the browser does not say."""
    minutes = st.context.timezone_offset  # from the visitor's clock to UTC
    if minutes is None:
        return datetime.date.today
    zone = datetime.timezone(datetime.timedelta(minutes=-minutes))
    return lambda: datetime.datetime.now(zone).date()


def words() -> Words:
    """What the program says, in the visitor's language."""
    return words_in(language())


def catalogue() -> Catalogue:
    """What the catalogue says, in the visitor's language."""
    return acupoints.catalogue(language())
