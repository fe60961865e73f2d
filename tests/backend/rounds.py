"""Counts how many calls of a piece of work have to wait for each other."""

import asyncio
from collections.abc import Awaitable


class Rounds:
    """Holds calls until no task makes progress, then releases all of them: calls of one round run concurrently."""

    # Iterations of the event loop after which no task makes progress.
    TURNS = 100

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.held: list[asyncio.Future[None]] = []

    async def turn(self) -> None:
        self.held.append(asyncio.get_running_loop().create_future())
        await self.held[-1]

    async def count(self, act: Awaitable[object]) -> int:
        task, rounds = asyncio.ensure_future(act), 0
        while True:
            for _ in range(self.TURNS):
                await asyncio.sleep(0)
            if task.done():
                await task
                return rounds
            rounds += 1
            held, self.held = self.held, []
            for call in held:
                call.set_result(None)
