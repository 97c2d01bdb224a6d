"""What the page keeps of one visitor between two of its runs: in memory, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import streamlit as st

from locator.catalogue import acupoints
from locator.catalogue.entries import Catalogue
from locator.catalogue.languages import ENGLISH
from locator.catalogue.words import Words
from locator.catalogue.words import words as words_in
from locator.core.types import Photo, Result
from locator.web.corrections import Corrections
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
class Session:
    """One visitor's.

    Attributes:
        language: that the page speaks; None before its first run.
        model_ready: whether the model has been found on this machine.
        photo_sha256: of the photo on the page; None without one.
        reading: the photo on the page and its result.
        compared: the photo of another day and its result.
        shown: the photo as the editor shows it, a JPEG.
        corrections: what has been put right, by the sha256 of the photo.
        marked: whether the photo had marks when the page was last run; None before.
        handles_problem: what is wrong with the last file of handles, if anything.
        still: the picture that was frozen on the live page, as the bytes of a file.
        still_is_new: whether the photo page has yet to show it.
        stream: this visitor's frames; None before the live page was opened.
    """

    language: str | None = None
    model_ready: bool = False
    photo_sha256: str | None = None
    reading: Kept[Reading] = field(default_factory=Kept)
    compared: Kept[Reading] = field(default_factory=Kept)
    shown: Kept[bytes] = field(default_factory=Kept)
    corrections: dict[str, Corrections] = field(default_factory=dict)
    marked: bool | None = None
    handles_problem: str | None = None
    still: bytes | None = None
    still_is_new: bool = False
    stream: Stream | None = None

    def forget_photo(self) -> None:
        """Drop the last photo and all that was made of it; where its handles were is kept, for when it comes back."""
        self.photo_sha256 = self.marked = self.handles_problem = None
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


def words() -> Words:
    """What the program says, in the visitor's language."""
    return words_in(language())


def catalogue() -> Catalogue:
    """What the catalogue says, in the visitor's language."""
    return acupoints.catalogue(language())
