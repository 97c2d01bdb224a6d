"""Many photos: one record each, in order, whatever happens on the way."""

import contextlib
import csv
import hashlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from conftest import need
from fake_reader import SETTINGS, FakeReader
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pyarrow import json as json_reader
from pyarrow import parquet
from serving import HEARS_CTRL_C

from locator.cli import messages
from locator.core import resources
from locator.formats import csv_table, file_names
from locator.jobs import batch, contact_sheet, derived, listing, readers, recorder, results
from locator.jobs.journal import Journal

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent


PHOTOS = (
    {f"{n:02}.jpg": f"slow {n}" for n in range(8)}
    | {"b.png": "refused", "c.JPEG": "die", "d.webp": "raise"}
    | {"sub/e.heic": "located", "sub/f.avif": "located"}
)  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    """A folder of files that the fake reader answers to: 12 to be read, 1 copy."""
    return fill(tmp_path / "photos", PHOTOS)


def fill(folder, contents):
    for path, text in contents.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


def run(folder, out, jobs=2, resume=False, settings=SETTINGS, log=None):
    log = log or folder.parent / "log"
    return batch.run(folder, out, partial(FakeReader, folder, log), settings, jobs, resume)


def tree(out):
    """Path → bytes of every file."""
    return {file.relative_to(out).as_posix(): file.read_bytes() for file in out.rglob("*") if file.is_file()}


def records(out):
    return [json.loads(line) for line in (out / "records.jsonl").read_text().splitlines()]


def readings(log):
    return log.read_text().splitlines() if log.exists() else []


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    """The results of a batch that nothing interrupted."""
    top = tmp_path_factory.mktemp("uninterrupted")
    run(fill(top / "photos", PHOTOS), top / "out")
    return top / "out"


@pytest.fixture
def whole(uninterrupted, tmp_path):
    """Those results, which lie in the folder ``whole``, too."""
    return tree(shutil.copytree(uninterrupted, tmp_path / "whole"))


# What is read ---------------------------------------------------------------------------------------------


def test_records_come_in_the_order_of_the_paths_with_the_reason_of_what_could_not_be_read(folder, tmp_path):
    out = tmp_path / "out"
    summary = run(folder, out)
    paths = [record["image"]["path"] for record in records(out)]
    assert paths == sorted(paths)
    assert paths[8:] == ["b.png", "c.JPEG", "d.webp", "sub/e.heic", "sub/f.avif"]
    assert [record["status"] for record in records(out)[8:]] == [
        "refused", "unreadable", "unreadable", "located", "located",
    ]  # fmt: skip
    assert set(records(out)[9]["error"]) == {"code", "message", "remedy"}
    assert records(out)[9]["image"]["sha256"] == hashlib.sha256(b"die").hexdigest()
    assert summary.document() == json.loads((out / "summary.json").read_text())
    assert summary.document() == {
        "photos": 13, "located": 10, "refused": {"front_view": 1}, "unreadable": {"reader_ended": 2},
        "folders_not_opened": 0, "skipped": 0, "several_backs": 0, "backs_located": 10,
    }  # fmt: skip
    assert not (out / "unfinished").exists()


def test_a_photo_that_hangs_its_reader_is_given_up_and_tried_again_when_the_batch_is(tmp_path, monkeypatch):
    monkeypatch.setattr(batch, "TIMEOUT_S", 2.0)
    folder = fill(tmp_path / "photos", {"a.jpg": "located", "b.jpg": "hang", "c.jpg": "located"})
    summary = run(folder, tmp_path / "out")
    assert (summary.located, summary.unreadable) == (2, {"reader_too_slow": 1})
    hung = records(tmp_path / "out")[1]
    assert hung["image"]["sha256"] == hashlib.sha256(b"hang").hexdigest()
    assert hung["error"]["message"].startswith("Reading this photo took longer than a minute")
    before = len(readings(tmp_path / "log"))
    run(folder, tmp_path / "out", resume=True)
    again = [line.partition(" ")[2] for line in readings(tmp_path / "log")[before:]]
    assert set(again) == {'"b.jpg"'}


def test_results_are_the_same_for_any_number_of_jobs(folder, tmp_path, whole):
    run(folder, tmp_path / "out", jobs=4)
    assert tree(tmp_path / "out") == whole


