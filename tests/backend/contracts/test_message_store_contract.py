"""What every store promises of messages, asked of the one in memory and of the tables in Azurite."""

from dataclasses import replace

import pytest

from shared.model.records import Head, Message, MessageHead, Position, Reaction, ReadPosition
from shared.ports.store import Store
from shared.ports.store.messages import Outcome
from tests.backend.memory.store import MemoryStore
from tests.backend.stage import keep, new_id

START = 1_700_000_000_000_000


@pytest.fixture(params=["memory", "tables"])
def store(request: pytest.FixtureRequest) -> Store:
    return MemoryStore() if request.param == "memory" else request.getfixturevalue("table_store")


def said(time: int, message_id: str = "", text: str = "hi") -> Message:
    return Message(message_id or new_id(), "ann", "Ann", text, time)


async def kept(store: Store, chat_id: str, *messages: Message) -> list[Position]:
    """Where messages stand after they were saved."""
    found = []
    for message in messages:
        assert await keep(store, chat_id, message)
        position = await store.messages.position(chat_id, message.id)
        assert position is not None
        found.append(position)
    return found


async def test_messages_are_read_in_order_in_both_directions(store: Store) -> None:
    chat_id = new_id()
    told = [said(START + number) for number in range(5)]
    await kept(store, chat_id, told[3], told[0], told[4], told[1], told[2])
    assert await store.messages.newest(chat_id, None, 3) == tuple(told[4:1:-1])
    position = await store.messages.position(chat_id, told[2].id)
    assert position is not None and replace(position, version="") == Position(told[2].id, "ann", told[2].time)
    assert await store.messages.newest(chat_id, position, 9) == (told[1], told[0])
    assert await store.messages.following(chat_id, position, 9) == (told[3], told[4])
    assert await store.messages.following(chat_id, position, 1) == (told[3],)
    assert await store.messages.following(chat_id, None, 2) == (told[0], told[1])


async def test_messages_of_one_microsecond_have_one_order_whatever_the_case_of_their_ids(store: Store) -> None:
    chat_id = new_id()
    ids = [one.upper() if number % 2 else one for number, one in enumerate(sorted(new_id() for _ in range(6)))]
    told = [said(START, one) for one in ids]
    await kept(store, chat_id, *told[::2], *told[1::2])
    assert list(await store.messages.newest(chat_id, None, 9)) == told[::-1]
    for number, message in enumerate(told):
        position = await store.messages.position(chat_id, message.id)
        assert position is not None
        assert list(await store.messages.newest(chat_id, position, 9)) == told[:number][::-1]
        assert list(await store.messages.following(chat_id, position, 9)) == told[number + 1 :]


async def test_a_message_id_is_used_once_in_a_chat(store: Store) -> None:
    chat_id, message = new_id(), said(1)
    assert await keep(store, chat_id, message)
    assert not await keep(store, chat_id, said(2, message.id, "other"))
    assert await keep(store, new_id(), message)
    assert [one.text for one in await store.messages.newest(chat_id, None, 9)] == ["hi"]


async def test_a_message_is_kept_only_behind_the_head_that_was_read(store: Store) -> None:
    chat_id, told = new_id(), [said(START + number) for number in range(3)]
    await store.messages.admit(chat_id, "ann")
    none = await store.messages.head(chat_id)
    assert none == Head()
    assert await store.messages.save(chat_id, told[0], none) is Outcome.DONE
    assert await store.messages.save(chat_id, told[1], none) is Outcome.STALE
    first = await store.messages.head(chat_id)
    assert first.time == START and first.version
    assert await store.messages.save(chat_id, told[1], first) is Outcome.DONE
    assert await store.messages.save(chat_id, told[2], first) is Outcome.STALE
    for head in (none, first, await store.messages.head(chat_id)):
        assert await store.messages.save(chat_id, told[0], head) is Outcome.ALREADY
    assert (await store.messages.head(chat_id)).time == START + 1
    assert await store.messages.following(chat_id, None, 9) == tuple(told[:2])
    assert await store.messages.position(chat_id, told[2].id) is None


async def test_the_head_stays_when_messages_go_and_goes_with_the_chat(store: Store) -> None:
    chat_id = new_id()
    positions = await kept(store, chat_id, said(START), said(START + 1))
    head = await store.messages.head(chat_id)
    assert await store.messages.delete(chat_id, positions[1], "ann") is Outcome.DONE
    assert await store.messages.forget(chat_id, positions[0])
    assert await store.messages.head(chat_id) == head
    assert await store.messages.purge(chat_id, 99)
    assert await store.messages.head(chat_id) == Head()
    await store.messages.admit(chat_id, "ann")
    assert await store.messages.save(chat_id, said(START + 2), head) is Outcome.STALE


