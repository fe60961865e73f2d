"""Section 7: what an event carries to its handler, and what comes of the answer."""

import base64
import hashlib
import hmac
import json
import math
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from emulator.configuration import DEFAULT_ACCESS_KEY, SYSTEM_EVENTS, Settings, event_handler
from tests.emulator.clients import RELIABLE, client_token, connected, recovered
from tests.emulator.conftest import QUICK, StandIn, Start
from tests.emulator.webhook import Recorded, Webhook, webhook


async def test_every_event_carries_the_cloudevents_headers(hooked: StandIn, hook: Webhook) -> None:
    async with connected(hooked.endpoint, sub="u1", hub="Chat") as client:
        await client.ask(type="event", event="sayHi", dataType="text", data="hi", ackId=1, metadata={"trace": "t"})
    [event] = hook.events("sayHi")
    headers = event.headers
    digest = hmac.new(DEFAULT_ACCESS_KEY.encode(), client.id.encode(), hashlib.sha256).hexdigest()
    assert event.path == "/api/chat/sayHi?code=secret"
    assert {name: headers[name] for name in headers if name.lower().startswith("ce-") and name != "ce-time"} == {
        "ce-specversion": "1.0",
        "ce-awpsversion": "1.0",
        "ce-type": "azure.webpubsub.user.sayHi",
        "ce-source": f"/hubs/chat/client/{client.id}",
        "ce-id": "2",
        "ce-signature": f"sha256={digest}",
        "ce-userId": "u1",
        "ce-connectionId": client.id,
        "ce-hub": "chat",
        "ce-eventName": "sayHi",
        "ce-subprotocol": "json.webpubsub.azure.v1",
    }
    assert headers["ce-time"].endswith("Z")
    assert headers["WebHook-Request-Origin"] == f"localhost:{hooked.server.port}"
    assert headers["x-webpubsub-metadata-trace"] == "t"


async def test_an_anonymous_users_events_carry_no_user_id(hooked: StandIn, hook: Webhook) -> None:
    async with connected(hooked.endpoint):
        [connected_event] = await hook.wait_for("connected")
    assert "ce-userId" not in connected_event.headers


@pytest.mark.parametrize("user", ["zoë 😀", "👨\u200d👩\u200d👧", "a\u00a0b"])
async def test_a_user_id_may_be_any_text_without_control_characters(hooked: StandIn, hook: Webhook, user: str) -> None:
    async with connected(hooked.endpoint, sub=user) as client:
        assert client.hello["userId"] == user
        [event] = await hook.wait_for("connected")
    assert event.headers["ce-userId"] == user


async def test_every_access_key_signs(start: Start, hook: Webhook) -> None:
    keys = (DEFAULT_ACCESS_KEY, "a second key of thirty-two bytes")
    handler = event_handler(hook.url, "", ["connected"])
    emulator = await start(Settings(access_keys=keys, handlers={"chat": (handler,)}, limits=QUICK))
    async with connected(emulator.endpoint, key=keys[1]) as client:
        [event] = await hook.wait_for("connected")
    digests = [hmac.new(key.encode(), client.id.encode(), hashlib.sha256).hexdigest() for key in keys]
    assert event.headers["ce-signature"] == f"sha256={digests[0]},sha256={digests[1]}"


@pytest.mark.parametrize(
    ("data_type", "data", "content_type", "body"),
    [
        ("text", "hé", "text/plain", "hé".encode()),
        ("json", "hé", "application/json", '"hé"'.encode()),
        ("json", {"a": 1}, "application/json", b'{"a": 1}'),
        ("binary", "AP8=", "application/octet-stream", b"\x00\xff"),
        ("protobuf", "AP8=", "application/x-protobuf", b"\x00\xff"),
    ],
)
async def test_the_body_is_the_data_itself(
    hooked: StandIn, hook: Webhook, data_type: str, data: Any, content_type: str, body: bytes
) -> None:
    async with connected(hooked.endpoint) as client:
        text = json.dumps({"type": "event", "event": "e", "dataType": data_type, "data": data}, ensure_ascii=False)
        await client.socket.send_str(text)
        [event] = await hook.wait_for("e")
    assert event.headers["Content-Type"].split(";")[0] == content_type
    assert event.body == body


