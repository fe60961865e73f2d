"""An event handler for tests: records what it is sent and answers what the test says."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.emulator.clients import WAIT_SECONDS

ELSEWHERE = "/elsewhere"


@dataclass
class Recorded:
    """One request as it arrived; header names keep their spelling."""

    method: str
    path: str
    headers: Any
    body: bytes

    @property
    def event(self) -> str:
        return str(self.headers.get("ce-eventName", ""))


Answer = Callable[[Recorded], Awaitable[web.Response] | web.Response]


async def response(answer: Awaitable[web.Response] | web.Response) -> web.Response:
    """What a handler answered, whether it had to wait for it or not."""
    return answer if isinstance(answer, web.Response) else await answer


@dataclass
class Webhook:
    """A running event handler; ``answer`` may be replaced at any time."""

    url: str = ""
    allowed: str | None = "*"
    asked_status: int = 200
    # What it says to an origin that asks, instead of ``allowed``.
    allows: Callable[[str], str | None] | None = None
    answer: Answer = lambda _: web.Response(status=204)
    requests: list[Recorded] = field(default_factory=list)
    _arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def handle(self, request: web.Request) -> web.Response:
        recorded = Recorded(request.method, request.path_qs, request.headers.copy(), await request.read())
        async with self._arrived:
            self.requests.append(recorded)
            self._arrived.notify_all()
        if request.method == "OPTIONS":
            origin = recorded.headers["WebHook-Request-Origin"]
            allowed = self.allowed if self.allows is None else self.allows(origin)
            headers = {"WebHook-Allowed-Origin": allowed} if allowed else {}
            # Where a redirect leads, everything is allowed.
            if self.asked_status == 307 and request.path != ELSEWHERE:
                return web.Response(status=307, headers={"Location": ELSEWHERE})
            return web.Response(status=200 if request.path == ELSEWHERE else self.asked_status, headers=headers)
        return await response(self.answer(recorded))

    def events(self, *names: str) -> list[Recorded]:
        return [r for r in self.requests if r.method == "POST" and (not names or r.event in names)]

    async def wait_for(self, *names: str, count: int = 1) -> list[Recorded]:
        """The first ``count`` events of these names, once they are there."""
        async with asyncio.timeout(WAIT_SECONDS), self._arrived:
            await self._arrived.wait_for(lambda: len(self.events(*names)) >= count)
        return self.events(*names)[:count]


@asynccontextmanager
async def webhook() -> AsyncIterator[Webhook]:
    """Starts an event handler on a free port; ``url`` is its URL template."""
    hook = Webhook()
    application = web.Application(client_max_size=64 * 1024 * 1024)
    application.router.add_route("*", "/{tail:.*}", hook.handle)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        hook.url = f"http://127.0.0.1:{port}/api/{{hub}}/{{event}}?code=secret"
        yield hook
    finally:
        await runner.cleanup()
