"""Section 3: ``json.reliable.webpubsub.azure.v1``: sequence ids, recovery, and when there is none."""

import time
from contextlib import AbstractAsyncContextManager
from typing import Any

import aiohttp
import jwt
import msgspec
import pytest

from emulator.auth import reconnection_token
from emulator.configuration import DEFAULT_ACCESS_KEY, SYSTEM_EVENTS, Settings, event_handler
from emulator.protocol.delivery import Delivery
from emulator.protocol.json_codec import JsonCodec
from emulator.protocol.messages import Content, Message
from emulator.protocol.unacknowledged import BufferFull, Unacknowledged
from tests.emulator.clients import PLAIN, RELIABLE, Client, client_token, connected, opened, recovered
from tests.emulator.conftest import QUICK, StandIn, Start
from tests.emulator.losing import lost
from tests.emulator.raw import raw_client
from tests.emulator.rest import Rest
from tests.emulator.webhook import Webhook


def reliable(endpoint: str, **claims: Any) -> AbstractAsyncContextManager[Client]:
    return connected(endpoint, RELIABLE, **claims)


async def publish(client: Client, *data: int | str) -> None:
    for each in data:
        await client.send(type="sendToGroup", group="g", data=each)
    await client.silent()


async def numbered(client: Client, count: int) -> list[tuple[int, int]]:
    frames = [await client.receive() for _ in range(count)]
    return [(frame["sequenceId"], frame["data"]) for frame in frames]


async def test_sequence_ids_start_at_1_and_count_messages_only(endpoint: str) -> None:
    async with reliable(endpoint) as client:
        await client.join("g")
        await client.silent()
        for number in range(1, 4):
            await client.send(type="sendToGroup", group="g", data=number)
        assert await numbered(client, 3) == [(1, 1), (2, 2), (3, 3)]


async def test_the_reconnection_token_is_bound_to_the_connection(endpoint: str) -> None:
    async with reliable(endpoint) as client:
        claims = jwt.decode(client.hello["reconnectionToken"], DEFAULT_ACCESS_KEY, ["HS256"], audience=client.id)
        assert claims["exp"] - time.time() > 6 * 24 * 3600


async def test_a_recovered_client_gets_what_it_missed_before_what_is_new(emulator: StandIn) -> None:
    async with reliable(emulator.endpoint) as client, connected(emulator.endpoint) as other:
        await client.join("g")
        await publish(other, 1, 2)
        assert await numbered(client, 2) == [(1, 1), (2, 2)]
        await client.send(type="sequenceAck", sequenceId=1)
        await client.silent()
        await lost(emulator, client)
        await publish(other, 3, 4)
        async with recovered(emulator.endpoint, client) as again:
            await publish(other, 5)
            assert await numbered(again, 4) == [(2, 2), (3, 3), (4, 4), (5, 5)]
            await again.silent()


async def test_recovery_keeps_groups_permissions_and_ack_ids(emulator: StandIn) -> None:
    async with reliable(emulator.endpoint, role="webpubsub.joinLeaveGroup.g") as client:
        assert (await client.ask(type="joinGroup", group="g", ackId=1))["success"]
        await lost(emulator, client)
        async with recovered(emulator.endpoint, client) as again:
            assert (await again.ask(type="joinGroup", group="g", ackId=1))["error"]["name"] == "Duplicate"
            assert (await again.ask(type="joinGroup", group="h", ackId=2))["error"]["name"] == "Forbidden"
            assert (await again.ask(type="joinGroup", group="g", ackId=3))["success"]


async def test_the_old_socket_is_dropped_when_its_client_recovers_on_another(endpoint: str) -> None:
    async with reliable(endpoint) as client, recovered(endpoint, client) as again:
        await again.silent()
        assert (await client.closed())[0] == 1006


async def test_an_expired_access_token_beside_the_recovery_parameters_does_not_matter(emulator: StandIn) -> None:
    async with reliable(emulator.endpoint) as client:
        await lost(emulator, client)
        expired = client_token(emulator.endpoint, exp=1)
        token = client.hello["reconnectionToken"]
        url = f"{emulator.endpoint}/client/hubs/chat?access_token={expired}"
        async with opened(f"{url}&awps_connection_id={client.id}&awps_reconnection_token={token}", RELIABLE) as again:
            await again.silent()


async def test_refused_recovery_is_an_upgrade_and_a_close_1008(emulator: StandIn) -> None:
    async with reliable(emulator.endpoint) as client, connected(emulator.endpoint) as plain:
        for token in ("", "x", reconnection_token("another", DEFAULT_ACCESS_KEY, time.time(), 60), client_token("x")):
            async with recovered(emulator.endpoint, client, token=token) as again:
                assert (await again.closed())[0] == 1008
        async with recovered(emulator.endpoint, client, hub="other") as again:
            assert (await again.closed())[0] == 1008
        plain_token = reconnection_token(plain.id, DEFAULT_ACCESS_KEY, time.time(), 60)
        async with recovered(emulator.endpoint, plain, token=plain_token) as again:
            assert (await again.closed())[0] == 1008
        await client.silent()
        await plain.silent()


