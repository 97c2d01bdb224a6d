"""The same marks in every format, read back from the files, and nothing else in them."""

import base64
import csv
import dataclasses
import datetime
import functools
import io
import json
import re
import shutil
import subprocess
import sys
import zlib
from xml.etree import ElementTree

import numpy as np
import pytest
from conftest import need, number_of_marks
from PIL import Image

from lab.fuzz import exporting
from locator.catalogue.acupoints import acupoint, acupoints, catalogue, complaints
from locator.catalogue.languages import languages
from locator.core.body import Side
from locator.core.similarity import Similarity
from locator.core.types import Issue, Result
from locator.draw import raster
from locator.draw.style import Style
from locator.formats import FORMATS
from locator.formats.export import export
from locator.formats.record import location_of, to_dict
from locator.photo import crops, sources

SVG = "{http://www.w3.org/2000/svg}"
XLINK_HREF = "{http://www.w3.org/1999/xlink}href"
DAY = datetime.date(2026, 1, 31)


@pytest.fixture(scope="module")
def located(locator, back):
    """(rgb, result) of a photo in which one mark was moved by hand."""
    photo, result = locator.read(back)
    first, *others = result.outcome.points
    outcome = dataclasses.replace(result.outcome, points=(dataclasses.replace(first, moved_by_hand=True), *others))
    return photo.rgb, dataclasses.replace(result, outcome=outcome)


@pytest.fixture(scope="module")
def exported(located):
    """Format → bytes."""
    return {name: export(name, *located, date=DAY) for name in FORMATS}


def places(result):
    """(code, side) → (x, y) px, as the formats for programs round it."""
    return {(p.code, p.side.value): (round(p.x_px, 2), round(p.y_px, 2)) for p in result.outcome.points}


def test_json_is_what_locate_prints_but_for_the_photos_name(located, exported):
    document = json.loads(exported["json"])
    expected = to_dict(located[1])
    assert expected["image"].pop("path")
    assert document["image"].pop("path") is None
    assert document == expected


def test_csv_has_a_line_for_each_mark_with_the_fields_of_json(located, exported):
    rows = list(csv.DictReader(io.StringIO(exported["csv"].decode("utf-8"))))
    points = json.loads(exported["json"])["points"]
    assert [
        {name: value if isinstance(points[0][name], str) else json.loads(value) for name, value in row.items()}
        for row in rows
    ] == points
    assert {(r["code"], r["side"]): (float(r["x_px"]), float(r["y_px"])) for r in rows} == places(located[1])


def test_coco_names_every_keypoint_and_puts_it_where_the_mark_is(located, exported):
    document = json.loads(exported["coco"])
    (image,), (category,), (annotation,) = (document[part] for part in ("images", "categories", "annotations"))
    assert (image["height"], image["width"]) == located[0].shape[:2]
    assert annotation["num_keypoints"] == len(category["keypoints"]) == number_of_marks()
    triples = [tuple(annotation["keypoints"][i : i + 3]) for i in range(0, 3 * number_of_marks(), 3)]
    sides = {"left": "subject-left", "right": "subject-right", "": "midline"}
    keys = [(code, sides[prefix]) for prefix, _, code in (name.rpartition("_") for name in category["keypoints"])]
    found = {key: at[:2] for key, at in zip(keys, triples, strict=True)}
    assert found == places(located[1])
    x, y, width, height = annotation["bbox"]
    assert all(x <= at[0] <= x + width + 0.01 and y <= at[1] <= y + height + 0.01 for at in found.values())
    assert annotation["area"] == pytest.approx(width * height, rel=0.001)
    assert len(annotation["segmentation"][0]) == 8
    assert image["file_name"] == f"{located[1].image.sha256}.jpg"
    assert image["license"] == document["licenses"][0]["id"]
    names = category["keypoints"]
    for left, right in category["skeleton"]:
        assert names[left - 1].replace("left", "right") == names[right - 1]
    assert len(category["skeleton"]) == sum(point.paired for point in acupoints())


