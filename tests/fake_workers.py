"""What workers do in the tests: light, so that they start at once."""

import os
import signal
import time
from pathlib import Path

from locator.jobs.workers import Workers


def doubling():
    return double


def double(task):
    if task == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if task == "raise":
        raise MemoryError
    if str(task).startswith("die once") and not (marker := Path(task.removeprefix("die once "))).exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if task == "hang":
        time.sleep(600)
    if str(task).startswith("hang once") and not (marker := Path(task.removeprefix("hang once "))).exists():
        marker.touch()
        time.sleep(600)
    return 2 * task


class Greedy:
    """Dies over the task "greedy" while another worker is busy, as when memory does not suffice for both."""

    def __init__(self, folder):
        self.folder = folder

    def __call__(self, task):
        if task == "greedy":
            time.sleep(0.2)
            if any(self.folder.iterdir()):
                os.kill(os.getpid(), signal.SIGKILL)
            return True
        (self.folder / task).touch()
        time.sleep(0.5)
        (self.folder / task).unlink()
        return True


def failing():
    raise RuntimeError("no model")


def ending():
    os._exit(7)


def threads():
    return number_of_threads


def number_of_threads(library):
    if library == "omp":
        return os.environ["OMP_NUM_THREADS"]
    import cv2

    return cv2.getNumThreads()


def sleeping(folder):
    (Path(folder) / str(os.getpid())).touch()
    time.sleep(600)


def start_sleeping():
    return sleeping


def start_sleeping_or_doubling():
    return sleep_or_double


def sleep_or_double(task):
    return sleeping(task.removeprefix("sleep ")) if isinstance(task, str) else double(task)


def failing_once(marker):
    if not marker.exists():
        marker.touch()
        raise RuntimeError("not yet")
    return double


def sleep_in_two(folder):
    with Workers(2, start_sleeping, 60) as workers:
        list(workers.answers([folder, folder]))
