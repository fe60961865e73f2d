"""A client that behaves like the original Chatr's browser code: plain JSON subprotocol, its events, no acks.

It shows that a client of the original Chatr works unchanged after its sign-in.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.running import PATIENCE
from tests.stack import Person

WAIT_SECONDS = 10 * PATIENCE
SUBPROTOCOL = "json.webpubsub.azure.v1"


@dataclass
class ChatrClient:
    """A connected client; ``seen`` are all received messages, ``inbox`` those that were not taken yet."""

    person: Person
    socket: aiohttp.ClientWebSocketResponse
    seen: list[dict[str, Any]] = field(default_factory=list)
    inbox: list[dict[str, Any]] = field(default_factory=list)
    acks: int = 0
    patience: float = WAIT_SECONDS

    @classmethod
    @asynccontextmanager
    async def connected(cls, person: Person, subprotocol: str = SUBPROTOCOL) -> AsyncIterator["ChatrClient"]:
        """Connects like the original Chatr: gets a token for its own id, opens a WebSocket, sends ``userConnected``."""
        token = await person.get(f"getToken?userId={person.user_id}")
        async with cls.opened(person, str(token["url"]), subprotocol) as client:
            hello = {"userName": person.name, "userProvider": "guest"}
            await client.event("userConnected", hello)
            await client.receive(lambda m: about(m, "userOnline") and payload(m)["userId"] == person.user_id)
            yield client

    @classmethod
    @asynccontextmanager
    async def opened(cls, person: Person, url: str, subprotocol: str = SUBPROTOCOL) -> AsyncIterator["ChatrClient"]:
        """Connects with a token that the person has, and sends nothing."""
        async with person.http.ws_connect(url, protocols=[subprotocol]) as socket:
            yield cls(person, socket)

    async def send(self, message: dict[str, Any]) -> None:
        await self.socket.send_str(json.dumps(message))

    async def event(self, name: str, data: Any) -> list[dict[str, Any]]:
        """Sends an event and returns the messages that arrived before its ack."""
        self.acks += 1
        number, before = self.acks, len(self.seen)
        kind = "text" if isinstance(data, str) else "json"
        await self.send({"type": "event", "event": name, "dataType": kind, "data": data, "ackId": number})
        ack = await self.receive(lambda m: m["type"] == "ack" and m["ackId"] == number)
        assert ack["success"], ack
        return self.seen[before:]

    async def refused(self, name: str, data: Any) -> dict[str, Any]:
        """Sends an event that must be refused; returns the error's fields."""
        answers = await self.event(name, data)
        errors: list[dict[str, Any]] = [payload(message) for message in answers if about(message, "error")]
        assert len(errors) == 1, answers
        return errors[0]

    async def group(self, kind: str, chat_id: str, data: Any = "x") -> dict[str, Any]:
        """``joinGroup``, ``leaveGroup`` or ``sendToGroup``; returns the service's ack."""
        self.acks += 1
        number, content = self.acks, {"dataType": "json", "data": data} if kind == "sendToGroup" else {}
        await self.send({"type": kind, "group": chat_id, "ackId": number, **content})
        return await self.receive(lambda m: m["type"] == "ack" and m["ackId"] == number)

    async def say(self, chat_id: str, text: str) -> None:
        data = {"message": text, "fromUserId": self.person.user_id, "fromUserName": self.person.name}
        await self.send({"type": "sendToGroup", "group": chat_id, "dataType": "json", "data": data})

    async def receive(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Takes the first ``wanted`` message from the inbox; waits until it arrives."""
        for message in self.inbox:
            if wanted(message):
                self.inbox.remove(message)
                return message
        async with asyncio.timeout(self.patience):
            while True:
                message = dict(await self.socket.receive_json())
                self.seen.append(message)
                if wanted(message):
                    return message
                self.inbox.append(message)

    async def chat_event(self, name: str) -> dict[str, Any]:
        return await self.receive(lambda message: about(message, name))

    async def heard(self, name: str) -> Any:
        """The data of the next chat event ``name``, JSON parsed."""
        return payload(await self.chat_event(name))

    async def all_so_far(self, name: str) -> list[str]:
        """The data of all chat events ``name`` that this client has received so far."""
        await self.send({"type": "ping"})
        await self.receive(lambda m: m["type"] == "pong")
        return [str(one["data"]["data"]) for one in self.seen if about(one, name)]

    async def said(self, chat_id: str) -> dict[str, Any]:
        """The next chat message of the group, in full."""
        return await self.receive(
            lambda m: m.get("group") == chat_id and isinstance(m["data"], dict) and "chatEvent" not in m["data"]
        )


def about(message: dict[str, Any], name: str) -> bool:
    data = message.get("data")
    return isinstance(data, dict) and data.get("chatEvent") == name


def payload(message: dict[str, Any]) -> Any:
    return json.loads(message["data"]["data"])
