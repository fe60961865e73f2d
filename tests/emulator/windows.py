"""An open window as tests see it: its stream read as a page reads it, and its actions."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.emulator.clients import WAIT_SECONDS

OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}
# What a tunnel to this machine adds.
FROM_ELSEWHERE = {"X-Forwarded-For": "203.0.113.9"}


class Window:
    """What a window has been told so far, put together as the page does."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self.first: dict[str, Any] = {}
        self.hubs: list[dict[str, Any]] = []
        self.connections: dict[str, dict[str, Any]] = {}
        self.groups: dict[tuple[str, str], dict[str, Any]] = {}
        self.messages: dict[int, dict[str, Any]] = {}
        self.calls: dict[int, dict[str, Any]] = {}
        self.missed = 0

    async def read(self) -> dict[str, Any]:
        """The next piece of news; raises EOFError when the stream has ended."""
        while True:
            line = await self._response.content.readuntil(b"\n")
            if not line:
                raise EOFError
            if line.startswith(b"data: "):
                return self._take(json.loads(line[6:]))

    async def until(self, seen: Callable[["Window"], Any]) -> Any:
        """Reads until ``seen(window)`` is true, and returns it."""
        async with asyncio.timeout(WAIT_SECONDS):
            while not (found := seen(self)):
                await self.read()
            return found

    async def message(self, content: str) -> dict[str, Any]:
        """The message with this content."""
        return dict(await self.until(lambda w: next((m for m in w.messages.values() if m["content"] == content), None)))

    async def call(self, event: str, attempt: int = 1) -> dict[str, Any]:
        """The call of an event's handler, when it has ended."""

        def ended(window: "Window") -> Any:
            calls = window.calls.values()
            return next((c for c in calls if (c["event"], c["attempt"], c["ended"]) == (event, attempt, True)), None)

        return dict(await self.until(ended))

    def _take(self, news: dict[str, Any]) -> dict[str, Any]:
        self.first = self.first or news
        self.hubs = news.get("hubs", self.hubs)
        for row in news.get("connections", {}).get("set", []):
            self.connections[row["id"]] = row
        for key in news.get("connections", {}).get("gone", []):
            del self.connections[key]
        for row in news.get("groups", {}).get("set", []):
            self.groups[row["hub"], row["name"]] = row
        for hub, name in news.get("groups", {}).get("gone", []):
            del self.groups[hub, name]
        for kind, kept in (("messages", self.messages), ("calls", self.calls)):
            kept.update({row["id"]: row for row in news.get(kind, {}).get("set", [])})
            self.missed += news.get(kind, {}).get("missed", 0)
        return news


@asynccontextmanager
async def window(endpoint: str, query: str = "", **headers: str) -> AsyncIterator[Window]:
    """A window that is open, and has been told what there is."""
    async with (
        aiohttp.ClientSession(read_bufsize=2**22) as session,
        session.get(f"{endpoint}/window/stream?{query}", headers={**OWN_PAGE, **headers}) as response,
    ):
        assert response.status == 200, await response.text()
        opened = Window(response)
        await opened.read()
        yield opened


async def act(endpoint: str, name: str, wanted: object, **headers: str) -> tuple[int, Any]:
    """Status and answer of an action; the answer of a refusal is its text."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{endpoint}/window/{name}", json=wanted, headers={**OWN_PAGE, **headers}) as response,
    ):
        return response.status, await (response.json() if response.status == 200 else response.text())