def test_the_same_bytes_are_read_once(folder, tmp_path):
    run(folder, tmp_path / "out")
    assert sum("sub" in line for line in readings(tmp_path / "log")) == 1
    first, second = records(tmp_path / "out")[-2:]
    assert {**second, "image": {**second["image"], "path": "sub/e.heic"}} == first
    pictures = tree(tmp_path / "out" / "pictures")
    assert pictures["sub/e.heic.jpg"] == pictures["sub/f.avif.jpg"] == b"picture of located"


def test_a_photo_that_changes_while_it_is_read_lends_its_record_to_no_other(tmp_path):
    folder = fill(tmp_path / "photos", {"a.jpg": "grow", "b.jpg": "grow", "c.jpg": "grow"})
    run(folder, tmp_path / "out", jobs=1)
    for record in records(tmp_path / "out"):
        now = (folder / record["image"]["path"]).read_bytes()
        assert record["image"]["sha256"] == hashlib.sha256(now).hexdigest()


def test_hidden_files_other_files_and_links_out_of_the_folder_are_left_alone(tmp_path):
    folder = fill(
        tmp_path / "photos",
        {".hidden.jpg": "", ".hidden/a.jpg": "", "notes.txt": "", "a.jpg": "", "deep/er/b.AVIF": "", "x.jpg/c.png": ""},
    )
    outside = fill(tmp_path / "elsewhere", {"secret.jpg": ""})
    fill(folder / "out", {"pictures/a.jpg": ""})
    (folder / "link out.jpg").symlink_to(outside / "secret.jpg")
    (folder / "folder out").symlink_to(outside)
    (folder / "loop").symlink_to(folder)
    (folder / "to results.jpg").symlink_to(folder / "out" / "pictures" / "a.jpg")
    (folder / "within.jpg").symlink_to(folder / "deep" / "er" / "b.AVIF")
    (folder / "to nothing.jpg").symlink_to(folder / "gone.jpg")
    found = listing.photos_below(folder, folder / "out")
    assert found.photos == ["a.jpg", "deep/er/b.AVIF", "to nothing.jpg", "within.jpg", "x.jpg/c.png"]
    assert found.closed == []


def test_what_a_file_holds_decides_not_what_it_is_called(tmp_path, samples):
    jpeg, large = samples["standing"].read_bytes(), (HERE / "data" / "large.avif").read_bytes()
    heic = (HERE / "data" / "flat.heic").read_bytes()
    folder = fill(
        tmp_path / "photos", {"notes.txt": "Dear Anna", "film.mp4": "", "sub/data.bin": "\0", "called.jpg": ""}
    )
    photos = {"a.jfif": jpeg, "b.JPE": jpeg, "c.HIF": heic, "d.mpo": jpeg, "sub/no ending": large, "wrong.txt": jpeg}
    for name, data in photos.items():
        (folder / name).write_bytes(data)
    found = listing.photos_below(folder, tmp_path / "out")
    assert found.photos == sorted([*photos, "called.jpg"])
    assert found.skipped == ["film.mp4", "notes.txt", "sub/data.bin"]


def test_photos_of_several_backs_are_counted(tmp_path):
    folder = fill(tmp_path / "photos", {"a.jpg": "located", "b.jpg": "located, two", "c.jpg": "located, two more"})
    summary = run(folder, tmp_path / "out")
    assert summary.document()["several_backs"] == 2
    assert [record.get("people", 1) for record in records(tmp_path / "out")] == [1, 2, 2]
    assert any("2  of several backs: the largest" in line for line in messages.counts(summary))


# Every back of a photo -------------------------------------------------------------------------------------

ALL = {**SETTINGS, "all": True}
OF_TWO = {"a.jpg": "located", "b.jpg": "located, two", "c.jpg": "refused", "d.jpg": "located, two"}


def run_all(folder, out, **kwargs):
    start = partial(FakeReader, folder, folder.parent / "log", each=True)
    return batch.run(folder, out, start, ALL, 2, **kwargs)


def test_each_back_has_its_record_and_picture_and_photos_are_counted_once(tmp_path):
    folder = fill(tmp_path / "photos", OF_TWO)
    summary = run_all(folder, tmp_path / "out")
    assert [(record["image"]["path"], record.get("person")) for record in records(tmp_path / "out")] == [
        ("a.jpg", 1), ("b.jpg", 1), ("b.jpg", 2), ("c.jpg", None), ("d.jpg", 1), ("d.jpg", 2),
    ]  # fmt: skip
    assert sorted(tree(tmp_path / "out" / "pictures")) == [
        f"{name}.jpg-person-{person}.jpg" for name, person in ("a1", "b1", "b2", "d1", "d2")
    ]
    document = summary.document()
    assert (document["photos"], document["located"], document["several_backs"], document["backs_located"]) == (
        4, 3, 2, 5,
    )  # fmt: skip
    assert any("2  of several backs: each" in line for line in messages.counts(summary))
    whole = tree(tmp_path / "out")
    lines = whole["records.jsonl"].splitlines(keepends=True)
    (tmp_path / "out" / "records.jsonl").write_bytes(b"".join(lines[:2]))
    run_all(folder, tmp_path / "out", resume=True)
    assert tree(tmp_path / "out") == whole


