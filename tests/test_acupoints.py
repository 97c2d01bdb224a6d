"""The cards: six points, eleven marks, said truly and with care."""

from __future__ import annotations

import copy
import re

import pytest

from locator.catalogue import acupoints, loading
from locator.catalogue.data_file import CatalogueError
from locator.catalogue.languages import catalogue_texts, languages
from locator.core import toml

# Levels and lateral distances as the WHO standard defines them.
WHO = {
    "BL-43": ("T4", 3.0),
    "GV-9": ("T7", 0.0),
    "BL-18": ("T9", 1.5),
    "BL-21": ("T12", 1.5),
    "BL-23": ("L2", 1.5),
    "BL-52": ("L2", 3.0),
}
SHOWN_FOR = {
    "Stress": {"BL-18"},
    "Upper back": {"BL-43"},
    "Lower back": {"BL-52"},
    "Stomach pain": {"BL-21"},
    "Poor appetite, heartburn": {"GV-9"},
    "Feeling cold": {"BL-23"},
}
POINTS = acupoints.acupoints()
TEXTS = [
    *(text for p in POINTS for text in (p.tradition, p.find, p.press, p.avoid, p.where)),
    *(text for name in ("not_now", "ask_first", "stop_at", "at_once", "soon")
      for text in getattr(acupoints.cautions(), name)),
    acupoints.cautions().uses,
    acupoints.cautions().evidence,
]  # fmt: skip
each_point = pytest.mark.parametrize("point", POINTS, ids=lambda p: p.code)


def document():
    return copy.deepcopy(toml.data("catalogue/acupoints"))


def entry_of(data, code="BL-18"):
    """The entry of one point in the parsed data."""
    return next(entry for entry in data["acupoint"] if entry["code"] == code)


def texts(language="en"):
    return copy.deepcopy(catalogue_texts(language))


def test_six_points_make_eleven_marks():
    assert {p.code for p in POINTS} == set(WHO)
    assert sum(2 if p.paired else 1 for p in POINTS) == 11


@pytest.mark.parametrize("code", WHO)
def test_level_and_distance_are_those_of_the_who_standard(code):
    point = acupoints.acupoint(code)
    assert (point.level, point.lateral_cun) == WHO[code]


@each_point
def test_where_says_the_level_the_distance_and_the_fingers(point):
    sentence = point.where
    assert re.search(rf"\b{point.level}\b", sentence)
    if point.paired:
        assert f"{point.lateral_cun:g} cun" in sentence
        assert {1.5: "2 finger-widths", 3.0: "4 finger-widths"}[point.lateral_cun] in sentence
        assert "each side of the spine" in sentence
    else:
        assert "midline" in sentence
        assert "cun" not in sentence


@each_point
def test_finding_by_hand_counts_down_from_c7_to_the_points_own_level(point):
    bumps = {
        "T1": "one", "T2": "two", "T3": "three", "T4": "four", "T5": "five", "T6": "six", "T7": "seven", "T8": "eight",
        "T9": "nine", "T10": "ten", "T11": "eleven", "T12": "twelve", "L1": "thirteen", "L2": "fourteen",
    }  # fmt: skip
    assert f"count {bumps[point.level]} bumps down" in point.find
    assert "bends forward" in point.find
    assert point.find.endswith("Trust your finger more than the picture.")


@each_point
def test_each_card_has_a_name_in_three_scripts_and_every_text(point):
    assert re.search(r"[\u4e00-\u9fff]", point.hanzi)
    assert point.name.isascii()
    assert point.pinyin.isascii()
    assert all((point.tradition, point.find, point.press))
    assert "radition" in point.tradition


@each_point
def test_each_card_says_when_not_to_and_speaks_of_pregnancy(point):
    assert "Not" in point.avoid or "No " in point.avoid or "Never" in point.avoid
    assert "pregnancy" in point.avoid


