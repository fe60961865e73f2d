"""Fixtures: the backend's adapters over real servers, opened and closed for each test."""

from collections.abc import AsyncIterator

import pytest

from shared.adapters.tables.store import TableStore, with_connection_string
from shared.rules.chats import deletion


@pytest.fixture
async def table_store(azurite: str) -> AsyncIterator[TableStore]:
    """The store in Azurite. Tests share its tables, so they use new ids."""
    store = with_connection_string(azurite)
    yield store
    await store.close()


@pytest.fixture
def half_purged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits a deletion to one member, one message and the head of the history."""
    monkeypatch.setattr(deletion, "PORTION_MEMBERS", 1)
    monkeypatch.setattr(deletion, "PORTIONS", 1)
    monkeypatch.setattr(deletion, "PURGED_MESSAGE_ROWS", 5)
