"""The deadline by which a call is answered, however long Storage or Web PubSub take.

It bounds the sum of all that a call waits for: requests, their retries, and locks. What still runs at the deadline is
cancelled and awaited, so that nothing runs on after the answer. The effect is the same as if the process had been
killed there: a retry or the next reader finishes what is left half done.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.model.clock import SECOND, SKEW
from shared.model.errors import Unavailable

# Every call has to be answered within 20 s, and a page waits 15 s for an ack before it sends an event again.
ANSWER_SECONDS = 13.0
# Work that a call began longer ago than this is abandoned, even with clock skew: that call has passed its deadline.
ABANDONED_AFTER = int(ANSWER_SECONDS * SECOND) + SKEW


class Deadline:
    """A deadline ANSWER_SECONDS after its creation, which has to happen inside a running event loop."""

    def __init__(self) -> None:
        self._started = asyncio.get_running_loop().time()
        self._end = self._started + ANSWER_SECONDS

    @property
    def elapsed(self) -> float:
        """Seconds since its creation."""
        return asyncio.get_running_loop().time() - self._started

    @asynccontextmanager
    async def bounds(self, spare: float = 0.0) -> AsyncIterator[None]:
        """Cancels the block ``spare`` seconds before the deadline and raises Unavailable."""
        try:
            async with asyncio.timeout_at(self._end - spare) as limit:
                yield
        except TimeoutError:
            if limit.expired():
                raise Unavailable from None
            raise