def test_the_largest_alone_and_all_are_batches_of_their_own(tmp_path):
    results.prepare(tmp_path / "out", SETTINGS, resume=False)
    with pytest.raises(results.BatchRefused, match="all: False, now True"):
        results.prepare(tmp_path / "out", ALL, resume=True)


def test_of_a_photo_whose_backs_are_not_all_in_the_journal_none_counts(tmp_path):
    photos = [
        [{"image": {"path": path, "sha256": path}, "people": people, "person": at + 1} for at in range(people)]
        for path, people in (("a", 1), ("b", 3), ("c", 2))
    ]
    with Journal(tmp_path / "journal", tmp_path / "none", each=True) as journal:
        for documents in photos:
            journal.add(documents)
    data = (tmp_path / "journal").read_bytes()
    ends = [0, *(at + 1 for at, byte in enumerate(data) if byte == ord("\n"))]
    for cut in range(0, len(data) + 1, 7):
        (tmp_path / "journal").write_bytes(data[:cut])
        with Journal(tmp_path / "journal", tmp_path / "none", each=True) as journal:
            known = [journal.find(path, path) for path in "abc"]
            assert [at is not None for at in known] == [cut >= ends[1], cut >= ends[4], cut >= ends[6]]
            assert [journal.documents(at) for at in known if at] == photos[: sum(at is not None for at in known)]


def test_what_is_skipped_is_counted_and_listed(tmp_path):
    folder = fill(tmp_path / "photos", {"a.jpg": "located", "notes.txt": "Dear Anna", "sub/film": "", "z\x1b": "Zoë"})
    others = ["notes.txt", "sub/film", "z\x1b"]
    summary = run(folder, tmp_path / "out")
    assert summary.document()["skipped"] == 3
    listed = (tmp_path / "out" / "skipped.jsonl").read_text().splitlines()
    assert [json.loads(line)["path"] for line in listed] == others
    assert any("3  skipped: no photos" in line for line in messages.counts(summary))
    for name in others:
        (folder / name).unlink()
    assert run(folder, tmp_path / "out", resume=True).skipped == 0
    assert not (tmp_path / "out" / "skipped.jsonl").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="makes a pipe with a name")
def test_a_pipe_holds_nothing_up(tmp_path):
    folder = fill(tmp_path / "photos", {"a.jpg": ""})
    os.mkfifo(folder / "pipe")
    assert listing.photos_below(folder, tmp_path / "out").skipped == ["pipe"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="this user may open everything")
def test_a_folder_that_may_not_be_opened_is_told(tmp_path):
    folder = fill(tmp_path / "photos", {"a.jpg": "", "closed/b.jpg": ""})
    (folder / "closed").chmod(0)
    assert listing.photos_below(folder, tmp_path / "out").closed == ["closed"]
    (folder / "closed").chmod(0o700)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems allow fewer names")
def test_any_name_will_do(tmp_path):
    names = [b"\xff\xfe.jpg", b"a\nb.jpg", b"-rf.jpg", b"it's \"quoted\".jpg", "背部.jpg".encode(), b"a\\b.jpg",
             b"n" * 251 + b".jpg", b"%s{0}.jpg", b" .jpg"]  # fmt: skip
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in names:
        (folder / os.fsdecode(name)).write_bytes(b"located " + name)
    run(folder, tmp_path / "out")
    assert {os.fsencode(file_names.from_text(record["image"]["path"])) for record in records(tmp_path / "out")} == set(
        names
    )
    pictures = {os.fsencode(file.name) for file in (tmp_path / "out" / "pictures").iterdir()}
    assert {name + b".jpg" for name in names if len(name) < 252} <= pictures
    assert len(pictures) == len(names)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems allow fewer names")
