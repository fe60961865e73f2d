"""Redelivered events: right away, concurrently, and after other events that undid their effect."""

import asyncio
import itertools
import re
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web

from shared.adapters.tables.store import TableStore
from shared.backend import Actor
from shared.dispatch import perform
from shared.model.errors import Unavailable
from shared.wire.events import FROM_BROWSER, JoinChat
from tests.backend.live import Live, live
from tests.backend.memory.store import MemoryStore
from tests.backend.stage import Player, Stage, new_id
from tests.backend.wire.protocol_page import PAGE
from tests.emulator.webhook import Recorded, response
from tests.system.chatr_client import ChatrClient, about, payload

Undo = Callable[[Player, Player, str], Awaitable[object]]

# Per event: the set-up, the event, what follows it, and whether Bob must be a member at the end.
LATE: dict[str, tuple[Undo, Undo, Undo, bool]] = {
    "joinChat": (
        lambda ann, bob, chat_id: bob.does("leaveChat", {"chatId": chat_id}),
        lambda ann, bob, chat_id: bob.does("joinChat", chat_id),
        lambda ann, bob, chat_id: bob.does("leaveChat", {"chatId": chat_id}),
        False,
    ),
    "leaveChat": (
        lambda ann, bob, chat_id: bob.does("joinChat", chat_id),
        lambda ann, bob, chat_id: bob.does("leaveChat", {"chatId": chat_id}),
        lambda ann, bob, chat_id: bob.does("joinChat", chat_id),
        True,
    ),
    "removeMember": (
        lambda ann, bob, chat_id: bob.does("joinChat", chat_id),
        lambda ann, bob, chat_id: ann.does("removeMember", {"chatId": chat_id, "userId": bob.id}),
        lambda ann, bob, chat_id: bob.does("joinChat", chat_id),
        True,
    ),
}


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.mark.parametrize("event", LATE)
async def test_an_event_redelivered_late_undoes_nothing_and_gets_the_same_answer(stage: Stage, event: str) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, bob)
    before, act, after, bob_is_in = LATE[event]
    await before(ann, bob, chat_id)
    stage.event_id = "7"
    heard = await act(ann, bob, chat_id)
    stage.event_id = ""
    await after(ann, bob, chat_id)
    told = [player.heard() for player in (ann, bob)]
    assert all(told)
    stage.event_id = "7"
    assert await act(ann, bob, chat_id) == heard
    assert [player.heard() for player in (ann, bob)] == [[], []]
    assert (bob.id in await stage.members(chat_id)) is bob_is_in
    assert bob.may_speak_in(chat_id) is bob.hears(chat_id) is bob_is_in


