"""Tests the table of ``docs/security.md``: each operation by each kind of caller, against the running stack.

A refused operation must not change storage.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from azure.data.tables.aio import TableServiceClient

from shared.adapters.tables.keys import key
from shared.adapters.tables.store import TABLES
from shared.wire.events import FROM_BROWSER
from tests.backend.function_calls import routes
from tests.conftest import AZURITE_KEY
from tests.stack import Stack
from tests.system.access_table import cells
from tests.system.callers import CALLERS, KINDS, Caller, Kind, Place, scene
from tests.system.operations import OPERATIONS, Operation

CELLS = cells()


def test_the_table_has_every_operation_for_every_caller() -> None:
    assert set(CELLS) == {(operation, caller) for operation in OPERATIONS for caller in CALLERS}


def test_every_route_and_every_event_is_in_the_table() -> None:
    declared = {f"`{method} {path}`" for method, path in routes()} | {f"`{one.name}`" for one in FROM_BROWSER}
    missing = [name for name in declared if not any(label.startswith(name) for label in OPERATIONS)]
    assert missing == []


class Facts:
    """The rows about a chat and a user in storage."""

    def __init__(self, stack: Stack) -> None:
        address = f"http://127.0.0.1:{stack.ports.table}/devstoreaccount1"
        account = f"AccountName=devstoreaccount1;AccountKey={AZURITE_KEY};TableEndpoint={address};"
        self.service = TableServiceClient.from_connection_string(account)

    async def of(self, caller: Caller, place: Place) -> list[dict[str, object]]:
        # Keys have no quotes.
        chat, user = key(place.chat_id), key(caller.user_id)
        query = " or ".join(f"PartitionKey eq '{one}'" for one in (chat, user, f"user:{user}"))
        query += f" or (PartitionKey eq 'online' and RowKey eq '{user}')"
        query += f" or (PartitionKey eq 'public' and RowKey eq '{chat}')"
        there = [table.name async for table in self.service.list_tables() if table.name in TABLES]
        if caller.going:
            there.remove("presence")
        found = await asyncio.gather(*(self.rows(table, query) for table in sorted(there)))
        return [row for rows in found for row in rows]

    async def rows(self, table: str, query: str) -> list[dict[str, object]]:
        entities = self.service.get_table_client(table).query_entities(query)
        return [{"table": table, **row} async for row in entities]


@pytest.fixture(autouse=True)
def emptied(stack: Stack) -> None:
    """Every caller creates dozens of chats, which would make all later lists and queries slower."""
    stack.empty()


@pytest.fixture
async def facts(stack: Stack) -> AsyncIterator[Facts]:
    made = Facts(stack)
    async with made.service:
        yield made


async def outcome(stack: Stack, facts: Facts, operation: Operation, caller: Caller, place: Place) -> str:
    if operation.before and caller.client:
        await operation.before(stack, caller, place)
    before = await facts.of(caller, place)
    found = await operation.run(stack, caller, place)
    if found not in ("ok", "listed", "not listed") or operation.changes:
        changed = await facts.of(caller, place) != before
        if found == "ok":
            return "ok" if changed else "nothing"
        assert not changed, f"{found}, and yet something changed"
    return found


@pytest.mark.parametrize("chat", KINDS)
@pytest.mark.parametrize("kind", CALLERS)
async def test_every_operation_by(stack: Stack, facts: Facts, kind: str, chat: Kind) -> None:
    """Operations that change nothing share a scene; each of the others has its own."""
    wanted = {name: CELLS[name, kind] for name, one in OPERATIONS.items() if one.chat == chat}
    found: dict[str, str] = {}
    async with AsyncExitStack() as exits:
        shared = await exits.enter_async_context(scene(stack, kind, chat))
        for name, expected in wanted.items():
            if not (OPERATIONS[name].changes and expected == "ok"):
                found[name] = await outcome(stack, facts, OPERATIONS[name], *shared)
    for name in wanted.keys() - found.keys():
        async with scene(stack, kind, chat) as own:
            found[name] = await outcome(stack, facts, OPERATIONS[name], *own)
    assert found == wanted
