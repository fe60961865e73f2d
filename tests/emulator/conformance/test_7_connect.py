"""Section 7: ``connect``, ``connected`` and ``disconnected``: what a handler is told, and what its answer changes."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from emulator.configuration import SYSTEM_EVENTS, Settings, event_handler
from tests.emulator.clients import RELIABLE, claim, client_token, connected, opened, status_of_connect
from tests.emulator.conftest import QUICK, StandIn, Start
from tests.emulator.webhook import Recorded, Webhook


async def test_connect_tells_claims_query_headers_and_sub_protocols(hooked: StandIn, hook: Webhook) -> None:
    token = client_token(hooked.endpoint, sub="u1", extra=["a", "b"], number=5)
    async with opened(f"{hooked.endpoint}/client/hubs/chat?x=1&x=2&access_token={token}") as client:
        await client.receive()
    [connect] = await hook.wait_for("connect")
    body = json.loads(connect.body)
    assert body["claims"]["sub"] == ["u1"]
    assert body["claims"]["extra"] == ["a", "b"]
    assert body["claims"]["number"] == ["5"]
    assert body["query"] == {"x": ["1", "2"]}
    assert body["subprotocols"] == ["json.webpubsub.azure.v1"]
    assert body["clientCertificates"] == []
    assert token not in connect.body.decode()
    assert connect.headers["ce-id"] == "0"
    assert "ce-subprotocol" not in connect.headers


async def test_a_handler_that_cannot_be_reached_refuses_connections_with_500(start: Start) -> None:
    handler = event_handler("http://127.0.0.1:9/{event}", "*", SYSTEM_EVENTS)
    emulator = await start(Settings(handlers={"chat": (handler,)}, limits=QUICK))
    status, _ = await status_of_connect(
        f"{emulator.endpoint}/client/hubs/chat?access_token={client_token(emulator.endpoint)}"
    )
    assert status == 500


async def test_connect_may_override_user_groups_and_roles(hooked: StandIn, hook: Webhook) -> None:
    answer = {"userId": "boss", "groups": ["g"], "roles": ["webpubsub.sendToGroup.g"], "more": 1}
    hook.answer = lambda r: web.json_response(answer) if r.event == "connect" else web.Response(status=204)
    async with connected(hooked.endpoint, sub="u1") as client:
        assert client.hello["userId"] == "boss"
        assert (await client.ask(type="sendToGroup", group="g", data=1))["fromUserId"] == "boss"
        assert not (await client.ask(type="sendToGroup", group="h", data=1, ackId=1))["success"]


async def test_empty_roles_in_the_connect_answer_clear_the_tokens_and_empty_groups_do_not(
    hooked: StandIn, hook: Webhook
) -> None:
    answer: dict[str, Any] = {"groups": [], "roles": []}
    hook.answer = lambda r: web.json_response(answer) if r.event == "connect" else web.Response(status=204)
    async with connected(hooked.endpoint, **claim("webpubsub.group", "g")) as client:
        assert not (await client.ask(type="sendToGroup", group="g", data=1, ackId=1))["success"]
        assert list(hooked.server.service.hub("chat").connections[client.id].groups) == ["g"]


async def test_connect_may_choose_the_sub_protocol(hooked: StandIn, hook: Webhook) -> None:
    hook.answer = lambda r: web.json_response({"subprotocol": RELIABLE} if r.event == "connect" else None)
    url = f"{hooked.endpoint}/client/hubs/chat?access_token={client_token(hooked.endpoint)}"
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(url, protocols=["json.webpubsub.azure.v1", RELIABLE]) as socket,
    ):
        assert socket.protocol == RELIABLE


async def test_a_status_that_is_none_of_http_is_500_for_the_client(hooked: StandIn, hook: Webhook) -> None:
    hook.answer = lambda _: web.Response(status=600)
    url = f"{hooked.endpoint}/client/hubs/chat?access_token={client_token(hooked.endpoint)}"
    assert (await status_of_connect(url))[0] == 500


@pytest.mark.parametrize("status", [401, 403, 404, 503])
async def test_a_refusal_of_connect_goes_to_the_client(hooked: StandIn, hook: Webhook, status: int) -> None:
    hook.answer = lambda _: web.Response(status=status, text="for the log only")
    got, body = await status_of_connect(
        f"{hooked.endpoint}/client/hubs/chat?access_token={client_token(hooked.endpoint)}"
    )
    assert got == status
    assert "for the log only" not in body
    assert hook.events("connected", "disconnected") == []


@pytest.mark.parametrize("answer", [b"{", b"5", b'{"groups":"g"}', b'{"groups":[" "]}', b'{"subprotocol":"x"}'])
async def test_an_unusable_answer_to_connect_is_500(hooked: StandIn, hook: Webhook, answer: bytes) -> None:
    hook.answer = lambda _: web.Response(body=answer, content_type="application/json")
    status, _ = await status_of_connect(
        f"{hooked.endpoint}/client/hubs/chat?access_token={client_token(hooked.endpoint)}"
    )
    assert status == 500


async def test_connected_and_disconnected_come_once_and_in_order(hooked: StandIn, hook: Webhook) -> None:
    async with connected(hooked.endpoint, sub="u1"):
        pass
    await hook.wait_for("disconnected")
    assert [event.event for event in hook.events()] == ["connect", "connected", "disconnected"]
    assert [event.headers["ce-id"] for event in hook.events()] == ["0", "1", "2"]
    assert json.loads(hook.events("connected")[0].body) == {}
    assert "reason" in json.loads(hook.events("disconnected")[0].body)


async def test_a_client_that_goes_while_connect_is_asked_is_reported_gone(hooked: StandIn, hook: Webhook) -> None:
    release = asyncio.Event()

    async def wait(recorded: Recorded) -> web.Response:
        if recorded.event == "connect":
            await release.wait()
        return web.Response(status=204)

    hook.answer = wait
    url = f"{hooked.endpoint}/client/hubs/chat?access_token={client_token(hooked.endpoint)}"
    connecting = asyncio.create_task(status_of_connect(url))
    await hook.wait_for("connect")
    connecting.cancel()
    await asyncio.wait([connecting])
    release.set()
    await hook.wait_for("disconnected")
    assert hook.events("connected") == []
    assert hooked.server.service.connections() == []


async def test_a_failing_connected_does_not_harm_the_client(hooked: StandIn, hook: Webhook) -> None:
    hook.answer = lambda r: web.Response(status=400 if r.event == "connected" else 204)
    async with connected(hooked.endpoint) as client:
        await hook.wait_for("connected")
        await client.silent()


@pytest.mark.parametrize(
    ("answer", "user"),
    [
        (lambda: web.Response(status=204), "u1"),
        (lambda: web.Response(status=200), "u1"),
        (lambda: web.Response(status=202, body=b" \n"), "u1"),
        (lambda: web.json_response(None), "u1"),
        (lambda: web.json_response({}), "u1"),
        (lambda: web.json_response({"userId": None}), "u1"),
        (lambda: web.Response(text='{"userId":"u2"}', content_type="text/html"), "u2"),
        (lambda: web.json_response({"userId": ""}), None),
    ],
    ids=["204", "200 without body", "white space", "null", "no fields", "null user", "any content type", "empty user"],
)
async def test_an_accepted_connect_changes_only_what_it_names(
    hooked: StandIn, hook: Webhook, answer: Any, user: str | None
) -> None:
    hook.answer = lambda r: answer() if r.event == "connect" else web.Response(status=204)
    async with connected(hooked.endpoint, sub="u1") as client:
        assert client.hello["userId"] == user


async def test_groups_in_the_connect_answer_replace_the_tokens(hooked: StandIn, hook: Webhook) -> None:
    hook.answer = lambda r: web.json_response({"groups": ["b"]}) if r.event == "connect" else web.Response(status=204)
    async with connected(hooked.endpoint, **claim("webpubsub.group", ["a"])) as client:
        assert hooked.server.service.hub("chat").connections[client.id].groups == {"b"}


@pytest.mark.parametrize(("status", "attempts"), [(503, 4), (408, 4), (429, 1)])
async def test_connect_is_tried_again_like_any_event(
    hooked: StandIn, hook: Webhook, status: int, attempts: int
) -> None:
    hook.answer = lambda _: web.Response(status=status)
    url = f"{hooked.endpoint}/client/hubs/chat?access_token={client_token(hooked.endpoint)}"
    assert (await status_of_connect(url))[0] == status
    assert {event.headers["ce-id"] for event in hook.events("connect")} == {"0"}
    assert len(hook.events("connect")) == attempts
