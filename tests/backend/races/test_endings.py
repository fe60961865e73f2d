"""An abandoned end of a membership or chat is finished by the next reader of the chat, and by the clean-up.

The former member is not needed for that: the chat's own rows record what is left to do.
"""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from functools import partial

import pytest

from shared.flow import best_effort
from shared.flow.deadline import ABANDONED_AFTER
from shared.model.clock import SECOND
from shared.model.errors import Unavailable
from shared.model.records import Member
from shared.rules.chats import directory, member_list, own_list
from shared.wire import chat_view
from tests.backend.broken_off import ENDS, MOST_CALLS, assert_only_members_have_rights, assert_whole, broken_off
from tests.backend.cleaning import cleaned
from tests.backend.memory.part import straight_on
from tests.backend.memory.sender import MemorySender
from tests.backend.scenes import CHAT
from tests.backend.stage import Player, Stage


class Away:
    """A hook for a sender, which raises Unavailable while ``is_away``."""

    is_away = False

    def before_call(self, name: str) -> None:
        if self.is_away:
            raise Unavailable


@pytest.mark.parametrize("way", ["lists", "members"])
@pytest.mark.parametrize(("scene", "goes", "reads"), ENDS)
async def test_an_interrupted_end_is_finished_when_somebody_else_reads(
    scene: str, goes: int, reads: int, way: str
) -> None:
    """The former member is not needed: their rights end, and the others are told."""
    for at in range(1, MOST_CALLS):
        stage, players, was_killed = await broken_off(scene, at)
        reader = players[reads]
        await own_list.page(stage.backend, reader.id, "")
        if way == "lists" or stage.memory.chats.rows[CHAT].deleted:
            await directory.page(stage.backend, "")
        elif reader.id in stage.memory.chats.people[CHAT] or stage.memory.chats.rows[CHAT].kind == "public":
            await member_list.page(stage.backend, reader.id, CHAT, "")
        assert_only_members_have_rights(stage, players, but=goes)
        assert not stage.memory.chats.endings[CHAT]
        if not was_killed:
            return


@pytest.mark.parametrize("scene", sorted({scene for scene, _, _ in ENDS}))
async def test_an_interrupted_end_is_finished_by_the_clean_up(scene: str) -> None:
    for at in range(1, MOST_CALLS):
        stage, players, was_killed = await broken_off(scene, at)
        await cleaned(stage)
        assert_only_members_have_rights(stage, players)
        await assert_whole(stage, players)
        assert not stage.memory.chats.endings[CHAT]
        if not was_killed:
            return


async def removed(away: Away) -> tuple[Player, Player, str]:
    """Ann has removed Bob from a chat of hers, and Web PubSub is ``away``: he still has his rights in it."""
    stage = Stage(sender=MemorySender(away.before_call))
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(ann, bob)
    away.is_away = True
    assert await ann.code("removeMember", {"chatId": chat_id, "userId": bob.id}) == "Unavailable"
    return ann, bob, chat_id


@pytest.mark.parametrize("reads", ["the owner", "the clean-up"])
async def test_a_member_removed_while_web_pubsub_is_down_loses_all_rights_when_it_is_back(reads: str) -> None:
    away = Away()
    ann, bob, chat_id = await removed(away)
    stage = ann.stage
    assert await stage.members(chat_id) == {ann.id} and bob.may_speak_in(chat_id)
    for _ in range(3):
        # Whoever reads in the meantime is answered all the same, and so is who was removed.
        stage.clock.pass_seconds(2 * ABANDONED_AFTER / SECOND)
        [listed] = (await own_list.page(stage.backend, ann.id, "")).items
        assert set(listed.members) == {ann.id}
        assert (await own_list.page(stage.backend, bob.id, "")).items == ()
    away.is_away = False
    stage.clock.pass_seconds(2 * ABANDONED_AFTER / SECOND)
    if reads == "the owner":
        await own_list.page(stage.backend, ann.id, "")
    else:
        await cleaned(stage)
    assert not bob.may_speak_in(chat_id) and not bob.hears(chat_id)
    [left] = ann.heard("memberLeft")
    assert left == {"chatId": chat_id, "userId": bob.id, "userName": "Bob", "removed": True}
    assert bob.heard("memberLeft") == [left]
    await assert_whole(stage, [ann, bob])


@pytest.mark.parametrize("crowd", [0, chat_view.LISTED_MEMBERS])
@pytest.mark.parametrize("change", ["joinChat", "createPrivateChat", "leaveChat"])
async def test_users_with_unsettled_memberships_see_all_their_chats_while_web_pubsub_is_down(
    change: str, crowd: int
) -> None:
    """Even the chat that they were joining, since it has them; in a crowd they are not on its first page of members."""
    away = Away()
    stage = Stage(sender=MemorySender(away.before_call))
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    other, chat_id = await stage.chat(bob), await stage.chat(ann)
    for number in range(crowd):
        await stage.store.chats.add(chat_id, Member(f"!{number}", "Extra", 1))
    data: object = chat_id
    if change == "createPrivateChat":
        data = {"targetUserId": ann.id}
    if change == "leaveChat":
        await bob.does("joinChat", chat_id)
        data = {"chatId": chat_id}
    away.is_away = True
    assert await bob.code(change, data) == "Unavailable"
    seen = await own_list.page(stage.backend, bob.id, "")
    places = {place.chat_id for place in stage.memory.memberships.rows.values() if place.user_id == bob.id}
    stays = places if change != "leaveChat" else {other}
    assert len(places) == 2 and {one.id for one in seen.items} == stays
    away.is_away = False
    await own_list.page(stage.backend, bob.id, "")
    left = [place for place in stage.memory.memberships.rows.values() if place.user_id == bob.id]
    assert {place.chat_id for place in left} == stays and {place.state for place in left} == {"member"}