def test_every_reader_of_json_takes_the_records_of_names_that_are_no_utf_8(tmp_path):
    folder = fill(tmp_path / "photos", {os.fsdecode(b"caf\xe9.jpg"): "located 1", "caf\u00e9.jpg": "located 2"})
    run(folder, tmp_path / "out")
    table = json_reader.read_json(tmp_path / "out" / "records.jsonl").to_pylist()
    assert {row["image"]["path"] for row in table} == {"caf\uf7e9.jpg", "caf\u00e9.jpg"}
    before = (tmp_path / "out" / "records.jsonl").read_bytes()
    run(folder, tmp_path / "out", resume=True)
    assert (tmp_path / "out" / "records.jsonl").read_bytes() == before


@given(st.text() | st.binary().map(os.fsdecode))
def test_a_name_is_written_without_surrogates_and_read_back(name):
    text = file_names.to_text(name)
    text.encode("utf-8")
    if sys.platform != "win32" and not re.search("[\ud800-\udc7f\udd00-\udfff]", name):
        assert file_names.from_text(text) == name


def test_a_folder_without_photos_is_refused(tmp_path):
    with pytest.raises(results.BatchRefused, match=r"no photo.*\.heic"):
        run(fill(tmp_path / "photos", {"notes.txt": ""}), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_machine_that_would_answer_otherwise_or_cannot_see_the_results_is_refused(locator, tmp_path):
    settings = results.settings(locator.model, False)
    with pytest.raises(results.BatchRefused, match="mediapipe: 0.1, now"):
        readers.PhotoReader(tmp_path, {**settings, "mediapipe": "0.1"})
    out = tmp_path / "out"
    start = partial(FakeReader, tmp_path, tmp_path / "log")
    with pytest.raises(results.BatchRefused, match=f"{re.escape(str(out))} cannot be seen from "):
        recorder.Recorder(start, out)


def test_settings_tell_whether_any_file_that_answers_depend_on_has_changed(locator, tmp_path, monkeypatch):
    models = Path(shutil.copytree(resources.path("models"), tmp_path / "models"))
    monkeypatch.setattr(resources, "path", lambda name: tmp_path / name)
    before = results.settings(locator.model, False)
    for file in sorted(set(models.iterdir()) - {models / "NOTICE"}):  # no answer depends on who made a network
        good = file.read_bytes()
        file.write_bytes(good + b"\n")
        assert results.difference(before, results.settings(locator.model, False)).startswith("models_sha256: "), file
        file.write_bytes(good)
    (models / "pose_landmarker_full.task").write_bytes(b"told by model_sha256, wherever it lies")
    assert results.settings(locator.model, False) == before


@pytest.mark.skipif(sys.platform == "win32", reason="limits the size of files")
def test_a_picture_that_cannot_be_written_stops_the_batch_and_is_no_fault_of_the_photo(tmp_path):
    import resource

    folder = fill(tmp_path / "photos", {"a.jpg": "located " + 10_000 * "x"})
    smallest = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (9_000, 9_000))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), *sys.path])}
    command = [sys.executable, HERE / "fake_reader.py", folder, tmp_path / "out", tmp_path / "log", "1"]
    done = subprocess.run(command, preexec_fn=smallest, capture_output=True, text=True, env=environment)
    assert "OSError: [Errno 27] File too large" in done.stderr
    assert not (tmp_path / "out" / "records.jsonl").exists()


# What interrupts it ---------------------------------------------------------------------------------------


def test_killed_again_and_again_it_comes_to_the_same_bytes(folder, tmp_path, whole):
    out, log = tmp_path / "out", tmp_path / "log"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), *sys.path])}
    command = [sys.executable, HERE / "fake_reader.py", folder, out, log, "2"]
    kills = 0
    while True:
        before = len(readings(log))
        process = subprocess.Popen(command, env=environment)
        while process.poll() is None and len(readings(log)) < before + 3 + kills:
            time.sleep(0.005)
        if process.poll() is not None:
            break
        if kills % 2:
            with contextlib.suppress(ProcessLookupError):  # it may have ended over a photo
                os.kill(int(readings(log)[-1].split()[0]), signal.SIGKILL)
            time.sleep(0.01)
        process.kill()
        process.wait()
        kills += 1
    assert kills >= 2
    assert process.returncode == 0
    assert tree(out) == whole


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.62, 0.999])
def test_a_journal_that_is_cut_anywhere_is_gone_on_with(folder, tmp_path, whole, share):
    out = tmp_path / "out"
    (out / "unfinished").mkdir(parents=True)
    (out / "settings.json").write_bytes(whole["settings.json"])
    journal = whole["records.jsonl"][: int(share * len(whole["records.jsonl"]))]
    (out / "unfinished" / "journal.jsonl").write_bytes(journal)
    for path, data in whole.items():
        if path.startswith("pictures"):
            (out / path).parent.mkdir(parents=True, exist_ok=True)
            (out / path).write_bytes(data)
    run(folder, out, resume=True)
    assert tree(out) == whole
    read = {json.loads(line.partition(" ")[2]) for line in readings(tmp_path / "log")}
    known = {json.loads(line)["image"]["path"] for line in journal.splitlines(keepends=True) if line.endswith(b"\n")}
    assert read & known <= {"c.JPEG", "d.webp"}  # what ended its reader is tried again


