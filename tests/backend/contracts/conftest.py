"""Fixtures: both stores that have to fulfil the contract of ``shared/ports/store/``."""

import pytest

from shared.ports.store import Store
from tests.backend.memory.store import MemoryStore


@pytest.fixture(params=["memory", "tables"])
def store(request: pytest.FixtureRequest) -> Store:
    return MemoryStore() if request.param == "memory" else request.getfixturevalue("table_store")