async def test_a_member_who_rejoins_before_their_end_is_finished_keeps_their_rights() -> None:
    away = Away()
    ann, bob, chat_id = await removed(away)
    stage = ann.stage
    away.is_away = False
    await bob.does("joinChat", chat_id)
    stage.clock.pass_seconds(2 * ABANDONED_AFTER / SECOND)
    await own_list.page(stage.backend, ann.id, "")
    assert bob.may_speak_in(chat_id) and bob.hears(chat_id) and ann.heard("memberLeft") == []
    assert not stage.memory.chats.endings[chat_id]
    await assert_whole(stage, [ann, bob])


async def interrupted(
    stage: Stage, end: Awaitable[object], back_at: int, back: Callable[[], Awaitable[object]], killed_at: int
) -> None:
    """An end during one of whose calls the user comes back, and which is killed at a later call."""
    is_back = ContextVar("is_back", default=False)
    calls = 0

    async def turn() -> None:
        nonlocal calls
        if is_back.get():
            return
        calls += 1
        if calls == back_at:
            is_back.set(True)
            await back()
            is_back.set(False)
        if calls >= killed_at:
            raise Unavailable

    stage.sender.turn = stage.memory.turn = turn
    await asyncio.gather(end, return_exceptions=True)
    stage.sender.turn = stage.memory.turn = straight_on


@pytest.mark.parametrize(("goes", "reads"), [("removeMember", "somebody"), ("leaveChat", "the clean-up")])
async def test_a_member_who_rejoins_during_their_end_has_all_rights_wherever_that_was_interrupted(
    goes: str, reads: str
) -> None:
    """It revokes rights, and is killed before it notices that they are a member again."""
    for back_at, killed_at in itertools.combinations(range(1, 22), 2):
        stage = Stage()
        ann, bob = await stage.user("Ann"), await stage.user("Bob")
        tab = await bob.another_tab()
        chat_id = await stage.chat(ann, bob)
        by = ann if goes == "removeMember" else bob
        end = by.does(goes, {"chatId": chat_id, "userId": bob.id})
        await interrupted(stage, end, back_at, partial(tab.does, "joinChat", chat_id), killed_at)
        stage.clock.pass_seconds(2 * ABANDONED_AFTER / SECOND)
        if reads == "somebody":
            await own_list.page(stage.backend, ann.id, "")
        else:
            await cleaned(stage)
        assert not stage.memory.chats.endings[chat_id]
        place = stage.memory.memberships.rows.get((bob.id, chat_id))
        if place is not None and place.state == "member":
            await assert_whole(stage, [ann, bob, tab])


async def test_one_of_many_concurrent_readers_finishes_an_abandoned_end() -> None:
    """The others make no additional requests."""
    for at in range(1, MOST_CALLS):
        stage, players, _ = await broken_off("removeMember", at)
        if stage.memory.chats.endings[CHAT]:
            break
    stage.sender.calls.clear()
    await asyncio.gather(*(directory.page(stage.backend, "") for _ in range(9)))
    assert not stage.memory.chats.endings[CHAT]
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
        stage.clock.pass_seconds(2 * ABANDONED_AFTER / SECOND)
        await directory.page(stage.backend, "")
    assert_only_members_have_rights(stage, players)
    await assert_whole(stage, players)


async def test_a_reader_is_answered_although_web_pubsub_takes_the_calls_and_never_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The reader leaves nothing running; the next reader does what this one could not."""
    monkeypatch.setattr(best_effort, "READERS_SECONDS", 0.05)
    away = Away()
    ann, bob, chat_id = await removed(away)
    stage = ann.stage
    away.is_away = False
    stage.clock.pass_seconds(2 * ABANDONED_AFTER / SECOND)
    with monkeypatch.context() as patched:
        patched.setattr(stage.sender, "turn", asyncio.Event().wait)
        [listed] = (await own_list.page(stage.backend, ann.id, "")).items
        assert set(listed.members) == {ann.id}
        assert asyncio.all_tasks() == {asyncio.current_task()}
    assert bob.may_speak_in(chat_id)
    stage.clock.pass_seconds(2 * ABANDONED_AFTER / SECOND)
    await member_list.page(stage.backend, ann.id, chat_id, "")
    assert not bob.may_speak_in(chat_id) and not bob.hears(chat_id)


async def test_an_end_in_progress_is_not_taken_over() -> None:
    """A concurrent reader does not take it over, and nothing is announced twice."""
    away = Away()
    ann, bob, chat_id = await removed(away)
    stage = ann.stage
    away.is_away = False
    await own_list.page(stage.backend, ann.id, "")
    await cleaned(stage, "endings")
    assert bob.may_speak_in(chat_id) and ann.heard("memberLeft") == []
    await ann.does("removeMember", {"chatId": chat_id, "userId": bob.id})
    assert not bob.may_speak_in(chat_id) and len(ann.heard("memberLeft")) == 1
    assert not stage.memory.chats.endings[chat_id]
