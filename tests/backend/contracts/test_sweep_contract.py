"""The contract of scans of whole tables and of their removals, tested in memory and with tables in Azurite.

The tables are shared with other tests, so each test looks only for its own rows.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import TypeVar

import pytest

from shared.model.clock import SECOND, now
from shared.model.records import (
    Block,
    Chat,
    Connection,
    Ending,
    Invite,
    Member,
    Membership,
    Message,
    Performed,
    Profile,
    Reaction,
    ReadPosition,
    Slot,
)
from shared.ports.store import Store
from shared.ports.store.messages import Outcome
from tests.backend.stage import keep, new_id

T = TypeVar("T")
START = 1_700_000_000_000_000
HOUR = 3600 * SECOND


async def all_of(found: AsyncIterator[T]) -> list[T]:
    return [one async for one in found]


async def chat(store: Store, *users: str, deleted: bool = False) -> str:
    chat_id = new_id()
    await store.chats.create(Chat(chat_id, "Tea", users[0], "public"), [Member(user, "Name", START) for user in users])
    roster = await store.chats.roster(chat_id, 0)
    assert roster is not None
    if deleted:
        assert await store.chats.delete(roster, unless_joined=False)
    return chat_id


async def said(store: Store, chat_id: str, time: int = START) -> str:
    message = Message(new_id(), "ann", "Ann", "hi", time)
    assert await keep(store, chat_id, message)
    return message.id


async def test_a_profile_is_found_when_it_was_not_written_since(store: Store) -> None:
    prefix = new_id()
    await store.users.put(Profile(prefix + "a", "Ann", "guest"))
    await store.users.put(Profile(prefix + "b", "Bob", "guest"))
    await store.users.put(Profile("x" + prefix, "Eve", "guest"))
    assert await all_of(store.sweep().profiles(prefix, now() - HOUR)) == []
    found = await all_of(store.sweep().profiles(prefix, now() + HOUR))
    assert [one.user_id for one in found] == [prefix + "a", prefix + "b"]


async def test_a_profile_is_forgotten_only_as_it_was_read(store: Store) -> None:
    user = new_id()
    await store.users.put(Profile(user, "Ann", "guest"))
    [old] = await all_of(store.sweep().profiles(user, now() + HOUR))
    await store.users.put(Profile(user, "Anna", "guest"))
    assert not await store.users.forget(user, old.version)
    [new] = await all_of(store.sweep().profiles(user, now() + HOUR))
    assert await store.users.forget(user, new.version)
    assert await store.users.read(user) is None
    assert not await store.users.forget(user, new.version)


async def test_memberships_are_found_also_those_being_ended(store: Store) -> None:
    user, other = new_id(), new_id()
    kept = await store.memberships.insert(Membership(user, new_id(), "Tea", "public", 1))
    ending = await store.memberships.insert(Membership(user, new_id(), "Tea", "public", 1, state="leaving"))
    others = await store.memberships.insert(Membership(other, new_id(), "Tea", "public", 1))
    found = await all_of(store.sweep().memberships())
    assert all(one in found for one in (kept, ending, others))
    mine = await all_of(store.sweep().memberships(user))
    assert sorted(mine, key=lambda one: one.state) == [ending, kept]
    assert all([await store.memberships.drop(one) for one in found if one.user_id in (user, other)])


async def test_ends_are_found_that_nobody_has_taken_up_since(store: Store) -> None:
    first, second = await chat(store, "ann", "bob"), await chat(store, "ann", "bob")
    for chat_id, since in ((first, START), (second, START + 1)):
        member = await store.chats.member(chat_id, "bob")
        assert member and await store.chats.take_out(chat_id, member, Ending("bob", "Bob", True, since))
    found = [one for one in await all_of(store.sweep().endings(START + 1)) if one[0] in (first, second)]
    assert found == [(first, await store.chats.ending(first, "bob"))]


async def test_read_positions_are_found_and_forgotten_only_as_they_were_read(store: Store) -> None:
    user, chat_id = new_id(), new_id()
    assert await store.reads.put(ReadPosition(user, chat_id, new_id(), START))
    [old] = [one for one in await all_of(store.sweep().reads()) if one.user_id == user]
    assert await store.reads.put(replace(old, time=START + 1))
    assert not await store.reads.forget(old)
    [new] = [one for one in await all_of(store.sweep().reads()) if one.user_id == user]
    assert new == await store.reads.read(user, chat_id) and new.time == START + 1
    assert await store.reads.forget(new)
    assert not await store.reads.forget(new)
    assert await store.reads.read(user, chat_id) is None


async def test_slots_are_found_and_are_no_connections(store: Store) -> None:
    user, other = new_id(), new_id()
    assert await store.slots.take(user, Slot(0, "c0", 5)) and await store.slots.take(user, Slot(1, "c1", 5))
    assert await store.slots.take(other, Slot(0, "c2", 5))
    found = [one for one in await all_of(store.sweep().slots()) if one[0] in (user, other)]
    kept = {(name, slot) for name in (user, other) for slot in await store.slots.of_user(name)}
    assert len(found) == 3 and set(found) == kept
    assert not [one for one in await all_of(store.sweep().connections()) if one[0] in (user, other)]


async def test_invites_are_found_when_they_have_ended_and_forgotten_only_as_they_were_read(store: Store) -> None:
    ended, good = new_id(), new_id()
    assert await store.invites.add(ended, Invite("secret", START))
    assert await store.invites.add(good, Invite("secret", START + 1))
    [old] = [one for one in await all_of(store.sweep().invites(START + 1)) if one.chat_id in (ended, good)]
    assert old.chat_id == ended
    await store.invites.drop(ended)
    assert not await store.invites.forget(ended, old.version)
    assert await store.invites.add(ended, Invite("other", START))
    assert not await store.invites.forget(ended, old.version)
    [new] = [one for one in await all_of(store.sweep().invites(START + 1)) if one.chat_id == ended]
    assert await store.invites.forget(ended, new.version)
    assert await store.invites.read(ended) is None


@pytest.mark.parametrize("user", ["a/b", "a%2Fb", "a=2Fb", "~'+ b", "x" * 128])
async def test_connections_are_found_with_their_users(store: Store, user: str) -> None:
    ids = {new_id(), new_id()}
    for connection_id in ids:
        await store.presence.put_connection(user, Connection(connection_id, False))
    assert {(user, one) for one in ids} <= set(await all_of(store.sweep().connections()))
    for connection_id in ids:
        await store.presence.drop_connection(user, connection_id)
    assert not {(user, one) for one in ids} & set(await all_of(store.sweep().connections()))


async def test_members_are_found_in_deleted_chats_only(store: Store) -> None:
    living, gone = await chat(store, "ann", "bob"), await chat(store, "ann", "bob", deleted=True)
    await store.chats.list_publicly(gone)
    found = await all_of(store.sweep().members_of_deleted())
    left = [member for chat_id, member in found if chat_id == gone]
    assert [replace(one, version="") for one in left] == [Member("ann", "Name", START), Member("bob", "Name", START)]
    assert living not in {chat_id for chat_id, _ in found}
    assert await store.chats.remove(gone, left[0])
    assert [
        (one, member.user_id) for one, member in await all_of(store.sweep().members_of_deleted()) if one == gone
    ] == [(gone, "bob")]
    await store.chats.unlist(gone)


async def test_a_chat_is_found_once_however_many_messages_it_has(store: Store) -> None:
    chats = {new_id(), new_id()}
    for chat_id in chats:
        await said(store, chat_id)
        await said(store, chat_id)
    found = await all_of(store.sweep().chats_with_messages())
    assert len(found) == len(set(found)) and chats <= set(found)


async def test_the_rows_of_a_chats_messages_are_counted_as_far_as_asked(store: Store) -> None:
    chat_id = new_id()
    await said(store, chat_id)
    position = await store.messages.position(chat_id, await said(store, chat_id))
    assert position is not None and await store.messages.delete(chat_id, position, "ann") is Outcome.DONE
    reacted = await store.messages.position(chat_id, await said(store, chat_id))
    assert (
        reacted
        and await store.reactions.add(chat_id, reacted, Reaction(reacted.id, "ann", "🍵", START)) is Outcome.DONE
    )
    assert await store.sweep().count_messages(chat_id, 99) == 10
    assert await store.sweep().count_messages(chat_id, 3) == 3
    assert await store.sweep().count_messages(new_id(), 3) == 0
    assert await store.messages.purge(chat_id, 99)
    assert chat_id not in await all_of(store.sweep().chats_with_messages())


async def test_messages_are_found_by_their_age_also_deleted_ones(store: Store) -> None:
    chat_id = new_id()
    old, gone, young = [await said(store, chat_id, START + number) for number in range(3)]
    position = await store.messages.position(chat_id, gone)
    assert position is not None and await store.messages.delete(chat_id, position, "ann") is Outcome.DONE
    found = [one for at, one in await all_of(store.sweep().messages(START + 2)) if at == chat_id]
    assert {one.id: one.deleted for one in found} == {old: False, gone: True}
    assert [await store.messages.position(chat_id, one.id) for one in found] == found
    assert all([await store.messages.forget(chat_id, one) for one in found])
    assert [await store.messages.position(chat_id, one) for one in (old, gone)] == [None, None]
    assert [one.id for one in await store.messages.newest(chat_id, None, 9)] == [young]
    assert [one.id for one in await store.messages.following(chat_id, None, 9)] == [young]
    assert await store.sweep().count_messages(chat_id, 9) == 5


async def test_a_message_is_forgotten_only_as_it_was_read(store: Store) -> None:
    chat_id = new_id()
    message_id = await said(store, chat_id)
    before = await store.messages.position(chat_id, message_id)
    assert before is not None
    kept = await store.messages.at(chat_id, before)
    assert kept is not None and await store.messages.edit(chat_id, before, replace(kept, text="ho")) is Outcome.DONE
    assert not await store.messages.forget(chat_id, before)
    assert await store.messages.newest(chat_id, None, 9) == (replace(kept, text="ho"),)


async def test_events_are_found_by_their_age_and_forgotten(store: Store) -> None:
    old, young = new_id(), new_id()
    await store.events.remember(Performed(old, "1", "digest", "", START))
    await store.events.remember(Performed(old, "é" * 128, "digest", "", START))
    await store.events.remember(Performed(young, "1", "digest", "", START + 1))
    found = await all_of(store.sweep().events(START + 1))
    assert {(old, "1"), (old, "é" * 128)} <= set(found) and young not in {one for one, _ in found}
    await store.events.forget(old, "1")
    await store.events.forget(old, "1")
    assert await store.events.read(old, "1") is None
    assert (old, "1") not in await all_of(store.sweep().events(START + 1))


async def test_all_blocks_are_found_in_any_state(store: Store) -> None:
    ann, bob = new_id(), new_id()
    made = [
        await store.blocks.insert(Block(ann, bob, "Bob", "lifting")),
        await store.blocks.insert(Block(bob, ann, "Ann", "blocked")),
    ]
    found = [one for one in await all_of(store.sweep().blocks()) if one.user_id in (ann, bob)]
    assert sorted(found, key=lambda one: one.name) == sorted(filter(None, made), key=lambda one: one.name)
