"""How many calls run at a time, wait for that, and are refused: the bounds of host.json. Must not know HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from local.functions.host_json import HostFile


class Full(Exception):
    """As many calls as may be are running and waiting."""


class Throttle:
    """The places of one host; whoever waits for one gets it in turn."""

    def __init__(self, file: HostFile) -> None:
        self._gate = asyncio.Semaphore(file.running) if file.running > 0 else None
        self._most = file.outstanding
        self._outstanding = 0

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Waits until the call may run, and holds its place until it has. Raises Full instead of waiting too long."""
        if 0 < self._most <= self._outstanding:
            raise Full
        self._outstanding += 1
        try:
            if self._gate is None:
                yield
            else:
                async with self._gate:
                    yield
        finally:
            self._outstanding -= 1
