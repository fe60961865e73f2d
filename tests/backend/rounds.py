"""Counts how many calls of a piece of work have to wait for each other."""

import asyncio
from collections.abc import Awaitable


class Rounds:
    """Holds calls until nothing else moves, then lets all of them go: those of one round do not wait for each other."""

    # Turns of the loop after which nothing moves any more.
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
