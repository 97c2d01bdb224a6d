"""What the program itself says to a visitor, in each language: pages, components, handles, advice and reasons.

English is whole. Another language may lack any of it and is filled up from English, text by text.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from locator.catalogue.command_words import BatchWords, CommandWords, DoctorWords
from locator.catalogue.data_file import DataFile
from locator.catalogue.filling import filled, typed
from locator.catalogue.languages import ENGLISH, file_name, program_texts
from locator.core.reasons import IssueCode, RefusalCode
from locator.core.types import Issue
from locator.core.unreadable import UnreadableCode


@dataclass(frozen=True)
class Saying:
    """A short sentence, and one that says why."""

    say: str
    why: str


@dataclass(frozen=True)
class HandleText:
    """What one of :data:`~locator.core.body.LANDMARKS` is called, in a sentence too, how to find it, what it is for."""

    label: str
    name: str
    hint: str
    purpose: str


@dataclass(frozen=True)
class ReasonText:
    """What is wrong, and what to do."""

    message: str
    remedy: str


@dataclass(frozen=True)
class PageWords:
    """What both pages say."""

    name: str
    photo: str
    live: str
    promise: str
    not_fetched: str
    fetch: str
    fetching: str
    fetching_step: str
    cannot_start: str
    run_doctor: str
    wrong_setting: str
    try_again: str
    complaints: str
    some_points: str
    style: str
    labels: str
    label_kinds: Mapping[str, str]
    language: str
    size: str
    sizes: Mapping[str, str]


@dataclass(frozen=True)
class GateWords:
    """What those read who are not let in: who asks by a wrong name, from another site, and in another site's frame."""

    name: Saying
    site: Saying
    frame: Saying
    open: str


@dataclass(frozen=True)
class NoticeWords:
    """What is said when a photo is gone or has not arrived, or when the page's server is away."""

    lost: Saying
    down: Saying
    too_large: Saying
    refused: Saying
    unreachable: Saying
    failed: Saying
    open: str


@dataclass(frozen=True)
class CardWords:
    """The headings of a card, and of when not to press."""

    choose: str
    tap: str
    where: str
    tradition: str
    find: str
    press: str
    avoid: str
    before: str
    not_now: str
    ask_first: str
    stop_at: str
    at_once: str
    soon: str


@dataclass(frozen=True)
class PhotoWords:
    """What the photo page says."""

    title: str
    introduction: str
    upload: str
    camera: str
    from_camera: str
    samples: str
    upload_hint: str
    camera_hint: str
    good_photo: str
    shelf: str
    made_room: str
    remove: str
    waiting: str
    waiting_next: str
    looking: str
    failed: str
    failed_remedy: str
    people: str
    person: str
    not_marked: str
    marked_by_hand: str
    by_hand: str
    by_hand_how: str
    timer: str


@dataclass(frozen=True)
class DropZoneWords:
    """What the drop zone says; ``another`` is its button where a photo is on the page already."""

    choose: str
    another: str
    hint: str
    uploading: str
    too_large: str


@dataclass(frozen=True)
class CorrectionWords:
    """What is said of putting the picture right by hand."""

    ring: str
    sizes: str
    mirrored: str
    mirrored_how: str
    fingers: str
    measured_by: str
    measures: Mapping[str, str]
    how_to_measure: Mapping[str, str]
    find_hand: str
    finding_hand: str
    no_hand: str
    no_hand_remedy: str
    four_fingers_mm: str
    length_mm: str
    effect_none: str
    effect_more: str
    effect_less: str
    files: str
    save: str
    use: str
    wrong_file: str
    sides: Mapping[str, str]
    four_fingers: str
    length: str
    guide: str
    spoken: str
    moved: str


@dataclass(frozen=True)
class TakeAwayWords:
    """What is said of all that can be taken away."""

    picture: str
    sheet: str
    data: str
    style: str
    paper: str
    papers: Mapping[str, str]
    view: str
    view_title: str
    view_alt: str
    others: str
    other: str
    hide_head: str
    hide_part: str
    hide_none: str
    hidden: str
    compare: str
    compare_photo: str
    compare_how: str
    compare_alt: str
    compare_download: str


@dataclass(frozen=True)
class LiveWords:
    """What the live page says."""

    title: str
    cannot: str
    start_camera: str
    stop_camera: str
    choose_camera: str
    camera_chosen: str
    mirror: str
    mirror_how: str
    troubles: Mapping[str, Saying]
    silent: Saying
    waiting: Saying
    start: Saying
    tracked: Saying