@pytest.mark.parametrize("code", ["BL-23", "BL-52"])
def test_lower_back_points_are_not_for_pregnancy_nor_hard_pressure(code):
    avoid = acupoints.acupoint(code).avoid
    assert "Not at all in pregnancy" in avoid
    assert "No hard pressure" in avoid
    assert "kidneys" in avoid


@pytest.mark.parametrize("code", ["BL-18", "BL-21"])
def test_no_hard_pressure_over_the_lower_ribs(code):
    assert re.search(r"No hard pressure.*ribs", acupoints.acupoint(code).avoid)


def test_the_point_on_the_spine_is_only_for_soft_pressure():
    point = acupoints.acupoint("GV-9")
    assert "softly" in point.avoid
    assert "Gently" in point.press


def test_where_tradition_and_measurement_differ_the_card_says_both():
    assert "T8" in acupoints.acupoint("GV-9").find
    assert "between L2 and L4" in acupoints.acupoint("BL-52").find


def test_nothing_promises_a_cure():
    promise = re.compile(r"\b(cur(e|es|ing)|heal(s|ing)?|guarante\w*|proven|treat(s|ment)?|remed\w+)\b", re.I)
    assert [text for text in TEXTS if promise.search(text)] == []


def test_warning_signs_are_all_there():
    at_once, soon = (" ".join(signs) for signs in (acupoints.cautions().at_once, acupoints.cautions().soon))
    for word in ("chest", "bladder", "legs", "black stools"):
        assert word in at_once
    for word in ("night", "fever", "weight"):
        assert word in soon
    first = " ".join(acupoints.cautions().ask_first).lower()
    for word in (
        "pregnancy",
        "osteoporosis",
        "cancer",
        "blood thinners",
        "herniated disc",
        "operation",
        "fever",
    ):
        assert word in first
    assert "limited" in acupoints.cautions().evidence


@pytest.mark.parametrize(("label", "codes"), SHOWN_FOR.items())
def test_a_complaint_chooses_its_points(label, codes):
    (complaint,) = [c for c in acupoints.complaints() if c.label == label]
    assert acupoints.codes_for([complaint.code]) & set(WHO) == codes


def test_two_complaints_show_the_points_of_both_and_none_shows_all():
    assert acupoints.codes_for(["stress", "feeling_cold"]) & set(WHO) == {"BL-18", "BL-23"}
    assert acupoints.codes_for([]) == {point.code for point in POINTS}


def test_unknown_names_are_answered_with_the_known_ones():
    with pytest.raises(LookupError, match=r"BL-18.*'BL-99'"):
        acupoints.acupoint("BL-99")
    with pytest.raises(LookupError, match="stress.*'hiccups'"):
        acupoints.codes_for(["hiccups"])


@pytest.mark.parametrize(
    ("cun", "words"),
    [
        (0.1, "half a finger-width"),
        (0.75, "1 finger-width"),
        (1.1, "1½ finger-widths"),
        (1.2, "2 finger-widths"),
        (3, "4 finger-widths"),
    ],
)
def test_distances_are_said_in_finger_widths_and_never_too_short(cun, words):
    assert acupoints.finger_widths(cun) == words


def test_a_new_point_is_an_entry_in_the_data_and_one_in_each_language_and_no_code():
    data, words = document(), texts()
    data["acupoint"].append({**entry_of(data), "code": "BL-13", "level": "T3", "colour": "#123456"})
    words["points"]["BL-13"] = {**words["points"]["BL-18"], "name": "Lung Transporter"}
    point = loading.read(data, words).acupoints[-1]
    assert point.where.startswith("Level with the lower edge of the spinous process of T3, the third thoracic")
    assert "count three bumps down to T3" in point.find


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("level", "T13"),
        ("level", 9),
        ("lateral_cun", "1.5"),
        ("lateral_cun", -1),
        ("lateral_cun", float("nan")),
        ("lateral_cun", True),
        ("minutes", "long"),
        ("paired", "yes"),
        ("complaints", []),
        ("complaints", ["hiccups"]),
        ("level", "T9 "),
        ("aliases", "UB-18"),
        ("pinyin", ""),
        ("colour", "green"),
        ("colour", [0, 158, 115]),
        ("colour", "#e69f00"),  # another point's
    ],
)
def test_a_broken_entry_names_its_file_itself_and_the_field(field, value):
    data = document()
    entry_of(data)[field] = value
    with pytest.raises(CatalogueError, match=rf"acupoints.toml: acupoint BL-18: field '{field}'"):
        loading.read(data, texts())


