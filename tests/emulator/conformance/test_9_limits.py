"""Limits: each is kept, and each can be set low, so that what lies beyond it can be rehearsed."""

import asyncio
import time
from pathlib import Path
from typing import get_type_hints

import aiohttp
import jwt
import msgspec
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from emulator.configuration import BadConfiguration, EventHandler, Settings, event_handler, read_file, with_options
from emulator.entra import Trust
from emulator.limits import MIB, PUBLISHED, Limits
from emulator.quota import DAY_SECONDS, DailyQuota, Rate
from tests.emulator.clients import (
    RELIABLE,
    claim,
    client_token,
    connected,
    opened,
    recovered,
    rest_token,
    status_of_connect,
)
from tests.emulator.conftest import QUICK, StandIn, Start
from tests.emulator.rest import TEXT, Rest, body_of
from tests.emulator.webhook import Recorded, Webhook

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


async def test_a_client_whose_handler_has_not_answered_yet_takes_a_place_of_the_quota(
    start: Start, hook: Webhook
) -> None:
    release = asyncio.Event()

    async def hang(_: Recorded) -> web.Response:
        await release.wait()
        return web.Response(status=204)

    handlers: dict[str, tuple[EventHandler, ...]] = {"chat": (event_handler(hook.url, "", ("connect",)),)}
    emulator = await start(Settings(handlers=handlers, limits=msgspec.structs.replace(QUICK, connections=1)))
    url = f"{emulator.endpoint}/client/hubs/chat?access_token={client_token(emulator.endpoint)}"
    hook.answer = hang

    async def first() -> None:
        async with opened(url) as client:
            assert (await client.receive())["event"] == "connected"

    connecting = asyncio.create_task(first())
    await hook.wait_for("connect")
    assert (await status_of_connect(url))[0] == 429
    release.set()
    await connecting
    await emulator.log.holds("ended")
    hook.answer = lambda _: web.Response(status=401)
    for _ in range(2):
        assert (await status_of_connect(url))[0] == 401


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
            large = body_of(b"x" * 2049)
            assert (await rest("POST", "groups/g/:send", **large)).status == 202
            for client in (ann, bob):
                assert (await client.receive())["data"] == "x" * 2049
            refused = await rest("POST", "groups/g/:send", **TEXT)
            assert (refused.status, refused.value["code"]) == (429, "Error.TooManyRequests")
            refused_too = await ann.ask(type="sendToGroup", group="g", data="one too many", ackId=1)
            assert refused_too["success"] is False
            assert refused_too["error"] == {
                "name": "InternalServerError",
                "message": "The quota of 5 messages a day is used up",
            }
            await ann.send(type="sendToGroup", group="g", data="and no ack")
            await emulator.log.holds("over the daily quota")
            for client in (ann, bob):
                await client.silent()
            assert (await rest("POST", f"connections/{bob.id}/:send", **TEXT)).status == 202
            assert (await bob.receive())["data"] == "hi"


async def test_what_was_over_the_daily_quota_may_be_sent_again_with_its_ack_id(start: Start, hook: Webhook) -> None:
    settings = Settings(
        limits=msgspec.structs.replace(QUICK, messages_per_day=1, remembered_ack_ids=2),
        handlers={"chat": (event_handler(hook.url, "*", ()),)},
    )
    emulator = await start(settings)
    async with connected(emulator.endpoint) as client:
        await client.join("g")
        # The event is the day's message; what waits behind it is looked at in one go.
        await client.send(type="event", event="e", data=1, ackId=1)
        for ack_id in (2, 3, 4):
            await client.send(type="sendToGroup", group="g", data=ack_id, ackId=ack_id)
        assert [(await client.receive())["success"] for _ in range(4)] == [True, False, False, False]
        emulator.server.apply(msgspec.structs.replace(settings, limits=QUICK))
        for ack_id in (4, 3, 2):
            assert (await client.ask(type="sendToGroup", group="g", data=ack_id, ackId=ack_id))["data"] == ack_id
            assert (await client.receive())["success"]
        again = await client.ask(type="sendToGroup", group="g", data=2, ackId=2)
        assert again["error"]["name"] == "Duplicate"