async def test_a_client_that_closed_with_1000_cannot_come_back(endpoint: str) -> None:
    async with reliable(endpoint) as client:
        await client.socket.close(code=1000)
        async with recovered(endpoint, client) as again:
            assert (await again.closed())[0] == 1008


async def test_a_client_that_closed_with_1001_can_come_back(endpoint: str) -> None:
    async with reliable(endpoint) as client:
        await client.socket.close(code=1001)
        async with recovered(endpoint, client) as again:
            await again.silent()


async def test_a_protocol_error_ends_the_connection_for_good(endpoint: str) -> None:
    async with reliable(endpoint) as client:
        await client.socket.send_str("{")
        assert (await client.closed())[0] == 1007
        async with recovered(endpoint, client) as again:
            assert (await again.closed())[0] == 1008


async def test_a_lost_connection_is_kept_for_the_window_and_no_longer(start: Start, hook: Webhook) -> None:
    limits = msgspec.structs.replace(QUICK, retention_seconds=0.05)
    handler = event_handler(hook.url, "*", SYSTEM_EVENTS)
    emulator = await start(Settings(handlers={"chat": (handler,)}, limits=limits))
    async with reliable(emulator.endpoint) as client:
        await lost(emulator, client)
        await hook.wait_for("disconnected")
        async with recovered(emulator.endpoint, client) as again:
            assert (await again.closed())[0] == 1008
    assert emulator.server.service.connections() == []


async def test_a_client_without_recovery_is_gone_at_once(emulator: StandIn, hooked: StandIn, hook: Webhook) -> None:
    async with connected(hooked.endpoint) as client:
        client.cut()
        await hook.wait_for("disconnected")
    assert hooked.server.service.connections() == []


@pytest.mark.parametrize("attached", [True, False])
async def test_too_many_unacknowledged_messages_end_the_connection_for_good(emulator: StandIn, attached: bool) -> None:
    async with reliable(emulator.endpoint) as client, connected(emulator.endpoint) as other:
        await client.join("g")
        if not attached:
            await lost(emulator, client)
        await publish(other, *range(1001))
        if attached:
            assert len(await numbered(client, 1000)) == 1000
            assert (await client.closed())[0] == 1008
        async with recovered(emulator.endpoint, client) as again:
            assert (await again.closed())[0] == 1008


@pytest.mark.parametrize("attached", [True, False])
async def test_the_unacknowledged_buffer_is_bounded_in_bytes_too(start: Start, attached: bool) -> None:
    emulator = await start(Settings(limits=msgspec.structs.replace(QUICK, unacknowledged_bytes=10_000)))
    async with reliable(emulator.endpoint) as client, connected(emulator.endpoint) as other:
        await client.join("g")
        if not attached:
            await lost(emulator, client)
        await publish(other, "x" * 6000, "y" * 6000)
        if attached:
            await numbered(client, 1)
            assert (await client.closed())[0] == 1008
        async with recovered(emulator.endpoint, client) as again:
            assert (await again.closed())[0] == 1008


@pytest.mark.parametrize("attached", [True, False])
def test_what_fills_the_buffer_to_the_last_byte_has_room(attached: bool) -> None:
    codec, delivery = JsonCodec(), Delivery(Message(Content("text", b"x"), "g"), 0)
    buffer = Unacknowledged(codec, max_bytes=2 * codec.size(delivery))
    take = buffer.push if attached else buffer.keep
    take(delivery)
    take(delivery)
    with pytest.raises(BufferFull):
        take(delivery)


async def test_acknowledged_and_expired_messages_make_room_in_bytes_too(start: Start) -> None:
    emulator = await start(Settings(limits=msgspec.structs.replace(QUICK, unacknowledged_bytes=10_000)))
    now = 1000.0
    emulator.server.service._clock = lambda: now
    async with reliable(emulator.endpoint) as client, connected(emulator.endpoint) as publisher:
        await client.join("g")
        for number in range(1, 4):
            frame = await client.ask(type="sendToGroup", group="g", data="x" * 6000)
            assert frame["sequenceId"] == number
            await client.send(type="sequenceAck", sequenceId=number)
        await client.silent()
        await lost(emulator, client)
        for text in ("y" * 6000, "z" * 6000):
            await publisher.send(type="sendToGroup", group="g", data=text, ttlSeconds=5)
            await publisher.silent()
            now += 5
        now -= 1
        async with recovered(emulator.endpoint, client) as again:
            assert (await again.receive())["data"] == "z" * 6000
            await publisher.send(type="sendToGroup", group="g", data="w" * 6000)
            assert (await again.closed())[0] == 1008


