"""A page with nothing but the press timer, for its tests; its choices run it again, as those of the real page do."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import streamlit as st

sys.path.insert(0, str(Path(__file__).parents[1]))
from locator.web.components import timer  # noqa: E402

ALL = ("BL-52", "BL-43", "GV-9", "BL-18", "BL-21", "BL-23")

st.set_page_config(page_title="Timer", layout="wide")
offered = ("BL-52", "GV-9") if st.checkbox("Only two points") else ALL
if st.checkbox("Something above"):
    st.write("This moves the timer down.")
where = st.radio("Timer", ["here", "in a box", "nowhere"], horizontal=True)
if where == "in a box":
    with st.container(border=True):
        timer.show_timer(offered)
else:
    timer.show_timer(offered if where == "here" else ())
if st.button("Be busy"):
    time.sleep(0.5)
    st.write("No longer busy")
