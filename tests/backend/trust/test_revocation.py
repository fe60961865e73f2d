"""Former members can neither send to a chat nor receive it over any connection, with the stand-in and real tables."""

import asyncio
import itertools
import json
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Literal

import aiohttp
import pytest
from aiohttp import web
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.adapters.pubsub import PubSub
from shared.adapters.tables.store import with_connection_string
from tests.backend.live import Live, live
from tests.backend.stage import new_id
from tests.emulator.clients import PLAIN, RELIABLE, Client, opened, recovered, status_of_connect
from tests.emulator.webhook import Recorded, response
from tests.stack import Person

Ending = Literal["leaveChat", "removeMember", "deleteChat"]
HELLO = {"chatEvent": "hello", "data": ""}


@dataclass(frozen=True)
class Kind:
    """The state of one of Bob's tabs: whether it sent ``userConnected``, and whether it is offline during the end."""

    says_hello: bool
    is_lost: bool
    opens_before_joining: bool


KINDS = st.builds(Kind, st.booleans(), st.booleans(), st.booleans())


@dataclass
class Tab:
    """A connection; ``heard`` is the data of all messages that it has received."""

    client: Client
    kind: Kind
    heard: list[Any] = field(default_factory=list)
    acks: int = 0

    async def ask(self, **frame: object) -> bool | None:
        """Whether the service or the backend accepts it; None if the connection has ended."""
        self.acks += 1
        await self.client.send(**frame, ackId=self.acks)
        while (answer := await self.next()) is not None:
            if answer["type"] == "ack" and answer["ackId"] == self.acks:
                return bool(answer["success"])
        return None

    async def next(self) -> dict[str, Any] | None:
        message = await self.client.socket.receive(timeout=10)
        if message.type is not aiohttp.WSMsgType.TEXT:
            return None
        frame: dict[str, Any] = json.loads(message.data)
        if frame["type"] == "message":
            self.heard.append(frame["data"])
        return frame

    async def reads_up_to(self, end: object) -> bool:
        """Waits for a message; False if the connection ends before."""
        while end not in self.heard:
            if await self.next() is None:
                return False
        return True

    async def does(self, name: str, data: object) -> None:
        kind = "text" if isinstance(data, str) else "json"
        assert await self.ask(type="event", event=name, dataType=kind, data=data)
        assert not [one for one in self.heard if one["chatEvent"] == "error"]

    async def may_send(self, chat_id: str) -> bool | None:
        return await self.ask(type="sendToGroup", group=chat_id, noEcho=True, dataType="json", data=HELLO)

    async def may_join(self, chat_id: str) -> bool | None:
        return await self.ask(type="joinGroup", group=chat_id)


@dataclass
class Play:
    """Ann's chat, with Bob in it."""

    service: Live
    exits: AsyncExitStack
    ann: Person
    bob: Person
    moderated: bool
    chat_id: str = field(default_factory=new_id)

    async def tab(self, person: Person, kind: Kind) -> Tab:
        token = await person.get("getToken")
        return await self.tab_at(str(token["url"]), kind)

    async def tab_at(self, url: str, kind: Kind) -> Tab:
        client = await self.exits.enter_async_context(opened(url, RELIABLE if kind.is_lost else PLAIN))
        client.hello = await client.receive()
        tab = Tab(client, kind)
        if kind.says_hello:
            await tab.does("userConnected", {})
        return tab

    async def tabs(self, kinds: list[Kind]) -> list[Tab]:
        return [await self.tab(self.bob, kind) for kind in kinds]

    async def who_hears(self, tabs: list[Tab]) -> list[bool | None]:
        """Sends to the chat's group; returns for each tab whether it receives it, None for one that has ended."""
        sender, number = self.service.backend.sender, new_id()
        assert isinstance(sender, PubSub)
        said, end = ({"chatEvent": name, "data": number} for name in ("said", "end"))
        await sender.to_chat(self.chat_id, said)
        await asyncio.gather(*(sender._client.send_to_connection(tab.client.id, end) for tab in tabs))
        return [(said in tab.heard) if await tab.reads_up_to(end) else None for tab in tabs]

    async def again(self, tab: Tab) -> Tab:
        """The tab after its network is back; recovery may be refused, which ends it."""
        endpoint = self.service.backend.settings.pubsub_endpoint
        client = await self.exits.enter_async_context(recovered(endpoint, tab.client))
        return Tab(client, tab.kind, acks=tab.acks)


Run = Callable[[Callable[[Live], Coroutine[object, object, None]]], None]


@pytest.fixture(scope="module")
def run(azurite: str) -> Iterator[Run]:
    """Runs a play on a service that all plays share, in that service's event loop."""
    exits = AsyncExitStack()

    async def start() -> Live:
        store = with_connection_string(azurite)
        exits.push_async_callback(store.close)
        return await exits.enter_async_context(live(store))

    with asyncio.Runner() as runner:
        service = runner.run(start())
        yield lambda play: runner.run(play(service))
        runner.run(exits.aclose())


