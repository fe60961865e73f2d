"""Reading a history page by page returns each message once and in order, despite concurrent changes."""

import asyncio
import uuid
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.adapters.tables.store import with_connection_string
from shared.model.records import Message, Page, place_of
from shared.rules.history import messages
from tests.backend.stage import Player, Stage

START = 1_700_000_000_000_000
# Few times for many messages, so that most share a microsecond; ids in either case, as clients may send them.
TOLD = st.lists(
    st.tuples(st.integers(0, 3), st.uuids(version=4).map(str), st.booleans()),
    min_size=1,
    max_size=14,
    unique_by=lambda one: one[1],
)
GONE = st.lists(st.lists(st.integers(0, 13), max_size=3), max_size=20)


@dataclass
class Reading:
    """A chat that is read in pages of ``size``; ``gone`` are the messages that are deleted after each page."""

    stage: Stage
    ann: Player
    chat_id: str
    size: int
    gone: Iterator[list[int]]
    told: list[str] = field(default_factory=list)
    deleted: set[str] = field(default_factory=set)

    async def say(self, time: int, message_id: str) -> None:
        self.stage.clock.time = START + time - 1
        await self.ann.does("saveMessage", {"chatId": self.chat_id, "id": message_id, "message": "hi"})
        self.told.append(message_id)

    async def delete(self, message_id: str) -> None:
        await self.ann.does("deleteMessage", {"chatId": self.chat_id, "id": message_id})
        self.deleted.add(message_id)

    async def page(self, **where: str) -> Page[Message]:
        page = await messages.page(self.stage.backend, self.ann.id, self.chat_id, limit=self.size, **where)
        assert len(page.items) <= self.size
        for number in next(self.gone, []):
            if number < len(self.told):
                await self.delete(self.told[number])
        # What is said meanwhile is new: it comes behind everything.
        await self.say(100 + len(self.told), str(uuid.uuid4()))
        return page

    async def backwards(self) -> list[tuple[int, str]]:
        page = await self.page()
        met = list(page.items)
        while page.next:
            page = await self.page(before=page.next)
            met = [*page.items, *met]
        return [place_of(one.time, one.id) for one in met]

    async def forwards(self, first: str, rounds: int) -> list[tuple[int, str]]:
        page = await self.page(after=first)
        met = list(page.items)
        for _ in range(rounds):
            page = await self.page(after=met[-1].id if met else first)
            met += page.items
        return [place_of(one.time, one.id) for one in met]


def in_order(places: list[tuple[int, str]]) -> bool:
    return all(one < other for one, other in pairwise(places))


async def read(store_at: str, told: list[tuple[int, str, bool]], gone: list[list[int]], size: int) -> None:
    async with AsyncExitStack() as stack:
        stage = Stage()
        if store_at:
            store = with_connection_string(store_at)
            stack.push_async_callback(store.close)
            stage = Stage(store=store)
        ann = await stage.user("Ann")
        for forwards in (False, True):
            reading = Reading(stage, ann, await stage.chat(ann), size, iter(gone))
            first = str(uuid.uuid4())
            await reading.say(-1, first)
            for time, message_id, upper in told:
                await reading.say(time, message_id.upper() if upper else message_id)
            there = list(reading.told)
            met = await (reading.forwards(first, 30) if forwards else reading.backwards())
            assert in_order(met)
            ids = {one for _, one in met}
            wanted = {one.lower() for one in there if one not in reading.deleted} - ({first} if forwards else set())
            assert wanted <= ids


@settings(max_examples=150, deadline=None)
@given(told=TOLD, gone=GONE, size=st.integers(1, 5))
def test_both_directions_meet_every_message_once_while_others_come_and_go(
    told: list[tuple[int, str, bool]], gone: list[list[int]], size: int
) -> None:
    asyncio.run(read("", told, gone, size))


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=TOLD, gone=GONE, size=st.integers(2, 5))
def test_so_they_do_on_real_tables(
    azurite: str, told: list[tuple[int, str, bool]], gone: list[list[int]], size: int
) -> None:
    asyncio.run(read(azurite, told, gone, size))