@pytest.mark.parametrize(
    ("content_type", "body", "data_type", "data"),
    [
        ("text/plain; charset=utf-8", "hé".encode(), "text", "hé"),
        ("application/json", b'{"a": 1}', "json", {"a": 1}),
        ("application/json", b"1e999", "json", math.inf),
        ("application/octet-stream", b"\x00\xff", "binary", "AP8="),
    ],
)
async def test_an_answer_reaches_the_sender_before_the_ack(
    hooked: StandIn, hook: Webhook, content_type: str, body: bytes, data_type: str, data: Any
) -> None:
    async with connected(hooked.endpoint, RELIABLE) as client:
        hook.answer = lambda _: web.Response(body=body, headers={"Content-Type": content_type})
        assert await client.ask(type="event", event="e", data=1, ackId=1) == {
            "type": "message",
            "from": "server",
            "dataType": data_type,
            "data": data,
            "sequenceId": 1,
        }
        assert await client.receive() == {"type": "ack", "ackId": 1, "success": True}
        hook.answer = lambda _: web.Response(status=204)


@pytest.mark.parametrize("status", [200, 204, 202])
async def test_an_empty_2xx_answer_sends_nothing_but_the_ack(hooked: StandIn, hook: Webhook, status: int) -> None:
    async with connected(hooked.endpoint) as client:
        hook.answer = lambda _: web.Response(status=status)
        assert (await client.ask(type="event", event="e", data=1, ackId=1))["success"]
        hook.answer = lambda _: web.Response(status=204)


async def test_state_set_by_an_answer_comes_with_later_events(hooked: StandIn, hook: Webhook) -> None:
    first, second = (base64.b64encode(json.dumps(state).encode()).decode() for state in ({"n": 1}, {"n": 2}))
    states = {"connect": first, "change": second, "connected": "ignored"}
    hook.answer = lambda r: web.Response(
        status=204, headers={"ce-connectionState": states[r.event]} if r.event in states else {}
    )
    async with connected(hooked.endpoint) as client:
        await hook.wait_for("connected")
        await client.ask(type="event", event="change", data=1, ackId=1)
    await hook.wait_for("disconnected")
    assert "ce-connectionState" not in hook.events("connect")[0].headers
    assert hook.events("connected")[0].headers["ce-connectionState"] == first
    assert hook.events("change")[0].headers["ce-connectionState"] == first
    assert hook.events("disconnected")[0].headers["ce-connectionState"] == second


async def test_state_outlives_a_lost_socket(hooked: StandIn, hook: Webhook) -> None:
    hook.answer = lambda r: web.Response(status=204, headers={"ce-connectionState": r.event})
    async with connected(hooked.endpoint, RELIABLE) as client:
        await client.ask(type="event", event="one", data=1, ackId=1)
        client.cut()
        async with recovered(hooked.endpoint, client) as again:
            await again.ask(type="event", event="two", data=1, ackId=2)
    assert hook.events("two")[0].headers["ce-connectionState"] == "one"


async def test_what_no_header_and_no_json_can_carry_harms_nobody(hooked: StandIn, hook: Webhook) -> None:
    def answer(recorded: Recorded) -> web.Response:
        headers = {"ce-connectionState": "caf\udce9"} if recorded.event == "odd" else {}
        return web.Response(status=204, headers=headers)

    hook.answer = answer
    odd: dict[str, Any] = {"claim": ["\ud800", {"a": "\ud800"}], "number": 2**70}
    async with connected(hooked.endpoint, **odd) as client:
        assert json.loads(hook.events("connect")[0].body)["claims"]["claim"][0] == "?"
        for number in range(3):
            assert await client.ask(type="event", event="odd", data=1, ackId=number)
    url = f"{hooked.endpoint}/client/hubs/chat?access_token={client_token(hooked.endpoint)}"
    async with aiohttp.ClientSession() as session:
        headers = {"X-Odd": "caf\udce9".encode(errors="surrogateescape").decode("latin-1")}
        async with session.ws_connect(url, protocols=["json.webpubsub.azure.v1"], headers=headers) as socket:
            assert (await socket.receive_json())["event"] == "connected"


