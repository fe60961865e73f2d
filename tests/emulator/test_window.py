"""The window's stream and actions: what is shown as it happens, and what can be done."""

import asyncio
import socket
from contextlib import AsyncExitStack
from urllib.parse import urlsplit

import aiohttp
import pytest
from aiohttp import web

from emulator.configuration import EventHandler, Settings, event_handler
from emulator.window import endpoint as window_endpoint
from emulator.window import stream
from tests.emulator.breaking_off import breaking_off
from tests.emulator.clients import RELIABLE, claim, connected, opened, rest_token, simple
from tests.emulator.conftest import QUICK, StandIn, Start
from tests.emulator.webhook import Webhook
from tests.emulator.windows import FROM_ELSEWHERE, act, window


async def test_a_window_is_told_who_is_there_and_what_changes(endpoint: str) -> None:
    async with connected(endpoint, RELIABLE, sub="ada") as ada, window(endpoint) as seen:
        row = seen.connections[ada.id]
        assert (row["hub"], row["user"], row["protocol"]) == ("chat", "ada", RELIABLE)
        assert (row["recoverable"], row["here"], row["groups"]) == (True, True, [])
        assert row["since"] > 1_700_000_000
        await ada.join("g")
        await seen.until(lambda w: w.connections[ada.id]["groups"] == ["g"])
        assert seen.groups["chat", "g"]["members"] == [{"id": ada.id, "user": "ada"}]
        async with connected(endpoint, hub="other") as other:
            await seen.until(lambda w: other.id in w.connections)
            assert [(hub["name"], hub["connections"]) for hub in seen.hubs] == [("chat", 1), ("other", 1)]
        await seen.until(lambda w: other.id not in w.connections)
        await ada.send(type="leaveGroup", group="g")
        await seen.until(lambda w: not w.groups)
        ada.cut()
        await seen.until(lambda w: not w.connections[ada.id]["here"])


# Whatever is searched has a dot: random ids of connections, which are searched too, have none.
async def test_a_window_may_look_at_one_hub_or_for_a_name(endpoint: str) -> None:
    async with (
        connected(endpoint, sub="ada.") as ada,
        connected(endpoint, sub="bob") as bob,
        connected(endpoint, hub="other", sub="ada.") as elsewhere,
    ):
        await bob.join("readers.")
        async with window(endpoint, "hub=Chat") as seen:
            assert seen.connections.keys() == {ada.id, bob.id}
        async with window(endpoint, "find=ADA.") as seen:
            assert seen.connections.keys() == {ada.id, elsewhere.id} and not seen.groups
        async with window(endpoint, "find=ers.") as seen:
            assert seen.connections.keys() == {bob.id} and seen.groups.keys() == {("chat", "readers.")}
            assert seen.first["connections"]["total"] == 1


async def test_who_is_searched_is_found_with_their_groups_and_first_in_them(endpoint: str) -> None:
    async with AsyncExitStack() as stack:
        for number in range(30):
            await (await stack.enter_async_context(connected(endpoint, sub=f"other {number}"))).join("crowd")
        ada = await stack.enter_async_context(
            connected(endpoint, sub="Ada.", **claim("webpubsub.group", [*(f"g.{n}" for n in range(70)), "crowd"]))
        )
        elsewhere = await stack.enter_async_context(connected(endpoint, hub="other", sub="bob"))
        await elsewhere.join("g.1")
        async with window(endpoint, "find=ada.") as seen:
            assert seen.groups.keys() == {("chat", f"g.{n}") for n in range(70)} | {("chat", "crowd")}
            crowd = seen.groups["chat", "crowd"]
            assert (crowd["count"], crowd["members"][0]["user"], len(crowd["members"])) == (31, "Ada.", 20)
            assert seen.connections.keys() == {ada.id}
        async with window(endpoint, f"find={ada.id}") as by_id:
            assert by_id.groups.keys() == seen.groups.keys()
        # A group is found with its members, but not with all that they are in besides.
        async with window(endpoint, "find=g.69") as by_group:
            row = by_group.connections[ada.id]
            assert (row["groups"][0], len(row["groups"]), row["more_groups"]) == ("g.69", 20, 51)
            assert by_group.groups.keys() == {("chat", "g.69")}


