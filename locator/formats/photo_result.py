"""A result that knows its photo, so that Python programs and notebooks can show and save it in a line."""

from __future__ import annotations

import base64
import datetime
import html
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from locator.core import files
from locator.core.arrays import RGBArray
from locator.core.types import Location, Photo, Result
from locator.draw import window
from locator.draw.style import Style
from locator.formats import endings, name_of, record
from locator.formats.export import export
from locator.photo import encoding, resizing
from locator.photo.sources import UnreadableImage

if TYPE_CHECKING:
    import os

_SHOWN_PX = 1000  # of the longer side, in a notebook and a window
_TITLE = "Back points: any key closes this"


@dataclass(frozen=True, repr=False)
class PhotoResult(Result):
    """One photo's outcome, and the way back to the photo.

    Attributes:
        reread: reads the photo anew; it is not kept decoded.
    """

    reread: Callable[[], Photo] | None = field(default=None, compare=False)

    @classmethod
    def of(cls, result: Result, reread: Callable[[], Photo]) -> PhotoResult:
        """A result with the way back to its photo."""
        return cls(**{one.name: getattr(result, one.name) for one in fields(Result)}, reread=reread)

    def to_dict(self) -> dict[str, Any]:
        """The document that ``locator locate`` prints; see ``docs/record.schema.json``."""
        return record.to_dict(self)

    def save(
        self,
        file: str | os.PathLike[str],
        format: str | None = None,
        codes: Collection[str] | None = None,
        style: Style = Style(),  # noqa: B008 - frozen
        paper: str = "a4",
        date: datetime.date | None = None,
    ) -> Path:
        """Write the marked photo, a sheet or data; the file's ending tells what. Returns the path.

        Args:
            format: one of :data:`locator.formats.FORMATS`, where the ending means something else.
            codes: acupoints to show; None for all.
            paper, date: of the sheet.

        Raises:
            ValueError: if the photo is not located or no longer the same, or nothing is written under this ending.
            OSError: if the file cannot be written.
        """
        target = Path(file)
        name = format or name_of(target.suffix)
        if not name:
            raise ValueError(f"file: expected one ending in {endings()}, got {target.name!r}")
        files.write_whole(target, export(name, self._rgb(), self, style, codes, paper, date))
        return target

    def show(self, codes: Collection[str] | None = None) -> None:
        """Show the marked photo in a window until a key is pressed; nothing is written.

        Raises:
            ValueError: if the photo is not located, or no longer the same.
            window.NoScreen: if there is none.
        """
        rgb, shrunk = resizing.shrink(self._marked(codes), _SHOWN_PX)
        window.show(rgb, _TITLE)

    def _repr_html_(self) -> str:
        """What a notebook shows: the marked photo, or why there is none."""
        try:
            return in_html(self._marked(None), repr(self))
        except ValueError as error:
            return f"<p>{html.escape(str(error))}</p>"

    def _marked(self, codes: Collection[str] | None) -> RGBArray:
        rgb = self._rgb()
        assert isinstance(self.outcome, Location)
        from locator.draw import raster  # whoever asks for numbers alone does not wait for it

        return raster.draw(rgb, self.outcome, codes)

    def _rgb(self) -> RGBArray:
        """The photo itself.

        Raises:
            ValueError: if it is not located, or no longer the same.
        """
        if not isinstance(self.outcome, Location):
            raise ValueError(f"{self.outcome.message} {self.outcome.remedy}")
        try:
            photo = self.reread() if self.reread else None
        except UnreadableImage:
            photo = None
        if photo is None or photo.info.sha256 != self.image.sha256:
            raise ValueError("The photo has changed since it was read; locate it again.")
        return photo.rgb


def in_html(rgb: RGBArray, text: str) -> str:
    """A picture as notebooks show it, with what is read out in its place; it is in the text itself, and in no file."""
    small, _ = resizing.shrink(rgb, _SHOWN_PX)
    data = base64.b64encode(encoding.encode(small, "jpeg")).decode("ascii")
    return f'<img alt="{html.escape(text)}" style="max-width: 100%" src="data:image/jpeg;base64,{data}">'
