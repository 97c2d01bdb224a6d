"""The page as a visitor uses it, without a browser: with the real model, on the samples."""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest

from lab.data import truth
from locator.catalogue import acupoints
from locator.core import resources
from locator.core.body import LANDMARKS
from locator.formats.record import to_json
from locator.models import registry
from locator.web import server

pytestmark = pytest.mark.skipif(not registry.is_ready(), reason="the pose model is not on this machine: locator setup")

MARKED = "Download the marked picture"


def sample(name="standing"):
    return (resources.path("sample_images") / f"{name}.jpg").read_bytes()


def empty_room():
    file = io.BytesIO()
    Image.fromarray(np.full((600, 450, 3), 140, np.uint8)).save(file, "JPEG")
    return file.getvalue()


@pytest.fixture
def page():
    return AppTest.from_file(str(server.SCRIPT), default_timeout=300).run()


def upload(page, content, name="photo.jpg"):
    page.file_uploader[0].set_value((name, content, "image/jpeg"))
    return healthy(page.run())


def healthy(page):
    assert [e.message for e in page.exception] == []
    return page


def points(page):
    """What the points are called that can be chosen."""
    return [option for group in page.button_group if group.key == "point" for option in group.options]


def select(page, code):
    """Choose a point, and give its card."""
    page.button_group(key="point").set_value(code)
    healthy(page.run())
    (card,) = cards(page)
    return card


def cards(page):
    return [h.proto.body for h in page.get("html") if 'class="card"' in h.proto.body]


def words(page):
    return " ".join([e.value for kind in ("markdown", "header", "caption", "info") for e in page.get(kind)])


def pictures(page):
    """The photos on the page, in the editor."""
    return [found for found in page.get("bidi_component") if "photo" in json.loads(found.proto.json)]


def choose(page, *labels):
    (pills,) = [group for group in page.button_group if "Stress" in group.options]
    codes = {c.label: c.code for c in acupoints.complaints()}
    pills.set_value([codes[label] for label in labels])
    return healthy(page.run())


@pytest.fixture(autouse=True)
def offered(monkeypatch):
    """Label → (data, file name) of what the last run offered for download."""
    kept = {}
    original = st.download_button

    def note(label, data, file_name, *args, **kwargs):
        kept[label] = (data, file_name)
        return original(label, data, file_name, *args, **kwargs)

    monkeypatch.setattr(st, "download_button", note)
    return kept


def download(offered):
    """The marked picture that a visitor would get now."""
    return offered[MARKED][0]()


def data(offered):
    """The JSON document that a visitor would get now."""
    return json.loads(offered["Download the data"][0]())


def visitor(page):
    """What the page keeps of its visitor."""
    return page.session_state["visitor"]


def corrections(page):
    """The corrections of the photo on the page."""
    return visitor(page).corrections[visitor(page).photo_sha256]


_numbers = itertools.count(1)


def drag(page, name, x_px, y_px, kind="handle"):
    """Drop a handle somewhere, as the editor would report it."""
    event = {"seq": next(_numbers), "kind": kind, "name": name, "x_px": x_px, "y_px": y_px, "final": True}
    visitor(page).corrections[visitor(page).photo_sha256] = corrections(page).after(event)
    return healthy(page.run())


def place_by_hand(page, name):
    """Set every handle of a sample where its landmark truly is."""
    (known,) = [one for one in truth.read(resources.path("sample_images")) if one.picture.stem == name]
    for landmark in LANDMARKS:
        drag(page, landmark, *getattr(known.landmarks(), landmark))


def test_of_several_backs_the_visitor_chooses_one(page, offered):
    two = (Path(__file__).parent / "data" / "group-couple.jpg").read_bytes()
    upload(page, two)
    (choice,) = [group for group in page.button_group if "Back 2" in group.options]
    assert choice.options == ["Back 1", "Back 2"]
    assert "There is more than one person" in words(page)
    first = data(offered)
    other = 3 - first["person"]
    choice.set_value(other)
    healthy(page.run())
    second = data(offered)
    assert (second["person"], second["people"]) == (other, 2)
    assert second["points"] != first["points"]
    assert "There is more than one person" not in words(page)


