"""How long it takes to save others' messages while one user overloads the system, compared with a quiet system.

``BEFORE=FOLDER`` names another checkout, whose stack is measured alternately with this one's. ``abusers`` has the ways
to overload it.
"""

import asyncio
import os
import sys
import time
import uuid
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp
import uvloop

from bench.abusers import ABUSES, BEGUN, COLLECTOR
from bench.load import PATIENCE_SECONDS, at
from bench.talker import Refused, Talker
from shared.flow.admission import GUESTS_PER_MINUTE
from tests.browser.plenty import put_plenty
from tests.running import running
from tests.stack import ROOT, Stack, started

# The number of people, two per chat, and the pause between a person's messages: 180 messages are enough for a p99.
PEOPLE = 6
PAUSE_SECONDS = 0.5
SECONDS = 15.0
# The page resends what is refused temporarily.
RETRY_SECONDS = 0.5
SHARES = {"p50": 0.5, "p99": 0.99}
# Tests raise this limit, because all their guests come from one machine.
DEFAULTS = {"GUESTS_PER_MINUTE": str(GUESTS_PER_MINUTE)}
# The data to search and to list.
SEARCHED_CHATS, MESSAGES, LISTED_CHATS = 10, 1_000, 390


def run() -> list[dict[str, object]]:
    """Rows of the table; milliseconds, and megabytes."""
    before = os.environ.get("BEFORE")
    rows: list[dict[str, object]] = []
    for name in os.environ.get("ABUSES", " ".join(ABUSES)).split():
        found = abused(name, ROOT)
        rows += rows_of(ABUSES[name][0], found, abused(name, Path(before)) if before else None)
        print(rows[-3:], file=sys.stderr)
    return rows


class Measured:
    """Others' waiting times in milliseconds, sorted, and the peak memory of the Functions host in MB."""

    def __init__(self, quiet: Sequence[float], beset: Sequence[float], memory: float) -> None:
        self.quiet, self.beset, self.memory = quiet, beset, memory

    def times(self, share: float) -> float:
        """The factor by which this quantile has grown."""
        return at(self.beset, share) / at(self.quiet, share)


def rows_of(what: str, now: Measured, before: Measured | None) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for label, share in SHARES.items():
        row: dict[str, object] = {"what": f"{what}: others' saves, {label} ms"}
        row |= {"chatr": round(at(now.beset, share)), "quiet": round(at(now.quiet, share))}
        row["to_quiet"] = round(now.times(share), 2)
        if before:
            row |= {"before": round(at(before.beset, share)), "before_to_quiet": round(before.times(share), 2)}
        rows.append(row)
    memory: dict[str, object] = {"what": f"{what}: Functions host, peak MB", "chatr": round(now.memory)}
    return [*rows, memory | ({"before": round(before.memory)} if before else {})]


def abused(name: str, checkout: Path) -> Measured:
    """Measures the stack of a checkout, both quiet and under the given abuse."""
    with (
        TemporaryDirectory(prefix="chatr-bench-") as folder,
        started(Path(folder), DEFAULTS, checkout=checkout) as stack,
    ):
        if name in ("searching", "loading"):
            for number in range(SEARCHED_CHATS):
                put_plenty(stack, COLLECTOR, MESSAGES, 1, f"Talk {number}")
            put_plenty(stack, COLLECTOR, 1, LISTED_CHATS)
        quiet, beset = uvloop.run(waits(name, stack))
        return Measured(quiet, beset, peak_megabytes(stack.process_of("functions")))


async def waits(name: str, stack: Stack) -> tuple[list[float], list[float]]:
    """Others' waiting times without and with the abuse."""
    async with AsyncExitStack() as exits:
        people = [await arrived(exits, stack.url, number) for number in range(PEOPLE)]
        chats = [str(uuid.uuid4()) for _ in range(PEOPLE // 2)]
        for chat, first, second in zip(chats, people[::2], people[1::2], strict=True):
            await first.event("createChat", {"id": chat, "name": "Talk"}, chat)
            await second.event("joinChat", chat, chat)
        rooms = [chat for chat in chats for _ in range(2)]
        quiet = await talk(people, rooms)
        with running([sys.executable, "-m", "bench.abusers", name, stack.url], cwd=ROOT) as abuser:
            await asyncio.to_thread(abuser.wait_until, lambda output: BEGUN in output, 120)
            beset = await talk(people, rooms)
        return quiet, beset


async def arrived(exits: AsyncExitStack, url: str, number: int) -> Talker:
    jar = aiohttp.CookieJar(unsafe=True)
    talker = Talker(await exits.enter_async_context(aiohttp.ClientSession(cookie_jar=jar)), url, lambda *_: None)
    await talker.sign_in(f"Person {number}")
    exits.push_async_callback(talker.close)
    return talker


async def talk(people: Sequence[Talker], chats: Sequence[str]) -> list[float]:
    """The sorted waiting times of all messages in SECONDS, each measured from when it was due."""
    found: list[float] = []

    async def one(person: Talker, chat: str, due: float) -> None:
        await asyncio.sleep(due - time.perf_counter())
        await saved(person, chat)
        found.append(1000 * (time.perf_counter() - due))

    start = time.perf_counter()
    dues = [start + number * PAUSE_SECONDS for number in range(int(SECONDS / PAUSE_SECONDS))]
    # Staggered, so that not all send at the same moment.
    shifts = [number * PAUSE_SECONDS / len(people) for number in range(len(people))]
    await asyncio.gather(
        *(
            one(person, chat, due + shift)
            for person, chat, shift in zip(people, chats, shifts, strict=True)
            for due in dues
        )
    )
    return sorted(found)


async def saved(person: Talker, chat: str) -> None:
    """Sends a message to be saved, and retries as the page does, until it is saved or times out."""
    one = str(uuid.uuid4())
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                try:
                    await person.event("saveMessage", {"chatId": chat, "id": one, "message": "A thought."}, one)
                except Refused:
                    await asyncio.sleep(RETRY_SECONDS)
                else:
                    return
    except TimeoutError:
        return


def peak_megabytes(process: int) -> float:
    """The peak memory of a process."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024
