"""Per-name locks in one process, with bounded queues.

They spare calls that would conflict with each other in storage their retries. A waiting call takes up memory and fails
at its deadline, so a call that comes when the queue is full is refused at once.
"""

import asyncio
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from shared.model.errors import TooManyRequests

# The most calls for one lock, its holder included. A lock is held for some hundredths of a second.
LINE = 30
# The most calls of one user, for all locks.
OF_ONE = 5
# The most waiting calls for all locks: each takes up memory and one of the host's connections.
WAITING = 50
# Spread of `retry_after`, so that not all refused callers come back at once.
SPREAD_SECONDS = 3


class Locks:
    """The locks of one process."""

    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}
        self._lines: Counter[str] = Counter()
        self._people: Counter[str] = Counter()

    @asynccontextmanager
    async def hold(self, name: str, user_id: str) -> AsyncIterator[None]:
        """Holds the lock ``name``. The wait for it counts against the call's own deadline.

        Raises TooManyRequests if the call would have to wait and a queue is full.
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
            raise TooManyRequests(f"Too many callers are doing this at once; try again in {seconds} s.", seconds)
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