def test_stopped_before_the_last_step_it_is_finished_without_reading(folder, tmp_path, whole, monkeypatch):
    out, log = tmp_path / "out", tmp_path / "log"
    shutil.copytree(tmp_path / "whole", out)
    (out / "unfinished").mkdir()
    (out / "summary.json").unlink()
    (out / "contact-sheet.jpg").unlink()
    run(folder, out, resume=True)
    assert tree(out) == whole
    assert {"c.JPEG", "d.webp"} >= {json.loads(line.partition(" ")[2]) for line in readings(log)}


def test_a_lost_picture_is_drawn_again(folder, tmp_path, whole):
    out = tmp_path / "whole"
    (out / "pictures" / "03.jpg.jpg").unlink()
    run(folder, out, resume=True)
    assert tree(out) == whole


def test_going_on_with_other_photos_gives_what_a_new_batch_gives(folder, tmp_path, whole):
    out, log = tmp_path / "whole", tmp_path / "log"
    fill(folder, {"00.jpg": "located anew", "03.jpg": "refused anew", "0.jpg": "slow 5", "new/z.jpg": "located z"})
    shutil.rmtree(folder / "sub")
    (folder / "07.jpg").rename(folder / "7.jpg")
    run(folder, out, resume=True)
    read = {json.loads(line.partition(" ")[2]) for line in readings(log)}
    assert read == {"00.jpg", "03.jpg", "0.jpg", "new/z.jpg", "7.jpg", "c.JPEG", "d.webp"}
    run(folder, tmp_path / "new")
    assert tree(out) == tree(tmp_path / "new")
    assert not (out / "pictures" / "sub").exists()


def test_results_are_neither_written_over_nor_mixed(folder, tmp_path, whole):
    out = tmp_path / "whole"
    with pytest.raises(results.BatchRefused, match="--resume"):
        run(folder, out)
    with pytest.raises(results.BatchRefused, match="model: fake, now other"):
        run(folder, out, resume=True, settings={**SETTINGS, "model": "other"})
    assert tree(out) == whole
    mine = fill(tmp_path / "mine", {"pictures/holiday.jpg": "mine"})
    with pytest.raises(results.BatchRefused, match="of no batch"):
        run(folder, mine, resume=True)
    assert list(tree(mine)) == ["pictures/holiday.jpg"]


@pytest.mark.parametrize("left", [b"", b"[1]", b'{"pictures": fal', b"\xff\xfe", b"[" * 100_000])
def test_damaged_settings_are_a_sentence(folder, tmp_path, whole, left):
    out = tmp_path / "whole"
    (out / "settings.json").write_bytes(left)
    with pytest.raises(results.BatchRefused, match="settings.json is damaged; choose another folder"):
        run(folder, out, resume=True)


def test_settings_of_somebody_else_do_not_fill_the_screen(folder, tmp_path, whole):
    out = tmp_path / "whole"
    (out / "settings.json").write_text(json.dumps({**SETTINGS, "diary": "x" * 100_000}))
    with pytest.raises(results.BatchRefused, match="other settings") as refused:
        run(folder, out, resume=True)
    assert len(str(refused.value)) < 1_000


@pytest.mark.parametrize("out", ["photos", "photos/../photos", "."])
def test_results_never_get_among_the_photos(folder, tmp_path, out):
    photos = folder if out != "." else fill(tmp_path / "pictures", {"a.jpg": "located"})
    before = tree(tmp_path)
    with pytest.raises(results.BatchRefused, match="among the photos"):
        run(photos, tmp_path / out)
    assert tree(tmp_path) == before


