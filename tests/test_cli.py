"""The command, run as a user runs it."""

import contextlib
import datetime
import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import get_args, get_type_hints

import numpy as np
import pytest
import typer
from conftest import number_of_marks
from PIL import Image

from lab.data import truth
from locator import Locator
from locator.catalogue.acupoints import acupoint, codes_for
from locator.catalogue.languages import languages
from locator.catalogue.words import words
from locator.cli import commands, moving, options, serving, table, targets
from locator.core.anchors import Anchors, SetBy
from locator.core.body import LANDMARKS
from locator.core.reasons import RefusalCode, refusal
from locator.draw import style
from locator.estimate import anchors_file
from locator.formats import FORMATS
from locator.formats.export import export
from locator.live.recording import FilmSummary
from locator.photo import encoding, sources
from locator.web import opening


def documents(done):
    """Every line of standard output is one JSON document."""
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def mixed(run, samples, tmp_path_factory):
    """One good photo, one that is refused, one file that is no photo, in one run."""
    note = tmp_path_factory.mktemp("photos") / "note.jpg"
    note.write_text("not a photo")
    return run("locate", samples["standing"], samples["from_the_front"], note)


def test_locate_prints_one_json_document_a_line_and_nothing_else(mixed):
    assert [d["status"] for d in documents(mixed)] == ["located", "refused", "unreadable"]
    assert mixed.stderr == ""


def test_a_located_document_has_exactly_the_published_fields(mixed, samples):
    located = documents(mixed)[0]
    assert list(located) == [
        "schema", "image", "status", "method", "points", "levels", "landmarks", "set_by_hand", "cun_px",
        "cun_source", "issues", "people", "person", "model", "networks",
    ]  # fmt: skip
    assert located["schema"] == 1
    assert set(located["image"]) == {"path", "width_px", "height_px", "sha256"}
    assert located["image"]["path"] == str(samples["standing"])
    assert len(located["points"]) == number_of_marks()
    for point in located["points"]:
        assert set(point) == {
            "code", "side", "x_px", "y_px", "radius_px", "reading_radius_px", "level", "lateral_cun",
            "moved_by_hand",
        }  # fmt: skip
        assert point["side"] in {"subject-left", "subject-right", "midline"}
    assert [level["level"] for level in located["levels"]][:: len(located["levels"]) - 1] == ["C7", "S2"]
    assert list(located["landmarks"]) == [
        "c7", "subject_left_shoulder", "subject_right_shoulder", "spine_middle", "subject_left_hip",
        "subject_right_hip",
    ]  # fmt: skip
    assert located["method"] == "pose+back"
    assert located["set_by_hand"] == []
    for model in (located["model"], *located["networks"]):
        assert set(model) == {"name", "sha256"}


def test_a_refusal_and_an_unreadable_file_say_why_and_what_to_do(mixed):
    _, refused, unreadable = documents(mixed)
    assert set(refused["refusal"]) == {"code", "message", "remedy"}
    assert refused["refusal"]["code"] == "front_view"
    assert set(unreadable["error"]) == {"code", "message", "remedy"}
    assert unreadable["image"]["width_px"] is None


@pytest.mark.slow
def test_exit_status_tells_the_worst(run, mixed, samples):
    assert mixed.returncode == 4
    assert run("locate", samples["standing"]).returncode == 0
    assert run("locate", samples["standing"], samples["out_of_focus"]).returncode == 3
    assert run("locate").returncode == 2
    assert run("locate", "--no-such-option", samples["standing"]).returncode == 2


@pytest.mark.slow
def test_annotate_writes_the_marked_photo_at_full_size(run, samples, tmp_path):
    for name in ("marked.png", "marked.jpg"):
        done = run("annotate", samples["standing"], "--out", tmp_path / name)
        assert done.returncode == 0, done.stderr
        with Image.open(tmp_path / name) as marked, Image.open(samples["standing"]) as photo:
            assert marked.size == photo.size
            assert marked.format == {"png": "PNG", "jpg": "JPEG"}[name[-3:]]


