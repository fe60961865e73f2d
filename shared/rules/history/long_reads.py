"""Reading many messages: a portion at a time, and few portions at a time in a whole process.

Making messages of 250 rows holds up everybody for about 20 ms. Between two portions others get their turn, however many
search and export at once, and no more than these portions are in memory, 4 MB each when all messages are as long as can
be. Must not know what is read for.
"""

from collections.abc import AsyncIterator, Awaitable, Callable

from shared.backend import Backend
from shared.model.records import Message, Position

PORTION = 250
Read = Callable[[Position | None, int], Awaitable[tuple[Message, ...]]]


async def portions(
    backend: Backend, read: Read, start: Position | None, limit: int
) -> AsyncIterator[tuple[Message, ...]]:
    """Up to ``limit`` messages from ``start`` on. A portion that is not full is the last: nothing is behind it."""
    while limit > 0:
        wanted = min(limit, PORTION)
        async with backend.long_reads:
            found = await read(start, wanted)
        yield found
        if len(found) < wanted:
            return
        limit, start = limit - wanted, found[-1].position
