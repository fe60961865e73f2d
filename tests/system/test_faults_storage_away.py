"""While storage is down, nothing is announced and nothing reads as "not found"; when it is back, retries succeed.

If storage stalls, everything is still answered within 20 s, so that nobody's next events have to wait.

The original Chatr announced success although storage had failed, and treated each storage error as "not found".
"""

import re
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager
from urllib.parse import urlsplit

import pytest

from tests.gateway import Gateway
from tests.stack import Stack, started
from tests.system.chatr_client import ChatrClient
from tests.system.lobby import Lobby, message, new_chat


@pytest.fixture(scope="module")
def gateway(azurite: str) -> Iterator[Gateway]:
    """The connection to storage, which can be cut."""
    tables = next(part for part in azurite.split(";") if part.startswith("TableEndpoint="))
    port = urlsplit(tables.partition("=")[2]).port
    assert port
    with Gateway(port) as opened:
        yield opened


@pytest.fixture(scope="module")
def stack(azurite: str, gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    reached = azurite.replace(f":{gateway.target}/", f":{gateway.port}/")
    with started(tmp_path_factory.mktemp("away"), {"STORAGE_CONNECTION_STRING": reached}) as running:
        yield running


@pytest.fixture
async def lobby(stack: Stack) -> AsyncIterator[Lobby]:
    async with AsyncExitStack() as exits:
        yield Lobby(stack, exits)


@contextmanager
def away(gateway: Gateway) -> Iterator[None]:
    gateway.cut()
    try:
        yield
    finally:
        gateway.mend()


def failed(stack: Stack, event: str) -> None:
    """Waits until the backend has answered an event with a fault, which the service retries later."""
    stack.server.wait_until(lambda output: re.search(rf'"status":503.*"name":"{event}"', output))


async def begin(client: ChatrClient, name: str, data: object) -> int:
    """Sends an event without waiting for its ack; returns the ack's number."""
    client.acks += 1
    kind = "text" if isinstance(data, str) else "json"
    await client.send({"type": "event", "event": name, "dataType": kind, "data": data, "ackId": client.acks})
    return client.acks


async def done(client: ChatrClient, number: int) -> bool:
    ack = await client.receive(lambda m: m["type"] == "ack" and m["ackId"] == number)
    return bool(ack["success"])


async def test_a_chat_that_could_not_be_stored_is_announced_when_it_is(
    stack: Stack, lobby: Lobby, gateway: Gateway
) -> None:
    ada, grace = await lobby.enter("Ada"), await lobby.enter("Grace")
    chat_id = str(uuid.uuid4())
    with away(gateway):
        number = await begin(ada, "createChat", {"id": chat_id, "name": "Tea"})
        failed(stack, "createChat")
        assert await grace.all_so_far("chatCreated") == []
    assert await done(ada, number)
    assert (await grace.heard("chatCreated"))["id"] == chat_id
    assert await ada.all_so_far("error") == []
    assert chat_id in await grace.person.public_chats()


async def test_a_message_that_could_not_be_stored_is_not_acknowledged_and_is_kept_once(
    stack: Stack, lobby: Lobby, gateway: Gateway
) -> None:
    ada = await lobby.enter("Ada")
    chat_id = await new_chat(ada)
    with away(gateway):
        number = await begin(ada, "saveMessage", message(chat_id, "hi"))
        failed(stack, "saveMessage")
    assert await done(ada, number)
    [kept] = (await ada.person.get(f"chats/{chat_id}/messages"))["messages"]
    assert kept["message"] == "hi"


async def test_storage_that_is_away_is_not_a_chat_that_is_not_there(
    stack: Stack, lobby: Lobby, gateway: Gateway
) -> None:
    ada, grace = await lobby.enter("Ada"), await lobby.enter("Grace")
    chat_id = await new_chat(ada)
    with away(gateway):
        for path in ("chats", "me/chats", "users", "getToken", f"chats/{chat_id}/messages"):
            answer = await ada.person.get(path, status=503)
            assert answer["error"]["code"] == "Unavailable", path
        number = await begin(grace, "joinChat", chat_id)
        failed(stack, "joinChat")
    assert await done(grace, number)
    assert await grace.all_so_far("error") == []
    assert (await grace.group("sendToGroup", chat_id))["success"]


async def patient(lobby: Lobby) -> ChatrClient:
    """A session with a time-out of the longest time that anything may take."""
    client = await lobby.enter("Ada")
    client.patience = 20
    return client


@contextmanager
def stalled(gateway: Gateway) -> Iterator[None]:
    gateway.stall()
    try:
        yield
    finally:
        gateway.mend()


async def test_a_message_whose_storage_stalls_is_answered_in_time_and_holds_up_nothing(
    stack: Stack, lobby: Lobby, gateway: Gateway
) -> None:
    ada = await patient(lobby)
    chat_id = await new_chat(ada)
    first, second = message(chat_id, "first"), message(chat_id, "second")
    with stalled(gateway):
        numbers = [await begin(ada, "saveMessage", one) for one in (first, second)]
        refusal = await ada.heard("error")
        assert (refusal["event"], refusal["code"], refusal["id"]) == ("saveMessage", "Unavailable", first["id"])
        assert refusal["retryAfter"] > 0
        assert await done(ada, numbers[0])
    assert await done(ada, numbers[1])
    await ada.event("saveMessage", first)
    kept = (await ada.person.get(f"chats/{chat_id}/messages"))["messages"]
    assert sorted(one["message"] for one in kept) == ["first", "second"]


async def test_storage_that_is_slow_at_each_step_is_waited_for_no_longer_in_sum(
    stack: Stack, lobby: Lobby, gateway: Gateway
) -> None:
    ada = await patient(lobby)
    chat_id = str(uuid.uuid4())
    gateway.late_seconds = 4.5
    try:
        number = await begin(ada, "createChat", {"id": chat_id, "name": "Tea"})
        assert await done(ada, number)
        assert (await ada.heard("error"))["code"] == "Unavailable"
    finally:
        gateway.mend()
    await ada.event("createChat", {"id": chat_id, "name": "Tea"})
    assert chat_id in (await ada.person.get("me/chats"))["chats"]
    assert chat_id in await ada.person.public_chats()
