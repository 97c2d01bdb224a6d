"""The page as a visitor uses it, without a browser: with the real model, on the samples."""

from __future__ import annotations

import io
import os
import re
import sys

import numpy as np
import pytest
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest

from locator import acupoints, models, resources

pytestmark = pytest.mark.skipif(not models.is_ready(), reason="the pose model is not on this machine: locator setup")

MARKED = "Download the marked picture"


def sample(name="standing"):
    return (resources.path("sample_images") / f"{name}.jpg").read_bytes()


def empty_room():
    file = io.BytesIO()
    Image.fromarray(np.full((600, 450, 3), 140, np.uint8)).save(file, "JPEG")
    return file.getvalue()


@pytest.fixture
def page():
    return AppTest.from_file(str(resources.path("app.py")), default_timeout=60).run()


def upload(page, content, name="photo.jpg"):
    page.file_uploader[0].set_value((name, content, "image/jpeg"))
    return healthy(page.run())


def healthy(page):
    assert [e.message for e in page.exception] == []
    return page


def cards(page):
    return [h.proto.body for h in page.get("html") if 'class="card"' in h.proto.body]


def words(page):
    return " ".join([e.value for kind in ("markdown", "subheader", "caption", "info") for e in page.get(kind)])


def pictures(page):
    return page.get("image") or page.get("imgs")


def choose(page, *labels):
    (pills,) = [group for group in page.button_group if "Stress" in group.options]
    codes = {c.label: c.code for c in acupoints.complaints()}
    pills.set_value([codes[label] for label in labels])
    return healthy(page.run())


def download(page):
    (button,) = [b for b in page.get("download_button") if b.label == MARKED]
    storage = page.session_state
    return button, storage["marked"][2]


def test_start_page_says_what_it_does_and_that_photos_stay(page):
    healthy(page)
    assert "not a medical device" in words(page)
    assert "Photos stay on the computer" in words(page)
    assert "<svg" in words(page)
    assert cards(page) == []


def test_a_photo_gives_a_marked_picture_and_six_cards(page):
    upload(page, sample())
    assert len(pictures(page)) == 1
    shown = cards(page)
    assert len(shown) == 6
    for point, html in zip(acupoints.acupoints(), shown, strict=True):
        for text in (point.name, point.pinyin, point.hanzi, point.code):
            assert text in html
        for row in ("Where", "Used for", "Find it", "Press", "When not to"):
            assert f"<dt>{row}</dt>" in html
    assert "nine chances in ten" in words(page)


def test_the_download_is_the_whole_picture_marked_and_nameless(page):
    content = sample()
    upload(page, content)
    button, data = download(page)
    with Image.open(io.BytesIO(content)) as before, Image.open(io.BytesIO(data)) as after:
        assert after.format == "JPEG"
        assert after.size == before.size
        assert np.abs(np.asarray(after.convert("RGB"), int) - np.asarray(before.convert("RGB"), int)).max() > 100
        assert "exif" not in after.info
    assert re.search(r"\.jpg$", button.proto.url)


def test_choosing_a_complaint_shows_its_points_only(page):
    upload(page, sample())
    everything = download(page)[1]
    choose(page, "Stress")
    (card,) = cards(page)
    assert "Gan Shu" in card
    assert download(page)[1] != everything
    choose(page, "Stress", "Feeling cold")
    assert len(cards(page)) == 2
    choose(page)
    assert len(cards(page)) == 6
    assert download(page)[1] == everything


def test_a_text_file_named_jpg_is_answered_with_a_remedy(page):
    upload(page, b"Dear diary,\n" * 40)
    assert "No points were marked" in words(page)
    assert "<svg" in words(page)
    assert "Traceback" not in words(page)
    assert cards(page) == []
    assert not pictures(page)


def test_an_empty_room_is_refused_with_a_drawing_of_what_to_do(page):
    upload(page, empty_room())
    assert "No points were marked" in words(page)
    assert "<svg" in words(page)
    assert cards(page) == []
    assert not pictures(page)


def test_each_photo_gets_its_own_answer(page):
    upload(page, sample())
    first = download(page)[1]
    upload(page, sample("arms_apart"))
    second = download(page)[1]
    assert first != second
    upload(page, empty_room())
    assert "marked" not in page.session_state
    upload(page, sample())
    assert download(page)[1] == first


def test_a_removed_photo_is_forgotten(page):
    upload(page, sample())
    page.file_uploader[0].set_value(None)
    healthy(page.run())
    assert cards(page) == []
    assert [key for key in ("reading", "marked", "photo_sha256") if key in page.session_state] == []


@pytest.mark.skipif(not hasattr(AppTest, "camera_input"), reason="needs Streamlit 1.66 for a camera in tests")
def test_a_photo_from_the_camera_is_answered(page):
    page.button_group[0].set_value("Use the camera").run()
    page.camera_input[0].set_value(("camera.jpg", sample(), "image/jpeg"))
    assert len(cards(healthy(page.run()))) == 6


def test_every_sample_can_be_tried(page):
    page.button_group[0].set_value("Try a sample")
    assert len(cards(healthy(page.run()))) == 6
    for title in page.button_group[1].options:
        page.button_group[1].set_value(title)
        healthy(page.run())
        assert bool(cards(page)) != ("No points were marked" in words(page))


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
    assert cards(page) == []


def test_a_pose_model_that_cannot_be_started_is_explained(page, monkeypatch):
    def fails(*args, **kwargs):
        raise OSError("libEGL.so.1: cannot open shared object file")

    monkeypatch.setattr("locator.Locator.__init__", fails)
    st.cache_resource.clear()
    page = healthy(AppTest.from_file(str(resources.path("app.py")), default_timeout=60).run())
    assert "locator doctor" in page.error[0].value


def test_a_model_that_cannot_be_had_is_explained(monkeypatch):
    def fails(key, progress):
        progress(0.4, "Fetching")
        raise models.ModelUnavailable("The pose model could not be fetched.", "Check the network connection.")

    monkeypatch.setattr(models, "is_ready", lambda key: False)
    monkeypatch.setattr(models, "setup", fails)
    page = healthy(AppTest.from_file(str(resources.path("app.py")), default_timeout=60).run())
    assert "Check the network connection." in page.error[0].value
    assert [b.label for b in page.button] == ["Try again"]
    assert not page.file_uploader
