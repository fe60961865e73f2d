"""A stand-in inside the test's own event loop, and an event handler for it."""

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack

import pytest
import uvloop

from emulator.configuration import SYSTEM_EVENTS, Settings, event_handler
from emulator.limits import Limits
from emulator.log import Log
from emulator.server import Server
from tests.emulator.clients import WAIT_SECONDS
from tests.emulator.webhook import Webhook, webhook

# Retries at once, short waits: no test waits for the defaults.
QUICK = Limits(handler_retry_seconds=(0, 0, 0), closing_seconds=0.3, shutdown_seconds=0.5)


def pytest_asyncio_loop_factories(item: pytest.Item) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The bounds are tested on both event loops the stand-in runs on: their transports buffer and close differently."""
    if item.path.stem == "test_bounds":
        return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
    return {"asyncio": asyncio.new_event_loop}


class WatchedLog(io.StringIO):
    """A log that tests can wait for."""

    def __init__(self) -> None:
        super().__init__()
        self._written = asyncio.Event()

    def write(self, text: str) -> int:
        self._written.set()
        return super().write(text)

    async def holds(self, text: str) -> None:
        """Waits until a line holds ``text``."""
        async with asyncio.timeout(WAIT_SECONDS):
            while text not in self.getvalue():
                self._written.clear()
                await self._written.wait()


class StandIn:
    """A stand-in on a free port, and its log."""

    def __init__(self, settings: Settings) -> None:
        self.log = WatchedLog()
        self.server = Server(settings, Log(self.log, verbose=True), port=0)

    @property
    def endpoint(self) -> str:
        return self.server.endpoint

    def leave_a_gap(self) -> None:
        """Takes a sequence id from every reliable client, as a message does that was sent, got lost and expired."""
        for connection in self.server.service.connections():
            if connection.session.unacknowledged is not None:
                connection.session.unacknowledged._last_id += 1


Start = Callable[[Settings], Awaitable[StandIn]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Starts stand-ins with the settings a test needs; stops them and asserts that none logged a traceback."""
    async with AsyncExitStack() as stack:
        running: list[StandIn] = []

        async def enter(settings: Settings) -> StandIn:
            server = StandIn(settings)
            await stack.enter_async_context(server.server)
            running.append(server)
            return server

        yield enter
    for server in running:
        assert "Traceback" not in server.log.getvalue()


@pytest.fixture
async def emulator(start: Start) -> StandIn:
    """A stand-in whose hubs have no event handler."""
    return await start(Settings(limits=QUICK))


@pytest.fixture
async def endpoint(emulator: StandIn) -> str:
    """Its base URL."""
    return emulator.endpoint


@pytest.fixture
async def hook() -> AsyncIterator[Webhook]:
    """An event handler that accepts everything."""
    async with webhook() as running:
        yield running


@pytest.fixture
async def hooked(start: Start, hook: Webhook) -> StandIn:
    """A stand-in whose hub ``chat`` sends every event to ``hook``."""
    handler = event_handler(hook.url, "*", SYSTEM_EVENTS)
    return await start(Settings(handlers={"chat": (handler,)}, limits=QUICK))