TWO_BACKS = Path(__file__).parent / "data" / "group-couple.jpg"


def test_of_several_backs_the_largest_is_marked_any_by_its_number_and_each_on_request(run, tmp_path):
    done = run("locate", "--all", TWO_BACKS)
    every = documents(done)
    assert [(one["person"], one["people"]) for one in every] == [(1, 2), (2, 2)]
    (second,) = documents(run("locate", "--person", 2, TWO_BACKS))
    assert second == every[1]
    done = run("annotate", TWO_BACKS, "--out", tmp_path / "marked.json")
    assert done.returncode == 0
    assert "of 2, counted from the left" in done.stderr
    done = run("annotate", TWO_BACKS, "--all", "--out", tmp_path / "marked.json")
    assert done.returncode == 0
    for one in every:
        written = json.loads((tmp_path / f"marked-person-{one['person']}.json").read_text())
        assert written["points"] == one["points"]


def test_a_back_that_is_not_there_cannot_be_asked_for(run, back):
    done = run("locate", "--person", 2, back)
    assert done.returncode == 3
    assert documents(done)[0]["refusal"]["code"] == "no_such_person"


@pytest.mark.parametrize(
    ("asked", "told"), [(("--person", 2, "--all"), "--all means each"), (("--all", "--anchors", "a.json"), "handles")]
)
def test_one_back_and_all_or_handles_at_once_are_misuse(asked, told, run, back):
    done = run("locate", *asked, back)
    assert done.returncode == 2
    assert told in " ".join(done.stderr.split())


def test_annotate_writes_several_photos_into_a_folder_and_names_what_it_refused(run, samples, tmp_path):
    (tmp_path / "other").mkdir()
    twin = tmp_path / "other" / samples["standing"].name
    twin.write_bytes(samples["standing"].read_bytes())
    done = run("annotate", samples["standing"], samples["out_of_focus"], twin, "--out", tmp_path / "marked")
    assert done.returncode == 3
    assert len(list((tmp_path / "marked").iterdir())) == 2  # photos of one name do not overwrite each other
    assert "out_of_focus" in done.stderr
    assert done.stdout == ""


def test_annotate_never_overwrites_the_photo(run, samples, tmp_path):
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(samples["standing"].read_bytes())
    done = run("annotate", photo, "--out", photo)
    assert done.returncode == 2
    assert photo.read_bytes() == samples["standing"].read_bytes()


@pytest.mark.slow
def test_annotate_in_a_folder_overwrites_nothing(run, samples, tmp_path):
    for name in ("a.jpg", "a-points.jpg"):
        (tmp_path / name).write_bytes(samples["standing"].read_bytes())
    for _ in range(2):
        assert run("annotate", tmp_path / "a.jpg", "--out", tmp_path).returncode == 0
    assert (tmp_path / "a-points.jpg").read_bytes() == samples["standing"].read_bytes()
    assert {"a-points-2.jpg", "a-points-3.jpg"} <= {file.name for file in tmp_path.iterdir()}


@pytest.mark.parametrize("out", ["new/../photo.jpg", "photo.jpg", "handles.json"])
def test_nothing_that_is_read_is_written_over_however_its_path_is_put(run, anchors, tmp_path, out):
    known, file = anchors
    photo, handles = tmp_path / "photo.jpg", tmp_path / "handles.json"
    photo.write_bytes(known.picture.read_bytes())
    handles.write_bytes(file.read_bytes())
    done = run("annotate", photo, "--anchors", handles, "--out", tmp_path / out)
    assert done.returncode == 2
    assert photo.read_bytes() == known.picture.read_bytes()
    assert handles.read_bytes() == file.read_bytes()


