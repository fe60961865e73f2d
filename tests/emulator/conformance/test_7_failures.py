"""Section 7: events that fail, are tried again, or are late, and what waits behind them."""

import asyncio
from typing import Any

import msgspec
import pytest
from aiohttp import web

from emulator.configuration import Settings, event_handler
from tests.emulator.clients import RELIABLE, claim, connected
from tests.emulator.conftest import QUICK, StandIn, Start
from tests.emulator.raw import masked, raw_client
from tests.emulator.webhook import ELSEWHERE, Recorded, Webhook


@pytest.mark.parametrize(
    "answer",
    [
        lambda: web.Response(status=400, text="no"),
        lambda: web.Response(status=302, headers={"Location": "/"}),
        lambda: web.Response(text="<a/>", content_type="application/xml"),
        lambda: web.Response(body=b"{", content_type="application/json"),
        lambda: web.Response(body=b"\xff", content_type="text/plain"),
    ],
)
async def test_a_failed_event_is_an_error_ack_and_the_connection_stays(
    hooked: StandIn, hook: Webhook, answer: Any
) -> None:
    async with connected(hooked.endpoint) as client:
        hook.answer = lambda r: answer() if r.event == "e" else web.Response(status=204)
        for _ in range(2):  # the ack id of a failed event may be used again
            assert await client.ask(type="event", event="e", data=1, ackId=1) == {
                "type": "ack",
                "ackId": 1,
                "success": False,
                "error": {"name": "InternalServerError", "message": "Internal server error"},
            }
        await client.silent()


async def test_an_event_is_not_sent_where_its_handler_redirects_it(hooked: StandIn, hook: Webhook) -> None:
    async with connected(hooked.endpoint) as client:
        moved = web.Response(status=307, headers={"Location": ELSEWHERE})
        hook.answer = lambda r: moved if r.event == "e" and r.path != ELSEWHERE else web.Response(status=204)
        assert not (await client.ask(type="event", event="e", data=1, ackId=1))["success"]
    assert ELSEWHERE not in {request.path for request in hook.requests}


async def test_an_event_without_a_handler_fails(endpoint: str) -> None:
    async with connected(endpoint) as client:
        answer = await client.ask(type="event", event="e", data=1, ackId=1)
        assert answer["error"]["name"] == "InternalServerError"


async def test_a_failed_event_drops_the_connection_when_asked_to(start: Start, hook: Webhook) -> None:
    handler = event_handler(hook.url, "*", [])
    emulator = await start(Settings(handlers={"chat": (handler,)}, drop_on_failed_event=True, limits=QUICK))
    hook.answer = lambda _: web.Response(status=400)
    async with connected(emulator.endpoint) as client:
        await client.send(type="event", event="e", data=1, ackId=1)
        assert (await client.closed())[0] == 1011


async def test_passing_faults_are_tried_again_with_the_same_id(hooked: StandIn, hook: Webhook) -> None:
    statuses = iter([500, 408, 503, 200])
    async with connected(hooked.endpoint) as client:
        hook.answer = lambda r: web.Response(status=next(statuses) if r.event == "e" else 204)
        assert (await client.ask(type="event", event="e", data=1, ackId=1))["success"]
        assert len(hook.events("e")) == 4
        assert len({event.headers["ce-id"] for event in hook.events("e")}) == 1


async def test_after_four_attempts_the_event_has_failed(hooked: StandIn, hook: Webhook) -> None:
    async with connected(hooked.endpoint) as client:
        hook.answer = lambda r: web.Response(status=500 if r.event == "e" else 204)
        assert not (await client.ask(type="event", event="e", data=1, ackId=1))["success"]
        assert len(hook.events("e")) == 4


@pytest.mark.parametrize("status", [400, 404, 429])
async def test_other_refusals_are_not_tried_again(hooked: StandIn, hook: Webhook, status: int) -> None:
    async with connected(hooked.endpoint) as client:
        hook.answer = lambda r: web.Response(status=status if r.event == "e" else 204)
        assert not (await client.ask(type="event", event="e", data=1, ackId=1))["success"]
        assert len(hook.events("e")) == 1