async def test_acknowledged_messages_do_not_count(endpoint: str) -> None:
    async with reliable(endpoint) as client:
        await client.join("g")
        for number in range(1, 1502):
            frame = await client.ask(type="sendToGroup", group="g", data=number)
            assert frame["sequenceId"] == number
            await client.send(type="sequenceAck", sequenceId=number)
        await client.silent()


async def test_a_plain_client_may_send_a_sequence_ack_without_effect(endpoint: str) -> None:
    async with connected(endpoint) as client:
        await client.send(type="sequenceAck", sequenceId=5)
        await client.silent()


async def test_without_a_connection_id_it_is_a_new_connection(endpoint: str) -> None:
    token = client_token(endpoint)
    async with opened(f"{endpoint}/client/hubs/chat?access_token={token}&awps_connection_id=", RELIABLE) as client:
        assert (await client.receive())["event"] == "connected"


async def test_a_recovered_connection_keeps_its_sub_protocol(emulator: StandIn) -> None:
    async with reliable(emulator.endpoint) as client:
        await client.join("g")
        await lost(emulator, client)
        token = client.hello["reconnectionToken"]
        query = f"awps_connection_id={client.id}&awps_reconnection_token={token}"
        url = f"{emulator.endpoint}/client/hubs/chat?{query}"
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(url, protocols=[PLAIN, RELIABLE]) as socket,
        ):
            assert socket.protocol == RELIABLE
            await socket.send_json({"type": "sendToGroup", "group": "g", "data": 1})
            assert (await socket.receive_json())["sequenceId"] == 1


@pytest.mark.parametrize("breaking", [b"\xc1\x80mask", b"\x82\xff\xff\xff\xff\xff\xff\xff\xff\xffmask"])
async def test_a_broken_or_oversized_frame_ends_the_connection_for_good(endpoint: str, breaking: bytes) -> None:
    raw = await raw_client(endpoint, RELIABLE)
    hello = msgspec.json.decode((await raw.reader.readuntil(b"}"))[4:])
    raw.writer.write(breaking)
    await raw.rest()
    raw.close()
    query = f"awps_connection_id={hello['connectionId']}&awps_reconnection_token={hello['reconnectionToken']}"
    async with opened(f"{endpoint}/client/hubs/chat?{query}", RELIABLE) as again:
        assert (await again.closed())[0] == 1008


async def test_a_close_over_rest_is_for_good(endpoint: str) -> None:
    async with reliable(endpoint) as client, aiohttp.ClientSession() as session:
        assert (await Rest(endpoint, session)("DELETE", f"connections/{client.id}")).status == 204
        assert await client.closed() == (1000, "ClosedByAppServer")
        async with recovered(endpoint, client) as again:
            assert (await again.closed())[0] == 1008


async def test_a_reconnection_token_counts_to_the_second(endpoint: str) -> None:
    async with reliable(endpoint) as client:
        week = 7 * 24 * 3600
        expired = reconnection_token(client.id, DEFAULT_ACCESS_KEY, time.time() - week - 5, week)
        async with recovered(endpoint, client, token=expired) as again:
            assert (await again.closed())[0] == 1008


async def test_rights_given_over_rest_outlive_a_lost_socket(emulator: StandIn) -> None:
    async with reliable(emulator.endpoint, role="webpubsub.sendToGroup") as client, aiohttp.ClientSession() as session:
        rest = Rest(emulator.endpoint, session)
        await rest("PUT", f"permissions/joinLeaveGroup/connections/{client.id}?targetName=g")
        await rest("DELETE", f"permissions/sendToGroup/connections/{client.id}?targetName=h")
        await lost(emulator, client)
        async with recovered(emulator.endpoint, client) as again:
            assert (await again.ask(type="joinGroup", group="g", ackId=1))["success"]
            assert not (await again.ask(type="sendToGroup", group="h", data=1, ackId=2))["success"]


async def test_handlers_hear_nothing_of_a_recovery(hooked: StandIn, hook: Webhook) -> None:
    async with reliable(hooked.endpoint) as client:
        await lost(hooked, client)
        async with recovered(hooked.endpoint, client) as again:
            await again.ask(type="event", event="back", data=1, ackId=1)
            assert [event.event for event in hook.events()] == ["connect", "connected", "back"]
            await again.socket.close(code=1000)
            await hook.wait_for("disconnected")
    assert [event.event for event in hook.events()] == ["connect", "connected", "back", "disconnected"]


def test_a_lost_client_is_kept_for_30_seconds_and_1000_messages_or_16_mebibytes() -> None:
    limits = Settings().limits
    kept = (limits.retention_seconds, limits.unacknowledged_messages, limits.unacknowledged_bytes)
    assert kept == (30, 1000, 16 * 1024 * 1024)
