"""What ``streamlit run`` starts; the pages are in :mod:`locator.web`."""

import streamlit as st

from locator.web import server

app = st.App(**server.settings())