async def test_events_and_their_answers_count_and_come_over_the_daily_quota_too(start: Start, hook: Webhook) -> None:
    hook.answer = lambda _: web.Response(text="answer")
    limits = msgspec.structs.replace(QUICK, messages_per_day=3)
    emulator = await start(Settings(limits=limits, handlers={"chat": (event_handler(hook.url, "*", ()),)}))
    async with connected(emulator.endpoint) as client, aiohttp.ClientSession() as session:
        rest = Rest(emulator.endpoint, session)
        for number, left in ((1, 202), (2, 429)):
            assert (await client.ask(type="event", event="e", data=1, ackId=number))["data"] == "answer"
            assert (await client.receive())["success"]
            assert (await rest("POST", f"connections/{client.id}/:send", **TEXT)).status == left
            if left == 202:
                assert (await client.receive())["data"] == "hi"


async def test_a_stream_over_the_daily_quota_is_closed_and_is_not_awaited(start: Start) -> None:
    emulator = await with_limits(start, messages_per_day=1)
    async with connected(emulator.endpoint) as client:
        await client.join("g")
        assert (await client.ask(type="sendToGroup", group="g", stream={"streamId": "s"}))["type"] == "streamAck"
        fragment = {"type": "streamData", "streamId": "s", "dataType": "text", "data": "x"}
        assert (await client.ask(**fragment, streamSequenceId=1))["data"] == "x"
        assert (await client.receive())["expectedSequenceId"] == 2
        closed = await client.ask(**fragment, streamSequenceId=2)
        assert (closed["type"], closed["error"]["name"]) == ("streamClosed", "InternalServerError")
        assert "quota" in closed["error"]["message"]
        await client.silent()
        assert emulator.server.service._idle_streams == {client.id: {}}


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
        assert (await rest("POST", ":send", **body_of(b"x" * 10))).status == 202
        assert (await rest("POST", ":send", **body_of(b"x" * 11))).status == 400


async def test_a_reliable_client_that_does_not_acknowledge_is_closed_at_the_limit(start: Start) -> None:
    emulator = await with_limits(start, unacknowledged_messages=3)
    async with connected(emulator.endpoint, RELIABLE) as client, connected(emulator.endpoint) as sender:
        await client.join("g")
        for number in range(4):
            await sender.ask(type="sendToGroup", group="g", data=number, ackId=number)
        assert (await client.closed())[0] == 1008


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


async def test_rest_calls_over_the_rate_are_429_and_say_when_to_come_again(start: Start) -> None:
    emulator = await with_limits(start, requests_per_second=2)
    async with aiohttp.ClientSession() as session:
        rest = Rest(emulator.endpoint, session)
        answers = [await rest("POST", ":send", **TEXT) for _ in range(50)]
    refused = next(answer for answer in answers if answer.status != 202)
    assert (refused.status, refused.value["code"]) == (429, "Error.TooManyRequests")
    assert refused.headers["Retry-After"] == "1"


def test_a_rate_is_new_each_second() -> None:
    rate = Rate()
    assert [rate.take(2, now) for now in (5.0, 5.5, 5.9, 6.0, 6.1, 6.2)] == [True, True, False, True, True, False]


