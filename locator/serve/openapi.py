"""What the service says of itself in its description, in the terms of OpenAPI."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from locator.core.reasons import RefusalCode, refusal
from locator.core.unreadable import UnreadableCode, unreadable
from locator.formats import Format
from locator.serve import errors
from locator.serve.errors import Problem

Documented = dict[str, Any]

_EXAMPLES = Path(__file__).resolve().parent / "record_examples.json"
_BINARY = {"type": "string", "format": "binary"}
_RETRY_AFTER = {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}, "required": True}
_REASONS = {
    "refused": refusal(RefusalCode.FRONT_VIEW),
    "unreadable": unreadable(UnreadableCode.DAMAGED),
}

PHOTO: Documented = {
    "required": True,
    "description": "The photo: the bytes of a JPEG, PNG, WebP, HEIC or AVIF file. Its first bytes tell which; "
    "any Content-Type is taken.",
    "content": {"application/octet-stream": {"schema": _BINARY}},
}


def record(description: str, model: Any) -> Documented:
    """An answer with a record, and an example of each kind."""
    examples = json.loads(_EXAMPLES.read_text(encoding="utf-8"))
    return {"description": description, "model": model, "content": {"application/json": {"examples": examples}}}


def files(description: str, formats: Iterable[Format]) -> Documented:
    """An answer that is one of several files."""
    kinds = {one.media_type for one in formats}
    content = {kind: {"schema": {} if kind == "application/json" else _BINARY} for kind in sorted(kinds)}
    return {"description": description, "content": content}


def text(description: str) -> Documented:
    """An answer in plain text."""
    return {"description": description, "content": {"text/plain": {"schema": {"type": "string"}}}}


def responses(kinds: Iterable[str], words: dict[str, str]) -> dict[int | str, Documented]:
    """The answers with problems of ``kinds``, by status, each with an example; ``words`` are in their messages."""
    words = {**words, "what": "size: Input should be less than or equal to 3"}
    answers: dict[int | str, Documented] = {}
    for kind in kinds:
        number = errors.status(kind)
        answer = answers.setdefault(number, {"description": "", "content": {errors.MEDIA_TYPE: {"examples": {}}}})
        answer["description"] = f"{answer['description']} {errors.title(kind)}".strip()
        content = answer["content"][errors.MEDIA_TYPE]
        content["schema"] = {"$ref": "#/components/schemas/Problem"}
        content["examples"][kind] = {
            "summary": errors.title(kind),
            "value": errors.problem(kind, words, _REASONS.get(kind)).model_dump(),
        }
        if number in (429, 503):
            answer["headers"] = {"Retry-After": _RETRY_AFTER}
    return answers


def complete(app: FastAPI) -> Documented:
    """The description of ``app``, with the schema of the problems that its answers name."""
    if not app.openapi_schema:
        schema = get_openapi(title=app.title, version=app.version, description=_ABOUT, routes=app.routes)
        schema.setdefault("components", {}).setdefault("schemas", {})["Problem"] = Problem.model_json_schema()
        app.openapi_schema = schema
    return app.openapi_schema


_ABOUT = """\
Marks six traditional pressure points on a photo of a person's back. What is sent is held in memory until it is \
answered; nothing is stored. Where there is no result, the answer is a problem as in RFC 9457, with a code \
and a remedy."""
