"""By when a call has been answered, however long Storage or Web PubSub take. Must not know what a call does.

One bound for all that a call waits for, in sum: requests one after another, their retries, and others' turns. What runs
when it ends is cancelled and waited for, so that nothing goes on behind the answer. That is as if the process had been
killed there: what is half done is finished by a retry or by who reads it next.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.model.clock import SECOND, SKEW
from shared.model.errors import Unavailable

# Everything is answered within 20 s. Pages wait 15 s for an ack before they send an event again.
ANSWER_SECONDS = 13.0
# Whoever took something up longer ago is not at it any more, whatever their clock says: their call has been answered.
GIVEN_UP = int(ANSWER_SECONDS * SECOND) + SKEW


class Deadline:
    """Counts from when it is made, inside the running loop."""

    def __init__(self) -> None:
        self._started = asyncio.get_running_loop().time()
        self._end = self._started + ANSWER_SECONDS

    @property
    def spent(self) -> float:
        """The time since then, in seconds."""
        return asyncio.get_running_loop().time() - self._started

    @asynccontextmanager
    async def bounds(self, spare: float = 0.0) -> AsyncIterator[None]:
        """Ends what runs inside ``spare`` seconds before the deadline, by raising Unavailable."""
        try:
            async with asyncio.timeout_at(self._end - spare) as limit:
                yield
        except TimeoutError:
            if limit.expired():
                raise Unavailable from None
            raise
