"""A page with nothing but the editor, for its tests: a stub of the geometry that keeps what it is told in a dict.

A handle goes where it is put, and the marks go half of the way with it; the event's answer is shown in the same run.
"""

from __future__ import annotations

import copy
import sys
import time
from pathlib import Path

import streamlit as st

sys.path.insert(0, str(Path(__file__).parents[1]))

from locator.catalogue.words import words  # noqa: E402
from locator.web.components import editor  # noqa: E402

PHOTO = Path(__file__).parents[1] / "sample_images" / "standing.jpg"
SIZE = (540, 720)
COLOURS = ["#e69f00", "#56b4e9", "#009e73", "#f0e442", "#d55e00", "#cc79a7"]
SPINE = {
    "C7": (275.7, 188.4), "T4": (271.3, 252.1), "T7": (265.8, 311.6), "T9": (262.7, 344.2),
    "T12": (257.9, 400.5), "L2": (255.4, 435.9), "S2": (251.0, 516.0),
}  # fmt: skip
POINTS = [
    ("BL-43", "T4", "BL-43 Gao Huang Shu", 49.2), ("GV-9", "T7", "GV-9 Zhi Yang", 0.0),
    ("BL-18", "T9", "BL-18 Gan Shu", 24.6), ("BL-21", "T12", "BL-21 Wei Shu", 24.6),
    ("BL-23", "L2", "BL-23 Shen Shu", 24.6), ("BL-52", "L2", "BL-52 Zhi Shi", 49.2),
]  # fmt: skip
HANDLES = [
    ("c7", "C7", (275.7, 188.4)), ("subject_left_shoulder", "L shoulder", (173.3, 239.4)),
    ("subject_right_shoulder", "R shoulder", (363.2, 254.0)), ("spine_middle", "spine", (259.6, 380.0)),
    ("subject_left_hip", "L hip", (208.9, 532.7)), ("subject_right_hip", "R hip", (305.0, 539.7)),
]  # fmt: skip


def start() -> dict:
    """The state before the visitor has done anything."""
    marks = {}
    for code, level, _, lateral in POINTS:
        x, y = SPINE[level]
        sides = [("midline", 0)] if not lateral else [("subject-left", -1), ("subject-right", 1)]
        for side, sign in sides:
            marks[f"{code}/{side}"] = (x + sign * lateral, y + sign * lateral * 0.07)
    return {
        "handles": {name: place for name, _, place in HANDLES},
        "marks": marks,
        "set": {},
        "moved": set(),
        "measure": {"0": (120.0, 620.0), "1": (330.0, 640.0)},
    }


def apply(event: editor.Event) -> None:
    """Change the state as the event says."""
    page = st.session_state["page"]
    if event["seq"] <= page["answers"]:
        return
    page["events"].append(event)
    page["answers"] = event["seq"]
    if event["kind"] == "turn":
        page["turn"] = (page["turn"] + 90) % 360
    elif event["kind"] == "symmetric":
        page["symmetric"] = not page["symmetric"]
    elif event["kind"] == "select":
        page["selected"] = event["name"].partition("/")[0] or None
    elif event["kind"] == "cancel":
        page["now"] = copy.deepcopy(page["steady"])
    elif event["kind"] == "undo" and page["past"]:
        page["now"] = page["past"].pop()
    elif event["kind"] == "reset":
        page.update({"now": start(), "steady": start(), "past": [], "turn": 0, "selected": None})
    elif event["kind"] in ("handle", "mark", "measure"):
        place(page, event)


def place(page: dict, event: editor.Event) -> None:
    """Put one thing somewhere."""
    if event["final"]:
        page["past"].append(page["steady"])
    now, to = page["now"], (event["x_px"], event["y_px"])
    if event["kind"] == "handle":
        before = now["handles"][event["name"]]
        now["handles"][event["name"]] = to
        now["set"][event["name"]] = "hand"
        half = [(to[axis] - before[axis]) / 2 for axis in (0, 1)]
        now["marks"] = {name: (x + half[0], y + half[1]) for name, (x, y) in now["marks"].items()}
    elif event["kind"] == "mark":
        now["marks"][event["name"]] = to
        now["moved"].add(event["name"])
    else:
        now["measure"][event["name"]] = to
    if event["final"]:
        page["steady"] = copy.deepcopy(now)


def view(page: dict) -> editor.View:
    """What the editor shows of the state."""
    now = page["now"]
    options = st.query_params
    marks = []
    for index, (code, level, label, _) in enumerate(POINTS):
        for name, (x, y) in now["marks"].items():
            if name.startswith(code + "/"):
                foot = None if name.endswith("midline") else SPINE[level]
                marks.append(
                    editor.Mark(
                        id=name, code=code, title=label, written=code, label=label,
                        spoken=f"{label}, level with {level}",
                        x_px=x, y_px=y, radius_px=25, colour=COLOURS[index], moved=name in now["moved"], foot=foot,
                    )
                )  # fmt: skip
    first = {"spine_middle": "default"}
    handles = [
        editor.Handle(name=name, label=label, hint="where the finger feels it",
                      needed=name != "spine_middle", x_px=now["handles"][name][0],
                      y_px=now["handles"][name][1], set_by=now["set"].get(name, first.get(name, "photo")))
        for name, label, _ in HANDLES
    ]  # fmt: skip
    measure = editor.Measure(label="a card, 85.6 mm", ends=(now["measure"]["0"], now["measure"]["1"]))
    return editor.View(
        photo={"id": "standing", "width_px": SIZE[0], "height_px": SIZE[1], "jpeg": PHOTO.read_bytes()},
        turn=page["turn"],
        handles=handles,
        marks=[] if "message" in options else marks,
        spine=[] if "message" in options else list(SPINE.values()),
        levels=[{"name": name, "x_px": x, "y_px": y} for name, (x, y) in SPINE.items()],
        cun_px=16.4,
        size=1.0,
        back=(170.0, 210.0, 360.0, 480.0),
        parts=[],
        others=[],
        measure=measure if "measure" in options else None,
        message="The shoulders lie below the hips: drag them up." if "message" in options else None,
        placing=False,
        selected=page["selected"],
        symmetric=page["symmetric"],
        can_undo=bool(page["past"]),
        can_redo=False,
        can_reset=True,
        answers=page["answers"],
    )


st.set_page_config(page_title="Editor", layout="wide")
if "page" not in st.session_state:
    if "forgetful" in st.query_params:  # as if the front end had lost the photo that it acknowledged
        st.session_state["editor"] = {"photo": "standing"}
    st.session_state["page"] = {
        "now": start(), "steady": start(), "past": [], "turn": 0, "symmetric": False, "answers": 0, "events": [],
        "selected": None,
    }  # fmt: skip
time.sleep(float(st.query_params.get("slow", 0)))
if not st.checkbox("Hide the editor"):
    editor.editor(view(st.session_state["page"]), words().editor, key="editor", on_event=apply)
st.json(st.session_state["page"]["events"][-1:], expanded=True)
