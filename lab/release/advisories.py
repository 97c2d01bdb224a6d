"""Is there a known hole in what is locked? Asks the database of OSV, and keeps the last answer.

    python -m lab.release.advisories

sends the names and versions in ``requirements/dev.txt`` to osv.dev, prints what is known of them, and writes
``requirements/advisories.json``. The exit status is 0 when nothing is known, 1 when something is, and 2 when the
database could not be asked; the answer before is kept then.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import re
import sys
import urllib.request
from pathlib import Path
from typing import Any

from lab.release.supply_chain import LOCKS, ROOT

DATABASE = "https://api.osv.dev/v1/querybatch"
RECORD = ROOT / "requirements" / "advisories.json"
_WAIT_S = 30.0
_PIN = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)

Json = dict[str, Any]


def pins(lock: Path) -> list[tuple[str, str]]:
    """The packages of a file in ``requirements/``, and their versions."""
    return _PIN.findall(lock.read_text(encoding="utf-8"))


def known(packages: list[tuple[str, str]], database: str = DATABASE) -> dict[str, list[str]]:
    """The advisories on each package that has some, by their names.

    Raises:
        OSError, ValueError: if the database cannot be asked, or does not answer as it should.
    """
    queries = [{"package": {"name": name, "ecosystem": "PyPI"}, "version": version} for name, version in packages]
    request = urllib.request.Request(
        database, json.dumps({"queries": queries}).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=_WAIT_S) as answer:
        results = json.load(answer)["results"]
    if len(results) != len(packages):
        raise ValueError("the database answered another question")
    return {
        f"{name}=={version}": sorted(one["id"] for one in result["vulns"])
        for (name, version), result in zip(packages, results, strict=True)
        if result.get("vulns")
    }


def ask(lock: Path, record: Path, database: str = DATABASE) -> int:
    """Ask, tell, and keep the answer; returns the exit status."""
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    before: Json = json.loads(record.read_bytes()) if record.exists() else {"answer": None}
    packages = pins(lock)
    try:
        found = known(packages, database)
    except (OSError, ValueError, LookupError) as error:
        why = f"{type(error).__name__}: {error}"
        _keep(record, {**before, "last_try": {"utc": now, "failed": why}})
        print(f"The database of advisories could not be asked ({why}).")
        return 2
    sha256 = hashlib.sha256(lock.read_bytes()).hexdigest()
    answer = {"utc": now, "packages": len(packages), "lock_sha256": sha256, "advisories": found}
    _keep(record, {"answer": answer, "last_try": {"utc": now, "failed": None}})
    for package, names in found.items():
        print(f"{package}: {', '.join(names)}")
    print(f"{len(packages)} packages, {len(found)} with known advisories.")
    return 1 if found else 0


def _keep(record: Path, document: Json) -> None:
    record.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    sys.exit(ask(LOCKS["dev"], RECORD))


if __name__ == "__main__":
    main()
