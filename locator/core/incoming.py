"""What no honest program asks over HTTP: refused where the pages and the service begin to read a request.

Beside it stands nothing but h11, which both servers read requests with; each answers in its own way what is refused.
"""

from __future__ import annotations

from typing import Any

import h11

_MOST_HEAD_BYTES = 64 * 1024  # what comes in one piece h11 takes however long it is
_FEW_CHUNKS = 1000
_LEAST_BYTES = 64  # in a chunk of a body that has more of them; programs send some thousand at a time


class Connection(h11.Connection):
    """Refuses as broken a very long head, a body of two lengths, and one in very many very small chunks.

    Of two lengths, what stands before the server may take the other one for the end (RFC 9112, 6.1). Chunks of a byte
    cost a server a thousand times as much as the same body in one piece, and everybody else waits for that.
    """

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self._chunks = self._bytes = 0
        self._is_broken = self._is_mute = False

    def next_event(self) -> Any:
        """See :meth:`h11.Connection.next_event`."""
        try:
            return self._checked(super().next_event())
        except h11.RemoteProtocolError:
            self._is_broken = True
            raise

    def send(self, event: Any) -> Any:
        """See :meth:`h11.Connection.send`; of a broken request that has been answered already nothing more is said."""
        if self._is_broken and isinstance(event, h11.Response):
            self._is_mute = self.our_state not in (h11.IDLE, h11.SEND_RESPONSE)
        return b"" if self._is_mute else super().send(event)

    def _checked(self, event: Any) -> Any:
        if isinstance(event, h11.Request):
            self._chunks = self._bytes = 0
            _check_head(event)
        elif isinstance(event, h11.Data):
            self._chunks += event.chunk_start
            self._bytes += len(event.data)
            if self._chunks > _FEW_CHUNKS and self._bytes < _LEAST_BYTES * self._chunks:
                raise h11.RemoteProtocolError("very many very small chunks")
        return event


def _check_head(request: h11.Request) -> None:
    if len(request.target) + sum(len(name) + len(value) for name, value in request.headers) > _MOST_HEAD_BYTES:
        raise h11.RemoteProtocolError("a very long head")
    if {b"content-length", b"transfer-encoding"} <= {name for name, _ in request.headers}:
        raise h11.RemoteProtocolError("two lengths")


def refuse() -> None:
    """Let whatever reads requests by h11 in this process refuse these, where it cannot be told otherwise."""
    h11.Connection = Connection  # type: ignore[misc]