async def test_a_window_shows_what_clients_and_servers_say(hooked: StandIn, hook: Webhook) -> None:
    endpoint = hooked.endpoint
    hook.answer = lambda request: web.Response(text="heard you") if request.event == "hello" else web.Response()
    async with window(endpoint) as seen, connected(endpoint, sub="ada") as ada:
        await ada.join("g")
        await ada.send(type="sendToGroup", group="g", dataType="text", data="to a group", metadata={"k": "v"})
        said = await seen.message("to a group")
        assert said["from"] == {"kind": "client", "connection": ada.id, "user": "ada"}
        assert (said["hub"], said["to"], said["type"], said["size"]) == ("chat", ["group", "g"], "text", 10)
        assert (said["reached"], said["whole"], said["metadata"]) == (1, True, {"k": "v"})
        await ada.send(type="sendToGroup", group="g", dataType="text", data="not to me", noEcho=True)
        assert (await seen.message("not to me"))["reached"] == 0
        await ada.send(type="sendToGroup", group="g", dataType="binary", data="AQID")
        assert (await seen.message("01 02 03"))["type"] == "binary"
        await ada.send(type="event", event="hello", dataType="json", data={"n": 1})
        event = await seen.message('{"n": 1}')
        assert (event["to"], event["reached"]) == (["event", "hello"], 1)
        reply = await seen.message("heard you")
        assert (reply["from"], reply["to"]) == ({"kind": "handler"}, ["connection", ada.id])
        url = f"{endpoint}/api/hubs/chat/users/ada/:send"
        async with aiohttp.ClientSession() as session:
            headers = {**rest_token(url), "Content-Type": "text/plain"}
            await session.post(url, data="over REST", headers=headers)
            await session.post(url, data="to nobody", headers=headers, params={"filter": "userId eq 'bob'"})
        sent = await seen.message("over REST")
        assert (sent["from"], sent["to"], sent["reached"]) == ({"kind": "server"}, ["user", "ada"], 1)


async def test_an_event_that_nobody_takes_is_seen_to_reach_nobody(endpoint: str) -> None:
    async with window(endpoint) as seen, simple(endpoint) as client:
        await client.socket.send_str("anybody?")
        said = await seen.message("anybody?")
        assert (said["to"], said["reached"]) == (["event", "message"], 0)


async def test_a_window_shows_each_attempt_of_a_webhook_call(hooked: StandIn, hook: Webhook) -> None:
    answers = iter([500, 204])
    hook.answer = lambda request: web.Response(status=next(answers) if request.event == "save" else 204)
    async with window(hooked.endpoint) as seen, connected(hooked.endpoint, sub="ada") as ada:
        assert seen.hubs[0]["handlers"][0]["events"] == ["*"]
        connect = await seen.call("connect")
        assert (connect["hub"], connect["status"], connect["error"]) == ("chat", 204, None)
        await ada.send(type="event", event="save", data=1)
        first, second = await seen.call("save", 1), await seen.call("save", 2)
        assert (first["status"], second["status"]) == (500, 204)
        assert (first["connection"], first["user"], first["number"]) == (ada.id, "ada", second["number"])
        assert first["milliseconds"] > 0
        # Its query may hold a secret.
        assert first["handler"] == hook.url.format(hub="chat", event="save").partition("?")[0]


async def test_a_call_is_seen_while_the_handler_takes_its_time(hooked: StandIn, hook: Webhook) -> None:
    release = asyncio.Event()

    async def wait(request: object) -> web.Response:
        await release.wait()
        return web.Response(status=204)

    async with connected(hooked.endpoint) as client, window(hooked.endpoint) as seen:
        hook.answer = wait
        await client.send(type="event", event="slow", data=1)
        started = await seen.until(lambda w: next((c for c in w.calls.values() if c["event"] == "slow"), None))
        assert (started["ended"], started["status"], started["error"]) == (False, None, None)
        release.set()
        assert (await seen.call("slow"))["id"] == started["id"]


