"""A membership change that was interrupted is settled by the next reader.

The process is killed at each call of an event to storage and Web PubSub, and nobody retries.
"""

import asyncio
import random
from typing import Literal

import pytest

from shared.model.records import Member, Membership, Profile
from shared.rules.chats import directory, own_list
from shared.rules.connection import tokens
from shared.rules.membership import settling
from shared.wire.cloudevents import ConnectRequest
from tests.backend.broken_off import CHANGES, MOST_CALLS, assert_whole, broken_off
from tests.backend.scenes import CHAT
from tests.backend.slow import MOMENTS, SlowSender, SlowStore
from tests.backend.stage import Stage


@pytest.mark.parametrize("scene", CHANGES)
async def test_an_interrupted_change_is_finished_or_undone_when_its_users_read_their_chats(scene: str) -> None:
    for at in range(1, MOST_CALLS):
        stage, players, was_killed = await broken_off(scene, at)
        for player in players:
            await own_list.page(stage.backend, player.id, "")
        await directory.page(stage.backend, "")
        await assert_whole(stage, players)
        if not was_killed:
            assert at > 5
            return
    pytest.fail("the scene makes more calls than the test tries")


@pytest.mark.parametrize("then", ["joins it", "leaves it to another"])
async def test_a_chat_whose_making_broke_off_is_listed_when_its_maker(then: str) -> None:
    for at in range(1, MOST_CALLS):
        stage, players, was_killed = await broken_off("createChat", at)
        ann, bob, _ = players
        if CHAT in stage.memory.chats.rows:
            if then == "leaves it to another":
                await bob.does("joinChat", CHAT)
                await ann.does("leaveChat", {"chatId": CHAT})
            else:
                await ann.does("joinChat", CHAT)
            assert CHAT in [chat["id"] for chat in bob.heard("chatCreated")]
            await assert_whole(stage, players)
        if not was_killed:
            return


async def test_an_heir_whose_join_was_interrupted_is_announced_when_they_join_again() -> None:
    stage = Stage()
    ann, bob, cat = [await stage.user(name) for name in ("Ann", "Bob", "Cat")]
    chat_id = await stage.chat(ann)
    joined = stage.clock()
    await settling.begin(stage.backend, Membership(bob.id, chat_id, "Tea", "public", joined, state="joining"))
    await stage.store.chats.add(chat_id, Member(bob.id, "Bob", joined))
    await cat.does("joinChat", chat_id)
    await ann.does("leaveChat", {"chatId": chat_id})
    assert stage.memory.chats.rows[chat_id].owner == bob.id
    await bob.does("joinChat", chat_id)
    assert [event["userId"] for event in cat.heard("memberJoined")] == [cat.id, bob.id]


@pytest.mark.parametrize("scene", CHANGES)
async def test_after_an_interrupted_change_a_new_connection_has_the_rights_of_members_only(scene: str) -> None:
    """In a deleted chat, only its owner may still have rights, since nobody is left to receive anything."""
    for at in range(1, MOST_CALLS):
        stage, players, was_killed = await broken_off(scene, at)
        chats = stage.memory.chats
        for player in players:
            rights = await tokens.on_connect(stage.backend, player.id, ConnectRequest())
            for chat_id in rights.groups:
                assert player.id in chats.people[chat_id] or player.id == chats.rows[chat_id].owner
        if not was_killed:
            return


async def test_after_a_join_interrupted_after_the_members_row_a_new_connection_has_its_rights() -> None:
    stage = Stage()
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann)
    joined = stage.clock()
    await settling.begin(stage.backend, Membership(bob.id, chat_id, "Tea", "public", joined, state="joining"))
    assert (await tokens.on_connect(stage.backend, bob.id, ConnectRequest())).groups == []
    await stage.store.chats.add(chat_id, Member(bob.id, "Bob", joined))
    assert (await tokens.on_connect(stage.backend, bob.id, ConnectRequest())).groups == [chat_id]


@pytest.mark.parametrize("state", ["joining", "leaving"])
async def test_an_interrupted_change_does_not_keep_a_new_token_from_connecting(
    state: Literal["joining", "leaving"],
) -> None:
    """``connect`` refuses a token with a chat of which its user is not a member."""
    stage = Stage()
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id, other = await stage.chat(ann), await stage.chat(ann, bob)
    await settling.begin(stage.backend, Membership(bob.id, chat_id, "Tea", "public", stage.clock(), state=state))
    access = await tokens.client_access(stage.backend, Profile(bob.id, "Bob", "test"))
    named = access.token.split("|")[2].split(",")
    assert (await tokens.on_connect(stage.backend, bob.id, ConnectRequest({tokens.GROUP_CLAIM: named}))).groups == [
        other
    ]


async def test_a_member_whose_join_was_interrupted_is_announced_once_when_they_read() -> None:
    stage = Stage()
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann)
    joined = stage.clock()
    await settling.begin(stage.backend, Membership(bob.id, chat_id, "Tea", "public", joined, state="joining"))
    await stage.store.chats.add(chat_id, Member(bob.id, "Bob", joined))
    for _ in range(2):
        await own_list.page(stage.backend, bob.id, "")
    assert [event["userId"] for event in ann.heard("memberJoined")] == [bob.id]
    assert bob.may_speak_in(chat_id) and bob.hears(chat_id)


async def test_creating_a_chat_and_leaving_it_in_another_tab_at_once_is_not_refused() -> None:
    """It was created; `chatDeleted` says that it has ended since."""
    ended = 0
    for seed in range(MOMENTS):
        chance = random.Random(seed)
        stage = Stage(SlowStore(chance), SlowSender(chance))
        ann = await stage.user("Ann")
        tab = await ann.another_tab()
        made = ann.code("createChat", {"id": CHAT, "name": "Tea"})
        assert [*await asyncio.gather(made, tab.code("leaveChat", {"chatId": CHAT}))] == ["", ""]
        chat = await stage.store.chats.read(CHAT)
        assert chat is not None
        ended += chat.deleted
        assert chat.deleted is not ann.may_speak_in(CHAT) is tab.may_speak_in(CHAT)
        await assert_whole(stage, [ann, tab])
    assert 0 < ended < MOMENTS
