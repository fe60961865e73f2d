"""Runs calls at the same time, but not too many, and leaves none running. Must not know what the calls do."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import TypeVar
from weakref import WeakValueDictionary

from shared.errors import Unavailable

T = TypeVar("T")
R = TypeVar("R")

# As many as a connection pool serves without queueing long; a page of 50 takes three rounds.
AT_ONCE = 20
# Where storage hangs, those behind it must not add up their waiting; half of what a call may take (host.json).
TURN_SECONDS = 20.0


async def each(items: Iterable[T], call: Callable[[T], Awaitable[R]], at_once: int = AT_ONCE) -> list[R]:
    """The results in the order of ``items``. All calls end before the first error, if any, is raised."""
    gate = asyncio.Semaphore(at_once)

    async def one(item: T) -> R:
        async with gate:
            return await call(item)

    results = await asyncio.gather(*(one(item) for item in items), return_exceptions=True)
    return [_value(result) for result in results]


async def together(*calls: Awaitable[object]) -> None:
    """Runs a handful of calls at once. All end before the first error, if any, is raised."""
    for result in await asyncio.gather(*calls, return_exceptions=True):
        _value(result)


class Turns:
    """Lets those of one process who would only outrun each other wait for each other, by name."""

    def __init__(self) -> None:
        # A lock goes with the last who holds it or waits for it.
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def of(self, name: str) -> AsyncIterator[None]:
        """To be held as long as it is one's turn; raises Unavailable when that does not come."""
        lock = self._locks.setdefault(name, asyncio.Lock())
        try:
            async with asyncio.timeout(TURN_SECONDS):
                await lock.acquire()
        except TimeoutError:
            raise Unavailable from None
        try:
            yield
        finally:
            lock.release()


def _value(result: R | BaseException) -> R:
    if isinstance(result, BaseException):
        raise result
    return result
