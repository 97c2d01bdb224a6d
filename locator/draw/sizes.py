"""Every size on a marked picture, in pixels, from the length of the torso in it."""

from __future__ import annotations

from dataclasses import dataclass

TINIEST_TEXT = 7
"""px of the smallest text, for pictures in which no larger one has room."""


@dataclass(frozen=True)
class Sizes:
    """Sizes in px.

    Attributes:
        line: width of lines.
        mark: radius of a mark's coloured disc.
        text: of labels, where they have room.
        least_text: down to which labels become smaller before they say less.
        level_text: of the names of the levels.
        tick: how far the tick at a level reaches on either side of the spine.
    """

    line: int
    mark: float
    text: int
    least_text: int
    level_text: int
    tick: float

    @property
    def rim(self) -> float:
        """How far a mark's disc reaches with its outlines."""
        return self.mark + 1.6 * self.line

    @classmethod
    def of(cls, torso_px: float, picture: tuple[int, int], factor: float) -> Sizes:
        """The sizes on a picture.

        Args:
            torso_px: length of the torso in it.
            picture: its (width, height) in px.
            factor: of the style.
        """
        # Readable on a body that fills the picture, on one that is small in it, and on a phone's screen; but no larger
        # than the marks lie apart.
        wanted = min(max(0.04 * torso_px, 0.019 * max(picture)), 0.055 * torso_px)
        text = max(11, round(wanted * factor))
        return cls(
            line=max(1, round(torso_px / 260 * factor)),
            mark=max(2.5, 0.0125 * torso_px * factor),
            text=text,
            least_text=min(text, max(9, round(0.026 * torso_px))),
            level_text=max(9, round(0.036 * torso_px * factor)),
            tick=0.018 * torso_px * factor,
        )


def text_sizes(largest: int, least: int) -> list[int]:
    """Sizes of text in px from the largest to the least, each a little smaller."""
    sizes = [largest]
    while sizes[-1] > least:
        sizes.append(max(least, min(sizes[-1] - 1, round(sizes[-1] * 0.85))))
    return sizes
