"""What is known of the locked packages is asked, told and kept; where nobody answers, that is said."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from lab.release import advisories

LOCK = "# head\nfine==1.0 \\\n    --hash=sha256:00\nbad-one==2.1 ; sys_platform == 'win32' \\\n    --hash=sha256:11\n"


@pytest.fixture
def database():
    """One that knows a hole in ``bad-one``."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))["queries"]
            results = [{"vulns": [{"id": "X-1"}]} if one["package"]["name"] == "bad-one" else {} for one in asked]
            body = json.dumps({"results": results}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_what_is_known_is_told_and_kept(database, tmp_path, capsys):
    lock, record = tmp_path / "lock.txt", tmp_path / "record.json"
    lock.write_text(LOCK)
    assert advisories.ask(lock, record, database) == 1
    assert "bad-one==2.1: X-1" in capsys.readouterr().out
    answer = json.loads(record.read_text())["answer"]
    assert (answer["packages"], answer["advisories"]) == (2, {"bad-one==2.1": ["X-1"]})
    lock.write_text(LOCK.partition("bad-one")[0])
    assert advisories.ask(lock, record, database) == 0


def test_where_nobody_answers_that_is_said_and_the_answer_before_is_kept(database, tmp_path, capsys):
    lock, record = tmp_path / "lock.txt", tmp_path / "record.json"
    lock.write_text(LOCK)
    advisories.ask(lock, record, database)
    before = json.loads(record.read_text())["answer"]
    assert advisories.ask(lock, record, "http://127.0.0.1:9/") == 2
    assert "could not be asked" in capsys.readouterr().out
    after = json.loads(record.read_text())
    assert after["answer"] == before
    assert after["last_try"]["failed"]


def test_the_record_says_what_the_last_answer_was_or_that_there_was_none():
    kept = json.loads(advisories.RECORD.read_text())
    assert kept["answer"] is None or not kept["answer"]["advisories"]
    assert kept["answer"] or kept["last_try"]["failed"]
