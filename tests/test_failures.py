"""Where the machine fails the command: a sentence on what happened; no trace, hang or silent download."""

import errno
import os
import shutil
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
import typer

from locator.cli import doctor, many, messages
from locator.core import resources
from locator.models import registry

ELSEWHERE = """
import sys
from pathlib import Path
from locator.core import resources
folder, there = Path(sys.argv.pop(1)), resources.path
resources.path = lambda name: folder if name == "models" else there(name)
from locator.cli.commands import main
main()
"""


def run(command, **environment):
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=300,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **environment},
    )
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    return done


# What the system says -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "said", "status"),
    [
        (FileNotFoundError(errno.ENOENT, "No such file", "models"), "models: No such file.", 1),
        (FileNotFoundError("models is missing"), "models is missing.", 1),
        (PermissionError(errno.EACCES, "Permission denied", b"cache"), "cache: Permission denied.", 1),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), messages.NO_MEMORY, 1),
        (MemoryError(), messages.NO_MEMORY, 1),
        (messages.OutputError(errno.ENOSPC, "No space left on device"),
         "The output cannot be written: No space left on device", 2),
    ],
)  # fmt: skip
def test_a_failure_is_told_as_what_it_is(capsys, error, said, status):
    with pytest.raises(SystemExit) as ended, messages.failures_told():
        raise error
    assert ended.value.code == status
    assert capsys.readouterr().err == f"{said}\n"