async def changes(store: Store, chat_id: str, position: Position, user_id: str) -> list[Outcome]:
    """How each change of a history by a user ends; ``position`` is that of a message which is theirs, with a 👍."""
    message = await store.messages.at(chat_id, position)
    assert message is not None
    reaction = Reaction(message.id, user_id, "👍", START + 50)
    return [
        await store.messages.save(chat_id, said(START + 9), await store.messages.head(chat_id)),
        await store.messages.edit(chat_id, position, replace(message, text="other")),
        await store.messages.delete(chat_id, position, user_id),
        await store.reactions.add(chat_id, position, replace(reaction, emoji="🎉")),
        await store.reactions.remove(chat_id, position, reaction),
    ]


async def test_who_is_barred_changes_nothing_in_a_history(store: Store) -> None:
    chat_id, message = new_id(), said(START)
    await kept(store, chat_id, message)
    reaction = await reacted(store, chat_id, message, "ann")
    position = await store.messages.position(chat_id, message.id)
    assert position is not None
    await store.messages.bar(chat_id, "ann")
    await store.messages.bar(chat_id, "ann")
    await store.messages.admit(chat_id, "an")
    await store.messages.admit(new_id(), "ann")
    assert await changes(store, chat_id, position, "ann") == [Outcome.BARRED] * 5
    assert await store.messages.following(chat_id, None, 9) == (message,)
    assert await store.reactions.between(chat_id, position, position, 9) == (reaction,)
    assert await store.messages.position(chat_id, message.id) == position
    head = await store.messages.head(chat_id)
    assert await store.messages.save(chat_id, message, head) is Outcome.ALREADY
    await store.messages.admit(chat_id, "ann")
    await store.messages.admit(chat_id, "ann")
    assert await store.messages.save(chat_id, said(START + 9), head) is Outcome.DONE
    assert await store.messages.edit(chat_id, position, replace(message, text="other")) is Outcome.DONE


async def test_the_clean_up_deletes_without_being_admitted(store: Store) -> None:
    chat_id = new_id()
    [position] = await kept(store, chat_id, said(START))
    await store.messages.bar(chat_id, "ann")
    assert await store.messages.delete(chat_id, position, "") is Outcome.DONE
    assert await store.messages.following(chat_id, None, 9) == ()


async def test_a_purge_bars_everybody_before_it_takes_messages(store: Store) -> None:
    chat_id = new_id()
    await kept(store, chat_id, said(START), said(START + 1))
    assert not await store.messages.purge(chat_id, 1)
    assert len(await store.messages.following(chat_id, None, 9)) == 2
    head = await store.messages.head(chat_id)
    assert await store.messages.save(chat_id, said(START + 2), head) is Outcome.BARRED


async def test_the_longest_message_is_kept_as_it_is(store: Store) -> None:
    chat_id, text = new_id(), "👩‍🚀\n\t\"'<é" * 500
    await keep(store, chat_id, said(1, text=text))
    assert [one.text for one in await store.messages.newest(chat_id, None, 9)] == [text]


async def test_whom_a_message_mentions_and_what_it_answers_is_kept(store: Store) -> None:
    chat_id = new_id()
    message = replace(said(START), reply_to=new_id(), mentions=("bob", 'a "b", c', "é" * 128))
    [position] = await kept(store, chat_id, message)
    assert await store.messages.at(chat_id, position) == message
    assert await store.messages.following(chat_id, None, 9) == (message,)


async def test_an_edit_is_seen_in_both_directions_and_its_place_stays(store: Store) -> None:
    chat_id = new_id()
    told = [said(START + number) for number in range(3)]
    positions = await kept(store, chat_id, *told)
    edited = replace(told[1], text="other", edited=START + 9)
    assert await store.messages.edit(chat_id, positions[1], edited) is Outcome.DONE
    assert await store.messages.following(chat_id, None, 9) == (told[0], edited, told[2])
    assert await store.messages.newest(chat_id, None, 9) == (told[2], edited, told[0])
    assert await store.messages.at(chat_id, positions[1]) == edited


async def test_a_deleted_message_is_in_no_page_but_keeps_its_id_and_its_place(store: Store) -> None:
    chat_id = new_id()
    told = [said(START + number) for number in range(3)]
    positions = await kept(store, chat_id, *told)
    assert await store.messages.delete(chat_id, positions[1], "ann") is Outcome.DONE
    position = await store.messages.position(chat_id, told[1].id)
    assert position is not None and replace(position, version="") == replace(positions[1], deleted=True, version="")
    assert await store.messages.at(chat_id, position) is None
    assert await store.messages.following(chat_id, None, 9) == (told[0], told[2])
    assert await store.messages.newest(chat_id, position, 9) == (told[0],)
    assert await store.messages.following(chat_id, position, 9) == (told[2],)
    assert not await keep(store, chat_id, told[1])


