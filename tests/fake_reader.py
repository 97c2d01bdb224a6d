"""Stands in for the reader of photos: what a file says is what happens. Light, so that workers start at once."""

import hashlib
import json
import os
import signal
import sys
import time
from pathlib import Path

SETTINGS = {"pictures": True, "points": None, "all": False, "model": "fake"}


class FakeReader:
    """Answers to files that begin with "located", "refused", "die", "raise", "hang", "grow" or "slow".

    "located, two" is a photo of two backs.

    Args:
        folder: where the files lie.
        log: a file that gets a line with process and path for every reading.
        each: whether both of two backs are answered.
    """

    def __init__(self, folder, log, each=False):
        self.folder, self.log, self.each = folder, log, each

    def __call__(self, path):
        with self.log.open("a", encoding="ascii") as log:
            log.write(f"{os.getpid()} {json.dumps(path)}\n")
        file = self.folder / path
        data = file.read_bytes()
        if data.startswith(b"die"):
            os.kill(os.getpid(), signal.SIGKILL)
        if data.startswith(b"raise"):
            raise MemoryError
        if data.startswith(b"hang"):
            time.sleep(600)
        if data.startswith(b"slow"):
            time.sleep(0.05)
        if data.startswith(b"grow"):
            data += b"!"
            file.write_bytes(data)
        status = "refused" if data.startswith(b"refused") else "located"
        image = {"path": path, "width_px": 1, "height_px": 1, "sha256": hashlib.sha256(data).hexdigest()}
        document = {"schema": 1, "image": image, "status": status, "says": len(data) / 7}
        if status == "refused":
            return [({**document, "refusal": {"code": "front_view", "message": "", "remedy": ""}}, None)]
        backs = 2 if data.startswith(b"located, two") else 1
        # As a reader of another photo would find nothing of a located one in it, it has no points to be drawn.
        return [
            ({**document, "people": backs, "person": person}, b"picture of " + data)
            for person in range(1, 1 + (backs if self.each else 1))
        ]


def main():
    """``FOLDER OUT LOG JOBS``: a batch, begun or gone on with."""
    from functools import partial

    from locator.jobs import batch

    folder, out, log = map(Path, sys.argv[1:4])
    batch.run(folder, out, partial(FakeReader, folder, log), SETTINGS, int(sys.argv[4]), resume=True)


if __name__ == "__main__":
    main()
