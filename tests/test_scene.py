"""What is drawn: every mark, labels that hide nothing, outlines that show on any skin."""

import dataclasses
import math

import numpy as np
import pytest
from conftest import make_pose, moved

from locator.catalogue.acupoints import acupoint, acupoints
from locator.catalogue.languages import languages
from locator.core.types import Location
from locator.draw import scene, shapes
from locator.draw.content import number
from locator.draw.shapes import DARK, WHITE
from locator.draw.style import Style
from locator.estimate import placing

LABELS = ("codes", "names", "both", "numbers")


@pytest.fixture(scope="module")
def location():
    return placing.from_pose(moved(make_pose(), 3.0))


@pytest.fixture(scope="module")
def located(read, samples):
    """Name → (size, location) of every sample that is answered."""
    readings = {name: read(name) for name in samples}
    return {
        name: ((photo.rgb.shape[1], photo.rgb.shape[0]), result.outcome)
        for name, (photo, result) in readings.items()
        if isinstance(result.outcome, Location)
    }


def wrong(drawing):
    """Labels nearer to a mark of another point than to their own, leaders over one, and points without a label."""
    codes = {acupoint(mark.code).colour: mark.code for mark in drawing.marks}
    found = []
    for panel in drawing.labels:
        code = codes.pop(panel.edge[0])
        own = min(panel.box.distance(mark.centre) for mark in drawing.marks if mark.code == code)
        foreign = [mark for mark in drawing.marks if mark.code != code]
        found += [f"{code} lies at {mark.code}" for mark in foreign if panel.box.distance(mark.centre) <= own]
        for lines in drawing.shapes:
            if isinstance(lines, shapes.Lines) and lines.colour == acupoint(code).colour:
                ((start, end),) = lines.strokes
                way = [np.array(start) + (np.array(end) - start) * share for share in np.linspace(0, 1, 100)]
                over = [mark for mark in foreign if min(math.dist(mark.centre, at) for at in way) < mark.radius]
                found += [f"the leader of {code} runs over {mark.code}" for mark in over]
    return found + [f"{code} has no label" for code in codes.values()]


def check_layout(drawing):
    """No label or legend runs out of the picture, hides a mark, or covers another."""
    panels = [*drawing.labels, *([drawing.legend] if drawing.legend else [])]
    for panel in panels:
        assert panel.box.within(drawing.size, 0)
        for mark in drawing.marks:
            assert panel.box.distance(mark.centre) > mark.radius
    boxes = [panel.box for panel in panels]
    assert not any(a.meets(b) for i, a in enumerate(boxes) for b in boxes[i + 1 :])


@pytest.mark.slow
@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("language", languages())
def test_labels_never_cover_a_mark_or_each_other_on_any_sample(labels, language, located):
    assert len(located) >= 7
    for size, found in located.values():
        for factor in (0.7, 1.0, 2.0):
            check_layout(scene.build(found, size, Style(labels, language, factor)))


@pytest.mark.parametrize("labels", LABELS)
def test_every_point_has_its_label_on_every_sample(labels, located):
    for name, (size, found) in located.items():
        assert len(scene.build(found, size, Style(labels)).labels) == len(acupoints()), name


@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("factor", [1.0, 1.5])
def test_every_label_is_there_and_names_its_own_mark_to_the_eye_on_every_sample(labels, factor, located):
    size, found = located["standing"]
    pictures = {**located, "a tall panorama": ((size[0], 2400), found), "a wide one": ((2400, size[1]), found)}
    for name, (size, found) in pictures.items():
        drawing = scene.build(found, size, Style(labels, size=factor))
        assert wrong(drawing) == [], name
        assert drawing.legend, name


def test_letters_are_no_larger_for_a_picture_that_is_mostly_not_the_back(located):
    size, found = located["standing"]
    alone, small = (scene.build(found, (size[0], height), Style("codes")) for height in (size[1], 5 * size[1]))
    assert small.labels[0].texts[0].size <= 1.5 * alone.labels[0].texts[0].size


def test_lines_to_labels_lie_below_the_marks(location):
    drawn = scene.build(location, (1800, 1800)).shapes
    first_mark = min(at for at, shape in enumerate(drawn) if isinstance(shape, shapes.Mark))
    assert not any(isinstance(shape, shapes.Lines) for shape in drawn[first_mark:])


@pytest.mark.parametrize("legend", [True, False])
def test_numbers_become_codes_where_the_legend_has_no_room_unless_it_stands_elsewhere(legend):
    small = placing.from_pose(moved(make_pose(), 0.5, shift=(-117, -60)))
    drawing = scene.build(small, (66, 160), Style("numbers"), codes=["BL-18", "GV-9"], legend=legend)
    assert drawing.legend is None
    assert said(drawing) == (["GV-9", "BL-18"] if legend else [str(number("GV-9")), str(number("BL-18"))])


@pytest.mark.parametrize("scale", [0.25, 0.5, 1, 3, 8])
@pytest.mark.parametrize("turn", [0, 90, 200])
def test_no_label_or_legend_hides_a_mark_at_any_size_or_turn(scale, turn):
    size = round(600 * scale)
    centre = np.array([300.0, 300.0])
    pose = moved(make_pose(), 1.0, turn)
    pose = moved(pose, 1.0, 0.0, centre - pose.xy_px[[11, 12, 23, 24]].mean(axis=0))
    drawing = scene.build(placing.from_pose(moved(pose, scale)), (size, size))
    check_layout(drawing)
    if scale >= 0.5:  # on 150 px not all find room
        assert len(drawing.labels) == len(acupoints())
        assert drawing.legend