async def test_names_over_the_limit_are_1007_for_clients_and_400_elsewhere(start: Start) -> None:
    emulator = await with_limits(start, group_characters=3, event_characters=3, hub_characters=4, ttl_seconds=5)
    for message in (
        {"type": "joinGroup", "group": "long"},
        {"type": "leaveGroup", "group": "long"},
        {"type": "sendToGroup", "group": "long", "data": 1},
        {"type": "sendToGroup", "group": "ok", "data": 1, "ttlSeconds": 6},
        {"type": "event", "event": "long", "data": 1},
    ):
        async with connected(emulator.endpoint) as client:
            await client.join("abc")
            await client.send(**message)
            code, reason = await client.closed()
        assert code == 1007 and reason.split()[0] in ("group", "event", "ttlSeconds")
    for hub, groups in (("chats", []), ("chat", ["long"])):
        token = client_token(emulator.endpoint, hub, **claim("webpubsub.group", groups))
        assert (await status_of_connect(f"{emulator.endpoint}/client/hubs/{hub}?access_token={token}"))[0] == 400
    token = client_token(emulator.endpoint)
    simple = f"{emulator.endpoint}/client/hubs/chat?access_token={token}&webpubsub_mode=sendToGroup&group=long"
    assert (await status_of_connect(simple, **{"Sec-WebSocket-Protocol": "own"}))[0] == 400
    async with aiohttp.ClientSession() as session:
        rest = Rest(emulator.endpoint, session)
        assert (await rest("POST", "groups/long/:send", **TEXT)).status == 400
        assert (await rest("POST", "groups/abc/:send?messageTtlSeconds=6", **TEXT)).status == 400
        assert (await rest("POST", "groups/abc/:send?messageTtlSeconds=5", **TEXT)).status == 202
        assert (await rest("PUT", "permissions/sendToGroup/connections/c?targetName=long")).status == 400
        assert (await rest("POST", ":addToGroups", json={"groups": ["long"]})).status == 400
        other = f"{emulator.endpoint}/api/hubs/chats/users/u"
        assert (await rest.raw("HEAD", other, rest_token(other))).status == 400


async def test_a_connection_over_its_number_of_groups_is_refused_the_next(start: Start) -> None:
    emulator = await with_limits(start, groups_per_connection=2)
    token = client_token(emulator.endpoint, **claim("webpubsub.group", ["a", "b", "c"]))
    assert (await status_of_connect(f"{emulator.endpoint}/client/hubs/chat?access_token={token}"))[0] == 400
    async with connected(emulator.endpoint, sub="ann") as client, aiohttp.ClientSession() as session:
        rest = Rest(emulator.endpoint, session)
        await client.join("a")
        assert (await rest("POST", ":addToGroups", json={"groups": ["b", "c"]})).status == 409
        assert (await rest("PUT", f"groups/b/connections/{client.id}")).status == 200
        for path in (f"groups/c/connections/{client.id}", "users/ann/groups/c"):
            refused = await rest("PUT", path)
            assert (refused.status, refused.value["code"]) == (409, "Error.Conflict")
        answer = await client.ask(type="joinGroup", group="c", ackId=1)
        assert answer["error"]["name"] == "BadRequest" and "2 groups" in answer["error"]["message"]
        await client.join("b")
        assert (await client.ask(type="leaveGroup", group="b", ackId=2))["success"]
        assert (await client.ask(type="joinGroup", group="c", ackId=1))["success"]


async def test_groups_of_a_connection_are_counted_behind_an_event_too(start: Start, hook: Webhook) -> None:
    limits = msgspec.structs.replace(QUICK, groups_per_connection=1)
    handler = event_handler(hook.url, "*", ())
    emulator = await start(Settings(handlers={"chat": (handler,)}, limits=limits))
    async with connected(emulator.endpoint) as client:
        await client.send(type="event", event="hello", data=1, ackId=1)
        await client.send(type="joinGroup", group="a", ackId=2)
        await client.send(type="joinGroup", group="b", ackId=3)
        assert [(await client.receive())["success"] for _ in range(3)] == [True, True, False]


async def test_rights_over_the_limit_are_400_at_connect_and_409_over_rest(start: Start) -> None:
    emulator = await with_limits(start, literals_per_permission=1, patterns_per_permission=1)
    for roles in (["webpubsub.sendToGroup.a", "webpubsub.sendToGroup.b"], ["webpubsub.sendToGroups.a*"] * 2):
        token = client_token(emulator.endpoint, role=roles)
        assert (await status_of_connect(f"{emulator.endpoint}/client/hubs/chat?access_token={token}"))[0] == 400
    async with connected(emulator.endpoint) as client, aiohttp.ClientSession() as session:
        rest = Rest(emulator.endpoint, session)
        for group, status in (("a", 200), ("a", 200), ("b", 409)):
            path = f"permissions/sendToGroup/connections/{client.id}?targetName={group}"
            assert (await rest("PUT", path)).status == status


