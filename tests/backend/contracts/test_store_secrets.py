"""The contract of the store for secrets, tested with the one in memory and with tables in Azurite."""

import asyncio

from shared.ports.store import Store
from tests.backend.stage import new_id


async def test_all_who_ask_for_a_secret_get_the_same(store: Store) -> None:
    name = new_id()
    got = await asyncio.gather(*(store.secrets.get_or_make(name, f"candidate {number}") for number in range(5)))
    assert len(set(got)) == 1
    assert await store.secrets.get_or_make(name, "late") == got[0]
