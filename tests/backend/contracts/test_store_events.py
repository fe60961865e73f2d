"""The contract of the store for processed events, tested with the one in memory and with tables in Azurite."""

from dataclasses import replace

import pytest

from shared.model.records import Performed
from shared.ports.store import Store
from tests.backend.contracts.rows import STRANGE
from tests.backend.stage import new_id


@pytest.mark.parametrize("event_id", ["1", *STRANGE])
async def test_an_event_is_remembered_under_any_id_of_its_connection(store: Store, event_id: str) -> None:
    kept = Performed(new_id(), event_id, "digest", "heard", 1_700_000_000_000_000)
    await store.events.remember(kept)
    assert await store.events.read(kept.connection_id, event_id) == kept
    assert await store.events.read(new_id(), event_id) is None
    assert await store.events.read(kept.connection_id, event_id + "1") is None
    again = replace(kept, answer="", digest="other")
    await store.events.remember(again)
    assert await store.events.read(kept.connection_id, event_id) == again


async def test_the_longest_answer_is_kept_as_it_is(store: Store) -> None:
    longest = "".join(chr(0x1F600 + at % 64) for at in range(70_000))
    kept = Performed(new_id(), "1", "digest", longest, 1)
    await store.events.remember(kept)
    assert await store.events.read(kept.connection_id, "1") == kept
