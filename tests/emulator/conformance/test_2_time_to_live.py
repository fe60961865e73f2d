"""Sections 2.1 and 6: ``ttlSeconds`` and ``messageTtlSeconds``: what waits for a client that is away expires."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import msgspec
import pytest

from emulator.configuration import Settings
from tests.emulator.clients import RELIABLE, RELIABLE_PROTOBUF, Client, connected, recovered
from tests.emulator.conftest import QUICK, StandIn, Start
from tests.emulator.losing import lost
from tests.emulator.rest import Rest, body_of

KINDS = pytest.mark.parametrize("subprotocol", [RELIABLE, RELIABLE_PROTOBUF])


class Clock:
    """The stand-in's clock, which the test moves."""

    def __init__(self, emulator: StandIn) -> None:
        self.now = 1000.0
        emulator.server.service._clock = lambda: self.now


@pytest.fixture
def clock(emulator: StandIn) -> Clock:
    return Clock(emulator)


@asynccontextmanager
async def pair(emulator: StandIn, subprotocol: str = RELIABLE) -> AsyncIterator[tuple[Client, Client]]:
    """A member of the group and a publisher."""
    async with connected(emulator.endpoint, subprotocol) as member, connected(emulator.endpoint) as publisher:
        await member.join("g")
        yield member, publisher


async def publish(publisher: Client, data: str, ttl: int | None = None) -> None:
    more: dict[str, Any] = {} if ttl is None else {"ttlSeconds": ttl}
    await publisher.send(type="sendToGroup", group="g", dataType="text", data=data, **more)
    await publisher.silent()


async def received(client: Client, count: int) -> list[tuple[int, str]]:
    messages = [await client.receive() for _ in range(count)]
    await client.silent()
    return [(message["sequenceId"], message["data"]) for message in messages]


@KINDS
async def test_what_expired_while_the_client_was_away_leaves_no_gap(
    emulator: StandIn, clock: Clock, subprotocol: str
) -> None:
    async with pair(emulator, subprotocol) as (member, publisher):
        await lost(emulator, member)
        for data, ttl in [("for ever", None), ("short", 5), ("zero is for ever", 0), ("long", 6)]:
            await publish(publisher, data, ttl)
        clock.now += 5
        async with recovered(emulator.endpoint, member) as again:
            assert await received(again, 3) == [(1, "for ever"), (2, "zero is for ever"), (3, "long")]


async def test_what_has_not_expired_is_sent_again(emulator: StandIn, clock: Clock) -> None:
    async with pair(emulator) as (member, publisher):
        await lost(emulator, member)
        await publish(publisher, "short", 5)
        clock.now += 4.9
        async with recovered(emulator.endpoint, member) as again:
            assert await received(again, 1) == [(1, "short")]


async def test_a_number_that_was_sent_is_never_given_to_another_message(emulator: StandIn, clock: Clock) -> None:
    async with pair(emulator) as (member, publisher):
        await publish(publisher, "short", 5)
        await publish(publisher, "for ever")
        assert await received(member, 2) == [(1, "short"), (2, "for ever")]
        await lost(emulator, member)
        clock.now += 5
        async with recovered(emulator.endpoint, member) as again:
            # The client may have seen number 1 or not: it is not told again, and nothing else is called so.
            await publish(publisher, "new")
            assert await received(again, 2) == [(2, "for ever"), (3, "new")]


async def test_a_client_that_is_there_gets_everything_at_once(emulator: StandIn, clock: Clock) -> None:
    async with pair(emulator) as (member, publisher):
        await publish(publisher, "short", 1)
        clock.now += 100
        assert await received(member, 1) == [(1, "short")]


@pytest.mark.parametrize("path", [":send", "groups/g/:send", "users/u1/:send", "connections/{id}/:send"])
async def test_rest_sends_expire_too(emulator: StandIn, clock: Clock, path: str) -> None:
    async with (
        aiohttp.ClientSession() as session,
        connected(emulator.endpoint, RELIABLE, sub="u1") as member,
    ):
        await member.join("g")
        member.cut()
        await emulator.log.holds("(u1) lost its socket")
        rest = Rest(emulator.endpoint, session)
        for ttl in (5, 6, 0):
            call = body_of(str(ttl).encode())
            target = f"{path.format(id=member.id)}?messageTtlSeconds={ttl}"
            assert (await rest("POST", target, **call)).status == 202
        clock.now += 5
        async with recovered(emulator.endpoint, member) as again:
            assert await received(again, 2) == [(1, "6"), (2, "0")]


async def test_what_has_expired_makes_room_in_a_full_buffer(start: Start) -> None:
    limits = msgspec.structs.replace(QUICK, unacknowledged_messages=3)
    emulator = await start(Settings(limits=limits))
    clock = Clock(emulator)
    async with pair(emulator) as (member, publisher):
        await lost(emulator, member)
        for data, ttl in [("a", 1), ("b", 100), ("c", 1)]:
            await publish(publisher, data, ttl)
        clock.now += 1
        for data in ("d", "e"):
            await publish(publisher, data)
        async with recovered(emulator.endpoint, member) as again:
            assert await received(again, 3) == [(1, "b"), (2, "d"), (3, "e")]
            await publish(publisher, "one too many")
            assert (await again.closed())[0] == 1008
