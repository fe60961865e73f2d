"""Many WebSocket connections that only count what arrives, cheap enough not to be the bottleneck.

Owns the client side of a measurement. Knows no sub-protocol: whoever measures says what to send and how large an
answer is.
"""

import asyncio
import base64
import os
from urllib.parse import urlsplit

MASK = b"\0\0\0\0"


class Counter(asyncio.Protocol):
    """One connection. Counts bytes behind the upgrade's answer and tells the swarm."""

    def __init__(self, swarm: "Swarm", request: bytes) -> None:
        self.swarm, self.request = swarm, request
        self.head: bytes | None = b""
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    # Both event loops call it with a Transport; uvloop's does not inherit from asyncio's.
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.transport = transport
        transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        if self.head is None:
            self.swarm.count(len(data))
            return
        self.head += data
        answer, end, rest = self.head.partition(b"\r\n\r\n")
        if end:
            assert answer.startswith(b"HTTP/1.1 101"), answer
            self.head = None
            self.opened.set_result(None)
            self.swarm.count(len(rest))

    def send(self, payload: bytes) -> None:
        """Sends a text frame; masked with zeros, which changes nothing and costs nothing."""
        size = len(payload)
        length = bytes([0x80 | size]) if size < 126 else b"\xfe" + size.to_bytes(2)
        self.transport.write(b"\x81" + length + MASK + payload)


class Swarm:
    """All connections of a measurement and the number of bytes that reached them."""

    def __init__(self) -> None:
        self.received = self.target = 0
        self.reached = asyncio.Event()
        self.members: list[Counter] = []

    async def connect(self, url: str, subprotocol: str = "") -> Counter:
        """Opens one connection and waits for the upgrade."""
        parts = urlsplit(url)
        offered = f"Sec-WebSocket-Protocol: {subprotocol}\r\n" if subprotocol else ""
        key = base64.b64encode(os.urandom(16)).decode()
        request = (
            f"GET {parts.path or '/'}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n{offered}\r\n"
        ).encode()
        loop = asyncio.get_running_loop()
        _, member = await loop.create_connection(lambda: Counter(self, request), parts.hostname, parts.port)
        await member.opened
        self.members.append(member)
        return member

    def count(self, size: int) -> None:
        self.received += size
        if self.received >= self.target:
            self.reached.set()

    async def expect(self, size: int) -> None:
        """Waits until ``size`` more bytes than at the last call have arrived in all."""
        self.target += size
        if self.received < self.target:
            self.reached.clear()
            await self.reached.wait()

    async def settle(self) -> int:
        """Waits until nothing arrives any more and counts from there; returns what had arrived."""
        before = -1
        while before != self.received:
            before = self.received
            await asyncio.sleep(0.3)
        arrived, self.received, self.target = self.received, 0, 0
        return arrived

    def close(self) -> None:
        for member in self.members:
            member.transport.abort()
