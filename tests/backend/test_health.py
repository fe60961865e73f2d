"""Health and the process-wide clients: what is wrong is named, and everything opened is closed."""

import asyncio

import pytest

from shared.backend import Backend
from shared.clients import Clients, process
from shared.clock import now
from shared.errors import Unavailable
from shared.settings import BadSettings
from tests.backend.function_calls import call, principal
from tests.backend.memory_sender import MemorySender
from tests.backend.memory_store import MemoryStore
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
