"""Best-effort work on the side of a call, such as finishing what an earlier call abandoned."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from shared.logs import line
from shared.model.errors import Unavailable

# The time-out for such work. The next reader does what is left.
READERS_SECONDS = 3.0

T = TypeVar("T")

log = logging.getLogger("chatr.best_effort")


async def best_effort(work: Callable[[], Awaitable[T]]) -> T | None:
    """Runs ``work`` for at most READERS_SECONDS; None if it is Unavailable or times out, and the call goes on."""
    try:
        async with asyncio.timeout(READERS_SECONDS):
            return await work()
    except (Unavailable, TimeoutError) as error:
        log.warning(line("abandoned work cannot be finished now", error=type(error).__name__))
        return None