@pytest.mark.parametrize("out", ["", "-", "marked.txt", "marked.jsn"])
def test_a_mistyped_target_is_misuse_and_makes_no_folder(run, samples, tmp_path, out):
    done = run("annotate", samples["standing"], "--out", out, cwd=tmp_path)
    assert done.returncode == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "part", ["9999,0,10,10", "0,9999,10,10", "0,0," + "9" * 400 + ",5", "1,2,3", "0,0,0,5", "a,b,c,d"]
)
def test_a_part_to_hide_that_hides_nothing_is_misuse(run, anchors, tmp_path, part):
    known, file = anchors
    out = tmp_path / "out.jpg"
    done = run("annotate", known.picture, "--anchors", file, "--out", out, "--blur", part)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert not out.exists()


def test_files_in_a_folder_are_called_as_the_photos_and_hold_no_name(run, samples, tmp_path):
    photos = []
    for name in ("anna-2026.jpg", "ben.jpg"):
        photos.append(tmp_path / name)
        photos[-1].write_bytes(samples["standing"].read_bytes())
    done = run("annotate", photos[0], samples["from_the_front"], photos[1], "--out", tmp_path / "out",
               "--format", "jpeg", "--format", "sheet", "--format", "coco", "--format", "json")  # fmt: skip
    assert done.returncode == 3
    expected = [
        f"{name}-points{end}" for name in ("anna-2026", "ben") for end in (".jpg", "-sheet.pdf", "-coco.json", ".json")
    ]
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == sorted(expected)
    for file in (tmp_path / "out").iterdir():
        assert b"anna" not in file.read_bytes()


def test_photos_of_one_name_and_very_long_ones_all_get_files(tmp_path):
    photos = ["back.jpg", "other/Back.jpeg", "back.png", "-", f"{'长' * 84}.jpg"]
    files = [file.name for ((_, file),) in targets.of_photos(photos, f"{tmp_path}/", [], [])]
    assert files[:4] == ["back-points.jpg", "Back-points-2.jpg", "back-points-3.jpg", "back-points-4.jpg"]
    assert files[4].endswith("长-points.jpg")
    (tmp_path / "back-points-person-2.jpg").write_text("")  # of several backs in another photo of that name
    (((_, file),),) = targets.of_photos(["back.jpg"], f"{tmp_path}/", [], [])
    assert file.name == "back-points-2.jpg"


def test_only_the_points_that_were_chosen_are_shown(run, samples, tmp_path):
    def shown(*chosen):
        done = run("annotate", samples["standing"], "--out", tmp_path / "points.csv", *chosen)
        assert done.returncode == 0, done.stderr
        return {line.partition(",")[0] for line in (tmp_path / "points.csv").read_text().splitlines()[1:]}

    assert shown("--points", "bl18, Du-9", "--for", "lower_back") == {"BL-18", "GV-9", *codes_for(["lower_back"])}
    assert shown("--for", "stress", "--for", "stomach_pain") == codes_for(["stress", "stomach_pain"])


def test_what_is_no_point_or_no_complaint_is_misuse_and_names_those_that_are(run, samples, tmp_path):
    wide = {**os.environ, "COLUMNS": "200"}
    for chosen, said in ((("--points", "BL-19"), "BL-18, BL-21"), (("--for", "boredom"), "lower_back")):
        done = run("annotate", samples["standing"], "--out", tmp_path / "out.jpg", *chosen, env=wide)
        assert done.returncode == 2
        assert said in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_two_days_and_films_show_the_chosen_points_alone(run, samples, tmp_path, monkeypatch):
    outs = [tmp_path / "all.png", tmp_path / "one.png"]
    for out, chosen in zip(outs, ((), ("--points", "GV-9")), strict=True):
        assert run("compare", samples["standing"], samples["standing"], "--out", out, *chosen).returncode == 0
    both = [sources.read(out).rgb.astype(int) for out in outs]
    orange = [(abs(rgb - np.array(acupoint("BL-43").colour)).max(axis=2) < 12).sum() for rgb in both]
    assert orange[0] > 100
    assert orange[1] < 0.1 * orange[0]
    seen = []
    monkeypatch.setattr(moving, "_watch", lambda *given: seen.append(given) or FilmSummary(1, 1, None))
    with pytest.raises(typer.Exit):
        moving.live(film="back.mp4", out="marked.mp4", points=["GV-9"])
    assert frozenset({"GV-9"}) in seen[0]


