"""Reads what a route declares from a request; raises BadRequest naming the field that is wrong.

Must not know routes.
"""

from collections.abc import Mapping

import azure.functions as func
import msgspec

from shared.errors import BadRequest
from shared.http.route import Route
from shared.json_text import NOT_JSON
from shared.payloads import explained


def read(request: func.HttpRequest, route: Route) -> list[msgspec.Struct]:
    """A value for each of the path's segments, the query and the body that the route declares."""
    values: list[msgspec.Struct] = []
    if route.segments:
        values.append(_converted(request.route_params, route.segments))
    if route.query:
        # An empty parameter counts as absent: pages written by hand send `after=` for the first one.
        values.append(_converted({name: value for name, value in request.params.items() if value}, route.query))
    if route.body:
        values.append(_body(request.get_body(), route.body))
    return values


def _converted(values: Mapping[str, str], kind: type[msgspec.Struct]) -> msgspec.Struct:
    try:
        return msgspec.convert(dict(values), kind, strict=False)
    except msgspec.ValidationError as error:
        raise BadRequest(f"{explained(error)}.") from error


def _body(content: bytes, kind: type[msgspec.Struct]) -> msgspec.Struct:
    try:
        return msgspec.json.decode(content, type=kind)
    except msgspec.ValidationError as error:
        raise BadRequest(f"The body is not as expected: {explained(error)}.") from error
    except NOT_JSON as error:
        raise BadRequest("The body must be JSON.") from error
