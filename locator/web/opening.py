"""Opens the page in a browser on this computer, as soon as it is there."""

from __future__ import annotations

import os
import sys
import threading
import webbrowser
from collections.abc import Mapping

ASKED = "LOCATOR_PAGE_OPEN"
"""The environment variable by which the command asks for that."""


def has_screen(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a browser can be seen here: a computer without a screen may have one all the same, that shows text."""
    return sys.platform in ("win32", "darwin") or any(
        environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    )


def open_if_asked(url: str) -> None:
    """Open the browser, without waiting for it."""
    if os.environ.get(ASKED):
        threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
