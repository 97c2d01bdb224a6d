"""Whoever reads what ``locate`` prints can check it against the published schema."""

import json
from pathlib import Path

import jsonschema
import pytest

from lab.data import truth
from locator.api import read_anchored
from locator.core.anchors import Anchors, SetBy
from locator.core.body import LANDMARKS
from locator.formats import record_schema
from locator.formats.record import to_dict

PUBLISHED = Path(__file__).parents[1] / "docs" / "record.schema.json"


@pytest.fixture(scope="module")
def checker():
    schema = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.fixture(scope="module")
def documents(locator, samples, tmp_path_factory):
    note = tmp_path_factory.mktemp("schema") / "note.jpg"
    note.write_text("not a photo")
    known = next(truth.read(samples["standing"].parent))
    by_hand = Anchors(known.landmarks(), dict.fromkeys(LANDMARKS, SetBy.HAND))
    results = {
        "located": locator.locate(samples["standing"]),
        "refused": locator.locate(samples["from_the_front"]),
        "unreadable": locator.locate(note),
        "missing": locator.locate(note.with_name("gone.jpg")),
        "by hand": read_anchored(known.picture, by_hand)[1],
        "of bytes": locator.locate(samples["lying_down"].read_bytes()),
    }
    return {name: json.loads(json.dumps(to_dict(result))) for name, result in results.items()}


def test_the_published_schema_is_the_one_in_use():
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == json.loads(json.dumps(record_schema.schema()))


@pytest.mark.parametrize("name", ["located", "refused", "unreadable", "missing", "by hand", "of bytes"])
def test_every_kind_of_answer_fits_the_schema(checker, documents, name):
    assert [error.message for error in checker.iter_errors(documents[name])] == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda document: document.pop("points"),
        lambda document: document.update(more=1),
        lambda document: document["points"][0].update(side="left"),
        lambda document: document["image"].update(sha256="none"),
        lambda document: document.update(status="refused"),
        lambda document: document.update(model=None),
    ],
)
def test_what_is_no_such_answer_does_not_fit(checker, documents, spoil):
    document = json.loads(json.dumps(documents["located"]))
    spoil(document)
    assert not checker.is_valid(document)
