"""Runs calls concurrently, up to a limit, and waits until all of them have ended."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar, overload

T = TypeVar("T")
R = TypeVar("R")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")

# What a connection pool serves without a long queue. A page of 50 takes three rounds.
AT_ONCE = 20


async def each(items: Iterable[T], call: Callable[[T], Awaitable[R]], at_once: int = AT_ONCE) -> list[R]:
    """Runs ``call`` for each item and returns the results in order. All calls end before the first error is raised."""
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
    """Runs a few calls concurrently and returns their results. The first error cancels the others, then is raised.

    ``asyncio.gather`` would let the others run on after the answer.
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
    """Runs a few calls concurrently. All of them end before the first error, if any, is raised."""
    for result in await asyncio.gather(*calls, return_exceptions=True):
        _value(result)


async def checked(check: Awaitable[object], work: Awaitable[T]) -> T:
    """Runs ``check`` and ``work`` concurrently and returns the result of ``work``.

    Both end before an error is raised. If both fail, the error of ``check`` is raised.
    """
    verdict, result = await asyncio.gather(check, work, return_exceptions=True)
    _value(verdict)
    return _value(result)


def _value(result: R | BaseException) -> R:
    if isinstance(result, BaseException):
        raise result
    return result
