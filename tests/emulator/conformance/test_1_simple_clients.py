"""Sections 1.2, 1.5 and 7.5: simple (raw) clients in both modes, and sub-protocols of their own."""

from typing import Any

import aiohttp
import pytest
from aiohttp import web

from emulator.configuration import Settings, event_handler
from tests.emulator.clients import PLAIN, claim, client_token, connected, simple, status_of_connect
from tests.emulator.conftest import QUICK, StandIn, Start
from tests.emulator.rest import Rest, body_of
from tests.emulator.webhook import Recorded, Webhook

TO_GROUP = "webpubsub_mode=sendToGroup&group=g"


async def test_a_simple_client_is_not_greeted_and_gets_no_sub_protocol(hooked: StandIn, hook: Webhook) -> None:
    hook.answer = lambda r: web.Response(text="first") if r.event == "message" else web.Response(status=204)
    async with simple(hooked.endpoint) as client:
        assert client.socket.protocol is None
        await client.socket.send_str("hi")
        assert await client.receive() == "first"


@pytest.mark.parametrize("query", ["", "webpubsub_mode=", "webpubsub_mode=sendEvent", "WebPubSub_Mode=SENDEVENT"])
async def test_every_frame_is_the_event_message(hooked: StandIn, hook: Webhook, query: str) -> None:
    async with simple(hooked.endpoint, query, sub="u1") as client:
        await client.socket.send_str("é")
        await client.socket.send_bytes(b"\x00\xff")
        text, binary = await hook.wait_for("message", count=2)
    assert (text.headers["Content-Type"], text.body) == ("text/plain", "é".encode())
    assert (binary.headers["Content-Type"], binary.body) == ("application/octet-stream", b"\x00\xff")
    assert text.headers["ce-type"] == "azure.webpubsub.user.message"
    assert text.headers["ce-userId"] == "u1"
    assert "ce-subprotocol" not in text.headers


async def test_the_answer_goes_to_the_sender_in_a_frame_of_its_type(hooked: StandIn, hook: Webhook) -> None:
    answers = [
        web.Response(text="text"),
        web.json_response("a string with its quotes"),
        web.Response(body=b"\x00\xff", content_type="application/octet-stream"),
    ]
    hook.answer = lambda r: answers.pop(0) if r.event == "message" else web.Response(status=204)
    async with simple(hooked.endpoint) as client:
        for _ in range(3):
            await client.socket.send_str("?")
        assert [await client.receive() for _ in range(3)] == ["text", '"a string with its quotes"', b"\x00\xff"]


async def test_events_are_handled_one_after_another(hooked: StandIn, hook: Webhook) -> None:
    hook.answer = lambda r: web.Response(body=r.body, content_type="text/plain")
    async with simple(hooked.endpoint) as client:
        for number in range(20):
            await client.socket.send_str(str(number))
        assert [await client.receive() for _ in range(20)] == [str(number) for number in range(20)]


@pytest.mark.parametrize("status", [400, 500])
async def test_a_failed_event_closes_with_1011(hooked: StandIn, hook: Webhook, status: int) -> None:
    hook.answer = lambda r: web.Response(status=status if r.event == "message" else 204)
    async with simple(hooked.endpoint) as client:
        await client.socket.send_str("hi")
        assert await client.closed() == (1011, "The event handler failed")
    await hook.wait_for("disconnected")


@pytest.mark.parametrize("events", ["", "other"])
async def test_an_event_that_nobody_takes_closes_with_1011(start: Start, hook: Webhook, events: str) -> None:
    emulator = await start(Settings(handlers={"chat": (event_handler(hook.url, events, []),)}, limits=QUICK))
    async with simple(emulator.endpoint) as client:
        await client.socket.send_str("hi")
        assert (await client.closed())[0] == 1011
    await emulator.log.holds("no event handler takes it")


async def test_in_the_other_mode_every_frame_is_published_to_the_group(endpoint: str) -> None:
    async with connected(endpoint) as member, simple(endpoint, TO_GROUP, sub="u1") as client:
        await member.join("g")
        await client.socket.send_str("é")
        await client.socket.send_bytes(b"\x00\xff")
        fields = {"type": "message", "from": "group", "group": "g", "fromUserId": "u1"}
        assert await member.receive() == {**fields, "dataType": "text", "data": "é"}
        assert await member.receive() == {**fields, "dataType": "binary", "data": "AP8="}


