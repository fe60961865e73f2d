"""Parses and validates the parts of a request that a route declares; raises BadRequest naming the invalid field."""

from collections.abc import Mapping
from urllib.parse import urlsplit

import azure.functions as func
import msgspec

from shared.model.errors import BadRequest, TooLarge
from shared.wire.json_text import NOT_JSON
from shared.wire.payloads import explained
from shared.wire.route import Route

# Enough for the longest valid query, a search for 100 characters that take 12 each when escaped.
QUERY_CHARACTERS = 4_096


def check_size(request: func.HttpRequest, route: Route) -> None:
    """Raises TooLarge before anything is parsed; the host has already read the body and decoded the query."""
    if len(request.get_body()) > route.body_bytes:
        raise TooLarge(f"The body is too large; the limit is {route.body_bytes} bytes.")
    if len(urlsplit(request.url).query) > QUERY_CHARACTERS:
        raise TooLarge(f"The query string is too long; the limit is {QUERY_CHARACTERS} characters.")


def read(request: func.HttpRequest, route: Route) -> list[object]:
    """The values that the route declares, in the order path, query, headers and body."""
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
    # An empty value counts as absent: hand-written clients send `after=` for the first page.
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
        raise BadRequest(f"The body is invalid: {explained(error)}.") from error
    except NOT_JSON as error:
        raise BadRequest("The body must be JSON.") from error
