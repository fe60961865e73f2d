"""Section 7.2: no event goes to a URL before its owner agreed, and when the owner is asked again."""

import asyncio

import pytest
from aiohttp import web

from emulator.configuration import SYSTEM_EVENTS, Settings, event_handler
from emulator.upstream.preflight import Preflight
from tests.emulator.clients import client_token, connected, status_of_connect
from tests.emulator.conftest import QUICK, StandIn, Start
from tests.emulator.webhook import Webhook


class Owner:
    """Who is asked; answers as the test says. ``now`` is the time."""

    def __init__(self) -> None:
        self.now, self.asked, self.agrees = 1000.0, 0, True
        self.preflight = Preflight(self.ask, lambda: self.now)

    async def ask(self, url: str) -> bool:
        self.asked += 1
        return self.agrees

    async def after(self, seconds: float) -> bool:
        """Whether events may go out so much later; lets what was started beside the event come to its end."""
        self.now += seconds
        agreed = await self.preflight.agrees("http://owner/")
        pending = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*(task for task in pending if task is not None))
        return bool(agreed)


async def test_an_agreement_counts_for_a_minute_and_is_renewed_beside_the_events() -> None:
    owner = Owner()
    assert [await owner.after(seconds) for seconds in (0, 30, 30)] == [True, True, True]
    assert owner.asked == 1
    owner.agrees = False
    assert await owner.after(1), "the event that finds the agreement too old does not wait for the new answer"
    assert (owner.asked, await owner.after(0)) == (2, False)


async def test_after_a_refusal_the_owner_is_asked_again_in_growing_pauses() -> None:
    owner = Owner()
    owner.agrees = False
    pauses = [0, 0.9, 0.1, 1.9, 0.1, 3.9, 0.1, 4.9, 0.1, 5]
    asked = []
    for pause in pauses:
        before = owner.asked
        assert not await owner.after(pause)
        asked.append(owner.asked > before)
    assert asked == [True, False, True, False, True, False, True, False, True, True]
    owner.agrees = True
    assert await owner.after(5)


async def test_events_that_come_together_ask_once() -> None:
    owner = Owner()
    assert await asyncio.gather(*(owner.preflight.agrees("http://owner/") for _ in range(10))) == [True] * 10
    assert owner.asked == 1


@pytest.mark.parametrize(("by_get", "agreed"), [(200, True), (404, False)])
async def test_a_path_without_options_is_asked_by_get(start: Start, by_get: int, agreed: bool) -> None:
    methods: list[str] = []
    origins: set[str] = set()

    async def handle(request: web.BaseRequest) -> web.Response:
        methods.append(request.method)
        origins.add(request.headers["WebHook-Request-Origin"])
        assert request.headers["ce-awpsversion"] == "1.0"
        assert "ce-signature" in request.headers or request.method != "POST"
        status = {"OPTIONS": 404, "GET": by_get}.get(request.method, 204)
        return web.Response(status=status, headers={"WebHook-Allowed-Origin": "*"})

    runner = web.ServerRunner(web.Server(handle))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    handler = event_handler(f"http://127.0.0.1:{runner.addresses[0][1]}/", "*", SYSTEM_EVENTS[1:2])
    emulator = await start(Settings(handlers={"chat": (handler,)}, limits=QUICK))
    async with connected(emulator.endpoint) as client:
        assert (await client.ask(type="event", event="e", data=1, ackId=1))["success"] is agreed
    await runner.cleanup()
    assert methods[:2] == ["OPTIONS", "GET"]
    assert ("POST" in methods) is agreed
    with_port = f"localhost:{emulator.server.port}"
    assert origins == ({with_port} if agreed else {with_port, "localhost"})


async def test_the_owner_of_a_url_is_asked_once_before_the_first_event(hooked: StandIn, hook: Webhook) -> None:
    async with connected(hooked.endpoint) as client:
        await client.ask(type="event", event="hello", data=1, ackId=1)
    first, *others = hook.requests
    assert (first.method, first.path) == ("OPTIONS", "/api/chat/validate?code=secret")
    assert first.headers["WebHook-Request-Origin"] == f"localhost:{hooked.server.port}"
    assert first.body == b""
    # Each event has a URL of its own, but the template is one and is asked for once.
    assert [request.method for request in others if request.method == "OPTIONS"] == []


@pytest.mark.parametrize("allowed", [None, "example.com", "*, localhost", "localhost:1"])
async def test_no_event_goes_to_a_url_that_did_not_agree(hooked: StandIn, hook: Webhook, allowed: str | None) -> None:
    hook.allowed = allowed
    status, _ = await status_of_connect(
        f"{hooked.endpoint}/client/hubs/chat?access_token={client_token(hooked.endpoint)}"
    )
    assert status == 500
    assert hook.events() == []


@pytest.mark.parametrize("status", [307, 403, 500])
async def test_only_an_answer_that_says_yes_is_an_agreement(hooked: StandIn, hook: Webhook, status: int) -> None:
    hook.asked_status = status
    url = f"{hooked.endpoint}/client/hubs/chat?access_token={client_token(hooked.endpoint)}"
    assert (await status_of_connect(url))[0] == 500
    assert hook.events() == []
    assert {request.path for request in hook.requests} == {"/api/chat/validate?code=secret"}


@pytest.mark.parametrize("allowed", ["localhost", "Localhost", "localhost:{port}", "127.0.0.1:{port}"])
async def test_the_origin_itself_may_be_allowed(hooked: StandIn, hook: Webhook, allowed: str) -> None:
    hook.allowed = allowed.format(port=hooked.server.port)
    async with connected(hooked.endpoint) as client:
        assert client.id


@pytest.mark.parametrize("wanted", ["localhost:{port}", "localhost", "pubsub.example:8443", "pubsub.example"])
async def test_an_owner_that_knows_one_name_is_asked_by_that_one_and_sent_events_from_it(
    start: Start, hook: Webhook, wanted: str
) -> None:
    """Some name the port, as the express middleware does, others leave it out, as those for .NET do."""
    handler = event_handler(hook.url, "*", SYSTEM_EVENTS)
    settings = Settings(handlers={"chat": (handler,)}, limits=QUICK, endpoint="https://pubsub.example:8443")
    emulator = await start(settings)
    wanted = wanted.format(port=emulator.server.port)
    hook.allows = lambda origin: origin if origin == wanted else None
    async with connected(f"http://localhost:{emulator.server.port}") as client:
        assert (await client.ask(type="event", event="hello", data=1, ackId=1))["success"]
    assert {event.headers["WebHook-Request-Origin"] for event in hook.events()} == {wanted}
    asked = [r.headers["WebHook-Request-Origin"] for r in hook.requests if r.method == "OPTIONS"]
    assert asked[0] == "pubsub.example:8443" and asked[-1] == wanted
