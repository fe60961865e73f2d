"""The contract of the sender, tested with the one in memory and with the REST client against the stand-in."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Protocol

import aiohttp
import pytest
from azure.core.credentials import AzureKeyCredential

from shared.adapters.pubsub import PubSub
from shared.ports.sender import Payload, Sender
from tests.backend.memory.sender import MemorySender
from tests.backend.stage import new_id, settings

NOTE = {"chatEvent": "note", "data": "1"}
END = {"chatEvent": "end", "data": "0"}


class Tab(Protocol):
    """An open connection of a user."""

    id: str

    async def heard(self) -> list[Payload]:
        """Everything that it has received so far."""

    async def may_speak_in(self, chat_id: str) -> bool:
        """Whether the service lets it send to a chat."""

    async def may_visit(self, chat_id: str) -> bool:
        """Whether the service lets it join and leave a chat's group."""

    async def is_open(self) -> bool:
        """Whether the service has not closed it."""


class MemoryTab:
    def __init__(self, sender: MemorySender, user_id: str, roles: Sequence[str], groups: Sequence[str]) -> None:
        self.id = new_id()
        self._sender = sender
        sender.open(self.id, user_id, roles, groups)

    async def heard(self) -> list[Payload]:
        return self._sender.heard[self.id]

    async def may_speak_in(self, chat_id: str) -> bool:
        return (self.id, chat_id) in self._sender.rights

    async def may_visit(self, chat_id: str) -> bool:
        return (self.id, chat_id) in self._sender.visits

    async def is_open(self) -> bool:
        return self.id in self._sender.users


class SocketTab:
    def __init__(self, sender: PubSub, socket: aiohttp.ClientWebSocketResponse, connection_id: str) -> None:
        self.id = connection_id
        self._sender, self._socket, self._acks = sender, socket, 0

    async def heard(self) -> list[Payload]:
        # Messages arrive in order, so all have arrived when a message of our own does.
        await self._sender._client.send_to_connection(self.id, END)
        found: list[Payload] = []
        while True:
            frame = await self._socket.receive_json()
            if frame["type"] == "message":
                if frame["data"] == END:
                    return found
                found.append(frame["data"])

    async def may_speak_in(self, chat_id: str) -> bool:
        return await self._may(
            {"type": "sendToGroup", "group": chat_id, "noEcho": True, "dataType": "text", "data": "x"}
        )

    async def may_visit(self, chat_id: str) -> bool:
        may_join = await self._may({"type": "joinGroup", "group": chat_id})
        assert may_join == await self._may({"type": "leaveGroup", "group": chat_id})
        return may_join

    async def _may(self, frame: dict[str, object]) -> bool:
        # The service answers a repeated ackId from memory.
        self._acks += 1
        await self._socket.send_json({**frame, "ackId": self._acks})
        while True:
            answer = await self._socket.receive_json()
            if answer["type"] == "ack":
                return bool(answer["success"])

    async def is_open(self) -> bool:
        return await self._sender.is_open(self.id)


class Hub:
    """A sender, and a way to open connections."""

    def __init__(self, sender: Sender, session: aiohttp.ClientSession | None) -> None:
        self.sender, self._session = sender, session

    async def open(self, user_id: str, roles: Sequence[str] = (), groups: Sequence[str] = ()) -> Tab:
        if isinstance(self.sender, MemorySender):
            return MemoryTab(self.sender, user_id, roles, groups)
        assert isinstance(self.sender, PubSub) and self._session
        access = await self.sender.client_access(user_id, roles, groups)
        socket = await self._session.ws_connect(access.url, protocols=["json.webpubsub.azure.v1"])
        connected = await socket.receive_json()
        return SocketTab(self.sender, socket, connected["connectionId"])

    async def hearing(self, chat_id: str, *tabs: Tab) -> list[bool]:
        """Which of these hear what is said in a chat."""
        said = {"chatEvent": "note", "data": new_id()}
        await self.sender.to_chat(chat_id, said)
        return [said in await tab.heard() for tab in tabs]


@pytest.fixture(params=["memory", "stand-in"])
async def hub(request: pytest.FixtureRequest) -> AsyncIterator[Hub]:
    if request.param == "memory":
        yield Hub(MemorySender(), None)
        return
    connection = request.getfixturevalue("stand_in")
    chosen = settings(PUBSUB_CONNECTION_STRING=connection)
    sender = PubSub(chosen.pubsub_endpoint, chosen.hub, AzureKeyCredential(chosen.pubsub_access_key))
    async with aiohttp.ClientSession() as session:
        yield Hub(sender, session)
    await sender.close()


