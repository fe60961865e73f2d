"""What a change that broke off leaves of a membership is settled by whoever reads it next.

The process is killed at every call that an event makes to storage and Web PubSub, and nobody tries again.
"""

import asyncio
import random
from typing import Literal

import pytest

from shared import chats, members, memberships, own_chats, tokens
from shared.clock import SECOND
from shared.cloudevents import ConnectRequest
from shared.endings import GIVEN_UP
from shared.errors import Unavailable
from shared.records import Member, Membership, Profile
from tests.backend.cleaning import cleaned
from tests.backend.memory_sender import MemorySender
from tests.backend.memory_store import MemoryStore
from tests.backend.scenes import CHAT, SCENES
from tests.backend.stage import Player, Stage
from tests.backend.test_interleavings import SlowSender, SlowStore
from tests.backend.test_retries import MOMENTS

CHANGES = [
    "createChat",
    "joinChat",
    "leaveChat",
    "leaveChat of the owner",
    "leaveChat of the last",
    "removeMember",
    "deleteChat",
    "createPrivateChat",
    "createPrivateChat again",
]
MOST_CALLS = 100


class Killed:
    """From call number ``at`` on nothing is done any more, until ``at`` is 0."""

    def __init__(self) -> None:
        self.at = self.calls = 0

    def before_call(self, name: str) -> None:
        self.calls += 1
        if self.at and self.calls >= self.at:
            raise Unavailable


async def broken_off(scene: str, at: int) -> tuple[Stage, list[Player], bool]:
    """A scene whose event was killed at a call; and whether it was."""
    before, act = SCENES[scene]
    killed = Killed()
    stage = Stage(MemoryStore(killed.before_call), MemorySender(killed.before_call))
    players = [await stage.user(name) for name in ("Ann", "Bob", "Cat")]
    await before(players)
    killed.at, killed.calls = at, 0
    try:
        await act(players)
    except Unavailable:
        return stage, players, True
    finally:
        killed.at = 0
        # So long that nobody may still be at it.
        stage.clock.pass_seconds(2 * GIVEN_UP / SECOND)
    return stage, players, False


async def assert_whole(stage: Stage, players: list[Player]) -> None:
    """Both sides of every membership agree, and the rights, the directory and the lists with them."""
    store = stage.store
    for chat in list(store.chats.rows.values()):
        members = set() if chat.deleted else set(store.chats.people[chat.id])
        assert {user for user, chat_id in store.memberships.rows if chat_id == chat.id} == members
        assert (chat.id in store.chats.directory) == (chat.kind == "public" and not chat.deleted)
        for player in players:
            assert player.may_speak_in(chat.id) == player.hears(chat.id) == (player.id in members)
            assert store.messages.is_barred(chat.id, player.id) == (player.id not in members)
            listed = (await own_chats.page(stage.backend, player.id, "")).items
            assert (chat.id in {one.id for one in listed}) == (player.id in members)
    assert {place.state for place in store.memberships.rows.values()} <= {"member"}


@pytest.mark.parametrize("scene", CHANGES)
async def test_a_change_that_broke_off_is_finished_or_undone_when_its_users_look_at_their_chats(scene: str) -> None:
    for at in range(1, MOST_CALLS):
        stage, players, was_killed = await broken_off(scene, at)
        for player in players:
            await own_chats.page(stage.backend, player.id, "")
        await chats.public_page(stage.backend, "")
        await assert_whole(stage, players)
        if not was_killed:
            assert at > 5
            return
    pytest.fail("the scene makes more calls than the test tries")


# Who goes, and each who might come by alone afterwards.
ENDS = [
    ("leaveChat", 1, 0),
    ("leaveChat", 1, 2),
    ("leaveChat of the owner", 0, 1),
    ("leaveChat of the owner", 0, 2),
    ("leaveChat of the last", 0, 1),
    ("removeMember", 1, 0),
    ("removeMember", 1, 2),
    ("removeMember of a group", 1, 0),
    ("deleteChat", 0, 1),
    ("deleteChat", 0, 2),
    ("deleteChat, a group", 0, 1),
]


def assert_only_members_have_rights(stage: Stage, players: list[Player], but: int | None = None) -> None:
    """``but`` may have them in a deleted chat where nobody else is left to hear it."""
    for chat in stage.store.chats.rows.values():
        members = set() if chat.deleted else set(stage.store.chats.people[chat.id])
        has_any = {
            number
            for number, player in enumerate(players)
            if player.may_speak_in(chat.id) or player.may_visit(chat.id) or player.hears(chat.id)
        }
        outsiders = {number for number in has_any if players[number].id not in members}
        assert not outsiders or (chat.deleted and outsiders == {but})