def shifted(located, x_px, y_px, sha256):
    """The same photo under another digest, with the back moved and what leaves the picture cut off."""
    rgb, result = located
    moved = Similarity(np.array([[1.0, 0.0, x_px], [0.0, 1.0, y_px]])).of_location(result.outcome)
    return rgb, dataclasses.replace(result, image=dataclasses.replace(result.image, sha256=sha256), outcome=moved)


def test_coco_has_its_box_inside_the_picture(located):
    for x_px, y_px in ((-260, 0), (300, 0), (0, -250), (0, 420)):
        document = json.loads(export("coco", *shifted(located, x_px, y_px, "ab" * 32)))
        (image,), (annotation,) = document["images"], document["annotations"]
        x, y, width, height = annotation["bbox"]
        assert x >= 0
        assert y >= 0
        assert x + width <= image["width"] + 0.01
        assert y + height <= image["height"] + 0.01
        xs, ys = annotation["segmentation"][0][::2], annotation["segmentation"][0][1::2]
        assert (min(xs), min(ys)) == (x, y)
        assert max(xs) <= image["width"]
        assert max(ys) <= image["height"]


def test_coco_of_a_photo_without_a_name_is_called_by_its_digest(located):
    rgb, result = located
    nameless = dataclasses.replace(result, image=dataclasses.replace(result.image, path=None))
    (image,) = json.loads(export("coco", rgb, nameless))["images"]
    assert image["file_name"] == f"{result.image.sha256}.jpg"


def test_coco_of_several_photos_is_read_as_one_by_the_tool_of_its_authors(located, tmp_path, capsys):
    try:
        from pycocotools.coco import COCO
        from pycocotools.cocoeval import COCOeval
    except ImportError:
        need(False, "pycocotools")
    documents = [
        json.loads(export("coco", *shifted(located, x, 0, sha))) for x, sha in ((0, "ab" * 32), (9, "0c" * 32))
    ]
    together = {**documents[0], **{part: documents[0][part] + documents[1][part] for part in ("images", "annotations")}}
    (tmp_path / "both.json").write_text(json.dumps(together))
    truth = COCO(str(tmp_path / "both.json"))
    assert len(truth.getImgIds()) == len(truth.getAnnIds()) == 2
    assert all(len(truth.getAnnIds(imgIds=[image])) == 1 for image in truth.getImgIds())
    assert all(truth.annToMask(annotation).any() for annotation in truth.loadAnns(truth.getAnnIds()))
    found = truth.loadRes([{**annotation, "score": 1.0} for annotation in together["annotations"]])
    judged = COCOeval(truth, found, "keypoints")
    judged.params.kpt_oks_sigmas = np.full(number_of_marks(), 0.05)
    judged.evaluate()
    judged.accumulate()
    judged.summarize()
    assert judged.stats[0] == 1
    capsys.readouterr()


def test_coco_leaves_out_what_was_not_chosen(located):
    annotation = json.loads(export("coco", *located, codes=["GV-9"]))["annotations"][0]
    assert annotation["num_keypoints"] == 1
    assert annotation["keypoints"].count(2) == 1
    assert annotation["keypoints"].count(0) == 3 * (number_of_marks() - 1)


@pytest.mark.parametrize("name", ["svg", "overlay-svg"])
def test_svg_has_every_mark_as_an_element_with_its_name(name, located, exported):
    root = ElementTree.fromstring(exported[name])
    marks = [group for group in root.iter(f"{SVG}g") if group.get("class") == "mark"]
    found, shapes = {}, {}
    for group in marks:
        key = (group.get("data-code"), group.get("data-side"))
        inmost = list(group)[-1]
        shapes[key] = inmost.tag.removeprefix(SVG)
        if shapes[key] == "polygon":
            corners = [[float(v) for v in pair.split(",")] for pair in inmost.get("points").split()]
            found[key] = tuple(np.mean(corners, axis=0))
        else:
            found[key] = (float(inmost.get("cx")), float(inmost.get("cy")))
        assert inmost.get("fill") == "#{:02x}{:02x}{:02x}".format(*acupoint(key[0]).colour)
    expected = places(located[1])
    assert set(found) == set(expected)
    for key, at in found.items():
        np.testing.assert_allclose(at, expected[key], atol=0.011)
    assert list(shapes.values()).count("polygon") == 1
    assert {path.get("aria-label") for path in root.iter(f"{SVG}path")} >= {"BL-18 Gan Shu", "T4", "C7"}


