"""Reads the parameters and the body of a request; raises BadRequest naming the one that is wrong.

Must not know routes.
"""

from typing import Any, TypeVar, cast

import azure.functions as func
import msgspec

from shared.errors import BadRequest
from shared.json_text import NOT_JSON
from shared.payloads import explained

T = TypeVar("T")


def parameter(request: func.HttpRequest, name: str, kind: Any, default: T) -> T:
    """The query parameter ``name`` as ``kind``; ``default`` when it is absent or empty."""
    value = request.params.get(name, "")
    return cast("T", _converted(value, name, kind)) if value else default


def segment(request: func.HttpRequest, name: str, kind: Any) -> str:
    """The part of the path that the route calls ``name``."""
    return str(_converted(request.route_params.get(name, ""), name, kind))


def body(request: func.HttpRequest, kind: type[T]) -> T:
    """The JSON body."""
    try:
        return msgspec.json.decode(request.get_body(), type=kind)
    except msgspec.ValidationError as error:
        raise BadRequest(f"The body is not as expected: {explained(error)}.") from error
    except NOT_JSON as error:
        raise BadRequest("The body must be JSON.") from error


def _converted(value: str, name: str, kind: Any) -> Any:
    try:
        return msgspec.convert(value, kind, strict=False)
    except msgspec.ValidationError as error:
        raise BadRequest(f"`{name}`: {explained(error)}.") from error
