"""The editor on the page: the photo, large, with its marks and the six handles that they hang on.

A thin wrapper over Streamlit's components. It knows nothing of geometry: it shows a :class:`View` and hands back what
the visitor did as an :class:`Event`; the caller applies that and shows the next view, whose ``answers`` is the
event's ``seq``.

The photo travels once, and so does the editor's script, which Streamlit would send with every answer. The front end
acknowledges the photo it holds in the component's state, and asks again, by clearing that, when it comes up without.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Literal, TypedDict, cast

import streamlit as st

from locator.catalogue.words import EditorWords
from locator.web.components import script, state

Position = tuple[float, float]

Kind = Literal[
    "handle", "mark", "measure", "part", "select", "person", "cancel", "undo", "redo", "reset", "turn", "symmetric"
]
_PLACED = ("handle", "mark", "measure", "part")
_FURTHEST = 1e6  # pixels; also keeps out what is no number
_NAMED = ("select", "person")
_PLACELESS = ("cancel", "undo", "redo", "reset", "turn", "symmetric")


class Photo(TypedDict):
    """The photo to show. ``width_px`` and ``height_px`` are the full photo's; the JPEG may be smaller."""

    id: str
    width_px: int
    height_px: int
    jpeg: bytes


class Handle(TypedDict):
    """A place on the body that the marks hang on; there are none without those that are ``needed``."""

    name: str
    label: str
    hint: str
    needed: bool
    x_px: float
    y_px: float
    set_by: Literal["hand", "photo", "default"]


class Mark(TypedDict):
    """One mark.

    ``written`` is its label on the picture, ``foot`` where the thin line from it meets the spine, ``spoken`` what a
    screen reader says of it.
    """

    id: str
    code: str
    title: str
    written: str
    label: str
    spoken: str
    x_px: float
    y_px: float
    radius_px: float
    colour: str
    moved: bool
    foot: Position | None


class Level(TypedDict):
    """A name to write beside the spine."""

    name: str
    x_px: float
    y_px: float


class Other(TypedDict):
    """Another back in the photo, that can be chosen in place of the one that is shown."""

    name: str
    label: str
    x_px: float
    y_px: float


class Measure(TypedDict):
    """A line between two draggable ends."""

    label: str
    ends: tuple[Position, Position]


class View(TypedDict):
    """All that the editor shows. Places are in pixels of the full, unturned photo, x to the right, y down.

    ``parts`` are boxes, each by two opposite corners; their events are named ``"0/1"`` for corner 1 of the first.
    ``size`` is a factor on marks and their labels. ``back`` is the box that the editor opens on, by its least and
    greatest x and y: x, y, x, y.
    ``selected`` is the code of the acupoint whose card is open. While ``placing``, the visitor puts handles on a
    refused photo one by one, and ``message`` says which is next.
    """

    photo: Photo
    turn: int
    handles: list[Handle]
    marks: list[Mark]
    spine: list[Position]
    levels: list[Level]
    cun_px: float | None
    size: float
    back: tuple[float, float, float, float] | None
    others: list[Other]
    measure: Measure | None
    parts: list[tuple[Position, Position]]
    message: str | None
    placing: bool
    selected: str | None
    symmetric: bool
    can_undo: bool
    can_redo: bool
    can_reset: bool
    answers: int


class Event(TypedDict):
    """What the visitor did; a drag called off and buttons have no name, and their place is (0, 0).

    ``select`` is a tap on a mark or its label, by the mark's id; without a name, nothing is selected any more.
    ``person`` is a tap on another back, by its name.
    """

    seq: int
    kind: Kind
    name: str
    x_px: float
    y_px: float
    final: bool


# In this order they make one module.
_SCRIPTS = (
    "view", "framing", "sender", "things", "labels", "overlay", "picture", "loupe", "gestures", "keys", "toolbar",
    "guide", "editor",
)  # fmt: skip
_HERE = Path(__file__).parent

_FRONT = {
    "js": script("editor", *_SCRIPTS),
    "css": (_HERE / "editor.css").read_text("utf-8"),
}
_component = st.components.v2.component("back_editor", js=(_HERE / "loader.js").read_text("utf-8"))


def editor(view: View, words: EditorWords, *, key: str, on_event: Callable[[Event], None]) -> None:
    """Show the editor.

    Args:
        view: what to show.
        words: what it says.
        key: the editor's own key in the session state.
        on_event: called with what the visitor did before the script runs again, so that the same run can show its
            answer. An event whose ``seq`` is not above the view's ``answers`` has been seen before.
    """

    def happened() -> None:
        event = _event(state(key).get("event"))
        if event:
            on_event(event)

    _component(
        key=key,
        data={**_data(view, held=state(key).get("photo")), "words": asdict(words)},
        # A state value, not a trigger: where two messages of the browser meet in one run, a trigger may be lost.
        on_event_change=happened,
        on_photo_change=lambda: None,  # a state value has to have a callback
    )


def _data(view: View, held: object) -> dict[str, object]:
    """The view as the front end takes it; what is heavy goes along only when the front end does not hold it."""
    photo = view["photo"]
    src = None
    if held != photo["id"]:
        src = "data:image/jpeg;base64," + base64.b64encode(photo["jpeg"]).decode("ascii")
    sizes = {"id": photo["id"], "width_px": photo["width_px"], "height_px": photo["height_px"]}
    return {**view, "photo": {**sizes, "src": src}, "front": _FRONT if src else None}


def _event(sent: object) -> Event | None:
    """What came from the browser, checked; None for nothing and for nonsense."""
    if not isinstance(sent, dict):
        return None
    seq, kind = sent.get("seq"), sent.get("kind")
    if not isinstance(seq, int):
        return None
    if kind in _PLACELESS:
        return Event(seq=seq, kind=cast("Kind", kind), name="", x_px=0.0, y_px=0.0, final=True)
    if kind in _NAMED:
        named = sent.get("name")
        named = named if isinstance(named, str) else ""
        return Event(seq=seq, kind=cast("Kind", kind), name=named, x_px=0.0, y_px=0.0, final=True)
    name, x, y = sent.get("name"), _number(sent.get("x_px")), _number(sent.get("y_px"))
    if kind not in _PLACED or not isinstance(name, str) or x is None or y is None:
        return None
    return Event(seq=seq, kind=cast("Kind", kind), name=name, x_px=x, y_px=y, final=bool(sent.get("final")))


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) and -_FURTHEST <= value <= _FURTHEST else None
