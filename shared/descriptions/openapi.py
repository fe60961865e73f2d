"""The HTTP API as an OpenAPI 3.1 document, made from the routes' declarations. https://spec.openapis.org/oas/v3.1.1"""

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec

from shared.descriptions import LICENSE, TITLE, VERSION
from shared.descriptions.schemas import Schema, components, properties, reference, sentence
from shared.model.errors import ChatrError, Forbidden, Internal, NotSignedIn, TooLarge, TooManyRequests, Unavailable
from shared.trust.guests import COOKIE, HTTPS_COOKIE
from shared.wire.route import JSON, JSON_LINES, Route
from shared.wire.shapes import ErrorAnswer, OpenApi

REQUEST_ID = "#/components/headers/RequestId"
SECURITY: dict[str, list[dict[str, list[str]]]] = {
    "anyone": [],
    "signed in": [{"guest": []}, {"provider": []}],
    "members": [{"guest": []}, {"provider": []}],
    "Web PubSub": [{"signature": []}, {"secret": []}, {"entra": []}],
}


def document(routes: Sequence[Route]) -> OpenApi:
    """The whole description of an API with these routes."""
    paths: dict[str, Any] = defaultdict(dict)
    for route in routes:
        paths[f"/{route.path}"][route.method.lower()] = _operation(route)
    return OpenApi(
        openapi="3.1.0",
        info={
            "title": TITLE,
            "version": VERSION,
            "description": "The HTTP API. Unknown fields are ignored; an empty parameter counts as absent. "
            "See docs/protocol.md.",
            "license": LICENSE,
        },
        servers=[{"url": "/api"}],
        paths=dict(paths),
        components={"schemas": components(_types(routes)), "securitySchemes": _schemes(), "headers": _headers()},
    )


def _types(routes: Sequence[Route]) -> list[Any]:
    types = [kind for route in routes for kind in (route.body, *route.answers) if kind not in (None, bytes)]
    return [*types, ErrorAnswer]


def _operation(route: Route) -> Schema:
    operation: Schema = {
        "operationId": re.sub(r"_(\w)", lambda found: found[1].upper(), route.run.__name__),
        "summary": sentence(route.run.__doc__),
        "security": SECURITY[route.who],
        "parameters": [
            *_parameters("path", route.segments),
            *_parameters("query", route.query),
            *_parameters("header", route.headers),
        ],
        "responses": {**_successes(route), **_refusals(route)},
    }
    if route.body:
        content = {"*/*": {}} if route.body is bytes else {"application/json": {"schema": reference(route.body)}}
        operation["requestBody"] = {"required": route.body is not bytes, "content": content}
    return operation


def _parameters(place: str, kind: type[msgspec.Struct] | None) -> list[Schema]:
    if kind is None:
        return []
    return [
        {"name": name, "in": place, "required": required, "schema": schema if required else _or_empty(schema)}
        for name, schema, required in properties(kind)
        # The request body describes it.
        if name != "content-type"
    ]


def _or_empty(schema: Schema) -> Schema:
    """The schema of an optional parameter: an empty value counts as absent."""
    return {"anyOf": [schema, {"const": ""}]} if {"minLength", "pattern"} & set(schema) else schema


def _successes(route: Route) -> dict[str, Schema]:
    said = [reference(kind) for kind in route.answers if kind is not None]
    answers: dict[str, Schema] = {}
    if route.says == JSON_LINES:
        names = ", ".join(kind.__name__ for kind in route.answers if kind is not None)
        answers["200"] = _response(f"Success: one {names} per line.", {"type": "string"}, JSON_LINES)
    elif said:
        answers["200"] = _response("Success.", said[0] if len(said) == 1 else {"anyOf": said})
    if None in route.answers:
        answers["204"] = _response("Success, without content.", None)
    return answers


def _refusals(route: Route) -> dict[str, Schema]:
    asks = [*(() if route.who == "anyone" else (NotSignedIn,)), *((Forbidden,) if route.changes else ())]
    bounds = (TooLarge, TooManyRequests) if route.price else (TooLarge,)
    by_status: dict[int, list[type[ChatrError]]] = defaultdict(list)
    for error in dict.fromkeys((*asks, *route.errors, *bounds, Internal, Unavailable)):
        by_status[error.status].append(error)
    return {str(status): _refusal(errors) for status, errors in sorted(by_status.items())}


def _refusal(errors: list[type[ChatrError]]) -> Schema:
    codes = {"error": {"properties": {"code": {"enum": [error.code for error in errors]}}}}
    described = " ".join(f"{error.code}: {error.sentence}" for error in errors)
    response = _response(described, {"allOf": [reference(ErrorAnswer)], "properties": codes})
    if Unavailable in errors or TooManyRequests in errors:
        response["headers"]["Retry-After"] = {"$ref": "#/components/headers/RetryAfter"}
    return response


def _response(description: str, schema: Schema | None, media: str = JSON) -> Schema:
    content = {} if schema is None else {"content": {media: {"schema": schema}}}
    return {"description": description, "headers": {"x-request-id": {"$ref": REQUEST_ID}}, **content}


def _headers() -> dict[str, Schema]:
    return {
        "RequestId": {
            "description": "The correlation id of the call's log lines: the caller's `x-request-id`, or a new id.",
            "schema": {"type": "string"},
        },
        "RetryAfter": {"description": "Seconds to wait.", "schema": {"type": "integer"}},
    }


def _schemes() -> dict[str, Schema]:
    def key(place: str, name: str, description: str) -> Schema:
        return {"type": "apiKey", "in": place, "name": name, "description": description}

    return {
        "guest": key("cookie", COOKIE, f"Set by `POST guest`; over https its name is `{HTTPS_COOKIE}`."),
        "provider": key("cookie", "StaticWebAppsAuthCookie", "Set by the sign-in pages of Static Web Apps."),
        "signature": key("header", "ce-signature", "The connection id, signed with an access key of Web PubSub."),
        "secret": key("query", "code", "The secret in the event handler URL that is configured in Web PubSub."),
        "entra": {"type": "http", "scheme": "bearer", "description": "A token of Web PubSub's managed identity."},
    }
