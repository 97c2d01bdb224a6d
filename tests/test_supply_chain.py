"""What the program is made of is known: every package has its tested version and its licence on record."""

import re
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

README = (supply_chain.ROOT / "README.md").read_text(encoding="utf-8")
REPORT = supply_chain.REPORT.read_text(encoding="utf-8")


def locked(way):
    """Requirement → the sha256 of its builds."""
    text = supply_chain.LOCKS[way].read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line.split(" --hash=") for line in text.splitlines() if not line.startswith("#")]
    return {Requirement(line[0]): [one.strip() for one in line[1:]] for line in lines}


def pins():
    return list(locked("dev"))


@pytest.mark.parametrize("way", supply_chain.LOCKS)
def test_every_way_of_setting_up_is_locked_to_the_byte(way):
    for pin, builds in locked(way).items():
        assert [one.operator for one in pin.specifier] == ["=="], pin
        assert builds, pin
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", one) for one in builds), pin
    names = {pin.name for pin in locked(way)}
    extras = [] if way == "run" else [way]
    assert set(supply_chain.for_developing(extras)) - {supply_chain.project()["name"]} <= names
    assert {"hatchling", "editables", "pip"} <= names  # the project itself is built with what is locked
    assert any(pin.marker and "win32" in str(pin.marker) for pin in locked(way))  # not of this system alone


def test_all_ways_of_setting_up_have_the_same_versions():
    everything = {pin.name: pin.specifier for pin in pins()}
    for way in ("run", "serve", "ray"):
        assert all(everything[pin.name] == pin.specifier for pin in locked(way))


def test_nothing_is_installed_but_what_is_locked():
    for name in ("setup.sh", "Containerfile"):
        text = (supply_chain.ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
        calls = re.findall(r"^\s*install --.*|pip install (?!.*\$@).*?(?=&&|$)", text, re.MULTILINE)
        own = [call for call in calls if "--no-deps --no-build-isolation" in call]
        assert len(own) == 1, name
        assert len(calls) > 1, name
        assert all("--require-hashes" in call and " -r " in call for call in calls if call not in own), calls
    windows = re.findall(r"pip install.*", README.partition("```bat")[2].partition("```")[0])
    assert [call.split()[2] for call in windows] == ["--require-hashes", "--no-deps"]


def test_the_build_backend_and_the_base_image_are_pinned():
    (backend,) = toml.load(supply_chain.ROOT / "pyproject.toml")["build-system"]["requires"]
    assert Requirement(backend) in locked("run")
    image = (supply_chain.ROOT / "Containerfile").read_text(encoding="utf-8")
    assert re.search(r"^FROM \S+@sha256:[0-9a-f]{64}$", image, re.MULTILINE)


@pytest.mark.parametrize(("package", "version"), [("pillow", "12.3.0"), ("pillow-heif", "1.6.0")])
def test_a_version_with_a_known_hole_is_not_asked_for(package, version):
    (asked,) = [text for text in supply_chain.project()["dependencies"] if Requirement(text).name == package]
    assert not Requirement(asked).specifier.contains(version)


def test_what_set_up_fetches_with_is_declared():
    assert any(Requirement(text).name == "pip" for text in supply_chain.project()["dependencies"])


def test_each_package_for_development_is_locked_to_one_version_with_all_that_it_requires():
    assert set(supply_chain.for_developing(["dev"])) - {supply_chain.project()["name"]} <= {pin.name for pin in pins()}
    for pin in pins():
        assert [one.operator for one in pin.specifier] == ["=="], pin


def test_the_locked_versions_are_those_that_the_project_asks_for():
    versions = {pin.name: next(iter(pin.specifier)).version for pin in pins()}
    project = supply_chain.project()
    for text in [*project["dependencies"], *project["optional-dependencies"]["dev"]]:
        asked = Requirement(text)
        if asked.marker is None and asked.name != project["name"]:
            assert asked.specifier.contains(versions[canonicalize_name(asked.name)]), text


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