def test_svg_embeds_the_photo_and_the_overlay_does_not(located, exported):
    (embedded,) = ElementTree.fromstring(exported["svg"]).iter(f"{SVG}image")
    rgb = sources.read(base64.b64decode(embedded.get(XLINK_HREF).split(",")[1])).rgb
    assert np.abs(rgb.astype(int) - located[0]).mean() < 4
    assert not list(ElementTree.fromstring(exported["overlay-svg"]).iter(f"{SVG}image"))
    assert b"<text" not in exported["svg"]  # outlines: no font is looked for on another machine


def circles(pdf):
    """(centre x, centre y) pt of every set of three filled circles around one centre: the round marks."""
    page = b"".join(zlib.decompress(s) for s in re.findall(rb"stream\n(.*?)\nendstream", pdf, re.S) if s[:1] == b"x")
    number = rb"(-?[\d.]+)"
    curve = rb" ".join([number] * 6) + rb" c"
    found = []
    for circle in re.finditer(number + rb" " + number + rb" m " + rb"\n".join([curve] * 4) + rb" f", page):
        values = [float(v) for v in circle.groups()]
        found.append((round(values[6], 2), round(values[1], 2)))
    return sorted({at for at in found if found.count(at) == 3})


def straight(pairs):
    """The scale and shift from the first of each pair to the second, and how far the worst pair is off."""
    start, end = (np.array(side) for side in zip(*pairs, strict=True))
    scale = np.ptp(end[:, 0]) / np.ptp(start[:, 0])
    moved = start * scale + (end - start * scale).mean(axis=0)
    return scale, np.abs(moved - end).max()


@pytest.mark.parametrize("name", ["pdf", "sheet"])
def test_pdf_and_sheet_have_every_mark_as_vectors_in_its_place(name, located, exported):
    rgb, result = located
    location = result.outcome if name == "pdf" else crops.upright(rgb, result.outcome)[1]
    # A page's y runs upwards. The one mark that is a diamond is no circle.
    expected = sorted((p.x_px, -p.y_px) for p in location.points if not p.moved_by_hand)
    found = circles(exported[name])
    assert len(found) == number_of_marks() - 1
    scale, off = straight(list(zip(expected, found, strict=True)))
    assert off < 0.03
    if name == "pdf":
        assert scale == pytest.approx(841.89 / max(rgb.shape), rel=1e-3)


@pytest.mark.parametrize(("name", "tolerance"), [("png", 0), ("jpeg", 40), ("webp", 60)])
def test_pictures_show_every_mark_in_its_colour(name, tolerance, located, exported):
    rgb = sources.read(exported[name]).rgb
    assert rgb.shape == located[0].shape
    for point in located[1].outcome.points:
        shown = rgb[round(point.y_px), round(point.x_px)].astype(int)
        assert np.abs(shown - acupoint(point.code).colour).max() <= tolerance
    if name == "png":
        np.testing.assert_array_equal(rgb, raster.draw(located[0], located[1].outcome))


def test_the_overlay_on_the_photo_is_the_marked_photo(located, exported):
    with Image.open(io.BytesIO(exported["overlay-png"])) as overlay:
        assert overlay.mode == "RGBA"
        below = Image.fromarray(located[0]).convert("RGBA")
        below.alpha_composite(overlay)
    # Which outline is drawn was chosen by the photo; so it is the same drawing, but for rounding.
    difference = np.asarray(below.convert("RGB")).astype(int) - sources.read(exported["png"]).rgb
    assert np.abs(difference).max() <= 8
    assert np.abs(difference).mean() < 0.02


