"""Section 7.1 and 7.6: several hubs with several handlers, templates, what is tried again, and for how long."""

import asyncio
import json
from pathlib import Path

import msgspec
import pytest
from aiohttp import web

from emulator.configuration import SYSTEM_EVENTS, Settings, event_handler, read_file
from tests.emulator.breaking_off import breaking_off
from tests.emulator.clients import client_token, connected, status_of_connect
from tests.emulator.conftest import QUICK, StandIn, Start
from tests.emulator.webhook import Recorded, Webhook, webhook


def at(hook: Webhook, path: str) -> str:
    """A URL template on the handler's host."""
    return hook.url.partition("/api/")[0] + path


async def never_answers(_: Recorded) -> web.Response:
    await asyncio.Event().wait()
    raise AssertionError


async def test_each_hub_of_a_file_has_its_own_handlers_in_their_order(start: Start, tmp_path: Path) -> None:
    async with webhook() as first, webhook() as second:
        hubs = {
            "Chat": [
                {"UrlTemplate": at(first, "/{hub}/{event}"), "EventPattern": "join, leave"},
                {"UrlTemplate": at(second, "/rest/{event}"), "EventPattern": "*", "SystemEvents": ["connect"]},
            ],
            "news": [
                {"UrlTemplate": at(second, "/{hub}"), "SystemEvents": ["connected"]},
                {"UrlTemplate": at(first, "/n?e={event}&h={hub}{hub}"), "EventPattern": "*"},
            ],
        }
        section = {"Hubs": {name: {"EventHandlers": handlers} for name, handlers in hubs.items()}}
        file = tmp_path / "settings.json"
        file.write_text(json.dumps({"WebPubSub": section}))
        emulator = await start(msgspec.structs.replace(read_file(file), limits=QUICK))
        for hub, events in (("CHAT", ("join", "other", "LEAVE")), ("news", ("join",))):
            async with connected(emulator.endpoint, hub=hub) as client:
                for number, event in enumerate(events):
                    assert (await client.ask(type="event", event=event, data=1, ackId=number))["success"]
        await second.wait_for("connected")
        assert [request.path for request in first.events()] == ["/chat/join", "/chat/LEAVE", "/n?e=join&h=newsnews"]
        assert [request.path for request in second.events()] == ["/rest/connect", "/rest/other", "/news"]
        asked = {request.path for request in first.requests if request.method == "OPTIONS"}
        assert asked == {"/chat/validate", "/n?e=validate&h=newsnews"}


async def test_a_lost_connection_to_the_handler_is_tried_again_with_the_same_id(start: Start) -> None:
    async with breaking_off(times=3) as (url, ids):
        emulator = await start(Settings(handlers={"chat": (event_handler(url, "*", []),)}, limits=QUICK))
        async with connected(emulator.endpoint) as client:
            assert (await client.ask(type="event", event="e", data=1, ackId=1))["success"]
    assert len(ids) == 4 and len(set(ids)) == 1


async def test_after_the_last_lost_connection_the_event_has_failed(start: Start) -> None:
    async with breaking_off(times=4) as (url, ids):
        emulator = await start(Settings(handlers={"chat": (event_handler(url, "*", []),)}, limits=QUICK))
        async with connected(emulator.endpoint) as client:
            assert not (await client.ask(type="event", event="e", data=1, ackId=1))["success"]
    assert len(ids) == 4


@pytest.mark.parametrize("pauses", [(), (0,), (0, 0, 0, 0, 0)])
async def test_there_are_as_many_tries_as_pauses_and_one(
    start: Start, hook: Webhook, pauses: tuple[float, ...]
) -> None:
    limits = msgspec.structs.replace(QUICK, handler_retry_seconds=pauses)
    emulator = await start(Settings(handlers={"chat": (event_handler(hook.url, "*", []),)}, limits=limits))
    hook.answer = lambda _: web.Response(status=500)
    async with connected(emulator.endpoint) as client:
        assert not (await client.ask(type="event", event="e", data=1, ackId=1))["success"]
    assert len(hook.events("e")) == len(pauses) + 1


async def in_time(start: Start, hook: Webhook, **limits: float | tuple[float, ...]) -> StandIn:
    changed = msgspec.structs.replace(QUICK, **limits)
    return await start(Settings(handlers={"chat": (event_handler(hook.url, "*", SYSTEM_EVENTS),)}, limits=changed))


async def test_a_time_out_is_not_tried_again(start: Start, hook: Webhook) -> None:
    emulator = await in_time(start, hook, handler_timeout_seconds=0.1)
    async with connected(emulator.endpoint) as client:
        hook.answer = never_answers
        assert not (await client.ask(type="event", event="e", data=1, ackId=1))["success"]
        hook.answer = lambda _: web.Response(status=204)
        assert (await client.ask(type="event", event="later", data=1, ackId=2))["success"]
    assert len(hook.events("e")) == 1


async def test_the_time_is_for_all_tries_and_pauses_together(start: Start, hook: Webhook) -> None:
    emulator = await in_time(start, hook, handler_timeout_seconds=0.2, handler_retry_seconds=(0, 600))
    async with connected(emulator.endpoint) as client:
        hook.answer = lambda _: web.Response(status=503)
        assert not (await client.ask(type="event", event="e", data=1, ackId=1))["success"]
    assert len(hook.events("e")) == 2


async def test_a_connect_that_is_not_answered_in_time_is_500(start: Start, hook: Webhook) -> None:
    emulator = await in_time(start, hook, handler_timeout_seconds=0.1)
    hook.answer = never_answers
    url = f"{emulator.endpoint}/client/hubs/chat?access_token={client_token(emulator.endpoint)}"
    assert (await status_of_connect(url))[0] == 500
    assert len(hook.events("connect")) == 1


async def test_an_owner_who_does_not_answer_in_time_has_not_agreed(start: Start) -> None:
    methods: list[str] = []
    release = asyncio.Event()

    async def handle(request: web.BaseRequest) -> web.Response:
        methods.append(request.method)
        await release.wait()
        return web.Response()

    runner = web.ServerRunner(web.Server(handle))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    handler = event_handler(f"http://127.0.0.1:{runner.addresses[0][1]}/", "*", [])
    limits = msgspec.structs.replace(QUICK, preflight_timeout_seconds=0.1)
    emulator = await start(Settings(handlers={"chat": (handler,)}, limits=limits))
    async with connected(emulator.endpoint) as client:
        assert not (await client.ask(type="event", event="e", data=1, ackId=1))["success"]
    release.set()
    await runner.cleanup()
    assert methods == ["OPTIONS"]
