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
from typing import Any, Generic, TypeVar

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


class Taken(Enum):
    """What a worker says before it works on a task: one that ends without it ended while it was idle."""

    TAKEN = "taken"


class WorkersFailed(Exception):
    """No worker can be started; the text says why, if that is known."""


class _Pending(Generic[Task]):
    """A task and how many workers were lost over it."""

    def __init__(self, task: Task) -> None:
        self.task, self.losses = task, 0


class _Queue(Generic[Task]):
    """Tasks to be handed out: one ahead of the workers, and those over which a worker was lost, the suspects."""

    def __init__(self, tasks: Iterable[Task]) -> None:
        self._coming = iter(tasks)
        self._ahead: _Pending[Task] | None = None
        self._suspects: deque[_Pending[Task]] = deque()
        self.look_ahead()

    def __bool__(self) -> bool:
        return bool(self._ahead or self._suspects)

    def workers_wanted(self, jobs: int) -> int:
        """How many workers are of use; suspects are tried one after the other."""
        return jobs if self._ahead else min(1, len(self._suspects))

    def pop(self, busy: list[_Pending[Task]]) -> _Pending[Task] | None:
        """The next task, if any may be worked on beside those that are ``busy``: a suspect is tried alone."""
        if self._suspects:
            return None if busy else self._suspects.popleft()
        if any(pending.losses for pending in busy):
            return None
        pending, self._ahead = self._ahead, None
        return pending

    def look_ahead(self) -> None:
        """Take the next task, if none is ahead already."""
        if self._ahead is None:
            for task in self._coming:
                self._ahead = _Pending(task)
                return

    def retry(self, pending: _Pending[Task]) -> None:
        """Try a task again, later."""
        self._suspects.append(pending)


class Worker(Generic[Task]):
    """The parent's side of one process. It is ready once it has said so, and busy while it has a task.

    What it says first is ``""``, or why it cannot start; after that, of each task that it was sent, that it has taken
    it, and then the answer.
    """

    def __init__(self, process: BaseProcess, connection: Connection) -> None:
        self.process, self.connection = process, connection
        self.ready = False
        self.pending: _Pending[Task] | None = None
        self.due_s = 0.0  # on the monotonic clock, for the answer to what is pending

    def finish(self) -> Task:
        """The task that was pending and now has its answer."""
        done, self.pending = self.pending, None
        assert done
        return done.task

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
        timeout_s: seconds after which a process that has not answered is killed and another one started.
    """

    def __init__(self, jobs: int, start: Callable[[], Callable[[Task], Answer]], timeout_s: float) -> None:
        self._jobs, self._start, self._timeout_s = jobs, start, timeout_s
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
        queue = _Queue(tasks)
        while queue or any(worker.pending for worker in self._workers):
            while len(self._workers) < queue.workers_wanted(self._jobs):
                self._workers.append(spawn(self._start))
            self._hand_out(queue)
            lost: dict[Worker[Task], Undone] = {}
            for worker in self._waited_for():
                try:
                    message = worker.connection.recv()
                except (EOFError, OSError):
                    lost[worker] = Undone.ENDED
                    continue
                if message is Taken.TAKEN:
                    continue
                if worker.ready:
                    yield worker.finish(), message
                else:
                    self._check_started(worker, message)
            for worker in self._overdue():
                lost.setdefault(worker, Undone.TOO_LONG)
            for worker, why in lost.items():
                pending = self._bury(worker)
                if pending and pending.losses == _MOST_TRIES:
                    yield pending.task, why
                elif pending:
                    queue.retry(pending)

    def _hand_out(self, queue: _Queue[Task]) -> None:
        """Give each idle worker what it may have beside the others' tasks."""
        for worker in self._workers:
            if not worker.ready or worker.pending:
                continue
            pending = queue.pop([other.pending for other in self._workers if other.pending])
            if pending:
                self._give(worker, pending)
                queue.look_ahead()  # after that: the next task may take long to come

    def _check_started(self, worker: Worker[Task], why_not: str) -> None:
        if why_not:
            raise WorkersFailed(why_not)
        worker.ready, self._failed_starts = True, 0

    def _give(self, worker: Worker[Task], pending: _Pending[Task]) -> None:
        worker.pending, worker.due_s = pending, time.monotonic() + self._timeout_s
        with suppress(OSError):  # it is dead, which is noticed where its answers are awaited
            worker.connection.send(pending.task)

    def _waited_for(self) -> list[Worker[Task]]:
        """Wait; returns the workers that have a message or have ended, none if an answer is overdue."""
        by_connection: dict[Any, Worker[Task]] = {worker.connection: worker for worker in self._workers}
        return [by_connection[connection] for connection in wait(list(by_connection), self._seconds_to_wait())]

    def _seconds_to_wait(self) -> float | None:
        """Until the first answer is overdue."""
        due_s = [worker.due_s for worker in self._workers if worker.pending]
        return max(0.0, min(due_s) - time.monotonic()) if due_s else None

    def _overdue(self) -> list[Worker[Task]]:
        now_s = time.monotonic()
        return [one for one in self._workers if one.pending and one.due_s <= now_s and not one.connection.poll()]

    def _bury(self, worker: Worker[Task]) -> _Pending[Task] | None:
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
        connection.send(Taken.TAKEN)
        connection.send(answer(task))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent
    parent.join()
    os._exit(1)