def test_start_page_says_what_it_does_and_that_photos_stay(page):
    healthy(page)
    assert "not a medical device" in words(page)
    assert "Photos stay on the computer" in words(page)
    assert "<svg" in words(page)
    assert points(page) == cards(page) == []


def test_a_photo_gives_a_marked_picture_and_a_card_for_each_point(page):
    upload(page, sample())
    assert len(pictures(page)) == 1
    assert cards(page) == []
    assert points(page) == [point.title for point in acupoints.acupoints()]
    for point in acupoints.acupoints():
        html = select(page, point.code)
        for text in (point.name, point.pinyin, point.hanzi, point.code):
            assert text in html
        for row in ("Where", "Used for", "Find it", "Press", "When not to"):
            assert f"<dt>{row}</dt>" in html
    assert "nine chances in ten" in words(page)


def test_the_download_is_the_whole_picture_marked_and_nameless(page, offered):
    content = sample()
    upload(page, content)
    data = download(offered)
    with Image.open(io.BytesIO(content)) as before, Image.open(io.BytesIO(data)) as after:
        assert after.format == "JPEG"
        assert after.size == before.size
        assert np.abs(np.asarray(after.convert("RGB"), int) - np.asarray(before.convert("RGB"), int)).max() > 100
        assert "exif" not in after.info
    assert {name for _, name in offered.values()} == {
        "photo-handles.json", "photo-points.jpg", "photo-points-sheet.pdf", "photo-points.json", "photo-points.png",
    }  # fmt: skip


def test_downloads_are_called_as_the_photo_whatever_its_name(page, offered):
    upload(page, sample(), name='../Frau "X"\r\nSet: 背.png')
    assert offered["Download the marked picture"][1] == "Frau _X___Set_ 背-points.jpg"
    upload(page, sample() + b" ", name="." * 300 + ".jpg")
    assert offered["Download the marked picture"][1] == "back-points.jpg"


def test_the_data_is_what_the_command_prints(page, offered, locator):
    upload(page, sample())
    document = data(offered)
    assert document == json.loads(to_json(locator.locate(sample())))


def test_choosing_a_complaint_shows_its_points_only(page, offered):
    upload(page, sample())
    everything = download(offered)
    choose(page, "Stress")
    assert points(page) == ["BL-18 Gan Shu"]
    assert download(offered) != everything
    choose(page, "Stress", "Feeling cold")
    assert len(points(page)) == len(acupoints.codes_for(["stress", "feeling_cold"]))
    choose(page)
    assert len(points(page)) == len(acupoints.acupoints())
    assert download(offered) == everything


def test_a_text_file_named_jpg_is_answered_with_a_remedy(page):
    upload(page, b"Dear diary,\n" * 40)
    assert "No points were marked" in words(page)
    assert "<svg" in words(page)
    assert "Traceback" not in words(page)
    assert points(page) == cards(page) == []
    assert not pictures(page)


def test_an_empty_room_is_refused_with_a_drawing_of_what_to_do(page, offered):
    upload(page, empty_room())
    assert "No points were marked" in words(page)
    assert "<svg" in words(page)
    assert points(page) == cards(page) == []
    assert MARKED not in offered


def test_a_refused_photo_can_be_answered_by_hand(page, offered):
    upload(page, sample("out_of_focus"))
    assert "No points were marked" in words(page)
    page.button(key="by_hand").click()
    healthy(page.run())
    assert "Drag each handle" in words(page)
    assert points(page) == cards(page) == []
    place_by_hand(page, "out_of_focus")
    assert len(points(page)) == len(acupoints.acupoints())
    assert "No points were marked" not in words(page)
    assert "Marked by hand" in words(page)
    assert data(offered)["method"] == "anchors"
    with Image.open(io.BytesIO(download(offered))) as marked:
        assert marked.format == "JPEG"


