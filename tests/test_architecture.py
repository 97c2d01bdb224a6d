"""The rooms of the program depend on each other in one direction, and what is heavy loads late."""

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "locator"
MOST_LINES_OF_A_MODULE, MOST_LINES_OF_A_CLASS, MOST_ROOMS = 400, 150, 13

# Each room may import from itself and from the rooms below it.
ROOMS = [
    "cli",
    "web",
    "serve",
    "live",
    "jobs",
    "api",
    "formats",
    "estimate",
    "models",
    "draw",
    "catalogue",
    "photo",
    "core",
]
FILES = sorted(file for file in PACKAGE.rglob("*.py") if file.parent != PACKAGE or file.stem in ROOMS)

SOURCES = sorted([*PACKAGE.rglob("*.py"), *(ROOT / "lab").rglob("*.py")])


def name_of(file):
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def room_of(module):
    return module.split(".")[1]


@cache
def imported(file):
    """Every absolute module name that a file imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def users_of(library):
    return {name_of(file) for file in FILES if any(name.split(".")[0] == library for name in imported(file))}


def test_every_room_has_its_place_in_the_order():
    assert {room_of(name_of(file)) for file in FILES} == set(ROOMS)


def test_the_rooms_can_be_told_at_a_glance():
    rooms = {file.name for file in PACKAGE.iterdir() if not file.name.startswith("__") and file.name != "py.typed"}
    assert len(rooms - {"checkout"}) <= MOST_ROOMS, rooms


@pytest.mark.parametrize("file", SOURCES, ids=name_of)
def test_no_module_and_no_class_is_too_long_to_be_read_at_once(file):
    text = file.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MOST_LINES_OF_A_MODULE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef) and node.end_lineno:
            assert node.end_lineno - node.lineno < MOST_LINES_OF_A_CLASS, node.name


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_imports_run_down_the_rooms(file):
    here = ROOMS.index(room_of(name_of(file)))
    for name in imported(file):
        if name.startswith("locator.") and room_of(name) in ROOMS:
            assert ROOMS.index(room_of(name)) >= here, f"{name_of(file)} imports {name}"


def test_no_two_modules_import_each_other():
    modules = {name_of(file): {name for name in imported(file) if name.startswith("locator.")} for file in FILES}
    ends = dict.fromkeys(modules, False)

    def visit(module, way):
        assert module not in way, f"a circle of imports: {' -> '.join([*way, module])}"
        if ends[module]:
            return
        for name in sorted(modules[module] & modules.keys() - {module}):
            visit(name, [*way, module])
        ends[module] = True

    for module in modules:
        visit(module, [])


@pytest.mark.parametrize(
    ("library", "home"),
    [
        ("mediapipe", "locator.models.mediapipe_tasks"),
        ("pillow_heif", "locator.photo.stored"),
        ("simplejpeg", "locator.photo.stored"),
        ("flatbuffers", "locator.models.bundle"),
        ("prometheus_client", "locator.serve.metrics"),
        ("uvicorn", "locator.serve.server"),
        ("fpdf", "locator.draw.pdf"),
        ("fontTools", "locator.draw.svg"),
        ("ray", "locator.jobs.cluster"),
        ("OneEuroFilter", "locator.live.smoothing"),
        ("av", "locator.live.video"),
    ],
)
def test_one_module_knows_each_library(library, home):
    # Streams hand the page frames of PyAV; and it alone gives WebP's encoder a picture in bands.
    elsewhere = {"locator.web.stream", "locator.photo.encoding"} if library == "av" else set()
    assert users_of(library) - elsewhere == {home}


def test_networks_have_one_runtime():
    users = {
        name_of(file)
        for file in FILES
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "dnn"
    }
    assert not users
    assert not [file for file in FILES if any(name.startswith("cv2.") for name in imported(file))]


def test_only_the_pages_know_streamlit():
    assert {room_of(name) for name in users_of("streamlit")} == {"web"}


def test_only_the_command_knows_its_command_line_library():
    assert {room_of(name) for name in users_of("typer")} == {"cli"}


def test_the_program_knows_nothing_of_the_lab():
    assert not users_of("lab")


@pytest.mark.parametrize(("room", "other"), [("training", "accuracy"), ("accuracy", "training")])
def test_what_is_trained_and_what_judges_it_share_the_labs_data_alone(room, other):
    for file in (ROOT / "lab" / room).rglob("*.py"):
        assert not [name for name in imported(file) if name.startswith(f"lab.{other}")], file


def test_the_labs_data_is_below_all_that_uses_it():
    for file in (ROOT / "lab" / "data").glob("*.py"):
        assert not [name for name in imported(file) if name.startswith("lab.") and not name.startswith("lab.data")]


def test_help_answers_without_the_heavy_libraries():
    code = (
        "import sys; sys.argv=['locator','--help']\n"
        "from locator.cli.commands import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'mediapipe','cv2','streamlit','numpy','PIL','fpdf','fontTools'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "annotate" in done.stdout
