"""All operations whose cost ``docs/architecture.md`` states, with their set-up and the stated cost."""

import itertools
import math
import re
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from shared import dispatch
from shared.backend import Actor
from shared.dispatch import perform
from shared.model.clock import SECOND
from shared.model.records import Profile
from shared.rules.chats import blocking, directory, member_list, own_list
from shared.rules.connection import tokens
from shared.rules.history import export, messages, search
from shared.rules.presence import online_list
from shared.settings import CONNECTIONS_PER_USER
from shared.wire.cloudevents import ConnectRequest
from shared.wire.connection_state import ConnectionState
from shared.wire.events import UserConnected
from tests.backend.stage import Player, Stage, new_id

DOCUMENT = Path(__file__).parents[3] / "docs" / "architecture.md"
# Calls that make more than one request (``test_costs_on_the_wire.py``): rights in a chat are two permissions, and a
# purge reads before it deletes.
WEIGHT = {"sender.allow": 2, "sender.forbid": 2, "chats.purge_members": 2, "messages.purge": 2}
# The state of a connection that was opened long after the user joined all chats.
FRESH = ConnectionState(2_000_000_000 * SECOND)

MESSAGE = new_id()


@dataclass(frozen=True)
class Scene:
    """Ann's chat, which Member and others have joined but Bob has not, and one of two tabs of a user.

    ``group`` is Ann's group and ``invite`` its link if the operation needs them; else they are empty.
    """

    stage: Stage
    ann: Player
    bob: Player
    member: Player
    tab: Player
    chat_id: str
    group: str = ""
    invite: str = ""


Act = Callable[[Scene], Awaitable[object]]


async def connect(scene: Scene) -> None:
    names = (f"c{number}" for number in itertools.count())
    other = next(name for name in names if first_slot(name) != first_slot(scene.ann.connection))
    await dispatch.connect(scene.stage.backend, Actor(scene.ann.id, other), ConnectRequest())


def first_slot(connection_id: str) -> int:
    """The number of the slot that a connection tries first."""
    return zlib.crc32(connection_id.encode()) % CONNECTIONS_PER_USER


async def connected(scene: Scene) -> None:
    state = ConnectionState(1)
    await tokens.on_connected(scene.stage.backend, Actor(scene.bob.id, "c0", state))


async def first_tab(scene: Scene) -> None:
    await perform(scene.stage.backend, Actor("new", "c0", FRESH, "1"), UserConnected())


async def further_tab(scene: Scene) -> None:
    await perform(scene.stage.backend, Actor(scene.ann.id, "c0", FRESH, "1"), UserConnected())


async def idle_and_back(scene: Scene) -> None:
    await scene.ann.does("userEnterIdle")


async def open_private_chat(scene: Scene) -> None:
    await scene.ann.does("createPrivateChat", {"targetUserId": scene.bob.id})


async def one_of_two_tabs(scene: Scene) -> None:
    await scene.tab.closes()


async def say(scene: Scene) -> None:
    await scene.ann.does("saveMessage", {"chatId": scene.chat_id, "id": new_id(), "message": "hi"})


