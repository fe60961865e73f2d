"""A guest with a WebSocket, who sends messages and reports arrivals.

It speaks the reliable subprotocol in raw frames, because the official client would be the bottleneck.
"""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp

SUBPROTOCOL = "json.reliable.webpubsub.azure.v1"
# The service keeps up to 1,000 unacknowledged messages; the official client acknowledges once a second.
ACKNOWLEDGED_EVERY = 100


class Refused(Exception):
    """The backend refused an event, or the service failed; the message is the error code."""


@dataclass
class Talker:
    """A guest. ``arrived`` is called with each chat message's id and arrival time in ``time.perf_counter`` seconds."""

    http: aiohttp.ClientSession
    url: str
    arrived: Callable[[str, float], None]
    user_id: str = ""
    said: list[str] = field(default_factory=list)
    _acks: dict[int, asyncio.Future[float]] = field(default_factory=dict)
    _errors: dict[str, str] = field(default_factory=dict)

    async def sign_in(self, name: str) -> None:
        """Signs in as a guest and opens the WebSocket."""
        async with self.http.post(f"{self.url}/api/guest", json={"userName": name}) as response:
            response.raise_for_status()
            self.user_id = (await response.json())["userId"]
        await self.connect()

    async def connect(self) -> None:
        """Opens the WebSocket of the user whose session ``http`` has. Raises ClientError if it is refused."""
        access = await self.get("getToken")
        self._socket = await self.http.ws_connect(access["url"], protocols=[SUBPROTOCOL])
        self._reading = asyncio.create_task(self._read())
        await self.event("userConnected", {})

    async def get(self, path: str) -> Any:
        """The JSON response of ``/api/<path>``; raises ClientResponseError."""
        async with self.http.get(f"{self.url}/api/{path}") as response:
            response.raise_for_status()
            return await response.json()

    async def event(self, name: str, data: Any, about: str = "") -> float:
        """Sends an event; returns the time of its ack. Raises Refused, also for an ``error`` event about ``about``."""
        kind = "text" if isinstance(data, str) else "json"
        answered = await self._asked({"type": "event", "event": name, "dataType": kind, "data": data})
        if code := self._errors.pop(about, ""):
            raise Refused(code)
        return answered

    async def to_group(self, group: str, data: Any) -> float:
        """Sends to a group; returns the time of its ack. Raises Refused."""
        return await self._asked(
            {"type": "sendToGroup", "group": group, "dataType": "json", "data": data, "noEcho": True}
        )

    async def close(self) -> None:
        await self._socket.close()
        await self._reading

    async def _asked(self, frame: dict[str, Any]) -> float:
        number = len(self._acks) + 1
        answered: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._acks[number] = answered
        await self._socket.send_str(json.dumps({**frame, "ackId": number}))
        return await answered

    async def _read(self) -> None:
        async for frame in self._socket:
            now, message = time.perf_counter(), json.loads(frame.data)
            if message["type"] == "ack":
                self._acknowledged(message, now)
            elif message["type"] == "message":
                await self._heard(message, now)
        for answered in self._acks.values():
            if not answered.done():
                answered.set_exception(Refused("the connection ended"))

    def _acknowledged(self, ack: dict[str, Any], now: float) -> None:
        answered = self._acks[ack["ackId"]]
        if answered.done():
            return
        if ack["success"]:
            answered.set_result(now)
        else:
            answered.set_exception(Refused(ack["error"]["name"]))

    async def _heard(self, message: dict[str, Any], now: float) -> None:
        data = message["data"]
        if message["sequenceId"] % ACKNOWLEDGED_EVERY == 0:
            await self._socket.send_str(json.dumps({"type": "sequenceAck", "sequenceId": message["sequenceId"]}))
        if message["from"] == "group" and "chatEvent" not in data:
            self.arrived(data["id"], now)
        elif data.get("chatEvent") == "error":
            error = json.loads(data["data"])
            self._errors[error.get("id", "")] = error["code"]
