"""The pages that ``streamlit run`` serves: Photo and Live.

Widgets and session state only; what is decided is decided in :mod:`locator`. A visitor's pictures are kept in that
visitor's session, in memory, and nowhere else.
"""

from __future__ import annotations

import streamlit as st

from locator.core import memory, native_log
from locator.web import language, photo_page, session, shared
from locator.web.components.notices import notices
from locator.web.components.wording import wording

# A picture of our own: Streamlit fetches emoji and icon-font favicons from the internet.
ICON = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<circle cx="16" cy="16" r="12" fill="none" stroke="#5c978a" stroke-width="3"/>
<circle cx="16" cy="16" r="4.5" fill="#5c978a"/></svg>"""


def main() -> None:
    """One run of the page that the visitor is on."""
    native_log.silence()
    memory.give_back()
    language.settle()
    words = session.words().page
    st.set_page_config(page_title=words.name, page_icon=ICON, layout="wide")
    st.html(shared.style())

    def show_live() -> None:
        from locator.web import live_page  # loaded once it is asked for

        live_page.show_live_page(photo)

    photo = st.Page(
        photo_page.show_photo_page, title=words.photo, icon=":material/image:", url_path="photo", default=True
    )
    live = st.Page(show_live, title=words.live, icon=":material/videocam:", url_path="live")
    page = st.navigation([photo, live], position="hidden")
    with st.container(horizontal=True, vertical_alignment="center", key="pages"):
        st.page_link(photo)
        st.page_link(live)
        language.show_switch()
    with st.container(key="wording"):
        wording(session.words().streamlit, key="the-wording")
    shared.keep_for_reload()
    visitor = session.session()
    notices(visitor.name, visitor.photo_sha256 is not None, session.words().notices, key="notices")
    page.run()
