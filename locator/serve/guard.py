"""What stands around the service: it bounds, counts and checks requests before anything looks at them."""

from __future__ import annotations

import ipaddress
import logging
import re
import time
from collections.abc import Iterable, Mapping

from fastapi import Request, Response
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from locator.serve import errors
from locator.serve.errors import ProblemError
from locator.serve.metrics import Metrics

RETRY = {"Retry-After": "2"}  # s; in that time a queue of the usual length is read

# A page of another site must not take an answer for a script, and no cache may keep one.
HEADERS = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]

_PIECE_BYTES = 1 << 18  # of an answer
_HOST = re.compile(r"(\[[^\[\]]*\]|[^\[\]:]*)(?::\d*)?")  # of the header of that name: a name or an address, a port

_log = logging.getLogger(__name__)


class Guard:
    """Around everything: takes so many requests at a time, counts what comes of them, and tells of every failure.

    A request has its place from its head to the last piece of its answer, since both bodies take memory.

    Args:
        operations: path → name of what takes a photo; all else has no body, and needs no place.
        capacity: requests that may have a place at a time.
        hosts: see :class:`locator.serve.application.Limits`.
    """

    def __init__(
        self, app: ASGIApp, metrics: Metrics, operations: Mapping[str, str], capacity: int, hosts: Iterable[str]
    ) -> None:
        self._app, self._metrics, self._operations = app, metrics, operations
        self._free, self._hosts = capacity, frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See :data:`starlette.types.ASGIApp`."""
        operation = self._operations.get(scope["path"]) if scope["type"] == "http" else None
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif wrong := _wrong_head(Request(scope), self._hosts):
            await self._answer(problem_response(Request(scope), wrong), scope, receive, send)
        elif not operation:
            await self._answer(self._app, scope, receive, send)
        else:
            begun, request = time.perf_counter(), Request(scope)
            is_admitted = self._free > 0
            app = self._app if is_admitted else problem_response(request, ProblemError("busy", headers=RETRY))
            self._free -= is_admitted
            self._metrics.in_progress.inc()
            try:
                await self._answer(app, scope, receive, send)
            finally:
                self._free += is_admitted
                self._metrics.in_progress.dec()
                self._metrics.requests.labels(operation, getattr(request.state, "outcome", "failed")).inc()
                self._metrics.seconds.labels(operation).observe(time.perf_counter() - begun)

    async def _answer(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        has_answered = False

        async def sending(message: Message) -> None:
            nonlocal has_answered
            if message["type"] == "http.response.start":
                has_answered = True
                await send({**message, "headers": [*message["headers"], *HEADERS]})
                return
            # The server takes a next piece only when the one before is on its way.
            body = message.get("body", b"")
            for at in range(0, len(body), _PIECE_BYTES):
                await send({**message, "body": body[at : at + _PIECE_BYTES], "more_body": True})
            await send({**message, "body": b""})

        try:
            await app(scope, receive, sending)
        except ClientDisconnect:
            Request(scope).state.outcome = "gone"
        except Exception as error:
            # What failed and where, but not with what: a message may tell of the photo.
            _log.error("%s%s", type(error).__name__, _trace_of(error))
            if has_answered:
                raise ConnectionAbortedError from None
            await problem_response(Request(scope), ProblemError("failed"))(scope, receive, sending)


def _wrong_head(request: Request, hosts: frozenset[str]) -> ProblemError | None:
    """Why a request is not looked at."""
    host = request.headers.get("host")
    if hosts and host is not None and not _is_ours(host, hosts):
        return ProblemError("wrong_host")
    return None


def _is_ours(host: str, hosts: frozenset[str]) -> bool:
    """Whether a request is meant for this service; one by an address is, as no other site can have that."""
    match = _HOST.fullmatch(host)
    name = match[1].lower().removesuffix(".") if match else ""
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return name == "localhost" or name in hosts
    return True


def _trace_of(error: Exception) -> str:
    calls, trace = [], error.__traceback__
    while trace:
        calls.append(f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}")
        trace = trace.tb_next
    return f" in {' > '.join(calls)}"


def problem_response(request: Request, error: ProblemError) -> Response:
    """The answer with a problem; the metrics learn of its kind."""
    request.state.outcome = error.kind
    data = error.problem.model_dump_json().encode()
    return Response(data, error.problem.status, error.headers, errors.MEDIA_TYPE)
