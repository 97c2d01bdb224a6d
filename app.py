"""What ``streamlit run`` starts; the pages are in :mod:`locator.web`."""

from locator.web.app import main

main()
