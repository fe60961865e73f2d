"""The official JavaScript SDKs against the stand-in: client, service client and express middleware, under Node."""

import json
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from emulator.configuration import SYSTEM_EVENTS, Settings, event_handler
from tests.emulator.clients import RELIABLE, Client, client_token, connected, recovered, status_of_connect
from tests.emulator.conftest import QUICK, StandIn, Start
from tests.emulator.node import node
from tests.emulator.proxy import proxy
from tests.emulator.rest import Rest
from tests.emulator.webhook import Recorded, Webhook


def client_url(stand_in: StandIn, via: str | None = None, **claims: Any) -> str:
    token = client_token(stand_in.endpoint, **{"sub": "u1", **claims})
    return f"{(via or stand_in.endpoint).replace('http', 'ws')}/client/hubs/chat?access_token={token}"


@pytest.mark.parametrize("kind", ["plain", "reliable", "protobuf", "reliable protobuf"])
async def test_the_client_talks_to_groups_and_understands_refusals(start: Start, kind: str) -> None:
    emulator = await start(Settings(protobuf_json_data=True, limits=QUICK))
    url = client_url(emulator, role=["webpubsub.joinLeaveGroup.g", "webpubsub.sendToGroup.g"])
    async with node("client.mjs", url, kind) as script:
        assert await script.finish() == ["done"]


async def test_the_service_client_uses_every_operation(emulator: StandIn) -> None:
    async with node("service.mjs", emulator.server.connection_string) as script:
        assert await script.finish() == ["done"]


@pytest.mark.parametrize("kind", ["json", "protobuf"])
async def test_the_reliable_client_loses_and_repeats_nothing_over_a_cut(start: Start, kind: str) -> None:
    emulator = await start(Settings(protobuf_json_data=True, limits=QUICK))
    roles = ["webpubsub.joinLeaveGroup", "webpubsub.sendToGroup"]
    async with (
        proxy(emulator.endpoint) as cable,
        connected(emulator.endpoint) as other,
        node("reconnect.mjs", client_url(emulator, cable.endpoint, role=roles), kind) as script,
    ):
        assert await script.line() == "joined"
        await other.send(type="sendToGroup", group="g", data=1)
        assert await script.line() == "heard 1"
        cable.cut()
        await emulator.log.holds("lost its socket")
        emulator.leave_a_gap()
        for number in (2, 3, 4):
            await other.send(type="sendToGroup", group="g", data=number)
        assert [await script.line() for _ in range(3)] == ["heard 2", "heard 3", "heard 4"]
        await other.send(type="sendToGroup", group="g", data=0)
        assert (await script.finish())[5:] == ["heard 0", "disconnected"]


@pytest.mark.parametrize("kind", ["plain", "reliable"])
async def test_the_client_comes_back_with_a_fresh_token_and_joins_its_groups(emulator: StandIn, kind: str) -> None:
    connection_string = emulator.server.connection_string
    async with (
        proxy(emulator.endpoint) as cable,
        connected(emulator.endpoint) as other,
        aiohttp.ClientSession() as session,
        node("rejoin.mjs", connection_string, cable.endpoint, kind) as script,
    ):
        assert sorted([await script.line(), await script.line()]) == ["connected u1", "joined"]
        excluded = f":closeConnections?excluded={other.id}"
        assert (await Rest(emulator.endpoint, session)("POST", excluded)).status == 204
        assert await script.line() == "connected u2"
        await emulator.log.holds("(u2) joined g")
        last = 2
        if kind == "plain":
            cable.cut()
            last = 3
            assert await script.line() == "connected u3"
            await emulator.log.holds("(u3) joined g")
        for number in (last, 0):
            await other.send(type="sendToGroup", group="g", data=number)
        assert (await script.finish())[-2:] == [f"heard {last}", "heard 0"]


