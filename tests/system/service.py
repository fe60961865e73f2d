"""Plays Web PubSub towards the backend of a running stack: sends signed events in any number and order.

It is for situations that browsers can't cause quickly: crowds, and events that are redelivered, late or reordered.
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
    """Posts to the webhook on the Functions port. It is a context manager."""

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
        """The headers and body of a delivery, which ``deliver`` can send several times."""
        text = isinstance(data, str)
        headers = event_headers(name, user_id, connection_id or uuid.uuid4().hex, text=text, key=key or self.key)
        return headers, data.encode() if text else json.dumps(data).encode()

    async def deliver(self, headers: dict[str, str], body: bytes) -> dict[str, Any]:
        """Sends a delivery; returns the answer to the event's sender, {} if none."""
        async with self.http.post(self.url, headers=headers, data=body) as response:
            assert response.status in (200, 204), await response.text()
            return dict(await response.json()) if response.status == 200 else {}

    async def event(self, name: str, user_id: str, data: Any, connection_id: str = "") -> dict[str, Any]:
        """Sends an event of a user, over a new connection unless one is given."""
        return await self.deliver(*self.request(name, user_id, data, connection_id))

    async def events(self, name: str, users: Iterable[str], data: Any) -> list[dict[str, Any]]:
        """Sends the same event of several users concurrently."""
        return await asyncio.gather(*(self.event(name, user, data) for user in users))