async def test_a_handler_that_does_not_answer_in_time_has_failed(start: Start, hook: Webhook) -> None:
    never = asyncio.Event()

    async def hang(_: Recorded) -> web.Response:
        await never.wait()
        return web.Response()

    limits = msgspec.structs.replace(QUICK, handler_timeout_seconds=0.1)
    emulator = await start(Settings(handlers={"chat": (event_handler(hook.url, "*", []),)}, limits=limits))
    hook.answer = hang
    async with connected(emulator.endpoint) as client:
        assert not (await client.ask(type="event", event="e", data=1, ackId=1))["success"]
    never.set()


async def test_a_clients_messages_wait_for_its_event(hooked: StandIn, hook: Webhook) -> None:
    release = asyncio.Event()

    async def wait(recorded: Recorded) -> web.Response:
        if recorded.event == "slow":
            await release.wait()
        return web.Response(status=204)

    async with connected(hooked.endpoint) as client, connected(hooked.endpoint) as other:
        hook.answer = wait
        await client.send(type="event", event="slow", data=1, ackId=1)
        await client.send(type="joinGroup", group="g", ackId=2)
        await client.send(type="event", event="quick", data=1, ackId=3)
        await client.send(type="ping")
        await hook.wait_for("slow")
        await other.silent()  # other clients do not wait
        assert hook.events("quick") == []
        release.set()
        frames = [await client.receive() for _ in range(4)]
        assert [frame.get("ackId", frame["type"]) for frame in frames] == [1, 2, 3, "pong"]


async def test_what_waits_behind_an_event_dies_with_its_client(hooked: StandIn, hook: Webhook) -> None:
    release = asyncio.Event()

    async def wait(recorded: Recorded) -> web.Response:
        if recorded.event == "slow":
            await release.wait()
        return web.Response(status=204)

    async with connected(hooked.endpoint) as other:
        await other.join("g")
        async with connected(hooked.endpoint) as client:
            hook.answer = wait
            await client.send(type="event", event="slow", data=1)
            await client.send(type="sendToGroup", group="g", data=1)
            await client.send(type="event", event="late", data=1)
            await hook.wait_for("slow")
        await hook.wait_for("disconnected")
        release.set()
        await other.ask(type="event", event="mine", data=1, ackId=1)
        assert hook.events("late") == []
        await other.silent()


async def test_nothing_follows_a_publication_that_was_one_too_many_for_its_sender(start: Start, hook: Webhook) -> None:
    limits = msgspec.structs.replace(QUICK, unacknowledged_messages=1)
    handler = event_handler(hook.url, "*", ["disconnected"])
    emulator = await start(Settings(handlers={"chat": (handler,)}, limits=limits))
    release = asyncio.Event()

    async def wait(recorded: Recorded) -> web.Response:
        await release.wait()
        return web.Response(status=204)

    hook.answer = wait
    publication = {"type": "sendToGroup", "group": "g", "data": 1}
    messages = [{"type": "event", "event": "slow", "data": 1}, publication, publication]
    messages += [{"type": "joinGroup", "group": "later"}, {"type": "event", "event": "late", "data": 1}]
    together = b"".join(masked(0x1, msgspec.json.encode(message)) for message in messages)
    async with connected(emulator.endpoint):
        client = await raw_client(emulator.endpoint, RELIABLE, together, **claim("webpubsub.group", "g"))
        await hook.wait_for("slow")
        release.set()
        assert b"too many unacknowledged" in await client.rest()
        await hook.wait_for("disconnected")
        assert hook.events("late") == []
        assert not emulator.server.service.hub("chat").members("later")
        client.close()


async def test_an_answer_over_16_mebibytes_has_failed(hooked: StandIn, hook: Webhook) -> None:
    hook.answer = lambda r: web.Response(body=bytes(16 * 1024 * 1024 + 1 if r.event == "e" else 0))
    async with connected(hooked.endpoint, RELIABLE) as client:
        assert not (await client.ask(type="event", event="e", data=1, ackId=1))["success"]


def test_events_are_waited_for_100_seconds_with_pauses_of_1_3_and_5() -> None:
    limits = Settings().limits
    assert (limits.handler_timeout_seconds, limits.handler_retry_seconds) == (100, (1, 3, 5))
