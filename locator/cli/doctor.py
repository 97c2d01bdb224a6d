"""What the program needs on this machine, and the command that mends what is missing."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass

from locator.cli import messages

_SYSTEM_LIBRARIES = "apt-get install libgl1 libglib2.0-0 libegl1 libgles2  (on Debian and Ubuntu)"


@dataclass(frozen=True)
class Finding:
    """One thing looked at.

    Attributes:
        remedy: the command that mends it; empty where nothing is wrong.
    """

    what: str
    good: bool
    remedy: str = ""


def examine() -> list[Finding]:
    """Everything the main job needs, each tried for real."""
    version = ".".join(map(str, sys.version_info[:3]))
    findings = [Finding(f"Python {version}", (3, 11) <= sys.version_info[:2] <= (3, 13), "install Python 3.11 to 3.13")]
    findings += [
        _imported(what, module, package)
        for what, module, package in (
            ("OpenCV", "cv2", "opencv-contrib-python"),
            ("MediaPipe", "mediapipe", "mediapipe"),
            ("AVIF pictures", "PIL._avif", "pillow"),
            ("HEIC pictures", "pillow_heif", "pillow-heif"),
            ("the page", "streamlit", "streamlit"),
            ("files of handles", "pydantic", "pydantic"),
            ("set-up of the pose model", "flatbuffers", "flatbuffers"),
            ("downloads for set-up", "pip", "pip"),
        )
    ]
    findings.append(_one_opencv())
    findings.append(_tried("back networks run", _networks, "install the program anew"))
    findings.append(_tried("hand model", lambda: _model("hand"), "locator setup"))
    findings.append(_tried("pose model", lambda: _model("full"), "locator setup"))
    if findings[-1].good:
        findings.append(_tried("pose model runs", _runs, _SYSTEM_LIBRARIES))
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


def _one_opencv() -> Finding:
    """Two OpenCV packages overwrite each other's files."""
    from importlib import metadata

    names = {distribution.metadata["Name"] for distribution in metadata.distributions()}
    others = sorted(names & {"opencv-python", "opencv-python-headless", "opencv-contrib-python-headless"})
    return Finding(
        f"one OpenCV only{', but also: ' + ', '.join(others) if others else ''}",
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


def _runs() -> str:
    import numpy as np

    from locator.estimate.pose_model import MediaPipePose
    from locator.models import registry

    MediaPipePose(registry.load()[0]).estimate(np.zeros((64, 64, 3), np.uint8))
    return f"on {os.cpu_count()} cores"
