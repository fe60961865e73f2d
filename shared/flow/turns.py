"""Lets those of one process who would only outrun each other go one after another, by name. Few may wait.

What waits is held in memory and given up at its deadline, so whoever comes when too many wait is told so at once.
Must not know what is done in a turn.
"""

import asyncio
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from shared.model.errors import TooManyRequests

# In one line, with the one whose turn it is: what is done in a turn takes some hundredths of a second.
LINE = 30
# Of one user, in all lines.
OF_ONE = 5
# In all lines: calls that wait hold memory and a connection of the host, and are given up at their deadline.
WAITING = 50
# Not all who are told to come back shall come at once.
SPREAD_SECONDS = 3


class Turns:
    """The lines of one process."""

    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}
        self._lines: Counter[str] = Counter()
        self._people: Counter[str] = Counter()

    @asynccontextmanager
    async def of(self, name: str, user_id: str) -> AsyncIterator[None]:
        """To be held as long as it is one's turn. Who waits for it does so within the deadline of their own call.

        Raises TooManyRequests where somebody has to wait and too many do already.
        """
        with self._place(name, user_id):
            async with self._locks.setdefault(name, asyncio.Lock()):
                yield

    @contextmanager
    def _place(self, name: str, user_id: str) -> Iterator[None]:
        waiting = self._lines.total() - len(self._lines)
        in_line, of_one = self._lines[name], self._people[user_id]
        if in_line and (in_line >= LINE or of_one >= OF_ONE or waiting >= WAITING):
            seconds = 1 + zlib.crc32(user_id.encode()) % SPREAD_SECONDS
            raise TooManyRequests(f"Too many do this at once; try again in {seconds} s.", seconds)
        counted = (self._lines, name), (self._people, user_id)
        for counter, one in counted:
            counter[one] += 1
        try:
            yield
        finally:
            for counter, one in counted:
                counter[one] -= 1
                if not counter[one]:
                    del counter[one]
            if name not in self._lines:
                self._locks.pop(name, None)
