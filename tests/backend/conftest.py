"""The adapters of the backend over real servers, opened and closed for each test."""

from collections.abc import AsyncIterator

import pytest

from shared.adapters.tables.store import TableStore, with_connection_string


@pytest.fixture
async def table_store(azurite: str) -> AsyncIterator[TableStore]:
    """Storage in Azurite; tests share its tables, so they use new ids."""
    store = with_connection_string(azurite)
    yield store
    await store.close()