@pytest.mark.parametrize(
    ("name", "place"), [("subject_left_shoulder", (500.0, 240.0)), ("c7", (270.0, 600.0)), ("spine_middle", (5.0, 5.0))]
)
def test_handles_dragged_off_the_back_can_always_be_undone(page, name, place):
    upload(page, sample())
    drag(page, name, *place)
    assert points(page) == cards(page) == []
    assert not page.error
    assert len(pictures(page)) == 1
    drag(page, "", 0.0, 0.0, kind="undo")
    assert len(points(page)) == len(acupoints.acupoints())


def test_each_photo_keeps_its_own_corrections(page):
    upload(page, sample())
    drag(page, "c7", 270.0, 190.0)
    upload(page, sample("arms_apart"))
    assert not corrections(page).touched
    drag(page, "c7", 100.0, 90.0)
    upload(page, sample())
    assert corrections(page).anchors.landmarks.c7.tolist() == [270.0, 190.0]


def test_saved_handles_bring_the_same_points_back(page, offered):
    upload(page, sample())
    drag(page, "c7", 270.0, 190.0)
    saved = offered["Save the handles"][0]()
    points = corrections(page).outcome.points
    fresh = AppTest.from_file(str(server.SCRIPT), default_timeout=300).run()
    upload(fresh, sample())
    fresh.file_uploader[1].set_value(("back-handles.json", saved, "application/json"))
    healthy(fresh.run())
    assert corrections(fresh).outcome.points == points
    assert offered["Save the handles"][0]() == saved


def test_a_wrong_file_of_handles_is_told_where_it_is_wrong(page, offered):
    upload(page, sample())
    before = corrections(page).outcome
    wrong = offered["Save the handles"][0]().replace(b'"c7"', b'"c8"')
    page.file_uploader[1].set_value(("back-handles.json", wrong, "application/json"))
    healthy(page.run())
    assert "handles.c7" in page.error[0].value
    assert corrections(page).outcome is before


def test_the_finger_widths_can_be_measured_otherwise(page):
    upload(page, sample())
    before = corrections(page).outcome.cun_px
    (measured_by,) = [group for group in page.button_group if "My own hand" in group.options]
    measured_by.set_value("own-hand")
    healthy(page.run())
    assert corrections(page).outcome.cun_px == pytest.approx(before)  # nothing jumps
    page.number_input[0].set_value(90.0)
    healthy(page.run())
    assert corrections(page).outcome.cun_px == pytest.approx(before * 90 / 75)
    assert corrections(page).outcome.cun_source.value == "own-hand"
    assert "20 % more than the body's proportions say" in words(page)


def selected(page, label, value):
    (box,) = [one for one in page.selectbox if one.label == label]
    box.set_value(value)
    return healthy(page.run())


def hide_head(page, wanted):
    (box,) = [one for one in page.checkbox if one.label == "Hide the head"]
    box.set_value(wanted)
    return healthy(page.run())


def pixels(data):
    with Image.open(io.BytesIO(data)) as picture:
        return np.asarray(picture.convert("RGB"), int)


def test_style_shows_in_what_is_taken_away(page, offered):
    upload(page, sample())
    before = download(offered)
    selected(page, "Labels", "numbers")
    selected(page, "Size", 1.4)
    assert download(offered) != before
    sheet, name = offered["Download the sheet to print"]
    assert name == "photo-points-sheet.pdf"
    assert sheet().startswith(b"%PDF-")
    selected(page, "Other formats", "csv")
    assert offered["Download as CSV table"][0]().count(b"\n") == 12


