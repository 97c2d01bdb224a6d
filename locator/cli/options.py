"""The options that several commands share, and what their values mean."""

from __future__ import annotations

import datetime
import re
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from locator.catalogue.languages import languages
from locator.core import toml
from locator.formats import FORMATS

if TYPE_CHECKING:
    from locator.core.arrays import RGBArray
    from locator.core.box import Box
    from locator.core.types import Result
    from locator.draw.style import Style

_PIXELS = re.compile(r"\s*\d{1,6}\s*", re.ASCII)


class Model(StrEnum):
    """The pose models of the manifest."""

    FULL = "full"
    HEAVY = "heavy"


class Engine(StrEnum):
    """Where the photos of a batch are read."""

    LOCAL = "local"
    RAY = "ray"


Saved = StrEnum("Saved", {name: name for name in FORMATS})  # type: ignore[misc]  # no literal, as mypy would have it
"""The formats of :data:`locator.formats.FORMATS`."""


class Labels(StrEnum):
    """What stands beside the marks."""

    CODES = "codes"
    NAMES = "names"
    BOTH = "both"
    NUMBERS = "numbers"


class Paper(StrEnum):
    """The papers of the sheet."""

    A4 = "a4"
    LETTER = "letter"


Complaint = StrEnum(  # type: ignore[misc]  # as above
    "Complaint", {code: code for code in toml.data("catalogue/acupoints")["complaints"]}
)
"""What points may be chosen by."""


Photos = Annotated[
    list[str],
    typer.Argument(metavar="PHOTO", help="JPEG, PNG, WebP, HEIC or AVIF files; - reads one from standard input."),
]
PointsOption = Annotated[
    list[str] | None,
    typer.Option("--points", metavar="CODE,...", help="Only these, such as BL-18,GV-9; all if none is chosen."),
]
ForOption = Annotated[
    list[Complaint] | None,
    typer.Option("--for", help="Only the points for a complaint; may be given several times."),
]
AnchorsOption = Annotated[
    str,
    typer.Option(
        "--anchors", metavar="FILE", help="Handles put in place by hand, as the page saves them; for one photo."
    ),
]
MirroredOption = Annotated[
    bool, typer.Option("--mirrored", help="A mirror image, as selfies often are: sides are exchanged.")
]
LabelsOption = Annotated[Labels, typer.Option("--labels", help="Beside the marks; numbers have a legend.")]
LanguageOption = Annotated[str, typer.Option("--language", metavar="CODE", help=f"One of {', '.join(languages())}.")]
SizeOption = Annotated[float, typer.Option("--size", help="Factor on texts, marks and lines.", min=0.5, max=3.0)]
BlurHeadOption = Annotated[bool, typer.Option("--blur-head", help="Make the head unrecognisable.")]
JobsOption = Annotated[
    int | None,
    typer.Option("--jobs", min=1, help="Photos read at a time.", show_default="number of processor cores"),
]
PersonOption = Annotated[
    int | None,
    typer.Option("--person", metavar="N", min=1, help="Of several backs, counted from the left.",
                 show_default="the largest"),
]  # fmt: skip
AllOption = Annotated[bool, typer.Option("--all", help="Of several backs, each.")]
ModelOption = Annotated[Model, typer.Option("--model", help="Pose model; heavy is slower.")]


def style(labels: Labels, language: str, size: float) -> Style:
    """How the marks are drawn.

    Raises:
        typer.BadParameter: if there is no such language.
    """
    chosen = spoken(language)
    from locator.draw.style import Style

    return Style(labels.value, chosen, size)


def spoken(language: str) -> str:
    """The code of a language as the program has it.

    Raises:
        typer.BadParameter: if there is no such language.
    """
    known = {code.casefold(): code for code in languages()}  # as in BCP 47, case tells nothing
    if language.casefold() not in known:
        raise typer.BadParameter(f"expected one of {', '.join(languages())}, got {language!r}", param_hint="--language")
    return known[language.casefold()]


def codes(points: list[str] | None, complaints: list[Complaint] | None) -> frozenset[str] | None:
    """Codes of the acupoints that are chosen by name or by complaint; None if none is, which is for all.

    Raises:
        typer.BadParameter: if a name is that of no point.
    """
    if not points and not complaints:
        return None
    from locator.catalogue.acupoints import acupoints, codes_for

    known = {_plain(name): one.code for one in acupoints() for name in (one.code, one.pinyin, *one.aliases)}
    chosen = set(codes_for([one.value for one in complaints])) if complaints else set()
    for name in ",".join(points or []).split(","):
        if _plain(name) in known:
            chosen.add(known[_plain(name)])
        elif name.strip() or not complaints:
            all_codes = ", ".join(one.code for one in acupoints())
            raise typer.BadParameter(f"expected some of {all_codes}, got {name[:80]!r}", param_hint="--points")
    return frozenset(chosen)


def _plain(name: str) -> str:
    """A point's code or name as they are compared: ``bl18`` is BL-18."""
    return re.sub(r"[\s-]", "", name).casefold()


def hosts(names: list[str], listens_at: str) -> tuple[str, ...]:
    """The names that the service may be asked by; none for any.

    At an address of this computer alone, a page of another site is kept out: its name may be made to lead here.
    """
    if names:
        return tuple(name.lower().removesuffix(".") for name in names)
    return ("localhost",) if listens_at in ("127.0.0.1", "::1", "localhost") else ()


def day(date: str) -> datetime.date:
    """The day on the sheet; today if none is given.

    Raises:
        typer.BadParameter: if it is no day.
    """
    try:
        # Newer Pythons take other writings of a day too, older ones do not.
        return datetime.datetime.strptime(date, "%Y-%m-%d").date() if date else datetime.date.today()
    except ValueError as error:
        raise typer.BadParameter(f"expected a day such as 2026-01-31, got {date!r}", param_hint="--date") from error


def regions(texts: list[str], photos: list[str]) -> list[Box]:
    """The parts of the one photo to be made unrecognisable, in px of the upright photo.

    Raises:
        typer.BadParameter: if there are several photos, or a text is no part.
    """
    if texts and len(photos) > 1:
        raise typer.BadParameter("the parts of one photo fit no other; give one photo", param_hint="--blur")
    from locator.core.box import Box

    regions = []
    for text in texts:
        numbers = text.split(",")
        if len(numbers) != 4 or not all(_PIXELS.fullmatch(number) for number in numbers):
            raise typer.BadParameter(f"expected four whole numbers X,Y,W,H, got {text[:80]!r}", param_hint="--blur")
        regions.append(Box(*(float(number) for number in numbers)))
        if not (regions[-1].width and regions[-1].height):
            raise typer.BadParameter(f"expected a width and a height above 0, got {text!r}", param_hint="--blur")
    return regions


def check_regions(regions: list[Box], rgb: RGBArray) -> None:
    """Refuse a part that is not on the photo: what was to be hidden would be shown.

    Raises:
        typer.BadParameter: if one lies outside.
    """
    height, width = rgb.shape[:2]
    for region in regions:
        if region.left >= width or region.top >= height:
            raise typer.BadParameter(
                f"a part lies outside the photo, which is {width} pixels wide and {height} high when upright",
                param_hint="--blur",
            )


def blurred(rgb: RGBArray, result: Result, head: bool, regions: list[Box]) -> RGBArray:
    """The photo, or a copy with everybody's head and the regions made unrecognisable."""
    if not head and not regions:
        return rgb
    from locator.photo import blur

    return blur.blurred(rgb, [*(blur.heads(result) if head else []), *regions])
