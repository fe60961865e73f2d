"""The contract of the store for read positions, tested with the one in memory and with tables in Azurite."""

from dataclasses import replace

from shared.model.records import ReadPosition
from shared.ports.store import Store
from tests.backend.contracts.rows import START
from tests.backend.stage import new_id


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
