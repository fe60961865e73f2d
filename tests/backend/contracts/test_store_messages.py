"""The contract of the store for the history of chats, tested with the one in memory and with tables in Azurite."""

from dataclasses import replace

from shared.model.records import Head, MessageHead, Position, Reaction
from shared.ports.store import Store
from shared.ports.store.messages import Outcome
from tests.backend.contracts.rows import START, kept, reacted, said
from tests.backend.stage import keep, new_id


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


async def test_a_message_is_saved_only_if_the_head_is_unchanged_since_it_was_read(store: Store) -> None:
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


async def test_the_head_survives_deleted_messages_but_not_the_chat(store: Store) -> None:
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
    """The outcomes of all changes of a history by a user; ``position`` is that of their own message, with a 👍."""
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


async def test_heads_after_a_position_come_newest_first_without_texts(store: Store) -> None:
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
