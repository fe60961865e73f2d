"""Plays Web PubSub towards the backend of a running stack: events with its signature, in any number and order.

For what no browser can bring about quickly: crowds, deliveries that come again, late or in another order.
"""

import asyncio
import json
import uuid
from collections.abc import Iterable
from typing import Any

import aiohttp

from tests.backend.function_calls import event_headers
from tests.stack import Stack


class Service:
    """Posts to the webhook on the Functions port; use it as a context."""

    def __init__(self, stack: Stack) -> None:
        self.url = f"http://127.0.0.1:{stack.ports.functions}/api/eventHandler"
        self.key = stack.pubsub_key
        self.http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=20))

    async def __aenter__(self) -> "Service":
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.http.close()

    def request(
        self, name: str, user_id: str, data: Any, connection_id: str = "", key: str = ""
    ) -> tuple[dict[str, str], bytes]:
        """Headers and body of one delivery, which ``deliver`` may send more than once."""
        text = isinstance(data, str)
        headers = event_headers(name, user_id, connection_id or uuid.uuid4().hex, text=text, key=key or self.key)
        return headers, data.encode() if text else json.dumps(data).encode()

    async def deliver(self, headers: dict[str, str], body: bytes) -> dict[str, Any]:
        """Sends a delivery; what its sender hears, {} when nothing."""
        async with self.http.post(self.url, headers=headers, data=body) as response:
            assert response.status in (200, 204), await response.text()
            return dict(await response.json()) if response.status == 200 else {}

    async def event(self, name: str, user_id: str, data: Any, connection_id: str = "") -> dict[str, Any]:
        """One event of a user, over a connection of its own unless one is named."""
        return await self.deliver(*self.request(name, user_id, data, connection_id))

    async def events(self, name: str, users: Iterable[str], data: Any) -> list[dict[str, Any]]:
        """The same event of several users at the same time."""
        return await asyncio.gather(*(self.event(name, user, data) for user in users))
