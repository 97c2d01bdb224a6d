"""How Streamlit's server runs the pages: behind a gate of our own, with uploads in memory and bounded."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.middleware import Middleware
from streamlit import config
from streamlit.runtime import Runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.web.server import server_util

from locator.core import incoming
from locator.web import opening, reach, uploads
from locator.web.gate import Gate
from locator.web.limits import SettingError

SCRIPT = Path(__file__).with_name("script.py")
"""What Streamlit runs for each visitor, again and again."""


def settings() -> dict[str, Any]:
    """What :class:`streamlit.App` takes, in the process that is to serve the pages.

    Raises:
        SystemExit: if the settings are wrong; the message says which and what was expected.
    """
    uploads.keep_in_memory()
    incoming.refuse()
    try:
        allowed = reach.read(os.environ)
    except SettingError as error:
        sys.exit(str(error))
    return {"script_path": SCRIPT, "middleware": [Middleware(Gate, allowed)], "lifespan": _lifespan}


@asynccontextmanager
async def _lifespan(app: object) -> AsyncIterator[None]:
    """Bound the uploads, and say where the page is: Streamlit would ask the internet for its address first."""
    manager = Runtime.instance().uploaded_file_mgr
    assert isinstance(manager, MemoryUploadedFileManager)
    uploads.bound(manager)
    print(f"The page is at {_url()}", flush=True)
    opening.open_if_asked(_url())
    yield


def _url() -> str:
    address = config.get_option("server.address") or "localhost"
    if config.is_manually_set("browser.serverAddress"):
        address = config.get_option("browser.serverAddress")
    return server_util.get_url(server_util.get_display_address(address))
