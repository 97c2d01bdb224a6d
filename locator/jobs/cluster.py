"""Photos read by the machines of a Ray cluster, where one machine is not enough.

Each machine reads the photos itself, from a folder that all of them see; what comes back are records. Ray gives the
work of a machine that is lost to another one. It would do the same with a photo that ends the process that reads it,
for ever: so each of its workers leaves the reading to a process of its own, as on one machine.
"""

from __future__ import annotations

import logging
import os
import pickle
import socket
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from locator.core import files
from locator.jobs.workers import Undone, Workers, WorkersFailed
from locator.photo import sources

if TYPE_CHECKING:
    import pyarrow as pa

Task = TypeVar("Task")
Answer = TypeVar("Answer")

_COLUMN = "pickled"
_AT_ONCE = 64  # tasks that are handed to a worker together: so many are done again when its machine is lost
_IN_A_ROUND = 5000  # tasks for each worker: so many are known to Ray at a time
_THREADS_END_S = 30.0  # they look ten times a second whether to end, on a busy machine less often
_PARKED = "Prefetcher"  # a thread of Ray's that may be left waiting for good; it asks only when it is asked


class ClusterFailed(Exception):
    """There is no cluster, or it is lost; the text says which, and what to do."""


@contextmanager
def connected(address: str) -> Iterator[int]:
    """A connection to a cluster that is running; gives the number of its processor cores.

    Args:
        address: as ``host:port``; empty for the cluster that this machine belongs to.

    Raises:
        ClusterFailed: if there is none, or Ray is not installed.
    """
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # Ray would count how it is used, and tell its makers
    os.environ["RAY_ENABLE_AUTO_CONNECT"] = "0"  # a thread of Ray's that outlives its batch would connect anew
    try:
        import ray
        from ray.data import DataContext
    except ModuleNotFoundError as error:
        install = f"{sys.executable} -m pip install 'back-acupoint-locator[ray]'"
        raise ClusterFailed(f"For a cluster {error.name} is missing. Run: {install}") from error
    if address:
        _check_answers(address)
    try:
        ray.init(address or "auto", logging_level=logging.ERROR, log_to_driver=False)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise ClusterFailed(
            f"There is no cluster ({_first_line(error)}). Start Ray here, or give --address."
        ) from error
    try:
        logging.getLogger("ray.data").setLevel(logging.ERROR)
        context = DataContext.get_current()
        context.enable_progress_bars = context.print_on_execution_start = False
        yield max(1, int(ray.cluster_resources().get("CPU", 0)))  # type: ignore[no-untyped-call, unused-ignore]
    finally:
        ray.shutdown()


def _check_answers(address: str) -> None:
    """Ray itself would try for minutes."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=10).close()
    except (OSError, ValueError, OverflowError) as error:
        raise ClusterFailed(f"Nothing answers at {address}; give HOST:PORT of the cluster's first machine.") from error


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0].rstrip(".")


class Cluster(Generic[Task, Answer]):
    """Like :class:`~locator.jobs.workers.Workers`, on the cluster that is :func:`connected`.

    Args:
        jobs: how many processes read; each takes a core of the cluster.
        start, timeout_s: as for ``Workers``.
    """

    def __init__(self, jobs: int, start: Callable[[], Callable[[Task], Answer]], timeout_s: float) -> None:
        self._jobs = jobs
        self._reader = partial(_unpickled, pickle.dumps(start)), timeout_s
        self._asking = ExitStack()

    def __enter__(self) -> Cluster[Task, Answer]:
        self._others = set(threading.enumerate())
        return self

    def __exit__(self, *_: object) -> None:
        """Ray's workers end with the last answer, and so do the threads here that fetch answers.

        Whoever does not wait for it leaves these threads. One that asks Ray for something when the connection is closed
        ends this process.
        """
        self._asking.close()
        end_s = time.monotonic() + _THREADS_END_S
        for thread in set(threading.enumerate()) - self._others:
            if thread.name != _PARKED:
                thread.join(max(0.0, end_s - time.monotonic()))

    def digests(self, folder: Path, paths: Iterable[str]) -> Iterator[tuple[str, str | None]]:
        """Each path below a folder, and the sha256 of its bytes; None where they cannot be had."""
        for part in _parts(paths, self._jobs * _IN_A_ROUND):
            # All at once: whoever gets the first asks for answers next, and these need the same cores.
            yield from list(self._mapped(part, partial(_digests, folder.absolute()), num_cpus=1))

    def answers(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Answer | Undone]]:
        """Each task and its answer, in the order in which they become known; or why it cannot be done.

        Raises:
            WorkersFailed: if processes end before they are ready.
            ClusterFailed: if the cluster is lost.
        """
        from ray.data import ActorPoolStrategy

        for part in _parts(tasks, self._jobs * _IN_A_ROUND):
            pool = ActorPoolStrategy(size=min(self._jobs, len(part)))
            yield from self._mapped(part, _Reader, fn_constructor_args=self._reader, compute=pool, num_cpus=1)

    def _mapped(self, tasks: list[Any], function: Any, **how: Any) -> Iterator[tuple[Any, Any]]:
        """Each task and what came of it, from tables of pickled tasks to tables of pickled pairs."""
        import ray.data
        from ray.exceptions import RayError

        at_once = min(_AT_ONCE, -(-len(tasks) // (4 * self._jobs)))
        rows = [{_COLUMN: pickle.dumps(task)} for task in tasks]
        asked = ray.data.from_items(rows, override_num_blocks=-(-len(tasks) // at_once))
        answered = asked.map_batches(function, batch_size=None, batch_format="pyarrow", **how)
        try:
            tables = iter(answered.iter_batches(batch_size=None, batch_format="pyarrow"))
            self._asking.callback(cast(Generator[Any, None, None], tables).close)
            for table in tables:
                for answer in _unpacked(table):
                    if isinstance(answer, Exception):
                        raise answer
                    yield answer
        except RayError as error:
            raise ClusterFailed(
                f"The cluster is lost ({_first_line(error)}). What was read is kept; go on with --resume."
            ) from error


class _Reader(Generic[Task, Answer]):
    """What a worker of Ray holds: a process with a model, not the model itself, or a bad photo would end the worker."""

    def __init__(self, start: Callable[[], Callable[[Task], Answer]], timeout_s: float) -> None:
        self._process: Workers[Task, Answer] = Workers(1, start, timeout_s)

    def __call__(self, asked: pa.Table) -> pa.Table:
        try:
            return _packed(self._process.answers(_unpacked(asked)))
        except WorkersFailed as error:
            return _packed([WorkersFailed(f"{error} (on {socket.gethostname()})")])


def _unpickled(start: bytes) -> Callable[[Task], Answer]:
    """What answers, made from what only the process that reads has to load, and no worker of Ray."""
    made: Callable[[Task], Answer] = pickle.loads(start)()
    return made


def _parts(tasks: Iterable[Task], most: int) -> Iterator[list[Task]]:
    coming = iter(tasks)
    while part := list(islice(coming, most)):
        yield part


def _digests(folder: Path, asked: pa.Table) -> pa.Table:
    return _packed((path, files.sha256(folder / path, sources.MAX_BYTES)) for path in _unpacked(asked))


def _packed(values: Iterable[Any]) -> pa.Table:
    import pyarrow as pa

    return pa.table({_COLUMN: pa.array([pickle.dumps(value) for value in values], pa.binary())})


def _unpacked(table: pa.Table) -> Iterator[Any]:
    return (pickle.loads(value) for value in table[_COLUMN].to_pylist())