@pytest.mark.parametrize("name", ["svg", "pdf"])
def test_vectors_look_like_the_picture(name, located, exported, tmp_path):
    file = tmp_path / f"marked.{name}"
    file.write_bytes(exported[name])
    height, width = located[0].shape[:2]
    shown = tmp_path / "shown.png"
    if name == "pdf":
        need(shutil.which("pdftoppm"), "pdftoppm")
        subprocess.run(["pdftoppm", "-png", "-singlefile", "-scale-to-x", str(width), "-scale-to-y", str(height),
                        file, shown.with_suffix("")], check=True)  # fmt: skip
    else:
        need(shutil.which("chromium"), "chromium")
        subprocess.run(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             f"--window-size={width},{height}", f"--screenshot={shown}", file.as_uri()],
            check=True, capture_output=True, timeout=300,
        )  # fmt: skip
    rgb = sources.read(shown).rgb[:height, :width]
    assert np.abs(rgb.astype(int) - sources.read(exported["png"]).rgb).mean() < 5
    for point in located[1].outcome.points:
        shown_there = rgb[round(point.y_px), round(point.x_px)].astype(int)
        assert np.abs(shown_there - acupoint(point.code).colour).max() < 25


def test_svg_uses_nothing_that_svg_1_1_lacks(exported):
    root = ElementTree.fromstring(exported["svg"])
    assert root.get("version") == "1.1"
    shapes = {f"{SVG}{tag}" for tag in ("svg", "image", "g", "path", "circle", "polygon", "rect")}
    assert {element.tag for element in root.iter()} <= shapes
    for element in root.iter():
        assert not {"href", "paint-order"} & set(element.attrib)
        assert not any(value.startswith("rgba(") or value == "context-stroke" for value in element.attrib.values())


def shown_by(program, svg, png):
    """Have a program that is no browser turn an SVG into a PNG."""
    if program == "rsvg":
        need(shutil.which("rsvg-convert"), "rsvg-convert")
        subprocess.run(["rsvg-convert", "--unlimited", svg, "--output", png], check=True)
    else:
        try:
            import cairosvg
        except (ImportError, OSError):  # OSError where the library cairo itself is not there
            need(False, "CairoSVG")
        cairosvg.svg2png(url=str(svg), write_to=str(png))


@pytest.mark.parametrize("program", ["rsvg", "cairosvg"])
@pytest.mark.parametrize("name", ["svg", "overlay-svg"])
def test_other_readers_of_svg_show_the_same_picture(program, name, located, exported, tmp_path):
    svg, png = tmp_path / "marked.svg", tmp_path / "shown.png"
    svg.write_bytes(exported[name])
    shown_by(program, svg, png)
    with Image.open(png) as shown:
        below = Image.fromarray(located[0]).convert("RGBA") if name == "overlay-svg" else Image.new("RGBA", shown.size)
        below.alpha_composite(shown.convert("RGBA"))
    rgb = np.asarray(below.convert("RGB")).astype(int)
    difference = np.abs(rgb - sources.read(exported["png"]).rgb)
    assert difference.mean() < 3
    # Labels are read, and no blots: as bright in the mean as in the picture.
    for x, y, width, height in level_names(exported[name]):
        assert difference[y : y + height, x : x + width].mean() < 25, (x, y)
    for point in located[1].outcome.points:
        shown_there = rgb[round(point.y_px), round(point.x_px)]
        assert np.abs(shown_there - acupoint(point.code).colour).max() < 25


def level_names(svg):
    """x, y, width and height of what is written beside the spine, in whole px."""
    for path in ElementTree.fromstring(svg).iter(f"{SVG}path"):
        if re.fullmatch(r"[CTLS]\d+", path.get("aria-label", "")):
            numbers = [
                float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", re.sub(r"[HV][^A-Z]*", "", path.get("d")))
            ]
            xs, ys = numbers[::2], numbers[1::2]
            yield int(min(xs)), int(min(ys)), round(max(xs) - min(xs)) + 1, round(max(ys) - min(ys)) + 1


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_is_written_byte_for_byte(name, located, exported):
    assert export(name, *located, date=DAY) == exported[name]


