"""A window with one picture."""

from __future__ import annotations

import subprocess
import sys

import cv2

from locator.core.arrays import RGBArray


class NoScreen(RuntimeError):
    """There is no screen to show a window on; the text says what to do instead."""


def is_there() -> bool:
    """Whether a window can be shown; tried in another process, as without a screen the library ends the whole one."""
    tried = subprocess.run([sys.executable, "-c", "import cv2; cv2.namedWindow('')"], capture_output=True)
    return not tried.returncode


def show(rgb: RGBArray, title: str) -> None:
    """Show an (h, w, 3) uint8 picture until a key is pressed or the window is closed.

    Raises:
        NoScreen: if there is none.
    """
    if not is_there():
        raise NoScreen("There is no screen here. Save the picture: result.save('marked.jpg')")
    cv2.namedWindow(title, cv2.WINDOW_AUTOSIZE)
    try:
        cv2.imshow(title, rgb[..., ::-1])
        while cv2.waitKey(50) < 0 and cv2.getWindowProperty(title, cv2.WND_PROP_VISIBLE) >= 1:
            pass
    finally:
        cv2.destroyAllWindows()
