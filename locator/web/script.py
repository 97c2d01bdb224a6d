"""One run of the pages; what Streamlit calls a script."""

from locator.web.app import main

main()