@pytest.mark.parametrize("name", FORMATS)
def test_only_the_chosen_points_are_in_it(name, located, exported):
    chosen = export(name, *located, codes=["BL-18"], date=DAY)
    assert chosen != exported[name]
    assert b"BL-52" not in chosen or name == "coco"  # whose category names all


@pytest.fixture(scope="module")
def sheet(located):
    """Language and paper → the sheet of a large photo that nothing can make small, with a mark moved by hand."""
    noisy = np.random.default_rng(0).integers(0, 255, (4000, 3000, 3), np.uint8)  # nothing compresses worse
    scaled = Similarity.resizing(3000 / located[0].shape[1])
    image = dataclasses.replace(located[1].image, width_px=3000, height_px=4000)
    result = Result(image, scaled.of_location(located[1].outcome))
    return functools.cache(
        lambda language, paper: export("sheet", noisy, result, Style(language=language), paper=paper, date=DAY)
    )


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("paper", ["a4", "letter"])
def test_the_sheet_is_small_and_of_two_pages_at_most_in_every_language(language, paper, sheet):
    assert 1 <= sheet(language, paper).count(b"/Type /Page\n") <= 2
    assert len(sheet(language, paper)) < 2_000_000
    box = {"a4": b"/MediaBox [0 0 595.28 841.89]", "letter": b"/MediaBox [0 0 612.00 792.00]"}[paper]
    assert box in sheet(language, paper)


def read_sheet(folder, sheet):
    """The lines of a sheet."""
    need(shutil.which("pdftotext"), "pdftotext")
    (folder / "sheet.pdf").write_bytes(sheet)
    done = subprocess.run(["pdftotext", "-raw", folder / "sheet.pdf", "-"], check=True, capture_output=True)
    return done.stdout.decode("utf-8").replace("\u00a0", " ").splitlines()


def bare(text):
    """Without spaces: a line may end between any two Chinese characters."""
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("language", languages())
def test_the_sheet_says_how_to_find_and_press_each_point_and_when_not_to(language, sheet, tmp_path):
    said = bare("".join(read_sheet(tmp_path, sheet(language, "a4"))))
    known = {complaint.code: complaint.label for complaint in complaints(language)}
    for point in acupoints(language):
        texts = (point.code, point.label, point.tradition, point.count, point.hint, point.press, point.caution)
        for text in (*texts, *(known[code] for code in point.complaints)):
            assert bare(text) in said, text
    cautions = catalogue(language).cautions
    for entry in (*cautions.not_now, *cautions.ask_first, *cautions.stop_at, *cautions.at_once, *cautions.soon):
        assert bare(entry) in said, entry
    assert DAY.isoformat() in said


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("paper", ["a4", "letter"])
def test_the_sheet_breaks_no_source(language, paper, sheet, tmp_path):
    lines = read_sheet(tmp_path, sheet(language, paper))
    sources = (*catalogue(language).sources, *catalogue(language).study_sources)
    assert all(any(source in line for line in lines) for source in sources)


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("paper", ["a4", "letter"])
def test_the_sheet_is_large_enough_to_be_read(language, paper, sheet, tmp_path):
    need(shutil.which("pdftotext"), "pdftotext")
    (tmp_path / "sheet.pdf").write_bytes(sheet(language, paper))
    command = ["pdftotext", "-bbox-layout", tmp_path / "sheet.pdf", "-"]
    page = ElementTree.fromstring(subprocess.run(command, check=True, capture_output=True).stdout)
    said = catalogue(language).acupoints[0].press[:4].strip()
    heights = [
        float(word.get("yMax")) - float(word.get("yMin"))
        for word in page.iter("{http://www.w3.org/1999/xhtml}word")
        if word.text.startswith(said)
    ]
    assert heights
    assert min(heights) >= 9


def test_the_sheet_says_what_its_points_were_chosen_for(located, exported, tmp_path):
    said = " ".join(read_sheet(tmp_path, export("sheet", *located, codes=["BL-18", "BL-52"])))
    assert "Chosen for: Stress, Lower back" in said
    assert "Chosen for" not in " ".join(read_sheet(tmp_path, exported["sheet"]))


