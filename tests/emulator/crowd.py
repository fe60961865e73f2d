"""Thousands of clients in one event loop, and the server process they come to.

Owns clients cheap enough to have many of: they keep the frames they got and answer a close. Knows no sub-protocol.
"""

import asyncio
import json
import resource
import sys
from collections.abc import Awaitable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar
from urllib.parse import urlsplit

from tests.emulator.clients import ALL_ROLES, PLAIN, client_token
from tests.emulator.raw import UPGRADE, masked
from tests.running import PATIENCE, Running, running

T = TypeVar("T")

ROOT = Path(__file__).resolve().parents[2]
TEXT, CLOSE = 0x1, 0x8
PATIENCE_SECONDS = 60 * PATIENCE
# Upgrades under way at a time.
AT_ONCE = 100


@dataclass(frozen=True)
class Process:
    """The stand-in as a process of its own."""

    server: Running
    endpoint: str

    def resident_bytes(self) -> int:
        """What it has in memory now."""
        return self._memory("VmRSS")

    def peak_bytes(self) -> int:
        """The most it has ever had in memory."""
        return self._memory("VmHWM")

    def _memory(self, name: str) -> int:
        lines = Path(f"/proc/{self.server.process.pid}/status").read_text().splitlines()
        return next(1024 * int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


@contextmanager
def process(limits: Mapping[str, float]) -> Iterator[Process]:
    """A stand-in without event handler; ``limits`` as the configuration file names them."""
    with TemporaryDirectory(prefix="chatr-test-") as folder:
        config = Path(folder) / "config.json"
        config.write_text(json.dumps({"WebPubSub": {"Limits": limits}}))
        with running([sys.executable, "-m", "emulator", "--port", "0", "--config", str(config)], cwd=ROOT) as server:
            line = server.wait_until(lambda output: output if "see what happens at" in output else None)
            yield Process(server, line.partition("Endpoint=")[2].partition(";")[0])
            assert "Traceback" not in server.output()


class Member(asyncio.Protocol):
    """One client behind its upgrade. ``frames`` are opcodes and payloads; ``ended`` is set when the socket is gone."""

    def __init__(self, request: bytes) -> None:
        loop = asyncio.get_running_loop()
        self._request, self._buffer, self._upgraded, self._leaving = request, b"", False, False
        self.frames: list[tuple[int, bytes]] = []
        self.greeted: asyncio.Future[None] = loop.create_future()
        self.ended: asyncio.Future[Exception | None] = loop.create_future()
        self._waits: list[tuple[bytes, asyncio.Future[None]]] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._upgraded:
            head, end, rest = self._buffer.partition(b"\r\n\r\n")
            if not end:
                return
            assert head.startswith(b"HTTP/1.1 101 "), head
            self._upgraded, self._buffer = True, rest
        while (found := first_frame(self._buffer)) is not None:
            opcode, payload, self._buffer = found
            self._got(opcode, payload)

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended.set_result(exc)

    async def holds(self, text: bytes) -> None:
        """Waits for a frame with this in it."""
        if not any(text in payload for _, payload in self.frames):
            waited: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waits.append((text, waited))
            await waited

    def leave(self) -> None:
        """Starts the closing handshake."""
        self._leaving = True
        self.transport.write(masked(CLOSE, (1000).to_bytes(2, "big")))

    def close_code(self) -> int:
        """What the last frame says; it must be a close."""
        opcode, payload = self.frames[-1]
        assert opcode == CLOSE, self.frames
        return int.from_bytes(payload[:2], "big")

    def _got(self, opcode: int, payload: bytes) -> None:
        self.frames.append((opcode, payload))
        if not self.greeted.done():
            self.greeted.set_result(None)
        if opcode == CLOSE and not self._leaving:
            self.transport.write(masked(CLOSE, payload[:2]))
        for text, waited in self._waits:
            if text in payload and not waited.done():
                waited.set_result(None)


def first_frame(data: bytes) -> tuple[int, bytes, bytes] | None:
    """Opcode and payload of a server's frame of less than 64 KiB, and what is behind it; None while it is not whole."""
    if len(data) < 4:
        return None
    size, start = data[1], 2
    if size == 126:
        size, start = int.from_bytes(data[2:4], "big"), 4
    if len(data) < start + size:
        return None
    return data[0] & 0x0F, data[start : start + size], data[start + size :]


async def crowd(endpoint: str, tokens: Iterable[str]) -> list[Member]:
    """A greeted client per token."""
    waiting, members = list(tokens), list[Member]()
    for start in range(0, len(waiting), AT_ONCE):
        members += await everybody(came(endpoint, token) for token in waiting[start : start + AT_ONCE])
    return members


async def came(endpoint: str, token: str, protocol: str = PLAIN) -> Member:
    """One client, greeted."""
    host = urlsplit(endpoint).netloc
    request = UPGRADE.format(token=token, host=host, protocol=protocol).encode()
    port = int(host.partition(":")[2])
    _, member = await asyncio.get_running_loop().create_connection(lambda: Member(request), "127.0.0.1", port)
    await member.greeted
    return member


def token(endpoint: str, **claims: Any) -> str:
    """A token with all roles."""
    return client_token(endpoint, role=ALL_ROLES, **claims)


async def everybody(work: Iterable[Awaitable[T]]) -> list[T]:
    """What all of these return; none may take for ever."""
    return await asyncio.wait_for(asyncio.gather(*work), PATIENCE_SECONDS)


@contextmanager
def open_files(wanted: int) -> Iterator[bool]:
    """Whether this process may open so many files, which then holds until the block ends."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = hard == resource.RLIM_INFINITY or hard >= wanted
    if allowed and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    yield allowed
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
