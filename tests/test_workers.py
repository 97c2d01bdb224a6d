"""Spawned processes that work through tasks."""

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import fake_workers
import pytest

from locator.jobs.workers import Undone, Workers, WorkersFailed


def all_answers(jobs, start, tasks, timeout_s=60):
    with Workers(jobs, start, timeout_s) as workers:
        return dict(workers.answers(tasks))


def test_every_task_is_answered_once_whatever_the_number_of_workers():
    for jobs in (1, 3):
        assert all_answers(jobs, fake_workers.doubling, range(20)) == {n: 2 * n for n in range(20)}


def test_tasks_are_taken_one_ahead_of_the_workers():
    taken = []

    def tasks():
        for number in range(30):
            taken.append(number)
            yield number

    with Workers(2, fake_workers.doubling, 60) as workers:
        for answered, _ in enumerate(workers.answers(tasks()), start=1):
            assert len(taken) <= answered + 3


def test_a_task_that_kills_its_worker_or_raises_is_given_up_and_the_others_are_answered():
    answers = all_answers(2, fake_workers.doubling, [1, "die", 2, "raise", 3])
    assert answers == {1: 2, "die": Undone.ENDED, 2: 4, "raise": Undone.ENDED, 3: 6}


@pytest.mark.slow
def test_a_task_that_hangs_is_given_up_and_the_others_are_answered(tmp_path):
    once = f"hang once {tmp_path / 'marker'}"
    answers = all_answers(2, fake_workers.doubling, [1, "hang", 2, once, 3], timeout_s=2)
    assert answers == {1: 2, "hang": Undone.TOO_LONG, 2: 4, once: once * 2, 3: 6}


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_nothing_is_left_of_a_worker_that_hung(tmp_path):
    assert all_answers(1, fake_workers.start_sleeping, [str(tmp_path)], timeout_s=2) == {str(tmp_path): Undone.TOO_LONG}
    tried = [int(file.name) for file in tmp_path.iterdir()]
    assert len(tried) == 3
    assert not any(map(is_running, tried))


def test_a_worker_that_is_killed_from_outside_costs_no_answer(tmp_path):
    once = f"die once {tmp_path / 'marker'}"
    assert all_answers(2, fake_workers.doubling, [1, once, 2]) == {1: 2, once: once * 2, 2: 4}


def test_a_task_that_fails_only_beside_others_is_done_alone(tmp_path):
    answers = all_answers(3, partial(fake_workers.Greedy, tmp_path), ["a", "b", "greedy", "c", "d", "e"])
    assert set(answers.values()) == {True}


def test_workers_that_cannot_start_say_why():
    with pytest.raises(WorkersFailed, match="no model"):
        all_answers(2, fake_workers.failing, [1])
    with pytest.raises(WorkersFailed, match="status 7"):
        all_answers(2, fake_workers.ending, [1])


def test_each_worker_computes_on_one_thread_and_the_parent_is_left_as_it_was():
    before = dict(os.environ)
    assert all_answers(1, fake_workers.threads, ["omp", "cv2"]) == {"omp": "1", "cv2": 1}
    assert dict(os.environ) == before


def is_running(pid):
    """Also of processes whose parent has not yet taken note of their end."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_workers_end_when_the_parent_is_killed_even_in_the_middle_of_a_task(tmp_path):
    code = f"import fake_workers; fake_workers.sleep_in_two({str(tmp_path)!r})"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}
    parent = subprocess.Popen([sys.executable, "-c", code], env=environment)
    deadline = time.monotonic() + 300
    while len(pids := [int(file.name) for file in tmp_path.iterdir()]) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert all(map(is_running, pids))
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    while any(map(is_running, pids)):
        assert time.monotonic() < deadline
        time.sleep(0.02)
