"""Presence seen from outside: several tabs, refreshes, and connections whose end was never reported.

Rules about time are tested in ``tests/backend/rules/test_presence.py``, with a fake clock.
"""

import asyncio
import itertools
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from shared.adapters.tables.store import TableStore, with_connection_string
from shared.model.clock import SECOND
from shared.rules.presence.ghosts import UNSEEN_SECONDS
from tests.conftest import AZURITE_KEY
from tests.stack import Person, Stack, started
from tests.system.chatr_client import ChatrClient
from tests.system.lobby import Lobby


async def told_of(listener: ChatrClient, user_id: str) -> list[str]:
    """The presence events that a listener has received about a user, in order."""
    await listener.all_so_far("userOnline")
    names = ("userOnline", "userOffline", "userIsIdle", "userNotIdle")
    said = [
        (one["data"]["chatEvent"], one["data"]["data"]) for one in listener.seen if "chatEvent" in one.get("data", "")
    ]
    return [name for name, data in said if name in names and user_id in data]


async def idle_of(listener: ChatrClient, user_id: str) -> bool | None:
    """Whether a user is listed as idle; None if not listed."""
    users = (await listener.person.get("users"))["users"]
    return users[user_id]["idle"] if user_id in users else None


async def test_with_several_tabs_online_and_offline_are_told_once(lobby: Lobby) -> None:
    ada, grace = await lobby.enter("Ada"), await lobby.guest("Grace")
    async with ChatrClient.connected(grace) as one:
        async with ChatrClient.connected(grace), ChatrClient.connected(grace):
            assert await told_of(ada, grace.user_id) == ["userOnline"]
        await one.event("userExitIdle", "")
        assert await told_of(ada, grace.user_id) == ["userOnline"]
    assert (await ada.chat_event("userOffline"))["data"]["data"] == grace.user_id
    assert await told_of(ada, grace.user_id) == ["userOnline", "userOffline"]
    assert await idle_of(ada, grace.user_id) is None


async def test_all_tabs_closed_at_once_are_one_going(lobby: Lobby) -> None:
    ada, grace = await lobby.enter("Ada"), await lobby.guest("Grace")
    async with AsyncExitStack() as exits:
        tabs = [await exits.enter_async_context(ChatrClient.connected(grace)) for _ in range(5)]
        await asyncio.gather(*(tab.socket.close() for tab in tabs))
    await ada.chat_event("userOffline")
    # By then all events about the ends of the other tabs have arrived.
    async with ChatrClient.connected(grace):
        assert await told_of(ada, grace.user_id) == ["userOnline", "userOffline", "userOnline"]


async def test_idle_is_told_once_and_only_when_all_tabs_are(lobby: Lobby) -> None:
    ada, grace = await lobby.enter("Ada"), await lobby.guest("Grace")
    async with ChatrClient.connected(grace) as one, ChatrClient.connected(grace) as other:
        await one.event("userEnterIdle", "")
        assert await idle_of(ada, grace.user_id) is False
        for _ in range(2):
            await other.event("userEnterIdle", "")
        assert await idle_of(ada, grace.user_id) is True
        for tab in (one, other, one):
            await tab.event("userExitIdle", "")
        assert await idle_of(ada, grace.user_id) is False
        assert await told_of(ada, grace.user_id) == ["userOnline", "userIsIdle", "userNotIdle"]


@pytest.mark.parametrize("number", range(5))
async def test_a_refresh_whose_new_tab_races_the_old_ones_end_leaves_the_user_online(lobby: Lobby, number: int) -> None:
    ada, grace = await lobby.enter("Ada"), await lobby.guest("Grace")
    async with AsyncExitStack() as exits:
        old = await exits.enter_async_context(ChatrClient.connected(grace))
        opening = exits.enter_async_context(ChatrClient.connected(grace))
        _, new = await asyncio.gather(old.socket.close(), opening)
        await new.event("userEnterIdle", "")
        assert await idle_of(ada, grace.user_id) is True
        # Either the new tab was first and nothing is announced, or the user was offline for a moment. Then the call
        # that announced it also announces the user online again, in case the two arrive in the wrong order.
        said = [name for name, _ in itertools.groupby(await told_of(ada, grace.user_id))]
        assert said in (["userOnline", "userIsIdle"], ["userOnline", "userOffline", "userOnline", "userIsIdle"])
    await ada.chat_event("userOffline")


