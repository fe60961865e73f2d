"""Many WebSocket clients that only count received bytes, so that they are not the bottleneck of a benchmark.

The caller says what to send and how many bytes to expect. It uses plain sockets and one epoll, since clients on an
event loop would cost more than the servers that are measured.
"""

import select
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

REQUEST = (
    "GET {target} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{offered}\r\n"
)
MASK = b"\0\0\0\0"
# Concurrent upgrades: few enough for the server's backlog, which is not measured.
AT_ONCE = 100
PATIENCE_SECONDS = 30.0
QUIET_SECONDS = 0.3
# Linux then counts the bytes and discards them without a copy.
DISCARD = socket.MSG_TRUNC
# More than a socket can hold, so that one call empties it.
MOST = 8 * 1024 * 1024


class Stalled(Exception):
    """A server closed a connection, or sent too few or too many bytes."""


class Swarm:
    """All connections of a measurement, and the number of bytes that they have received."""

    def __init__(self) -> None:
        self.members: list[socket.socket] = []
        self.received = 0
        self._epoll = select.epoll()
        self._buffer = bytearray(MOST)
        self._by_number: dict[int, socket.socket] = {}

    def connect(self, urls: Iterable[str], subprotocol: str = "") -> None:
        """Opens a connection per URL and waits for the upgrades. Raises Stalled."""
        waiting = list(urls)
        for start in range(0, len(waiting), AT_ONCE):
            opened = [request(url, subprotocol) for url in waiting[start : start + AT_ONCE]]
            for member in opened:
                self._upgraded(member)

    def send(self, members: Iterable[socket.socket], data: bytes) -> None:
        """Sends the same bytes through each of the connections."""
        for member in members:
            member.sendall(data)

    def expect(self, size: int) -> None:
        """Waits until ``size`` more bytes have arrived in all. Raises Stalled."""
        wanted = self.received + size
        while self.received < wanted:
            if not self._poll(PATIENCE_SECONDS):
                raise Stalled(f"{wanted - self.received} bytes of {size} are missing")
        if self.received > wanted:
            raise Stalled(f"{self.received - wanted} bytes more than {size} came")

    def settle(self) -> int:
        """Waits until no more bytes arrive, and returns how many did."""
        before = self.received
        while self._poll(QUIET_SECONDS):
            pass
        return self.received - before

    def close(self) -> None:
        """Closes all connections."""
        for member in self.members:
            member.close()
        self._epoll.close()

    def _poll(self, seconds: float) -> bool:
        ready = self._epoll.poll(seconds)
        received, sockets, buffer = 0, self._by_number, self._buffer
        for number, _ in ready:
            size = sockets[number].recv_into(buffer, 0, DISCARD)
            if not size:
                raise Stalled("the server closed a connection")
            received += size
        self.received += received
        return bool(ready)

    def _upgraded(self, member: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            data = member.recv(65536)
            if not data:
                raise Stalled(f"the server closed a connection behind {head!r}")
            head += data
        if not head.startswith(b"HTTP/1.1 101"):
            raise Stalled(f"no upgrade: {head!r}")
        member.setblocking(True)
        self.members.append(member)
        self._by_number[member.fileno()] = member
        # Edge-triggered, since each call empties a socket.
        self._epoll.register(member.fileno(), select.EPOLLIN | select.EPOLLET)


def request(url: str, subprotocol: str) -> socket.socket:
    """A connection with the upgrade request sent."""
    parts = urlsplit(url)
    member = socket.create_connection((parts.hostname, parts.port), PATIENCE_SECONDS)
    member.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    offered = f"Sec-WebSocket-Protocol: {subprotocol}\r\n" if subprotocol else ""
    member.sendall(REQUEST.format(target=target, host=parts.netloc, offered=offered).encode())
    return member


def masked(payload: bytes, opcode: int = 0x1) -> bytes:
    """A client's frame of less than 64 KiB, with a zero mask, which leaves the payload unchanged."""
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
    return bytes([0x80 | opcode]) + length + MASK + payload