def test_head_and_tattoos_are_hidden_in_every_picture_on_request(page, offered):
    upload(page, sample())
    before = pixels(download(offered))
    hide_head(page, True)
    assert np.abs(pixels(download(offered)) - before)[60:150, 230:310].mean() > 5
    hide_head(page, False)
    (part,) = [button for button in page.button if button.label.startswith("Hide a part")]
    part.click()
    healthy(page.run())
    drag(page, "0/0", 200.0, 600.0, kind="part")
    drag(page, "0/1", 340.0, 700.0, kind="part")
    after = pixels(download(offered))
    assert np.abs(after - before)[600:700, 200:340].mean() > 2
    assert np.abs(after - before)[20:150].mean() < 1
    assert corrections(page).hidden == (((200.0, 600.0), (340.0, 700.0)),)


def test_a_mirrored_photo_changes_the_sides_in_what_is_taken_away_and_keeps_its_picture(page, offered):
    upload(page, sample())
    before, picture = data(offered), download(offered)
    (mirrored,) = [one for one in page.toggle if one.label == "This photo is mirrored"]
    mirrored.set_value(True)
    healthy(page.run())
    after = data(offered)
    assert before["points"] != after["points"]
    assert before["levels"] == after["levels"]
    assert before["landmarks"]["subject_left_hip"] == after["landmarks"]["subject_right_hip"]
    assert download(offered) == picture


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def compare_with(page, content):
    page.button_group(key="compare").set_value(sha256(content))
    return healthy(page.run())


@pytest.mark.slow
def test_two_days_of_one_person_side_by_side(page, offered):
    upload(page, sample())
    upload(page, sample("arms_apart"), "later.jpg")
    compare_with(page, sample())
    data, name = offered["Download both"]
    assert name == "later-points-compared.jpg"
    assert pixels(data).shape[1] > pixels(sample()).shape[1]
    upload(page, empty_room(), "room.jpg")
    page.button_group(key="shelf").set_value(sha256(sample()))
    healthy(page.run())
    compare_with(page, empty_room())
    assert "No back could be made out" in words(page)


def test_each_photo_gets_its_own_answer(page, offered):
    upload(page, sample())
    first = download(offered)
    upload(page, sample("arms_apart"))
    second = download(offered)
    assert first != second
    upload(page, empty_room())
    upload(page, sample())
    assert download(offered) == first


def test_a_second_photo_is_kept_beside_the_first(page):
    upload(page, sample(), "first.jpg")
    upload(page, sample("arms_apart"), "my_*2*[x](y):smile:.jpg")
    assert page.button_group(key="shelf").options == ["first.jpg", r"my\_\*2\*\[x\](y)\:smile\:.jpg"]
    assert visitor(page).photo_sha256 == sha256(sample("arms_apart"))
    page.button_group(key="shelf").set_value(sha256(sample()))
    healthy(page.run())
    assert visitor(page).photo_sha256 == sha256(sample())
    assert len(points(page)) == len(acupoints.acupoints())


def test_a_file_that_cannot_be_read_is_told_and_takes_nothing_away(page):
    upload(page, sample(), "back.jpg")
    drag(page, "c7", 270.0, 190.0)
    upload(page, b"Dear diary,\n" * 40, "diary.jpg")
    assert "No points were marked" in words(page)
    page.button_group(key="shelf").set_value(sha256(sample()))
    healthy(page.run())
    assert corrections(page).anchors.landmarks.c7.tolist() == [270.0, 190.0]


@pytest.mark.parametrize("name", ["back.jfif", "back", "back.txt", "IMG.HIF"])
def test_a_photo_is_known_by_its_content_whatever_its_name(page, name):
    upload(page, sample(), name)
    assert len(points(page)) == len(acupoints.acupoints())


def test_a_removed_photo_is_forgotten(page):
    upload(page, sample())
    (forget,) = [button for button in page.button if button.label == "Forget this photo"]
    forget.click()
    healthy(page.run())
    assert points(page) == cards(page) == []
    assert visitor(page).photo_sha256 is None
    assert len(visitor(page).photos) == 0
    assert visitor(page).corrections == {}
    assert visitor(page).reading.is_empty
    assert visitor(page).shown.is_empty


