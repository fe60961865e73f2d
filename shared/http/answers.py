"""Builds HTTP responses: JSON, and errors as ``{"error": {"code", "message"}}``."""

from collections.abc import Sequence
from typing import Any

import azure.functions as func
import msgspec

from shared.model.errors import ChatrError
from shared.wire.route import JSON, JSON_LINES

# A response is for one user at one moment: no cache may store it, and no browser may guess its type.
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def json(content: Any, headers: dict[str, str] | None = None, status: int = 200) -> func.HttpResponse:
    """A JSON response."""
    return func.HttpResponse(
        msgspec.json.encode(content),
        status_code=status,
        mimetype=JSON,
        headers={**HEADERS, **(headers or {})},
    )


def lines(items: Sequence[Any], headers: dict[str, str]) -> func.HttpResponse:
    """A response in JSON lines."""
    # As a header, because a host may omit the content type of an empty body.
    typed = {**HEADERS, "Content-Type": JSON_LINES, **headers}
    return func.HttpResponse(msgspec.json.Encoder().encode_lines(items), headers=typed)


def empty(headers: dict[str, str] | None = None) -> func.HttpResponse:
    """A 204 response."""
    return func.HttpResponse(status_code=204, headers={**HEADERS, **(headers or {})})


def error(problem: ChatrError) -> func.HttpResponse:
    """An error response."""
    headers = {} if problem.retry_after is None else {"Retry-After": str(problem.retry_after)}
    return json({"error": {"code": problem.code, "message": str(problem)}}, headers, problem.status)
