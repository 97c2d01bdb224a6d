"""Processes that work through tasks, one task each at a time; one that dies or hangs costs nothing but time.

They are spawned, since MediaPipe hangs in a forked process, and each talks to the parent over a pipe of its own: when
one dies it is known over which task, and no other is touched.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Generic, TypeVar

Task = TypeVar("Task")
Answer = TypeVar("Answer")

_MOST_TRIES = 3  # one beside the others, two alone
_MOST_FAILED_STARTS = 3

# As many processes as cores are enough: threads of the libraries' own would only wait for each other.
_ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OPENCV_FOR_THREADS_NUM"), "1"
)


class Undone(Enum):
    """Why a task cannot be done: each worker that tried it ended, or the last one took too long."""

    ENDED = "ended"
    TOO_LONG = "too long"


class WorkersFailed(Exception):
    """No worker can be started; the text says why, if that is known."""


class _Pending(Generic[Task]):
    """A task and how many workers were lost over it."""

    def __init__(self, task: Task) -> None:
        self.task, self.losses = task, 0


class Worker(Generic[Task]):
    """The parent's side of one process. It is ready once it has said so, and busy while it has a task.

    What it says first is ``""``, or why it cannot start; after that, the answer to each task that it was sent.
    """

    def __init__(self, process: BaseProcess, connection: Connection) -> None:
        self.process, self.connection = process, connection
        self.ready = False
        self.pending: _Pending[Task] | None = None
        self.due_s = 0.0  # on the monotonic clock, for the answer to what is pending

    def stop(self) -> None:
        """Nothing is asked of the process: it may be deep in native code, and it keeps nothing."""
        self.process.kill()
        self.process.join()
        self.connection.close()


class Workers(Generic[Task, Answer]):
    """A fixed number of processes, as a context manager that leaves none behind.

    They end by themselves when this process dies, and ignore Ctrl-C, which reaches them too.

    Args:
        jobs: how many.
        start: called in each process, to get what answers its tasks; has to be picklable.
        most_s: seconds after which a process that has not answered is killed and another one started.
    """

    def __init__(self, jobs: int, start: Callable[[], Callable[[Task], Answer]], most_s: float) -> None:
        self._jobs, self._start, self._most_s = jobs, start, most_s
        self._workers: list[Worker[Task]] = []
        self._failed_starts = 0

    def __enter__(self) -> Workers[Task, Answer]:
        return self

    def __exit__(self, *_: object) -> None:
        while self._workers:
            self._workers.pop().stop()

    def answers(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Answer | Undone]]:
        """Each task and its answer, in the order in which they become known; or why it cannot be done.

        That is one over which a worker died, raised an exception or took too long every time it was tried. After the
        first time it is tried with no other worker busy: memory may have run out over all of them together.

        Tasks are taken one ahead of the workers, not more.

        Raises:
            WorkersFailed: if processes end before they are ready.
        """
        coming = iter(tasks)
        ahead = _next(coming)
        suspects: deque[_Pending[Task]] = deque()
        while ahead or suspects or any(worker.pending for worker in self._workers):
            wanted = self._jobs if ahead else min(1, len(suspects))
            while len(self._workers) < wanted:
                self._workers.append(spawn(self._start))
            for worker in self._workers:
                if not worker.ready or worker.pending:
                    continue
                busy = [other.pending for other in self._workers if other.pending]
                if suspects and not busy:
                    self._give(worker, suspects.popleft())
                elif ahead and not suspects and not any(pending.losses for pending in busy):
                    self._give(worker, ahead)
                    ahead = _next(coming)
            lost: dict[Worker[Task], Undone] = {}
            for connection in wait([worker.connection for worker in self._workers], self._seconds_to_wait()):
                worker = next(one for one in self._workers if one.connection is connection)
                try:
                    said = worker.connection.recv()
                except (EOFError, OSError):
                    lost[worker] = Undone.ENDED
                    continue
                if worker.ready:
                    done, worker.pending = worker.pending, None
                    assert done
                    yield done.task, said
                elif said:
                    raise WorkersFailed(said)
                else:
                    worker.ready, self._failed_starts = True, 0
            for worker in self._workers:
                if worker.pending and worker.due_s <= time.monotonic() and not worker.connection.poll():
                    lost.setdefault(worker, Undone.TOO_LONG)
            for worker, why in lost.items():
                pending = self._buried(worker)
                if pending and pending.losses == _MOST_TRIES:
                    yield pending.task, why
                elif pending:
                    suspects.append(pending)

    def _give(self, worker: Worker[Task], pending: _Pending[Task]) -> None:
        worker.pending, worker.due_s = pending, time.monotonic() + self._most_s
        with suppress(OSError):  # it is dead, which is noticed where its answers are awaited
            worker.connection.send(pending.task)

    def _seconds_to_wait(self) -> float | None:
        """Until the first answer is overdue."""
        due_s = [worker.due_s for worker in self._workers if worker.pending]
        return max(0.0, min(due_s) - time.monotonic()) if due_s else None

    def _buried(self, worker: Worker[Task]) -> _Pending[Task] | None:
        """Take a dead or hanging worker out; returns what it was working on, with this loss counted."""
        self._workers.remove(worker)
        worker.stop()
        if not worker.ready:
            self._failed_starts += 1
            if self._failed_starts == _MOST_FAILED_STARTS:
                raise WorkersFailed(f"it ended with status {worker.process.exitcode} while it was being started")
        if worker.pending:
            worker.pending.losses += 1
        return worker.pending


def spawn(start: Callable[[], Callable[[Task], Answer]]) -> Worker[Task]:
    """A process on its way to being ready; ``start`` as for :class:`Workers`. For one thread at a time.

    Raises:
        WorkersFailed: if the system gives no process.
    """
    try:
        ours, theirs = multiprocessing.Pipe()
        process = multiprocessing.get_context("spawn").Process(
            target=_serve, args=(theirs, start), name="locator-worker", daemon=True
        )
        with _environment(_ONE_THREAD):
            process.start()
    except OSError as error:
        raise WorkersFailed(str(error.strerror)) from error
    theirs.close()  # or the end of the process would not be the end of the pipe
    return Worker(process, ours)


def _next(tasks: Iterator[Task]) -> _Pending[Task] | None:
    for task in tasks:
        return _Pending(task)
    return None


@contextmanager
def _environment(changes: dict[str, str]) -> Iterator[None]:
    """Other environment variables for a moment: libraries read theirs as they load, so a worker is born with them."""
    before = {name: os.environ.get(name) for name in changes}
    os.environ.update(changes)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _serve(connection: Connection, start: Callable[[], Callable[[Task], Answer]]) -> None:
    """What a worker does all its life."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process; the parent decides
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        answer = start()
    except Exception as error:
        connection.send(str(error) or type(error).__name__)
        return
    connection.send("")
    while True:
        try:
            task = connection.recv()
        except EOFError:
            return
        connection.send(answer(task))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent
    parent.join()
    os._exit(1)
