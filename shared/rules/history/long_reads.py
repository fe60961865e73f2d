"""Reads many messages in batches, a few of which run at a time in a process.

Decoding a batch of 250 rows blocks the event loop for about 20 ms. Other calls run between two batches, however many
searches and exports there are. Memory is bounded too: a batch takes 4 MB if all messages have the maximum length.
"""

from collections.abc import AsyncIterator, Awaitable, Callable

from shared.backend import Backend
from shared.model.records import Message, Position

BATCH = 250
Read = Callable[[Position | None, int], Awaitable[tuple[Message, ...]]]


async def batches(
    backend: Backend, read: Read, start: Position | None, limit: int
) -> AsyncIterator[tuple[Message, ...]]:
    """Yields up to ``limit`` messages from ``start`` on, in batches. A batch that is not full is the last one."""
    while limit > 0:
        wanted = min(limit, BATCH)
        async with backend.long_reads:
            found = await read(start, wanted)
        yield found
        if len(found) < wanted:
            return
        limit, start = limit - wanted, found[-1].position
