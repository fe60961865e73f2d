"""Writes answers: JSON, errors as ``{"error": {"code", "message"}}``. Must not know routes."""

from collections.abc import Sequence
from typing import Any

import azure.functions as func
import msgspec

from shared.model.errors import ChatrError
from shared.wire.route import JSON, JSON_LINES

# Answers are about one user at one moment; no cache may keep them, no browser may guess their type.
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def json(content: Any, headers: dict[str, str] | None = None, status: int = 200) -> func.HttpResponse:
    """A JSON answer."""
    return func.HttpResponse(
        msgspec.json.encode(content),
        status_code=status,
        mimetype=JSON,
        headers={**HEADERS, **(headers or {})},
    )


def lines(items: Sequence[Any], headers: dict[str, str]) -> func.HttpResponse:
    """JSON lines."""
    # Named as a header, because a host may leave out the type of an answer that has no lines.
    typed = {**HEADERS, "Content-Type": JSON_LINES, **headers}
    return func.HttpResponse(msgspec.json.Encoder().encode_lines(items), headers=typed)


def empty(headers: dict[str, str] | None = None) -> func.HttpResponse:
    """Success with nothing to say."""
    return func.HttpResponse(status_code=204, headers={**HEADERS, **(headers or {})})


def error(problem: ChatrError) -> func.HttpResponse:
    """An error."""
    headers = {} if problem.retry_after is None else {"Retry-After": str(problem.retry_after)}
    return json({"error": {"code": problem.code, "message": str(problem)}}, headers, problem.status)
