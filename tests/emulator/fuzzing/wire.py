"""Bytes on a blocking socket: what is thrown at the stand-in, and what comes back taken apart by rules of its own."""

import json
import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.emulator.clients import ALL_ROLES, PLAIN, RELIABLE, claim, client_token
from tests.emulator.raw import UPGRADE, masked
from tests.running import PATIENCE

# Longer than anything here may take, on a machine that does much else.
SECONDS = 60 * PATIENCE
TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA
GROUP = "bystanders"


@dataclass(frozen=True)
class Frame:
    """One frame of the server."""

    opcode: int
    payload: bytes

    @property
    def code(self) -> int:
        """A close frame's code."""
        return int.from_bytes(self.payload[:2], "big")

    @property
    def reason(self) -> str:
        """A close frame's reason; it must be UTF-8."""
        return self.payload[2:].decode()


class Stream:
    """A TCP connection to the stand-in at ``endpoint``."""

    def __init__(self, endpoint: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", urlsplit(endpoint).port or 80), SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._read = b""

    def send(self, data: bytes) -> None:
        """Writes; a stand-in that has closed already is no fault."""
        with suppress(ConnectionError):
            self._socket.sendall(data)

    def say_no_more(self) -> None:
        """Ends this side of the connection."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    def until(self, end: bytes) -> bytes:
        """What comes up to and with ``end``."""
        while end not in self._read:
            self._receive()
        found, _, self._read = self._read.partition(end)
        return found + end

    def exactly(self, size: int) -> bytes:
        """So many bytes."""
        while len(self._read) < size:
            self._receive()
        data, self._read = self._read[:size], self._read[size:]
        return data

    def rest(self) -> bytes:
        """Everything until the stand-in closes the connection; it must do so in time."""
        with suppress(EOFError, ConnectionError):
            while True:
                self._receive()
        data, self._read = self._read, b""
        return data

    def close(self) -> None:
        self._socket.close()

    def _receive(self) -> None:
        data = self._socket.recv(65536)
        if not data:
            raise EOFError
        self._read += data


class WebSocket(Stream):
    """A client behind its upgrade."""

    def __init__(self, endpoint: str, protocol: str = PLAIN, hub: str = "chat", **claims: Any) -> None:
        super().__init__(endpoint)
        token = client_token(endpoint, hub, **{"role": ALL_ROLES, **claims})
        request = UPGRADE.format(token=token, host=urlsplit(endpoint).netloc, protocol=protocol)
        self.send(request.replace("/hubs/chat?", f"/hubs/{hub}?").encode())
        self.pings = 0
        assert self.until(b"\r\n\r\n").startswith(b"HTTP/1.1 101 ")

    def frame(self) -> Frame:
        """The next frame; EOFError where there is none. Pings, which come when they come, are answered and counted."""
        while (frame := self._frame()).opcode == PING:
            self.pings += 1
            self.send(masked(PONG, frame.payload))
        return frame

    def _frame(self) -> Frame:
        first, length = self.exactly(2)
        assert first & 0xF0 == 0x80 and length < 0x80, "the service's frames are whole and not masked"
        size = {126: 2, 127: 8}.get(length, 0)
        return Frame(first & 0x0F, self.exactly(int.from_bytes(self.exactly(size), "big") if size else length))

    def frames(self) -> list[Frame]:
        """The frames until the connection is closed; a close is answered, and nothing may come behind it."""
        frames: list[Frame] = []
        with suppress(EOFError, ConnectionError):
            while True:
                frames.append(self.frame())
                if frames[-1].opcode == CLOSE:
                    self.say_no_more()
        assert not self._read, "the last frame is whole"
        assert all(frame.opcode != CLOSE for frame in frames[:-1])
        return frames


class Bystander(WebSocket):
    """A reliable client that hears itself publish; everything must come back, once, in order."""

    def __init__(self, endpoint: str) -> None:
        super().__init__(endpoint, RELIABLE, sub="bystander", **claim("webpubsub.group", GROUP))
        assert json.loads(self.frame().payload)["event"] == "connected"
        self._sent = 0

    def exchange(self) -> None:
        """Publishes a number and hears it."""
        self._sent += 1
        message = {"type": "sendToGroup", "group": GROUP, "data": self._sent, "ackId": self._sent}
        self.send(masked(TEXT, json.dumps(message).encode()))
        heard, ack = json.loads(self.frame().payload), json.loads(self.frame().payload)
        assert (heard["group"], heard["data"], heard["sequenceId"]) == (GROUP, self._sent, self._sent), heard
        assert ack == {"type": "ack", "ackId": self._sent, "success": True}
        self.send(masked(TEXT, b'{"type":"sequenceAck","sequenceId":%d}' % self._sent))
