"""Storage or Web PubSub accepts a request and never responds: all calls are answered in time, and nothing runs on.

The tests use real connections to a server that stalls.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from shared.adapters.signing_keys import TenantKeys
from shared.backend import Backend
from shared.clients import Clients, process
from shared.flow import deadline
from shared.http import health, webhook
from shared.http.api import ROUTES
from shared.model.clock import now
from shared.wire import connection_state
from shared.wire.connection_state import ConnectionState
from shared.wire.events import FROM_BROWSER
from tests.backend.function_calls import Answer, call, event_headers, principal, send_event
from tests.backend.memory.sender import MemorySender
from tests.backend.memory.store import MemoryStore
from tests.backend.stage import ENVIRONMENT, Stage, new_id, settings
from tests.backend.trust.tenant import ENTRA
from tests.stalling import STALLS, stalling

SECONDS_TO_ANSWER = 20
CHAT, MESSAGE = new_id(), new_id()
ABOUT = {"chatId": CHAT, "id": MESSAGE}
EVENTS: dict[str, object] = {
    "userConnected": {},
    "createChat": {"id": CHAT, "name": "Tea"},
    "joinChat": CHAT,
    "leaveChat": {"chatId": CHAT},
    "deleteChat": CHAT,
    "removeMember": {"chatId": CHAT, "userId": "bob"},
    "createInvite": {"chatId": CHAT},
    "acceptInvite": {"token": f"{CHAT}.secret"},
    "createPrivateChat": {"targetUserId": "bob"},
    "blockUser": {"userId": "bob"},
    "unblockUser": {"userId": "bob"},
    "userEnterIdle": {},
    "userExitIdle": {},
    "saveMessage": {**ABOUT, "message": "hi"},
    "editMessage": {**ABOUT, "message": "ho"},
    "deleteMessage": ABOUT,
    "react": {**ABOUT, "emoji": "👍", "on": True},
    "markRead": ABOUT,
}
# Routes that make no requests.
ALONE = {"GET me", "DELETE guest", "GET openapi.json", "OPTIONS eventHandler"}
STATE = connection_state.write(ConnectionState(connected_at=1))

Ask = Callable[[], Awaitable[Answer]]


def asked(method: str, path: str) -> Ask:
    """A call of a route by a signed-in user."""
    address = path.replace("{id}", CHAT) + ("?q=hi" if path == "search" else "")
    headers = {**principal("ann"), "WebHook-Request-Origin": "localhost"}
    return lambda: call(method, address, headers, {"userName": "Ann"} if method == "POST" else b"")


def told(name: str, system: bool = False) -> Ask:
    """A delivery of an event, each of a different user, since only a few of one user's may wait at a time."""
    data = {} if system else EVENTS[name]
    return lambda: send_event(name, data, f"ann-{name}", system=system, state=STATE)