@pytest.mark.slow
def test_a_photo_may_come_by_standard_input(samples, tmp_path, locator):
    command = [sys.executable, "-m", "locator"]
    data = samples["standing"].read_bytes()
    done = subprocess.run([*command, "locate", "-"], input=data, capture_output=True)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["image"]["path"] is None
    assert document["image"]["sha256"] == hashlib.sha256(data).hexdigest()
    done = subprocess.run(
        [*command, "annotate", "-", "--out", tmp_path / "out"], input=b"no photo", capture_output=True
    )
    assert done.returncode == 4
    assert done.stderr.startswith(b"standard input: ")
    told = [*command, "locate", "-", "--table", "--language", "zh-hans"]
    done = subprocess.run(told, input=b"no photo", capture_output=True, env={**os.environ, "PYTHONIOENCODING": "utf-8"})
    assert done.stdout.decode().startswith("标准输入：")
    done = subprocess.run([*command, "locate", "-", "-"], input=data, capture_output=True)
    assert done.returncode == 2


@pytest.mark.parametrize("language", languages())
def test_a_table_tells_people_each_mark_and_each_reason_in_their_language(locator, samples, capsys, language):
    located, refused = (locator.locate(samples[name]) for name in ("standing", "from_the_front"))
    lines = list(table.of_result("back.jpg", located, language))
    assert lines[0] == "back.jpg"
    for point, line in zip(located.points, lines[2:], strict=False):
        assert line.split()[0].startswith(point.code)
        assert acupoint(point.code, language).label.split()[0] in line
        assert line.split()[-3:] == [f"{value:.0f}" for value in (point.x_px, point.y_px, point.radius_px)]
    assert words(language).reason(refused.outcome).message in " ".join(table.of_result("a.jpg", refused, language))


def test_locate_prints_the_table_where_it_is_asked_for(run, samples):
    done = run("locate", samples["standing"], "--table", "--language", "zh-hans")
    assert done.returncode == 0
    assert acupoint("BL-18", "zh-Hans").label in done.stdout
    assert "{" not in done.stdout


def helps():
    """Every text of the command's help, and the arguments that show it."""
    for command in commands.app.registered_commands:
        name = command.name or command.callback.__name__
        for hint in get_type_hints(command.callback, include_extras=True).values():
            for option in getattr(hint, "__metadata__", ()):
                yield name, option.help


def test_help_shows_every_word(run):
    shown = {}
    for name, text in helps():
        if name not in shown:
            shown[name] = "".join(re.sub("[│╭╮╰╯─]", "", run(name, "--help").stdout).split())
        assert re.sub(r"\s", "", text)[:12] in shown[name], text
        assert not re.search(r"\[\w+\]", text), "taken for markup, and eaten"


@pytest.mark.parametrize("ending", ["jpg", "jpeg", "png", "webp", "svg", "pdf", "json", "csv"])
def test_the_ending_of_the_file_tells_the_format(run, anchors, tmp_path, ending):
    (known, file), out = anchors, tmp_path / f"marked.{ending}"  # with handles the photo need not be read by networks
    assert run("annotate", known.picture, "--anchors", file, "--out", out).returncode == 0
    first = out.read_bytes()[:16]
    if ending in ("png", "svg"):  # the photo with its marks, not the marks alone
        assert b"<image" in out.read_bytes() or Image.open(out).mode == "RGB"
    start = {"jpg": b"\xff\xd8", "jpeg": b"\xff\xd8", "png": b"\x89PNG", "webp": b"RIFF", "svg": b"<?xml",
             "pdf": b"%PDF", "json": b"{", "csv": b"code,side"}[ending]  # fmt: skip
    assert first.startswith(start)


