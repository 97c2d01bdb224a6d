"""Many photos on a cluster: the same answers as on one machine, whatever is lost on the way."""

import contextlib
import importlib.util
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import fake_workers
import pytest
from conftest import need
from fake_reader import SETTINGS, FakeReader

from locator.jobs import batch, cluster, readers
from locator.jobs.workers import WorkersFailed

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")]


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A cluster of two workers that answers to nobody else."""
    need(importlib.util.find_spec("ray"), "Ray, which the extra [ray] installs")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parent), *sys.path]))
        environment.setenv("RAY_USAGE_STATS_ENABLED", "0")
        environment.setenv("RAY_ENABLE_AUTO_CONNECT", "0")
        environment.setenv("RAY_AUTH_MODE", "token")
        environment.setenv("RAY_AUTH_TOKEN", secrets.token_hex(32))
        from ray.cluster_utils import Cluster  # reads the environment

        # Ray takes 127.0.0.1 for any address of this machine.
        head = {"num_cpus": 2, "node_ip_address": "127.0.0.2", "object_store_memory": 80 << 20}
        ray_cluster = Cluster(initialize_head=True, head_node_args={**head, "include_dashboard": False})
        yield ray_cluster.address
        ray_cluster.shutdown()


@pytest.fixture
def folder(tmp_path):
    """A folder of files that the fake reader answers to: 15 to be read, 1 copy, one of them with an odd name."""
    contents = {f"{n:02}.jpg": f"slow {n}" for n in range(12)}
    contents |= {"b.png": "refused", "c.JPEG": "die", "sub/e.heic": "located", "sub/f.avif": "located"}
    folder = tmp_path / "photos"
    (folder / "sub").mkdir(parents=True)
    for path, text in contents.items():
        (folder / path).write_text(text)
    return folder


def run(folder, out, log, engine, progress=lambda done, total: None):
    batch.run(folder, out, partial(FakeReader, folder, log), SETTINGS, 2, True, progress, engine)


def tree(out):
    """Path → bytes of every file."""
    return {file.relative_to(out).as_posix(): file.read_bytes() for file in out.rglob("*") if file.is_file()}


def readings(log):
    """Process and photo of every reading."""
    return [(int(line.split()[0]), json.loads(line.partition(" ")[2])) for line in log.read_text().splitlines()]


def parents_of_readers(log):
    """The processes that started those which have read and still run, the one of the last reading first."""
    for pid, _ in reversed(readings(log)):
        with contextlib.suppress(FileNotFoundError):
            yield int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def interrupted(whole, out, known):
    """What a sudden end leaves of a batch when the records of its first ``known`` photos are in the journal."""
    (out / "unfinished").mkdir(parents=True)
    shutil.copy(whole / "settings.json", out)
    shutil.copytree(whole / "pictures", out / "pictures")
    journal = (whole / "records.jsonl").read_bytes().splitlines(keepends=True)[:known]
    (out / "unfinished" / "journal.jsonl").write_bytes(b"".join(journal))


def test_a_worker_killed_in_the_middle_changes_no_byte_and_no_photo_is_read_in_vain(address, folder, tmp_path):
    here, there, log, killed = tmp_path / "here", tmp_path / "there", tmp_path / "log", []
    run(folder, here, tmp_path / "log here", readers.ThisMachine)
    interrupted(here, there, known=3)

    def kill(done, total):
        for worker in parents_of_readers(log) if done and not killed else ():
            assert "ray::" in Path(f"/proc/{worker}/cmdline").read_text()
            os.kill(worker, signal.SIGKILL)
            killed.append(worker)
            break

    with cluster.connected(address) as cores:
        assert cores == 2
        run(folder, there, log, cluster.Cluster, kill)
    assert killed
    assert tree(there) == tree(here)
    read = {path for _, path in readings(log)}
    assert not read & {"00.jpg", "01.jpg", "02.jpg"}
    assert len(read & {"sub/e.heic", "sub/f.avif"}) == 1


def test_a_process_that_cannot_start_says_why_and_where(address):
    with (
        cluster.connected(address),
        cluster.Cluster(1, fake_workers.failing, timeout_s=60) as workers,
        pytest.raises(WorkersFailed, match=r"no model \(on .+\)"),
    ):
        list(workers.answers([1]))


def test_whoever_waits_for_no_more_answers_leaves_no_thread_that_would_ask_ray_when_it_is_over(address):
    with cluster.connected(address):
        before = set(threading.enumerate())
        with cluster.Cluster(1, fake_workers.doubling, timeout_s=60) as workers:
            answers = workers.answers(range(300))
            assert next(answers)[1] is not None
        assert {thread.name for thread in set(threading.enumerate()) - before} <= {"Prefetcher"}  # which only waits
        answers.close()


def test_ray_is_told_to_send_nothing_about_its_use(address, monkeypatch):
    monkeypatch.delenv("RAY_USAGE_STATS_ENABLED")
    with cluster.connected(address):
        from ray._common.usage import usage_lib

        assert not usage_lib.usage_stats_enabled()


def test_what_asks_ray_for_something_when_the_batch_is_over_connects_nowhere(address):
    with cluster.connected(address):
        import ray
    with pytest.raises(Exception, match="Ray has not been started yet"):
        ray.wait([])
    assert not ray.is_initialized()


def test_the_command_gives_the_same_bytes_on_a_cluster_as_here(address, locator, samples, tmp_path):
    (tmp_path / "photos").mkdir()
    for name in ("standing", "from_the_front"):
        shutil.copy(samples[name], tmp_path / "photos")
    (tmp_path / "photos" / "note.png").write_text("not a photo")
    said = {}
    for out, engine in (("here", []), ("there", ["--engine", "ray", "--address", address])):
        command = [sys.executable, "-m", "locator", "batch", "photos", "--out", out, "--jobs=1", "--pictures", *engine]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (4, "")
        said[out] = done.stdout
    assert said["there"] == said["here"]
    assert tree(tmp_path / "there") == tree(tmp_path / "here")


def test_without_a_cluster_a_sentence_says_what_is_missing(monkeypatch):
    with (
        pytest.raises(cluster.ClusterFailed, match=r"Nothing answers at 127\.0\.0\.1:1;"),
        cluster.connected("127.0.0.1:1"),
    ):
        pass
    with pytest.raises(cluster.ClusterFailed, match="HOST:PORT"), cluster.connected("somewhere"):
        pass
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(cluster.ClusterFailed, match=r"pip install '.+\[ray\]'"), cluster.connected(""):
        pass