def test_results_may_lie_in_a_folder_of_their_own_below_the_photos(folder, tmp_path, whole):
    for resume in (False, True):
        run(folder, folder / "out", resume=resume)
        assert tree(folder / "out") == whole


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such locks")
def test_two_batches_at_once_do_not_write_to_one_folder(folder, tmp_path):
    out = tmp_path / "out"
    (out / "unfinished").mkdir(parents=True)
    other = Journal(out / "unfinished" / "journal.jsonl", out / "records.jsonl")
    with other, pytest.raises(results.BatchRefused, match="another batch"):
        run(folder, out, resume=True)


# The contact sheet ----------------------------------------------------------------------------------------


def test_the_contact_sheet_shows_all_or_an_even_choice_from_first_to_last():
    assert contact_sheet.chosen(3) == [0, 1, 2]
    chosen = contact_sheet.chosen(1000)
    assert len(chosen) == len(set(chosen)) == contact_sheet.MOST
    assert (chosen[0], chosen[-1]) == (0, 999)
    gaps = {later - earlier for earlier, later in zip(chosen, chosen[1:], strict=False)}
    assert max(gaps) - min(gaps) <= 1


# With the real model --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real(locator, samples, tmp_path_factory):
    """A folder of real photos, one with metadata, one of them no photo, and more than are read in a moment."""
    folder = tmp_path_factory.mktemp("real") / "photos"
    folder.mkdir()
    for n in range(4):
        for name in ("standing", "lying_down", "from_the_front"):
            (folder / f"{name}-{n}.jpg").write_bytes(samples[name].read_bytes() + bytes(n))
    (folder / "note.png").write_text("not a photo")
    exif = Image.Exif()
    exif[0x010F] = "PhoneMaker"
    with Image.open(samples["standing"]) as image:
        image.save(folder / "phone.jpg", exif=exif, comment=b"my comment")
    return folder


@pytest.fixture(scope="module")
def command(run):
    """Runs the command, ``locator batch ARGS``."""
    return partial(run, "batch")


@pytest.fixture(scope="module")
def finished(command, real, tmp_path_factory):
    """What the command said of that folder, and the folder of its results."""
    out = tmp_path_factory.mktemp("finished") / "out"
    return command(real, "--out", out, "--jobs", "2", "--pictures"), out


