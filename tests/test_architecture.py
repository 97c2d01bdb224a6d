"""The parts depend on each other in one direction, and what is heavy loads late."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "locator"

# Each module may import from the lines above its own.
LAYERS = [
    {"codestreams"},
    {"toml", "resources", "native_log", "memory", "types", "bundle", "containers", "files", "workers", "journal"},
    {"geometry", "anatomy", "acupoints", "drawings", "models", "images", "layout", "landmarker", "network"},
    {"steady", "video", "views"},
    {"midline", "fonts", "blur", "back", "pool", "problems", "record", "metrics"},
    {"spine", "handles", "anchors_file", "scene"},
    {"pose", "hands", "quality", "placing", "render", "svg", "pdf"},
    {"looks", "sheet", "compare", "fusion", "coaching", "overlay"},
    {"export"},
    {"api", "contact_sheet"},
    {"doctor", "batch", "cluster", "following", "reader", "openapi"},
    {"live", "service"},
    {"filming", "server"},
    {"cli"},
    {"__main__"},
]
LEVEL = {name: height for height, names in enumerate(LAYERS) for name in names}


def imported(file):
    """Every absolute module name that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "locator":
                yield from (f"locator.{alias.name}" for alias in node.names)
            else:
                yield node.module


@pytest.mark.parametrize("file", sorted(PACKAGE.glob("*.py")), ids=lambda file: file.stem)
def test_imports_point_one_way(file):
    if file.stem == "__init__":
        return
    assert file.stem in LEVEL, f"say in LAYERS where {file.stem} stands"
    for name in imported(file):
        parts = name.split(".")
        if parts[0] == "locator" and len(parts) > 1 and parts[1] in LEVEL:
            assert LEVEL[parts[1]] < LEVEL[file.stem], f"{file.stem} imports {parts[1]}"


@pytest.mark.parametrize(
    ("library", "home"),
    [
        ("mediapipe", "landmarker"),
        ("pillow_heif", "images"),
        ("flatbuffers", "bundle"),
        ("typer", "cli"),
        ("prometheus_client", "metrics"),
        ("uvicorn", "server"),
        ("fpdf", "pdf"),
        ("fontTools", "svg"),
        ("ray", "cluster"),
        ("OneEuroFilter", "steady"),
        ("av", "video"),
    ],
)
def test_one_module_knows_each_library(library, home):
    users = {f.stem for f in PACKAGE.glob("*.py") if any(n.split(".")[0] == library for n in imported(f))}
    assert users == {home}


def test_one_module_runs_networks_with_opencv():
    users = {
        file.stem
        for file in PACKAGE.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "dnn"
    }
    assert users == {"network"}
    assert not [f for f in PACKAGE.glob("*.py") if any(n.startswith("cv2.") for n in imported(f))]


def test_nothing_below_the_page_knows_streamlit():
    users = {f.stem for f in PACKAGE.glob("*.py") if any(n.split(".")[0] == "streamlit" for n in imported(f))}
    assert users == set()


def test_help_answers_without_the_heavy_libraries():
    code = (
        "import sys; sys.argv=['locator','--help']\n"
        "from locator.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'mediapipe','cv2','streamlit','numpy','PIL','fpdf','fontTools'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "annotate" in done.stdout