async def test_publishing_does_not_join_the_group(endpoint: str) -> None:
    async with connected(endpoint) as member, simple(endpoint, TO_GROUP) as client:
        await member.join("g")
        await client.socket.send_str("published")
        assert (await member.receive())["data"] == "published"
        # A broadcast is the first thing that the publisher hears.
        async with aiohttp.ClientSession() as session:
            await Rest(endpoint, session)("POST", ":send", data=b"all", headers={"Content-Type": "text/plain"})
        assert await client.receive() == "all"


@pytest.mark.parametrize("no_echo", ["true", "TRUE"])
async def test_a_member_hears_itself_unless_no_echo(endpoint: str, no_echo: str) -> None:
    member: dict[str, Any] = {"webpubsub.group": "g"}
    async with (
        simple(endpoint, TO_GROUP, **member) as loud,
        simple(endpoint, f"{TO_GROUP}&noEcho={no_echo}", **member) as quiet,
    ):
        await quiet.socket.send_str("one")
        assert await loud.receive() == "one"
        await loud.socket.send_str("two")
        assert [await loud.receive(), await quiet.receive()] == ["two", "two"]


async def test_without_the_role_the_first_frame_closes_with_1008(endpoint: str) -> None:
    async with simple(endpoint, TO_GROUP, role=["webpubsub.sendToGroup.other"]) as client:
        await client.socket.send_str("hi")
        code, reason = await client.closed()
        assert code == 1008
        assert "webpubsub.sendToGroup.g" in reason


async def test_a_revoked_permission_closes_with_1008_at_the_next_frame(emulator: StandIn) -> None:
    async with simple(emulator.endpoint, TO_GROUP) as client, aiohttp.ClientSession() as session:
        [connection] = emulator.server.service.connections()
        path = f"permissions/sendToGroup/connections/{connection.id}?targetName=g"
        assert (await Rest(emulator.endpoint, session)("DELETE", path)).status == 204
        await client.socket.send_str("hi")
        assert (await client.closed())[0] == 1008


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("webpubsub_mode=other", "webpubsub_mode"),
        ("webpubsub_mode=sendToGroup", "group"),
        ("webpubsub_mode=sendToGroup&group=%20", "group"),
        (f"webpubsub_mode=sendToGroup&group={'g' * 1025}", "group"),
        (f"{TO_GROUP}&noEcho=1", "noEcho"),
        (f"{TO_GROUP}&group=", "group"),
    ],
)
async def test_an_impossible_mode_is_400_and_names_the_parameter(endpoint: str, query: str, named: str) -> None:
    url = f"{endpoint}/client/hubs/chat?access_token={client_token(endpoint)}&{query}"
    status, text = await status_of_connect(url, **{"Sec-WebSocket-Protocol": "own"})
    assert status == 400
    assert named in text


async def test_the_last_repeated_parameter_counts(endpoint: str) -> None:
    async with connected(endpoint) as member, simple(endpoint, f"group=other&{TO_GROUP}") as client:
        await member.join("g")
        await client.socket.send_str("hi")
        assert (await member.receive())["data"] == "hi"


async def test_the_modes_parameters_mean_nothing_to_a_client_with_a_sub_protocol(endpoint: str) -> None:
    url = f"{endpoint}/client/hubs/chat?access_token={client_token(endpoint)}&webpubsub_mode=other"
    async with aiohttp.ClientSession() as session, session.ws_connect(url, protocols=[PLAIN]) as socket:
        assert (await socket.receive_json())["event"] == "connected"


DATA: list[tuple[dict[str, Any], str | bytes]] = [
    ({"dataType": "text", "data": "é"}, "é"),
    ({"dataType": "json", "data": {"a": [1]}}, '{"a": [1]}'),
    ({"dataType": "json", "data": "text"}, '"text"'),
    ({"dataType": "binary", "data": "AP8="}, b"\x00\xff"),
    ({"dataType": "protobuf", "data": "CgA="}, b"\n\x00"),
]


