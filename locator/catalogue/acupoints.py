"""The catalogue of points and everything that people read of them, in each language.

What is the same in every language comes from ``acupoints.toml``, the texts from a file for each language in ``texts/``.
Levels and distances are worded from the same numbers that the marks are placed by.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from locator.catalogue import loading
from locator.catalogue.entries import Acupoint, Catalogue, Cautions, Complaint
from locator.catalogue.languages import ENGLISH, catalogue_texts, file_name
from locator.core import toml


@cache
def catalogue(language: str = ENGLISH) -> Catalogue:
    """Everything that is said in a language.

    Raises:
        LookupError: if the program does not speak it.
        CatalogueError: if a data file is wrong.
    """
    return loading.read(toml.data("catalogue/acupoints"), catalogue_texts(language), file_name(language))


def acupoints(language: str = ENGLISH) -> tuple[Acupoint, ...]:
    """All points, from the neck down.

    Raises:
        LookupError: if the program does not speak the language.
        CatalogueError: if a data file is wrong.
    """
    return catalogue(language).acupoints


def acupoint(code: str, language: str = ENGLISH) -> Acupoint:
    """The point with this code.

    Raises:
        LookupError: if there is none.
    """
    return catalogue(language).acupoint(code)


def complaints(language: str = ENGLISH) -> tuple[Complaint, ...]:
    """What a visitor may choose points by, in the order to show."""
    return catalogue(language).complaints


def cautions(language: str = ENGLISH) -> Cautions:
    """What holds for all points."""
    return catalogue(language).cautions


def finger_widths(distance_cun: float, language: str = ENGLISH) -> str:
    """See :meth:`Catalogue.finger_widths`."""
    return catalogue(language).finger_widths(distance_cun)


def codes_for(complaint_codes: Collection[str]) -> frozenset[str]:
    """Codes of the points for any of these complaints; of all points if none is named.

    Raises:
        LookupError: on a complaint that the catalogue does not know.
    """
    known = [c.code for c in complaints()]
    for code in complaint_codes:
        if code not in known:
            raise LookupError(f"complaint: expected one of {', '.join(known)}, got {code!r}")
    chosen = set(complaint_codes) or set(known)
    return frozenset(a.code for a in acupoints() if chosen.intersection(a.complaints))
