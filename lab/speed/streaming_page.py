"""The program's pages, served so that frames can be counted: a page for ``streaming``.

``COUNTED`` names the file that is kept up to date with, in a line for each viewer, how many frames were shown, how long
one takes in the median, in milliseconds, and how much memory the server takes, in megabytes. With ``BARE`` set, the
pose model alone draws its keypoints, as a peer.
"""

from __future__ import annotations

import os
import runpy
import statistics
import time
from collections import deque
from pathlib import Path
from typing import Any

import av
import cv2
import streamlit as st

from locator import Locator
from locator.core.arrays import RGBArray
from locator.draw.overlay import View
from locator.live.session import Shown
from locator.web import server, stream

_WRITTEN_EVERY_S = 0.5
_REMEMBERED = 300  # frames of which the median is taken


class BareLive:
    """Takes the place of :class:`locator.live.session.Live`: the keypoints of the pose model, and nothing else."""

    def __init__(self, locator: Locator, view: View) -> None:
        self.view = view
        self.latest: Shown | None = None
        self._pose = locator.video_pose()

    def show(self, rgb: RGBArray, time_s: float) -> Shown:
        """The frame with a dot on every keypoint."""
        drawn = rgb.copy()
        for pose in self._pose.estimate(rgb):
            for x, y in pose.xy_px:
                cv2.circle(drawn, (round(x), round(y)), 4, (0, 255, 0), -1)
        self.latest = Shown(drawn, None, 1.0, None)
        return self.latest

    def close(self) -> None:
        """Free the pose model."""
        self._pose.close()


class Counter:
    """Counts the frames of every viewer of this server."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._counts: dict[int, int] = {}
        self._took_ms: deque[float] = deque(maxlen=_REMEMBERED)
        self._written_s = 0.0
        self._show = stream.Stream.show

    def show(self, viewer: stream.Stream, frame: av.VideoFrame) -> av.VideoFrame:
        """Does what :meth:`locator.web.stream.Stream.show` does, and notes it."""
        before_s = time.monotonic()
        shown = self._show(viewer, frame)
        now_s = time.monotonic()
        self._took_ms.append(1000 * (now_s - before_s))
        self._counts[id(viewer)] = self._counts.get(id(viewer), 0) + 1
        if now_s - self._written_s >= _WRITTEN_EVERY_S:
            self._written_s = now_s
            took_ms = statistics.median(list(self._took_ms))
            lines = [f"{count} {took_ms:.1f} {_memory_mb():.1f}\n" for count in self._counts.values()]
            fresh = self._file.with_suffix(".new")
            fresh.write_text("".join(lines))
            fresh.replace(self._file)  # nobody reads half of it
        return shown


def _memory_mb() -> float:
    """What of this process is in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@st.cache_resource
def _counter() -> Counter:
    counter = Counter(Path(os.environ["COUNTED"]))
    patched: Any = stream
    patched.Stream.show = lambda viewer, frame: counter.show(viewer, frame)
    if os.environ.get("BARE"):
        patched.Live = BareLive
    return counter


_counter()
runpy.run_path(str(server.SCRIPT), run_name="__main__")
