"""Section 9: peers that do not answer are noticed, by pings and by deadlines, and may recover if they are reliable."""

import asyncio

import aiohttp
import msgspec
import pytest

from emulator.configuration import Settings
from tests.emulator.clients import RELIABLE, WAIT_SECONDS, connected, recovered
from tests.emulator.conftest import QUICK, StandIn, Start
from tests.emulator.raw import masked, raw_client
from tests.emulator.rest import TEXT, Rest, body_of

PING = b"\x89\x00"


async def with_limits(start: Start, **limits: float) -> StandIn:
    return await start(Settings(limits=msgspec.structs.replace(QUICK, **limits)))


async def test_a_client_that_answers_no_ping_is_gone_and_a_reliable_one_may_recover(start: Start) -> None:
    emulator = await with_limits(start, ping_seconds=0.05)
    # A client answers pings only while it reads.
    async with connected(emulator.endpoint, RELIABLE) as silent, connected(emulator.endpoint) as plain:
        await emulator.log.holds("kept for 30 s: PingTimeout")
        await emulator.log.holds(f"{plain.id} (anonymous) ended: PingTimeout")
        async with aiohttp.ClientSession() as session:
            await Rest(emulator.endpoint, session)("POST", f"connections/{silent.id}/:send", **TEXT)
        async with recovered(emulator.endpoint, silent) as again:
            assert (await again.receive())["data"] == "hi"


async def test_a_client_that_answers_pings_stays(start: Start) -> None:
    emulator = await with_limits(start, ping_seconds=0.05)
    async with connected(emulator.endpoint) as awake:
        reading = asyncio.create_task(awake.receive())
        for _ in range(2):
            async with connected(emulator.endpoint) as silent:
                await emulator.log.holds(f"{silent.id} (anonymous) ended: PingTimeout")
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        await awake.silent()


async def test_a_client_that_closes_and_takes_nothing_more_is_dropped(start: Start) -> None:
    emulator = await with_limits(start, ping_seconds=0, closing_seconds=0.1)
    half_open = await raw_client(emulator.endpoint, sub="half-open")
    text = body_of(b"x" * 900_000)
    async with aiohttp.ClientSession() as session:
        for _ in range(12):
            assert (await Rest(emulator.endpoint, session)("POST", ":send", **text)).status == 202
    half_open.writer.write(masked(8, b"\x03\xe8"))
    await emulator.log.holds("The client closed the connection (1000)")
    # Nobody but its own deadline ends it: this waits far longer than the test would.
    await asyncio.wait_for(emulator.server._sockets.wait_closed(600), WAIT_SECONDS)
    half_open.close()


async def test_a_pace_of_pings_that_is_read_again_counts_at_once(start: Start) -> None:
    emulator = await with_limits(start, ping_seconds=600)
    client = await raw_client(emulator.endpoint)
    emulator.server.apply(Settings(limits=msgspec.structs.replace(QUICK, ping_seconds=0.05)))
    assert await asyncio.wait_for(client.reader.readuntil(b"\x89\x00"), WAIT_SECONDS)
    client.close()


@pytest.mark.parametrize("answer", [masked(0xA, b""), masked(1, b'{"type":"ping"}')], ids=["a pong", "anything else"])
async def test_sockets_are_pinged_at_the_pace_that_is_set(start: Start, answer: bytes) -> None:
    """Again and again, as long as something is heard of the client."""
    emulator = await with_limits(start, ping_seconds=0.1)
    client = await raw_client(emulator.endpoint)
    async with asyncio.timeout(WAIT_SECONDS):
        for _ in range(3):
            assert await client.reader.readuntil(PING)
            client.writer.write(answer)
    client.close()


async def test_a_client_that_does_not_answer_is_asked_once_and_no_more(start: Start) -> None:
    emulator = await with_limits(start, ping_seconds=0.05)
    client = await raw_client(emulator.endpoint, sub="ada")
    assert (await client.rest()).count(PING) == 1
    await emulator.log.holds("(ada) ended: PingTimeout: the client does not answer")
    assert emulator.server.service.connections() == []
    client.close()
