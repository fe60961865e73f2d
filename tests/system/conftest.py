"""One running stack for the tests that only use it; those that stop or break it start their own."""

from collections.abc import Iterator

import pytest

from tests.stack import Stack, started


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with started(tmp_path_factory.mktemp("chatr")) as running_stack:
        yield running_stack
