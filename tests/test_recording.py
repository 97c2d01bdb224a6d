"""``locator live``, run as a user runs it."""

import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from serving import HEARS_CTRL_C

from locator.live import video
from locator.photo import resizing, sources


@pytest.fixture(scope="module")
def film(tmp_path_factory, samples):
    """A second of a standing back, upright, as a phone films it."""
    file = tmp_path_factory.mktemp("films") / "back.mp4"
    rgb = resizing.shrink(sources.read(samples["standing"]).rgb, 640)[0]
    with video.recorder(file) as recorder:
        for number in range(30):
            recorder.add(np.roll(rgb, 2 * number, axis=1), number / 30)
    return file


def frames(file):
    with video.opened(file) as film:
        return [frame.rgb for frame in film.frames]


def test_a_film_is_written_with_its_marks(run, film, tmp_path):
    out = tmp_path / "marked.mp4"
    done = run("live", "--video", film, "--out", out)
    assert done.returncode == 0, done.stderr
    before, after = frames(film), frames(out)
    assert len(after) == len(before) == 30
    changed = np.abs(after[-1].astype(int) - before[-1]).max(axis=2) > 60
    assert 300 < changed.sum() < 0.2 * changed.size
    assert "of 30 pictures were marked" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_film_without_a_back_is_written_and_says_so(run, tmp_path):
    film, out = tmp_path / "wall.mp4", tmp_path / "marked.mp4"
    with video.recorder(film) as recorder:
        for number in range(40):
            recorder.add(np.full((240, 320, 3), 120, np.uint8), number / 30)
    done = run("live", "--video", film, "--out", out)
    assert done.returncode == 3
    assert "0 of 40 pictures were marked" in done.stderr
    assert "Show your back" in done.stderr
    assert len(frames(out)) == 40


@pytest.mark.parametrize(
    ("args", "told", "status"),
    [
        (["--video", "README.md", "--out", "x.mp4"], "cannot be read as a film", 4),
        (["--video", "nowhere.mp4", "--out", "x.mp4"], "no such file", 4),
        (["--camera", "99", "--out", "x.mp4"], "plugged in", 4),
        (["--camera", "0", "--video", "film.mp4"], "not both", 2),
        (["--camera", "0", "--out", "x.avi"], "ending in .mp4", 2),
        (["--camera", "0", "--out", "x.mp4", "--sound"], "needs a film", 2),
        (["--video", "README.md", "--sound"], "needs a film", 2),
    ],
)
def test_what_cannot_be_done_is_said(run, args, told, status, tmp_path):
    args = [str(tmp_path / one) if one.startswith("x.") else one for one in args]
    done = run("live", *args)
    assert done.returncode == status
    assert told in " ".join(done.stderr.replace("│", " ").split())
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_without_a_screen_it_says_to_name_a_film(run, film, monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    done = run("live", "--video", film)
    assert done.returncode == 4
    assert "--out" in done.stderr


@pytest.mark.slow
def test_interrupted_it_leaves_no_half_film(locator, tmp_path_factory, tmp_path):
    long, out = tmp_path_factory.mktemp("long") / "long.mp4", tmp_path / "marked.mp4"
    with video.recorder(long) as recorder:
        for number in range(900):
            recorder.add(np.full((240, 320, 3), 120, np.uint8), number / 30)
    command = [sys.executable, "-m", "locator", "live", "--video", str(long), "--out", str(out)]
    job = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=HEARS_CTRL_C)
    while not list(tmp_path.iterdir()):
        assert job.poll() is None
        time.sleep(0.05)
    job.send_signal(signal.SIGINT)
    _, said = job.communicate(timeout=300)
    assert job.returncode == 130
    assert list(tmp_path.iterdir()) == []
    assert "Traceback" not in said
