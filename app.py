"""The page: upload or take a photo of a back, see the marks beside the cards.

Widgets and session state only; what is decided is decided in :mod:`locator`. A visitor's photo is kept in
that visitor's session, in memory, and nowhere else.
"""

from __future__ import annotations

import hashlib
import logging
from html import escape
from pathlib import Path

import streamlit as st

from editor import panel, take_away
from locator import Locator, acupoints, drawings, handles, models, native_log, resources, scene
from locator.acupoints import Acupoint
from locator.types import Issue, Photo, Result

LOG = logging.getLogger("locator.page")

UPLOAD, CAMERA, SAMPLE = "Upload a photo", "Use the camera", "Try a sample"
FIRST_SAMPLE = "Standing"

GOOD_PHOTO = """\
**A photo that works well**

- the bare back, from the neck to below the hips; the head may be in it or not
- the camera straight behind, level with the middle of the back
- arms hanging, even light, one person
"""

# A picture of our own: Streamlit fetches emoji and icon-font favicons from the internet.
ICON = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<circle cx="16" cy="16" r="12" fill="none" stroke="#5c978a" stroke-width="3"/>
<circle cx="16" cy="16" r="4.5" fill="#5c978a"/></svg>"""

STYLE = """
<style>
.block-container { max-width: 76rem; padding-top: 2.5rem; }
.block-container h1 { font-size: clamp(1.7rem, 4vw, 2.2rem); padding: .3rem 0; }
@media (min-width: 640px) {
  [data-testid="stColumn"]:has(.st-key-picture) { position: sticky; top: 3.5rem; align-self: flex-start; }
}
[data-testid="stCaptionContainer"] { color: inherit; opacity: .78; }
.drawing { max-width: 16rem; margin: 0 auto; }
.drawing svg { display: block; width: 100%; height: auto; }
.card { border: 1px solid rgba(128, 128, 128, .3); border-radius: .6rem; padding: 1rem 1.2rem; }
.card h3 { font-size: 1.15rem; padding: 0; margin: 0; }
.card .names { margin: .15rem 0 .7rem; opacity: .8; }
.card .dot { display: inline-block; width: .8rem; height: .8rem; margin-right: .5rem; border-radius: 50%;
  border: 2px solid #fff; outline: 1px solid rgba(24, 24, 28, .8); }
.card .for { float: right; font-size: .8rem; padding: .1rem .6rem; margin-left: .6rem; border-radius: 1rem;
  background: rgba(128, 128, 128, .16); }
.card dl { margin: 0; padding: 0; line-height: 1.5; font-size: .95rem; }
.card dl > div { margin-top: .45rem; }
.card dt, .card dd { display: inline; margin: 0; }
.card dt { font-weight: 600; opacity: .75; }
.card dt::after { content: ": "; }
@media (min-width: 900px) {
  .card dl > div { display: grid; grid-template-columns: 6rem 1fr; gap: .8rem; }
  .card dt { font-size: .82rem; line-height: 1.75; }
  .card dt::after { content: none; }
}
</style>
"""


@st.cache_resource(show_spinner=False)
def shared_locator() -> Locator:
    """One locator for all visitors; it holds no photo."""
    return Locator(model=models.DEFAULT)


def fetch_model() -> None:
    """Set up the model, with a bar that says how far it is."""
    bar = st.progress(0.0, "Fetching the pose model; this happens once")

    def show(share: float, step: str) -> None:
        bar.progress(share, f"{step}; this happens once")

    try:
        models.setup(models.DEFAULT, show)
    finally:
        bar.empty()


def ready_locator() -> Locator | None:
    """The locator, its model fetched on the first visit; None, with the reason shown, if it cannot be had."""
    message, remedy = "The pose model cannot be started on this computer.", "Run: locator doctor"
    try:
        if not st.session_state.get("model_ready"):
            if not models.is_ready(models.DEFAULT):
                fetch_model()
            st.session_state["model_ready"] = True
        return shared_locator()
    except models.ModelUnavailable as problem:
        message, remedy = problem.message, problem.remedy
    except (ImportError, OSError):  # a system library is missing
        LOG.exception("the pose model cannot be started")
    st.error(f"**{message}**  \n{remedy}")
    st.button("Try again")
    return None


def main() -> None:
    """One run of the page."""
    native_log.silence()
    st.set_page_config(page_title="Back points", page_icon=ICON, layout="wide")
    st.html(STYLE)
    st.title("Find the points of a back massage", anchor=False)
    introduction = st.container()
    st.caption(
        ":material/lock: Photos stay on the computer that runs this page; nothing is stored or sent on. "
        "This is not a medical device."
    )
    locator = ready_locator()
    photo_bytes = chosen_photo() if locator else None
    if locator is None or photo_bytes is None:
        forget()
        introduction.markdown(
            "Give it a photo of a back, and it marks six pressure points of traditional partner massage: "
            "eleven marks, each with a ring that says how sure it is."
        )
        show_cautions()
        return
    try:
        photo, result = read_once(locator, photo_bytes)
        if isinstance(result.outcome, Issue):
            show_problem(result.outcome, by_hand=photo is not None and panel.is_marked(photo, result))
        if photo is None:
            show_cautions()
        else:
            show_picture(locator, photo, result)
    except Exception:
        panel.say_failed()


def chosen_photo() -> bytes | None:
    """What the visitor chose, as bytes, if anything yet."""
    source = st.segmented_control(
        "Where the photo comes from", [UPLOAD, CAMERA, SAMPLE], default=UPLOAD, required=True,
        label_visibility="collapsed",
    )  # fmt: skip
    if source == SAMPLE:
        files = {title_of(file): file for file in resources.path("sample_images").glob("*.jpg")}
        titles = sorted(files, key=lambda title: (title != FIRST_SAMPLE, title))
        title = st.pills("Samples", titles, default=titles[0], required=True, label_visibility="collapsed")
        return files[title].read_bytes()
    if source == CAMERA:
        given = st.camera_input("Let your partner hold the camera, straight behind you", resolution="1080p", width=560)
    else:
        given = st.file_uploader(
            "A photo of the whole back",
            type=["image/*", "heic", "heif", "avif"],
        )
    if given is not None:
        return given.getvalue()
    left, right = st.columns([1, 2], gap="small", vertical_alignment="center")
    with left:
        show_drawing(drawings.good_photo())
    with right:
        st.markdown(GOOD_PHOTO)
    return None


def title_of(file: Path) -> str:
    """A sample's file name as a title."""
    return file.stem.replace("_", " ").capitalize()


def read_once(locator: Locator, photo_bytes: bytes) -> tuple[Photo | None, Result]:
    """The photo and its result; looked at once, then kept in this visitor's session until the next photo."""
    digest = hashlib.sha256(photo_bytes).hexdigest()
    if st.session_state.get("photo_sha256") != digest:
        forget()
        panel.settle()
    reading = panel.read_once(locator, photo_bytes, digest, "reading")
    st.session_state["photo_sha256"] = digest
    return reading


def forget() -> None:
    """Drop the last photo and all that was made of it; where its handles were is kept, for when it comes back."""
    for key in ("photo_sha256", "reading", "shown", "marked", "handles_problem", "compared"):
        st.session_state.pop(key, None)


def show_picture(locator: Locator, photo: Photo, result: Result) -> None:
    """The picture, to be put right by hand, beside the cards; or beside how to do it, as long as nothing is marked."""
    marked = panel.is_marked(photo, result)
    labels = {c.code: c.label for c in acupoints.complaints()}
    # Above the picture nothing comes or goes with the marks: it would move the picture under the visitor's finger.
    chosen = st.pills(
        "What is it for? Choose one or more, or leave all points on.",
        list(labels),
        selection_mode="multi",
        format_func=labels.__getitem__,
        disabled=not marked,
    )
    codes = acupoints.codes_for(chosen)
    left, right = st.columns([6, 5], gap="medium")
    with left, st.container(key="picture"):
        panel.show(photo, result, codes)
        if marked:
            take_away.show(locator, photo, result, codes)
    with right:
        if not marked:
            show_handles()
        show_cautions()
        if marked:
            show_cards(codes, labels)


def show_cards(codes: frozenset[str], labels: dict[str, str]) -> None:
    """The cards of the chosen points."""
    points = [point for point in acupoints.acupoints() if point.code in codes]
    for point in points:
        st.html(card(point, labels))
    total = len(acupoints.acupoints())
    if len(points) < total:
        st.caption(f"This is {len(points)} of {total} points. Clear the choice above to see all.")


def show_handles() -> None:
    """Where each handle goes."""
    with st.container(border=True):
        st.subheader("Place the points by hand", anchor=False)
        st.markdown(
            "Where the photo does show a back, you can tell the program where things are. Drag each handle to its "
            "place, or tap it if it is there already; the points appear when all but T9 are set."
        )
        show_drawing(drawings.drawing("handles_unset"))
        st.markdown("\n".join(f"- **{text.label}**: {text.hint}" for text in handles.texts().values()))


def card(point: Acupoint, labels: dict[str, str]) -> str:
    """One point's card as HTML."""
    rows = {
        "Where": point.where,
        "Used for": point.tradition,
        "Find it": point.find,
        "Press": point.press,
        "When not to": point.avoid,
    }
    red, green, blue = scene.colour(point.code)
    dot = f'<span class="dot" style="background: rgb({red}, {green}, {blue})"></span>'
    uses = "".join(f'<span class="for">{escape(labels[code])}</span>' for code in point.complaints)
    names = f'{escape(point.pinyin)} · <span lang="zh-Hans">{escape(point.hanzi)}</span> · {escape(point.code)}'
    others = f" ({escape(', '.join(point.aliases))})" if point.aliases else ""
    texts = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(text)}</dd></div>" for name, text in rows.items())
    return (
        f'<article class="card" id="{escape(point.code)}">{uses}<h3>{dot}{escape(point.name)}</h3>'
        f'<p class="names">{names}{others}</p><dl>{texts}</dl></article>'
    )


