"""What each operation costs in storage requests and REST calls: as ``docs/architecture.md`` says, whatever the crowd.

Also how many of them wait for each other, because what does not depend on another call should not.
"""

import asyncio
import itertools
import math
import re
import zlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from shared import dispatch
from shared.backend import Actor
from shared.dispatch import perform
from shared.model.clock import SECOND
from shared.model.records import Profile
from shared.rules.chats import blocking, directory, member_list, own_list
from shared.rules.connection import tokens
from shared.rules.history import export, messages, search
from shared.rules.membership import quota
from shared.rules.presence import online_list
from shared.settings import CONNECTIONS_PER_USER
from shared.wire.cloudevents import ConnectRequest
from shared.wire.connection_state import ConnectionState
from shared.wire.events import UserConnected
from tests.backend.memory.sender import MemorySender
from tests.backend.memory.store import MemoryStore
from tests.backend.stage import Player, Stage, new_id

DOCUMENT = Path(__file__).parents[3] / "docs" / "architecture.md"
# Calls that are more than one request (``test_costs_on_the_wire.py``): a right in a chat is two permissions, and what
# is purged is read first.
WEIGHT = {"sender.allow": 2, "sender.forbid": 2, "chats.purge_members": 2, "messages.purge": 2}

# The state of a connection that was opened long after everything was joined.
FRESH = ConnectionState(2_000_000_000 * SECOND)

MESSAGE = new_id()

Act = Callable[[Stage, Player, Player, str], Awaitable[object]]


async def connect(stage: Stage, ann: Player, bob: Player, chat_id: str) -> None:
    names = (f"c{number}" for number in itertools.count())
    other = next(name for name in names if first_slot(name) != first_slot(ann.connection))
    await dispatch.connect(stage.backend, Actor(ann.id, other), ConnectRequest())


def first_slot(connection_id: str) -> int:
    """The slot that a connection tries first."""
    return zlib.crc32(connection_id.encode()) % CONNECTIONS_PER_USER


async def connected(stage: Stage, ann: Player, bob: Player, chat_id: str) -> None:
    state = ConnectionState(1)
    await tokens.on_connected(stage.backend, Actor(bob.id, "c0", state))


async def first_tab(stage: Stage, ann: Player, bob: Player, chat_id: str) -> None:
    await perform(stage.backend, Actor("new", "c0", FRESH, "1"), UserConnected())


async def further_tab(stage: Stage, ann: Player, bob: Player, chat_id: str) -> None:
    await perform(stage.backend, Actor(ann.id, "c0", FRESH, "1"), UserConnected())


async def idle_and_back(stage: Stage, ann: Player, bob: Player, chat_id: str) -> None:
    await ann.does("userEnterIdle")


async def open_private_chat(stage: Stage, ann: Player, bob: Player, chat_id: str) -> None:
    await ann.does("createPrivateChat", {"targetUserId": bob.id})


async def one_of_two_tabs(stage: Stage, ann: Player, bob: Player, chat_id: str) -> None:
    await stage.tab.closes()


async def say(stage: Stage, ann: Player, bob: Player, chat_id: str) -> None:
    await ann.does("saveMessage", {"chatId": chat_id, "id": new_id(), "message": "hi"})


async def a_link(owner: Player) -> str:
    made = await owner.does("createInvite", {"chatId": owner.stage.group})
    return str(made.token)


OPERATIONS: dict[str, Act] = {
    "`connect`": connect,
    "`connected`": connected,
    "`userConnected`, first tab": first_tab,
    "`userConnected`, further tab": further_tab,
    "`disconnected`, last tab": lambda s, a, b, c: a.closes(),
    "`disconnected`, one of two tabs": one_of_two_tabs,
    "`userEnterIdle`": idle_and_back,
    "`createChat`": lambda s, a, b, c: a.does("createChat", {"id": new_id(), "name": "Tea"}),
    "`deleteChat`, n members": lambda s, a, b, c: a.does("deleteChat", c),
    "`joinChat`": lambda s, a, b, c: b.does("joinChat", c),
    "`joinChat`, moderated chat": lambda s, a, b, c: b.does("joinChat", c),
    "`joinChat`, member already": lambda s, a, b, c: a.does("joinChat", c),
    "`leaveChat`": lambda s, a, b, c: s.member.does("leaveChat", {"chatId": c}),
    "`leaveChat`, owner": lambda s, a, b, c: a.does("leaveChat", {"chatId": c}),
    "`removeMember`": lambda s, a, b, c: a.does("removeMember", {"chatId": c, "userId": s.member.id}),
    "`createInvite`": lambda s, a, b, c: a.does("createInvite", {"chatId": s.group}),
    "`acceptInvite`": lambda s, a, b, c: b.does("acceptInvite", {"token": s.token}),
    "`removeMember`, group": lambda s, a, b, c: a.does("removeMember", {"chatId": s.group, "userId": b.id}),
    "`createPrivateChat`": open_private_chat,
    "`createPrivateChat`, open already": open_private_chat,
    "`blockUser`": lambda s, a, b, c: a.does("blockUser", {"userId": b.id}),
    "`GET me/blocked`, a page": lambda s, a, b, c: blocking.page(s.backend, a.id, ""),
    "`saveMessage`": say,
    "`saveMessage`, moderated chat": say,
    "`editMessage`": lambda s, a, b, c: a.does("editMessage", {"chatId": c, "id": MESSAGE, "message": "ho"}),
    "`deleteMessage`": lambda s, a, b, c: a.does("deleteMessage", {"chatId": c, "id": MESSAGE}),
    "`react`": lambda s, a, b, c: a.does("react", {"chatId": c, "id": MESSAGE, "emoji": "👍", "on": True}),
    "`markRead`": lambda s, a, b, c: s.member.does("markRead", {"chatId": c, "id": MESSAGE}),
    "`GET getToken`": lambda s, a, b, c: tokens.client_access(s.backend, Profile(a.id, "Ann", "test")),
    "`GET users`, a page": lambda s, a, b, c: online_list.page(s.backend, a.id, ""),
    "`GET chats/{id}/members`, a page": lambda s, a, b, c: member_list.page(s.backend, b.id, c, ""),
    "`GET chats/{id}/messages`": lambda s, a, b, c: messages.page(s.backend, a.id, c),
    "`GET chats/{id}/export`, a page": lambda s, a, b, c: export.page(s.backend, a.id, c, ""),
    "`GET search`, n chats": lambda s, a, b, c: search.in_own_chats(s.backend, a.id, "nowhere", ""),
    "`GET search`, in one chat": lambda s, a, b, c: search.in_chat(s.backend, a.id, c, "hi", ""),
    "`GET chats`, a page of n": lambda s, a, b, c: directory.page(s.backend, ""),
    "`GET me/chats`, a page of n": lambda s, a, b, c: own_list.page(s.backend, a.id, ""),
}


