"""A handler that breaks off in the middle of its answer."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web


@asynccontextmanager
async def breaking_off(times: int) -> AsyncIterator[tuple[str, list[str]]]:
    """A handler that breaks off the connection at its first POSTs; yields its URL and the ids it was sent."""
    ids: list[str] = []

    async def handle(request: web.BaseRequest) -> web.Response:
        if request.method == "POST":
            ids.append(request.headers["ce-id"])
            if len(ids) <= times:
                assert request.transport is not None
                request.transport.abort()
        return web.Response(headers={"WebHook-Allowed-Origin": "*"})

    runner = web.ServerRunner(web.Server(handle))
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/", ids
    finally:
        await runner.cleanup()