def test_a_point_further_down_than_the_language_can_count_is_refused():
    data = document()
    entry_of(data)["level"] = "L4"
    with pytest.raises(CatalogueError, match=r"^xx.toml: the file: field 'numbers': expected numbers up to 16"):
        loading.read(data, texts(), "xx.toml")
    words = texts()
    words["numbers"] += ["fifteen", "sixteen"]
    assert "count sixteen bumps down to L4" in loading.read(data, words).acupoint("BL-18").find


def test_a_missing_a_misspelt_and_a_double_entry_name_themselves():
    data = document()
    del entry_of(data, "BL-43")["level"]
    with pytest.raises(CatalogueError, match="acupoint BL-43: field 'level' is missing"):
        loading.read(data, texts())
    data = document()
    entry_of(data, "BL-43")["lateral"] = 3
    with pytest.raises(CatalogueError, match="acupoint BL-43: field 'lateral' is unknown"):
        loading.read(data, texts())
    data = document()
    data["acupoint"].append(entry_of(data, "BL-43"))
    with pytest.raises(CatalogueError, match="acupoint BL-43: field 'code'"):
        loading.read(data, texts())
    data = document()
    entry_of(data, "BL-43")["code"] = "18"
    with pytest.raises(CatalogueError, match="acupoint 18: field 'code'"):
        loading.read(data, texts())


@pytest.mark.parametrize("part", ["complaints", "acupoint", "routine", "sources"])
def test_a_file_that_lacks_a_part_says_so(part):
    data = document()
    del data[part]
    with pytest.raises(CatalogueError, match=part):
        loading.read(data, texts())
    data = document()
    data[part] = "nothing"
    with pytest.raises(CatalogueError, match=part):
        loading.read(data, texts())


def test_a_complaint_without_a_point_is_refused():
    data = document()
    data["complaints"].append("hiccups")
    with pytest.raises(CatalogueError, match="hiccups"):
        loading.read(data, texts())


each_language = pytest.mark.parametrize("language", languages())
each_chinese = pytest.mark.parametrize("language", [one for one in languages() if one.startswith("zh")])


def test_english_and_both_kinds_of_chinese_are_spoken():
    assert languages()[0] == "en"
    assert set(languages()) >= {"en", "zh-Hans", "zh-Hant"}
    assert acupoints.acupoint("BL-18", "zh-Hans").name == "肝俞"
    assert acupoints.acupoint("BL-23", "zh-Hant").name == "腎俞"
    assert acupoints.acupoint("GV-9", "zh-Hans").name == "至阳"
    with pytest.raises(LookupError, match="zh-Hans.*'tlh'"):
        acupoints.acupoints("tlh")


@each_chinese
def test_the_names_in_chinese_are_those_of_the_catalogue(language):
    for point in acupoints.acupoints(language):
        assert point.name in (point.hanzi, *point.aliases)
        assert point.label == point.name


def leaves(table, path=()):
    """(path, text) of every text in a file of texts."""
    if isinstance(table, dict):
        for name, value in table.items():
            yield from leaves(value, (*path, name))
    else:
        yield path, table


@each_language
def test_a_text_that_is_missing_or_too_many_is_named_with_its_file_and_entry(language):
    names = {path for path, _ in leaves(texts(language))}
    for path in names:
        words = texts(language)
        table = words
        for name in path[:-1]:
            table = table[name]
        del table[path[-1]]
        with pytest.raises(CatalogueError, match=rf"^xx.toml: .*{path[-1]}"):
            loading.read(document(), words, "xx.toml")
    for entry in ("cautions", "sheet", "picture", "find", "place", "routine", "complaints", "points"):
        words = texts(language)
        words[entry]["extra"] = "word"
        with pytest.raises(CatalogueError, match=rf"^xx.toml: {entry}: field 'extra' is unknown"):
            loading.read(document(), words, "xx.toml")


