"""The web server of the Functions host. It converts requests and responses between aiohttp and azure-functions."""

import asyncio
import logging
import time
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import azure.functions as func
from aiohttp import HttpVersion11, web
from aiohttp.typedefs import Handler
from multidict import MultiMapping

from local import hosts
from local.functions import keys
from local.functions.answers import Answer, answer_of
from local.functions.invocation import invoke
from local.functions.routes import Route, find
from local.functions.throttle import Full, Throttle

# Functions refuses a request body over 100 MB.
# https://learn.microsoft.com/azure/azure-functions/functions-bindings-http-webhook-trigger#limits
BODY_BYTES = 100 * 1000 * 1000
# Longer than any local client takes. Without it, a body that is never sent would be awaited until the host stops.
BODY_SECONDS = 30.0
# For URL and headers together; Functions' own server has this limit for headers.
# https://learn.microsoft.com/dotnet/api/microsoft.aspnetcore.server.kestrel.core.kestrelserverlimits
HEAD_BYTES = 32_768
UNKNOWN_HOST = f"This host name is not allowed; add it with --allowed-hosts or {hosts.VARIABLE}."

log = logging.getLogger("functions")


def build(
    routes: Sequence[Route], directory: Path, key: str, throttle: Throttle, allowed_hosts: Collection[str] = ()
) -> web.Application:
    """A web application that serves ``routes``; ``key`` is the access key of those that are not anonymous.

    ``allowed_hosts`` are additional host names under which it may be called.
    """

    async def serve(request: web.Request) -> web.Response:
        if head_size(request) > HEAD_BYTES:
            return refuse(f"The URL and headers of the request have more than {HEAD_BYTES} bytes.")
        found = find(routes, request.method, request.raw_path.split("?", 1)[0].lstrip("/"))
        if found is None:
            return web.Response(status=404)
        route, parameters = found
        if not keys.allowed(route.auth_level, key, request.headers, request.query):
            return web.Response(status=401)
        try:
            async with throttle.place():
                return await admitted(request, route, parameters)
        except Full:
            log.warning("Functions.%s was refused: maxOutstandingRequests of host.json", route.name)
            # As in Functions: without a body and without Retry-After.
            return web.Response(status=429)

    async def admitted(request: web.Request, route: Route, parameters: dict[str, str]) -> web.Response:
        try:
            async with asyncio.timeout(BODY_SECONDS):
                call = await read(request, parameters)
        except TimeoutError:
            return refuse(f"The body of the request did not arrive within {BODY_SECONDS:.0f} s.")
        except (ConnectionError, web.RequestPayloadError):
            return refuse("The body of the request is incomplete or malformed.")
        return await run(route, call, directory, in_chunks=request.version >= HttpVersion11)

    async def listed(_: web.Request) -> web.Response:
        return functions_listing(routes)

    @web.middleware
    async def known(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not is_readable(request):
            return refuse("The URL of the request, or its Host header, is malformed.")
        if not hosts.is_own(request.headers.get("Host", ""), allowed_hosts):
            return refuse(UNKNOWN_HOST, 403, "Forbidden")
        return await handler(request)

    app = web.Application(client_max_size=BODY_BYTES, middlewares=[known])
    app.router.add_get("/", landing)
    app.router.add_get("/admin/functions", listed)
    app.router.add_route("*", "/{path:.*}", serve)
    return app


def head_size(request: web.Request) -> int:
    """The size of URL and headers in bytes."""
    return len(request.raw_path) + sum(len(name) + len(value) for name, value in request.raw_headers)


def is_readable(request: web.Request) -> bool:
    """Whether host and path form a valid URL."""
    try:
        return bool(str(request.url).encode())
    except ValueError:
        return False


def refuse(message: str, status: int = 400, code: str = "BadRequest") -> web.Response:
    """An error in the API's format, since no function sees this request."""
    log.warning("A request was refused: %s", message)
    return web.json_response({"error": {"code": code, "message": message}}, status=status)


async def landing(_: web.Request) -> web.Response:
    """The root page, by which the Static Web Apps CLI detects the Functions host."""
    return web.Response(text="The Functions host is running.")


def functions_listing(routes: Sequence[Route]) -> web.Response:
    """The list of functions as in Core Tools; the Static Web Apps CLI checks that all are HTTP functions."""
    return web.json_response(
        [{"name": route.name, "config": {"bindings": [{"type": "httpTrigger"}]}} for route in routes]
    )


async def run(route: Route, request: func.HttpRequest, directory: Path, *, in_chunks: bool) -> web.Response:
    """Invokes the function and logs the result. An exception becomes a 500, and its details are only logged."""
    started = time.perf_counter()
    try:
        response = write(answer_of(route.name, await invoke(route, request, directory)), in_chunks)
    except Exception:
        log.exception("Functions.%s failed", route.name)
        return web.Response(status=500)
    log.info("Functions.%s %s in %d ms", route.name, response.status, (time.perf_counter() - started) * 1000)
    return response


async def read(request: web.Request, parameters: dict[str, str]) -> func.HttpRequest:
    return func.HttpRequest(
        request.method,
        str(request.url),
        headers=joined(request.headers, ", "),
        params=joined(request.query, ","),
        route_params=parameters,
        body=await request.read(),
    )


def joined(pairs: MultiMapping[str], separator: str) -> Mapping[str, str]:
    """Joins the values of repeated names, as the Functions host does for the worker."""
    return {
        name: ("; " if name.lower() == "cookie" else separator).join(pairs.getall(name))
        for name in dict.fromkeys(pairs)
    }


def write(answer: Answer, in_chunks: bool) -> web.Response:
    response = web.Response(status=answer.status, headers=answer.headers, body=answer.body or None)
    if in_chunks and answer.body and "Content-Length" not in answer.headers:
        # The real host sends bodies in chunks. HTTP/1.0, which some proxies still use, does not support that.
        response.enable_chunked_encoding()
    return response
