"""Section 7.6: a handler that hangs holds up its own calls of that kind, and nobody else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import msgspec
from aiohttp import web

from emulator.configuration import SYSTEM_EVENTS, EventHandler, Settings, event_handler
from tests.emulator.clients import Client, connected
from tests.emulator.conftest import QUICK, StandIn, Start
from tests.emulator.webhook import Recorded, Webhook


class Hanging:
    """Answers every event at once but ``slow``, which waits until it is let go."""

    def __init__(self, hook: Webhook) -> None:
        self.released, self.most, self._under_way = asyncio.Event(), 0, 0
        hook.answer = self.answer

    async def answer(self, recorded: Recorded) -> web.Response:
        if recorded.event == "slow":
            self._under_way += 1
            self.most = max(self.most, self._under_way)
            await self.released.wait()
            self._under_way -= 1
        return web.Response(status=204)


@asynccontextmanager
async def clients(emulator: StandIn, number: int) -> AsyncIterator[list[Client]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(connected(emulator.endpoint)) for _ in range(number)]


async def slow_events(waiting: list[Client]) -> None:
    for client in waiting:
        await client.send(type="event", event="slow", data=1, ackId=1)


async def test_a_hundred_events_that_hang_hold_up_no_new_client(hooked: StandIn, hook: Webhook) -> None:
    handler = Hanging(hook)
    async with clients(hooked, 100) as waiting:
        await slow_events(waiting)
        await hook.wait_for("slow", count=100)
        async with connected(hooked.endpoint) as late:
            await hook.wait_for("connected", count=101)
            await late.silent()
        await hook.wait_for("disconnected")
        handler.released.set()
        for client in waiting:
            assert (await client.receive())["success"]


async def test_events_that_hang_hold_up_no_other_handler_and_no_other_hub(start: Start, hook: Webhook) -> None:
    handler = Hanging(hook)
    one, other = event_handler(hook.url, "slow", ()), event_handler(hook.url.replace("/api/", "/other/"), "*", ())
    limits = msgspec.structs.replace(QUICK, handler_calls=1)
    emulator = await start(Settings(handlers={"chat": (one, other), "more": (one, other)}, limits=limits))
    async with clients(emulator, 2) as waiting, connected(emulator.endpoint, hub="more") as elsewhere:
        await slow_events([waiting[0], elsewhere])
        await hook.wait_for("slow", count=2)
        assert (await waiting[1].ask(type="event", event="quick", data=1, ackId=1))["success"]
        handler.released.set()
        for client in (waiting[0], elsewhere):
            assert (await client.receive())["success"]


async def test_calls_of_a_handler_beyond_their_number_wait_for_their_turn(start: Start, hook: Webhook) -> None:
    handler = Hanging(hook)
    limits = msgspec.structs.replace(QUICK, handler_calls=2)
    handlers: dict[str, tuple[EventHandler, ...]] = {"chat": (event_handler(hook.url, "*", SYSTEM_EVENTS),)}
    emulator = await start(Settings(handlers=handlers, limits=limits))
    async with clients(emulator, 6) as waiting:
        await slow_events(waiting)
        await hook.wait_for("slow", count=2)
        handler.released.set()
        for client in waiting:
            assert (await client.receive())["success"]
    assert handler.most == 2
    assert len(hook.events("slow")) == 6


async def test_a_call_that_never_gets_its_turn_has_failed_in_time(start: Start, hook: Webhook) -> None:
    handler = Hanging(hook)
    limits = msgspec.structs.replace(QUICK, handler_calls=1, handler_timeout_seconds=1)
    emulator = await start(Settings(handlers={"chat": (event_handler(hook.url, "*", ()),)}, limits=limits))
    async with clients(emulator, 2) as waiting:
        await slow_events(waiting)
        for client in waiting:
            assert (await client.receive())["error"]["name"] == "InternalServerError"
        handler.released.set()
        # The places of those that were given up are free again.
        assert (await waiting[0].ask(type="event", event="slow", data=1, ackId=2))["success"]
