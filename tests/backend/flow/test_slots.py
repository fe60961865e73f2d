"""The limit on open connections per user, and connections whose end was never reported."""

import asyncio
from dataclasses import replace
from unittest.mock import ANY

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import dispatch
from shared.adapters.tables.store import TableStore
from shared.backend import Actor
from shared.flow.deadline import ABANDONED_AFTER
from shared.model.clock import SECOND
from shared.model.errors import TooManyConnections
from shared.model.records import Profile
from shared.rules.connection import slots, tokens
from shared.rules.connection.slots import CONFIRMED_SECONDS
from shared.wire.cloudevents import ConnectRequest
from tests.backend.live import live
from tests.backend.memory.sender import MemorySender
from tests.backend.memory.store import MemoryStore
from tests.backend.stage import Stage, new_id, settings

LIMIT = 20


@pytest.fixture
def stage() -> Stage:
    return Stage()


async def connects(stage: Stage, user_id: str, connection: str = "") -> str:
    """Opens a connection for a user; returns its id, empty if it is refused."""
    by = Actor(user_id, connection or new_id())
    try:
        await dispatch.connect(stage.backend, by, ConnectRequest())
    except TooManyConnections as refusal:
        assert str(LIMIT) in str(refusal) and refusal.retry_after == CONFIRMED_SECONDS
        return ""
    stage.sender.open(by.connection_id, user_id)
    return by.connection_id


async def ends(stage: Stage, user_id: str, connection: str, told: bool = True) -> None:
    stage.sender.close(connection)
    if told:
        await dispatch.disconnected(stage.backend, Actor(user_id, connection))


async def test_a_user_can_open_connections_up_to_the_limit_whether_or_not_they_send_anything(stage: Stage) -> None:
    opened = [await connects(stage, "ann") for _ in range(LIMIT)]
    assert all(opened)
    assert await connects(stage, "ann") == ""
    assert await connects(stage, "bob")
    await ends(stage, "ann", opened[7])
    assert await connects(stage, "ann") and await connects(stage, "ann") == ""


async def test_a_user_with_too_many_connections_gets_no_token_and_is_told_why(stage: Stage) -> None:
    ann = Profile("ann", "Ann", "test")
    opened = [await connects(stage, "ann") for _ in range(LIMIT)]
    with pytest.raises(TooManyConnections):
        await tokens.client_access(stage.backend, ann)
    await ends(stage, "ann", opened[0])
    assert (await tokens.client_access(stage.backend, ann)).url


async def test_of_many_connections_opened_at_once_only_the_allowed_number_is_accepted(table_store: TableStore) -> None:
    stage, user = Stage(store=table_store), new_id()
    opened = await asyncio.gather(*(connects(stage, user) for _ in range(3 * LIMIT)))
    assert sum(map(bool, opened)) == LIMIT
    assert len(await stage.store.slots.of_user(user)) == LIMIT


async def test_a_repeated_connect_of_the_same_connection_takes_one_slot(stage: Stage) -> None:
    for _ in range(3):
        assert await connects(stage, "ann", "c0") == "c0"
    assert len(await stage.store.slots.of_user("ann")) == 1
    for number in range(1, LIMIT):
        assert await connects(stage, "ann", f"c{number}")
    assert await connects(stage, "ann", "c0") == "c0"


async def test_connections_whose_end_was_never_reported_lock_nobody_out(stage: Stage) -> None:
    for connection in [await connects(stage, "ann") for _ in range(LIMIT)]:
        await ends(stage, "ann", connection, told=False)
    stage.clock.pass_seconds(CONFIRMED_SECONDS)
    opened = await asyncio.gather(*(connects(stage, "ann") for _ in range(LIMIT + 1)))
    assert sum(map(bool, opened)) == LIMIT


async def test_the_service_is_asked_only_now_and_then_about_a_user_whose_connections_are_all_open(stage: Stage) -> None:
    for _ in range(LIMIT):
        await connects(stage, "ann")
    stage.clock.pass_seconds(CONFIRMED_SECONDS)
    stage.sender.calls.clear()
    for _ in range(5):
        assert await connects(stage, "ann") == ""
    assert stage.sender.calls == LIMIT * ["is_open"]


class CrowdedStore(MemoryStore):
    """Yields to other tasks between any two calls."""

    async def turn(self) -> None:
        await asyncio.sleep(0)


class ThoughtfulSender(MemorySender):
    """Yields to other tasks ``slowness`` times before it says whether a connection is open."""

    slowness = 0

    async def is_open(self, connection_id: str) -> bool:
        for _ in range(self.slowness):
            await asyncio.sleep(0)
        return await super().is_open(connection_id)


