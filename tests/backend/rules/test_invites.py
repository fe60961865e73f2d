"""A group can be joined by its invite link only, and the link ends when it should."""

import asyncio
import random

import pytest

from shared.model.clock import SECOND, SKEW
from shared.model.records import Invite, Member
from shared.ports.store.chats import Addition
from shared.wire.chat_events import ChatJoined
from tests.backend.slow import SlowSender, SlowStore
from tests.backend.stage import Player, Stage, new_id

WEEK = 7 * 24 * 3600
# The number of interleavings of two events to try.
MOMENTS = 200


@pytest.fixture
def stage() -> Stage:
    return Stage()


async def group(owner: Player) -> str:
    chat_id = new_id()
    await owner.does("createChat", {"id": chat_id, "name": "Surprise", "kind": "group"})
    return chat_id


async def test_nobody_hears_of_a_group_or_finds_it_but_its_owner(stage: Stage) -> None:
    ann, eve = await stage.user("Ann"), await stage.user("Eve")
    ann.heard(), eve.heard()
    chat_id = await group(ann)
    assert [chat["id"] for chat in ann.heard("chatCreated")] == [chat_id]
    assert eve.heard() == []
    assert await stage.store.chats.listed("", 9) == await Stage().store.chats.listed("", 9)
    assert await eve.code("joinChat", chat_id) == "ChatNotFound"
    message = {"chatId": chat_id, "id": new_id(), "message": "hi"}
    assert await eve.code("saveMessage", message) == "ChatNotFound"


