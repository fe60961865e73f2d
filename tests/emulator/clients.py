"""A WebSocket client for tests that speaks the protocol by hand, and tokens made by hand."""

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import jwt

from emulator.configuration import DEFAULT_ACCESS_KEY
from tests.emulator import protobuf_wire
from tests.running import PATIENCE

PLAIN = "json.webpubsub.azure.v1"
RELIABLE = "json.reliable.webpubsub.azure.v1"
PROTOBUF = "protobuf.webpubsub.azure.v1"
RELIABLE_PROTOBUF = "protobuf.reliable.webpubsub.azure.v1"
ALL_ROLES = ["webpubsub.joinLeaveGroup", "webpubsub.sendToGroup"]
WAIT_SECONDS = 20 * PATIENCE
# Out of the way of the ack ids that tests choose.
FIRST_JOIN_ACK_ID = 900_000


def client_token(endpoint: str, hub: str = "chat", key: str = DEFAULT_ACCESS_KEY, **claims: Any) -> str:
    """A client token as the service SDKs make it; a claim given as None is left out."""
    all_claims = {"aud": f"{endpoint}/client/hubs/{hub}", "exp": int(time.time()) + 60, **claims}
    return jwt.encode({name: value for name, value in all_claims.items() if value is not None}, key, algorithm="HS256")


def claim(name: str, value: object) -> dict[str, Any]:
    """A claim whose name is none that Python takes for an argument."""
    return {name: value}


def rest_token(url: str, key: str = DEFAULT_ACCESS_KEY, **claims: Any) -> dict[str, str]:
    """The header of a REST call to ``url``."""
    token = jwt.encode({"aud": url, "exp": int(time.time()) + 60, **claims}, key, algorithm="HS256")
    return {"Authorization": f"Bearer {token}"}


class Client:
    """One connected client; ``hello`` is its ``connected`` frame."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.hello: dict[str, Any] = {}
        self._joins = 0

    @property
    def id(self) -> str:
        return str(self.hello["connectionId"])

    async def receive(self) -> dict[str, Any]:
        """The next frame."""
        return self.read(await self.socket.receive(timeout=WAIT_SECONDS))

    def read(self, message: aiohttp.WSMessage) -> dict[str, Any]:
        """What a frame says; it must be JSON text."""
        assert message.type is aiohttp.WSMsgType.TEXT, f"{message.type} {message.data} {self.socket.close_code}"
        return dict(json.loads(message.data))

    async def send(self, **message: Any) -> None:
        await self.socket.send_json(message)

    async def ask(self, **message: Any) -> dict[str, Any]:
        """Sends, and returns the next frame."""
        await self.send(**message)
        return await self.receive()

    async def join(self, group: str) -> None:
        self._joins += 1
        answer = await self.ask(type="joinGroup", group=group, ackId=FIRST_JOIN_ACK_ID + self._joins)
        assert answer["success"], answer

    async def silent(self) -> None:
        """Asserts that nothing is waiting: the answer to a ping comes first."""
        assert await self.ask(type="ping") == {"type": "pong"}

    async def closed(self) -> tuple[int, str]:
        """The close code and the reason of the frame before it; skips what is still under way."""
        reason = ""
        while True:
            message = await self.socket.receive(timeout=WAIT_SECONDS)
            if message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                reason = self.read(message).get("message", reason)
            else:
                assert message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSING)
                return self.socket.close_code or 0, reason

    def cut(self) -> None:
        """Drops the TCP connection without a close frame."""
        connection = self.socket._conn  # the only way to a client's transport
        assert connection is not None and connection.transport is not None
        connection.transport.abort()


class ProtobufClient(Client):
    """The same in protobuf; what it says and hears is given in the words of the JSON protocol."""

    def read(self, message: aiohttp.WSMessage) -> dict[str, Any]:
        assert message.type is aiohttp.WSMsgType.BINARY, f"{message.type} {message.data} {self.socket.close_code}"
        return protobuf_wire.read(message.data)

    async def send(self, **message: Any) -> None:
        await self.socket.send_bytes(protobuf_wire.request(message))


@asynccontextmanager
async def connected(endpoint: str, subprotocol: str = PLAIN, hub: str = "chat", **claims: Any) -> AsyncIterator[Client]:
    """A client with all roles, unless ``role`` says otherwise, behind its ``connected`` frame."""
    token = client_token(endpoint, hub, **{"role": ALL_ROLES, **claims})
    async with opened(f"{endpoint}/client/hubs/{hub}?access_token={token}", subprotocol) as client:
        client.hello = await client.receive()
        yield client


@asynccontextmanager
async def opened(url: str, subprotocol: str = PLAIN) -> AsyncIterator[Client]:
    """A client on a URL of its own."""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(url, protocols=[subprotocol], max_msg_size=0, timeout=CLOSE_SOON) as socket,
    ):
        yield ProtobufClient(socket) if subprotocol in (PROTOBUF, RELIABLE_PROTOBUF) else Client(socket)


CLOSE_SOON = aiohttp.ClientWSTimeout(ws_close=0.5)


@asynccontextmanager
async def recovered(
    endpoint: str, client: Client, hub: str = "chat", token: str | None = None
) -> AsyncIterator[Client]:
    """The same logical connection on a new socket."""
    token = client.hello["reconnectionToken"] if token is None else token
    query = f"awps_connection_id={client.id}&awps_reconnection_token={token}"
    subprotocol = RELIABLE_PROTOBUF if isinstance(client, ProtobufClient) else RELIABLE
    async with opened(f"{endpoint}/client/hubs/{hub}?{query}", subprotocol) as again:
        again.hello = client.hello
        yield again


async def status_of_connect(url: str, **headers: str) -> tuple[int, str]:
    """The HTTP answer to an upgrade request that is refused."""
    upgrade = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Protocol": PLAIN,
    }
    async with aiohttp.ClientSession() as session, session.get(url, headers={**upgrade, **headers}) as response:
        return response.status, await response.text()


class SimpleClient:
    """A client whose frames are data and nothing else."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def receive(self) -> str | bytes:
        """The data of the next frame: text as str, binary as bytes."""
        message = await self.socket.receive(timeout=WAIT_SECONDS)
        assert message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY), self.socket.close_code
        data: str | bytes = message.data
        return data

    async def closed(self) -> tuple[int, str]:
        """The close code and its reason; nothing else may come before."""
        message = await self.socket.receive(timeout=WAIT_SECONDS)
        assert message.type is aiohttp.WSMsgType.CLOSE, message
        return message.data, message.extra or ""


@asynccontextmanager
async def simple(
    endpoint: str, query: str = "", offered: tuple[str, ...] = (), **claims: Any
) -> AsyncIterator[SimpleClient]:
    """A simple client with all roles, unless ``role`` says otherwise. ``query`` goes behind the token."""
    token = client_token(endpoint, **{"role": ALL_ROLES, **claims})
    url = f"{endpoint}/client/hubs/chat?access_token={token}&{query}"
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(url, protocols=offered, max_msg_size=0, timeout=CLOSE_SOON, autoclose=False) as socket,
    ):
        yield SimpleClient(socket)
