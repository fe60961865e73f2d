"""Writes thousands of messages of all kinds, and hundreds of chats and members, directly into a stack's storage."""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from azure.data.tables.aio import TableServiceClient

from local.configuration import storage_connection
from shared.adapters.tables.chats import Chats
from shared.adapters.tables.memberships import Memberships
from shared.adapters.tables.messages import Messages
from shared.adapters.tables.store import TableStore
from shared.adapters.tables.table import BATCH_ROWS, Operation, Row, Table
from shared.model.records import Chat, Head, Member, Membership, Message, Reaction
from tests.stack import Stack

OTHERS = {"grace": "Grace", "linus": "Linus", "lea": "Léa Müller", "noor": "נור"}
# The kinds of texts repeat after seventeen; most of them are ordinary.
KINDS = (
    "Good morning! Did the new build go out?",
    "It did, at six. **Forty seconds** from commit to production, see https://example.org/builds/1742?tab=log",
    "Nice.",
    "Then let us show it at noon.\nI will bring the slides, somebody else the coffee?",
    "Die Überprüfung der Donaudampfschifffahrtsgesellschaftskapitänsmütze dauert noch, bis morgen ist sie fertig.",
    "```python\nfor number in range(10):\n    print(number, 'x' * number)\n```",
    "> Did the new build go out?\n\nYes, and `make run` still takes *one* command.",
    "שלום לכולם, מה שלומכם היום? **מצוין**",
    "👍🏽🎉 👩‍👩‍👧‍👦",
    "- first the tests\n- then the types\n- then ~~sleep~~ coffee",
    "Coffee is on me ☕",
    "I left it running over night and closed the lid twice: nothing lost. " * 8,
    "ok",
    "Could you look at `frontend/src/state/rowWindow.ts`? I am not sure about the *stock* in there.",
    "مرحبا بالجميع",
    "Tomorrow then.",
    "A longer thought. " + "It has several sentences and goes on for a while, as thoughts do. " * 14,
)
# Stands for the version of a row that is not written yet.
COLLECTED = "collected"
MINUTE = 60 * 1_000_000
REACTED = 60
EMOJI = ("👍", "🎉", "😄")


class Batches(Table):
    """A table for writes without conflicts: collects rows and writes them in batches."""

    def __init__(self, table: Table) -> None:
        self._table, self._rows = table, dict[tuple[str, str], Mapping[str, Any]]()

    @classmethod
    def of(cls, service: TableServiceClient, name: str) -> "Batches":
        return cls(Table(service.get_table_client(name)))

    async def transact(self, operations: Sequence[Operation]) -> Sequence[Mapping[str, Any]]:
        # An updated row already exists, or is written with the last message.
        for what, row, *_ in operations:
            if what == "create":
                await self.put(dict(row))
        return []

    async def put(self, row: Row) -> str:
        self._rows[row["PartitionKey"], row["RowKey"]] = row
        return COLLECTED

    insert = put

    async def flush(self) -> None:
        partitions: dict[str, list[Operation]] = {}
        for (partition, _), row in self._rows.items():
            partitions.setdefault(partition, []).append(("create", row))
        # One after the other: Azurite drops connections when many large transactions arrive at once.
        for rows in partitions.values():
            for start in range(0, len(rows), BATCH_ROWS):
                await self._table.transact(rows[start : start + BATCH_ROWS])


def history(user_id: str, count: int) -> list[Message]:
    """Messages of all kinds up to now, including several days, groups by one author, replies and mentions."""
    end, authors = time.time_ns() // 1_000, [*OTHERS, user_id]
    found: list[Message] = []
    for number in range(count):
        # Authors send several messages in a row, so there are both groups and changes of the author.
        author = authors[number * number // 7 % len(authors)]
        at = end - (count - number) * 3 * MINUTE
        text = f"{number}: {KINDS[number % len(KINDS)]}"[:3_900]
        message = Message(str(uuid.uuid4()), author, OTHERS.get(author, "Ada"), text, at)
        if number % 23 == 5:
            message = replace(message, reply_to=found[-4].id)
        if number % 41 == 7:
            message = replace(message, text=f"@Ada {text}", mentions=(user_id,))
        found.append(message)
    return found


async def _write(service: TableServiceClient, user_id: str, count: int, chats: int, name: str) -> None:
    now = time.time_ns() // 1_000
    members = [Member(user_id, "Ada", now), *(Member(other, name, now) for other, name in OTHERS.items())]
    names = [name, *(f"Room {number:03} {KINDS[number % 5][:24]}" for number in range(1, chats))]
    made = [Chat(str(uuid.uuid4()), name, "grace", "public") for name in names]
    collected = [Batches.of(service, name) for name in ("chats", "memberships", "messages")]
    places, memberships, messages = Chats(collected[0]), Memberships(collected[1]), Messages(collected[2])
    for chat in made:
        await places.create(chat, members)
        await places.list_publicly(chat.id)
        await memberships.insert(Membership(user_id, chat.id, chat.name, chat.kind, now))
        # In the others nobody else says anything.
        for author in (user_id, *(OTHERS if chat is made[0] else ())):
            await messages.admit(chat.id, author)
    said = history(user_id, count)
    for message in said:
        await messages.save(made[0].id, message, Head())
    for batches in collected:
        await batches.flush()
    await _react(TableStore(service), made[0].id, said[-REACTED:])


async def _react(store: TableStore, chat_id: str, said: Sequence[Message]) -> None:
    for number, message in enumerate(said):
        position = await store.messages.position(chat_id, message.id)
        assert position is not None
        emoji = EMOJI[number % len(EMOJI)]
        await store.reactions.add(chat_id, position, Reaction(message.id, "grace", emoji, message.time))


def put_plenty(stack: Stack, user_id: str, messages: int, chats: int, name: str = "Endless talk") -> None:
    """Creates ``chats`` public chats of a user called Ada, with messages in the one called ``name``."""

    async def write(service: TableServiceClient) -> None:
        await _write(service, user_id, messages, chats, name)

    with_storage(stack, write)


def put_members(stack: Stack, chat_id: str, names: Mapping[str, str]) -> None:
    """Makes these users, names by ids, members of a chat."""

    async def write(service: TableServiceClient) -> None:
        collected = Batches.of(service, "chats")
        for user_id, name in names.items():
            await Chats(collected).add(chat_id, Member(user_id, name, 1))
        await collected.flush()

    with_storage(stack, write)


def with_storage(stack: Stack, write: Callable[[TableServiceClient], Awaitable[None]]) -> None:
    """Runs something over the storage of a running stack."""

    async def connected() -> None:
        async with TableServiceClient.from_connection_string(storage_connection(stack.ports)) as service:
            await write(service)

    # A browser's event loop runs in the caller's thread.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, connected()).result()
