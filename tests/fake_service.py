"""``SETTINGS``: the service with a reader that also knows photos no real one should meet. The settings are JSON."""

import json
import os
import signal
import sys
import time
from functools import partial

HANG, DIE, RAISE, WAIT, LARGE = b"hang", b"die", b"raise", b"wait", b"large"


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
        if task.photo == LARGE:
            from locator.serve.worker import Answer

            return Answer("located", None, bytes(40_000_000))
        if task.photo == WAIT:
            time.sleep(6)
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
