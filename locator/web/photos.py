"""The photos that a visitor has chosen, beside each other: as the bytes of files, bounded. Knows no Streamlit."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from locator.photo import sources

MOST = 8
"""Photos of one visitor; the one that was chosen longest ago makes room."""

MOST_BYTES = 2 * sources.MAX_BYTES
"""Of all photos of one visitor together."""


@dataclass(frozen=True)
class Chosen:
    """One photo: the sha256 of its bytes, the name of its file, empty without one, and the file's bytes."""

    sha256: str
    name: str
    content: bytes


@dataclass
class Photos:
    """A visitor's photos, in the order in which they came.

    Attributes:
        sha256: of the photo that is on the page; None without one.
        turn: how often one was put on the page, the same one again or another.
        made_room: whether another one was forgotten for the last that was added.
    """

    sha256: str | None = None
    turn: int = 0
    made_room: bool = False
    _kept: dict[str, Chosen] = field(default_factory=dict)
    _used: list[str] = field(default_factory=list)  # the sha256 of each, the last used one last
    _worthless: set[str] = field(default_factory=set)

    def __iter__(self) -> Iterator[Chosen]:
        return iter(self._kept.values())

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def now(self) -> Chosen | None:
        """The photo that is on the page."""
        return self._kept.get(self.sha256 or "")

    @property
    def size_bytes(self) -> int:
        """Of all of them."""
        return sum(len(one.content) for one in self)

    def add(self, name: str, content: bytes) -> None:
        """Keep a photo beside the others and show it; those that were shown longest ago make room."""
        chosen = Chosen(hashlib.sha256(content).hexdigest(), name, content)
        self._kept.setdefault(chosen.sha256, chosen)
        self.show(chosen.sha256)
        while len(self) > 1 and (len(self) > MOST or self.size_bytes > MOST_BYTES):
            self.made_room |= self._used[0] not in self._worthless
            self.remove(self._used[0])

    def find_worthless(self, sha256: str) -> None:
        """Nothing can be made of that photo, so it makes room before any other."""
        self._worthless.add(sha256)
        self._used = [sha256, *(one for one in self._used if one != sha256)]

    def show(self, sha256: str) -> None:
        """Put a photo that is kept on the page."""
        self.sha256 = sha256
        self.turn += 1
        self.made_room = False
        self._used = [*(one for one in self._used if one != sha256), sha256]

    def remove(self, sha256: str) -> None:
        """Forget a photo; where it was on the page, the one before it comes back."""
        self._kept.pop(sha256, None)
        self._worthless.discard(sha256)
        self._used = [one for one in self._used if one != sha256]
        if self.sha256 == sha256:
            self.sha256 = self._used[-1] if self._used else None