async def test_a_recovered_connection_was_never_gone(lobby: Lobby) -> None:
    """The reliable protocol keeps a connection that lost its socket, without an effect on presence."""
    ada, grace = await lobby.enter("Ada"), await lobby.guest("Grace")
    reliable = "json.reliable.webpubsub.azure.v1"
    async with ChatrClient.connected(grace, reliable) as first:
        hello = next(one for one in first.seen + first.inbox if one.get("event") == "connected")
        connection = first.socket._response.connection
        assert connection is not None and connection.transport is not None
        connection.transport.abort()
    url = f"ws://localhost:{lobby.stack.ports.pubsub}/client/hubs/chat"
    way_back = f"awps_connection_id={hello['connectionId']}&awps_reconnection_token={hello['reconnectionToken']}"
    async with ChatrClient.opened(grace, f"{url}?{way_back}", reliable) as again:
        again.acks = 100
        await again.event("userEnterIdle", "")
        assert await told_of(ada, grace.user_id) == ["userOnline", "userIsIdle"]


@asynccontextmanager
async def storage_of(stack: Stack) -> AsyncIterator[TableStore]:
    """The store of a stack, for tests that have to let time pass."""
    address = f"http://127.0.0.1:{stack.ports.table}/devstoreaccount1"
    store = with_connection_string(f"AccountName=devstoreaccount1;AccountKey={AZURITE_KEY};TableEndpoint={address};")
    try:
        yield store
    finally:
        await store.close()


async def not_seen_lately(stack: Stack, *people: Person) -> None:
    """Ages the user's row so that the next reader checks it against the service."""
    async with storage_of(stack) as store:
        for person in people:
            user = await store.presence.online(person.user_id)
            assert user is not None
            assert await store.presence.update(replace(user, seen=user.seen - UNSEEN_SECONDS * SECOND))


async def test_who_was_online_when_the_service_was_killed_is_gone_when_read(tmp_path: Path) -> None:
    """The killed service never reports the end of these connections to the backend."""
    async with AsyncExitStack() as exits:
        with started(tmp_path) as stack:
            lobby = Lobby(stack, exits)
            people = {name: await lobby.guest(name) for name in ("Ada", "Grace", "Linus")}
            for person in people.values():
                await lobby.client(person)
            os.kill(stack.process_of("pubsub"), signal.SIGKILL)
            assert stack.server.process.wait(30) == 1
        with started(tmp_path, ports=stack.ports) as again:
            await check_after_the_kill(again, lobby, people)


async def check_after_the_kill(stack: Stack, lobby: Lobby, people: dict[str, Person]) -> None:
    ada = await lobby.client(people["Ada"])
    # Grace comes back and leaves: her unreported connection does not keep her online, whether or not anybody reads.
    async with ChatrClient.connected(people["Grace"]):
        pass
    assert (await ada.chat_event("userOffline"))["data"]["data"] == people["Grace"].user_id
    # Linus does not come back. A reader finds out once his row is due for a check, and everybody is told.
    await not_seen_lately(stack, people["Ada"], people["Linus"])
    listener = await lobby.enter("Listener")
    assert set((await ada.person.get("users"))["users"]) == {ada.person.user_id, listener.person.user_id}
    await ada.person.get("users")
    assert await told_of(listener, people["Linus"].user_id) == ["userOffline"]
    assert await told_of(listener, ada.person.user_id) == []
    assert await idle_of(listener, ada.person.user_id) is False
