"""What is made of small photos: readable, with nothing on the body that need not be; and where other legends stand."""

from __future__ import annotations

import dataclasses
import io
import json
import re

import cv2
import numpy as np
import pytest
from PIL import Image

from locator.catalogue.languages import languages
from locator.core.similarity import Similarity
from locator.core.types import ImageInfo, Location
from locator.draw import body_region, raster, scene
from locator.draw.content import Room
from locator.draw.style import Style
from locator.formats.export import export
from locator.formats.marked import MarkedPhoto


@pytest.fixture(scope="module")
def seen(read, samples):
    """Photo and result of every sample that is answered, by name."""
    readings = {name: read(name) for name in samples}
    return {name: (photo.rgb, result) for name, (photo, result) in readings.items() if result.status == "located"}


def shrunk(seen, name, longest_px):
    """The sample and its result, as if the photo had been smaller."""
    rgb, result = seen[name]
    factor = longest_px / max(rgb.shape[:2])
    size = round(rgb.shape[1] * factor), round(rgb.shape[0] * factor)
    outcome = Similarity.resizing(factor).of_location(result.outcome)
    return cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dataclasses.replace(
        result, image=ImageInfo(None, *size, "0" * 64), outcome=outcome
    )


def marked(rgb, result, style=None):
    return MarkedPhoto(rgb, result, result.outcome, style or Style(), "a4", None)


@pytest.mark.parametrize("longest_px", [96, 200, 320, 399])
def test_a_small_photo_is_shown_two_to_four_times_as_large(seen, longest_px):
    rgb, result = shrunk(seen, "standing", longest_px)
    shown, drawing = marked(rgb, result).shown()
    factor = shown.shape[0] // rgb.shape[0]
    assert 2 <= factor <= 4
    assert shown.shape[:2] == (rgb.shape[0] * factor, rgb.shape[1] * factor)
    for mark, point in zip(drawing.marks, result.outcome.points, strict=True):
        np.testing.assert_allclose(mark.centre, [(at + 0.5) * factor - 0.5 for at in (point.x_px, point.y_px)])


def test_a_photo_of_usual_size_keeps_its_own(seen):
    rgb, result = seen["standing"]
    assert max(rgb.shape[:2]) >= 400
    assert marked(rgb, result).shown()[0] is rgb


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("labels", ["both", "numbers"])
@pytest.mark.parametrize("name", ["standing", "lying_down", "close_up"])
def test_the_legend_of_a_small_photo_stands_below_it_or_beside_it_and_explains_all(seen, name, labels, language):
    rgb, result = shrunk(seen, name, 240)
    shown, drawing = marked(rgb, result, Style(labels, language)).shown()
    height, width = shown.shape[:2]
    assert drawing.legend.box.top >= height or drawing.legend.box.left >= width
    assert all(label.box.within((width, height), 0) for label in drawing.labels)
    assert len(drawing.labels) == len({point.code for point in result.outcome.points})
    assert min(text.size for panel in (*drawing.labels, drawing.legend) for text in panel.texts) >= 9


def test_every_picture_has_the_margin(seen):
    rgb, result = shrunk(seen, "standing", 240)
    drawing = marked(rgb, result).shown()[1]
    for name in ("jpeg", "png", "webp"):
        with Image.open(io.BytesIO(export(name, rgb, result))) as picture:
            assert picture.size == drawing.whole
    width, height = drawing.whole
    assert f'viewBox="0 0 {width} {height}"'.encode() in export("svg", rgb, result)
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", export("pdf", rgb, result))
    assert float(box[1]) / float(box[2]) == pytest.approx(width / height, rel=0.01)


def test_data_and_overlays_keep_the_photos_own_pixels(seen):
    rgb, result = shrunk(seen, "standing", 240)
    record = json.loads(export("json", rgb, result))
    for told, point in zip(record["points"], result.outcome.points, strict=True):
        assert told["x_px"] == round(point.x_px, 2)
    coco = json.loads(export("coco", rgb, result))
    assert (coco["images"][0]["width"], coco["images"][0]["height"]) == rgb.shape[1::-1]
    with Image.open(io.BytesIO(export("overlay-png", rgb, result))) as overlay:
        assert overlay.size == rgb.shape[1::-1]
    assert raster.draw(rgb, result.outcome).shape == rgb.shape  # and what Python gets as an array


@pytest.mark.parametrize("labels", ["both", "numbers"])
def test_no_legend_of_a_file_lies_on_a_body(seen, labels):
    for name, (rgb, result) in seen.items():
        assert isinstance(result.outcome, Location)
        size = rgb.shape[1], rgb.shape[0]
        box = scene.build(result.outcome, size, Style(labels), rgb=rgb, room=Room.MARGIN).legend.box
        if box.within(size, 0):
            inside = body_region.in_boxes(np.array([[box.left, box.top, box.right, box.bottom]]))
            assert not body_region.on_body(result.outcome.landmarks, inside).any(), name
        else:
            assert box.top >= size[1] or box.left >= size[0], name


def test_labels_of_small_photos_leave_the_trunk_free_where_there_is_room(seen):
    rgb, result = shrunk(seen, "standing", 320)
    shown, drawing = marked(rgb, result).shown()
    landmarks = Similarity.resizing(shown.shape[0] / rgb.shape[0]).of_landmarks(result.outcome.landmarks)
    outside = {
        label.label_of[0]
        for label in drawing.labels
        if body_region.on_trunk(
            landmarks,
            body_region.in_boxes(np.array([[label.box.left, label.box.top, label.box.right, label.box.bottom]])),
        ).mean()
        < 0.5
    }
    assert {"BL-43", "BL-52"} <= outside
