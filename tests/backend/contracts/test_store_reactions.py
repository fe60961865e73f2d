"""The contract of the store for reactions, tested with the one in memory and with tables in Azurite."""

from dataclasses import replace

import pytest

from shared.ports.store import Store
from shared.ports.store.messages import Outcome
from tests.backend.contracts.rows import START, kept, reacted, said
from tests.backend.stage import new_id


async def test_reactions_are_read_with_the_messages_they_stand_at(store: Store) -> None:
    chat_id = new_id()
    # Two of the same microsecond, and one right after them.
    told = [*sorted([said(START), said(START)], key=lambda one: one.id), said(START + 1)]
    places = await kept(store, chat_id, *told)
    each = [await reacted(store, chat_id, one, user) for one in told for user in ("ann", "bob")]
    assert set(await store.reactions.between(chat_id, places[0], places[2], 99)) == set(each)
    assert set(await store.reactions.between(chat_id, places[1], places[1], 99)) == set(each[2:4])
    assert set(await store.reactions.between(chat_id, places[1], places[2], 99)) == set(each[2:])
    assert len(await store.reactions.between(chat_id, places[0], places[2], 4)) == 4
    assert await store.reactions.between(new_id(), places[0], places[2], 99) == ()


@pytest.mark.parametrize("user", ["a/b", "ünï#?\\", "👍:bob", "bob:👍", "x" * 128, "é" * 128])
@pytest.mark.parametrize("emoji", ["👍", "#️⃣", "🧑🏽‍❤️‍💋‍🧑🏻", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"])
async def test_any_emoji_of_any_user_is_kept_once(store: Store, user: str, emoji: str) -> None:
    chat_id, message = new_id(), said(START)
    await kept(store, chat_id, message)
    reaction = await reacted(store, chat_id, message, user, emoji)
    other = await reacted(store, chat_id, message, user, "🎉")
    position = await store.messages.position(chat_id, message.id)
    assert position is not None and position.reactions == 2
    assert await store.reactions.add(chat_id, position, reaction) is Outcome.ALREADY
    assert set(await store.reactions.between(chat_id, position, position, 9)) == {reaction, other}
    assert await store.reactions.remove(chat_id, position, reaction) is Outcome.DONE
    position = await store.messages.position(chat_id, message.id)
    assert position is not None and position.reactions == 1
    assert await store.reactions.remove(chat_id, position, reaction) is Outcome.ALREADY
    assert await store.reactions.between(chat_id, position, position, 9) == (other,)


async def test_a_reaction_comes_only_to_a_message_as_it_was_read(store: Store) -> None:
    chat_id, message = new_id(), said(START)
    [before] = await kept(store, chat_id, message)
    reaction = await reacted(store, chat_id, message, "ann")
    assert await store.reactions.add(chat_id, before, replace(reaction, user_id="bob")) is Outcome.STALE
    assert await store.messages.edit(chat_id, before, replace(message, text="other")) is Outcome.STALE
    now = await store.messages.position(chat_id, message.id)
    assert now is not None and await store.messages.delete(chat_id, now, "ann") is Outcome.DONE
    assert await store.reactions.add(chat_id, now, replace(reaction, user_id="bob")) is Outcome.STALE
    assert await store.reactions.remove(chat_id, now, reaction) is Outcome.STALE
    gone = await store.messages.position(chat_id, message.id)
    assert gone is not None and (gone.deleted, gone.reactions) == (True, 1)
    await store.reactions.purge(chat_id, gone)
    await store.reactions.purge(chat_id, gone)
    assert await store.reactions.between(chat_id, gone, gone, 9) == ()


async def test_no_reaction_comes_to_or_goes_from_a_message_that_was_forgotten(store: Store) -> None:
    chat_id, message = new_id(), said(START)
    [before] = await kept(store, chat_id, message)
    reaction = await reacted(store, chat_id, message, "ann")
    now = await store.messages.position(chat_id, message.id)
    assert now is not None and await store.messages.forget(chat_id, now)
    for position in (before, now):
        assert await store.reactions.add(chat_id, position, replace(reaction, user_id="bob")) is Outcome.STALE
        assert await store.reactions.remove(chat_id, position, reaction) is Outcome.STALE


async def test_a_purge_takes_reactions_too(store: Store) -> None:
    chat_id, message = new_id(), said(START)
    [position] = await kept(store, chat_id, message)
    await reacted(store, chat_id, message, "ann")
    assert not await store.messages.purge(chat_id, 3)
    assert await store.messages.purge(chat_id, 9)
    assert await store.reactions.between(chat_id, position, position, 9) == ()