def test_every_format_of_the_library_can_be_named(run, samples, tmp_path):
    assert [one.value for one in options.Saved] == list(FORMATS)
    assert [one.value for one in options.Labels] == list(get_args(style.Labels))
    formats = [word for name in FORMATS for word in ("--format", name)]
    done = run("annotate", samples["standing"], "--out", tmp_path / "all", *formats)
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "all").iterdir())) == len(FORMATS)


@pytest.mark.parametrize("language", languages())
def test_what_is_said_of_photos_is_in_the_language_that_was_asked_for(run, samples, tmp_path, language):
    out = tmp_path / "marked/"
    photos = (samples["standing"], samples["from_the_front"])
    elsewhere = {**os.environ, "LANG": "zh_TW.UTF-8"}  # nothing is guessed from it
    done = run("annotate", *photos, "--out", f"{out}/", "--language", language, env=elsewhere, fresh=True)
    said = words(language)
    assert said.reason(refusal(RefusalCode.FRONT_VIEW)).message in done.stderr
    (marked,) = (line for line in done.stderr.splitlines() if str(samples["standing"]) in line)
    assert marked == said.command.marked.format(photo=samples["standing"], files=next(out.glob("*.jpg")))


def test_a_sheet_is_printed_in_the_language_on_the_paper_and_for_the_day_that_were_asked_for(run, samples, tmp_path):
    options = ("--format", "sheet", "--date", "2026-01-31", "--language", "zh-Hant", "--paper", "letter")
    assert run("annotate", samples["standing"], "--out", tmp_path / "a.pdf", *options).returncode == 0
    located = Locator().read(samples["standing"])
    expected = export("sheet", located[0].rgb, located[1], style.Style(language="zh-Hant"), paper="letter",
                             date=datetime.date(2026, 1, 31))  # fmt: skip
    assert (tmp_path / "a.pdf").read_bytes() == expected


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--out", "a.jpg", "--format", "png"), "expected a file ending in .png, got .jpg"),
        (("--out", "a.jpg", "--format", "png", "--format", "jpeg"), "several formats need a folder"),
        (("--out", "a.jpg", "--language", "tlh"), ", ".join(languages())),
        (("--out", "a.jpg", "--date", "tomorrow"), "2026-01-31"),
        (("--out", "a.jpg", "--blur", "1,2,3"), "four whole numbers"),
        (("--out", "a.jpg", "--blur", "1,2,0,4"), "above 0"),
        (("--out", "a.jpg", "--size", "9"), "--size"),
        (("--out", "a.jpg", "--labels", "all"), "--labels"),
    ],
)
def test_an_option_that_cannot_be_meant_is_misuse_and_is_named(run, samples, tmp_path, options, said):
    done = run("annotate", samples["standing"], *options, cwd=tmp_path, env={**os.environ, "COLUMNS": "200"})
    assert done.returncode == 2
    assert said in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_head_and_tattoos_are_blurred_before_anything_is_drawn(run, samples, tmp_path):
    photo = sources.read(samples["standing"]).rgb
    plain, blurred = tmp_path / "plain.png", tmp_path / "blurred.png"
    assert run("annotate", samples["standing"], "--out", plain).returncode == 0
    options = ("--blur-head", "--blur", "150,560,80,40", "--blur", "300,560,80,40")
    assert run("annotate", samples["standing"], "--out", blurred, *options).returncode == 0
    before, after = sources.read(plain).rgb.astype(int), sources.read(blurred).rgb
    differs = (before != after).any(axis=2)
    assert differs[60:130, 240:320].mean() > 0.9  # the head
    assert differs[560:600, 150:230].mean() > 0.9
    assert differs[560:600, 300:380].mean() > 0.9
    assert not differs[230:520].any()  # the back, and all marks
    assert photo.shape == after.shape