async def test_pages_acks_streams_and_answers_are_bounded(start: Start, hook: Webhook) -> None:
    hook.answer = lambda r: web.Response(body=b"1234" if r.event == "short" else b"12345")
    few = {"page_size": 1, "remembered_ack_ids": 1, "open_streams": 1, "answer_bytes": 4}
    handler = event_handler(hook.url, "*", ())
    limits = msgspec.structs.replace(QUICK, **few)
    emulator = await start(Settings(handlers={"chat": (handler,)}, limits=limits))
    async with connected(emulator.endpoint) as client, aiohttp.ClientSession() as session:
        rest = Rest(emulator.endpoint, session)
        assert (await rest("GET", "groups/g/connections?maxpagesize=2")).status == 400
        assert (await rest("GET", "groups/g/connections?maxpagesize=1")).status == 200
        for ack_id, success in ((1, True), (1, False), (2, True), (1, True)):
            assert (await client.ask(type="joinGroup", group="g", ackId=ack_id))["success"] == success
        for name, told in (("one", "streamAck"), ("two", "streamClosed")):
            answer = await client.ask(type="sendToGroup", group="g", stream={"streamId": name})
            assert answer["type"] == told
        assert not (await client.ask(type="event", event="hello", data=1, ackId=9))["success"]
        assert (await client.ask(type="event", event="short", data=1, ackId=10))["data"] == "MTIzNA=="


async def test_a_token_may_live_shorter(start: Start) -> None:
    limits = msgspec.structs.replace(QUICK, token_minutes=2, reconnection_seconds=0)
    emulator = await start(Settings(limits=limits, entra=Trust(unvalidated=True)))
    async with connected(emulator.endpoint, RELIABLE) as client, aiohttp.ClientSession() as session:
        entra = {"aud": "https://webpubsub.azure.com", "exp": int(time.time()) + 60}
        token = jwt.encode(entra, "x" * 32, algorithm="HS256")
        url = f"{emulator.endpoint}/api/hubs/chat/:generateToken"
        answer = await Rest(emulator.endpoint, session).raw("POST", url, {"Authorization": f"Bearer {token}"})
        claims = jwt.decode(answer.value["token"], options={"verify_signature": False})
        assert claims["exp"] - claims["iat"] == 120
        client.cut()
        await emulator.log.holds("lost its socket")
        async with recovered(emulator.endpoint, client) as again:
            assert (await again.closed())[0] == 1008


@pytest.mark.parametrize("wrong", ["Connection=20", "Connections", "Connections=many", "GroupCharacters=1025"])
def test_options_set_limits_over_the_files(wrong: str) -> None:
    limits = with_options(
        Limits(connections=3, page_size=7), ["Connections=20", "HandlerRetrySeconds=0.5", "TtlSeconds=9"]
    )
    assert (limits.connections, limits.page_size, limits.ttl_seconds) == (20, 7, 9)
    assert limits.handler_retry_seconds == (0.5,)
    with pytest.raises(BadConfiguration, match=f"--limit {wrong}: "):
        with_options(limits, [wrong])


def bound(name: str, default: object) -> str:
    """A default as the document writes it."""
    if isinstance(default, tuple):
        return f"{', '.join(map(str, default))} s"
    assert isinstance(default, int)
    if name.endswith("Bytes"):
        return f"{default // MIB} MiB"
    unit = " s" if name.endswith("Seconds") else " min" if name.endswith("Minutes") else ""
    return f"{default:,}{unit}" if default else "0: none"


def test_the_documents_table_says_of_every_limit_what_its_declaration_says() -> None:
    text = DOCUMENT.read_text()
    hints = get_type_hints(Limits, include_extras=True)
    for field in msgspec.structs.fields(Limits):
        meta, name = hints[field.name].__metadata__[-1], field.encode_name
        default = bound(name, getattr(PUBLISHED, field.name))
        assert f"| {meta.description} | `{name}` | {default} | {meta.extra['beyond']} |" in text