def test_what_is_written_lies_above_all_else(location):
    written = [isinstance(shape, (shapes.Text, shapes.Panel)) for shape in scene.build(location, (1800, 1800)).shapes]
    assert written == sorted(written)
    assert any(written)


def said(drawing):
    return [panel.texts[0].text for panel in drawing.labels]


def test_labels_say_what_was_asked_for(location):
    size = (1800, 1800)
    assert said(scene.build(location, size, Style("codes")))[number("BL-18") - 1] == "BL-18"
    assert said(scene.build(location, size, Style("names")))[number("BL-18") - 1] == "Gan Shu"
    assert said(scene.build(location, size, Style("both", "zh-Hant")))[number("BL-23") - 1] == "BL-23 腎俞"
    assert said(scene.build(location, size, Style("numbers"))) == [str(n + 1) for n in range(len(acupoints()))]


def test_numbers_are_explained_in_the_legend(location):
    drawing = scene.build(location, (1800, 1800), Style("numbers", "zh-Hans"), codes=["BL-18", "GV-9"])
    legend = [text.text for text in drawing.legend.texts]
    one, other = str(number("GV-9")), str(number("BL-18"))
    assert said(drawing) == [one, other]  # the same number as on the sheet, whatever is shown
    assert {one, "GV-9 至阳", other, "BL-18 肝俞"} <= set(legend)


def test_size_scales_texts_and_marks(location):
    small, large = (
        scene.build(location, (1800, 1800), Style("codes", size=size), codes=["BL-18", "GV-9"]) for size in (0.5, 1.0)
    )
    assert large.labels[0].texts[0].size == pytest.approx(2 * small.labels[0].texts[0].size, rel=0.05)
    assert large.marks[0].radius == pytest.approx(2 * small.marks[0].radius, rel=0.2)
    assert large.marks[0].centre == small.marks[0].centre


@pytest.mark.parametrize(("skin", "outline"), [((60, 40, 32), WHITE), ((224, 190, 170), DARK)])
def test_the_outline_is_light_on_dark_skin_and_dark_on_light_skin(skin, outline, location):
    rgb = np.full((1800, 1800, 3), skin, np.uint8)
    drawing = scene.build(location, (1800, 1800), rgb=rgb)
    assert {mark.rims[0][1] for mark in drawing.marks} == {outline}
    assert {ring.casing for ring in drawing.shapes if isinstance(ring, shapes.Ring)} == {outline}


def test_the_outline_follows_the_cloth_where_only_a_part_is_covered(location):
    rgb = np.full((1800, 1800, 3), 210, np.uint8)
    rgb[round(location.points[-1].y_px) - 100 :] = 25  # dark trousers up to the lowest points
    rims = {mark.code: mark.rims[0][1] for mark in scene.build(location, (1800, 1800), rgb=rgb).marks}
    assert rims["BL-52"] == WHITE
    assert rims["BL-43"] == DARK


def test_colours_are_told_apart_by_the_colour_blind(location):
    """Viénot, Brettel and Mollon (1999): what is left of each colour to eyes without red or green receptors."""
    lms = np.array([[17.8824, 43.5161, 4.11935], [3.45565, 27.1554, 3.86714], [0.0299566, 0.184309, 1.46709]])
    blind = {
        "protanopia": np.array([[0, 2.02344, -2.52581], [0, 1, 0], [0, 0, 1]]),
        "deuteranopia": np.array([[1, 0, 0], [0.494207, 0, 1.24827], [0, 0, 1]]),
    }
    paints = np.array([acupoint(code).colour for code in dict.fromkeys(p.code for p in location.points)]) / 255.0
    for seen in blind.values():
        left = paints @ (np.linalg.inv(lms) @ seen @ lms).T
        apart = [np.linalg.norm(a - b) for i, a in enumerate(left) for b in left[i + 1 :]]
        assert min(apart) > 0.1


def test_a_mark_moved_by_hand_is_a_diamond_and_the_legend_says_so(location):
    by_hand = dataclasses.replace(location.points[0], moved_by_hand=True)
    drawing = scene.build(dataclasses.replace(location, points=(by_hand, *location.points[1:])), (1800, 1800))
    assert [mark.diamond for mark in drawing.marks] == [True] + [False] * 10
    assert "diamond: moved by hand" in [text.text for text in drawing.legend.texts]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"labels": "all"}, "labels.*codes"), ({"size": 9.0}, "size.*0.5 to 3"), ({"language": "tlh"}, "language.*en")],
)
def test_a_style_that_does_not_exist_is_misuse(wrong, said):
    with pytest.raises((ValueError, LookupError), match=said):
        Style(**wrong)


def test_the_photo_is_only_looked_at(location, back_rgb):
    before = back_rgb.copy()
    scene.build(location, (back_rgb.shape[1], back_rgb.shape[0]), rgb=back_rgb)
    np.testing.assert_array_equal(before, back_rgb)