@pytest.mark.parametrize("way", ["lists", "members"])
@pytest.mark.parametrize(("scene", "goes", "reads"), ENDS)
async def test_an_end_that_broke_off_is_finished_when_somebody_else_reads(
    scene: str, goes: int, reads: int, way: str
) -> None:
    """Who has gone need not come back: their rights end, and the others hear of it."""
    for at in range(1, MOST_CALLS):
        stage, players, was_killed = await broken_off(scene, at)
        reader = players[reads]
        await own_chats.page(stage.backend, reader.id, "")
        if way == "lists" or stage.store.chats.rows[CHAT].deleted:
            await chats.public_page(stage.backend, "")
        elif reader.id in stage.store.chats.people[CHAT] or stage.store.chats.rows[CHAT].kind == "public":
            await members.page(stage.backend, reader.id, CHAT, "")
        assert_only_members_have_rights(stage, players, but=goes)
        assert not stage.store.chats.endings[CHAT]
        if not was_killed:
            return


@pytest.mark.parametrize("scene", sorted({scene for scene, _, _ in ENDS}))
async def test_an_end_that_broke_off_is_finished_by_the_clean_up(scene: str) -> None:
    for at in range(1, MOST_CALLS):
        stage, players, was_killed = await broken_off(scene, at)
        await cleaned(stage)
        assert_only_members_have_rights(stage, players)
        await assert_whole(stage, players)
        assert not stage.store.chats.endings[CHAT]
        if not was_killed:
            return


@pytest.mark.parametrize("reads", ["the owner", "the clean-up"])
async def test_who_is_removed_while_web_pubsub_is_away_is_out_when_it_is_back(reads: str) -> None:
    away = Away()
    stage = Stage(sender=MemorySender(away.before_call))
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, bob)
    away.is_away = True
    assert await ann.code("removeMember", {"chatId": chat_id, "userId": bob.id}) == "Unavailable"
    assert await stage.members(chat_id) == {ann.id} and bob.may_speak_in(chat_id)
    for _ in range(3):
        # Whoever reads in the meantime is answered all the same, and so is who was removed.
        stage.clock.pass_seconds(2 * GIVEN_UP / SECOND)
        [listed] = (await own_chats.page(stage.backend, ann.id, "")).items
        assert set(listed.members) == {ann.id}
        assert (await own_chats.page(stage.backend, bob.id, "")).items == ()
    away.is_away = False
    stage.clock.pass_seconds(2 * GIVEN_UP / SECOND)
    if reads == "the owner":
        await own_chats.page(stage.backend, ann.id, "")
    else:
        await cleaned(stage)
    assert not bob.may_speak_in(chat_id) and not bob.hears(chat_id)
    [left] = ann.heard("memberLeft")
    assert left == {"chatId": chat_id, "userId": bob.id, "userName": "Bob", "removed": True}
    assert bob.heard("memberLeft") == [left]
    await assert_whole(stage, [ann, bob])


async def test_who_comes_back_before_their_end_was_finished_keeps_what_they_have() -> None:
    away = Away()
    stage = Stage(sender=MemorySender(away.before_call))
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, bob)
    away.is_away = True
    assert await ann.code("removeMember", {"chatId": chat_id, "userId": bob.id}) == "Unavailable"
    away.is_away = False
    await bob.does("joinChat", chat_id)
    stage.clock.pass_seconds(2 * GIVEN_UP / SECOND)
    await own_chats.page(stage.backend, ann.id, "")
    assert bob.may_speak_in(chat_id) and bob.hears(chat_id) and ann.heard("memberLeft") == []
    assert not stage.store.chats.endings[chat_id]
    await assert_whole(stage, [ann, bob])


async def test_of_many_who_read_at_once_one_finishes_what_was_given_up() -> None:
    """The others look on and cost nothing more."""
    for at in range(1, MOST_CALLS):
        stage, players, _ = await broken_off("removeMember", at)
        if stage.store.chats.endings[CHAT]:
            break
    stage.sender.calls.clear()
    await asyncio.gather(*(chats.public_page(stage.backend, "") for _ in range(9)))
    assert not stage.store.chats.endings[CHAT]
    assert stage.sender.calls.count("exit") == 1
    assert len(players[0].heard("memberLeft")) == 1


@pytest.mark.usefixtures("half_purged")
async def test_a_deleted_chat_with_more_members_than_a_call_may_dismiss_is_emptied_by_its_readers() -> None:
    stage = Stage()
    players = [await stage.user(name) for name in ("Ann", "Bob", "Cat", "Dan")]
    chat_id = await stage.chat(*players)
    await players[0].does("deleteChat", chat_id)
    assert sum(one.may_speak_in(chat_id) for one in players) > 1
    for _ in range(3):
        stage.clock.pass_seconds(2 * GIVEN_UP / SECOND)
        await chats.public_page(stage.backend, "")
    assert_only_members_have_rights(stage, players)
    await assert_whole(stage, players)


class Away:
    """Web PubSub's REST side answers nothing but 503 while ``is_away``."""

    is_away = False

    def before_call(self, name: str) -> None:
        if self.is_away:
            raise Unavailable


