"""How long others' messages take to be saved while one person does their worst, beside how long they take otherwise.

``BEFORE=FOLDER`` names another checkout, whose stack is measured in turns with this one's. Owns the others and what is
measured; ``abusers`` has what is done to them.
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
from bench.load import at
from bench.talker import Refused, Talker
from shared.flow.admission import GUESTS_PER_MINUTE
from tests.browser.plenty import put_plenty
from tests.running import running
from tests.stack import ROOT, Stack, started

# So many talk, two in each chat, each saying something so often: 180 messages tell what one in a hundred waits.
PEOPLE = 6
PAUSE_SECONDS = 0.5
SECONDS = 15.0
# What has no answer for so long counts as that.
PATIENCE_SECONDS = 60.0
# The page resends what is refused for now.
RETRY_SECONDS = 0.5
SHARES = {"p50": 0.5, "p99": 0.99}
# Where tests let more in, for they all come from one machine.
DEFAULTS = {"GUESTS_PER_MINUTE": str(GUESTS_PER_MINUTE)}
# What is there to be searched, and to be listed.
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
    """What others waited, in milliseconds, in order, and the most memory that the Functions host took, in MB."""

    def __init__(self, quiet: Sequence[float], beset: Sequence[float], memory: float) -> None:
        self.quiet, self.beset, self.memory = quiet, beset, memory

    def times(self, share: float) -> float:
        """By how much such a wait has grown."""
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
    """The stack of a checkout, measured at rest and while one person does that."""
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
    """What others wait at rest, and what they wait while it is done."""
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
    """What all messages of a while waited, each from when it was due, shortest first."""
    found: list[float] = []

    async def one(person: Talker, chat: str, due: float) -> None:
        await asyncio.sleep(due - time.perf_counter())
        await saved(person, chat)
        found.append(1000 * (time.perf_counter() - due))

    start = time.perf_counter()
    dues = [start + number * PAUSE_SECONDS for number in range(int(SECONDS / PAUSE_SECONDS))]
    # Not all at the same moment.
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
    """Has one message saved, as the page does: until it is, or nothing answers for long."""
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
    """The most memory that a process has had."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024