def test_an_output_that_was_closed_is_told_and_not_passed_over(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(messages.OutputError, match="Bad file descriptor"):
        messages.out("the record of a photo")


def test_a_batch_on_a_full_disk_says_how_to_go_on(capsys, monkeypatch, tmp_path):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(many, "_run_batch", full)
    with pytest.raises(typer.Exit) as ended:
        many.batch(tmp_path / "my photos", str(tmp_path / "out"), jobs=3)
    assert ended.value.exit_code == 2
    said = capsys.readouterr().err
    assert "No space left on device" in said
    assert said.rstrip().endswith(
        f"locator batch '{tmp_path / 'my photos'}' --out {tmp_path / 'out'} --jobs=3 --resume"
    )


def test_a_folder_that_goes_away_while_its_size_is_taken_costs_nothing(tmp_path, monkeypatch):
    (tmp_path / "gone").mkdir()
    (tmp_path / "stays").write_bytes(b"12345")
    scandir = os.scandir

    def vanishing(folder):
        if Path(folder).name == "gone":
            raise FileNotFoundError(errno.ENOENT, "No such file or directory", str(folder))
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", vanishing)
    assert registry._size_of(tmp_path) == 5


HALF = """
import sys, time
from pathlib import Path
from locator.cli import messages
from locator.core import files
messages.end_whole()
with files.replacing(Path(sys.argv[1])) as unfinished:
    unfinished.write_text("half of a film")
    print("writing", flush=True)
    time.sleep(600)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends programs without a word to them")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_command_that_is_told_to_end_leaves_no_half_of_a_file(tmp_path, name):
    told = getattr(signal, name)
    command = [sys.executable, "-c", HALF, tmp_path / "marked.mp4"]
    heard = partial(signal.signal, told, signal.SIG_DFL)  # tests may be run by what is to go on
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=heard) as process:
        assert process.stdout.readline() == "writing\n"
        assert len(list(tmp_path.iterdir())) == 1
        process.send_signal(told)
        assert process.wait() == 128 + told
    assert list(tmp_path.iterdir()) == []


# The files that it needs ----------------------------------------------------------------------------------


@pytest.fixture
def models(tmp_path):
    """A copy of the folder of models, to be spoilt."""
    return Path(shutil.copytree(resources.path("models"), tmp_path / "models"))


def spoil(file, how):
    if how != "missing":
        file.unlink()
    if how == "no TOML":
        file.write_text("models = [")
    elif how == "no text":
        file.write_bytes(b"\xff\xfe")
    elif how == "not whole":
        file.write_text("[own.back_coarse]\n[weights]\n[models]\n")
    elif how == "a pipe":
        os.mkfifo(file)
    elif how == "endless":
        file.symlink_to("/dev/zero")
    elif how == "missing":
        file.unlink()


@pytest.mark.skipif(sys.platform == "win32", reason="makes a pipe with a name")
@pytest.mark.parametrize("how", ["missing", "no TOML", "no text", "not whole", "a pipe", "endless"])
@pytest.mark.parametrize(
    ("name", "status"), [("manifest.toml", 5), ("back_calibration.toml", 1), ("back_coarse.tflite", 5)]
)
def test_a_spoilt_file_of_the_program_is_a_sentence(locator, back, models, name, how, status):
    if name != "manifest.toml" and how == "not whole":
        pytest.skip("only the manifest has parts")
    spoil(models / name, how)
    done = run([sys.executable, "-c", ELSEWHERE, models, "locate", back])
    assert done.returncode == status
    assert done.stderr.count("\n") == 1
    assert "output cannot be written" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="makes a pipe with a name")
@pytest.mark.parametrize("how", ["a pipe", "endless"])
def test_a_model_that_never_ends_is_told_and_not_read(back, tmp_path, how):
    file = tmp_path / "back-acupoint-locator" / "pose_landmarker_full.task"
    file.parent.mkdir()
    file.touch()
    spoil(file, how)
    done = run([sys.executable, "-m", "locator", "locate", back], XDG_CACHE_HOME=str(tmp_path))
    assert done.returncode == 5
    assert "it is no regular file" in done.stderr
    assert "locator setup" in done.stderr


# What is fetched -------------------------------------------------------------------------------------------


def test_nothing_is_fetched_where_nobody_can_be_asked(back, tmp_path):
    done = run([sys.executable, "-m", "locator", "locate", back], XDG_CACHE_HOME=str(tmp_path), PATH="")
    assert done.returncode == 5
    assert done.stderr == "The pose model pose_landmarker_full is not on this machine yet. Run: locator setup\n"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_missing_model_is_asked_for_before_it_is_fetched(back, tmp_path):
    import pty

    parent, child = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "locator", "locate", back],
        stdin=child, stdout=subprocess.PIPE, stderr=child, env={**os.environ, "XDG_CACHE_HOME": str(tmp_path)},
    )  # fmt: skip
    os.close(child)
    said = b""
    while b"Fetch it now (36 MB)?" not in said:
        said += os.read(parent, 1000)
    os.write(parent, b"n\n")
    assert process.wait(60) == 5
    assert list(tmp_path.rglob("*.task")) == []


def test_set_up_without_pip_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(registry, "folders", lambda: (tmp_path,))
    monkeypatch.setattr(registry.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(registry.ModelUnavailable, match="pip") as caught:
        registry.setup()
    assert "network" not in caught.value.remedy


# What is said ---------------------------------------------------------------------------------------------


NASTY = "\x1b]0;title\x07\x1b[31mred\u202e\r\n.jpg"


def test_nothing_that_is_said_can_be_obeyed_by_a_terminal(tmp_path):
    assert messages.printable(NASTY) == r"\x1b]0;title\x07\x1b[31mred\u202e\r\n.jpg"
    assert messages.printable("背部　Zoë") == "背部　Zoë"
    assert messages.printable(os.fsdecode(b"\xff")) == r"\udcff"


@pytest.mark.parametrize("arguments", [("--out", "a.jpg"), ("--out", NASTY), ("--anchors", NASTY, "--out", "a.jpg")])
def test_no_name_of_a_file_reaches_the_terminal_as_it_is(locator, tmp_path, arguments):
    done = run([sys.executable, "-m", "locator", "annotate", NASTY, *arguments], COLUMNS="200")
    assert done.returncode in (2, 4)
    assert r"\x1b" in done.stderr
    assert not {"\x1b", "\x07", "\u202e", "\r"} & set(done.stderr)


def test_commands_that_are_to_be_typed_quote_what_has_blanks(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/my programs/bin/python")
    monkeypatch.setattr(sys, "platform", "linux")
    finding = doctor._imported("nothing", "no_such_module", "nothing")
    assert finding.remedy == "'/my programs/bin/python' -m pip install --upgrade nothing"
    monkeypatch.setattr(sys, "platform", "win32")
    finding = doctor._imported("nothing", "no_such_module", "nothing")
    assert finding.remedy == '"/my programs/bin/python" -m pip install --upgrade nothing'
