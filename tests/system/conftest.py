"""Fixtures: a running stack that tests share; tests that stop or break a stack start their own."""

from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import AsyncExitStack

import pytest

from tests.stack import Stack, started
from tests.system.lobby import Lobby
from tests.system.service import Service


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with started(tmp_path_factory.mktemp("chatr")) as running_stack:
        yield running_stack


@pytest.fixture
async def lobby(stack: Stack) -> AsyncIterator[Lobby]:
    async with AsyncExitStack() as exits:
        yield Lobby(stack, exits)


@pytest.fixture
async def service(stack: Stack) -> AsyncIterator[Service]:
    async with Service(stack) as playing:
        yield playing


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Adds the end of the stack's log to the report of a failure."""
    report = yield
    stack = getattr(item, "funcargs", {}).get("stack")
    if report.failed and stack:
        report.sections.append(("log of the stack", "\n".join(stack.log().splitlines()[-60:])))
    return report