OPERATIONS: dict[str, Act] = {
    "`connect`": connect,
    "`connected`": connected,
    "`userConnected`, first tab": first_tab,
    "`userConnected`, further tab": further_tab,
    "`disconnected`, last tab": lambda s: s.ann.closes(),
    "`disconnected`, one of two tabs": one_of_two_tabs,
    "`userEnterIdle`": idle_and_back,
    "`createChat`": lambda s: s.ann.does("createChat", {"id": new_id(), "name": "Tea"}),
    "`deleteChat`, n members": lambda s: s.ann.does("deleteChat", s.chat_id),
    "`joinChat`": lambda s: s.bob.does("joinChat", s.chat_id),
    "`joinChat`, moderated chat": lambda s: s.bob.does("joinChat", s.chat_id),
    "`joinChat`, member already": lambda s: s.ann.does("joinChat", s.chat_id),
    "`leaveChat`": lambda s: s.member.does("leaveChat", {"chatId": s.chat_id}),
    "`leaveChat`, owner": lambda s: s.ann.does("leaveChat", {"chatId": s.chat_id}),
    "`removeMember`": lambda s: s.ann.does("removeMember", {"chatId": s.chat_id, "userId": s.member.id}),
    "`createInvite`": lambda s: s.ann.does("createInvite", {"chatId": s.group}),
    "`acceptInvite`": lambda s: s.bob.does("acceptInvite", {"token": s.invite}),
    "`removeMember`, group": lambda s: s.ann.does("removeMember", {"chatId": s.group, "userId": s.bob.id}),
    "`createPrivateChat`": open_private_chat,
    "`createPrivateChat`, open already": open_private_chat,
    "`blockUser`": lambda s: s.ann.does("blockUser", {"userId": s.bob.id}),
    "`GET me/blocked`, a page": lambda s: blocking.page(s.stage.backend, s.ann.id, ""),
    "`saveMessage`": say,
    "`saveMessage`, moderated chat": say,
    "`editMessage`": lambda s: s.ann.does("editMessage", {"chatId": s.chat_id, "id": MESSAGE, "message": "ho"}),
    "`deleteMessage`": lambda s: s.ann.does("deleteMessage", {"chatId": s.chat_id, "id": MESSAGE}),
    "`react`": lambda s: s.ann.does("react", {"chatId": s.chat_id, "id": MESSAGE, "emoji": "👍", "on": True}),
    "`markRead`": lambda s: s.member.does("markRead", {"chatId": s.chat_id, "id": MESSAGE}),
    "`GET getToken`": lambda s: tokens.client_access(s.stage.backend, Profile(s.ann.id, "Ann", "test")),
    "`GET users`, a page": lambda s: online_list.page(s.stage.backend, s.ann.id, ""),
    "`GET chats/{id}/members`, a page": lambda s: member_list.page(s.stage.backend, s.bob.id, s.chat_id, ""),
    "`GET chats/{id}/messages`": lambda s: messages.page(s.stage.backend, s.ann.id, s.chat_id),
    "`GET chats/{id}/export`, a page": lambda s: export.page(s.stage.backend, s.ann.id, s.chat_id, ""),
    "`GET search`, n chats": lambda s: search.in_own_chats(s.stage.backend, s.ann.id, "nowhere", ""),
    "`GET search`, in one chat": lambda s: search.in_chat(s.stage.backend, s.ann.id, s.chat_id, "hi", ""),
    "`GET chats`, a page of n": lambda s: directory.page(s.stage.backend, ""),
    "`GET me/chats`, a page of n": lambda s: own_list.page(s.stage.backend, s.ann.id, ""),
}


async def prepared(stage: Stage, operation: str, crowd: int, rooms: int) -> Scene:
    """The scene, with ``crowd`` more users in the chat; Ann owns ``rooms`` more."""
    ann, bob, member = [await stage.user(name) for name in ("Ann", "Bob", "Member")]
    tab = await (await stage.user("Tabs")).another_tab()
    others = [member, *[await stage.user(f"User{number}") for number in range(crowd)]]
    chat_id = await stage.chat(ann, *others, moderated="moderated" in operation)
    for _ in range(rooms):
        await stage.chat(ann)
    await ann.does("saveMessage", {"chatId": chat_id, "id": MESSAGE, "message": "hi"})
    scene = Scene(stage, ann, bob, member, tab, chat_id)
    if "open already" in operation or operation == "`blockUser`":
        await open_private_chat(scene)
    if "Invite" in operation or "group" in operation:
        scene = replace(scene, group=new_id())
        await ann.does("createChat", {"id": scene.group, "name": "Group", "kind": "group"})
    if "acceptInvite" in operation:
        scene = replace(scene, invite=await ann.link(scene.group))
    if "group" in operation:
        await bob.does("acceptInvite", {"token": await ann.link(scene.group)})
    stage.sender.open("c0", ann.id if "further" in operation else "new")
    return scene


class Cost(NamedTuple):
    """Storage requests, REST calls, and how many of them run in sequence."""

    storage: int
    rest: int
    in_a_row: int


def documented(operation: str, n: int) -> Cost:
    """The cost according to ``docs/architecture.md``, for a page or a chat of ``n``."""
    row = re.search(rf"^\| {re.escape(operation)} \|([^|]+)\|([^|]+)\|([^|]+)\|", DOCUMENT.read_text(), re.MULTILINE)
    assert row, f"{DOCUMENT.name} has no row for {operation}"
    cells = (re.sub(r"n/(\d+)", lambda part: str(math.ceil(n / int(part[1]))), cell) for cell in row.groups())
    return Cost(*(eval(cell, {"n": n}) for cell in cells))


def size(operation: str, crowd: int, rooms: int) -> int:
    """The value of n in a row of the table."""
    if "members" in operation:
        return crowd + 2
    return min(rooms + 1, 20 if "search" in operation else 50)