CALLS: dict[str, Ask] = {
    **{f"{one.method} {one.path}": asked(one.method, one.path) for one in ROUTES if one is not webhook.EVENT},
    **{name: told(name, system=True) for name in webhook.SYSTEM_EVENTS},
    **{one.name: told(one.name) for one in FROM_BROWSER},
}


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same with shorter time-outs."""
    monkeypatch.setattr(deadline, "ANSWER_SECONDS", 1.0)
    monkeypatch.setattr(webhook, "TO_ANSWER_SECONDS", 0.4)
    monkeypatch.setattr(webhook, "PROMPT_SECONDS", 0.1)
    monkeypatch.setattr(health, "PING_SECONDS", 0.5)


@asynccontextmanager
async def serving(storage: str = "", pubsub: str = "") -> AsyncIterator[Backend]:
    """The backend over the given server; parts that are not given are in memory."""
    environment = dict(ENVIRONMENT)
    if storage:
        account = f"DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;TableEndpoint={storage}/a;"
        environment["STORAGE_CONNECTION_STRING"] = account
    if pubsub:
        environment["PUBSUB_CONNECTION_STRING"] = f"Endpoint={pubsub};AccessKey={settings().pubsub_access_key};"
    clients = Clients(environment)
    backend = clients.backend()
    if not storage:
        backend = replace(backend, store=MemoryStore())
    if not pubsub:
        backend = replace(backend, sender=MemorySender())
    process.use(backend)
    try:
        yield backend
    finally:
        await clients.close()


async def answers() -> dict[str, Answer]:
    """The answers of all calls, run concurrently; fails if one is late or leaves a task running."""
    before = asyncio.all_tasks()
    async with asyncio.timeout(SECONDS_TO_ANSWER):
        found = await asyncio.gather(*(ask() for ask in CALLS.values()))
    assert asyncio.all_tasks() == before
    return dict(zip(CALLS, found, strict=True))


def outcome(name: str, answer: Answer) -> str:
    """The code of a refusal, over HTTP or in the answer to the sender of an event."""
    if answer.status == 503:
        assert answer.headers.get("retry-after") == "5" or name == "GET health"
    if answer.status != 200 or name not in EVENTS:
        return answer.code or "ok"
    said = answer.json()
    if said.get("chatEvent") != "error":
        return "ok"
    problem = json.loads(said["data"])
    assert problem["event"] == name and problem["message"]
    if problem["code"] == "Unavailable":
        assert problem["retryAfter"] == 5 and connection_state.HEADER.lower() in answer.headers
        assert problem.get("id") in (None, CHAT, MESSAGE)
    return f"told {problem['code']}"


def test_every_event_and_every_route_is_called() -> None:
    assert set(EVENTS) == {one.name for one in FROM_BROWSER}
    assert len(CALLS) == len(EVENTS) + len(webhook.SYSTEM_EVENTS) + len(ROUTES) - 1


STALLED = {
    **dict.fromkeys(CALLS, "Unavailable"),
    **dict.fromkeys(EVENTS, "told Unavailable"),
    **dict.fromkeys(ALONE, "ok"),
}


@pytest.mark.usefixtures("hurry")
@pytest.mark.parametrize("stall", STALLS)
async def test_while_storage_stalls_every_call_is_refused_and_every_sender_told(stall: str) -> None:
    with stalling(STALLS[stall]) as origin:
        async with serving(storage=origin):
            found = await answers()
    assert {name: outcome(name, answer) for name, answer in found.items()} == STALLED
    assert found["GET health"].json()["parts"]["storage"] != "ok"


async def test_with_storage_that_never_answers_everything_is_answered_within_twenty_seconds() -> None:
    """With the real time-outs. It is the only such test, so it runs all calls together."""
    with stalling(STALLS["never"]) as origin:
        async with serving(storage=origin):
            found = await answers()
    assert {name: outcome(name, answer) for name, answer in found.items()} == STALLED


@pytest.mark.usefixtures("hurry")
@pytest.mark.parametrize("stall", STALLS)
async def test_while_web_pubsub_stalls_every_call_is_answered(stall: str) -> None:
    with stalling(STALLS[stall]) as origin:
        async with serving(pubsub=origin) as backend:
            found = await answers()
            assert await backend.store.chats.read(CHAT) is not None
    by_name = {name: outcome(name, answer) for name, answer in found.items()}
    assert by_name["createChat"] == "told Unavailable"
    assert by_name["GET health"] == "Unavailable" and found["GET health"].json()["parts"]["storage"] == "ok"
    assert by_name["GET getToken"] == by_name["GET chats"] == by_name["connect"] == "ok"


@pytest.mark.usefixtures("hurry")
async def test_when_storage_is_back_the_next_call_succeeds_and_finishes_what_stalled() -> None:
    stage = Stage()
    with stalling(STALLS["never"]) as origin:
        async with serving(pubsub=origin) as backend:
            stalled = await send_event("createChat", EVENTS["createChat"], "ann", state=STATE)
            assert outcome("createChat", stalled) == "told Unavailable"
            process.use(replace(backend, sender=stage.sender))
            again = await send_event("createChat", EVENTS["createChat"], "ann", state=STATE)
            assert outcome("createChat", again) == "ok"
            mine = (await call("GET", "me/chats", principal("ann"))).json()["chats"]
            public = (await call("GET", "chats", principal("ann"))).json()["chats"]
            assert set(mine) == set(public) == {CHAT}


async def test_a_fault_that_comes_at_once_is_left_to_the_services_retries() -> None:
    """The service retries a 5xx under the same id, and nobody has had to wait yet."""
    with stalling(STALLS["never"]) as origin:
        pass
    async with serving(pubsub=origin):
        found = await send_event("createChat", EVENTS["createChat"], "ann", state=STATE)
    assert (found.status, found.code) == (503, "Unavailable")


@pytest.mark.usefixtures("hurry")
async def test_keys_of_entra_that_never_come_are_waited_for_no_longer_than_a_call_may_take() -> None:
    with stalling(STALLS["drop by drop"]) as origin:
        keys = TenantKeys("tenant", origin)
        process.use(Backend(settings(**ENTRA), MemoryStore(), MemorySender(), now, keys))
        headers = {**event_headers("joinChat", "ann", "c1"), "Authorization": "Bearer eyJraWQiOiJrIn0.e30.AAAA"}
        found = await asyncio.gather(*(call("POST", "eventHandler", headers, b"{}") for _ in range(5)))
    assert {(one.status, one.code) for one in found} == {(503, "Unavailable")}