async def test_everyone_receives_a_message_except_excluded_connections(hub: Hub) -> None:
    one, two = await hub.open(new_id()), await hub.open(new_id())
    await hub.sender.to_everyone(NOTE, [two.id])
    assert (await one.heard(), await two.heard()) == ([NOTE], [])


async def test_a_user_receives_a_message_in_all_tabs(hub: Hub) -> None:
    user = new_id()
    one, two, other = await hub.open(user), await hub.open(user), await hub.open(new_id())
    await hub.sender.to_user(user, NOTE)
    assert (await one.heard(), await two.heard(), await other.heard()) == ([NOTE], [NOTE], [])


async def test_a_message_to_a_chat_reaches_its_group(hub: Hub) -> None:
    user, chat_id = new_id(), new_id()
    inside, outside = await hub.open(user), await hub.open(new_id())
    await hub.sender.enter(chat_id, user)
    await hub.sender.to_chat(chat_id, NOTE)
    await hub.sender.exit(chat_id, user)
    await hub.sender.to_chat(chat_id, NOTE)
    assert (await inside.heard(), await outside.heard()) == ([NOTE], [])


async def test_who_enters_a_chat_or_leaves_it_does_so_in_all_tabs_and_for_nobody_else(hub: Hub) -> None:
    user, mate, chat_id, other_chat = (new_id() for _ in range(4))
    one, two, mates, strangers = [await hub.open(each) for each in (user, user, mate, new_id())]
    await hub.sender.enter(other_chat, user)
    assert await hub.hearing(chat_id, one, two, mates, strangers) == [False] * 4
    for _ in range(2):
        await hub.sender.enter(chat_id, user)
    await hub.sender.enter(chat_id, mate)
    assert await hub.hearing(chat_id, one, two, mates, strangers) == [True, True, True, False]
    for _ in range(2):
        await hub.sender.exit(chat_id, user)
    assert await hub.hearing(chat_id, one, two, mates, strangers) == [False, False, True, False]
    assert await hub.hearing(other_chat, one, two, mates) == [True, True, False]


async def test_a_connection_that_opens_later_is_in_no_chat_until_its_user_enters_again(hub: Hub) -> None:
    user, chat_id = new_id(), new_id()
    first = await hub.open(user)
    await hub.sender.enter(chat_id, user)
    later = await hub.open(user)
    assert await hub.hearing(chat_id, first, later) == [True, False]
    await hub.sender.enter(chat_id, user)
    assert await hub.hearing(chat_id, first, later) == [True, True]


async def test_a_token_brings_its_rights_and_its_chats_and_no_others(hub: Hub) -> None:
    spoken, visited, heard = new_id(), new_id(), new_id()
    tab = await hub.open(new_id(), [f"webpubsub.sendToGroup.{spoken}", f"webpubsub.joinLeaveGroup.{visited}"], [heard])
    assert [(await hub.hearing(one, tab))[0] for one in (spoken, visited, heard)] == [False, False, True]
    assert [await tab.may_speak_in(one) for one in (spoken, visited, heard)] == [True, False, False]
    assert [await tab.may_visit(one) for one in (spoken, visited, heard)] == [False, True, False]


async def test_those_left_out_do_not_hear_what_the_others_in_a_chat_do(hub: Hub) -> None:
    user, chat_id = new_id(), new_id()
    one, two = await hub.open(user), await hub.open(user)
    await hub.sender.enter(chat_id, user)
    await hub.sender.to_chat(chat_id, NOTE, [two.id])
    assert (await one.heard(), await two.heard()) == ([NOTE], [])


async def test_a_connection_speaks_where_it_is_allowed(hub: Hub) -> None:
    chat_id = new_id()
    tab = await hub.open(new_id())
    assert not await tab.may_speak_in(chat_id)
    await hub.sender.allow(tab.id, chat_id)
    await hub.sender.allow(tab.id, chat_id)
    assert not await tab.may_speak_in(new_id())
    assert await tab.may_speak_in(chat_id)
    # To speak in it is not to be in it.
    assert await hub.hearing(chat_id, tab) == [False]
    assert await tab.may_visit(chat_id)


async def test_a_connection_that_is_muted_still_comes_and_goes_and_speaks_elsewhere(hub: Hub) -> None:
    chat_id, elsewhere, user = new_id(), new_id(), new_id()
    muted, other = await hub.open(user), await hub.open(user)
    for tab in (muted, other):
        await hub.sender.allow(tab.id, chat_id)
        await hub.sender.allow(tab.id, elsewhere)
    await hub.sender.enter(chat_id, user)
    for _ in range(2):
        await hub.sender.mute(muted.id, chat_id)
    assert await hub.hearing(chat_id, muted, other) == [True, True]
    assert [await tab.may_speak_in(chat_id) for tab in (muted, other)] == [False, True]
    assert await muted.may_speak_in(elsewhere) and await muted.may_visit(chat_id)
    await hub.sender.allow(muted.id, chat_id)
    assert await muted.may_speak_in(chat_id)


