"""The documents name what there is."""

import re
from pathlib import Path

import pytest
from test_architecture import ROOMS, ROOT

from locator.cli import commands
from locator.formats import FORMATS
from locator.photo import decoding

README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = sorted(
    file
    for pattern in ("*.md", "docs/*.md", "lab/**/*.md", "locator/**/*.md", "tests/**/*.md")
    for file in ROOT.glob(pattern)
)
PLACEHOLDERS = {"CODE", "MODULE"}


def name_of(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("file", DOCUMENTS, ids=name_of)
def test_every_link_within_the_project_leads_somewhere(file):
    for target in re.findall(r"\]\((?!https?://|#)([^)#\s]+)", file.read_text(encoding="utf-8")):
        assert (file.parent / target).exists(), target


@pytest.mark.parametrize("file", DOCUMENTS, ids=name_of)
def test_every_module_that_is_to_be_run_is_there(file):
    for name in re.findall(r"python -m (lab[\w.]*)", file.read_text(encoding="utf-8")):
        path = ROOT / name.replace(".", "/")
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), name


@pytest.mark.parametrize("file", DOCUMENTS, ids=name_of)
def test_every_file_of_the_program_that_is_named_is_there(file):
    for name in re.findall(r"`((?:locator|lab|tests|docs|models)/[\w./-]+)`", file.read_text(encoding="utf-8")):
        assert (ROOT / name).exists() or Path(name).stem in PLACEHOLDERS, name


def test_the_readme_names_every_command():
    named = set(re.findall(r"^\| `locator (\w+)", README, re.MULTILINE))
    assert named == {one.name or one.callback.__name__ for one in commands.app.registered_commands}


def test_the_readme_names_every_format():
    table = README.partition("returns, the same marks as")[2].partition("\n\nThe ending")[0]
    assert set(re.findall(r"`([\w-]+)`", table)) >= set(FORMATS)


def test_the_table_of_file_kinds_tells_the_limits_that_hold():
    table = (ROOT / "docs" / "file_kinds.md").read_text(encoding="utf-8").partition("## Measured")[0]
    rows = [row.strip("|\n ").split("|") for row in table.splitlines() if row.startswith("| ") and " yes " in row]
    told = {re.split(r"\W", row[0].strip())[0]: int(row[-1].partition(",")[0]) for row in rows}
    for name, pillow in {"JPEG": "JPEG", "PNG": "PNG", "WebP": "WEBP", "HEIC": "HEIF", "AVIF": "AVIF"}.items():
        assert told.pop(name) * 1_000_000 == decoding.MAX_PIXELS_OF.get(pillow, decoding.MAX_PIXELS)
    assert not told
    assert f"4:4:4: {decoding.MAX_PIXELS_OF['HEIF, 4:4:4'] // 1_000_000})" in table
    assert f"of any kind may have {decoding.MAX_PIXELS_OF['HDR'] // 1_000_000} megapixels" in table


def test_the_picture_of_the_rooms_shows_each_once_and_the_list_gives_their_order():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    drawing = text.partition("```mermaid")[2].partition("```")[0]
    assert sorted(re.findall(r'"<b>(\w+)</b>', drawing)) == sorted(ROOMS)
    order = text.partition("From top to bottom:")[2].partition("\n\n")[0]
    assert re.findall(r"`(\w+)`", order) == ROOMS