async def test_a_message_changes_only_as_it_was_read(store: Store) -> None:
    chat_id, message = new_id(), said(START)
    [before] = await kept(store, chat_id, message)
    assert await store.messages.edit(chat_id, before, replace(message, text="first")) is Outcome.DONE
    assert await store.messages.edit(chat_id, before, replace(message, text="second")) is Outcome.STALE
    assert await store.messages.delete(chat_id, before, "ann") is Outcome.STALE
    now = await store.messages.position(chat_id, message.id)
    assert now is not None and await store.messages.delete(chat_id, now, "ann") is Outcome.DONE
    gone = await store.messages.position(chat_id, message.id)
    assert gone is not None
    for position in (before, now, gone):
        assert await store.messages.edit(chat_id, position, replace(message, text="late")) is Outcome.STALE
        assert await store.messages.delete(chat_id, position, "ann") is Outcome.STALE
    assert await store.messages.newest(chat_id, None, 9) == ()


async def test_messages_are_purged_in_bounded_steps(store: Store) -> None:
    chat_id = new_id()
    positions = await kept(store, chat_id, *(said(START + number) for number in range(6)))
    await store.messages.delete(chat_id, positions[0], "ann")
    assert not await store.messages.purge(chat_id, 9)
    assert await store.messages.purge(chat_id, 99)
    assert await store.messages.newest(chat_id, None, 9) == ()
    assert await store.messages.position(chat_id, positions[0].id) is None


async def reacted(store: Store, chat_id: str, message: Message, user_id: str, emoji: str = "👍") -> Reaction:
    position = await store.messages.position(chat_id, message.id)
    assert position is not None
    reaction = Reaction(message.id, user_id, emoji, START + 50)
    await store.messages.admit(chat_id, user_id)
    assert await store.reactions.add(chat_id, position, reaction) is Outcome.DONE
    return reaction


async def test_reactions_are_read_with_the_messages_they_stand_at(store: Store) -> None:
    chat_id = new_id()
    # Two of one microsecond, and one right behind.
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


async def test_what_is_behind_a_position_is_told_newest_first_without_texts(store: Store) -> None:
    chat_id = new_id()
    told = [replace(said(START + number), author=f"u{number}", mentions=("ann",) * (number % 2)) for number in range(5)]
    positions = await kept(store, chat_id, *told)
    heads = [MessageHead(one.author, one.mentions) for one in told]
    assert await store.messages.heads(chat_id, positions[1], 9) == (heads[4], heads[3], heads[2])
    assert await store.messages.heads(chat_id, positions[1], 2) == (heads[4], heads[3])
    await store.messages.delete(chat_id, positions[3], "u3")
    await store.messages.delete(chat_id, positions[1], "u1")
    assert await store.messages.heads(chat_id, positions[1], 9) == (heads[4], heads[2])
    assert await store.messages.heads(chat_id, Position("", "", START), 9) == (heads[4], heads[2])
    assert len(await store.messages.heads(chat_id, Position("", "", START - 1), 9)) == 3
    assert await store.messages.heads(chat_id, positions[4], 9) == ()


async def test_a_read_position_changes_only_as_it_was_read(store: Store) -> None:
    user, chat_id = new_id(), new_id()
    first = ReadPosition(user, chat_id, new_id(), START)
    assert await store.reads.read(user, chat_id) is None
    assert await store.reads.put(first)
    assert not await store.reads.put(first)
    kept = await store.reads.read(user, chat_id)
    assert kept is not None and replace(kept, version="") == first
    assert await store.reads.put(replace(kept, time=START + 1))
    assert not await store.reads.put(replace(kept, time=START + 2))
    again = await store.reads.read(user, chat_id)
    assert again is not None and again.time == START + 1
    await store.reads.drop(user, chat_id)
    await store.reads.drop(user, chat_id)
    assert not await store.reads.put(again)
    assert await store.reads.read(user, chat_id) is None


async def test_read_positions_of_a_page_of_chats_come_in_the_order_of_memberships(store: Store) -> None:
    user, other = new_id(), new_id()
    ids = sorted([new_id() for _ in range(4)] + [f"private_{'a' * 64}"])
    positions = [ReadPosition(user, chat_id, new_id(), START) for chat_id in ids]
    for position in positions[::-1]:
        assert await store.reads.put(position)
    assert await store.reads.put(replace(positions[2], user_id=other))
    found = await store.reads.between(user, ids[1], ids[3], 9)
    assert [replace(one, version="") for one in found] == positions[1:4]
    assert len(await store.reads.between(user, ids[0], ids[4], 3)) == 3
    assert await store.reads.between(user[:-1], ids[0], ids[4], 9) == ()