def test_regions_belong_to_one_photo(run, samples, tmp_path):
    done = run("annotate", samples["standing"], samples["lying_down"], "--out", tmp_path, "--blur", "1,2,3,4")
    assert done.returncode == 2
    assert "one photo" in done.stderr


def test_compare_writes_both_backs_side_by_side(run, samples, tmp_path):
    out = tmp_path / "both.jpg"
    done = run("compare", samples["standing"], samples["lying_down"], "--out", out, "--blur-head")
    assert done.returncode == 0, done.stderr
    with Image.open(out) as both:
        assert both.width > 1.2 * both.height


def test_compare_refuses_when_either_photo_is_refused_and_says_which(run, samples, tmp_path):
    done = run("compare", samples["standing"], samples["from_the_front"], "--out", tmp_path / "both.jpg")
    assert done.returncode == 3
    assert "from_the_front" in done.stderr
    assert "standing" not in done.stderr
    assert not (tmp_path / "both.jpg").exists()
    assert run("compare", samples["standing"], samples["standing"], "--out", tmp_path / "both.pdf").returncode == 2


def test_a_folder_may_have_a_dot_in_its_name(run, samples, tmp_path):
    assert run("annotate", samples["standing"], "--out", tmp_path / "version 1.0").returncode == 0
    assert [file.name for file in (tmp_path / "version 1.0").iterdir()] == ["standing-points.jpg"]


def test_a_name_that_cannot_be_printed_is_escaped(locator, samples, tmp_path):
    photo = tmp_path / "背部.jpg"
    photo.write_bytes(samples["standing"].read_bytes())
    done = subprocess.run(
        [sys.executable, "-m", "locator", "locate", str(photo)],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert done.returncode == 0
    assert json.loads(done.stdout.decode("ascii"))["image"]["path"] == str(photo)


def test_a_full_disk_is_a_sentence(locator, samples):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "locator", "locate", str(samples["standing"])],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 2
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("out", ["marked.gif", "marked.jpg"])
def test_an_output_that_cannot_be_meant_is_misuse(run, samples, tmp_path, out):
    photos = [samples["standing"]] if out.endswith("gif") else [samples["standing"], samples["lying_down"]]
    done = run("annotate", *photos, "--out", tmp_path / out)
    assert done.returncode == 2
    assert "--out" in done.stderr


def test_an_output_that_cannot_be_written_is_a_sentence(run, samples):
    done = run("annotate", samples["standing"], "--out", "/proc/nowhere/marked.jpg")
    assert done.returncode == 2
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


def test_doctor_finds_this_machine_in_order(run):
    done = run("doctor")
    assert done.returncode == 0, done.stdout
    assert "MISSING" not in done.stdout


def test_doctor_names_the_command_that_fetches_a_missing_model(run, tmp_path):
    done = run("doctor", env={"XDG_CACHE_HOME": str(tmp_path), "PATH": ""})
    assert done.returncode == 1
    assert "locator setup" in done.stdout


def test_a_photo_passed_as_a_folder_or_a_missing_name_is_unreadable(run, tmp_path):
    done = run("locate", tmp_path, tmp_path / "missing.jpg")
    assert [d["status"] for d in documents(done)] == ["unreadable", "unreadable"]
    assert done.returncode == 4


def test_a_photo_named_in_chinese_keeps_its_name(run, samples, tmp_path):
    photo = tmp_path / "背部 照片.jpg"
    photo.write_bytes(encoding.encode(sources.read(samples["standing"]).rgb, "jpeg"))
    (document,) = documents(run("locate", photo))
    assert document["image"]["path"] == str(photo)


