"""Concurrency limits in one process: semaphores per kind of call, with a limit per caller and a bounded queue.

The queue is first in, first out, and holds each caller once, and only while they have no call of the kind running. So a
few callers who come back again and again delay the others, but cannot starve them.
"""

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from shared.model.errors import TooManyRequests

T = TypeVar("T")

# The time-out in the queue; pages retry by themselves.
WAIT_SECONDS = 3.0
# Jitter of `retry_after`, so that not all refused callers come back at once.
SPREAD_SECONDS = 3


@dataclass(frozen=True)
class Bounds:
    """How many calls of a kind run at a time, per caller and in all, and how many callers may queue (``in_line``)."""

    kind: str
    of_one: int
    of_all: int
    in_line: int = 0


class Limiter:
    """The semaphores and queues of one process."""

    def __init__(self) -> None:
        self._held: Counter[tuple[str, str]] = Counter()
        self._of_kind: Counter[str] = Counter()
        self._lines: defaultdict[str, dict[str, asyncio.Future[None]]] = defaultdict(dict)

    @asynccontextmanager
    async def hold(self, caller: str, bounds: Bounds) -> AsyncIterator[None]:
        """Holds a place of the kind, waiting in the queue if need be; raises TooManyRequests.

        ``caller`` is empty if unknown: then only the limit for all callers applies, and the call never queues.
        """
        if caller and self._held[bounds.kind, caller] >= bounds.of_one:
            limit = f"You can have at most {bounds.of_one} {bounds.kind} running at once"
            raise _refusal(f"{limit}; wait for one of them to finish.")
        if self._of_kind[bounds.kind] < bounds.of_all:
            self._take(caller, bounds.kind)
        else:
            await self._wait(caller, bounds)
        try:
            yield
        finally:
            self._give_back(caller, bounds.kind)

    async def _wait(self, caller: str, bounds: Bounds) -> None:
        busy = _refusal(f"Too many {bounds.kind} are running; try again in a moment.")
        line = self._lines[bounds.kind]
        if not caller or caller in line or self._held[bounds.kind, caller] or len(line) >= bounds.in_line:
            raise busy
        turn = line[caller] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await turn
        except BaseException as end:
            if turn.done() and not turn.cancelled():
                # The place was handed over at the very moment when the wait ended.
                self._give_back(caller, bounds.kind)
            else:
                line.pop(caller, None)
            if isinstance(end, TimeoutError):
                raise busy from None
            raise

    def _take(self, caller: str, kind: str) -> None:
        self._held[kind, caller] += 1
        self._of_kind[kind] += 1

    def _give_back(self, caller: str, kind: str) -> None:
        _count_down(self._held, (kind, caller))
        _count_down(self._of_kind, kind)
        line = self._lines[kind]
        while line:
            next_one = next(iter(line))
            turn = line.pop(next_one)
            if not turn.done():
                self._take(next_one, kind)
                turn.set_result(None)
                return


def _refusal(words: str) -> TooManyRequests:
    return TooManyRequests(words, random.randint(1, SPREAD_SECONDS))


def _count_down(counter: Counter[T], key: T) -> None:
    counter[key] -= 1
    if not counter[key]:
        del counter[key]
