"""Limits: each is kept, and each can be set low, so that what lies beyond it can be rehearsed."""

import asyncio
from pathlib import Path

import aiohttp
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.configuration import BadConfiguration, Limits, Settings, read_file
from emulator.quota import DAY_SECONDS, DailyQuota
from tests.emulator.clients import RELIABLE, client_token, connected, opened, recovered
from tests.emulator.conftest import QUICK, StandIn, Start
from tests.emulator.raw import raw_client
from tests.emulator.rest import TEXT, Rest

DOCUMENT = Path(__file__).parents[3] / "docs" / "emulator.md"


async def with_limits(start: Start, **limits: float) -> StandIn:
    return await start(Settings(limits=msgspec.structs.replace(QUICK, **limits)))


async def test_a_connection_beyond_the_quota_is_429_until_another_has_gone(start: Start) -> None:
    emulator = await with_limits(start, connections=2)
    url = f"{emulator.endpoint}/client/hubs/other?access_token={client_token(emulator.endpoint, 'other')}"
    async with connected(emulator.endpoint):
        async with connected(emulator.endpoint, hub="more"):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                async with opened(url):
                    pass
            assert refused.value.status == 429
        async with opened(url) as third:
            assert (await third.receive())["event"] == "connected"


async def test_a_client_that_comes_back_needs_no_further_connection(start: Start) -> None:
    emulator = await with_limits(start, connections=1)
    async with connected(emulator.endpoint, RELIABLE) as client:
        client.cut()
        await emulator.log.holds("lost its socket")
        async with recovered(emulator.endpoint, client) as again:
            await again.silent()


async def test_beyond_the_daily_quota_rest_sends_are_429_and_publications_dropped(start: Start) -> None:
    emulator = await with_limits(start, messages_per_day=5)
    async with connected(emulator.endpoint) as ann, connected(emulator.endpoint) as bob:
        for client in (ann, bob):
            await client.join("g")
        async with aiohttp.ClientSession() as session:
            rest = Rest(emulator.endpoint, session)
            # Two receivers and more than 2 KB: four of the five.
            large = {**TEXT, "data": b"x" * 2049}
            assert (await rest("POST", "groups/g/:send", **large)).status == 202
            for client in (ann, bob):
                assert (await client.receive())["data"] == "x" * 2049
            refused = await rest("POST", "groups/g/:send", **TEXT)
            assert (refused.status, refused.value["code"]) == (429, "Error.TooManyRequests")
            await ann.send(type="sendToGroup", group="g", data="one too many")
            await emulator.log.holds("over the daily quota")
            for client in (ann, bob):
                await client.silent()
            assert (await rest("POST", f"connections/{bob.id}/:send", **TEXT)).status == 202
            assert (await bob.receive())["data"] == "hi"


@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 50)), max_size=30), st.integers(1, 200))
def test_a_quota_is_used_in_messages_of_two_kilobytes_and_is_new_each_day(
    sends: list[tuple[int, int]], most: int
) -> None:
    quota, used = DailyQuota(), 0
    for size, receivers in sends:
        cost = receivers * max(1, (size + 2047) // 2048)
        assert quota.take(size, receivers, most, 10 * DAY_SECONDS + 5) == (used + cost <= most)
        used += cost if used + cost <= most else 0
        assert quota.used == used
    assert quota.take(1, most, most, 11 * DAY_SECONDS)


async def test_a_message_over_the_limit_closes_its_sender_with_1009(start: Start) -> None:
    emulator = await with_limits(start, message_bytes=500)
    async with connected(emulator.endpoint) as client:
        await client.send(type="sendToGroup", group="g", data="x" * 500)
        assert (await client.closed())[0] == 1009


async def test_a_rest_body_over_the_limit_is_400(start: Start) -> None:
    emulator = await with_limits(start, body_bytes=10)
    async with aiohttp.ClientSession() as session:
        rest = Rest(emulator.endpoint, session)
        assert (await rest("POST", ":send", **{**TEXT, "data": b"x" * 10})).status == 202
        assert (await rest("POST", ":send", **{**TEXT, "data": b"x" * 11})).status == 400


async def test_a_reliable_client_that_does_not_acknowledge_is_closed_at_the_limit(start: Start) -> None:
    emulator = await with_limits(start, unacknowledged_messages=3)
    async with connected(emulator.endpoint, RELIABLE) as client, connected(emulator.endpoint) as sender:
        await client.join("g")
        for number in range(4):
            await sender.ask(type="sendToGroup", group="g", data=number, ackId=number)
        assert (await client.closed())[0] == 1008


async def test_a_client_that_answers_no_ping_is_gone_and_a_reliable_one_may_recover(start: Start) -> None:
    emulator = await with_limits(start, ping_seconds=0.05)
    async with connected(emulator.endpoint, RELIABLE) as awake:
        silent = await raw_client(emulator.endpoint, RELIABLE)
        # A client answers pings only while it reads.
        reading = asyncio.create_task(awake.receive())
        await emulator.log.holds("kept for 30 s: PingTimeout")
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        await awake.silent()
        assert len(emulator.server.service.connections()) == 2
        silent.close()


def test_a_file_sets_every_limit_and_a_mistake_is_named(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    keys = [field.encode_name for field in msgspec.structs.fields(Limits)]
    values = {key: [7] if key == "HandlerRetrySeconds" else 7 for key in keys}
    file.write_bytes(msgspec.json.encode({"WebPubSub": {"Limits": values}}))
    assert msgspec.json.decode(msgspec.json.encode(read_file(file).limits)) == values
    for wrong in ({"Connection": 20}, {"MessageBytes": 0}, {"PingSeconds": -1}, {"Connections": "20"}):
        file.write_bytes(msgspec.json.encode({"WebPubSub": {"Limits": wrong}}))
        with pytest.raises(BadConfiguration, match=r"WebPubSub\.Limits|Connection"):
            read_file(file)


def test_the_document_names_every_limit_that_can_be_set() -> None:
    text = DOCUMENT.read_text()
    for field in msgspec.structs.fields(Limits):
        assert f"`{field.encode_name}`" in text


async def test_sockets_are_pinged_at_the_pace_that_is_set(start: Start) -> None:
    emulator = await with_limits(start, ping_seconds=0.05)
    client = await raw_client(emulator.endpoint)
    async with asyncio.timeout(5):
        assert await client.reader.readuntil(b"\x89\x00")
    client.close()