async def test_calls_that_bring_no_answer_say_why(start: Start, hook: Webhook) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nowhere = event_handler(f"http://127.0.0.1:{unused.getsockname()[1]}/", "*", [])
        hook.allowed = None
        handlers: dict[str, tuple[EventHandler, ...]] = {
            "chat": (nowhere,),
            "other": (event_handler(hook.url, "*", []),),
        }
        emulator = await start(Settings(handlers=handlers, limits=QUICK))
        async with window(emulator.endpoint) as seen:
            async with connected(emulator.endpoint) as one, connected(emulator.endpoint, hub="other") as other:
                await one.ask(type="event", event="a", data=1, ackId=1)
                await other.ask(type="event", event="b", data=1, ackId=1)
            assert "did not agree" in (await seen.call("b", 0))["error"]
            assert "did not agree" in (await seen.call("a", 0))["error"]


async def test_a_call_that_breaks_off_says_so_and_the_next_how_it_went(start: Start) -> None:
    async with breaking_off(times=1) as (url, _):
        emulator = await start(Settings(handlers={"chat": (event_handler(url, "*", []),)}, limits=QUICK))
        async with window(emulator.endpoint) as seen, connected(emulator.endpoint) as client:
            assert (await client.ask(type="event", event="a", data=1, ackId=1))["success"]
            assert "cannot be reached" in (await seen.call("a"))["error"]
            again = await seen.call("a", attempt=2)
            assert (again["error"], again["status"]) == (None, 200)


async def test_a_call_that_is_answered_with_too_much_says_so(start: Start, hook: Webhook) -> None:
    emulator = await start(Settings(handlers={"chat": (event_handler(hook.url, "*", []),)}, limits=QUICK))
    async with window(emulator.endpoint) as seen, connected(emulator.endpoint) as client:
        await client.ask(type="event", event="a", data=1, ackId=1)
        hook.answer = lambda request: web.Response(body=b"x" * 17 * 1024 * 1024)
        await client.ask(type="event", event="big", data=1, ackId=2)
        assert "no valid answer" in (await seen.call("big"))["error"]


async def test_a_window_that_is_not_local_sees_no_contents_and_may_not_act(endpoint: str) -> None:
    async with window(endpoint, **FROM_ELSEWHERE) as seen, connected(endpoint, sub="ada") as ada:
        assert seen.first["may_act"] is False
        await ada.send(type="sendToGroup", group="g", dataType="text", data="secret", metadata={"k": "secret"})
        said = await seen.until(lambda w: next(iter(w.messages.values()), None))
        assert (said["content"], said["metadata"], said["size"]) == (None, {}, 6)
        for name in ("send", "close", "client-url"):
            status, text = await act(endpoint, name, {"hub": "chat"}, **FROM_ELSEWHERE)
            assert status == 403 and "machine" in text
    async with window(endpoint) as seen:
        assert seen.first["may_act"] is True


@pytest.mark.parametrize(("to", "name"), [("all", ""), ("group", "g"), ("user", "ada"), ("connection", "")])
async def test_a_message_is_sent_from_the_window(endpoint: str, to: str, name: str) -> None:
    async with connected(endpoint, sub="ada") as ada:
        await ada.join("g")
        wanted = {"hub": "chat", "to": to, "name": name or ada.id, "type": "json", "content": '{"a": [1]}'}
        assert await act(endpoint, "send", wanted) == (200, {"reached": 1})
        assert (await ada.receive())["data"] == {"a": [1]}
        assert (await act(endpoint, "send", {**wanted, "type": "text"}))[0] == 200
        assert (await ada.receive())["data"] == '{"a": [1]}'


@pytest.mark.parametrize(
    ("action", "wanted", "named"),
    [
        ("send", [], "body"),
        ("send", {"hub": "chat", "to": "moon", "type": "text", "content": ""}, "$.to"),
        ("send", {"hub": "1", "to": "all", "type": "text", "content": ""}, "hub"),
        ("send", {"hub": "chat", "to": "group", "type": "text", "content": ""}, "group"),
        ("send", {"hub": "chat", "to": "group", "name": " ", "type": "text", "content": ""}, "group"),
        ("send", {"hub": "chat", "to": "all", "type": "json", "content": "{"}, "JSON"),
        ("close", {"hub": "chat"}, "connection"),
        ("client-url", {"hub": "chat", "minutes": 0}, "minutes"),
        ("client-url", {"hub": "chat", "minutes": 1, "user": "a\n"}, "user id"),
        ("client-url", {"hub": "chat", "minutes": 1, "groups": [" "]}, "group"),
        ("client-url", {"hub": "chat", "minutes": 1, "roles": ["webpubsub.sendToGroups.******"]}, "pattern"),
    ],
)
async def test_what_cannot_be_done_is_refused_by_name(endpoint: str, action: str, wanted: object, named: str) -> None:
    status, text = await act(endpoint, action, wanted)
    assert status == 400 and named in text