@dataclass(frozen=True)
class ToolWords:
    """A button of the editor: the text in it, and what it does."""

    text: str
    title: str


@dataclass(frozen=True)
class EditorWords:
    """What the editor says and reads out."""

    picture: str
    toolbar: str
    tools: Mapping[str, ToolWords]
    done: Mapping[str, str]
    both_on: str
    both_off: str
    moved: str
    moved_with_points: str
    end: str
    corner: str
    draggable: str
    set_by: Mapping[str, str]
    how: str
    accept: str
    two_fingers: str
    four_fingers: str


@dataclass(frozen=True)
class StreamlitWords:
    """What Streamlit's own widgets say."""

    skip: str
    upload: str
    file_upload: str
    per_file: str
    take_photo: str
    clear_photo: str
    asks_for_camera: str
    how_to_allow: str
    snapshot: str
    choose: str
    open: str
    close: str
    lock: str


@dataclass(frozen=True)
class CompanionWords:
    """What stands below the live picture; ``voice`` is how the tag of a voice that speaks the language begins."""

    freeze: str
    freezing: str
    aloud: str
    voice: str


@dataclass(frozen=True)
class TimerWords:
    """What the press timer says and reads out."""

    title: str
    point: str
    minutes: str
    left: str
    sound: str
    stop: str
    main: Mapping[str, str]
    cues: Mapping[str, str]
    next: str
    no_next: str
    midline: str
    first_left: str
    now_right: str
    begins: str
    one_minute: str
    some_minutes: str
    half: str
    over: str


@dataclass(frozen=True)
class Words:
    """Everything that the program itself says in one language.

    Attributes:
        handles: by :data:`~locator.core.body.LANDMARKS`.
        advice: by :class:`~locator.core.reasons.AdviceCode`.
        reasons: translations of :mod:`locator.core.reasons`, by code.
        samples: translations of the titles of the sample pictures, by file name without ending.
        formats: translations of what the formats are called, by name.
        drawings: translations of what the drawings show, by :class:`~locator.core.reasons.Drawing`.
        sentences: translations of the other sentences of the command and of the libraries that it uses, by the English.
    """

    page: PageWords
    gate: GateWords
    notices: NoticeWords
    card: CardWords
    photo: PhotoWords
    dropzone: DropZoneWords
    corrections: CorrectionWords
    take_away: TakeAwayWords
    live: LiveWords
    editor: EditorWords
    streamlit: StreamlitWords
    companion: CompanionWords
    command: CommandWords
    batch: BatchWords
    doctor: DoctorWords
    timer: TimerWords
    handles: Mapping[str, HandleText]
    advice: Mapping[str, Saying]
    reasons: Mapping[str, ReasonText]
    samples: Mapping[str, str]
    formats: Mapping[str, str]
    drawings: Mapping[str, str]
    sentences: Mapping[str, str]

    def reason(self, issue: Issue) -> Issue:
        """The same reason in this language; as it is where there is no translation."""
        text = self.reasons.get(issue.code)
        return dataclasses.replace(issue, message=text.message, remedy=text.remedy) if text else issue


_TRANSLATED = (
    "reasons",
    "samples",
    "formats",
    "drawings",
    "sentences",
)  # whose English stands beside what they are about
_CODES = {code.value for codes in (RefusalCode, IssueCode, UnreadableCode) for code in codes}


@cache
def words(language: str = ENGLISH) -> Words:
    """Everything that the program itself says in a language.

    Raises:
        LookupError: if the program does not speak it.
        CatalogueError: if the file is wrong; the message names the file, the entry and the field.
    """
    return read(program_texts(language), program_texts(ENGLISH), file_name(language))


def read(texts: Mapping[str, Any], english: Mapping[str, Any], name: str = "the texts") -> Words:
    """The words in the parsed table ``program`` of a language's file, filled up from the English one.

    Raises:
        CatalogueError: naming the file, called ``name``, the entry and the field that is wrong.
    """
    file = DataFile(name)
    file.table("program", texts, {*english, *_TRANSLATED})
    given = {part: texts.get(part, {}) for part in _TRANSLATED}
    empty = {part: dict.fromkeys(table, "") if isinstance(table, Mapping) else {} for part, table in given.items()}
    reasons = {code: {"message": "", "remedy": ""} for code in empty["reasons"] if code in _CODES}
    sentences = {text: text for text in empty["sentences"]}
    whole = filled(
        file, "program", {**texts, **given}, {**english, **empty, "reasons": reasons, "sentences": sentences}
    )
    made: Words = typed(file, "program", Words, whole)
    return made
