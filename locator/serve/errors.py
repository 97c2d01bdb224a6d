"""What the service says where it has no result, in the form of RFC 9457; the texts are in problems.toml."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from locator.core import toml
from locator.core.types import Issue

MEDIA_TYPE = "application/problem+json"


class Problem(BaseModel):
    """Why there is no result, and what to do."""

    model_config = ConfigDict(frozen=True)

    type: Annotated[str, Field(description="Ends in the kind of problem.", json_schema_extra={"format": "uri"})]
    title: Annotated[str, Field(description="That kind in words.")]
    status: Annotated[int, Field(ge=400, le=599)]
    code: Annotated[str, Field(description="The kind of problem, or why a photo was refused or unreadable.")]
    detail: Annotated[str, Field(description="What is wrong.")]
    remedy: Annotated[str, Field(description="What to do.")]


class ProblemError(Exception):
    """A request that cannot be answered with a result.

    Args:
        kind: one of problems.toml.
        words: what the message of that kind leaves open.
        issue: the reason and remedy, where the kind has none of its own.
        headers: to answer with.
    """

    def __init__(
        self,
        kind: str,
        words: Mapping[str, str] = MappingProxyType({}),
        issue: Issue | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        super().__init__(kind)
        self.kind, self.headers = kind, headers
        self.problem = problem(kind, words, issue)


@cache
def _kinds() -> dict[str, Any]:
    return toml.data("serve/problems")


def problem(kind: str, words: Mapping[str, str], issue: Issue | None = None) -> Problem:
    """What is said of a kind of problem; the arguments are those of :class:`ProblemError`."""
    texts = _kinds()[kind]
    return Problem(
        type=f"urn:problem-type:locator:{kind}",
        title=texts["title"],
        status=texts["status"],
        code=issue.code if issue else kind,
        detail=issue.message if issue else texts["message"].format(**words),
        remedy=issue.remedy if issue else texts["remedy"],
    )


def status(kind: str) -> int:
    """The HTTP status of a kind of problem."""
    number: int = _kinds()[kind]["status"]
    return number


def title(kind: str) -> str:
    """A sentence on a kind of problem."""
    text: str = _kinds()[kind]["title"]
    return text
