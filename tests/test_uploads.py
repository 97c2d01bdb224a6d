"""A visitor's uploads stay in memory, and have a bound together."""

from __future__ import annotations

import asyncio
import tempfile

import pytest
from coroutines import run
from starlette.formparsers import MultiPartParser
from starlette.requests import Request
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec
from test_gate import HOME

from locator.photo import sources
from locator.web import server, uploads
from locator.web.gate import Gate

MB = 1024 * 1024


def receiving(*parts):
    """What an ASGI application receives: a body in parts."""
    messages = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    messages.append({"type": "http.request", "body": b"", "more_body": False})

    async def receive():
        return messages.pop(0)

    return receive


def test_an_upload_stays_in_memory_where_nothing_can_be_written(monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    monkeypatch.setattr(MultiPartParser, "spool_max_size", MultiPartParser.spool_max_size)
    server.settings()
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="back.jpg"\r\n\r\n'
    receive = receiving(head, *[bytes(MB)] * 3, b"\r\n--x--\r\n")
    scope = {"type": "http", "method": "PUT", "headers": [(b"content-type", b"multipart/form-data; boundary=x")]}

    async def read():
        form = await Request(scope, receive).form()
        return await form["file"].read()

    assert run(read()) == bytes(3 * MB)


@pytest.fixture
def manager():
    made = MemoryUploadedFileManager("/upload")
    uploads.bound(made, 130)
    return made


def add(manager, name, size, session="one"):
    manager.add_file(session, UploadedFileRec(name, f"{name}.jpg", "image/jpeg", bytes(size)))


def kept(manager, session="one"):
    return [file.file_id for file in manager.get_files(session, ["a", "b", "c", "d"])]


def test_the_oldest_uploads_of_a_visitor_are_dropped_for_new_ones(manager):
    for name in ("a", "b"):
        add(manager, name, 64)
    assert kept(manager) == ["a", "b"]
    add(manager, "c", 2)
    assert kept(manager) == ["a", "b", "c"]
    add(manager, "d", 1)
    assert kept(manager) == ["b", "c", "d"]
    add(manager, "b", 64)
    add(manager, "a", 64)
    assert kept(manager) == ["a", "b", "d"]


def test_however_many_come_no_more_is_kept_than_two_photos_and_handles():
    manager = MemoryUploadedFileManager("/upload")
    uploads.bound(manager)
    photo = bytes(sources.MAX_BYTES)
    for n in range(12):
        manager.add_file("one", UploadedFileRec(str(n), "back.jpg", "image/jpeg", photo))
    assert sum(len(file.data) for file in manager.file_storage["one"].values()) <= 2 * len(photo) + MB


def test_one_visitors_uploads_push_out_nobody_elses(manager):
    add(manager, "a", 64, "other")
    for name in ("b", "c", "d"):
        add(manager, name, 64)
    assert kept(manager, "other") == ["a"]


@pytest.mark.parametrize(("sessions", "most_at_once"), [(["one"] * 3, 1), (["one", "two", "three"], 3)])
def test_of_one_visitor_one_upload_comes_in_at_a_time(sessions, most_at_once):
    under_way, seen = [], []

    async def taking(scope, receive, send):
        under_way.append(scope)
        seen.append(len(under_way))
        await asyncio.sleep(0.01)
        under_way.pop()

    async def put(gate, session):
        path = f"/base/_stcore/upload_file/{session}/file"
        await gate({"type": "http", "method": "PUT", "path": path, "headers": [(b"host", b"localhost")]}, None, None)

    async def all_at_once():
        gate = Gate(taking, HOME)
        await asyncio.gather(*(put(gate, session) for session in sessions))

    run(all_at_once())
    assert max(seen) == most_at_once
    assert len(seen) == 3
