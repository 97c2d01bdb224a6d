"""A result as data for other programs: the document that ``locator locate`` prints."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from locator.types import LANDMARKS, Location, Result

SCHEMA = 1
_DECIMALS = 2  # of a pixel; a hundredth is far below what any reading can tell


def to_dict(result: Result) -> dict[str, Any]:
    """The result in schema 1, ready for :func:`json.dumps`. Positions are in the upright photo, in pixels."""
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "image": asdict(result.image),
        "status": result.status,
    }
    if isinstance(result.outcome, Location):
        document.update(_location(result.outcome))
    else:
        document["refusal" if result.status == "refused" else "error"] = asdict(result.outcome)
    if result.model:
        document["model"] = asdict(result.model)
    return document


def _location(location: Location) -> dict[str, Any]:
    return {
        "method": location.method,
        "points": [
            {name: _rounded(value) for name, value in {**asdict(point), "side": point.side.value}.items()}
            for point in location.points
        ],
        "levels": [{name: _rounded(value) for name, value in asdict(level).items()} for level in location.levels],
        "landmarks": {
            name: [_rounded(float(value)) for value in getattr(location.landmarks, name)] for name in LANDMARKS
        },
        "set_by_hand": list(location.set_by_hand),
        "cun_px": _rounded(location.cun_px),
        "cun_source": location.cun_source.value,
        "issues": [asdict(issue) for issue in location.issues],
    }


def _rounded(value: Any) -> Any:
    return round(value, _DECIMALS) if isinstance(value, float) else value
