"""The contract of the store for blocks, tested with the one in memory and with tables in Azurite."""

from dataclasses import replace

from shared.model.records import Block
from shared.ports.store import Store
from tests.backend.contracts.rows import STRANGE
from tests.backend.stage import new_id


async def test_a_block_is_kept_once_and_changed_only_as_it_was_read(store: Store) -> None:
    ann, bob = new_id(), STRANGE[1]
    wanted = Block(ann, bob, "Bob", "blocking")
    assert await store.blocks.read(ann, bob) is None
    begun = await store.blocks.insert(wanted)
    assert begun is not None and replace(begun, version="") == wanted
    assert await store.blocks.insert(wanted) is None
    settled = await store.blocks.update(replace(begun, state="blocked"))
    assert settled is not None and await store.blocks.read(ann, bob) == settled
    assert await store.blocks.update(begun) is None and not await store.blocks.drop(begun)
    assert await store.blocks.read(bob, ann) is None
    assert await store.blocks.drop(settled) and not await store.blocks.drop(settled)
    assert await store.blocks.read(ann, bob) is None


async def test_blocks_of_a_user_come_in_pages_and_are_nobody_elses(store: Store) -> None:
    ann, others = new_id(), sorted(new_id() for _ in range(3))
    for other in others:
        assert await store.blocks.insert(Block(ann, other, "Name", "blocked"))
        assert await store.blocks.insert(Block(other, ann, "Ann", "blocked"))
    first = await store.blocks.of_user(ann, "", 2)
    rest = await store.blocks.of_user(ann, first.next, 2)
    assert [one.blocked for one in (*first.items, *rest.items)] == others
    assert (first.next, rest.next) == (others[1], "")
