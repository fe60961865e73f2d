"""The concurrency limits of host.json: how many calls run at a time, and how many wait before others are refused."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from local.functions.host_json import HostFile


class Full(Exception):
    """The limit on running and waiting calls is reached."""


class Throttle:
    """The limits of a host. Waiting calls are served in order."""

    def __init__(self, file: HostFile) -> None:
        self._gate = asyncio.Semaphore(file.running) if file.running > 0 else None
        self._most = file.outstanding
        self._outstanding = 0

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Waits until the call may run, and counts it as running until it ends. Raises Full if too many are waiting."""
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
