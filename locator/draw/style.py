"""How marks are drawn: the labels, their language, and the size of everything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from locator.catalogue.acupoints import catalogue
from locator.catalogue.languages import ENGLISH

Labels = Literal["codes", "names", "both", "numbers"]
"""What stands beside the marks; ``"numbers"`` explains them in the legend.

Where the picture has no room for the words, even if small, the marks have numbers; without room for the legend, codes.
"""


@dataclass(frozen=True)
class Style:
    """How marks are drawn.

    Attributes:
        language: one of :func:`locator.catalogue.languages.languages`.
        size: factor on the size of texts, marks and lines.

    Raises:
        ValueError: on another density of labels, or a size outside 0.5 to 3.
        LookupError: on a language that the program does not speak.
    """

    labels: Labels = "both"
    language: str = ENGLISH
    size: float = 1.0

    def __post_init__(self) -> None:
        if self.labels not in get_args(Labels):
            raise ValueError(f"labels: expected one of {', '.join(get_args(Labels))}, got {self.labels!r}")
        if not 0.5 <= self.size <= 3.0:
            raise ValueError(f"size: expected 0.5 to 3, got {self.size!r}")
        catalogue(self.language)
