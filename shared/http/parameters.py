"""Reads what a route declares from a request; raises BadRequest naming the field that is wrong.

Must not know routes.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

import azure.functions as func
import msgspec

from shared.model.errors import BadRequest, TooLarge
from shared.wire.json_text import NOT_JSON
from shared.wire.payloads import explained
from shared.wire.route import Route

# The longest that means anything is a search for 100 characters, each 12 when it is escaped.
QUERY_CHARACTERS = 4_096


def check_size(request: func.HttpRequest, route: Route) -> None:
    """Raises TooLarge for what is not worth reading; the host has it in memory by now, and has decoded the query."""
    if len(request.get_body()) > route.body_bytes:
        raise TooLarge(f"The body may have {route.body_bytes} bytes here.")
    if len(urlsplit(request.url).query) > QUERY_CHARACTERS:
        raise TooLarge(f"The query of the address may have {QUERY_CHARACTERS} characters.")


def read(request: func.HttpRequest, route: Route) -> list[object]:
    """A value for each of the path's segments, the query, the headers and the body that the route declares."""
    values: list[object] = []
    if route.segments:
        values.append(_converted(request.route_params, route.segments))
    if route.query:
        values.append(_converted(request.params, route.query))
    if route.headers:
        values.append(_converted(request.headers, route.headers))
    if route.body:
        values.append(_body(request.get_body(), route.body))
    return values


def _converted(given: Mapping[str, str], kind: type[msgspec.Struct]) -> msgspec.Struct:
    # What is empty counts as absent: pages written by hand send `after=` for the first one.
    values = {name: given[name] for name in kind.__struct_encode_fields__ if given.get(name, "").strip()}
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        raise BadRequest(f"{explained(error)}.") from error


def _body(content: bytes, kind: type[msgspec.Struct] | type[bytes]) -> object:
    if kind is bytes:
        return content
    try:
        return msgspec.json.decode(content, type=kind)
    except msgspec.ValidationError as error:
        raise BadRequest(f"The body is not as expected: {explained(error)}.") from error
    except NOT_JSON as error:
        raise BadRequest("The body must be JSON.") from error
