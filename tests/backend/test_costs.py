"""What each operation costs in storage requests and REST calls: as ``docs/storage.md`` says, whatever the crowd."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from shared import chats, messages, presence, tokens
from shared.backend import Actor
from shared.clock import SECOND
from shared.cloudevents import ConnectRequest
from shared.connection_state import ConnectionState
from shared.dispatch import perform
from shared.events import UserConnected
from shared.records import Profile
from tests.backend.memory_sender import MemorySender
from tests.backend.memory_store import MemoryStore
from tests.backend.stage import Player, Stage, new_id

DOCUMENT = Path(__file__).parents[2] / "docs" / "storage.md"
# Giving or taking a connection's rights in a chat is one call for each of the two permissions.
WEIGHT = {"sender.allow": 2, "sender.forbid": 2}

# The state of a connection that was opened long after everything was joined.
FRESH = ConnectionState(2_000_000_000 * SECOND)

MESSAGE = new_id()

Cost = tuple[int, int]
Act = Callable[[Stage, Player, Player, str], Awaitable[object]]


async def connect(stage: Stage, ann: Player, bob: Player, chat_id: str) -> None:
    await tokens.on_connect(stage.backend, ann.id, ConnectRequest())


async def first_tab(stage: Stage, ann: Player, bob: Player, chat_id: str) -> None:
    await perform(stage.backend, Actor("new", "c0", FRESH), UserConnected())


async def further_tab(stage: Stage, ann: Player, bob: Player, chat_id: str) -> None:
    await perform(stage.backend, Actor(ann.id, "c0", FRESH), UserConnected())


async def idle_and_back(stage: Stage, ann: Player, bob: Player, chat_id: str) -> None:
    await ann.does("userEnterIdle")


async def open_private_chat(stage: Stage, ann: Player, bob: Player, chat_id: str) -> None:
    await ann.does("createPrivateChat", {"targetUserId": bob.id})


async def one_of_two_tabs(stage: Stage, ann: Player, bob: Player, chat_id: str) -> None:
    await stage.tab.closes()


OPERATIONS: dict[str, Act] = {
    "`connect`": connect,
    "`userConnected`, first tab": first_tab,
    "`userConnected`, further tab": further_tab,
    "`disconnected`, last tab": lambda s, a, b, c: a.closes(),
    "`disconnected`, one of two tabs": one_of_two_tabs,
    "`userEnterIdle`": idle_and_back,
    "`createChat`": lambda s, a, b, c: a.does("createChat", {"id": new_id(), "name": "Tea"}),
    "`joinChat`": lambda s, a, b, c: b.does("joinChat", c),
    "`joinChat`, member already": lambda s, a, b, c: a.does("joinChat", c),
    "`leaveChat`": lambda s, a, b, c: s.member.does("leaveChat", {"chatId": c}),
    "`leaveChat`, owner": lambda s, a, b, c: a.does("leaveChat", {"chatId": c}),
    "`removeMember`": lambda s, a, b, c: a.does("removeMember", {"chatId": c, "userId": s.member.id}),
    "`createPrivateChat`": open_private_chat,
    "`saveMessage`": lambda s, a, b, c: a.does("saveMessage", {"chatId": c, "id": new_id(), "message": "hi"}),
    "`editMessage`": lambda s, a, b, c: a.does("editMessage", {"chatId": c, "id": MESSAGE, "message": "ho"}),
    "`deleteMessage`": lambda s, a, b, c: a.does("deleteMessage", {"chatId": c, "id": MESSAGE}),
    "`GET getToken`": lambda s, a, b, c: tokens.client_access(s.backend, Profile(a.id, "Ann", "test")),
    "`GET users`, a page": lambda s, a, b, c: presence.online_page(s.backend, a.id, ""),
    "`GET chats/{id}/messages`": lambda s, a, b, c: messages.page(s.backend, a.id, c),
    "`GET chats`, a page of n": lambda s, a, b, c: chats.public_page(s.backend, ""),
    "`GET me/chats`, a page of n": lambda s, a, b, c: chats.of_user(s.backend, a.id, ""),
}


async def cost(operation: str, crowd: int, rooms: int) -> Cost:
    """Storage requests and REST calls of what Ann does, in a chat with ``crowd`` more users, owning ``rooms`` more."""
    calls: list[str] = []
    stage = Stage(MemoryStore(calls.append), MemorySender(calls.append))
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    stage.member = await stage.user("Member")
    stage.tab = await (await stage.user("Tabs")).another_tab()
    chat_id = await stage.chat(ann, stage.member, *[await stage.user(f"User{number}") for number in range(crowd)])
    for _ in range(rooms):
        await stage.chat(ann)
    await ann.does("saveMessage", {"chatId": chat_id, "id": MESSAGE, "message": "hi"})
    calls.clear()
    await OPERATIONS[operation](stage, ann, bob, chat_id)
    rest = sum(WEIGHT.get(name, 1) for name in calls if name.startswith("sender.") and name != "sender.client_access")
    return sum(not name.startswith("sender.") for name in calls), rest


def documented() -> dict[str, tuple[str, str]]:
    """The table of ``docs/storage.md``: operation, storage requests, REST calls."""
    rows = re.findall(r"^\| (`[^|]+?) \| ([^|]+?) \| ([^|]+?) \|", DOCUMENT.read_text(), re.MULTILINE)
    return {name: (storage, rest) for name, storage, rest in rows if name in OPERATIONS}


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_an_operation_costs_what_the_document_says(operation: str) -> None:
    storage, rest = documented()[operation]
    found = await cost(operation, crowd=0, rooms=0)
    assert found == (eval(storage.replace("n", "1")), eval(rest))


@pytest.mark.parametrize("operation", [name for name in OPERATIONS if not name.endswith("a page of n")])
async def test_an_operation_costs_the_same_however_many_chats_and_users_there_are(operation: str) -> None:
    assert await cost(operation, crowd=0, rooms=0) == await cost(operation, crowd=12, rooms=12)
