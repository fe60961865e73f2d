"""Section 7: the event handler webhook: abuse protection, headers, answers, failures and order."""

import asyncio
import base64
import hashlib
import hmac
import json
from typing import Any

import aiohttp
import msgspec
import pytest
from aiohttp import web

from emulator.configuration import DEFAULT_ACCESS_KEY, SYSTEM_EVENTS, Settings, event_handler
from tests.emulator.clients import RELIABLE, client_token, connected, opened, recovered, status_of_connect
from tests.emulator.conftest import QUICK, StandIn, Start
from tests.emulator.raw import masked, raw_client
from tests.emulator.webhook import Recorded, Webhook, webhook


async def test_the_owner_of_a_url_is_asked_once_before_the_first_event(hooked: StandIn, hook: Webhook) -> None:
    async with connected(hooked.endpoint) as client:
        await client.ask(type="event", event="hello", data=1, ackId=1)
    first, *others = hook.requests
    assert (first.method, first.path) == ("OPTIONS", "/api/chat/validate?code=secret")
    assert first.headers["WebHook-Request-Origin"] == "localhost"
    assert first.body == b""
    # Each event has a URL of its own, but the template is one and is asked for once.
    assert [request.method for request in others if request.method == "OPTIONS"] == []


@pytest.mark.parametrize("allowed", [None, "example.com", "*, localhost"])
async def test_no_event_goes_to_a_url_that_did_not_agree(hooked: StandIn, hook: Webhook, allowed: str | None) -> None:
    hook.allowed = allowed
    status, _ = await status_of_connect(
        f"{hooked.endpoint}/client/hubs/chat?access_token={client_token(hooked.endpoint)}"
    )
    assert status == 500
    assert hook.events() == []


async def test_the_origin_itself_may_be_allowed(hooked: StandIn, hook: Webhook) -> None:
    hook.allowed = "localhost"
    async with connected(hooked.endpoint) as client:
        assert client.id


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
    assert headers["WebHook-Request-Origin"] == "localhost"
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


async def test_a_handler_that_cannot_be_reached_refuses_connections_with_500(start: Start) -> None:
    handler = event_handler("http://127.0.0.1:9/{event}", "*", SYSTEM_EVENTS)
    emulator = await start(Settings(handlers={"chat": (handler,)}, limits=QUICK))
    status, _ = await status_of_connect(
        f"{emulator.endpoint}/client/hubs/chat?access_token={client_token(emulator.endpoint)}"
    )
    assert status == 500


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
        client = await raw_client(emulator.endpoint, RELIABLE, together, **{"webpubsub.group": "g"})
        await hook.wait_for("slow")
        release.set()
        assert b"too many unacknowledged" in await client.rest()
        await hook.wait_for("disconnected")
        assert hook.events("late") == []
        assert not emulator.server.service.hub("chat").members("later")
        client.close()


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
    async with connected(hooked.endpoint, **{"webpubsub.group": "g"}) as client:
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


@pytest.mark.parametrize("status", [401, 403, 404])
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
    odd = {"claim": ["\ud800", {"a": "\ud800"}], "number": 2**70}
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
        return response

    hook.answer = answer
    async with connected(hooked.endpoint):
        [event] = await hook.wait_for("connected")
    assert event.headers["Cookie"] == "affinity=n1"


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
    async with connected(hooked.endpoint, **{"webpubsub.group": ["a"]}) as client:
        assert hooked.server.service.hub("chat").connections[client.id].groups == {"b"}


async def test_an_answer_without_a_content_type_is_binary(hooked: StandIn, hook: Webhook) -> None:
    def answer(event: Recorded) -> web.Response:
        response = web.Response(body=b"\x00" if event.event == "e" else b"")
        response.headers.popall("Content-Type", None)
        return response

    hook.answer = answer
    async with connected(hooked.endpoint) as client:
        told = await client.ask(type="event", event="e", data=1, ackId=1)
        assert (told["dataType"], told["data"]) == ("binary", "AA==")


async def test_an_answer_over_16_mebibytes_has_failed(hooked: StandIn, hook: Webhook) -> None:
    hook.answer = lambda r: web.Response(body=bytes(16 * 1024 * 1024 + 1 if r.event == "e" else 0))
    async with connected(hooked.endpoint, RELIABLE) as client:
        assert not (await client.ask(type="event", event="e", data=1, ackId=1))["success"]


@pytest.mark.parametrize(("status", "attempts"), [(503, 4), (408, 4), (429, 1)])
async def test_connect_is_tried_again_like_any_event(
    hooked: StandIn, hook: Webhook, status: int, attempts: int
) -> None:
    hook.answer = lambda _: web.Response(status=status)
    url = f"{hooked.endpoint}/client/hubs/chat?access_token={client_token(hooked.endpoint)}"
    assert (await status_of_connect(url))[0] == status
    assert {event.headers["ce-id"] for event in hook.events("connect")} == {"0"}
    assert len(hook.events("connect")) == attempts


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


def test_events_are_waited_for_100_seconds_with_pauses_of_1_3_and_5() -> None:
    limits = Settings().limits
    assert (limits.handler_timeout_seconds, limits.handler_retry_seconds) == (100, (1, 3, 5))
