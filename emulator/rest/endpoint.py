"""The data plane over HTTP: authorization, limits on bodies, responses with the service's headers and error bodies."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

import msgspec
from aiohttp import web

from .. import auth, entra
from ..address import Addresses
from ..aiohttp_internals import send_continue
from ..auth import BadToken
from ..limits import Limits
from ..names import is_hub
from ..quota import Rate
from ..service import Service
from .errors import INVALID_HUB, JSON_TYPE, ApiError, InvalidParameter, bad_request
from .exchange import Call, Reply
from .routes import match

API_VERSIONS = ("2021-10-01", "2022-11-01", "2023-07-01", "2024-01-01", "2024-12-01")
VERSIONS = {"api-supported-versions": ", ".join(API_VERSIONS)}
HEALTH_PATH = "/api/health"
API_PREFIX = "/api/hubs/"


class RestEndpoint:
    """Answers requests under ``/api/``."""

    def __init__(self, service: Service, addresses: Addresses) -> None:
        self._service, self._addresses = service, addresses
        self._rate = Rate()

    async def handle(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        """Answers one call; ``path`` has single slashes."""
        if path.lower() == HEALTH_PATH and request.method in ("HEAD", "GET"):
            return web.Response(status=200)
        try:
            return response(await self._call(request, path))
        except ApiError as error:
            text = f"REST {request.method} {path}: {error.status} {error.code}: {error.logged}"
            self._service.log.write("rest", text, method=request.method, path=path, status=error.status)
            return error_response(error)

    async def _call(self, request: web.BaseRequest, raw_path: str) -> Reply:
        by_entra = self._authorise(request)
        self._count()
        hub, *segments = raw_path[len(API_PREFIX) :].split("/") if raw_path.lower().startswith(API_PREFIX) else [""]
        hub = unquote(hub)
        found = match(request.method, segments)
        if isinstance(found, list):
            raise not_matched(found)
        limits = self._service.settings.limits
        if not is_hub(hub, limits.hub_characters):
            raise InvalidParameter(INVALID_HUB.format(most=limits.hub_characters), "hub")
        query = query_of(request)
        operation, path = found
        headers = {name.lower(): value for name, value in request.headers.items()}
        base = self._addresses.base(request)
        body = await body_of(request, limits)
        call = Call({**path, "hub": hub}, query, headers, body, base, by_entra, limits)
        reply = operation(self._service, self._service.hub(hub), call)
        text = f"REST {request.method} {raw_path}: {reply.status}"
        self._service.log.write("rest", text, method=request.method, path=raw_path, status=reply.status)
        return reply

    def _count(self) -> None:
        most = self._service.settings.limits.requests_per_second
        if most and not self._rate.take(most, time.monotonic()):
            text = f"The quota of {most} requests a second is used up."
            raise ApiError(429, "Error.TooManyRequests", text, headers={"Retry-After": "1"})

    def _authorise(self, request: web.BaseRequest) -> bool:
        """Whether a Microsoft Entra token authorized the call, and not an access key. Raises ApiError."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        token = token.strip()
        try:
            if scheme.lower() != "bearer":
                raise BadToken("a bearer token is required")
            if entra.is_entra(token):
                entra.verify(token, self._service.settings.entra)
                return True
            auth.verify(token, self._service.settings.access_keys, self._audiences(request))
        except BadToken as error:
            raise ApiError(401, "Error.Unauthorized", f"Unauthorized: {error}.") from None
        return False

    def _audiences(self, request: web.BaseRequest) -> list[str]:
        """The audiences that an access key's token may have: this URL, with or without its query."""
        target = request.rel_url.raw_path
        query = request.rel_url.raw_query_string
        audiences = []
        for base in (f"{s}://{host}" for host in self._addresses.hosts(request) for s in ("http", "https")):
            audiences += [f"{base}{target}?{query}", base + target]
        return audiences


def query_of(request: web.BaseRequest) -> dict[str, list[str]]:
    """The query with its names in lower case, since they are case-insensitive.

    Raises ApiError, also for an unknown api-version.
    """
    try:
        pairs = parse_qsl(request.rel_url.raw_query_string, keep_blank_values=True, max_num_fields=10_000)
    except ValueError:
        raise bad_request("The query has too many parameters.") from None
    query: dict[str, list[str]] = {}
    for name, value in pairs:
        query.setdefault(name.lower(), []).append(value)
    version = query.get("api-version", [""])[-1]
    if version and version not in API_VERSIONS:
        raise ApiError(
            400, "UnsupportedApiVersion", f"api-version must be one of {', '.join(API_VERSIONS)}.", "api-version"
        )
    return query


async def body_of(request: web.BaseRequest, limits: Limits) -> bytes:
    """The whole body; raises ApiError if it is too large, arrives too late or does not match its headers."""
    most, seconds = limits.body_bytes, limits.body_seconds
    if (request.content_length or 0) > most:
        raise bad_request(f"The body may have at most {most} bytes.", "body")
    body = bytearray()
    try:
        await send_continue(request)
        # aiohttp reports a broken chunk only if it arrives together with the headers.
        async with asyncio.timeout(seconds):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > most:
                    raise bad_request(f"The body may have at most {most} bytes.", "body")
    except TimeoutError:
        raise ApiError(408, "Error.RequestTimeout", f"The body did not arrive within {seconds:g} s.", "body") from None
    except web.RequestPayloadError:
        raise bad_request("The body does not match its Content-Encoding or Transfer-Encoding.", "body") from None
    except ConnectionResetError:
        raise bad_request("The connection was lost before the whole body arrived.", "body") from None
    return bytes(body)


def not_matched(allowed: list[str]) -> ApiError:
    """404 for an unknown path, 405 for another method."""
    if allowed:
        methods = ", ".join(sorted(set(allowed)))
        return ApiError(405, "Error.MethodNotAllowed", f"This path allows {methods}.", headers={"Allow": methods})
    return ApiError(404, "Error.NotFound", "There is no such operation in the Web PubSub data plane.")


def response(reply: Reply) -> web.Response:
    """A reply as an HTTP response."""
    return answer(reply.status, reply.value, JSON_TYPE, VERSIONS)


def error_response(error: ApiError) -> web.Response:
    """An error as an HTTP response. aiohttp leaves the body out for HEAD."""
    headers = {**(VERSIONS if error.names_versions else {}), "x-ms-error-code": error.code, **error.headers}
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return answer(error.status, error.body(), error.content_type, headers)


def answer(status: int, value: Any, content_type: str, headers: Mapping[str, str]) -> web.Response:
    """A response with a JSON body, or without a body."""
    if value is None:
        return web.Response(status=status, headers=headers)
    kind = {"Content-Type": f"{content_type}; charset=utf-8"}
    return web.Response(status=status, headers={**headers, **kind}, body=msgspec.json.encode(value))
