"""Starts the service in a process of its own, and asks it."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

TESTS = Path(__file__).parent
# Tests that run in the background inherit a deaf one.
HEARS_CTRL_C = None if sys.platform == "win32" else partial(signal.signal, signal.SIGINT, signal.SIG_DFL)


@dataclass
class Said:
    status: int
    headers: dict
    body: bytes

    @property
    def document(self):
        return json.loads(self.body)


class Service:
    """A context manager; afterwards :attr:`log` is all that the service wrote.

    Args:
        before: a command that runs it.
    """

    def __init__(self, *command, before=()):
        self.command = [*before, sys.executable, *command]

    def __enter__(self):
        path = os.pathsep.join([str(TESTS), *sys.path])
        self.process = subprocess.Popen(
            self.command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONPATH": path},
            preexec_fn=HEARS_CTRL_C,
        )
        self.log = self.process.stdout.readline()
        self.url = re.search(r"http://[\d.]+:(\d+)", self.log)
        assert self.url, self.log + self.process.stdout.read()
        self.port, self.url = int(self.url[1]), self.url[0]
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.log += self.process.communicate(timeout=300)[0]
        finally:
            self.process.kill()

    def until(self, page="/readyz", status=200):
        deadline = time.monotonic() + 300
        while self.ask("GET", page).status != status:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return self

    def until_counted(self, start, number=1):
        """Wait until :meth:`count` has come to a number."""
        deadline = time.monotonic() + 300
        while self.count(start) != number:
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def connected(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)

    def ask(self, method, target, body=None, headers=None, **options):
        connection = self.connected()
        try:
            connection.request(method, target, body, headers or {}, **options)
            answer = connection.getresponse()
            names = {name.lower(): value for name, value in answer.getheaders()}
            return Said(answer.status, names, answer.read())
        finally:
            connection.close()

    def locate(self, photo):
        return self.ask("POST", "/v1/locate", photo)

    def at_once(self, *photos):
        """Sends the photos one after the other without waiting for answers; returns what waits for them."""
        said = [None] * len(photos)

        def send(number, photo):
            said[number] = self.locate(photo)

        threads = [threading.Thread(target=send, args=one) for one in enumerate(photos)]
        for thread in threads:
            thread.start()

        def answers():
            for thread in threads:
                thread.join()
            return said

        return answers

    def count(self, start):
        """The number behind the line of /metrics that begins so."""
        text = self.ask("GET", "/metrics").body.decode()
        return next((float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(start)), 0.0)
