"""The retry loop for optimistic concurrency: retries after a conflict, with exponential back-off and jitter."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable

# An attempt fails only because another one succeeded, so a few attempts settle any realistic contention.
TRIES = 20
# The first retry comes at once, since most conflicts are between two. The pauses after that are random (full jitter).
LONGEST_PAUSE_SECONDS = 0.3
FIRST_PAUSE_SECONDS = 0.02

Pause = Callable[[float], Awaitable[None]]


async def tries(pause: Pause) -> AsyncIterator[int]:
    """Yields the number of each attempt. A caller that exhausts the loop raises Unavailable.

    ``pause`` sleeps for the given seconds. All pauses of a loop add up to 5 s at most, 2.5 s on average.
    """
    for number in range(TRIES):
        if number > 1:
            await pause(random.uniform(0, min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** (number - 2))))
        yield number