async def test_cookies_set_by_an_answer_come_back(hooked: StandIn, hook: Webhook) -> None:
    def answer(recorded: Recorded) -> web.Response:
        response = web.Response(status=204)
        if recorded.event == "connect":
            response.set_cookie("affinity", "n1")
            response.set_cookie("quoted", "a b")
        return response

    hook.answer = answer
    async with connected(hooked.endpoint):
        [event] = await hook.wait_for("connected")
    assert event.headers["Cookie"] == 'affinity=n1; quoted="a b"'


async def test_the_first_handler_that_matches_gets_the_event(start: Start, hook: Webhook) -> None:
    async with webhook() as second:
        handlers = (
            event_handler(hook.url, "one, Two", ["disconnected"]),
            event_handler(second.url, "*", SYSTEM_EVENTS),
        )
        emulator = await start(Settings(handlers={"chat": handlers}, limits=QUICK))
        async with connected(emulator.endpoint) as client:
            for number, name in enumerate(("one", "two", "three")):
                assert (await client.ask(type="event", event=name, data=1, ackId=number))["success"]
        await hook.wait_for("disconnected")
        assert [event.event for event in hook.events()] == ["one", "two", "disconnected"]
        await second.wait_for("connected")
        assert {event.event for event in second.events()} == {"connect", "connected", "three"}


async def test_another_hubs_events_go_nowhere(hooked: StandIn, hook: Webhook) -> None:
    async with connected(hooked.endpoint, hub="other") as client:
        await client.silent()
    assert hook.requests == []


async def test_the_log_does_not_hold_the_query_of_a_handler(hooked: StandIn, hook: Webhook) -> None:
    async with connected(hooked.endpoint):
        await hook.wait_for("connected")
    assert "secret" not in hooked.log.getvalue()


async def test_an_answer_without_a_content_type_is_binary(hooked: StandIn, hook: Webhook) -> None:
    def answer(event: Recorded) -> web.Response:
        response = web.Response(body=b"\x00" if event.event == "e" else b"")
        response.headers.popall("Content-Type", None)
        return response

    hook.answer = answer
    async with connected(hooked.endpoint) as client:
        told = await client.ask(type="event", event="e", data=1, ackId=1)
        assert (told["dataType"], told["data"]) == ("binary", "AA==")


async def test_system_events_without_a_handler_are_skipped_and_have_a_number_all_the_same(
    start: Start, hook: Webhook
) -> None:
    emulator = await start(Settings(handlers={"chat": (event_handler(hook.url, "*", []),)}, limits=QUICK))
    async with connected(emulator.endpoint) as client:
        assert (await client.ask(type="event", event="e", data=1, ackId=1))["success"]
    assert [event.event for event in hook.events()] == ["e"]
    assert int(hook.events("e")[0].headers["ce-id"]) > 0


async def test_hub_and_event_stand_escaped_in_the_url(start: Start, hook: Webhook) -> None:
    handler = event_handler(hook.url, "*", ["connected"])
    emulator = await start(Settings(handlers={"a`,[]": (handler,)}, limits=QUICK))
    async with connected(emulator.endpoint, hub="A`,[]"):
        [event] = await hook.wait_for("connected")
    assert event.headers["ce-hub"] == "a`,[]"
    assert hook.requests[-1].path.startswith("/api/a%60,%5B%5D/connected")
