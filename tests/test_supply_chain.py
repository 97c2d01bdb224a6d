"""What the program is made of is known: every package has its tested version and its licence on record."""

import sys

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from lab.release import supply_chain
from locator.core import toml

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"),
    reason="the records are of Linux",
)

REPORT = supply_chain.REPORT.read_text(encoding="utf-8")


def pins():
    lines = supply_chain.CONSTRAINTS.read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if not line.startswith("#")]


def test_each_package_for_development_is_locked_to_one_version_with_all_that_it_requires():
    assert set(supply_chain.for_developing(["dev"])) - {supply_chain.project()["name"]} <= {pin.name for pin in pins()}
    for pin in pins():
        assert [one.operator for one in pin.specifier] == ["=="], pin


def test_the_locked_versions_are_those_that_the_project_asks_for():
    locked = {pin.name: next(iter(pin.specifier)).version for pin in pins()}
    project = supply_chain.project()
    for text in [*project["dependencies"], *project["optional-dependencies"]["dev"]]:
        asked = Requirement(text)
        if asked.marker is None and asked.name != project["name"]:
            assert asked.specifier.contains(locked[canonicalize_name(asked.name)]), text


def test_the_licence_of_every_package_that_is_needed_for_running_is_told():
    rows = [line.split(" | ") for line in REPORT.splitlines() if line.startswith("| ")]
    told = {canonicalize_name(row[0].removeprefix("| ")): row[2] for row in rows}
    assert set(supply_chain.for_running()) <= set(told)
    assert all(told.values())


def test_what_is_not_merely_permissive_stands_first():
    first = REPORT.partition("## All")[0]
    for name in ("fpdf2", "certifi", "pillow-heif", "opencv-contrib-python"):
        assert f"- **{name}**" in first
    assert "numpy**:" not in first


def test_a_package_without_its_licence_on_record_is_an_error():
    with pytest.raises(KeyError):
        supply_chain._licence({"name": "nameless", "licenses": []})


def test_the_bill_of_materials_holds_packages_models_and_fonts_and_is_valid():
    pytest.importorskip("cyclonedx_py", reason="needs the extra `release`")
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    document = supply_chain.bill()
    parts = {canonicalize_name(part["name"]): part for part in document["components"]}
    assert set(supply_chain.for_running()) < set(parts)
    assert "pytest" not in parts
    assert all(part["licenses"] for part in parts.values())
    hashes = {part["hashes"][0]["content"] for part in parts.values() if part["type"] == "machine-learning-model"}
    manifest = toml.load(supply_chain.ROOT / "models" / "manifest.toml")
    assert hashes == {entry["sha256"] for kind in ("own", "weights") for entry in manifest[kind].values()}
    error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(supply_chain.json.dumps(document))
    assert error is None, error
