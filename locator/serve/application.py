"""The program as a service: HTTP in, records and drawings out.

What is sent is held in memory until it is answered, and is neither stored nor written to a log. Photos are read by
processes that are replaced when a photo hangs or breaks them; this one decodes nothing.
"""

from __future__ import annotations

import asyncio
import datetime
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated, Any, Literal

import anyio
import anyio.to_thread
from fastapi import Depends, FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError
from starlette.exceptions import HTTPException

from locator.catalogue.languages import ENGLISH, languages
from locator.draw.style import Labels, Style
from locator.formats import FORMATS
from locator.jobs.pool import Ended, Late, NoneFree, Pool
from locator.serve import openapi
from locator.serve.errors import ProblemError
from locator.serve.guard import RETRY, Guard, problem_response
from locator.serve.metrics import Metrics
from locator.serve.schema import Record
from locator.serve.worker import Answer, Drawing, Task

_ANYWHERE = ("malformed", "wrong_host", "wrong_parameter")
_ALWAYS = (
    *_ANYWHERE,
    "a_form",
    "too_many_bytes",
    "sent_too_slowly",
    "busy",
    "none_free",
    "read_too_slowly",
    "reader_ended",
    "failed",
)
_NO_SUCH = "there is no such parameter"


@dataclass(frozen=True)
class Limits:
    """What the service takes.

    Attributes:
        jobs: photos read at a time, each by a process of its own.
        queue: photos beyond these that may be on their way or wait.
        timeout_s: how long a photo may take to arrive, to wait, and to be read, each.
        max_bytes: of a photo.
        max_pixels: of a photo, decoded.
        max_code_bytes: that a HEIC or AVIF is coded in; as many of noise are read in some 2 s of a processor.
        hosts: names that it may be asked by, beside this computer's own and any address; empty for every name.
    """

    jobs: int = 2
    queue: int = 16
    timeout_s: float = 20.0
    max_bytes: int = 16_000_000
    max_pixels: int = 50_000_000
    max_code_bytes: int = 7_000_000
    hosts: tuple[str, ...] = ()

    @property
    def capacity(self) -> int:
        """Photos that are here at a time, which bounds the memory that they take."""
        return self.jobs + self.queue

    def words(self) -> dict[str, str]:
        """What messages name."""
        return {"seconds": f"{self.timeout_s:g}", "megabytes": f"{self.max_bytes / 1e6:g}"}


if TYPE_CHECKING:
    FormatName = str
else:
    FormatName = Literal[tuple(FORMATS)]


def _spoken(language: str) -> str:
    if language not in languages():
        raise PydanticCustomError("language", f"expected one of {', '.join(languages())}")
    return language