async def test_a_connection_that_is_admitted_comes_and_goes_and_does_not_speak(hub: Hub) -> None:
    chat_id = new_id()
    tab = await hub.open(new_id())
    assert not await tab.may_visit(chat_id)
    await hub.sender.admit(tab.id, chat_id)
    assert await tab.may_visit(chat_id) and not await tab.may_speak_in(chat_id)
    await hub.sender.forbid(tab.id, chat_id)
    assert not await tab.may_visit(chat_id)


async def test_a_right_that_is_taken_back_is_gone(hub: Hub) -> None:
    chat_id, elsewhere, user = new_id(), new_id(), new_id()
    tab, other = await hub.open(user), await hub.open(user)
    for each in (tab, other):
        await hub.sender.allow(each.id, chat_id)
    await hub.sender.allow(tab.id, elsewhere)
    assert await tab.may_visit(chat_id)
    for _ in range(2):
        await hub.sender.forbid(tab.id, chat_id)
    assert not await tab.may_speak_in(chat_id) and not await tab.may_visit(chat_id)
    assert await tab.may_speak_in(elsewhere) and await tab.may_visit(elsewhere)
    assert await other.may_speak_in(chat_id) and await other.may_visit(chat_id)


async def test_one_connection_ends_and_no_other(hub: Hub) -> None:
    user, chat_id = new_id(), new_id()
    one, two = await hub.open(user), await hub.open(user)
    await hub.sender.enter(chat_id, user)
    await hub.sender.end(one.id)
    assert [await tab.is_open() for tab in (one, two)] == [False, True]
    assert await hub.sender.is_connected(user)
    assert await hub.hearing(chat_id, two) == [True]
    await hub.sender.end(two.id)
    assert not await hub.sender.is_connected(user)


async def test_a_users_connections_end_but_those_left_out(hub: Hub) -> None:
    user = new_id()
    one, two, other = await hub.open(user), await hub.open(user), await hub.open(new_id())
    await hub.sender.end_others(user, [one.id])
    assert [await tab.is_open() for tab in (one, two, other)] == [True, False, True]
    await hub.sender.end_others(user, [])
    assert not await one.is_open()


async def test_whoever_is_gone_is_no_error_and_leaves_nothing_for_who_comes_later(hub: Hub) -> None:
    user, chat_id = new_id(), new_id()
    bystander = await hub.open(new_id())
    await asyncio.gather(
        hub.sender.to_user(user, NOTE),
        hub.sender.to_chat(chat_id, NOTE),
        hub.sender.enter(chat_id, user),
        hub.sender.exit(chat_id, user),
        hub.sender.allow("no-such-connection", chat_id),
        hub.sender.admit("no-such-connection", chat_id),
        hub.sender.mute("no-such-connection", chat_id),
        hub.sender.forbid("no-such-connection", chat_id),
        hub.sender.end("no-such-connection"),
        hub.sender.end_others(user, ["no-such-connection"]),
    )
    assert not await hub.sender.is_open("no-such-connection") and not await hub.sender.is_connected(user)
    await hub.sender.enter(chat_id, user)
    late = await hub.open(user)
    assert await late.heard() == [] and await bystander.heard() == []
    assert await hub.hearing(chat_id, late, bystander) == [False, False]
    for tab in (late, bystander):
        assert await tab.is_open() and not await tab.may_speak_in(chat_id) and not await tab.may_visit(chat_id)


async def test_the_service_knows_which_connections_are_open(hub: Hub) -> None:
    user = new_id()
    one, two = await hub.open(user), await hub.open(user)
    await hub.sender.end_others(user, [one.id])
    assert await hub.sender.is_open(one.id)
    assert not await hub.sender.is_open(two.id)
    assert not await hub.sender.is_open(new_id())
    assert await one.heard() == []


async def test_the_service_knows_who_is_connected(hub: Hub) -> None:
    user = new_id()
    assert not await hub.sender.is_connected(user)
    tab = await hub.open(user)
    assert await hub.sender.is_connected(user)
    assert await tab.heard() == []
    await hub.sender.end_others(user, [])
    assert not await hub.sender.is_connected(user)


async def test_the_service_answers_a_ping(hub: Hub) -> None:
    await hub.sender.ping()
