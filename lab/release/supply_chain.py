"""What the program is made of: the tested versions, their licences, and a bill of materials.

    python -m lab.release.supply_chain

writes ``requirements/``, ``docs/licences.md`` and ``dist/sbom.cdx.json`` (CycloneDX) from what is installed, after a
change of dependencies and for a release. Needs every extra but ``training``, and the network for the sha256 of builds
for other systems.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from locator.core import toml

ROOT = Path(__file__).resolve().parents[2]
REPORT, BILL = ROOT / "docs" / "licences.md", ROOT / "dist" / "sbom.cdx.json"
LOCKS = {name: ROOT / "requirements" / f"{name}.txt" for name in ("run", "serve", "ray", "dev")}
"""What each way of setting the program up installs: the program alone, or with the extra of that name."""

_NOT_LOCKED = {"training"}  # pins in pyproject.toml what matters; too large to be installed along

Json = dict[str, Any]


def project() -> Json:
    """The table of that name in ``pyproject.toml``."""
    table: Json = toml.load(ROOT / "pyproject.toml")["project"]
    return table


def installed(requirements: Iterable[str]) -> dict[str, Distribution]:
    """The distributions that fulfil requirements on this machine, with all that they require in turn, by name.

    Raises:
        PackageNotFoundError: if one is not installed.
    """
    found: dict[str, Distribution] = {}
    met: set[tuple[str, frozenset[str]]] = set()
    waiting = [Requirement(text) for text in requirements]
    while waiting:
        wanted = waiting.pop()
        name, extras = canonicalize_name(wanted.name), frozenset(wanted.extras)
        if (name, extras) in met or not _holds(wanted, ("",)):
            continue
        met.add((name, extras))
        found[name] = distribution(wanted.name)
        needs = [Requirement(text) for text in found[name].requires or []]
        chosen = [need for need in needs if _holds(need, ("", *extras))]
        for need in chosen:
            need.marker = None  # it has been asked
        waiting += chosen
    return dict(sorted(found.items()))


def _holds(requirement: Requirement, extras: tuple[str, ...]) -> bool:
    return requirement.marker is None or any(requirement.marker.evaluate({"extra": extra}) for extra in extras)


def for_running() -> dict[str, Distribution]:
    """What the program needs when it runs."""
    return installed(project()["dependencies"])


def for_developing(extras: Iterable[str] | None = None) -> dict[str, Distribution]:
    """What is locked: what the program needs, with ``extras`` (None: all that are locked)."""
    optional = project()["optional-dependencies"]
    names = set(optional) - _NOT_LOCKED if extras is None else extras
    return installed([*project()["dependencies"], *(text for name in names for text in optional[name])])


def lock(way: str, distributions: dict[str, Distribution]) -> str:
    """The file in ``requirements/`` of a way of setting up, for every system and Python that the program runs on.

    Args:
        distributions: what is installed; of these packages it names the same versions.
    """
    extras = () if way == "run" else ("--extra", way)
    with tempfile.TemporaryDirectory() as scratch:
        wanted, written = Path(scratch) / "wanted.txt", Path(scratch) / "written.txt"
        pins = (f"{name}=={found.version}\n" for name, found in distributions.items() if name != project()["name"])
        wanted.write_text("".join(pins), encoding="utf-8")
        subprocess.run(
            [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11",
             "--generate-hashes", "--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links",
             *extras, "--group", "build", "--constraint", str(wanted), "--output-file", str(written), "pyproject.toml"],
            check=True, cwd=ROOT, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        head = (
            "# The versions that the tests were last run with, and the sha256 of their builds.",
            "# Written by `python -m lab.release.supply_chain`.",
        )
        return "\n".join((*head, written.read_text(encoding="utf-8")))


def bill() -> Json:
    """The bill of materials: packages, models and fonts, each with its licence; of the last two also the sha256."""
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "bill.json"
        subprocess.run(
            [sys.executable, "-m", "cyclonedx_py", "environment", "--pyproject", str(ROOT / "pyproject.toml"),
             "--output-reproducible", "--output-file", str(file), sys.executable],
            check=True,
        )  # fmt: skip
        document: Json = json.loads(file.read_bytes())
    wanted = set(for_running())
    packages = [part for part in document["components"] if canonicalize_name(part["name"]) in wanted]
    for part in packages:
        part["licenses"] = [_named(_licence(part))]
    own = _models() + _fonts()
    kept = {part["bom-ref"] for part in packages + own} | {document["metadata"]["component"]["bom-ref"]}
    document["components"] = packages + own
    document["dependencies"] = [
        {**entry, "dependsOn": [ref for ref in entry.get("dependsOn", []) if ref in kept]}
        for entry in document["dependencies"]
        if entry["ref"] in kept
    ]
    return document


def _models() -> list[Json]:
    manifest = toml.load(ROOT / "models" / "manifest.toml")
    files = {name: (entry["sha256"], "Apache-2.0") for name, entry in manifest["own"].items()}
    files |= {name: (entry["sha256"], entry["licence"]) for name, entry in manifest["weights"].items()}
    return [_file("machine-learning-model", f"model {name}", *facts) for name, facts in files.items()]


def _fonts() -> list[Json]:
    files = sorted((ROOT / "locator" / "draw" / "font_files").glob("*.ttf"))
    return [_file("file", file.name, hashlib.sha256(file.read_bytes()).hexdigest(), "OFL-1.1") for file in files]


def _file(kind: str, name: str, sha256: str, licence: str) -> Json:
    return {
        "type": kind,
        "bom-ref": name,
        "name": name,
        "hashes": [{"alg": "SHA-256", "content": sha256}],
        "licenses": [_named(licence)],
    }


def _named(licence: str) -> Json:
    return {"expression": licence} if " " in licence else {"license": {"id": licence}}


def _licence(part: Json) -> str:
    """The SPDX name or expression that a package's metadata give, or our data in their place."""
    data = toml.load(Path(__file__).parent / "licences.toml")
    for entry in part.get("licenses", []):
        name = entry.get("expression") or entry["license"].get("id") or entry["license"].get("name", "")
        if name := data["names"].get(name, name):
            return str(name)
    return str(data["unnamed"][canonicalize_name(part["name"])])