@pytest.mark.parametrize(("message", "received"), DATA)
async def test_a_simple_member_gets_the_data_alone(
    endpoint: str, message: dict[str, Any], received: str | bytes
) -> None:
    async with simple(endpoint, **claim("webpubsub.group", "g")) as client, connected(endpoint) as other:
        await other.send(type="sendToGroup", group="g", metadata={"k": "v"}, **message)
        assert await client.receive() == received


@pytest.mark.parametrize(
    ("content_type", "received"),
    [("text/plain", '"hi"'), ("application/json", '"hi"'), ("application/octet-stream", b'"hi"')],
)
async def test_rest_sends_reach_simple_clients(endpoint: str, content_type: str, received: str | bytes) -> None:
    async with simple(endpoint, sub="u1") as client, aiohttp.ClientSession() as session:
        call = body_of(b'"hi"', content_type)
        rest = Rest(endpoint, session)
        for path in (":send", "users/u1/:send", ":send?filter=protocol%20eq%20null"):
            assert (await rest("POST", path, **call)).status == 202
            assert await client.receive() == received
        await rest("POST", f":send?filter=protocol%20eq%20'{PLAIN}'", **call)
        await rest("POST", ":closeConnections?reason=enough")
        assert await client.closed() == (1000, "enough")


async def test_the_service_shuts_simple_clients_down_with_1001(emulator: StandIn) -> None:
    async with simple(emulator.endpoint) as client:
        await emulator.server.service.shut_down()
        assert (await client.closed())[0] == 1001


async def test_a_connect_handler_may_choose_a_sub_protocol_of_the_clients_own(hooked: StandIn, hook: Webhook) -> None:
    def answer(request: Recorded) -> web.Response:
        if request.event == "connect":
            return web.json_response({"subprotocol": "MINE.v2"})
        return web.Response(text="heard")

    hook.answer = answer
    async with simple(hooked.endpoint, offered=("mine.v1", "mine.v2", PLAIN)) as client:
        assert client.socket.protocol == "mine.v2"
        await client.socket.send_str("hi")
        assert await client.receive() == "heard"
    [connect, event] = [*await hook.wait_for("connect"), *await hook.wait_for("message")]
    assert b'"subprotocols":["mine.v1","mine.v2","json.webpubsub.azure.v1"]' in connect.body
    assert event.headers["ce-subprotocol"] == "mine.v2"


async def test_of_several_names_the_first_that_the_service_defines_is_taken(hooked: StandIn) -> None:
    async with simple(hooked.endpoint, offered=("mine", PLAIN, "protobuf.webpubsub.azure.v1")) as client:
        assert client.socket.protocol == PLAIN


async def test_a_sub_protocol_that_nobody_chose_is_not_echoed(hooked: StandIn, endpoint: str) -> None:
    for url in (hooked.endpoint, endpoint):
        async with simple(url, TO_GROUP, offered=("mine",)) as client, connected(url) as member:
            await member.join("g")
            assert client.socket.protocol is None
            await client.socket.send_str("hi")
            assert (await member.receive())["data"] == "hi"


async def test_a_sub_protocol_that_was_not_offered_is_500(hooked: StandIn, hook: Webhook) -> None:
    hook.answer = lambda _: web.json_response({"subprotocol": "other"})
    url = f"{hooked.endpoint}/client/hubs/chat?access_token={client_token(hooked.endpoint)}"
    assert (await status_of_connect(url, **{"Sec-WebSocket-Protocol": "mine"}))[0] == 500
    await hooked.log.holds("chose 'other', which the client did not offer")


@pytest.mark.parametrize("offered", ["a b", "a;b", "é", "(x)"])
async def test_a_sub_protocol_that_is_no_token_is_400(endpoint: str, offered: str) -> None:
    url = f"{endpoint}/client/hubs/chat?access_token={client_token(endpoint)}"
    status, text = await status_of_connect(url, **{"Sec-WebSocket-Protocol": offered})
    assert (status, "Sec-WebSocket-Protocol" in text) == (400, True)