async def test_whoever_has_the_link_joins_and_is_told_the_chat(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await group(ann)
    joined = await bob.does("acceptInvite", {"token": await ann.link(chat_id)})
    assert isinstance(joined, ChatJoined)
    assert (joined.id, joined.kind, set(joined.members)) == (chat_id, "group", {ann.id, bob.id})
    assert bob.hears(chat_id) and bob.may_speak_in(chat_id)
    assert [one["userId"] for one in ann.heard("memberJoined")] == [bob.id]


async def test_accepting_again_changes_nothing(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    token = await ann.link(chat_id := await group(ann))
    await bob.does("acceptInvite", {"token": token})
    ann.heard()
    await bob.does("acceptInvite", {"token": token})
    assert ann.heard("memberJoined") == []
    assert await stage.members(chat_id) == {ann.id, bob.id}


async def test_only_the_owner_of_a_group_makes_links(stage: Stage) -> None:
    ann, bob, eve = [await stage.user(name) for name in ("Ann", "Bob", "Eve")]
    chat_id = await group(ann)
    await bob.does("acceptInvite", {"token": await ann.link(chat_id)})
    assert await bob.code("createInvite", {"chatId": chat_id}) == "NotTheOwner"
    assert await eve.code("createInvite", {"chatId": chat_id}) == "ChatNotFound"
    assert await ann.code("createInvite", {"chatId": await stage.chat(ann)}) == "BadRequest"


async def test_a_link_is_the_same_for_a_week_and_leads_nowhere_after_it(stage: Stage) -> None:
    ann, bob, cat, dan = [await stage.user(name) for name in ("Ann", "Bob", "Cat", "Dan")]
    chat_id = await group(ann)
    token = await ann.link(chat_id)
    stage.clock.pass_seconds(WEEK - 60)
    assert await ann.link(chat_id) == token
    await bob.does("acceptInvite", {"token": token})
    # Who accepts it may meet an instance whose clock is ahead.
    stage.clock.pass_seconds(60 + SKEW / SECOND - 1)
    assert await cat.code("acceptInvite", {"token": token}) == ""
    stage.clock.pass_seconds(1)
    assert await dan.code("acceptInvite", {"token": token}) == "InviteNotFound"
    assert await ann.link(chat_id) != token


async def test_who_is_removed_while_a_second_tab_accepts_stays_out(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    tab = await bob.another_tab()
    token = await ann.link(chat_id := await group(ann))
    held, go = asyncio.Event(), asyncio.Event()
    add = stage.store.chats.add

    async def slow_add(chat_id: str, member: Member) -> Addition:
        held.set()
        await go.wait()
        return await add(chat_id, member)

    monkeypatch.setattr(stage.store.chats, "add", slow_add)
    hanging = asyncio.create_task(tab.code("acceptInvite", {"token": token}))
    await held.wait()
    monkeypatch.setattr(stage.store.chats, "add", add)
    await bob.does("acceptInvite", {"token": token})
    await ann.does("removeMember", {"chatId": chat_id, "userId": bob.id})
    go.set()
    assert await hanging == "InviteNotFound"
    assert await stage.members(chat_id) == {ann.id}
    assert not bob.hears(chat_id) and not tab.may_speak_in(chat_id)


async def test_who_is_removed_in_the_moment_of_coming_in_does_not_come_back_by_the_link() -> None:
    for seed in range(MOMENTS):
        chance = random.Random(seed)
        stage = Stage(SlowStore(chance), SlowSender(chance))
        ann, bob = await stage.user("Ann"), await stage.user("Bob")
        token = await ann.link(chat_id := await group(ann))
        removal = ann.does("removeMember", {"chatId": chat_id, "userId": bob.id})
        refused, _ = await asyncio.gather(bob.code("acceptInvite", {"token": token}), removal)
        came_in = bob.id in await stage.members(chat_id)
        # If the removal was first, it ended nothing.
        assert await bob.code("acceptInvite", {"token": token}) == ("" if came_in else "InviteNotFound"), seed
        assert bob.may_speak_in(chat_id) == bob.hears(chat_id) == came_in, seed
        assert not (refused and came_in), seed


async def test_a_group_that_is_deleted_in_the_moment_of_coming_in_is_a_link_that_leads_nowhere() -> None:
    codes = set()
    for seed in range(MOMENTS):
        chance = random.Random(seed)
        stage = Stage(SlowStore(chance), SlowSender(chance))
        ann, bob = await stage.user("Ann"), await stage.user("Bob")
        token = await ann.link(chat_id := await group(ann))
        code, _ = await asyncio.gather(bob.code("acceptInvite", {"token": token}), ann.does("deleteChat", chat_id))
        codes.add(code)
        assert not bob.may_speak_in(chat_id) and not bob.hears(chat_id), seed
        assert await stage.store.memberships.read(bob.id, chat_id) is None, seed
    assert codes <= {"", "InviteNotFound"}


async def test_a_member_who_accepts_while_the_link_ends_stays(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    ann, bob, cat = [await stage.user(name) for name in ("Ann", "Bob", "Cat")]
    token = await ann.link(chat_id := await group(ann))
    for one in (bob, cat):
        await one.does("acceptInvite", {"token": token})
    read = stage.store.invites.read

    async def read_then_ended(chat_id: str) -> Invite | None:
        monkeypatch.undo()
        kept = await read(chat_id)
        await ann.does("removeMember", {"chatId": chat_id, "userId": cat.id})
        return kept

    monkeypatch.setattr(stage.store.invites, "read", read_then_ended)
    await bob.does("acceptInvite", {"token": token})
    assert await stage.members(chat_id) == {ann.id, bob.id} and bob.hears(chat_id)


async def test_a_removal_that_ends_nothing_leaves_the_link(stage: Stage) -> None:
    ann, bob, eve = [await stage.user(name) for name in ("Ann", "Bob", "Eve")]
    token = await ann.link(chat_id := await group(ann))
    assert await ann.code("removeMember", {"chatId": chat_id, "userId": "nobody"}) == "UserNotFound"
    await ann.does("removeMember", {"chatId": chat_id, "userId": eve.id})
    await bob.does("acceptInvite", {"token": token})


async def test_a_link_that_is_forged_or_another_chats_leads_nowhere(stage: Stage) -> None:
    ann, eve = await stage.user("Ann"), await stage.user("Eve")
    one, other = await group(ann), await group(ann)
    secret = (await ann.link(one)).partition(".")[2]
    await ann.link(other)
    for token in (f"{other}.{secret}", f"{one}.{secret[:-1]}", f"{one}.x", f"{new_id()}.{secret}"):
        assert await eve.code("acceptInvite", {"token": token}) == "InviteNotFound"
    assert ann.heard("memberJoined") == []
    assert await ann.code("acceptInvite", {"token": f"{one}.x"}) == "InviteNotFound"
    for wrong in ("", "x", f"{one}.{secret}/..", "." + secret, 3):
        assert await eve.code("acceptInvite", {"token": wrong}) == "BadRequest"


async def test_who_was_removed_does_not_come_back_by_the_link_they_know(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    token = await ann.link(chat_id := await group(ann))
    await bob.does("acceptInvite", {"token": token})
    await ann.does("removeMember", {"chatId": chat_id, "userId": bob.id})
    assert await bob.code("acceptInvite", {"token": token}) == "InviteNotFound"
    assert not bob.hears(chat_id)
    await bob.does("acceptInvite", {"token": await ann.link(chat_id)})
    assert await stage.members(chat_id) == {ann.id, bob.id}


async def test_who_left_a_group_needs_a_link_to_come_back(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    token = await ann.link(chat_id := await group(ann))
    await bob.does("acceptInvite", {"token": token})
    await bob.does("leaveChat", {"chatId": chat_id})
    assert await bob.code("joinChat", chat_id) == "ChatNotFound"
    await bob.does("acceptInvite", {"token": token})
    assert bob.hears(chat_id)


async def test_the_end_of_a_group_is_told_to_its_members_only_and_ends_its_link(stage: Stage) -> None:
    ann, bob, eve = [await stage.user(name) for name in ("Ann", "Bob", "Eve")]
    token = await ann.link(chat_id := await group(ann))
    await bob.does("acceptInvite", {"token": token})
    await ann.does("deleteChat", chat_id)
    assert bob.heard("chatDeleted") == [chat_id]
    assert eve.heard("chatDeleted") == []
    assert not bob.hears(chat_id)
    assert await eve.code("acceptInvite", {"token": token}) == "InviteNotFound"
    assert await stage.store.invites.read(chat_id) is None


async def test_the_group_of_an_owner_who_leaves_goes_to_the_next_who_then_makes_links(stage: Stage) -> None:
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    await bob.does("acceptInvite", {"token": await ann.link(chat_id := await group(ann))})
    await ann.does("leaveChat", {"chatId": chat_id})
    assert await stage.owner(chat_id) == bob.id
    assert await bob.link(chat_id)
