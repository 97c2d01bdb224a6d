"""Processes that answer many askers, each task within a time limit."""

import os
import signal
import threading
import time
from functools import partial

import fake_workers
import pytest
from test_workers import is_running

from locator.jobs.pool import Ended, Late, NoneFree, Pool

PATIENT_S = 300.0


def until(holds):
    deadline = time.monotonic() + 300
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def processes(pool):
    return {worker.process.pid for worker in pool._workers}


def test_many_askers_get_each_their_own_answer():
    with Pool(2, fake_workers.doubling, PATIENT_S) as pool:
        answers = {}
        askers = [threading.Thread(target=lambda n=n: answers.update({n: pool.ask(n)})) for n in range(20)]
        for asker in askers:
            asker.start()
        for asker in askers:
            asker.join()
        assert answers == {n: 2 * n for n in range(20)}
        assert (pool.waiting, pool.replaced.total()) == (0, 0)


@pytest.mark.parametrize("task", ["die", "raise"])
def test_a_task_that_ends_its_process_is_told_and_the_next_is_answered(task):
    with Pool(1, fake_workers.doubling, PATIENT_S) as pool:
        with pytest.raises(Ended):
            pool.ask(task)
        assert pool.ask(4) == 8
        assert pool.replaced == {"ended": 1}


def test_a_late_task_is_ended_and_the_next_is_answered(tmp_path):
    with Pool(1, fake_workers.start_sleeping_or_doubling, 4.0) as pool:
        until(lambda: pool.ready)
        with pytest.raises(Late):
            pool.ask(f"sleep {tmp_path}")
        (pid,) = (int(file.name) for file in tmp_path.iterdir())
        assert not is_running(pid)
        until(lambda: pool.ready)
        assert pool.ask(4) == 8
        assert pool.replaced == {"late": 1}


def test_a_process_that_ended_while_it_was_idle_is_no_tasks_fault():
    with Pool(1, fake_workers.doubling, PATIENT_S) as pool:
        until(lambda: pool.ready)
        (pid,) = processes(pool)
        os.kill(pid, signal.SIGKILL)
        until(lambda: not pool.ready)
        assert pool.ask(4) == 8


def test_a_process_that_ends_before_it_has_taken_a_task_costs_it_nothing():
    with Pool(1, fake_workers.doubling, PATIENT_S) as pool:
        until(lambda: pool.ready)
        (worker,) = pool._workers
        os.kill(worker.process.pid, signal.SIGSTOP)
        answers = []
        asker = threading.Thread(target=lambda: answers.append(pool.ask(4)))
        asker.start()
        until(lambda: pool._idle.empty())
        time.sleep(0.2)  # the task lies in the pipe now
        os.kill(worker.process.pid, signal.SIGKILL)
        asker.join()
        assert answers == [8]
        assert pool.replaced == {"ended": 1}


def test_a_process_whose_end_nobody_has_seen_yet_costs_a_task_nothing(monkeypatch):
    with Pool(1, fake_workers.doubling, PATIENT_S) as pool:
        until(lambda: pool.ready)
        (worker,) = pool._workers
        worker.process.kill()
        worker.process.join()
        monkeypatch.setattr(worker.process, "is_alive", lambda: True)
        assert pool.ask(4) == 8


def test_a_task_waits_no_longer_than_the_limit(caplog):
    with Pool(1, fake_workers.failing, 0.2) as pool:
        with pytest.raises(NoneFree):
            pool.ask(4)
        until(lambda: pool.replaced["failed"] > 1)
        assert not pool.ready
    assert [record.getMessage() for record in caplog.records] == ["A process could not be started: no model"]


def test_a_process_that_cannot_start_is_tried_again(tmp_path):
    with Pool(1, partial(fake_workers.failing_once, tmp_path / "marker"), PATIENT_S) as pool:
        assert pool.ask(4) == 8
        assert pool.replaced == {"failed": 1}


def test_no_process_is_left_behind(tmp_path):
    with Pool(2, fake_workers.start_sleeping_or_doubling, PATIENT_S) as pool:
        until(lambda: pool.ready == 2)
        pids = processes(pool)
        asker = threading.Thread(target=lambda: pytest.raises(Ended, pool.ask, f"sleep {tmp_path}"))
        asker.start()
        until(lambda: any(tmp_path.iterdir()))
    asker.join()
    assert not any(map(is_running, pids))
    assert not processes(pool) & {int(file.name) for file in tmp_path.iterdir()}
