"""What the program needs on this machine, and the command that mends what is missing."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from locator.cli import messages

if TYPE_CHECKING:
    from locator.catalogue.command_words import DoctorWords

_SYSTEM_LIBRARIES = "apt-get install libgl1 libglib2.0-0 libegl1 libgles2  (Debian, Ubuntu)"


@dataclass(frozen=True)
class Finding:
    """One thing looked at.

    Attributes:
        remedy: the command that mends it; empty where nothing is wrong.
    """

    what: str
    good: bool
    remedy: str = ""


def examine(words: DoctorWords) -> list[Finding]:
    """Everything the main job needs, each tried for real."""
    version = ".".join(map(str, sys.version_info[:3]))
    findings = [Finding(f"Python {version}", (3, 11) <= sys.version_info[:2] <= (3, 13), words.install_python)]
    findings += [
        _imported(what, module, package)
        for what, module, package in (
            ("OpenCV", "cv2", "opencv-contrib-python"),
            ("MediaPipe", "mediapipe", "mediapipe"),
            (words.avif, "PIL._avif", "pillow"),
            (words.heic, "pillow_heif", "pillow-heif"),
            (words.page, "streamlit", "streamlit"),
            (words.handles, "pydantic", "pydantic"),
            (words.setup, "flatbuffers", "flatbuffers"),
            (words.downloads, "pip", "pip"),
        )
    ]
    findings.append(_one_opencv(words))
    findings.append(_tried(words.networks, _networks, words.install_anew))
    findings.append(_tried(words.hand_model, lambda: _model("hand"), "locator setup"))
    findings.append(_tried(words.pose_model, lambda: _model("full"), "locator setup"))
    if findings[-1].good:
        findings.append(_tried(words.pose_runs, lambda: _runs(words), _SYSTEM_LIBRARIES))
    return findings


def _tried(what: str, attempt: Callable[[], str], remedy: str) -> Finding:
    try:
        detail = attempt()
    except Exception as error:  # whatever is broken here is what the user came to learn
        return Finding(f"{what}: {error}", False, remedy)
    return Finding(f"{what} {detail}".rstrip(), True)


def _imported(what: str, module: str, package: str) -> Finding:
    """Whether a module loads; a missing package and a missing system library have different remedies."""
    words = ["ensurepip"] if package == "pip" else ["pip", "install", "--upgrade", package]
    install = messages.command(sys.executable, "-m", *words)
    try:
        importlib.import_module(module)
    except ModuleNotFoundError as error:
        return Finding(f"{what}: {error}", False, install)
    except Exception as error:  # as in _tried
        return Finding(f"{what}: {error}", False, _SYSTEM_LIBRARIES)
    return Finding(f"{what} ({module})", True)


def _one_opencv(words: DoctorWords) -> Finding:
    """Two OpenCV packages overwrite each other's files."""
    from importlib import metadata

    names = {distribution.metadata["Name"] for distribution in metadata.distributions()}
    others = sorted(names & {"opencv-python", "opencv-python-headless", "opencv-contrib-python-headless"})
    return Finding(
        words.other_opencv.format(others=", ".join(others)) if others else words.one_opencv,
        not others,
        f"{messages.command(sys.executable, '-m', 'pip', 'uninstall', '--yes', *others)} && "
        + messages.command(
            sys.executable, "-m", "pip", "install", "--force-reinstall", "--no-deps", "opencv-contrib-python"
        ),
    )


def _model(name: str) -> str:
    from locator.models import registry

    _, model = registry.load(name)
    return f"{model.name}, sha256 {model.sha256[:12]}…"


def _networks() -> str:
    import numpy as np

    from locator.estimate import back_estimator

    reader, networks = back_estimator.load()
    reader.read(np.zeros((64, 64, 3), np.uint8))
    return f"({', '.join(f'{network.name} {network.sha256[:12]}…' for network in networks)})"


def _runs(words: DoctorWords) -> str:
    import numpy as np

    from locator.estimate.pose_model import MediaPipePose
    from locator.models import registry

    MediaPipePose(registry.bundle).estimate(np.zeros((64, 64, 3), np.uint8))
    return words.cores.format(cores=os.cpu_count())
