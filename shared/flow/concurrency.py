"""Runs calls at the same time, but not too many, and leaves none running. Must not know what the calls do."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar, overload

T = TypeVar("T")
R = TypeVar("R")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")

# As many as a connection pool serves without queueing long; a page of 50 takes three rounds.
AT_ONCE = 20


async def each(items: Iterable[T], call: Callable[[T], Awaitable[R]], at_once: int = AT_ONCE) -> list[R]:
    """The results in the order of ``items``. All calls end before the first error, if any, is raised."""
    gate = asyncio.Semaphore(at_once)

    async def one(item: T) -> R:
        async with gate:
            return await call(item)

    results = await asyncio.gather(*(one(item) for item in items), return_exceptions=True)
    return [_value(result) for result in results]


@overload
async def results(a: Awaitable[A], b: Awaitable[B], /) -> tuple[A, B]: ...
@overload
async def results(a: Awaitable[A], b: Awaitable[B], c: Awaitable[C], /) -> tuple[A, B, C]: ...
@overload
async def results(a: Awaitable[A], b: Awaitable[B], c: Awaitable[C], d: Awaitable[D], /) -> tuple[A, B, C, D]: ...
async def results(*calls: Awaitable[Any]) -> tuple[Any, ...]:
    """What a few calls return that run at the same time. The first error ends the others, then it is raised.

    Unlike ``asyncio.gather``, which lets the others run on, behind the answer.
    """
    tasks = [asyncio.ensure_future(call) for call in calls]
    try:
        return tuple(await asyncio.gather(*tasks))
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


async def together(*calls: Awaitable[object]) -> None:
    """Runs a handful of calls at once. All end before the first error, if any, is raised."""
    for result in await asyncio.gather(*calls, return_exceptions=True):
        _value(result)


async def checked(check: Awaitable[object], work: Awaitable[T]) -> T:
    """What ``work`` returns, begun beside ``check``. Both end before an error is raised, that of ``check`` first."""
    verdict, result = await asyncio.gather(check, work, return_exceptions=True)
    _value(verdict)
    return _value(result)


def _value(result: R | BaseException) -> R:
    if isinstance(result, BaseException):
        raise result
    return result