@pytest.mark.skipif(sys.platform == "win32", reason="sends signals")
def test_ctrl_c_says_how_to_go_on_and_going_on_gives_the_same_bytes(run, real, finished, tmp_path):
    done, whole = finished
    assert done.returncode == 4, done.stderr
    assert [line.split(maxsplit=1) for line in done.stdout.splitlines()] == [
        ["14", "photos"], ["9", "located"], ["4", "refused: front view"], ["1", "unreadable: not an image"],
    ]  # fmt: skip
    assert done.stderr == ""
    out = tmp_path / "the results"
    process = subprocess.Popen(
        [sys.executable, "-m", "locator", "batch", real, "--out", out, "--jobs", "1", "--pictures"],
        start_new_session=True,
        preexec_fn=HEARS_CTRL_C,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    journal = out / "unfinished" / "journal.jsonl"
    while not (journal.exists() and journal.stat().st_size):
        assert process.poll() is None
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    stdout, stderr = process.communicate()
    assert process.returncode == 130
    assert stdout == ""
    assert "Traceback" not in stderr
    assert not (out / "records.jsonl").exists()
    again = shlex.split(re.search(r"To go on: locator (.+)", stderr)[1])
    assert again[0] == "batch"
    assert run(*again).returncode == 4
    assert tree(out) == tree(whole)


def test_records_are_those_of_locate_and_no_picture_carries_metadata(real, finished, locator):
    from locator.formats.record import to_dict

    _, out = finished
    for record in records(out):
        expected = to_dict(locator.locate(real / record["image"]["path"]))
        assert record == {**expected, "image": {**expected["image"], "path": record["image"]["path"]}}
    for file in [*out.rglob("*.jpg")]:
        data = file.read_bytes()
        assert not any(trace in data for trace in (b"Exif", b"PhoneMaker", b"my comment", b"ICC_PROFILE"))
    with Image.open(out / "contact-sheet.jpg") as sheet:
        tiles = [sheet.convert("L").crop((8 + 248 * at, 8, 248 + 248 * at, 248)).getextrema() for at in range(6)]
    assert all(high - low > 100 for low, high in tiles)


# What else is made of the records --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def several(command, samples, tmp_path_factory):
    """The results of a batch in sub-folders: marks of two points, a table of either kind, and COCO's file."""
    top = tmp_path_factory.mktemp("several")
    for path, name in (("a 1.jpg", "standing"), ("sub/背.jpg", "lying_down"), ("sub/front.jpg", "from_the_front")):
        (top / "photos" / path).parent.mkdir(parents=True, exist_ok=True)
        (top / "photos" / path).write_bytes(samples[name].read_bytes())
    (top / "photos" / "twin.jpg").write_bytes(samples["standing"].read_bytes())
    for table in ("marks.csv", "marks.parquet"):
        done = command(top / "photos", "--out", top / "out", "--points", "GV-9,BL-18", "--table", top / table,
                       "--coco", top / "out" / "marks.json", "--resume")  # fmt: skip
        assert done.returncode == 3, done.stderr
    return top


def test_a_batch_holds_the_chosen_points_alone(several):
    points = {point["code"] for record in records(several / "out") for point in record.get("points", ())}
    assert points == {"GV-9", "BL-18"}


def test_a_table_has_a_row_for_each_mark_and_both_kinds_say_the_same(several):
    with (several / "marks.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["path"], row["code"], row["side"]) for row in rows] == [
        (record["image"]["path"], point["code"], point["side"])
        for record in records(several / "out")
        for point in record.get("points", ())
    ]
    table = parquet.read_table(several / "marks.parquet")
    assert table.column_names == list(rows[0])
    as_text = [{name: json.dumps(v) if isinstance(v, bool) else str(v) for name, v in row.items()}
               for row in table.to_pylist()]  # fmt: skip
    assert as_text == rows
    assert table.schema.field("x_px").type == "double"


def test_one_coco_file_holds_all_marks_under_names_that_lead_to_the_photos(several):
    document = json.loads((several / "out" / "marks.json").read_text())
    located = [record for record in records(several / "out") if record["status"] == "located"]
    assert [image["file_name"] for image in document["images"]] == [one["image"]["path"] for one in located]
    for image in document["images"]:
        with Image.open(several / "photos" / image["file_name"]) as photo:
            assert photo.size == (image["width"], image["height"])
    for part in ("images", "annotations"):
        assert len({one["id"] for one in document[part]}) == len(located) == 3
    assert document["licenses"]
    keypoints = document["categories"][0]["keypoints"]
    for record, annotation in zip(located, document["annotations"], strict=True):
        by_name = dict(zip(keypoints, zip(*[iter(annotation["keypoints"])] * 3, strict=True), strict=True))
        assert annotation["num_keypoints"] == len(record["points"]) == 3
        for point in record["points"]:
            prefix = {"subject-left": "left_", "subject-right": "right_", "midline": ""}[point["side"]]
            assert by_name[f"{prefix}{point['code']}"] == (point["x_px"], point["y_px"], 2)


@pytest.mark.parametrize(
    ("option", "file", "said"),
    [
        ("--coco", "out/settings.json", "a file of the batch itself"),
        ("--coco", "out/pictures/marks.json", "a file of the batch itself"),
        ("--table", "photos/a.jpg/marks.csv", "cannot be written"),
        ("--table", "folder.csv", "cannot be written"),
    ],
)
def test_a_file_that_cannot_be_is_said_before_any_photo_is_read(command, tmp_path, option, file, said):
    for folder in ("photos", "folder.csv"):
        (tmp_path / folder).mkdir()
    (tmp_path / "photos" / "a.jpg").write_bytes(b"")
    done = command(tmp_path / "photos", "--out", tmp_path / "out", option, tmp_path / file)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())
    assert not (tmp_path / "out").exists()


def test_a_path_in_a_table_is_no_formula_for_a_spreadsheet():
    row = csv_table.plain({"path": "=1+2.jpg", "code": "BL-23", "x_px": -1.5})
    assert row == {"path": "./=1+2.jpg", "code": "BL-23", "x_px": -1.5}


def test_coco_of_many_photos_is_read_by_the_tool_of_its_authors(several, capsys):
    try:
        from pycocotools.coco import COCO
    except ImportError:
        need(False, "pycocotools")
    truth = COCO(str(several / "out" / "marks.json"))
    assert len(truth.getImgIds()) == len(truth.getAnnIds()) == 3
    assert all(truth.annToMask(annotation).any() for annotation in truth.loadAnns(truth.getAnnIds()))
    capsys.readouterr()