@pytest.mark.parametrize("then", ["joins it", "leaves it to another"])
async def test_a_chat_whose_making_broke_off_is_listed_when_its_maker(then: str) -> None:
    for at in range(1, MOST_CALLS):
        stage, players, was_killed = await broken_off("createChat", at)
        ann, bob, _ = players
        if CHAT in stage.store.chats.rows:
            if then == "leaves it to another":
                await bob.does("joinChat", CHAT)
                await ann.does("leaveChat", {"chatId": CHAT})
            else:
                await ann.does("joinChat", CHAT)
            assert CHAT in [chat["id"] for chat in bob.heard("chatCreated")]  # type: ignore[index]
            await assert_whole(stage, players)
        if not was_killed:
            return


async def test_an_heir_whose_join_broke_off_is_told_to_the_members_when_they_join_once_more() -> None:
    stage = Stage()
    ann, bob, cat = [await stage.user(name) for name in ("Ann", "Bob", "Cat")]
    chat_id = await stage.chat(ann)
    joined = stage.clock()
    await memberships.begin(stage.backend, Membership(bob.id, chat_id, "Tea", "public", joined, state="joining"))
    await stage.store.chats.add(chat_id, Member(bob.id, "Bob", joined))
    await cat.does("joinChat", chat_id)
    await ann.does("leaveChat", {"chatId": chat_id})
    assert stage.store.chats.rows[chat_id].owner == bob.id
    await bob.does("joinChat", chat_id)
    assert [event["userId"] for event in cat.heard("memberJoined")] == [cat.id, bob.id]


@pytest.mark.parametrize("scene", CHANGES)
async def test_a_change_that_broke_off_gives_a_new_connection_the_rights_of_members_only(scene: str) -> None:
    """In a deleted chat, too, nobody who was not a member may speak; there is nobody left to hear it."""
    for at in range(1, MOST_CALLS):
        stage, players, was_killed = await broken_off(scene, at)
        chats = stage.store.chats
        for player in players:
            rights = await tokens.on_connect(stage.backend, player.id, ConnectRequest())
            for chat_id in rights.groups:
                assert player.id in chats.people[chat_id] or player.id == chats.rows[chat_id].owner
        if not was_killed:
            return


async def test_a_join_that_broke_off_behind_the_members_row_gives_a_new_connection_its_rights() -> None:
    stage = Stage()
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann)
    joined = stage.clock()
    await memberships.begin(stage.backend, Membership(bob.id, chat_id, "Tea", "public", joined, state="joining"))
    assert (await tokens.on_connect(stage.backend, bob.id, ConnectRequest())).groups == []
    await stage.store.chats.add(chat_id, Member(bob.id, "Bob", joined))
    assert (await tokens.on_connect(stage.backend, bob.id, ConnectRequest())).groups == [chat_id]


@pytest.mark.parametrize("state", ["joining", "leaving"])
async def test_a_change_that_broke_off_does_not_keep_a_new_token_from_connecting(
    state: Literal["joining", "leaving"],
) -> None:
    """``connect`` refuses a token that names a chat in which its user is no member."""
    stage = Stage()
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id, other = await stage.chat(ann), await stage.chat(ann, bob)
    await memberships.begin(stage.backend, Membership(bob.id, chat_id, "Tea", "public", stage.clock(), state=state))
    access = await tokens.client_access(stage.backend, Profile(bob.id, "Bob", "test"))
    named = access.token.split("|")[2].split(",")
    assert (await tokens.on_connect(stage.backend, bob.id, ConnectRequest({tokens.GROUP_CLAIM: named}))).groups == [
        other
    ]


async def test_who_joined_in_a_call_that_broke_off_is_announced_once_when_they_look() -> None:
    stage = Stage()
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann)
    joined = stage.clock()
    await memberships.begin(stage.backend, Membership(bob.id, chat_id, "Tea", "public", joined, state="joining"))
    await stage.store.chats.add(chat_id, Member(bob.id, "Bob", joined))
    for _ in range(2):
        await own_chats.page(stage.backend, bob.id, "")
    assert [event["userId"] for event in ann.heard("memberJoined")] == [bob.id]
    assert bob.may_speak_in(chat_id) and bob.hears(chat_id)


async def test_of_a_chat_made_and_left_in_two_tabs_at_once_its_maker_hears_no_refusal() -> None:
    """It was made; that it has ended since is told by `chatDeleted`."""
    ended = 0
    for seed in range(MOMENTS):
        chance = random.Random(seed)
        stage = Stage(SlowStore(chance), SlowSender(chance))
        ann = await stage.user("Ann")
        tab = await ann.another_tab()
        made = ann.code("createChat", {"id": CHAT, "name": "Tea"})
        assert await asyncio.gather(made, tab.code("leaveChat", {"chatId": CHAT})) == ["", ""]
        chat = await stage.store.chats.read(CHAT)
        assert chat is not None
        ended += chat.deleted
        assert chat.deleted is not ann.may_speak_in(CHAT) is tab.may_speak_in(CHAT)
        await assert_whole(stage, [ann, tab])
    assert 0 < ended < MOMENTS
