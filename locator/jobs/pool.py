"""Processes that answer many askers at once, each task within a time limit; one that dies or is late is replaced.

A thread could do the same work as fast, but nobody can stop it: a task that hangs would keep its place for good.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from locator.jobs.workers import Taken, Worker, WorkersFailed, spawn

Task = TypeVar("Task")
Answer = TypeVar("Answer")

_START_S = 120.0  # a process that is not ready by then is not going to be
_PAUSE_S = 1.0  # before another try, where a process could not be started

_log = logging.getLogger(__name__)


class NoneFree(Exception):
    """All processes were busy, or none was ready, as long as the task could wait."""


class Late(Exception):
    """The task took too long; its process was ended."""


class Ended(Exception):
    """The process ended over the task."""


class Pool(Generic[Task, Answer]):
    """A fixed number of processes, as a context manager that leaves none behind. Safe to share between threads.

    Args:
        jobs: how many.
        start: called in each process, to get what answers its tasks; has to be picklable.
        limit_s: how long a task may wait for a process, and how long that may then take.

    Attributes:
        waiting: number of tasks that wait for a process.
        replaced: number of processes that were replaced, by ``"late"``, ``"ended"`` or ``"failed"`` to start.
    """

    def __init__(self, jobs: int, start: Callable[[], Callable[[Task], Answer]], limit_s: float) -> None:
        self._jobs, self._start, self._limit_s = jobs, start, limit_s
        self._idle: queue.Queue[Worker[Task]] = queue.Queue()
        self._workers: set[Worker[Task]] = set()
        self._lock = threading.Lock()  # over the workers, the counts, and starting, which is for one thread at a time
        self._closed = threading.Event()
        self.waiting = 0
        self.replaced: Counter[str] = Counter()

    def __enter__(self) -> Pool[Task, Answer]:
        for _ in range(self._jobs):
            self._add()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        with self._lock:
            for worker in self._workers:
                worker.process.kill()  # whoever waits for its answer closes the pipe
                worker.process.join()

    @property
    def ready(self) -> int:
        """Number of processes that are ready or busy."""
        with self._lock:
            return sum(worker.ready and worker.process.is_alive() for worker in self._workers)

    def ask(self, task: Task) -> Answer:
        """The answer to ``task``; waits for it. A process that ends before it has taken the task costs it nothing.

        Raises:
            NoneFree, Late, Ended: if there is none.
        """
        while True:
            worker, due_s, is_taken = self._free(), time.monotonic() + self._limit_s, False
            try:
                worker.connection.send(task)
                is_taken = self._said(worker, due_s) is Taken.TAKEN
                answer: Answer = self._said(worker, due_s)
            except (EOFError, OSError) as error:
                self._replace(worker, "ended")
                if is_taken:
                    raise Ended from error
                if self._closed.is_set():
                    raise NoneFree from error
            else:
                self._idle.put(worker)
                return answer

    def _said(self, worker: Worker[Task], due_s: float) -> Any:
        """What a process says next.

        Raises:
            Late: if it says nothing in time; it is replaced.
            EOFError, OSError: if it has ended.
        """
        if not worker.connection.poll(max(0.0, due_s - time.monotonic())):
            self._replace(worker, "late")
            raise Late
        return worker.connection.recv()

    def _free(self) -> Worker[Task]:
        with self._lock:
            self.waiting += 1
        try:
            while True:
                worker = self._idle.get(timeout=self._limit_s)
                if worker.process.is_alive():
                    return worker
                self._replace(worker, "ended")  # while it was idle, so that no task is to blame
        except queue.Empty:
            raise NoneFree from None
        finally:
            with self._lock:
                self.waiting -= 1

    def _replace(self, worker: Worker[Task], why: str) -> None:
        self._remove(worker, why)
        self._add()

    def _remove(self, worker: Worker[Task], why: str) -> None:
        worker.stop()
        with self._lock:
            self._workers.discard(worker)
            self.replaced[why] += 1

    def _add(self) -> None:
        if not self._closed.is_set():
            threading.Thread(target=self._bring_up, name="locator-start", daemon=True).start()

    def _bring_up(self) -> None:
        """Start a process, again and again until one is ready; why it is not, the log says once."""
        logged = ""
        while not self._closed.is_set():
            why = self._started()
            if not why:
                return
            if why != logged and not self._closed.is_set():
                _log.warning("A process could not be started: %s", why)
            logged = why
            self._closed.wait(_PAUSE_S)

    def _started(self) -> str:
        """Start a process and wait until it is ready; returns why it is not."""
        try:
            worker = self._spawned()
        except WorkersFailed as error:
            return str(error)
        why = _first_word(worker)
        if why:
            self._remove(worker, "failed")
        else:
            worker.ready = True
            self._idle.put(worker)
        return why

    def _spawned(self) -> Worker[Task]:
        with self._lock:
            if self._closed.is_set():
                raise WorkersFailed("the program is ending")
            worker = spawn(self._start)
            self._workers.add(worker)
            return worker


def _first_word(worker: Worker[Task]) -> str:
    """What a process says once it has started: nothing if it is ready, or else why it is not."""
    try:
        return str(worker.connection.recv()) if worker.connection.poll(_START_S) else f"not ready after {_START_S:g} s"
    except (EOFError, OSError):
        return "it ended while it was being started"