async def test_a_late_redelivery_does_not_open_a_private_chat_again(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    stage.event_id = "7"
    await ann.does("createPrivateChat", {"targetUserId": bob.id})
    [opened] = ann.heard("joinPrivateChat")
    stage.event_id = ""
    await bob.does("leaveChat", {"chatId": opened["id"]})
    stage.event_id = "7"
    await ann.does("createPrivateChat", {"targetUserId": bob.id})
    assert ann.heard("joinPrivateChat") == [] and await stage.members(opened["id"]) == {ann.id}


async def test_a_late_edit_does_not_replace_a_later_one(stage: Stage) -> None:
    ann = await stage.user("Ann")
    message = {"chatId": await stage.chat(ann), "id": new_id()}
    await ann.does("saveMessage", {**message, "message": "one"})
    for event_id, text in (("7", "two"), ("8", "three"), ("7", "two")):
        stage.event_id = event_id
        await ann.does("editMessage", {**message, "message": text})
    [kept] = await stage.store.messages.newest(message["chatId"], None, 9)
    assert kept.text == "three" and len(ann.heard("messageEdited")) == 2


async def test_the_same_id_on_another_connection_is_another_event(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann)
    tab = await bob.another_tab()
    stage.event_id = "7"
    await bob.does("joinChat", chat_id)
    stage.event_id = ""
    await bob.does("leaveChat", {"chatId": chat_id})
    stage.event_id = "7"
    await tab.does("joinChat", chat_id)
    assert await stage.members(chat_id) == {ann.id, bob.id}


async def test_another_event_with_a_known_id_is_processed(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    first, second = await stage.chat(ann), await stage.chat(ann)
    stage.event_id = "7"
    await bob.does("joinChat", first)
    await bob.does("joinChat", second)
    await bob.does("leaveChat", {"chatId": first})
    assert (await stage.members(first), await stage.members(second)) == ({ann.id}, {ann.id, bob.id})


async def test_a_refused_event_is_processed_again(stage: Stage) -> None:
    ann, bob, chat_id = await stage.user("Ann"), await stage.user("Bob"), new_id()
    stage.event_id = "7"
    assert await bob.code("joinChat", chat_id) == "ChatNotFound"
    await ann.does("createChat", {"id": chat_id, "name": "Tea"})
    assert await bob.code("joinChat", chat_id) == ""
    assert await stage.members(chat_id) == {ann.id, bob.id}


async def test_a_failed_event_is_processed_again(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann)
    store = stage.store
    assert isinstance(store, MemoryStore)
    stage.event_id = "7"
    store.before_call = broken
    assert await bob.code("joinChat", chat_id) == "Unavailable"
    store.before_call = lambda _: None
    assert await bob.code("joinChat", chat_id) == ""
    assert await stage.members(chat_id) == {ann.id, bob.id}


def broken(name: str) -> None:
    if name == "memberships.insert":
        raise Unavailable


async def test_an_event_without_an_id_is_processed_each_time(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, bob)
    await bob.does("leaveChat", {"chatId": chat_id})
    for _ in range(2):
        await perform(stage.backend, Actor(bob.id, bob.connection), JoinChat(chat_id))
        assert bob.id in await stage.members(chat_id)
        await bob.does("leaveChat", {"chatId": chat_id})


def test_the_docs_name_the_events_that_are_processed_once() -> None:
    once = [event.name for event in FROM_BROWSER if event.once]
    sentence = re.search(r"([^.]*) would do harm if they came again", PAGE)
    assert sentence is not None and re.findall(r"`(\w+)`", sentence[1]) == once


# From here on with the stand-in's own requests and real tables.


@pytest.fixture
async def service(table_store: TableStore) -> AsyncIterator[Live]:
    async with live(table_store) as served:
        yield served


async def recorded(service: Live, client: ChatrClient, name: str, data: object) -> tuple[Recorded, list[object]]:
    """Sends an event; returns the resulting request and the answer to the sender."""
    answers = await client.event(name, data)
    return service.hook.events(name)[-1], [one["data"] for one in answers if "data" in one]


async def members(service: Live, chat_id: str) -> set[str]:
    roster = await service.backend.store.chats.roster(chat_id, 100)
    return {member.user_id for member in roster.members} if roster else set()


async def test_a_redelivered_join_does_not_bring_back_a_former_member(service: Live) -> None:
    ann, bob = await service.enter("Ann"), await service.enter("Bob")
    chat_id = new_id()
    await ann.event("createChat", {"id": chat_id, "name": "Tea"})
    join, heard = await recorded(service, bob, "joinChat", chat_id)
    at_once = await service.deliver(join)
    assert (at_once.status, at_once.json()) == (200, heard[-1])
    leave, _ = await recorded(service, bob, "leaveChat", {"chatId": chat_id})
    late = await service.deliver(join)
    assert (late.status, late.json()) == (200, heard[-1])
    assert await members(service, chat_id) == {ann.person.user_id}
    await bob.event("joinChat", chat_id)
    assert (await service.deliver(leave)).status == 204
    assert await members(service, chat_id) == {ann.person.user_id, bob.person.user_id}
    await ann.event("userExitIdle", "")
    joined = [payload(one)["userId"] for one in ann.seen if about(one, "memberJoined")]
    assert joined == [bob.person.user_id] * 2


async def test_two_concurrent_deliveries_have_the_effect_of_one(service: Live) -> None:
    ann, bob = await service.enter("Ann"), await service.enter("Bob")
    once = service.hook.answer

    async def twice(request: Recorded) -> web.Response:
        first, second = await asyncio.gather(response(once(request)), response(once(request)))
        assert (first.status, second.status) in itertools.product((200, 204), repeat=2)
        for answer in (first, second):
            assert answer.body is None or (isinstance(answer.body, bytes) and b'"error"' not in answer.body)
        return first

    service.hook.answer = twice
    chat_id = new_id()
    await ann.event("createChat", {"id": chat_id, "name": "Tea"})
    both = {ann.person.user_id, bob.person.user_id}
    for _ in range(3):
        await bob.event("joinChat", chat_id)
        assert await members(service, chat_id) == both
        assert (await bob.event("saveMessage", {"chatId": chat_id, "id": new_id(), "message": "hi"}))[-1]["success"]
        await bob.event("leaveChat", {"chatId": chat_id})
        assert await members(service, chat_id) == {ann.person.user_id}
        await bob.event("joinChat", chat_id)
        await ann.event("removeMember", {"chatId": chat_id, "userId": bob.person.user_id})
        assert await members(service, chat_id) == {ann.person.user_id}
    assert len(await service.backend.store.messages.newest(chat_id, None, 10)) == 3
    await ann.event("createPrivateChat", {"targetUserId": bob.person.user_id})
    opened = payload(await bob.chat_event("joinPrivateChat"))["id"]
    assert await members(service, opened) == both
    await ann.event("deleteChat", chat_id)
    assert await members(service, chat_id) == set()


async def test_a_redelivered_idle_event_changes_nothing(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    for number, (first, then) in enumerate((("userEnterIdle", "userExitIdle"), ("userExitIdle", "userEnterIdle"))):
        stage.event_id = f"again {number}"
        await ann.does(first)
        stage.event_id = ""
        await ann.does(then)
        bob.heard()
        stage.event_id = f"again {number}"
        await ann.does(first)
        stage.event_id = ""
        assert bob.heard() == []


async def test_a_redelivered_user_connected_makes_nobody_active(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    tab = ann.silent_tab()
    stage.event_id = "hello"
    await tab.does("userConnected", {})
    stage.event_id = ""
    await ann.does("userEnterIdle")
    await tab.does("userEnterIdle")
    bob.heard()
    stage.event_id = "hello"
    await tab.does("userConnected", {})
    assert bob.heard() == []


async def test_a_user_connected_after_the_end_of_its_connection_makes_no_ghost(stage: Stage) -> None:
    bob = await stage.user("Bob")
    tab = Player(stage, "late", "c-gone")
    await tab.does("userConnected", {})
    assert bob.heard() == []
    assert await stage.store.presence.connections("late") == ()
    assert await stage.store.presence.online("late") is None
