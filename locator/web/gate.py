"""What stands before Streamlit: who may not come in is told why, and every answer carries the security headers."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from html import escape
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from locator.catalogue.languages import languages
from locator.catalogue.words import GateWords, words
from locator.web.reach import Reach

_UPLOAD = re.compile(r"/_stcore/upload_file/([^/]+)/[^/]+$")

# Streamlit puts styles and small scripts into its page and loads the components' scripts as it goes along. The camera's
# picture it fetches from the page itself, as data.
_POLICY = {
    "default-src": "'self'",
    "script-src": "'self' 'unsafe-inline' blob:",
    "style-src": "'self' 'unsafe-inline'",
    "connect-src": "'self' data: blob:",
    "img-src": "'self' data: blob:",
    "media-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "worker-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
}


class Gate:
    """An ASGI application before another one.

    A page of another site, or under a name that is not this page's, is refused before Streamlit sees it. Of one
    visitor's uploads one is taken in at a time.
    """

    def __init__(self, app: ASGIApp, reach: Reach) -> None:
        self._app, self._reach = app, reach
        self._uploads: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        framers = " ".join(("'self'", *reach.framers))
        policy = "; ".join(f"{name} {sources}" for name, sources in {**_POLICY, "frame-ancestors": framers}.items())
        self._headers = {
            "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request, or hand it on."""
        if scope["type"] not in ("http", "websocket"):
            return await self._app(scope, receive, send)
        refused = self._refused(scope)
        if refused is None:
            return await self._hand_on(scope, receive, send)
        if scope["type"] == "websocket":
            return await send({"type": "websocket.close", "code": 1008})  # the server makes it a 403
        return await _answer(refused)(scope, receive, send)

    def _refused(self, scope: Scope) -> str | None:
        """Which of :class:`GateWords` says why a request is refused; None if it may come in."""
        headers, reached = Headers(scope=scope), (scope.get("server") or (None,))[0]
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        if len(hosts) != 1 or not self._reach.allows_host(hosts[0], reached):
            return "name"
        if any(not self._reach.allows_origin(origin, hosts[0]) for origin in origins):
            return "site"
        if headers.get("sec-fetch-dest") in ("iframe", "frame", "embed", "object"):
            same = headers.get("sec-fetch-site") in ("same-origin", "none", None)
            if not same and not self._may_frame(headers.get("referer", "")):
                return "frame"
        return None

    def _may_frame(self, referer: str) -> bool:
        """Whether a site may show the page in a frame; one that keeps its name back is left to the browser."""
        site = urlsplit(referer)
        return bool(self._reach.framers) and (not referer or f"{site.scheme}://{site.netloc}" in self._reach.framers)

    async def _hand_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            # It has been judged. Streamlit would look for this computer's addresses on the internet to judge it again.
            return await self._app({**scope, "headers": list(_without_origin(scope["headers"]))}, receive, send)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        upload = _UPLOAD.search(scope["path"]) if scope["method"] == "PUT" else None
        if upload is None:
            return await self._app(scope, receive, send_with_headers)
        async with self._uploads.setdefault(upload[1], asyncio.Lock()):
            return await self._app(scope, receive, send_with_headers)


def _without_origin(headers: Iterable[tuple[bytes, bytes]]) -> Iterable[tuple[bytes, bytes]]:
    return ((name, value) for name, value in headers if name.lower() != b"origin")


def _answer(why: str) -> HTMLResponse:
    """Why a request is refused and what to do, in every language that the program speaks."""
    said: list[str] = []
    for language in languages():
        text: GateWords = words(language).gate
        saying = getattr(text, why)
        way_out = f' <a href="" target="_blank" rel="noopener">{escape(text.open)}</a>' if why == "frame" else ""
        said.append(f'<p lang="{language}"><strong>{escape(saying.say)}</strong> {escape(saying.why)}{way_out}</p>')
    page = f'<!doctype html><meta charset="utf-8"><title>{escape(words().page.name)}</title>{"".join(said)}'
    headers = {
        "Content-Security-Policy": "default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
    return HTMLResponse(page, status_code=403, headers=headers)
