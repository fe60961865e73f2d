"""Rights that are granted while the membership ends: nobody keeps them."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from shared.model.records import Member, Membership
from shared.rules.membership import settling
from shared.wire.connection_state import ConnectionState
from tests.backend.memory.sender import MemorySender
from tests.backend.stage import Player, Stage

ENDINGS = ["leaveChat", "removeMember", "deleteChat"]


class Interrupted(MemorySender):
    """Runs something else, once, right before rights are granted to a connection."""

    meanwhile: Callable[[], Awaitable[object]] | None = None

    async def allow(self, connection_id: str, chat_id: str) -> None:
        if self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            await meanwhile()
        await super().allow(connection_id, chat_id)


@pytest.fixture
def sender() -> Interrupted:
    return Interrupted()


@pytest.fixture
def stage(sender: Interrupted) -> Stage:
    return Stage(sender=sender)


def ending(name: str, owner: Player, tab: Player, chat_id: str) -> Callable[[], Awaitable[object]]:
    """Ends what ``tab`` belongs to."""
    removal = {"chatId": chat_id, "userId": tab.id}
    return {
        "leaveChat": lambda: tab.does("leaveChat", {"chatId": chat_id}),
        "removeMember": lambda: owner.does("removeMember", removal),
        "deleteChat": lambda: owner.does("deleteChat", chat_id),
    }[name]


async def check(stage: Stage, chat_id: str, *tabs: Player) -> None:
    assert isinstance(stage.sender, Interrupted) and stage.sender.meanwhile is None
    assert tabs[0].id not in await stage.members(chat_id)
    for tab in tabs:
        assert not (tab.may_speak_in(chat_id) or tab.may_visit(chat_id) or tab.hears(chat_id))


@pytest.mark.parametrize("name", ENDINGS)
@pytest.mark.parametrize("again", [False, True], ids=["joining", "a member already"])
async def test_who_joins_while_it_ends(stage: Stage, sender: Interrupted, name: str, again: bool) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    tab = await bob.another_tab()
    chat_id = await stage.chat(ann, *([bob] if again else []))
    sender.meanwhile = ending(name, ann, tab, chat_id)
    await bob.code("joinChat", chat_id)
    await check(stage, chat_id, bob, tab)


async def test_who_makes_a_chat_while_it_ends(stage: Stage, sender: Interrupted) -> None:
    ann, chat_id = await stage.user("Ann"), "11111111-2222-4333-8444-555555555555"
    tab = await ann.another_tab()
    sender.meanwhile = ending("leaveChat", ann, tab, chat_id)
    await ann.code("createChat", {"id": chat_id, "name": "Tea"})
    await check(stage, chat_id, ann, tab)


async def test_who_leaves_a_private_chat_while_the_other_opens_it(stage: Stage, sender: Interrupted) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    await ann.does("createPrivateChat", {"targetUserId": bob.id})
    [opened] = bob.heard("joinPrivateChat")
    sender.meanwhile = ending("leaveChat", ann, bob, opened["id"])
    await ann.does("createPrivateChat", {"targetUserId": bob.id})
    await check(stage, opened["id"], bob)


async def test_who_leaves_a_private_chat_while_another_tab_joins_it(stage: Stage, sender: Interrupted) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    tab = await bob.another_tab()
    await ann.does("createPrivateChat", {"targetUserId": bob.id})
    [opened] = bob.heard("joinPrivateChat")
    sender.meanwhile = ending("leaveChat", ann, tab, opened["id"])
    await bob.does("joinChat", opened["id"])
    await check(stage, opened["id"], bob, tab)


@pytest.mark.parametrize("name", ENDINGS)
async def test_whose_new_connection_is_caught_up_with_while_it_ends(
    stage: Stage, sender: Interrupted, name: str
) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    state = ConnectionState(stage.clock())
    chat_id = await stage.chat(ann, bob)
    tab = bob.silent_tab()
    tab.state = state
    sender.meanwhile = ending(name, ann, bob, chat_id)
    await tab.does("userConnected", {})
    await check(stage, chat_id, bob, tab)


async def test_a_user_who_leaves_in_another_tab_while_a_join_is_retried_stays_out(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    tab, chat_id = await bob.another_tab(), await stage.chat(ann, bob)
    read = stage.store.memberships.read
    place = await read(bob.id, chat_id)
    assert place is not None
    await settling.begin(stage.backend, replace(place, state="joining"))

    async def read_then_left(user_id: str, chat_id: str) -> Membership | None:
        monkeypatch.undo()
        kept = await read(user_id, chat_id)
        await tab.does("leaveChat", {"chatId": chat_id})
        return kept

    monkeypatch.setattr(stage.store.memberships, "read", read_then_left)
    await bob.code("joinChat", chat_id)
    await check(stage, chat_id, bob, tab)


async def test_a_user_who_leaves_at_the_moment_of_joining_is_out(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann)
    joined = stage.clock()
    await settling.begin(stage.backend, Membership(bob.id, chat_id, "Tea", "public", joined, state="joining"))

    async def none_yet(chat_id: str, user_id: str) -> None:
        monkeypatch.undo()
        await stage.store.chats.add(chat_id, Member(user_id, "Bob", joined))

    monkeypatch.setattr(stage.store.chats, "member", none_yet)
    await bob.does("leaveChat", {"chatId": chat_id})
    await check(stage, chat_id, bob)
