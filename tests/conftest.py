import dataclasses
import functools
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import hypothesis
import numpy as np
import pytest

from lab.speed import browsing
from locator import Locator
from locator.catalogue.acupoints import acupoints, codes_for
from locator.core import resources
from locator.core.anchors import Anchors, SetBy
from locator.core.body import LANDMARKS, Pose, PoseKeypoint
from locator.estimate import handles
from locator.models import registry
from locator.photo import sources

hypothesis.settings.register_profile("patient", deadline=None)  # a slow machine breaks no promise
hypothesis.settings.load_profile("patient")

SAMPLES = Path(__file__).parents[1] / "sample_images"


def pytest_collection_modifyitems(items):
    """Files with much that is slow come first, so that no process is left alone with one of them at the end."""
    slow = Counter(item.path for item in items if item.get_closest_marker("slow"))
    in_browser = {path: path.stem.endswith("_browser") for path in slow}  # each takes as long as several others
    items.sort(key=lambda item: -slow[item.path] * (5 if in_browser.get(item.path) else 1))


def need(there, what):
    """Skip a test for want of something on a developer's machine; the gate has to have it."""
    if not there and os.environ.get("CI"):
        pytest.fail(f"the gate needs {what}")
    if not there:
        pytest.skip(f"this machine lacks {what}")


def number_of_marks(complaints=()):
    """How many marks a back has that is whole in the photo, for some complaints or, without any, for all."""
    shown = codes_for(complaints)
    return sum(2 if point.paired else 1 for point in acupoints() if point.code in shown)


@pytest.fixture(autouse=True)
def own_main():
    """Streamlit's tests leave their script in the place of the main module, which new processes then begin with."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture(scope="session")
def browsers():
    """What starts browsers."""
    need(browsing.CHROMIUM, "Chromium")
    with browsing.driver() as started:
        yield started


@pytest.fixture(scope="session")
def browser(browsers):
    with browsing.launched(browsers) as opened:
        yield opened


@pytest.fixture(scope="session")
def locator():
    registry.setup()
    return Locator()


@pytest.fixture(scope="session")
def forked():
    """What runs commands sooner, as it has loaded the libraries already; None where processes cannot be forked."""
    if not hasattr(os, "fork"):
        yield None
        return
    server = [sys.executable, Path(__file__).with_name("forked_command.py")]
    with subprocess.Popen(server, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.stdin.close()


@pytest.fixture(scope="session")
def run(locator, forked, tmp_path_factory):
    """Run ``locator ARGS`` in a process of its own, if ``fresh`` in a newly started one; the model is in place."""
    files = [tmp_path_factory.mktemp("said") / name for name in ("out", "err")]

    def run(*args, cwd=None, env=None, fresh=False):
        args = [*map(str, args)]
        if fresh or forked is None:
            command = [sys.executable, "-m", "locator", *args]
            return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=env)
        for file in files:
            file.write_bytes(b"")
        task = [args, str(cwd or Path.cwd()), dict(os.environ if env is None else env), *map(str, files)]
        forked.stdin.write(json.dumps(task) + "\n")
        forked.stdin.flush()
        status = int(forked.stdout.readline())
        return subprocess.CompletedProcess(args, status, *(file.read_text() for file in files))

    return run


@pytest.fixture(scope="session")
def scratch(tmp_path_factory):
    """Where the served page would leave files, if it left any."""
    return tmp_path_factory.mktemp("server")


@pytest.fixture(scope="session")
def address(scratch, locator):
    """The address of the page."""
    with browsing.served(resources.path("app.py"), TMPDIR=str(scratch)) as url:
        yield url


@pytest.fixture(scope="session")
def samples():
    """Name → path of every sample picture."""
    return {file.stem: file for file in sorted(SAMPLES.glob("*.jpg"))}


@pytest.fixture(scope="session")
def read(locator, samples):
    """Name → photo and result of every sample picture, read once; neither is to be changed."""
    return functools.cache(lambda name: locator.read(samples[name]))


@pytest.fixture(scope="session")
def back(samples):
    """A photo that is surely answered."""
    return samples["standing"]


@pytest.fixture(scope="session")
def back_rgb(back):
    return sources.read(back).rgb


def truth_of(picture: Path):
    return json.loads(picture.with_suffix(".json").read_text())


def make_pose(arms_up: bool = False, mirrored: bool = False) -> Pose:
    """An upright back, 200 px from shoulders to hips, made by hand."""
    xy = np.zeros((33, 2))
    z = np.zeros(33)
    width = {
        PoseKeypoint.LEFT_EAR: (-18, -80),
        PoseKeypoint.RIGHT_EAR: (18, -80),
        PoseKeypoint.LEFT_SHOULDER: (-67, 0),
        PoseKeypoint.RIGHT_SHOULDER: (67, 0),
        PoseKeypoint.LEFT_ELBOW: (-85, -95 if arms_up else 105),
        PoseKeypoint.RIGHT_ELBOW: (85, -95 if arms_up else 105),
        PoseKeypoint.LEFT_HIP: (-33, 200),
        PoseKeypoint.RIGHT_HIP: (33, 200),
        PoseKeypoint.LEFT_KNEE: (-35, 380),
        PoseKeypoint.RIGHT_KNEE: (35, 380),
    }
    for keypoint, (x, y) in width.items():
        xy[keypoint] = (300 + x, 200 + y)
    return Pose(xy, z)


def make_anchors(by: SetBy = SetBy.HAND) -> Anchors:
    """Handles on an upright back, 400 px from C7 to the hips, in a picture of 600 x 800."""
    back = handles.unset((600, 800)).landmarks
    bent = dataclasses.replace(back, spine_middle=back.spine_middle + (6, -4))
    return Anchors(bent, dict.fromkeys(LANDMARKS, by))


def moved(pose: Pose, scale: float = 1.0, turn_deg: float = 0.0, shift=(0.0, 0.0)) -> Pose:
    """The same body elsewhere in the picture."""
    angle = np.radians(turn_deg)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return Pose(scale * pose.xy_px @ rotation.T + np.array(shift), scale * pose.z_px)