EVERY_KIND = [Kind(*flags) for flags in itertools.product((True, False), repeat=3)]


@settings(max_examples=10, deadline=None)
@example(kinds=EVERY_KIND, ending="leaveChat", moderated=False)
@example(kinds=EVERY_KIND, ending="removeMember", moderated=True)
@example(kinds=EVERY_KIND, ending="deleteChat", moderated=False)
@given(
    kinds=st.lists(KINDS, max_size=3),
    ending=st.sampled_from(["leaveChat", "removeMember", "deleteChat"]),
    moderated=st.booleans(),
)
def test_what_ends_a_membership_ends_its_rights_on_every_connection_of_the_user(
    run: Run, kinds: list[Kind], ending: Ending, moderated: bool
) -> None:
    run(lambda service: played(service, kinds, ending, moderated))


async def played(service: Live, kinds: list[Kind], ending: Ending, moderated: bool) -> None:
    async with AsyncExitStack() as exits:
        play = Play(service, exits, service.person("Ann"), service.person("Bob"), moderated)
        hello = Kind(says_hello=True, is_lost=False, opens_before_joining=True)
        owner, first = await play.tab(play.ann, hello), await play.tab(play.bob, hello)
        await owner.does("createChat", {"id": play.chat_id, "name": "Tea", "moderated": moderated})
        early = await play.tabs([kind for kind in kinds if kind.opens_before_joining])
        await first.does("joinChat", play.chat_id)
        late = await play.tabs([kind for kind in kinds if not kind.opens_before_joining])
        stale = await play.bob.get("getToken")
        tabs = [first, *early, *late]
        await check_before(play, tabs, late)
        for tab in tabs:
            if tab.kind.is_lost:
                tab.client.cut()
        await end(play, ending, owner, first)
        now = [await play.again(tab) if tab.kind.is_lost else tab for tab in tabs]
        await check_after(play, now)
        assert (await status_of_connect(str(stale["url"])))[0] == 401
        await check_after(play, [await play.tab(play.bob, hello)])
        if ending != "deleteChat":
            assert await owner.may_send(play.chat_id) is not moderated and await owner.may_join(play.chat_id)


async def end(play: Play, ending: Ending, owner: Tab, first: Tab) -> None:
    if ending == "leaveChat":
        await first.does("leaveChat", {"chatId": play.chat_id})
    elif ending == "removeMember":
        await owner.does("removeMember", {"chatId": play.chat_id, "userId": play.bob.user_id})
    else:
        await owner.does("deleteChat", play.chat_id)


def test_a_connection_that_opens_while_its_user_is_removed_is_ended(run: Run) -> None:
    run(opened_too_late)


async def opened_too_late(service: Live) -> None:
    """The answer to ``connect`` still had the chat, and the connection did not exist when the rights were revoked."""
    async with AsyncExitStack() as exits:
        play = Play(service, exits, service.person("Ann"), service.person("Bob"), moderated=False)
        hello = Kind(says_hello=True, is_lost=False, opens_before_joining=True)
        owner, first = await play.tab(play.ann, hello), await play.tab(play.bob, hello)
        await owner.does("createChat", {"id": play.chat_id, "name": "Tea"})
        await first.does("joinChat", play.chat_id)
        answered = service.hook.answer

        async def removing(request: Recorded) -> web.Response:
            answer = await response(answered(request))
            if request.event == "connect":
                await end(play, "removeMember", owner, first)
            return answer

        service.hook.answer = removing
        silent = await play.tab(play.bob, Kind(says_hello=False, is_lost=False, opens_before_joining=False))
        service.hook.answer = answered
        while await silent.next() is not None:
            pass
        assert await play.who_hears([first, owner]) == [False, True]


async def check_before(play: Play, tabs: list[Tab], late: list[Tab]) -> None:
    """While Bob is a member, all his tabs receive the chat; those that are known or came later also have the rights."""
    assert await play.who_hears(tabs) == [True] * len(tabs)
    for tab in tabs:
        if tab.kind.says_hello or tab in late:
            assert await tab.may_send(play.chat_id) is not play.moderated
            assert await tab.may_join(play.chat_id)


async def check_after(play: Play, tabs: list[Tab]) -> None:
    """No tab has rights or receives the chat; those that are known are still open."""
    for tab, hears in zip(tabs, await play.who_hears(tabs), strict=True):
        if hears is None:
            assert not tab.kind.says_hello
        else:
            assert not hears
            assert await tab.may_send(play.chat_id) is False
            assert await tab.may_join(play.chat_id) is False
