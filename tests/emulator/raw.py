"""A client of bytes: frames made by hand, sent over a socket that is read only when the test says so."""

import asyncio
import socket
import struct
from typing import Any
from urllib.parse import urlsplit

from tests.emulator.clients import ALL_ROLES, PLAIN, WAIT_SECONDS, client_token

UPGRADE = (
    "GET /client/hubs/chat?access_token={token} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Protocol: {protocol}\r\n\r\n"
)
MASK = b"\x01\x7f\xa0\xff"


def masked(opcode: int, payload: bytes, *, final: bool = True, mask: bytes = MASK) -> bytes:
    """A client's frame."""
    first = opcode | (0x80 if final else 0)
    size = len(payload)
    if size < 126:
        head = bytes((first, 0x80 | size))
    elif size < 65536:
        head = struct.pack("!BBH", first, 0x80 | 126, size)
    else:
        head = struct.pack("!BBQ", first, 0x80 | 127, size)
    return head + mask + bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))


class Raw:
    """A client of bytes, behind its upgrade; reads only when told to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def rest(self) -> bytes:
        """Everything until the stand-in closes the connection."""
        return await asyncio.wait_for(self.reader.read(), WAIT_SECONDS)

    def close(self) -> None:
        self.writer.transport.abort()


async def raw_client(endpoint: str, protocol: str = PLAIN, behind: bytes = b"", **claims: Any) -> Raw:
    """A raw client with a small receive buffer; ``behind`` is sent together with the upgrade request."""
    host = urlsplit(endpoint).netloc
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.setblocking(False)
    await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", int(host.partition(":")[2])))
    reader, writer = await asyncio.open_connection(sock=raw, limit=4096)
    token = client_token(endpoint, role=ALL_ROLES, **claims)
    writer.write(UPGRADE.format(token=token, host=host, protocol=protocol).encode() + behind)
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), WAIT_SECONDS)
    assert head.startswith(b"HTTP/1.1 101 "), head
    return Raw(reader, writer)
