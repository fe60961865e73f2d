"""Safe to leave running: bounded buffers, bad input without tracebacks, a clean end, nothing left behind."""

import asyncio
import gc
import socket
import weakref

import aiohttp
import msgspec
import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.aiohttp_internals import HttpConnection
from emulator.configuration import SYSTEM_EVENTS, Settings, event_handler
from tests.emulator.clients import PLAIN, RELIABLE, claim, client_token, connected, recovered, status_of_connect
from tests.emulator.conftest import QUICK, StandIn, Start
from tests.emulator.raw import UPGRADE, masked, raw_client
from tests.emulator.webhook import Recorded, Webhook

WAITS = 500


async def test_a_slow_reader_is_closed_at_the_bound_and_harms_nobody(start: Start) -> None:
    emulator = await start(Settings(limits=msgspec.structs.replace(QUICK, outgoing_bytes=200_000)))
    endpoint = emulator.endpoint
    slow = await raw_client(endpoint, **claim("webpubsub.group", "g"))
    async with connected(endpoint) as sender, connected(endpoint) as other:
        await other.join("g")
        for number in range(100):
            await sender.send(type="sendToGroup", group="g", data=[number, "x" * 100_000], ackId=number)
            await sender.receive()
            assert (await other.receive())["data"][0] == number
        await emulator.log.holds("SlowClient")
        assert len(emulator.server.service.connections()) == 2
    slow.close()


async def test_a_slow_reliable_reader_may_recover_what_it_has_not_read(start: Start) -> None:
    emulator = await start(Settings(limits=msgspec.structs.replace(QUICK, outgoing_bytes=200_000)))
    async with connected(emulator.endpoint) as sender:
        slow = await raw_client(emulator.endpoint, RELIABLE, **claim("webpubsub.group", "g"))
        hello = msgspec.json.decode((await slow.reader.readuntil(b"}"))[4:])
        for number in range(100):
            await sender.send(type="sendToGroup", group="g", data=[number, "x" * 100_000], ackId=number)
            await sender.receive()
        await emulator.log.holds("SlowClient")
        sender.hello, own = hello, sender.hello
        async with recovered(emulator.endpoint, sender) as again:
            assert [(await again.receive())["data"][0] for _ in range(100)] == list(range(100))
        sender.hello = own
    slow.close()


async def test_garbage_on_the_port_is_answered_and_leaves_no_traceback(emulator: StandIn) -> None:
    port = emulator.server.port
    for garbage in (
        b"\x00\xff" * 100,
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /api/hubs/a/:send HTTP/1.1\r\nHost: a b\r\n\r\n",
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(garbage)
        assert (await asyncio.wait_for(reader.read(100), 5)).startswith(b"HTTP/1.")
        writer.transport.abort()
    async with connected(emulator.endpoint) as client:
        await client.silent()


HEALTH = b"HEAD /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.parametrize("before", [b"", HEALTH], ids=["first", "second"])
async def test_a_request_whose_headers_do_not_end_is_408_in_time_and_its_connection_closed(
    start: Start, before: bytes
) -> None:
    emulator = await start(Settings(limits=msgspec.structs.replace(QUICK, header_seconds=0.05)))
    quiet, asks = await asyncio.open_connection("127.0.0.1", emulator.server.port)
    # All of it is there before the stand-in has heard of the connection.
    early = socket.create_connection(("127.0.0.1", emulator.server.port))
    early.sendall(before or HEALTH[:30])
    reader, writer = await asyncio.open_connection(sock=early)
    if before:
        assert (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)).startswith(b"HTTP/1.1 200 ")
        writer.write(HEALTH[:30])
    assert (await asyncio.wait_for(reader.read(), 5)).startswith(b"HTTP/1.1 408 ")
    await emulator.log.holds("headers of a request did not arrive")
    # Who has asked nothing yet is not in the middle of anything.
    asks.write(HEALTH)
    assert (await asyncio.wait_for(quiet.readuntil(b"\r\n\r\n"), 5)).startswith(b"HTTP/1.1 200 ")
    for one in (writer, asks):
        one.transport.abort()