def test_where_marks_have_numbers_the_points_are_listed_with_them(page):
    upload(page, sample())
    page.selectbox(key="labels").set_value("numbers")
    healthy(page.run())
    assert points(page) == [f"{number}. {point.title}" for number, point in enumerate(acupoints.acupoints(), 1)]


def test_a_photo_from_the_camera_is_answered(page):
    page.button(key="camera").click().run()
    page.camera_input[0].set_value(("camera.jpg", sample(), "image/jpeg"))
    assert len(points(healthy(page.run()))) == len(acupoints.acupoints())


@pytest.mark.slow
def test_every_sample_can_be_tried(page):
    offered = [button.key for button in page.button if str(button.key).startswith("sample-")]
    assert 3 <= len(offered) <= 4
    for key in offered:
        page.button(key=key).click()
        assert len(points(healthy(page.run()))) == len(acupoints.acupoints())
        visitor(page).photos.remove(visitor(page).photo_sha256)
        healthy(page.run())


_written: list[str] | None = None


def _watch(event, arguments):
    if _written is not None and event == "open":
        path, mode, flags = arguments
        writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) if isinstance(flags, int) else "w" in (mode or "")
        if writes and not str(path).startswith(("/dev/", "/proc/")) and "__pycache__" not in str(path):
            _written.append(str(path))


def test_nothing_is_written_to_disk(page, tmp_path, monkeypatch):
    global _written
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    sys.addaudithook(_watch)
    _written = []
    try:
        upload(page, sample())
        choose(page, "Lower back")
        upload(page, empty_room())
        assert _written == []
    finally:
        _written = None
    assert list(tmp_path.iterdir()) == []


def test_a_fault_of_the_program_is_a_sentence_not_a_trace(page, monkeypatch):
    def fails(self, photo):
        raise RuntimeError("secret")

    monkeypatch.setattr("locator.Locator.read", fails)
    upload(page, sample())
    assert "The program failed on this photo" in page.error[0].value
    assert "secret" not in page.error[0].value
    assert points(page) == cards(page) == []


def test_a_pose_model_that_cannot_be_started_is_explained(page, monkeypatch):
    def fails(*args, **kwargs):
        raise OSError("libEGL.so.1: cannot open shared object file")

    monkeypatch.setattr("locator.Locator.__init__", fails)
    st.cache_resource.clear()
    page = healthy(AppTest.from_file(str(server.SCRIPT), default_timeout=300).run())
    assert "locator doctor" in page.error[0].value


def test_a_missing_model_is_fetched_only_when_the_visitor_says_so(monkeypatch):
    fetched = []
    monkeypatch.setattr(registry, "is_ready", lambda key: bool(fetched))
    monkeypatch.setattr(registry, "setup", lambda key, progress: fetched.append(key))
    page = healthy(AppTest.from_file(str(server.SCRIPT), default_timeout=300).run())
    assert "36 MB" in page.info[0].value
    assert not page.file_uploader
    assert fetched == []
    page = healthy(page.button[0].click().run())
    assert fetched == ["full"]
    assert page.file_uploader


def test_a_model_that_cannot_be_had_is_explained(monkeypatch):
    def fails(key, progress):
        progress(0.4, "Fetching")
        raise registry.ModelUnavailable("The pose model could not be fetched.", "Check the network connection.")

    monkeypatch.setattr(registry, "is_ready", lambda key: False)
    monkeypatch.setattr(registry, "setup", fails)
    page = healthy(AppTest.from_file(str(server.SCRIPT), default_timeout=300).run())
    page = healthy(page.button[0].click().run())
    assert "Check the network connection." in page.error[0].value
    assert [b.label for b in page.button] == ["Try again"]
    assert not page.file_uploader