@pytest.fixture
def anchors(samples, tmp_path):
    """Handles on the landmarks of a photo that the pose model refuses."""
    (known,) = [one for one in truth.read(samples["standing"].parent) if one.picture.stem == "out_of_focus"]
    info = sources.read(known.picture).info
    file = tmp_path / "anchors.json"
    file.write_bytes(anchors_file.write(Anchors(known.landmarks(), dict.fromkeys(LANDMARKS, SetBy.HAND)), info))
    return known, file


def test_handles_answer_a_refused_photo_without_the_pose_model(run, anchors, tmp_path):
    known, file = anchors
    nowhere = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "empty"), "PIP_NO_INDEX": "1"}
    done = run("locate", known.picture, "--anchors", file, env=nowhere)
    assert done.returncode == 0, done.stderr
    (located,) = documents(done)
    assert located["method"] == "anchors"
    assert located["set_by_hand"] == list(LANDMARKS)
    assert "model" not in located
    marked = run("annotate", known.picture, "--anchors", file, "--out", tmp_path / "marked.png", env=nowhere)
    assert marked.returncode == 0, marked.stderr
    assert (tmp_path / "marked.png").stat().st_size > 10_000


def test_a_wrong_file_of_handles_is_misuse_and_names_the_field(run, anchors, samples, tmp_path):
    known, file = anchors

    def misuse(*args):
        done = run(*args)
        assert done.returncode == 2
        assert done.stdout == ""
        return " ".join(done.stderr.replace("│", " ").split())

    assert "fit no other" in misuse("locate", known.picture, known.picture, "--anchors", file)
    assert "the file is for a photo of" in misuse("locate", samples["standing"], "--anchors", file)
    (tmp_path / "wrong.json").write_text(file.read_text().replace('"c7"', '"c8"'))
    assert "handles.c7" in misuse("locate", known.picture, "--anchors", tmp_path / "wrong.json")
    assert "no pose model" in misuse("locate", known.picture, "--anchors", file, "--model", "heavy")
    assert "cannot be read" in misuse("annotate", known.picture, "--anchors", tmp_path, "--out", tmp_path)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the browser is a shell script")
@pytest.mark.parametrize("screen", [True, False])
def test_the_page_opens_in_the_browser_where_there_is_a_screen(tmp_path, screen):
    browser, opened = tmp_path / "browser", tmp_path / "opened"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}.part && mv {opened}.part {opened}\n')
    browser.chmod(0o755)
    given = {**os.environ, "BROWSER": str(browser)} if screen else {**os.environ, "BROWSER": "", "DISPLAY": ""}
    command = [sys.executable, "-m", "locator", "app", "--port", "0", "--address", "127.0.0.1"]
    with subprocess.Popen(
        command, env={**given, "WAYLAND_DISPLAY": ""}, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as page:
        try:
            url = re.search(r"http://127\.0\.0\.1:\d+", page.stdout.readline())[0]
            if screen:
                while not opened.exists():
                    assert page.poll() is None
                    time.sleep(0.05)
                assert opened.read_text().strip() == url
            with urllib.request.urlopen(f"{url}/_stcore/health") as health:
                assert health.status == 200
            assert opened.exists() == screen
            page.terminate()
            assert page.wait() == 128 + signal.SIGTERM
            with pytest.raises(urllib.error.URLError):  # the server has ended with the command
                urllib.request.urlopen(f"{url}/_stcore/health")
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(page.pid, signal.SIGKILL)


def test_a_screen_is_known_by_what_the_desktop_says(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    assert not opening.has_screen({"TERM": "xterm"})
    assert opening.has_screen({"WAYLAND_DISPLAY": "wayland-0"})


def test_a_port_that_is_taken_is_told_before_the_page_starts(capsys):
    with socket.create_server(("localhost", 0)) as taken, pytest.raises(typer.BadParameter, match="choose another"):
        serving.page(port=taken.getsockname()[1])