async def test_headers_of_which_a_byte_comes_now_and_then_have_no_more_time(start: Start) -> None:
    emulator = await start(Settings(limits=msgspec.structs.replace(QUICK, header_seconds=0.05)))
    reader, writer = await asyncio.open_connection("127.0.0.1", emulator.server.port)
    writer.write(HEALTH[:30])
    ended = asyncio.ensure_future(reader.read())
    for _ in range(WAITS):
        writer.write(b"x")
        if (await asyncio.wait([ended], timeout=0.01))[0]:
            break
    # Whoever still sends when the answer comes may be reset before it has read it.
    assert isinstance(ended.exception(), (ConnectionError, type(None)))
    await emulator.log.holds("headers of a request did not arrive")
    writer.transport.abort()


async def test_headers_that_come_in_time_are_read_however_many_parts_they_have(emulator: StandIn) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", emulator.server.port)
    for _ in range(2):
        for position in range(len(HEALTH)):
            writer.write(HEALTH[position : position + 1])
            await asyncio.sleep(0)
        assert (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)).startswith(b"HTTP/1.1 200 ")
    (connection,) = emulator.server._http.connections
    assert isinstance(connection, HttpConnection) and connection._deadline is None
    writer.transport.abort()


@pytest.mark.parametrize("data", [b"\x81\x01x", b"\xff\xff\xff\xff", masked(0x1, b"\xff"), b"GET / HTTP/1.1\r\n\r\n"])
async def test_garbage_behind_the_upgrade_ends_that_client_alone(emulator: StandIn, data: bytes) -> None:
    raw = await raw_client(emulator.endpoint)
    async with connected(emulator.endpoint) as other:
        raw.writer.write(data)
        assert b'"disconnected"' in await raw.rest()
        await other.silent()
    raw.close()


async def test_a_client_in_the_middle_of_a_huge_message_reads_why_it_is_closed(emulator: StandIn) -> None:
    raw = await raw_client(emulator.endpoint)
    size = 8 * 1024 * 1024
    raw.writer.write(b"\x81\xff" + size.to_bytes(8, "big") + bytes(4) + b"x" * size)
    assert b"\x03\xf1a message may have at most 1048576 bytes" in await raw.rest()
    raw.close()


async def test_messages_sent_together_with_the_upgrade_request_are_read(emulator: StandIn) -> None:
    raw = await raw_client(emulator.endpoint, behind=masked(0x1, b'{"type":"ping"}'))
    assert b'{"type":"pong"}' in await asyncio.wait_for(raw.reader.readuntil(b"pong" + b'"}'), 5)
    raw.close()


async def test_websocket_pings_are_answered_with_their_payload(emulator: StandIn) -> None:
    raw = await raw_client(emulator.endpoint)
    payloads = [b"", b"are you there", b"x" * 125]
    for payload in payloads:
        raw.writer.write(masked(0x9, payload))
    # A pong that nobody asked for is answered with nothing.
    raw.writer.write(masked(0xA, b"unasked") + masked(0x8, b"\x03\xe8"))
    answers = b"".join(bytes((0x8A, len(payload))) + payload for payload in payloads)
    assert (await raw.rest()).endswith(b"}" + answers + b"\x88\x02\x03\xe8")
    raw.close()


async def test_a_close_is_answered_with_its_code_behind_what_was_queued(emulator: StandIn) -> None:
    raw = await raw_client(emulator.endpoint)
    raw.writer.write(masked(0x1, b'{"type":"ping"}') + masked(0x8, b"\x03\xe8bye"))
    assert (await raw.rest()).endswith(b'{"type":"pong"}\x88\x02\x03\xe8')
    raw.close()


@given(st.binary(max_size=200))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_random_bytes_never_harm_another_client(emulator: StandIn, data: bytes) -> None:
    raw = await raw_client(emulator.endpoint)
    raw.writer.write(data)
    raw.close()
    async with connected(emulator.endpoint) as other:
        await other.silent()


async def test_reading_pauses_while_messages_wait_for_the_handler(start: Start, hook: Webhook) -> None:
    release = asyncio.Event()
    handler = event_handler(hook.url, "*", [])
    emulator = await start(Settings(handlers={"chat": (handler,)}, limits=QUICK))

    async def wait(_: object) -> web.Response:
        await release.wait()
        return web.Response(status=204)

    hook.answer = wait
    async with connected(emulator.endpoint) as client:
        await client.send(type="event", event="e", data=1, ackId=1)
        await hook.wait_for("e")
        session = emulator.server.service.hub("chat").connections[client.id].session

        async def flood() -> None:
            for _ in range(200):
                await client.send(type="leaveGroup", group="x" * 1000 + str(_), ackId=2 + _, data="x" * 100_000)

        flooding = asyncio.create_task(flood())
        while not session.congested:
            await asyncio.wait([flooding], timeout=0.01)
        done, _ = await asyncio.wait([flooding], timeout=0.2)
        assert not done
        assert len(session._backlog) < 100
        release.set()
        for number in range(1, 202):
            assert (await client.receive())["ackId"] == number
        await flooding


