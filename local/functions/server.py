"""The web server of the Functions host: HTTP in, one invocation, HTTP out.

Owns the translation between aiohttp's and azure-functions' requests and responses. Must not know routing rules.
"""

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
# Nobody on this machine takes so long, and who never sends it would be waited for until the host stops.
BODY_SECONDS = 30.0
# Address and headers together; Functions' own server has it so for the headers.
# https://learn.microsoft.com/dotnet/api/microsoft.aspnetcore.server.kestrel.core.kestrelserverlimits
HEAD_BYTES = 32_768
UNKNOWN_HOST = f"This machine is not known by that name; --allowed-hosts or {hosts.VARIABLE} says so."

log = logging.getLogger("functions")


def build(
    routes: Sequence[Route], directory: Path, key: str, throttle: Throttle, allowed_hosts: Collection[str] = ()
) -> web.Application:
    """A web application that serves ``routes``; ``key`` opens those that are not anonymous.

    ``allowed_hosts``: names by which it may be called beside those of this machine.
    """

    async def serve(request: web.Request) -> web.Response:
        if head_size(request) > HEAD_BYTES:
            return refuse(f"The address and headers of the request have more than {HEAD_BYTES} bytes.")
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
            log.warning("Functions.%s is refused: maxOutstandingRequests of host.json", route.name)
            # As Functions does: without a body, and without saying when to come again.
            return web.Response(status=429)

    async def admitted(request: web.Request, route: Route, parameters: dict[str, str]) -> web.Response:
        try:
            async with asyncio.timeout(BODY_SECONDS):
                call = await read(request, parameters)
        except TimeoutError:
            return refuse(f"The body of the request did not come within {BODY_SECONDS:.0f} s.")
        except (ConnectionError, web.RequestPayloadError):
            return refuse("The body of the request broke off, or cannot be read.")
        return await run(route, call, directory, in_chunks=request.version >= HttpVersion11)

    async def listed(_: web.Request) -> web.Response:
        return functions_listing(routes)

    @web.middleware
    async def known(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not is_readable(request):
            return refuse("The address of the request, or its Host header, cannot be read.")
        if not hosts.is_own(request.headers.get("Host", ""), allowed_hosts):
            return refuse(UNKNOWN_HOST, 403, "Forbidden")
        return await handler(request)

    app = web.Application(client_max_size=BODY_BYTES, middlewares=[known])
    app.router.add_get("/", landing)
    app.router.add_get("/admin/functions", listed)
    app.router.add_route("*", "/{path:.*}", serve)
    return app


def head_size(request: web.Request) -> int:
    """Bytes of address and headers."""
    return len(request.raw_path) + sum(len(name) + len(value) for name, value in request.raw_headers)


def is_readable(request: web.Request) -> bool:
    """Whether host and address make a URL."""
    try:
        return bool(str(request.url).encode())
    except ValueError:
        return False


def refuse(message: str, status: int = 400, code: str = "BadRequest") -> web.Response:
    """In the API's error shape, since no function sees this request."""
    log.warning("A request is refused: %s", message)
    return web.json_response({"error": {"code": code, "message": message}}, status=status)


async def landing(_: web.Request) -> web.Response:
    """Functions answers its root, by which the Static Web Apps CLI finds it."""
    return web.Response(text="The Functions host is running.")


def functions_listing(routes: Sequence[Route]) -> web.Response:
    """As Core Tools lists them; the Static Web Apps CLI asks whether all are HTTP functions."""
    return web.json_response(
        [{"name": route.name, "config": {"bindings": [{"type": "httpTrigger"}]}} for route in routes]
    )


async def run(route: Route, request: func.HttpRequest, directory: Path, *, in_chunks: bool) -> web.Response:
    """Invokes the function and logs how it went; what it raises becomes a 500 whose cause stays in the log."""
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
    """Repeated names as one value, as the Functions host hands them to the worker."""
    return {
        name: ("; " if name.lower() == "cookie" else separator).join(pairs.getall(name))
        for name in dict.fromkeys(pairs)
    }


def write(answer: Answer, in_chunks: bool) -> web.Response:
    response = web.Response(status=answer.status, headers=answer.headers, body=answer.body or None)
    if in_chunks and answer.body and "Content-Length" not in answer.headers:
        # The host never knows how long an answer will be. HTTP/1.0, which proxies still speak, has no chunks.
        response.enable_chunked_encoding()
    return response