class Cost(NamedTuple):
    """Storage requests, REST calls, and how many of all these come one after another."""

    storage: int
    rest: int
    in_a_row: int


class Rounds:
    """Holds calls until nothing else moves, then lets all of them go: those of one round do not wait for each other."""

    # Turns of the loop after which nothing moves any more.
    TURNS = 100

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.held: list[asyncio.Future[None]] = []

    async def turn(self) -> None:
        self.held.append(asyncio.get_running_loop().create_future())
        await self.held[-1]

    async def count(self, act: Awaitable[object]) -> int:
        task, rounds = asyncio.ensure_future(act), 0
        while True:
            for _ in range(self.TURNS):
                await asyncio.sleep(0)
            if task.done():
                await task
                return rounds
            rounds += 1
            held, self.held = self.held, []
            for call in held:
                call.set_result(None)


class CountedSender(MemorySender):
    async def _call(self, name: str) -> None:
        # A token is made here, without asking the service.
        if name != "client_access":
            await super()._call(name)


async def prepared(stage: Stage, operation: str, crowd: int, rooms: int) -> tuple[Player, Player, str]:
    """Ann, Bob, and a chat of hers with ``crowd`` more users; she owns ``rooms`` more."""
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    stage.member = await stage.user("Member")
    stage.tab = await (await stage.user("Tabs")).another_tab()
    others = [stage.member, *[await stage.user(f"User{number}") for number in range(crowd)]]
    chat_id = await stage.chat(ann, *others, moderated="moderated" in operation)
    for _ in range(rooms):
        await stage.chat(ann)
    await ann.does("saveMessage", {"chatId": chat_id, "id": MESSAGE, "message": "hi"})
    if "open already" in operation or operation == "`blockUser`":
        await open_private_chat(stage, ann, bob, chat_id)
    if "Invite" in operation or "group" in operation:
        stage.group = new_id()
        await ann.does("createChat", {"id": stage.group, "name": "Group", "kind": "group"})
    if "acceptInvite" in operation:
        stage.token = await a_link(ann)
    if "group" in operation:
        await bob.does("acceptInvite", {"token": await a_link(ann)})
    stage.sender.open("c0", ann.id if "further" in operation else "new")
    return ann, bob, chat_id


async def cost(operation: str, crowd: int, rooms: int) -> Cost:
    """What it costs when Ann does it, in a chat with ``crowd`` more users, owning ``rooms`` more."""
    rounds = Rounds()
    stage = Stage(MemoryStore(rounds.calls.append), CountedSender(rounds.calls.append))
    ann, bob, chat_id = await prepared(stage, operation, crowd, rooms)
    rounds.calls.clear()
    stage.store.turn = stage.sender.turn = rounds.turn
    in_a_row = await rounds.count(OPERATIONS[operation](stage, ann, bob, chat_id))
    weights = [(name.startswith("sender."), WEIGHT.get(name, 1)) for name in rounds.calls]
    rest = sum(weight for is_rest, weight in weights if is_rest)
    return Cost(sum(weight for is_rest, weight in weights if not is_rest), rest, in_a_row)


def documented(operation: str, n: int) -> Cost:
    """What the table of ``docs/architecture.md`` says, for a page or a chat of ``n``."""
    row = re.search(rf"^\| {re.escape(operation)} \|([^|]+)\|([^|]+)\|([^|]+)\|", DOCUMENT.read_text(), re.MULTILINE)
    assert row, f"{DOCUMENT.name} has no row for {operation}"
    cells = (re.sub(r"n/(\d+)", lambda part: str(math.ceil(n / int(part[1]))), cell) for cell in row.groups())
    return Cost(*(eval(cell, {"n": n}) for cell in cells))


def size(operation: str, crowd: int, rooms: int) -> int:
    """What n stands for in a row of the table."""
    if "members" in operation:
        return crowd + 2
    return min(rooms + 1, 20 if "search" in operation else 50)


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("others", [1, 40])
async def test_an_operation_costs_what_the_document_says_however_many_chats_and_users_there_are(
    operation: str, others: int
) -> None:
    wanted = documented(operation, size(operation, others, others))
    assert await cost(operation, crowd=others, rooms=others) == wanted


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_nothing_runs_after_the_answer(operation: str) -> None:
    """A serverless host may freeze what is left behind, so there is nothing."""
    await cost(operation, crowd=1, rooms=1)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_page_of_chats_ends_at_fifty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quota, "MADE_CHATS", 99)
    for operation in ("`GET chats`, a page of n", "`GET me/chats`, a page of n"):
        assert await cost(operation, crowd=1, rooms=70) == documented(operation, 50)
