"""A call of the store or the sender, as counted by ``test_costs.py``, is one request on the wire.

Requests are counted where they get their correlation id.
"""

import asyncio
import inspect
from collections.abc import AsyncIterator
from typing import Any

import pytest
from azure.core.credentials import AzureKeyCredential

from shared.adapters import pubsub
from shared.adapters.pubsub import PubSub
from shared.adapters.tables import store as tables
from shared.adapters.tables.secrets import Secrets
from shared.ports.sender import Sender
from tests.backend.costs.operations import OPERATIONS, WEIGHT, documented, prepared, size
from tests.backend.memory.sender import MemorySender
from tests.backend.model.worlds import PRIVATE_KEY
from tests.backend.stage import Stage, settings

PAYLOAD = {"chatEvent": "x", "data": ""}
ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "to_everyone": (PAYLOAD,),
    "to_chat": ("c", PAYLOAD),
    "to_user": ("u", PAYLOAD),
    "enter": ("c", "u"),
    "exit": ("c", "u"),
    "allow": ("k", "c"),
    "admit": ("k", "c"),
    "mute": ("k", "c"),
    "forbid": ("k", "c"),
    "end": ("k",),
    "end_others": ("u", ["k"]),
    "is_open": ("k",),
    "is_connected": ("u",),
    "client_access": ("u", [], []),
    "ping": (),
}


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The method and URL of each request that the SDKs send."""
    seen: list[str] = []
    for adapter in (pubsub, tables):
        monkeypatch.setattr(
            adapter, "correlate", lambda sent: seen.append(f"{sent.http_request.method} {sent.http_request.url}")
        )
    return seen


@pytest.fixture
async def stage(requests: list[str], azurite: str) -> AsyncIterator[Stage]:
    store = tables.with_connection_string(azurite)
    # In Azure the tables exist from the start, and the secret exists after its first use.
    await asyncio.gather(*(store._service.create_table_if_not_exists(name) for name in tables.TABLES))
    earlier = tables.with_connection_string(azurite)
    await earlier.secrets.get_or_make(*PRIVATE_KEY)
    await earlier.close()
    yield Stage(store, MemorySender())
    # What is known of connection ``c0`` must not meet that of the next test.
    await asyncio.gather(*(store._service.delete_table(name) for name in ("events", "presence")))
    await store.close()


# The page of public chats is of all tests that share this storage. Only deleting goes through members in portions.
@pytest.mark.parametrize(
    ("operation", "others"),
    [("`deleteChat`, n members", 25), *((name, 1) for name in OPERATIONS if "`GET chats`" not in name)],
)
async def test_an_operation_sends_storage_as_many_requests_as_the_document_says(
    operation: str, others: int, stage: Stage, requests: list[str]
) -> None:
    scene = await prepared(stage, operation, others, others)
    # What a process asks for once counts as asked for here.
    assert isinstance(stage.store, tables.TableStore)
    stage.store.secrets = Secrets(stage.store._tables["secrets"])
    requests.clear()
    await OPERATIONS[operation](scene)
    assert len(requests) == documented(operation, size(operation, others, others)).storage, "\n".join(requests)


@pytest.mark.parametrize(
    "method", [name for name, _ in inspect.getmembers(Sender, inspect.isfunction) if name[0] != "_"]
)
async def test_a_call_of_the_sender_is_as_many_requests_as_are_counted(
    method: str, stand_in: str, requests: list[str]
) -> None:
    chosen = settings(PUBSUB_CONNECTION_STRING=stand_in)
    sender = PubSub(chosen.pubsub_endpoint, "chat", AzureKeyCredential(chosen.pubsub_access_key))
    await getattr(sender, method)(*ARGUMENTS[method])
    await sender.close()
    # A token is made here, without asking the service.
    assert len(requests) == (0 if method == "client_access" else WEIGHT.get(f"sender.{method}", 1)), "\n".join(requests)
