"""Everything that the program says comes from the file of a language, and English fills what another lacks."""

import copy
import re
from pathlib import Path

import pytest

from locator.catalogue import words as module
from locator.catalogue.data_file import CatalogueError
from locator.catalogue.languages import languages, program_texts
from locator.catalogue.words import read, words
from locator.core import resources, toml
from locator.core.body import LANDMARKS
from locator.core.reasons import AdviceCode, Drawing, IssueCode, RefusalCode, refusal
from locator.core.unreadable import UnreadableCode
from locator.formats import FORMATS
from locator.web import components

ENGLISH = program_texts("en")
CODES = {code.value for codes in (RefusalCode, IssueCode, UnreadableCode) for code in codes}
SAMPLES = {file.stem for file in resources.path("sample_images").glob("*.jpg")}
each_language = pytest.mark.parametrize("language", languages())
each_chinese = pytest.mark.parametrize("language", [one for one in languages() if one.startswith("zh")])


def texts(table, path=()):
    """(path, text) of every text in a table of tables."""
    for name, value in table.items():
        yield from texts(value, (*path, name)) if isinstance(value, dict) else [((*path, name), value)]


def changed(*path, to):
    """The English texts with one of them changed."""
    made = copy.deepcopy(ENGLISH)
    table = made
    for name in path[:-1]:
        table = table.setdefault(name, {})
    table[path[-1]] = to
    return made


@each_language
def test_every_handle_and_advice_has_its_words(language):
    said = words(language)
    assert list(said.handles) == list(LANDMARKS)
    assert set(said.advice) == set(AdviceCode)


@each_language
def test_only_what_there_is_is_translated(language):
    said = words(language)
    assert set(said.reasons) <= CODES
    assert set(said.samples) <= SAMPLES
    assert set(said.formats) <= set(FORMATS)
    assert set(said.drawings) <= set(Drawing)


@each_chinese
def test_chinese_leaves_nothing_of_the_pages_to_english(language):
    assert {path for path, _ in texts(ENGLISH)} <= {path for path, _ in texts(program_texts(language))}


@each_chinese
def test_no_english_sentence_is_left_in_chinese(language):
    for path, text in texts(program_texts(language)):
        said = re.sub(r"`[^`]*`|\{\w+\}", "", text)
        assert not re.search(r"[a-z]{3,} [a-z]{3,} [a-z]{3,}", said), path


def test_a_language_says_in_english_what_its_file_lacks():
    said = read({"page": {"photo": "Photographie"}}, ENGLISH)
    assert said.page.photo == "Photographie"
    assert said.page.live == words().page.live
    assert said.handles == words().handles
    assert said.reason(refusal(RefusalCode.BENT)) == refusal(RefusalCode.BENT)
    assert read({}, ENGLISH) == words()


def test_a_reason_is_translated_by_its_code():
    french = {"reasons": {"bent": {"message": "Le dos est courbé.", "remedy": "Se tenir droit."}}}
    said = read(french, ENGLISH).reason(refusal(RefusalCode.BENT))
    assert (said.code, said.message, said.remedy) == ("bent", "Le dos est courbé.", "Se tenir droit.")


@pytest.mark.parametrize(
    ("path", "to", "expected"),
    [
        (("page", "fotos"), "Fotos", "program.page: field 'fotos' is unknown"),
        (("pages",), {}, "program: field 'pages' is unknown"),
        (("page", "photo"), "", "program.page: field 'photo': expected some text"),
        (("page", "photo"), 3, "program.page: field 'photo': expected some text"),
        (("page",), "Photo", "program.page: expected a table"),
        (("page", "some_points"), "{shown} of {all}", "program.page: field 'some_points': expected no other"),
        (("page", "some_points"), "{shown", "program.page: field 'some_points': expected a closing brace"),
        (("reasons", "bnet"), {"message": "a", "remedy": "b"}, "program.reasons: field 'bnet' is unknown"),
        (("reasons", "bent"), {"message": "a"}, "program.reasons.bent: field 'remedy': expected some text"),
        (("reasons", "bent"), {"message": "{kind}", "remedy": "b"}, "field 'message': expected no other"),
        (("samples",), "standing", "program.samples: expected a table"),
        (("samples", "standing"), {}, "program.samples: field 'standing': expected some text"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_entry(path, to, expected):
    with pytest.raises(CatalogueError, match=rf"^texts/xx.toml: .*{re.escape(expected)}"):
        read(changed(*path, to=to), ENGLISH, "texts/xx.toml")


def test_a_language_that_is_not_spoken_is_answered_with_those_that_are():
    with pytest.raises(LookupError, match="zh-Hans.*'tlh'"):
        words("tlh")


def test_scripts_have_no_words_of_their_own():
    """Every word comes from Python; what is in quotes here are names, not text."""
    folder = Path(components.__file__).parent
    for file in [*folder.rglob("*.js"), *folder.rglob("*.html")]:
        code = re.sub(r"//.*", "", file.read_text(encoding="utf-8"))
        assert not re.search(r"""(textContent = |aria-label": |aria-label=|title: |title=)["'`][A-Z]""", code), file
        assert not re.search(r">\s*[A-Z][a-z]+\s*<", code), file


def test_every_table_of_the_file_is_a_part_of_the_words():
    assert {*ENGLISH, "reasons", "samples", "formats", "drawings", "sentences"} == set(
        module.Words.__dataclass_fields__
    )


# Written so in one of both scripts only; each pair is simplified, then traditional.
PAIRS = [
    "体體",
    "显顯",
    "点點",
    "这這",
    "张張",
    "个個",
    "页頁",
    "选選",
    "为為",
    "过過",
    "从從",
    "时時",
    "间間",
    "对對",
    "应應",
    "关關",
    "会會",
    "将將",
    "说說",
    "请請",
    "开開",
    "让讓",
    "后後",
    "线線",
    "与與",
    "标標",
    "记記",
]


@pytest.mark.parametrize(("language", "foreign"), [("zh-Hans", 1), ("zh-Hant", 0)])
def test_each_chinese_is_written_in_its_own_characters(language, foreign):
    text = (toml.PACKAGE / "catalogue" / "texts" / f"{language}.toml").read_text(encoding="utf-8")
    assert not {pair[foreign] for pair in PAIRS} - {"后"} & set(text)
