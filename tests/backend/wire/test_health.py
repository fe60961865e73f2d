"""Health and the process-wide clients: problems are named, and everything that was opened is closed."""

import asyncio
import gc
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from shared.backend import Backend
from shared.clients import Clients, process
from shared.http import health
from shared.model.clock import now
from shared.model.errors import Unavailable
from shared.settings import BadSettings
from tests.backend.function_calls import call, principal
from tests.backend.memory.sender import MemorySender
from tests.backend.memory.store import MemoryStore
from tests.backend.stage import ENVIRONMENT, settings


def down(_: str) -> None:
    raise Unavailable


async def test_all_is_well() -> None:
    process.use(Backend(settings(), MemoryStore(), MemorySender(), now))
    answer = await call("GET", "health")
    assert answer.status == 200
    assert answer.json() == {"status": "ok", "parts": {"pubsub": "ok", "settings": "ok", "storage": "ok"}}


@pytest.mark.parametrize("part", ["storage", "pubsub"])
async def test_the_part_that_does_not_answer_is_named(part: str) -> None:
    store = MemoryStore(down) if part == "storage" else MemoryStore()
    sender = MemorySender(down) if part == "pubsub" else MemorySender()
    process.use(Backend(settings(), store, sender, now))
    answer = await call("GET", "health")
    content = answer.json()
    assert answer.status == 503 and content["error"]["code"] == "Unavailable"
    assert [name for name, state in content["parts"].items() if state != "ok"] == [part]


@asynccontextmanager
async def somebody(answer: bytes | None) -> AsyncIterator[str]:
    """A server that sends ``answer`` to each request, or never responds if that is None."""
    ended = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if answer is None:
            await ended.wait()
        else:
            writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        ended.set()


FORBIDDEN = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize("answer", [None, FORBIDDEN, b"220 mail.example.net\r\n", b""])
async def test_services_that_hang_or_refuse_are_named_in_time(
    monkeypatch: pytest.MonkeyPatch, answer: bytes | None
) -> None:
    monkeypatch.setattr(health, "PING_SECONDS", 2.0 if answer is not None else 0.2)
    async with somebody(answer) as url:
        account = f"DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;TableEndpoint={url}/a;"
        service = f"Endpoint={url};AccessKey=test-access-key-0123456789abcdef;Version=1.0;"
        clients = Clients({**ENVIRONMENT, "STORAGE_CONNECTION_STRING": account, "PUBSUB_CONNECTION_STRING": service})
        process.use(clients.backend())
        response = await call("GET", "health")
        await clients.close()
    parts = response.json()["parts"]
    assert response.status == 503 and parts.pop("settings") == "ok"
    assert parts == dict.fromkeys(("pubsub", "storage"), "is not responding, or refuses our requests")


async def test_a_wrong_key_is_a_refusal(azurite: str, stand_in: str) -> None:
    storage = re.sub(r"AccountKey=[^;]*", "AccountKey=d3Jvbmc=", azurite)
    pubsub = re.sub(r"AccessKey=[^;]*", "AccessKey=wrong-access-key-0123456789abcdef", stand_in)
    clients = Clients({**ENVIRONMENT, "STORAGE_CONNECTION_STRING": storage, "PUBSUB_CONNECTION_STRING": pubsub})
    process.use(clients.backend())
    broken = (await call("GET", "health")).json()["parts"]
    await clients.close()
    assert [part for part, state in broken.items() if state != "ok"] == ["pubsub", "storage"]


async def test_wrong_settings_are_named_by_health_and_stop_every_other_route(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PRESENCE", "sometimes")
    await process.close()
    answer = await call("GET", "health")
    assert answer.status == 503
    assert "PRESENCE must be" in answer.json()["error"]["message"]
    assert "STORAGE_CONNECTION_STRING" in answer.json()["parts"]["settings"]
    other = await call("GET", "me", principal("pat"))
    assert (other.status, other.code) == (503, "Unavailable")


async def test_a_process_makes_its_clients_once_and_closes_them(azurite: str) -> None:
    clients = Clients({**ENVIRONMENT, "STORAGE_CONNECTION_STRING": azurite})
    first = clients.backend()
    await first.store.ping()
    assert clients.backend() is first
    await clients.close()
    assert clients.backend() is not first
    await clients.close()


def test_clients_that_nobody_closes_end_with_the_loop(azurite: str) -> None:
    complaints: list[str] = []

    async def used() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context["message"]))
        await Clients({**ENVIRONMENT, "STORAGE_CONNECTION_STRING": azurite}).backend().store.ping()

    asyncio.run(used())
    gc.collect()
    assert complaints == []


def test_another_loop_gets_clients_of_its_own() -> None:
    clients = Clients(ENVIRONMENT)

    async def used() -> Backend:
        found = clients.backend()
        await clients.close()
        return found

    assert asyncio.run(used()) is not asyncio.run(used())


async def test_a_malformed_storage_connection_string_is_a_settings_error() -> None:
    with pytest.raises(BadSettings, match="STORAGE_CONNECTION_STRING"):
        Clients({**ENVIRONMENT, "STORAGE_CONNECTION_STRING": "Nonsense=1"}).backend()
