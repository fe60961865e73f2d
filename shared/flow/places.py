"""Places for what runs in one process, by kind: so many of one caller, so many of all; for some kinds callers wait.

A place that comes free goes to who has waited longest and has none. So few who come again and again hold up others for
as long as one of them runs, not for ever. Must not know what runs.
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

# So long somebody waits in line; pages come again by themselves.
WAIT_SECONDS = 3.0
# Not all who are told to come back shall come at once.
SPREAD_SECONDS = 3


@dataclass(frozen=True)
class Bounds:
    """How many of a kind run at a time, of one caller and of all, and how many callers who run none may wait."""

    kind: str
    of_one: int
    of_all: int
    in_line: int = 0


class Places:
    """Who holds a place, and who waits."""

    def __init__(self) -> None:
        self._held: Counter[tuple[str, str]] = Counter()
        self._of_kind: Counter[str] = Counter()
        self._lines: defaultdict[str, dict[str, asyncio.Future[None]]] = defaultdict(dict)

    @asynccontextmanager
    async def of(self, caller: str, bounds: Bounds) -> AsyncIterator[None]:
        """Holds a place. ``caller`` is empty where nobody knows who: then only the bound of all counts.

        Raises TooManyRequests.
        """
        if caller and self._held[bounds.kind, caller] >= bounds.of_one:
            limit = f"You may have {bounds.of_one} {bounds.kind} running at a time"
            raise _refusal(f"{limit}; wait until one of them has ended.")
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
                # The place came in the moment in which the waiting ended.
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
