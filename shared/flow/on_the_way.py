"""Finishing what somebody else began and gave up, beside a call that is answered whether or not that succeeds."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from shared.logs import line
from shared.model.errors import Unavailable

# A reader gives others' work this long; the next reader does what is left.
READERS_SECONDS = 3.0

T = TypeVar("T")

log = logging.getLogger("chatr.endings")


async def on_the_way(work: Callable[[], Awaitable[T]]) -> T | None:
    """Does what others left undone, for some seconds; None where that cannot be done now. The reader is answered."""
    try:
        async with asyncio.timeout(READERS_SECONDS):
            return await work()
    except (Unavailable, TimeoutError) as error:
        log.warning(line("what somebody gave up cannot be finished now", error=type(error).__name__))
        return None
