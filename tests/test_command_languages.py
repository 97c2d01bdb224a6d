"""What the command says of misuse and of what the machine fails or lacks is in the language that was asked for."""

import ast
import errno
import os
import re
from pathlib import Path
from string import Formatter

import pytest
import typer

from locator.catalogue.languages import languages
from locator.catalogue.words import words
from locator.cli import commands, language, messages
from locator.models.registry import ModelUnavailable

PACKAGE = Path(language.__file__).parents[1]
each_language = pytest.mark.parametrize("asked", languages())
each_chinese = pytest.mark.parametrize("asked", [one for one in languages() if one.startswith("zh")])

# What says something to a person at the command.
SAYING = {
    *("BadParameter", "VideoError", "ModelUnavailable", "_no_manifest", "AnchorsError", "translated", "confirm"),
    *("BatchRefused", "ClusterFailed", "WorkersFailed"),
}
FROM_ELSEWHERE = {
    "{} (on {})",  # a reason, and the machine of a cluster that has it
}

MISUSE = [
    ("annotate",),
    ("annotate", "a.jpg"),
    ("annotate", "a.jpg", "--out"),
    ("annotate", "a.jpg", "--outt", "b.jpg"),
    ("annotate", "a.jpg", "--blur-head=1", "--out", "b.jpg"),
    ("annotate", "a.jpg", "--out", "b.jpg", "--size", "9"),
    ("annotate", "a.jpg", "--out", "b.jpg", "--size", "0"),
    ("annotate", "a.jpg", "--out", "b.jpg", "--size", "x"),
    ("annotate", "a.jpg", "--out", "b.jpg", "--labels", "x"),
    ("annotate", "a.jpg", "--out", "b.jpg", "--date", "x"),
    ("annotate", "a.jpg", "--out", "b.jpg", "--blur", "1,2"),
    ("annotate", "a.jpg", "--out", "b.jpg", "--points", "x"),
    ("annotate", "a.jpg", "--out", "b.xyz"),
    ("annotate", "a.jpg", "c.jpg", "--out", "b.jpg"),
    ("annotate", "-", "-", "--out", "b/"),
    ("annotate", "a.jpg", "--out", "b.jpg", "--person", "1", "--all"),
    ("compare", "a.jpg", "b.jpg", "c.jpg", "--out", "d.jpg"),
    ("batch", "nowhere", "--out", "b"),
    ("live", "--out", "b.jpg"),
    ("live", "--camera", "0", "--video", "a.mp4"),
    ("serve", "--port", "x"),
    ("nothing",),
    ("--nothing",),
]


@pytest.fixture
def speak():
    """Make the command speak a language; English again in the end."""
    yield lambda asked: language.listen(["--language", asked])
    language.listen([])


def texts(node):
    """The texts that an expression may be, ``{}`` for what differs from case to case."""
    if isinstance(node, ast.IfExp):
        return [*texts(node.body), *texts(node.orelse)]
    if isinstance(node, ast.BinOp):
        return [left + right for left in texts(node.left) for right in texts(node.right)]
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.JoinedStr):
        return ["".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)]
    return []


def sentences():
    """Every sentence in the source that the command may say: file and text."""
    for file in sorted(PACKAGE.rglob("*.py")):
        if file.parent.name in ("web", "serve"):
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in SAYING:
                yield from ((file.name, text) for one in node.args for text in texts(one))
            elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in ("remedy", "question", "why"):
                yield from ((file.name, text) for text in texts(node.value) if text)


def placeholders(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def english_in(said):
    """Words of English that are left, but for names, values and what is to be typed."""
    typed = r"'[^']*'|--[\w-]+|\[OPTIONS\]|\[ARGS\]|\{?[A-Z]{2,}\}?|locator \w+|/?\S*\.\w+"
    names = r"[Rr]ay|WebM|Node\.js|npm|pip|sha256|image|doctor|locator|stress|[A-Z]{2}-\d+|zh-\w+|en|codes|names"
    return re.findall(r"[A-Za-z]{3,}", re.sub(rf"{typed}|(?<![A-Za-z])(?:{names})(?![A-Za-z])", "", said))


@each_chinese
def test_every_sentence_in_the_source_has_its_translation(asked, speak):
    speak(asked)
    found = {(file, text) for file, text in sentences() if text not in FROM_ELSEWHERE and re.search("[a-z]{2}", text)}
    assert len(found) > 80
    assert {
        one for one in found if language.translated(one[1].replace("{}", "7")) == one[1].replace("{}", "7")
    } == set()


@each_chinese
def test_a_translation_keeps_what_differs_from_case_to_case(asked):
    kind = {"kind"}  # of a model: its name says it
    for english, said in words(asked).sentences.items():
        assert placeholders(said) | kind == placeholders(english) | kind, english


@each_chinese
def test_no_english_is_left_in_a_translation(asked):
    said = words(asked).sentences.values()
    assert {text: left for text in said if (left := english_in(re.sub(r"\{\w+\}", "", text)))} == {}


@each_language
@pytest.mark.parametrize("typed", MISUSE, ids=" ".join)
def test_misuse_is_told_in_the_language(asked, typed, speak, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    chosen = (
        (*typed[:1], f"--language={asked}", *typed[1:]) if typed[0] != "--nothing" else (*typed, "--language", asked)
    )
    with pytest.raises(SystemExit) as ended:
        commands.app(list(chosen), prog_name="locator")
    assert ended.value.code == messages.MISUSE
    said = capsys.readouterr().err
    assert ("Error: " in said) == (asked == "en")
    assert asked == "en" or english_in(said) == [], said


@each_chinese
@pytest.mark.parametrize(
    "error",
    [
        *(OSError(number, os.strerror(number), "a.7") for number in (
            errno.ENOSPC, errno.EACCES, errno.ENOENT, errno.EROFS, errno.EISDIR, errno.ENOTDIR, errno.EIO,
            errno.ENAMETOOLONG, errno.EMFILE, errno.EDQUOT, errno.ENOMEM,
        )),
        MemoryError(),
        messages.OutputError(errno.ENOSPC, os.strerror(errno.ENOSPC)),
    ],
    ids=str,
)  # fmt: skip
def test_what_the_machine_fails_is_told_in_the_language(asked, error, speak, capsys):
    speak(asked)
    with pytest.raises(SystemExit), messages.failures_told():
        raise error
    said = capsys.readouterr().err
    assert english_in(said) == [], said
    assert re.search(r"[\u4e00-\u9fff]", said)


@each_chinese
def test_a_missing_model_is_told_in_the_language(asked, speak, capsys):
    speak(asked)
    error = ModelUnavailable("The list of the models cannot be read (Permission denied).", "Install the program anew.")
    with pytest.raises(typer.Exit), messages.missing_parts_explained():
        raise error
    said = capsys.readouterr().err
    assert english_in(said) == []
    assert "。" in said
    assert ". " not in said


def test_texts_that_cannot_be_read_do_not_hide_what_is_told(speak, monkeypatch):
    def damaged(_):
        raise ValueError("texts/zh-Hans.toml is damaged")

    speak("zh-Hans")
    monkeypatch.setattr(language, "_sentences", damaged)
    assert language.translated("Permission denied") == "Permission denied"