async def test_messages_that_come_during_cuts_reach_the_reliable_client_once_and_in_order(emulator: StandIn) -> None:
    roles = ["webpubsub.joinLeaveGroup", "webpubsub.sendToGroup"]
    async with (
        proxy(emulator.endpoint) as cable,
        connected(emulator.endpoint) as other,
        node("reconnect.mjs", client_url(emulator, cable.endpoint, role=roles), "json") as script,
    ):
        assert await script.line() == "joined"
        for number in range(1, 201):
            await other.send(type="sendToGroup", group="g", data=number)
            if number in (50, 120):
                await other.silent()
                cable.cut()
        assert [await script.line() for _ in range(200)] == [f"heard {number}" for number in range(1, 201)]
        await other.send(type="sendToGroup", group="g", data=0)
        assert (await script.finish())[-2:] == ["heard 0", "disconnected"]


def computed(event: Recorded) -> web.Response:
    """A handler for ``invoke``: adds, echoes, says nothing, fails."""
    match event.event:
        case "add":
            return web.json_response(sum(json.loads(event.body)))
        case "echo":
            return web.Response(body=event.body, content_type="text/plain")
    return web.Response(status=500 if event.event == "fail" else 204)


@pytest.mark.parametrize("kind", ["plain", "reliable"])
async def test_the_client_streams_to_a_group_and_invokes_events(hooked: StandIn, hook: Webhook, kind: str) -> None:
    hook.answer = computed
    publisher = {"role": ["webpubsub.sendToGroup.g"]}
    async with proxy(hooked.endpoint) as cable:
        subscriber = client_url(hooked, role=["webpubsub.joinLeaveGroup.g"])
        async with node("streams.mjs", client_url(hooked, cable.endpoint, **publisher), subscriber, kind) as script:
            if kind == "reliable":
                assert await script.line() == "cut"
                cable.cut()
                await hooked.log.holds("lost its socket")
                script.go_on()
            assert (await script.finish())[-1] == "done"


async def test_the_express_middleware_handles_every_event(start: Start) -> None:
    async with node("middleware.mjs") as script:
        port = (await script.line()).removeprefix("port ")
        handler = event_handler(f"http://127.0.0.1:{port}/api/hook", "*", SYSTEM_EVENTS)
        emulator = await start(Settings(handlers={"chat": (handler,)}, limits=QUICK))
        async with connected(emulator.endpoint, sub="u1") as client:
            assert client.hello["userId"] == "u1!"
            assert await script.line() == "connected u1! 1"
            answer = await client.ask(type="event", event="hello", data={"a": 1}, ackId=1)
            assert answer["data"] == {"eventName": "hello", "data": {"a": 1}, "count": 1}
            assert (await client.receive())["success"]
            answer = await client.ask(type="event", event="hello", dataType="text", data="hi", ackId=2)
            assert (answer["dataType"], answer["data"]) == ("text", "hello: hi")
            assert (await client.receive())["success"]
            assert (await client.ask(type="event", event="hello", data=2, ackId=3))["data"]["count"] == 3
            assert (await client.receive())["success"]
            assert not (await client.ask(type="event", event="fail", data=2, ackId=4))["success"]
        assert await script.line() == "disconnected u1!"
        token = client_token(emulator.endpoint, sub="u1")
        status, _ = await status_of_connect(f"{emulator.endpoint}/client/hubs/chat?refuse=1&access_token={token}")
        assert status == 401


async def test_the_express_middleware_keeps_states_apart_and_over_a_recovery(start: Start) -> None:
    async with node("middleware.mjs") as script:
        port = (await script.line()).removeprefix("port ")
        handler = event_handler(f"http://127.0.0.1:{port}/api/hook", "*", ["connect"])
        emulator = await start(Settings(handlers={"chat": (handler,)}, limits=QUICK))
        async with connected(emulator.endpoint, RELIABLE, sub="u1") as one, connected(emulator.endpoint) as other:

            async def counted(client: Client, ack_id: int) -> int:
                answer = await client.ask(type="event", event="hello", dataType="binary", data="AP8=", ackId=ack_id)
                assert answer["data"]["data"] == {"type": "Buffer", "data": [0, 255]}
                assert (await client.receive())["success"]
                return int(answer["data"]["count"])

            assert [await counted(one, 1), await counted(one, 2), await counted(other, 1)] == [1, 2, 1]
            one.cut()
            async with recovered(emulator.endpoint, one) as again:
                # What was not acknowledged before the cut comes first.
                assert [(await again.receive())["sequenceId"] for _ in range(2)] == [1, 2]
                assert await counted(again, 3) == 3
