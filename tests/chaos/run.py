"""A run: people talk while parts are killed and networks fail; then it is quiet, and everything is compared."""

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from azure.messaging.webpubsubservice.aio import WebPubSubServiceClient

from tests.chaos.facts import Facts
from tests.chaos.parts import Parts
from tests.chaos.person import Person
from tests.chaos.verdict import unexplained

PEOPLE = ("Ada", "Bert", "Cleo", "Dora", "Emil", "Fay", "Gus", "Hana")
MISHAPS = (
    "a host is killed",
    "a host is killed",
    "all hosts are killed",
    "the stand-in is killed",
    "storage is slow",
    "storage breaks",
    "storage stalls",
    "the power is cut",
)
WORDS = str.maketrans(" -", "__")
# Acknowledged operations between two mishaps, so that people make progress.
BETWEEN = 40


@dataclass
class Outcome:
    """The result of a run. ``mishaps`` counts them by name."""

    facts: Facts
    mishaps: dict[str, int]
    kills: int
    unexplained: list[str]


class Run:
    """A run. ``chance`` makes all random choices, and a caller may use it to choose mishaps."""

    def __init__(self, folder: Path, seed: int, environment: Mapping[str, str]) -> None:
        self.chance = self._chance = random.Random(seed)
        self._parts, self._facts = Parts(folder, self._chance, environment), Facts()
        self._rooms: dict[str, str] = {}
        self._mishaps: dict[str, int] = {}

    async def all_of_it(self, mishap: Callable[[int], str]) -> Outcome:
        """Runs everything. ``mishap`` gets the number of mishaps so far and names the next one; "" ends the run."""
        try:
            await self._parts.start()
            await self._people_come()
            stopping = asyncio.Event()
            async with asyncio.TaskGroup() as lives:
                for person in self._people:
                    lives.create_task(person.lives(stopping))
                while name := mishap(sum(self._mishaps.values())):
                    await self._some_operations()
                    await self._goes_wrong(name)
                await self._some_operations()
                stopping.set()
            return Outcome(self._facts, self._mishaps, self._parts.kills, await self._compared())
        finally:
            await self._parts.stop()

    async def _people_come(self) -> None:
        origin = f"http://localhost:{self._parts.front.port}"
        self._people = [Person(origin, name, self._facts, self._rooms, self._chance) for name in PEOPLE]
        await asyncio.gather(*(person.come() for person in self._people))
        for person in self._people[:3]:
            await person.makes_or_ends()
        await asyncio.gather(*(person.comes_or_goes() for person in self._people for _ in range(3)))

    async def _some_operations(self) -> None:
        wanted = self._facts.counted["operations"] + BETWEEN
        async with asyncio.timeout(180):
            while self._facts.counted["operations"] < wanted:  # noqa: ASYNC110 - people count, they do not tell
                await asyncio.sleep(0.05)

    async def _goes_wrong(self, name: str) -> None:
        self._mishaps[name] = self._mishaps.get(name, 0) + 1
        await getattr(self, f"_{name.translate(WORDS)}")()

    async def _a_host_is_killed(self) -> None:
        await self._parts.restart(self._chance.choice(self._parts.hosts))

    async def _all_hosts_are_killed(self) -> None:
        await self._parts.restart(*self._parts.hosts)

    async def _storage_is_slow(self) -> None:
        self._parts.to_storage.seconds = self._chance.uniform(0.1, 0.4)
        await self._a_while()
        self._parts.to_storage.seconds = 0

    async def _storage_breaks(self) -> None:
        self._parts.to_storage.refuses = True
        self._parts.to_storage.cut()
        await self._a_while()
        self._parts.to_storage.refuses = False

    async def _storage_stalls(self) -> None:
        self._parts.to_storage.is_dead(True)
        await self._a_while()
        self._parts.to_storage.is_dead(False)

    async def _the_stand_in_is_killed(self) -> None:
        await self._parts.restart(self._parts.pubsub)

    async def _the_power_is_cut(self) -> None:
        """Storage loses what it has not saved, and all processes that may have read it are killed too."""
        cut = time.monotonic()
        await asyncio.gather(*(part.kill() for part in self._parts.all))
        self._facts.power_was_cut(cut)
        await self._parts.restart(*self._parts.all)

    async def _a_while(self) -> None:
        await asyncio.sleep(self._chance.uniform(2, 6))

    async def _compared(self) -> list[str]:
        """Compares after everybody has loaded their lists, so late that all abandoned work has been taken over."""
        await self._parts.let_time_pass()
        service = WebPubSubServiceClient.from_connection_string(self._parts.connection, "chat")
        for person in self._people:
            await person.reconnects()
        for _ in range(2):
            for person in self._people:
                await person.looks()
                for room in self._rooms:
                    await person.get(f"chats/{room}/members")
        try:
            return await unexplained(self._facts, self._people, self._rooms, service)
        finally:
            await service.close()
            for person in self._people:
                await person.close()
                await person.http.close()