def _is_day(text: object) -> object:
    wrong = PydanticCustomError("day", "expected a day such as 2026-01-31")
    if not isinstance(text, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        raise wrong
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise wrong from None


class Sent(BaseModel):
    """What is to be known of the photo."""

    model_config = ConfigDict(extra="forbid")

    mirrored: Annotated[
        bool, Field(description="Whether the photo is a mirror image, as selfies often are: sides are exchanged.")
    ] = False


class Chosen(Sent):
    """Whose back it is to be."""

    person: Annotated[
        # The limits stand within, or the published schema would not have them.
        Annotated[int, Field(ge=1, le=99)] | SkipJsonSchema[None],
        Field(description="Which back of several, counted from the left; the largest if not given."),
    ] = None


class Wanted(Chosen):
    """How the marks are to be shown."""

    format: Annotated[FormatName, Field(description="Of the answer. A sheet is one page to print, as a PDF.")] = "jpeg"
    labels: Annotated[Labels, Field(description="Beside the marks; numbers have a legend.")] = "both"
    language: Annotated[
        str,
        AfterValidator(_spoken),
        Field(description="Of texts in the picture.", json_schema_extra={"enum": list(languages())}),
    ] = ENGLISH
    size: Annotated[float, Field(ge=0.5, le=3.0, description="Factor on texts, marks and lines.")] = 1.0
    paper: Annotated[Literal["a4", "letter"], Field(description="Of the sheet.")] = "a4"
    date: Annotated[
        datetime.date | SkipJsonSchema[None],
        BeforeValidator(_is_day),
        Field(description="Printed on the sheet; left blank if not given."),
    ] = None

    def drawing(self) -> Drawing:
        """What a reader makes of it."""
        return Drawing(self.format, Style(self.labels, self.language, self.size), self.paper, self.date)


class _Photos:
    """Takes photos in, and has them read."""

    def __init__(self, limits: Limits, pool: Pool[Task, Answer]) -> None:
        self._limits, self._pool = limits, pool
        self._threads = anyio.CapacityLimiter(limits.capacity)
        self._words = limits.words()

    async def answer(
        self,
        request: Request,
        sent: Sent,
        drawing: Drawing | None = None,
        person: int | None = None,
        each: bool = False,
    ) -> Answer:
        """The answer to the photo in the body of ``request``; see :class:`~locator.serve.worker.Task`.

        Raises:
            ProblemError: if there is none.
        """
        try:
            photo = await asyncio.wait_for(self._received(request), self._limits.timeout_s)
        except TimeoutError:
            raise ProblemError("sent_too_slowly", self._words) from None
        if photo.startswith(b"--") and request.headers.get("content-type", "").lower().startswith("multipart/"):
            raise ProblemError("a_form")
        try:
            task = Task(photo, drawing, sent.mirrored, person, each)
            return await anyio.to_thread.run_sync(self._pool.ask, task, limiter=self._threads)
        except NoneFree:
            raise ProblemError("none_free", self._words, headers=RETRY) from None
        except Late:
            raise ProblemError("read_too_slowly", self._words) from None
        except Ended:
            raise ProblemError("reader_ended") from None

    async def _received(self, request: Request) -> bytes:
        too_many = ProblemError("too_many_bytes", self._words)
        if int(request.headers.get("content-length", 0)) > self._limits.max_bytes:
            raise too_many
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > self._limits.max_bytes:  # a body in chunks does not say its length
                raise too_many
        return bytes(body)


def _no_parameters(request: Request) -> None:
    """Refuses every parameter.

    Raises:
        ProblemError: if there is one.
    """
    for name in request.query_params:
        raise ProblemError("wrong_parameter", {"what": f"{name[:40]}: {_NO_SUCH}"})


def _each_once(request: Request) -> None:
    """Refuses a parameter that is given twice: only one could be heeded.

    Raises:
        ProblemError: if there is one.
    """
    for name, times in Counter(name for name, _ in request.query_params.multi_items()).items():
        if times > 1:
            raise ProblemError("wrong_parameter", {"what": f"{name[:40]}: it is given more than once"})


def application(limits: Limits, start: Callable[[], Callable[[Task], Answer]]) -> FastAPI:
    """The service as an ASGI application; it starts its processes when it is started up, and ends them at its end.

    Args:
        start: called in each process, to get what answers its tasks; has to be picklable.
    """
    pool: Pool[Task, Answer] = Pool(limits.jobs, start, limits.timeout_s)
    metrics = Metrics(lambda: pool.waiting, lambda: pool.ready, lambda: pool.replaced)
    photos = _Photos(limits, pool)

    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        with pool:
            yield

    # Its pages of documentation would load scripts from other hosts, so there are none.
    app = FastAPI(
        title="Back acupoint locator",
        version=version("back-acupoint-locator"),
        lifespan=running,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        dependencies=[Depends(_each_once)],
    )
    app.add_exception_handler(ProblemError, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_wrong_parameter)
    app.add_exception_handler(HTTPException, _on_http)
    app.openapi = lambda: openapi.complete(app)  # type: ignore[method-assign]
    words = limits.words()
    takes_a_photo = {"requestBody": openapi.PHOTO}
    bare = [Depends(_no_parameters)]

    @app.post(
        "/v1/locate",
        operation_id="locate",
        summary="Where the points are",
        responses={
            200: openapi.record("The marks, or why there are none.", Record),
            **openapi.responses(("unreadable", *_ALWAYS), words),
        },
        openapi_extra=takes_a_photo,
    )
    async def locate(request: Request, chosen: Annotated[Chosen, Query()]) -> Response:
        """The record that `locator locate` prints. Of a refused photo it says why, and what to do."""
        return _records(request, await photos.answer(request, chosen, person=chosen.person))

    @app.post(
        "/v1/locate/all",
        operation_id="locate_all",
        summary="Where the points are on every back",
        responses={
            200: {"description": "A record for every back, or one that says why there is none.", "model": list[Record]},
            **openapi.responses(("unreadable", *_ALWAYS), words),
        },
        openapi_extra=takes_a_photo,
    )
    async def locate_all(request: Request, sent: Annotated[Sent, Query()]) -> Response:
        """The records that `locator locate --all` prints, as a list."""
        return _records(request, await photos.answer(request, sent, each=True))

    @app.post(
        "/v1/annotate",
        operation_id="annotate",
        summary="The photo with its marks",
        response_class=Response,
        responses={
            200: openapi.files("The photo with its marks, a page to print, or the marks as data.", FORMATS.values()),
            **openapi.responses(("refused", "unreadable", *_ALWAYS), words),
        },
        openapi_extra=takes_a_photo,
    )
    async def annotate(request: Request, wanted: Annotated[Wanted, Query()]) -> Response:
        """What `locator annotate` writes. A refused photo has no marks to show: its reasons come with status 422."""
        answer = await photos.answer(request, wanted, wanted.drawing(), wanted.person)
        if answer.status != "located":
            raise ProblemError(answer.status, issue=answer.why)
        request.state.outcome = answer.status
        return Response(answer.data, media_type=FORMATS[wanted.format].media_type)

    @app.get("/healthz", operation_id="health", summary="Whether the service is alive", response_class=Response,
             dependencies=bare,
             responses={200: openapi.text("It is."), **openapi.responses(_ANYWHERE, words)})  # fmt: skip
    async def health() -> Response:
        return Response("alive\n", media_type="text/plain")

    @app.get("/readyz", operation_id="readiness", summary="Whether photos can be read", response_class=Response,
             dependencies=bare,
             responses={200: openapi.text("They can."),
                        **openapi.responses((*_ANYWHERE, "not_ready"), words)})  # fmt: skip
    async def readiness() -> Response:
        if not pool.ready:
            raise ProblemError("not_ready", headers=RETRY)
        return Response("ready\n", media_type="text/plain")

    @app.get("/metrics", operation_id="metrics", summary="Counts for Prometheus", response_class=Response,
             dependencies=bare,
             responses={200: openapi.text("The counts."), **openapi.responses(_ANYWHERE, words)})  # fmt: skip
    async def counts() -> Response:
        return Response(metrics.text(), media_type="text/plain; version=0.0.4")

    @app.get("/openapi.json", include_in_schema=False, response_class=Response, dependencies=bare)
    async def description() -> Response:
        return JSONResponse(app.openapi())

    # As a monitor asks, which wants no body.
    for page, answer in (("/healthz", health), ("/readyz", readiness), ("/metrics", counts)):
        app.head(page, include_in_schema=False, response_class=Response, dependencies=bare)(answer)

    app.add_middleware(
        Guard, metrics=metrics, operations=_taking_photos(app), capacity=limits.capacity, hosts=limits.hosts
    )
    return app


def _taking_photos(app: FastAPI) -> dict[str, str]:
    """Path → name of every operation that is sent a photo."""
    return {
        route.path: str(route.operation_id)
        for route in app.routes
        if isinstance(route, APIRoute) and "POST" in (route.methods or ())
    }


def _records(request: Request, answer: Answer) -> Response:
    if answer.status == "unreadable":
        raise ProblemError("unreadable", issue=answer.why)
    request.state.outcome = answer.status
    return Response(answer.data, media_type="application/json")


async def _on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)
    return problem_response(request, error)


async def _on_wrong_parameter(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    wrong: dict[str, Any] = {}
    for one in error.errors():
        wrong.setdefault(str(one["loc"][1])[:40], one)  # of a choice of kinds, the first is the one that is meant
    words = {"extra_forbidden": _NO_SUCH}
    what = "; ".join(f"{name}: {words.get(one['type'], one['msg'])}" for name, one in wrong.items())
    return problem_response(request, ProblemError("wrong_parameter", {"what": what}))


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    kind = {404: "no_such_page", 405: "wrong_method"}.get(error.status_code, "failed")
    return problem_response(request, ProblemError(kind, headers=error.headers or {}))