async def test_a_connection_is_closed_from_the_window(endpoint: str) -> None:
    async with connected(endpoint) as client:
        wanted = {"hub": "chat", "connection": client.id}
        assert await act(endpoint, "close", wanted) == (200, {})
        assert await client.closed() == (1000, "ClosedByAppServer")
        assert await act(endpoint, "close", wanted) == (200, {})


async def test_a_client_url_lets_in_who_was_asked_for(endpoint: str) -> None:
    wanted = {"hub": "chat", "user": "ada", "minutes": 1, "roles": ["webpubsub.sendToGroup.g"], "groups": ["g"]}
    for host in (endpoint, endpoint.replace("localhost", "127.0.0.1")):
        status, answer = await act(host, "client-url", wanted)
        assert status == 200 and answer["url"].startswith(host.replace("http", "ws"))
        async with opened(answer["url"]) as client:
            assert (await client.receive())["userId"] == "ada"
            await client.send(type="sendToGroup", group="g", dataType="text", data="x")
            assert (await client.receive())["data"] == "x"


async def test_nothing_is_observed_unless_a_window_is_open(emulator: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window_endpoint, "FORGET_SECONDS", 0)
    service = emulator.server.service
    assert service.observer is None
    async with window(emulator.endpoint) as one, window(emulator.endpoint), connected(emulator.endpoint) as client:
        assert service.observer is not None
        await client.send(type="sendToGroup", group="g", dataType="text", data="x")
        await one.message("x")
    await emulator.log.holds("the last window was closed")
    assert service.observer is None
    async with window(emulator.endpoint) as again:
        assert not again.messages and again.missed == 0


async def test_a_window_that_is_opened_again_at_once_has_forgotten_nothing(endpoint: str) -> None:
    async with connected(endpoint) as client:
        async with window(endpoint) as before:
            await client.send(type="sendToGroup", group="g", dataType="text", data="one")
            first = await before.message("one")
        await client.send(type="sendToGroup", group="g", dataType="text", data="two")
        await client.silent()
        async with window(endpoint) as after:
            assert after.first["run"] == before.first["run"]
            assert [row["content"] for row in after.messages.values()] == ["one", "two"]
            assert after.messages[first["id"]] == first and after.missed == 0


async def test_so_many_windows_and_no_more(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window_endpoint, "WINDOWS_MAX", 1)
    async with window(endpoint), aiohttp.ClientSession() as session:
        refused = await session.get(f"{endpoint}/window/stream")
        assert refused.status == 503 and "close one" in await refused.text()


async def test_a_window_that_does_not_read_is_let_go(emulator: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "SLOW_SECONDS", 0.1)
    monkeypatch.setattr(window_endpoint, "FORGET_SECONDS", 0)
    host = urlsplit(emulator.endpoint).netloc
    with socket.socket() as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        raw.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(raw, ("127.0.0.1", emulator.server.port))
        await loop.sock_sendall(raw, f"GET /window/stream HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        assert await loop.sock_recv(raw, 12) == b"HTTP/1.1 200"
        async with connected(emulator.endpoint) as client:

            async def flood() -> None:
                while True:
                    await client.send(type="sendToGroup", group="g", dataType="text", data="x" * 5000)
                    await client.silent()

            flooding = asyncio.create_task(flood())
            await emulator.log.holds("does not read")
            flooding.cancel()
        await emulator.log.holds("the last window was closed")


async def test_the_end_of_the_stand_in_ends_the_stream(emulator: StandIn) -> None:
    async with window(emulator.endpoint) as seen:
        await emulator.server.__aexit__()
        with pytest.raises((EOFError, aiohttp.ClientPayloadError, asyncio.IncompleteReadError)):
            while True:
                await seen.read()