@each_language
def test_an_empty_text_and_a_placeholder_nobody_fills_are_named(language):
    for wrong in ("", "  ", "to {levle}", "to {}", "to {level!r}", "to {level:5}", "left {open", "shut}", ["count"], 3):
        words = texts(language)
        words["points"]["BL-18"]["press"] = wrong
        with pytest.raises(CatalogueError, match=r"points.BL-18: field 'press'"):
            loading.read(document(), words)


@pytest.mark.parametrize(
    ("field", "value"),
    [("ordinals", ["first"]), ("ordinals", ["{"] * 12), ("regions", {"C": 1, "T": "a", "L": "b", "S": "c"})],
)
def test_too_few_words_for_the_vertebrae_or_none_are_named(field, value):
    words = texts("en")
    words["place"][field] = value
    with pytest.raises(CatalogueError, match=f"place.*{field}"):
        loading.read(document(), words)


def test_a_name_in_characters_that_is_none_is_named():
    data = document()
    entry_of(data)["hanzi"]["Hans"] = 3
    with pytest.raises(CatalogueError, match="acupoint BL-18, hanzi: field 'Hans'"):
        loading.read(data, texts("en"))


@each_language
def test_every_language_says_every_level_and_distance_as_the_data_has_it(language):
    for point in acupoints.acupoints(language):
        assert point.level in point.where
        assert point.level in point.find
        if point.lateral_cun:
            assert f"{point.lateral_cun:g}" in point.where
        moved = document()
        entry = next(e for e in moved["acupoint"] if e["code"] == point.code)
        entry["level"] = "T11"
        other = loading.read(moved, texts(language)).acupoint(point.code)
        assert point.level not in other.where + other.count
        assert "T11" in other.where
        assert "T11" in other.count


@each_language
def test_no_text_is_left_with_a_placeholder_or_untranslated(language):
    catalogue = acupoints.catalogue(language)
    said = [
        *(getattr(p, f) for p in catalogue.acupoints for f in ("where", "tradition", "find", "press", "avoid")),
        *catalogue.cautions.not_now, *catalogue.cautions.at_once, *catalogue.cautions.soon,
        catalogue.cautions.uses, catalogue.cautions.evidence, catalogue.routine.begin, catalogue.routine.end,
    ]  # fmt: skip
    for text in said:
        assert "{" not in text
        if language.startswith("zh"):
            assert not re.search(r"[a-z]{3}", text), text
            assert re.search(r"[\u4e00-\u9fff]{2}", text), text


@each_language
def test_the_routine_takes_ten_minutes(language):
    catalogue = acupoints.catalogue(language)
    assert catalogue.routine.total_minutes(catalogue.acupoints) == 10.0


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "pregnancy wounds infected moles bruises fever osteoporosis surgery cancer thinners clotting disc"),
        ("zh-Hans", "孕期 伤口 感染 痣 瘀伤 发热 骨质疏松 手术 癌症 抗凝药 凝血异常 椎间盘突出"),
        ("zh-Hant", "孕期 傷口 感染 痣 瘀傷 發燒 骨質疏鬆 手術 癌症 抗凝血藥 凝血異常 椎間盤突出"),
    ],
)
def test_every_point_says_when_not_to_press(language, words):
    for point in acupoints.acupoints(language):
        assert [word for word in words.split() if word not in point.avoid] == []


def test_evidence_is_called_limited_and_names_two_or_three_sources():
    catalogue = acupoints.catalogue()
    assert "limited" in catalogue.cautions.evidence
    assert 2 <= len(catalogue.sources) <= 3
    assert all(re.search(r"\b20\d\d\b", source) for source in catalogue.sources)