@pytest.mark.parametrize("language", languages())
def test_the_sheet_explains_its_diamonds_and_says_when_the_marks_are_less_sure(language, located, sheet, tmp_path):
    words = catalogue(language)
    rgb, result = located
    points = tuple(dataclasses.replace(point, moved_by_hand=False) for point in result.outcome.points)
    issue = Issue("dark", "It is dark.", "More light.")
    unsure = dataclasses.replace(result, outcome=dataclasses.replace(result.outcome, points=points, issues=(issue,)))
    assert not result.outcome.issues
    unmoved = export("sheet", rgb, unsure, Style(language=language))
    for made, moved, less_sure in ((sheet(language, "a4"), True, False), (unmoved, False, True)):
        said = bare("".join(read_sheet(tmp_path, made))).lower()
        assert (bare(words.picture.moved) in said) is moved
        assert (bare(words.sheet.less_sure).lower() in said) is less_sure


def test_the_sheet_of_some_points_promises_no_six_and_counts_their_minutes(located, exported, tmp_path):
    lines = read_sheet(tmp_path, exported["sheet"])
    assert "Six points for a calm back massage" in " ".join(lines)
    assert "Ten minutes, in this order" in lines
    lines = read_sheet(tmp_path, export("sheet", *located, codes=["GV-9"]))
    assert "Six" not in " ".join(lines)
    assert "Three minutes, in this order" in lines
    assert "3½ minutes, in this order" in read_sheet(tmp_path, export("sheet", *located, codes=["BL-18"]))


def test_the_sheet_leaves_a_blank_for_the_day(located, exported):
    assert export("sheet", *located) != exported["sheet"]


def test_a_back_lying_across_the_photo_is_upright_on_the_sheet(locator, samples):
    photo, result = locator.read(samples["lying_down"])
    picture, location = crops.upright(photo.rgb, result.outcome)
    assert picture.shape[0] > picture.shape[1]
    c7, s2 = crops.spine(location)
    assert s2[1] - c7[1] > 3 * abs(s2[0] - c7[0])
    left, right = (
        [p for p in location.points if p.code == "BL-18" and p.side is side][0] for side in (Side.LEFT, Side.RIGHT)
    )
    assert left.x_px < right.x_px  # seen from behind
    original = next(p for p in result.outcome.points if p.code == "GV-9")
    turned = next(p for p in location.points if p.code == "GV-9")
    there = picture[round(turned.y_px) - 3 : round(turned.y_px) + 4, round(turned.x_px) - 3 : round(turned.x_px) + 4]
    here = photo.rgb[
        round(original.y_px) - 3 : round(original.y_px) + 4, round(original.x_px) - 3 : round(original.x_px) + 4
    ]
    np.testing.assert_allclose(there.mean(axis=(0, 1)), here.mean(axis=(0, 1)), atol=3)


def test_what_cannot_be_saved_is_misuse(located, locator, samples):
    rgb, result = located
    with pytest.raises(ValueError, match="jpeg.*'gif'"):
        export("gif", rgb, result)
    with pytest.raises(ValueError, match="a4.*'a5'"):
        export("sheet", rgb, result, paper="a5")
    with pytest.raises(ValueError, match="540 x 720"):
        export("png", rgb[:-1], result)
    with pytest.raises(LookupError, match="XX-1"):
        export("csv", rgb, result, codes=["XX-1"])
    photo, refused = locator.read(samples["from_the_front"])
    with pytest.raises(ValueError, match="refused"):
        export("json", photo.rgb, refused)


def test_a_document_gives_back_the_location_that_it_was_made_of(located):
    _, result = located
    document = to_dict(result)
    again = dataclasses.replace(location_of(document), issues=result.outcome.issues)
    assert to_dict(dataclasses.replace(result, outcome=again)) == document


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the memory from Linux")
def test_no_format_takes_long_or_much_memory_of_the_largest_photo(locator):
    taken = exporting.exports(exporting.largest())
    assert {one.format for one in taken} == set(FORMATS)
    for one in taken:
        assert one.megabytes < exporting.MEGABYTES, one
        assert one.share < exporting.SHARE, one