async def test_nothing_is_left_of_clients_that_came_and_went(emulator: StandIn) -> None:
    service = emulator.server.service
    for _ in range(20):
        async with connected(emulator.endpoint, sub="u1") as client:
            await client.join("g")
            gone = weakref.ref(service.hub("chat").connections[client.id])
    await emulator.server._sockets.wait_closed(5)
    gc.collect()
    assert gone() is None
    assert (service._hubs, service._expiries, service._announcements) == ({}, {}, {})
    assert emulator.server._http.connections == []
    assert not emulator.server._sockets.open


async def test_shutting_down_closes_clients_with_1001_and_tells_the_handler(hook: Webhook) -> None:
    handler = event_handler(hook.url, "*", SYSTEM_EVENTS)
    emulator = StandIn(Settings(handlers={"chat": (handler,)}, limits=QUICK))
    async with emulator.server, aiohttp.ClientSession() as session:
        url = f"{emulator.endpoint}/client/hubs/chat?access_token={client_token(emulator.endpoint)}"
        one = await session.ws_connect(url, protocols=[PLAIN])
        other = await session.ws_connect(url, protocols=[RELIABLE])
        stopping = asyncio.create_task(emulator.server.__aexit__())
        for client in (one, other):
            while (await client.receive(5)).type is aiohttp.WSMsgType.TEXT:
                pass
            assert client.close_code == 1001
        await stopping
    assert len(hook.events("disconnected")) == 2


async def test_who_comes_while_it_is_shutting_down_is_refused_and_whose_handler_said_yes_is_reported_gone(
    hook: Webhook,
) -> None:
    release, waiting = asyncio.Event(), ["disconnected"]

    async def wait(recorded: Recorded) -> web.Response:
        if recorded.event in waiting:
            await release.wait()
        return web.Response(status=204)

    hook.answer = wait
    limits = msgspec.structs.replace(QUICK, shutdown_seconds=10)
    emulator = StandIn(Settings(handlers={"chat": (event_handler(hook.url, "*", SYSTEM_EVENTS),)}, limits=limits))
    async with emulator.server, connected(emulator.endpoint) as client:
        url = f"{emulator.endpoint}/client/hubs/chat?access_token={client_token(emulator.endpoint)}"
        # A caller that is there already is heard until the end.
        reader, late = await asyncio.open_connection("127.0.0.1", emulator.server.port)
        late.write(HEALTH)
        assert (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)).startswith(b"HTTP/1.1 200 ")
        waiting.append("connect")
        coming = asyncio.create_task(status_of_connect(url))
        await hook.wait_for("connect", count=2)
        stopping = asyncio.create_task(emulator.server.__aexit__())
        assert (await client.closed())[0] == 1001
        host = f"127.0.0.1:{emulator.server.port}"
        late.write(UPGRADE.format(token=client_token(emulator.endpoint), host=host, protocol=PLAIN).encode())
        assert (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)).startswith(b"HTTP/1.1 503 ")
        release.set()
        assert (await coming)[0] == 503
        await stopping
        late.transport.abort()
    ended = {event.headers["ce-connectionId"] for event in hook.events("disconnected")}
    assert ended == {event.headers["ce-connectionId"] for event in hook.events("connect")} and len(ended) == 2


async def test_a_handler_that_hangs_does_not_hold_up_the_end(hook: Webhook) -> None:
    never = asyncio.Event()
    handler = event_handler(hook.url, "", ["disconnected"])
    emulator = StandIn(Settings(handlers={"chat": (handler,)}, limits=QUICK))

    async def hang(_: Recorded) -> web.Response:
        await never.wait()
        raise AssertionError

    hook.answer = hang
    loop = asyncio.get_running_loop()
    async with emulator.server, connected(emulator.endpoint):
        started = loop.time()
        await emulator.server.__aexit__()
        assert loop.time() - started < 3
    never.set()