def test_all_backs_are_those_of_locate_in_records_table_and_coco(command, locator, samples, tmp_path):
    from locator.formats.record import to_dict

    (tmp_path / "photos").mkdir()
    shutil.copy(HERE / "data" / "cases" / "two_backs.jpg", tmp_path / "photos" / "two.jpg")
    shutil.copy(samples["from_the_front"], tmp_path / "photos" / "front.jpg")
    done = command(tmp_path / "photos", "--out", tmp_path / "out", "--all", "--pictures",
                   "--table", tmp_path / "marks.csv", "--coco", tmp_path / "marks.json")  # fmt: skip
    assert done.returncode == 3, done.stderr
    expected = [to_dict(one) for one in locator.locate(tmp_path / "photos" / "two.jpg").each()]
    left, right = records(tmp_path / "out")[1:]
    assert [left, right] == [{**one, "image": left["image"]} for one in expected]
    assert sorted(tree(tmp_path / "out" / "pictures")) == ["two.jpg-person-1.jpg", "two.jpg-person-2.jpg"]
    with (tmp_path / "marks.csv").open(encoding="utf-8", newline="") as file:
        rows = [(int(row["person"]), row["code"], row["side"]) for row in csv.DictReader(file)]
    assert rows == [(one["person"], at["code"], at["side"]) for one in (left, right) for at in one["points"]]
    document = json.loads((tmp_path / "marks.json").read_text())
    (image,) = document["images"]
    first, second = document["annotations"]
    assert first["image_id"] == second["image_id"] == image["id"]
    assert first["id"] != second["id"]
    assert first["bbox"][0] < second["bbox"][0]


def test_a_batch_of_mirrored_photos_has_the_sides_of_locate(command, locator, tmp_path):
    from locator.formats.record import to_dict

    (tmp_path / "photos").mkdir()
    shutil.copy(HERE / "data" / "cases" / "mirrored.jpg", tmp_path / "photos" / "selfie.jpg")
    done = command(tmp_path / "photos", "--out", tmp_path / "out", "--mirrored", "--pictures")
    assert done.returncode == 0, done.stderr
    expected = to_dict(locator.locate(tmp_path / "photos" / "selfie.jpg", mirrored=True))
    (record,) = records(tmp_path / "out")
    assert record == {**expected, "image": record["image"]}
    assert record["points"] != to_dict(locator.locate(tmp_path / "photos" / "selfie.jpg"))["points"]
    done = command(tmp_path / "photos", "--out", tmp_path / "out", "--pictures", "--resume")
    assert done.returncode == 2
    assert "mirrored" in done.stderr


def test_ids_of_two_batches_differ(several, tmp_path):
    lines = (several / "out" / "records.jsonl").read_bytes().splitlines(keepends=True)
    ids = []
    for part in (lines[:2], lines[2:]):
        (tmp_path / "records.jsonl").write_bytes(b"".join(part))
        derived.write_coco(tmp_path / "records.jsonl", tmp_path / "coco.json")
        ids += [image["id"] for image in json.loads((tmp_path / "coco.json").read_text())["images"]]
    assert len(ids) == len(set(ids)) == 3
    assert max(ids) < 2**53


def test_records_are_read_by_the_programs_for_data(several):
    file = several / "out" / "records.jsonl"
    assert json_reader.read_json(file).num_rows == 4
    polars = pytest.importorskip("polars")
    assert polars.read_ndjson(file).height == 4


@pytest.mark.parametrize(("option", "file"), [("--table", "marks.xlsx"), ("--coco", "marks.csv"), ("--table", "")])
def test_a_file_of_another_kind_is_misuse_before_anything_is_read(command, tmp_path, option, file):
    (tmp_path / "photos").mkdir()
    given = [option, tmp_path / file] if file else [option, "-"]
    done = command(tmp_path / "photos", "--out", tmp_path / "out", *given)
    assert done.returncode == 2
    assert option in done.stderr
    assert not (tmp_path / "out").exists()


def test_below_each_picture_of_the_sheet_stands_its_name():
    assert contact_sheet.fitted("3  back.jpg") == "3  back.jpg"
    long = contact_sheet.fitted(f"12  {'IMG' * 30}-2026-01-31.jpg")
    assert long.startswith("12  IMG")
    assert long.endswith("01-31.jpg")


@pytest.mark.parametrize("out", ["/proc/nowhere/out", "a file"])
def test_a_folder_that_cannot_be_written_is_a_sentence(command, real, tmp_path, out):
    (tmp_path / "a file").write_text("")
    wide = {**os.environ, "COLUMNS": "300"}
    done = command(real, "--out", tmp_path / out, env=wide)
    assert done.returncode == 2
    assert "cannot be written" in done.stderr or "no folder" in done.stderr
    assert "Traceback" not in done.stderr