def report(document: Json) -> str:
    """``docs/licences.md``."""
    data = toml.load(Path(__file__).parent / "licences.toml")
    rows, others = [], []
    for part in document["components"]:
        name, entry = part["name"], part["licenses"][0]
        licence = entry.get("expression") or entry["license"]["id"]
        rows.append(f"| {name} | {part.get('version', '')} | {licence} |")
        words = licence.replace("(", " ").replace(")", " ").split()
        if not {word for word in words if word not in ("AND", "OR", "WITH")} <= set(data["permissive"]):
            others.append(f"- **{name}**: {licence}.")
    carried = [f"- **{name}** carries {text}." for name, text in data["carried"].items()]
    return "\n".join(
        (
            "# Licences",
            "",
            "What the program needs when it runs, as installed on Linux. The program itself is under the Apache",
            "License 2.0. It imports these packages as they are and contains none of their code; whoever passes them",
            "on along with it, as in a container image, passes them on under their own terms.",
            "",
            "## Not merely permissive",
            "",
            *others,
            "",
            "Inside the builds of packages whose own code is permissive:",
            "",
            *carried,
            "",
            "## All",
            "",
            "| name | version | licence |",
            "|---|---|---|",
            *rows,
            "",
            "Written by `python -m lab.release.supply_chain`.",
            "",
        )
    )


def main() -> None:
    """Write all three files."""
    try:
        found = for_developing()
    except PackageNotFoundError as error:
        sys.exit(f"{error.name} is missing; install every extra but training first, as in: pip install -e '.[dev]'")
    for way, file in LOCKS.items():
        file.write_text(lock(way, found), encoding="utf-8")
    document = bill()
    BILL.parent.mkdir(exist_ok=True)
    BILL.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    REPORT.write_text(report(document), encoding="utf-8")


if __name__ == "__main__":
    main()