def show_problem(problem: Issue, by_hand: bool) -> None:
    """What is wrong with this photo, and how to take a better one; it stays when the photo is marked by hand."""
    with st.container(border=True):
        left, right = st.columns([2, 3], gap="small", vertical_alignment="center")
        with left:
            show_drawing(drawings.drawing(problem.code))
        with right:
            st.subheader("Marked by hand" if by_hand else "No points were marked", anchor=False)
            st.markdown(f"**{problem.message}**")
            st.markdown(problem.remedy)


def show_drawing(svg: str) -> None:
    """A line drawing in the colour of the text."""
    st.markdown(f'<div class="drawing">{" ".join(svg.split())}</div>', unsafe_allow_html=True)


def show_cautions() -> None:
    """When not to press, and when to see a doctor."""
    cautions = acupoints.cautions()
    with st.expander("Before you press: when not to, and when to see a doctor", icon=":material/health_and_safety:"):
        left = {"Not now": cautions.not_now, "Ask a doctor first": cautions.ask_first}
        right = {
            "Stop at": cautions.stop_at,
            "Get medical help at once for": cautions.at_once,
            "See a doctor soon for": cautions.soon,
        }
        for column, lists in zip(st.columns(2, gap="small"), (left, right), strict=True):
            for title, entries in lists.items():
                listed = "\n".join(f"- {entry[:1].upper()}{entry[1:]}" for entry in entries)
                column.markdown(f"**{title}**\n\n{listed}")
        st.markdown(f"{cautions.uses} {cautions.evidence}")


main()
