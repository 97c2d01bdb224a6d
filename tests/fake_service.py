"""``SETTINGS``: the service with a reader that also knows photos no real one should meet. The settings are JSON.

A photo may also be one that is answered at once and as such, by no network: what becomes of the others is asked there.
"""

import json
import os
import signal
import sys
import time
from functools import partial
from pathlib import Path

HANG, DIE, RAISE, LARGE, GOOD = b"hang", b"die", b"raise", b"large", b"good"
WAIT = b"wait "
"""Before the path of a file: it is answered once that is there."""


class Trapped:
    """Reads all other photos as ever.

    Args:
        light: whether what reads them is loaded for the first of them only.
    """

    def __init__(self, limits, light):
        self.limits = limits
        self.reader = None if light else self.real()

    def real(self):
        from locator.serve.worker import PhotoReader

        return PhotoReader(self.limits.max_pixels, self.limits.max_code_bytes)

    def __call__(self, task):
        if task.photo == HANG:
            time.sleep(600)
        if task.photo == DIE:
            os.kill(os.getpid(), signal.SIGKILL)
        if task.photo == RAISE:
            raise RuntimeError("the photo of Anna")
        if task.photo in (LARGE, GOOD):
            from locator.serve.worker import Answer

            return Answer("located", None, bytes(40_000_000) if task.photo == LARGE else GOOD)
        if task.photo.startswith(WAIT):
            while not Path(os.fsdecode(task.photo.removeprefix(WAIT))).exists():
                time.sleep(0.01)
        self.reader = self.reader or self.real()
        return self.reader(task)


def unable():
    raise RuntimeError("no model here")


def main():
    from locator.core import native_log
    from locator.serve import server
    from locator.serve.application import Limits

    settings = json.loads(sys.argv[1])
    able, light = settings.pop("able", True), settings.pop("light", False)
    limits = Limits(**settings)
    native_log.silence()
    listening = server.listen("127.0.0.1", 0)
    print(f"Listening at {server.address(listening)};", file=sys.stderr)
    server.run(listening, limits, partial(Trapped, limits, light) if able else unable)


if __name__ == "__main__":
    main()
