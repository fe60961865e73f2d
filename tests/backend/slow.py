"""A store and a sender in memory that randomly yield to other tasks before each operation."""

import asyncio
import random

from tests.backend.memory.sender import MemorySender
from tests.backend.memory.store import MemoryStore

# The maximum number of event loop iterations that others get before an operation.
TURNS = 3


async def others_first(chance: random.Random) -> None:
    """Yields to other tasks for up to ``TURNS`` iterations of the event loop."""
    for _ in range(chance.randrange(TURNS + 1)):
        await asyncio.sleep(0)


class SlowStore(MemoryStore):
    """Yields to other tasks before each operation."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self.chance = chance

    async def turn(self) -> None:
        await others_first(self.chance)


class SlowSender(MemorySender):
    """Yields to other tasks before each operation, too."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self.chance = chance

    async def turn(self) -> None:
        await others_first(self.chance)


# The number of interleavings of two deliveries to try.
MOMENTS = 100
