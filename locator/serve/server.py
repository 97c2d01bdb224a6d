"""Runs the service on a port."""

from __future__ import annotations

import asyncio
import logging
import math
import socket
from collections.abc import Callable
from functools import partial
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from locator.core import incoming, memory
from locator.serve import errors
from locator.serve.application import Limits, application
from locator.serve.guard import HEADERS
from locator.serve.worker import Answer, PhotoReader, Task

# A request and its answer may take this many times the limit: to arrive, to wait, to be read, to be fetched.
_STEPS = 4


def listen(host: str, port: int) -> socket.socket:
    """A socket that takes connections.

    Args:
        port: 0 for any that is free.

    Raises:
        OSError: if the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=256)


def address(listening: socket.socket) -> str:
    """Where it is reached, such as ``http://127.0.0.1:8000``."""
    host, port = listening.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def run(listening: socket.socket, limits: Limits, start: Callable[[], Callable[[Task], Answer]] | None = None) -> None:
    """Serve until told to stop by a signal.

    Args:
        start: see :func:`locator.serve.application.application`; readers of photos if not given.
    """
    memory.give_back()
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)  # it would tell where requests come from
    app = application(limits, start or partial(PhotoReader, limits.max_pixels, limits.max_code_bytes))
    config = uvicorn.Config(
        app,
        http=partial(_Timed, _STEPS * limits.timeout_s),  # type: ignore[arg-type]
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=math.ceil(limits.timeout_s),
    )
    uvicorn.Server(config).run(sockets=[listening])


class _Timed(H11Protocol):
    """A connection that is cut when an exchange on it takes too long, whichever side of it is slow.

    Without that, whoever sends a request's head or fetches an answer byte by byte would hold it for good.
    """

    def __init__(self, timeout_s: float, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.conn = incoming.Connection(h11.SERVER)
        self._timeout_s = timeout_s
        self._end: asyncio.TimerHandle | None = None

    def send_400_response(self, msg: str) -> None:
        """Answers what is no HTTP with a problem, as everything else, and closes the connection."""
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.abort()  # an answer is on its way already
            return
        malformed = errors.problem("malformed", {})
        body = malformed.model_dump_json().encode()
        headers = [
            (b"content-type", errors.MEDIA_TYPE.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
            *HEADERS,
        ]
        answer = h11.Response(status_code=malformed.status, headers=headers, reason=b"Bad Request")
        for event in (answer, h11.Data(data=body), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._begin()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._end:
            self._end.cancel()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        self._begin()
        super().on_response_complete()

    def _begin(self) -> None:
        if self._end:
            self._end.cancel()
        self._end = self.loop.call_later(self._timeout_s, self.transport.abort)