@given(
    ghosts=st.sets(st.integers(0, LIMIT - 1)),
    callers=st.lists(st.booleans(), min_size=2, max_size=12),
    # How many retries of the others an answer of the service takes.
    slowness=st.integers(0, 20),
)
async def test_of_concurrent_calls_that_find_all_slots_taken_one_checks_each_slot_for_all(
    ghosts: set[int], callers: list[bool], slowness: int
) -> None:
    sender = ThoughtfulSender()
    stage = Stage(CrowdedStore(), sender)
    opened = [await connects(stage, "ann") for _ in range(LIMIT)]
    for number in ghosts:
        await ends(stage, "ann", opened[number], told=False)
    stage.clock.pass_seconds(CONFIRMED_SECONDS)
    stage.sender.calls.clear()
    sender.slowness = slowness
    found = await asyncio.gather(*(connects(stage, "ann") if opens else looks(stage) for opens in callers))
    assert stage.sender.calls.count("is_open") == LIMIT
    wanted = callers.count(True)
    let_in = sum(1 for opens, one in zip(callers, found, strict=True) if opens and one)
    assert let_in == min(wanted, len(ghosts))
    if wanted < len(ghosts):
        assert all(found)


async def looks(stage: Stage) -> str:
    """Whether another connection would be accepted, as text; empty if it would be refused."""
    try:
        await slots.check(stage.backend, "ann")
    except TooManyConnections:
        return ""
    return "yes"


async def test_an_abandoned_check_of_a_slot_locks_nobody_out_for_longer_than_a_call_may_take(stage: Stage) -> None:
    for connection in [await connects(stage, "ann") for _ in range(LIMIT)]:
        await ends(stage, "ann", connection, told=False)
    stage.clock.pass_seconds(CONFIRMED_SECONDS)
    for slot in await stage.store.slots.of_user("ann"):
        assert await stage.store.slots.update("ann", replace(slot, asked=stage.clock()))
    assert await connects(stage, "ann") == ""
    stage.clock.pass_seconds(ABANDONED_AFTER / SECOND)
    assert await connects(stage, "ann")


async def test_a_connection_that_is_just_opening_keeps_its_slot_although_the_service_does_not_know_it(
    stage: Stage,
) -> None:
    for number in range(LIMIT):
        await dispatch.connect(stage.backend, Actor("ann", f"c{number}"), ConnectRequest())
    assert await connects(stage, "ann") == ""


async def test_a_connection_that_is_refused_for_its_token_takes_no_slot(stage: Stage) -> None:
    with pytest.raises(Exception, match="you have left"):
        claims = ConnectRequest({tokens.GROUP_CLAIM: ["gone"]})
        await dispatch.connect(stage.backend, Actor("ann", "c0"), claims)
    assert await stage.store.slots.of_user("ann") == ()


async def test_a_lower_limit_holds_as_soon_as_earlier_connections_have_closed(stage: Stage) -> None:
    opened = [await connects(stage, "ann") for _ in range(LIMIT)]
    few = replace(stage.backend, settings=settings(CONNECTIONS_PER_USER="2"))
    with pytest.raises(TooManyConnections):
        await slots.take(few, Actor("ann", new_id()))
    for connection in opened:
        await ends(stage, "ann", connection)
    for _ in range(2):
        await slots.take(few, Actor("ann", new_id()))
    with pytest.raises(TooManyConnections):
        await slots.take(few, Actor("ann", new_id()))


async def test_an_ordinary_connection_takes_its_slot_without_a_read(stage: Stage) -> None:
    calls: list[str] = []
    stage.memory.before_call = calls.append
    await connects(stage, "ann")
    assert calls == ["users.revoked", "memberships.of_user", "slots.take"]


async def test_a_connection_beyond_the_limit_is_refused_with_429_and_the_limit_in_the_message(
    table_store: TableStore,
) -> None:
    async with live(table_store) as service:
        process_settings = settings(
            PUBSUB_CONNECTION_STRING=(
                f"Endpoint={service.backend.settings.pubsub_endpoint};"
                f"AccessKey={service.backend.settings.pubsub_access_key};"
            ),
            CONNECTIONS_PER_USER="2",
        )
        service.use(replace(service.backend, settings=process_settings))
        ann = service.person("Ann")
        url = str((await ann.get("getToken"))["url"])
        for _ in range(2):
            await service.client(ann)
        answer = await ann.get("getToken", 429)
        assert answer == {"error": {"code": "TooManyConnections", "message": ANY}}
        assert "limit of 2 open connections" in str(answer)
        async with service.http.get(url.replace("ws:", "http:"), headers=UPGRADE) as refused:
            assert refused.status == 429


UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Protocol": "json.webpubsub.azure.v1",
}
