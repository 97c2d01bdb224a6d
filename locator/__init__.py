"""Marks six traditional pressure points on a photo of a person's back.

>>> from locator import locate, annotate
>>> result = locate("back.jpg")          # a path, bytes, a Pillow picture or an RGB array
>>> result.status
'located'
>>> result.save("marked.jpg")           # in a notebook, result alone shows the marked photo
PosixPath('marked.jpg')
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from locator.api import Annotation, Locator, annotate, locate
    from locator.core.body import Side
    from locator.core.types import Issue, LocatedPoint, Location, Refusal, Result, Unreadable

__all__ = [
    "Annotation",
    "Issue",
    "LocatedPoint",
    "Location",
    "Locator",
    "Refusal",
    "Result",
    "Side",
    "Unreadable",
    "annotate",
    "locate",
]


def __getattr__(name: str) -> Any:
    """Import on first use, so that ``locator --help`` waits for neither MediaPipe nor OpenCV."""
    if name not in __all__:
        raise AttributeError(f"module 'locator' has no attribute {name!r}")
    source = "locator.api" if name in {"Annotation", "Locator", "annotate", "locate"} else "locator.core.types"
    return getattr(import_module(source), name)
