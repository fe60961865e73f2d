"""The contract of the store for slots, tested with the one in memory and with tables in Azurite."""

import asyncio
from dataclasses import replace

import pytest

from shared.model.records import Slot
from shared.ports.store import Store
from tests.backend.contracts.rows import STRANGE
from tests.backend.stage import new_id


@pytest.mark.parametrize("user", STRANGE)
async def test_a_slot_is_taken_by_one_and_freed_only_as_it_was_read(store: Store, user: str) -> None:
    user = user[:90] + new_id()
    assert await store.slots.take(user, Slot(0, "c0", 5))
    assert not await store.slots.take(user, Slot(0, "c1", 6))
    assert await store.slots.take(user, Slot(19, "c1", 6))
    first, second = sorted(await store.slots.of_user(user), key=lambda one: one.number)
    assert (replace(first, version=""), replace(second, version="")) == (Slot(0, "c0", 5), Slot(19, "c1", 6))
    confirmed = await store.slots.update(user, replace(first, seen=9, asked=8))
    assert not await store.slots.update(user, replace(first, seen=10)) and not await store.slots.free(user, first)
    assert confirmed in await store.slots.of_user(user)
    assert confirmed is not None and replace(confirmed, version="") == Slot(0, "c0", 9, 8)
    assert await store.slots.free(user, confirmed)
    assert not await store.slots.free(user, confirmed) and not await store.slots.update(user, confirmed)
    assert await store.slots.of_user(user) == (second,)
    assert await store.slots.take(user, Slot(0, "c2", 7))
    assert await store.presence.connections(user) == ()


async def test_of_concurrent_takers_of_a_slot_one_gets_it(store: Store) -> None:
    user = new_id()
    took = await asyncio.gather(*(store.slots.take(user, Slot(3, f"c{number}", 5)) for number in range(10)))
    assert sum(took) == 1
    [slot] = await store.slots.of_user(user)
    assert slot.connection_id == f"c{took.index(True)}"
    freed = await asyncio.gather(*(store.slots.free(user, slot) for _ in range(10)))
    assert sum(freed) == 1
