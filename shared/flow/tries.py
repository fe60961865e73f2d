"""How often a change is tried that lost against somebody else's, and when. Must not know what is changed."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable

# Each try loses only to somebody else's success, so a handful settles any real crowd.
TRIES = 20
# The first losers look again at once, since most races are of two. Then they step out of each other's way, by chance.
LONGEST_PAUSE_SECONDS = 0.3
FIRST_PAUSE_SECONDS = 0.02

Pause = Callable[[float], Awaitable[None]]


async def tries(pause: Pause) -> AsyncIterator[int]:
    """Bounds a loop that looks again after each lost race; whoever gets to its end raises Unavailable.

    ``pause`` waits for so many seconds. All pauses of a loop are 5 s at most, 2.5 s on average.
    """
    for number in range(TRIES):
        if number > 1:
            await pause(random.uniform(0, min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** (number - 2))))
        yield number
